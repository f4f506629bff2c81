"""The two readings of a cell -> its tokens: the best candidate with its probability, and the others beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from models.digits import FOREIGN, NOTHING
from models.pooling import Candidate, Pool
from models.text import RECOGNISER
from service.documents.model import Alternative, Token
from service.scan.print.marks import DASH
from service.scan.reading.candidates import as_number
from service.scan.reading.readings import CellReadings
from service.scan.reading.texts import LEGIBLE, has_chinese
from service.scan.reading.usual import as_usual

_LEAST = 1e-3
"""Probability from which a candidate is worth keeping."""
_RIM = 0.004
"""Part of the page within which a cell ends at the picture's own edge ..."""
_CUT_OFF = 0.5
"""... and how sure it is at most that it is empty: its number may stand beyond. So it may where a false rule cuts a row
in two: of 13 fields of 46 copies that were read as empty in cells lower than a digit eight were not, three of them sure
by 0.9."""
_WEARS_OFF = 0.98
"""Legibility of a page below which print may have worn off without a trace: a minus, or a part of a digit. Of 66
numbers of drawn scans without a sign that might have one 7 of the 38 below it had lost a minus, none of the 28 above
it."""
_KEPT = 0.5
"""A first candidate is made no less probable than that by other cells: what is hardly read counts as no print at all
where rows and columns are told by what stands in them (`service.tables.printed`)."""
_AFTER_ALL, _WORDS = 0.5, 0.95
"""How probable the numbers of a cell that reads as words are together at most, for the form may know that it holds one,
and the probability of words from which on they are ever less."""


def pooled_tokens(cell: CellReadings, pool: Pool, digits: str) -> tuple[Token, ...]:
    """The tokens of one cell.

    Args:
        cell: its readings.
        pool: makes one list of both.
        digits: name of the numeric reader.

    Returns:
        One token: the number, or nothing, with its probability, the other candidates, and who reads it so; PP-OCR's own
        where the cell holds something other than a number, with the candidates beside it if it is but one. Another
        candidate may be likelier for how the page shows nothing, which is for those to tell who know that the cell
        holds a value: in what is left of words it would be wrong.
    """
    pooled = pool(cell.ocr, cell.weighed, cell.context)
    if not pooled:
        return cell.tokens
    best, alone = pooled[0]
    worn = cell.context.legibility < _WEARS_OFF
    candidates = as_usual(pooled, cell.numeric, cell.usual) if worn else pooled
    probability = max(dict(candidates)[best], min(alone, _KEPT))
    share = _AFTER_ALL / (1 - min(probability, _WORDS)) if best == FOREIGN else 1.0
    others = tuple(
        Alternative(_shown(text), p * share, _reader(text, cell, digits))
        for text, p in candidates
        if text not in (best, FOREIGN) and p * share >= _LEAST
    )
    if best == FOREIGN:
        tokens = cell.tokens or (Token("", cell.box, 1.0, digits),)
        if probability >= _WORDS and _has_word(cell):
            return tokens
        held = tuple(_held(token, dict(candidates)) for token in tokens)
        if len(held) > 1:
            return held
        return (replace(held[0], alternatives=tuple(other for other in others if other.text != held[0].text)),)
    place = cell.box if best == NOTHING else cell.place
    if best == NOTHING and (cell.context.cramped or min(cell.box) < _RIM or max(cell.box) > 1 - _RIM):
        probability = min(probability, _CUT_OFF)
    return (Token(_shown(best), place, min(probability, 1.0), _reader(best, cell, digits), others, worn),)


def _has_word(cell: CellReadings) -> bool:
    """Whether PP-OCR reads a legible word beside other print: what the numeric reader can't read as a whole.

    Of 51 drawn scans seven cells of numbers were so, all with a word for less or more, and each was rightly read; of
    those whose words are less legible, torn by rules or under seals, none was.
    """
    words = [token.confidence for token in cell.tokens if has_chinese(token.text)]
    return len(words) < len(cell.tokens) and min(words, default=0.0) >= LEGIBLE and not cell.context.covered


def _held(token: Token, chances: Mapping[str, float]) -> Token:
    """PP-OCR's token of a cell that holds no number; one that reads as a number is no surer than that it is one."""
    number = as_number(token.text)
    if number or not token.text:
        return replace(token, confidence=min(token.confidence, chances.get(number, 0.0)))
    return token


def _reader(text: str, cell: CellReadings, digits: str) -> str:
    """Who reads a text so: both where it is the first of each, else the one that gives it more."""
    first, second = _first(cell.ocr), _first(cell.weighed.candidates)
    if first == second == text:
        return f"{RECOGNISER}+{digits}"
    return digits if dict(cell.weighed.candidates).get(text, 0.0) >= dict(cell.ocr).get(text, 0.0) else RECOGNISER


def _first(candidates: Sequence[Candidate]) -> str | None:
    return candidates[0][0] if candidates else None


def _shown(text: str) -> str:
    """A text as PP-OCR's tokens have it: a lone dash is a long one."""
    return DASH if text == "-" else text
