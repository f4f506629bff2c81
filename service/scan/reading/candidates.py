"""PP-OCR's reading of a cell as candidates: what it says, if a number is printed there, and how surely."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from models.digits import FOREIGN, NOTHING, UNITS
from models.pooling import Candidate
from models.text import Glyph, Line
from service.documents.model import Token
from service.scan.print.marks import DASHES, SLASHES
from service.scan.print.signs import with_signs
from service.scan.print.snips import Snip
from service.scan.reading.texts import has_chinese, trimmed

_NUMBER = re.compile(rf"[-/]|-?\d[\d.,]*[{UNITS}]{{0,2}}")
_ALPHABET = str.maketrans(
    {**dict.fromkeys(DASHES, "-"), **dict.fromkeys(SLASHES, "/"), "．": ".", "，": ",", "－": "-", "＋": "+"}
)
_UNREAD = 0.5
"""Probability that nothing is printed where ink like print reads as nothing."""
_KEPT = 5
_LEAST = 0.01
"""Probability from which on the next probable character counts."""


@dataclass(frozen=True, slots=True)
class CellCandidates:
    """What PP-OCR makes of a cell."""

    candidates: tuple[Candidate, ...]
    """Best first, together at most 1; `NOTHING` for a cell without print, `FOREIGN` for what is no number."""
    agreed: bool
    """Read among all characters and among those of numbers, it is the same."""
    minus: bool = False
    """Its ink begins with the shape of a minus; the candidates are weighed by that."""


def cell_candidates(prints: Sequence[tuple[Snip, Line]]) -> CellCandidates:
    """The candidates of a cell with this print, given from top to bottom and left to right.

    Several pieces of print are one number over several lines, or one of them is a number and the others are no print.
    """
    read = _candidates(prints)
    minus = any(snip.minus for snip, _ in prints)
    return CellCandidates(with_signs(read.candidates, minus=minus), read.agreed, minus)


def _candidates(prints: Sequence[tuple[Snip, Line]]) -> CellCandidates:
    if not prints:
        return CellCandidates(((NOTHING, 1.0),), True)
    pieces = [_piece(snip, line) for snip, line in prints]
    if len(pieces) == 1:
        return pieces[0]
    firsts = [piece.candidates[0] for piece in pieces]
    agreed = all(piece.agreed for piece in pieces)
    if any(text == FOREIGN for text, _ in firsts):
        foreign = max(p for text, p in firsts if text == FOREIGN)
        others = [(text, p) for text, p in firsts if text != FOREIGN]
        return CellCandidates(_ranked([(FOREIGN, foreign), *_shared(others, 1 - foreign)]), agreed)
    whole = prod(p for _, p in firsts)
    joined = "".join(text for text, _ in firsts)
    return CellCandidates(_ranked([(joined, whole), *_shared(firsts, 1 - whole)]), agreed)


def token_candidates(token: Token, line: Line) -> CellCandidates:
    """The candidates of a number that stands free, or of ink there that was not read, from the line that it is of."""
    if not token.text:
        return CellCandidates(((NOTHING, _UNREAD),), True)
    return CellCandidates(
        ((as_number(token.text), token.confidence),), "".join(glyph.text for glyph in line.number) == line.text
    )


def as_number(text: str) -> str:
    """A text in the characters of `models.digits.CHARACTERS` where it is a number, a dash or a slash; else nothing."""
    plain = "".join(text.split()).translate(_ALPHABET)
    plain = "".join(str(int(one)) if one.isdecimal() else one for one in plain)
    return plain if _NUMBER.fullmatch(plain) else ""


def surely_text(lines: Sequence[Line], legible: float, sure: float) -> bool:
    """Whether the lines of a cell hold Chinese characters that no number has: several fairly sure ones, or a sure one.

    Args:
        lines: the readings of the cell.
        legible: least probability that counts where there are several.
        sure: the same for a lone one.
    """
    glyphs = [glyph for line in lines for glyph in line.glyphs]
    words = sorted(glyph.confidence for glyph in glyphs if has_chinese(glyph.text) and glyph.text not in UNITS)
    if len(words) > 1:
        return words[len(words) // 2] >= legible
    return len(words) == 1 and words[0] >= sure


def _piece(snip: Snip, line: Line) -> CellCandidates:
    numbers = _numbers(trimmed(line.number))
    number = numbers[0][0]
    if snip.mark is not None:
        shape, probability = as_number(snip.mark[0]), snip.mark[1]
        if as_number(line.text) == shape:
            return CellCandidates(((shape, max(probability, line.confidence)),), True)
        return CellCandidates(_ranked([(shape, probability), *_shared(numbers, 1 - probability)]), False)
    if not line.glyphs and not number:
        return CellCandidates(((NOTHING, _UNREAD),), True)
    shown = as_number(line.text)
    if shown:
        same = shown == number
        first = max(line.confidence, numbers[0][1]) if same else line.confidence
        return CellCandidates(_ranked([(shown, first), *_shared(numbers[same:], 1 - first)]), same)
    if has_chinese(line.text):
        words = [glyph.confidence for glyph in line.glyphs if has_chinese(glyph.text)]
        foreign = max(words, default=line.confidence)  # strokes in a row count as a word, though none of them does
        return CellCandidates(_ranked([(FOREIGN, foreign), *_shared(numbers, 1 - foreign)]), False)
    return CellCandidates(_ranked(numbers), False)


def _numbers(glyphs: Sequence[Glyph]) -> list[Candidate]:
    """The number that a line reads as, and those with one character exchanged for the next probable one."""
    text = "".join(glyph.text for glyph in glyphs)
    least = min((glyph.confidence for glyph in glyphs), default=0.0)
    found = [(as_number(text) or text.translate(_ALPHABET), least)]
    for i, glyph in enumerate(glyphs):
        other, probability = glyph.second
        changed = as_number(text[:i] + other + text[i + 1 :])
        if probability > _LEAST and changed:
            found.append((changed, least * min(probability / glyph.confidence, 1.0)))
    whole = sum(p for _, p in found)
    return [(each, p / max(whole, 1.0)) for each, p in found]


def _shared(candidates: Sequence[Candidate], rest: float) -> list[Candidate]:
    """The candidates with their probabilities lessened to what is left for all of them together."""
    whole = sum(p for _, p in candidates)
    return [(text, p * min(rest / whole, 1.0)) for text, p in candidates] if whole > 0 else []


def _ranked(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    summed: defaultdict[str, float] = defaultdict(float)
    for text, probability in candidates:
        summed[text] += probability
    ranked = sorted(summed.items(), key=lambda one: -one[1])
    return tuple((text, min(p, 1.0)) for text, p in ranked[:_KEPT] if p > 0 or len(ranked) == 1)
