"""What a value cell says: a number as printed, nothing, a stroke for nothing, or something that is no value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from service.documents.model import Alternative, Cell
from service.forms.catalogue import Vocabulary
from service.forms.normalise import label_key, value_text
from service.results import State

_NUMBER = r"(?P<number>\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,8})?|\d{1,13}(?:\.\d{1,8})?|\.\d{1,8})"  # longer: no number
_REMARK = r"(?P<remark>\([^()]*[^\d\s()][^()]*\))?"

_CLEAN = 1.0
_JOINED = 0.6
"""Certainty of a number whose digits stood apart (wrapped in a narrow cell)."""
_CONFUSED = 0.8
"""Certainty of a number made from letters that OCR takes for digits."""
_CUT = 0.4
"""Certainty of a number that looks cut off (`5.`) or doubled (`00`), or has a stroke beside it (`/0`)."""
_READ = 0.2
"""Probability from which on a reading counts of a cell that reads as no value, or as nothing where ink is. The few
below it in drawn copies were wrong."""

Kind = Literal["number", "blank", "mark", "text"]
"""number: a value is printed; blank: nothing is there; mark: a stroke or a word for nothing; text: not a value."""
_STATES: Mapping[Kind, State] = {"number": "read", "blank": "blank", "mark": "marked", "text": "missing"}


@dataclass(frozen=True, slots=True)
class Value:
    """A value cell's text, understood."""

    kind: Kind
    text: str
    value: int | float | None = None
    """Of a number."""
    unit: str | None = None
    certainty: float = _CLEAN
    """How sure the step from text to value is, 0 to 1, apart from how sure the text is."""
    scaled: bool = False
    """The unit multiplies (ten thousands), so that the number as printed is not a count."""
    signed: bool = False
    """A sign is printed before the number, or a word that stands for one."""

    @property
    def state(self) -> State:
        """The state of a cell with this text; one that is no value counts as not found."""
        return _STATES[self.kind]


@lru_cache(maxsize=8)
def _pattern(negative: tuple[str, ...], positive: tuple[str, ...], units: tuple[str, ...]) -> re.Pattern[str]:
    def either(words: tuple[str, ...]) -> str:
        return "|".join(re.escape(value_text(word)) for word in sorted(words, key=len, reverse=True))

    sign = f"(?P<negative>{either(negative)})|(?P<positive>{either(positive)})"
    unit = f"(?P<unit>{either(units)})?"
    return re.compile(rf"^(?:{sign})?\s*{_NUMBER}\s*{unit}\s*{_REMARK}\s*(?P<tail>[.,])?$")


def parse_value(text: str, vocabulary: Vocabulary, *, ocr: bool = False) -> Value:
    """Understand one cell.

    `ocr` allows readings that only ink explains: letters for digits, a Chinese one for a dash. A value keeps the
    sign, the decimals and the unit as printed; a remark in brackets is left out of the value and kept in the text.
    """
    shown = " ".join(text.split())
    plain = value_text(shown)
    if not plain:
        return Value("blank", shown)
    compact = plain.replace(" ", "")
    if compact in vocabulary.marks or shown in vocabulary.marks or (ocr and shown in vocabulary.ocr_marks):
        return Value("mark", shown)
    if label_key(shown) in vocabulary.nothing:
        return Value("mark", shown)
    pattern = _pattern(vocabulary.negative, vocabulary.positive, vocabulary.units)
    for candidate, certainty in _candidates(plain, compact, vocabulary, ocr=ocr):
        match = pattern.match(candidate)
        if match:
            return _number(match, shown, certainty, vocabulary)
    return Value("text", shown)


def as_value(cell: Cell, vocabulary: Vocabulary) -> Cell:
    """A cell of a scan that is known to hold a value, by the likeliest of its readings that is one.

    A seal's characters or a smear are read as words, and ink that is not read at all as nothing: what the readers name
    beside it may be the number. Where they name none the cell stays as it is.
    """
    kind = parse_value(cell.text, vocabulary, ocr=True).kind
    if not cell.alternatives or not (kind == "text" or (kind == "blank" and cell.ink)):
        return cell
    readings = (Alternative(cell.text, cell.confidence, cell.reader), *cell.alternatives)
    values = [one for one in readings if parse_value(one.text, vocabulary, ocr=True).kind != "text"]
    first, *others = sorted(values, key=lambda one: -one.confidence) or readings
    if first.confidence < _READ:
        return cell
    ink = cell.ink if first.text.strip() else False
    return replace(
        cell, text=first.text, confidence=first.confidence, reader=first.reader, ink=ink, alternatives=tuple(others)
    )


def _candidates(plain: str, compact: str, vocabulary: Vocabulary, *, ocr: bool) -> list[tuple[str, float]]:
    found = [(plain, _CLEAN)]
    if compact != plain:
        found.append((compact, _JOINED))
    if ocr:
        digits = "".join(vocabulary.ocr_digits.get(char, char) for char in compact)
        if digits != compact:
            found.append((digits, _CONFUSED if any(char.isdigit() for char in compact) else _JOINED))
        if compact.count("/") == 1:  # the rest of a rule, most often
            found.append((compact.strip("/"), _CUT))
    return found


def _number(match: re.Match[str], shown: str, certainty: float, vocabulary: Vocabulary) -> Value:
    digits = match["number"].replace(",", "")
    doubled = len(digits.partition(".")[0]) > 1 and digits.startswith("0")
    if match["tail"] or digits.startswith(".") or doubled:
        certainty = min(certainty, _CUT)
    value: int | float = float(digits) if "." in digits else int(digits)
    scaled = match["unit"] in vocabulary.scales
    signed = bool(match["negative"] or match["positive"])
    return Value("number", shown, -value if match["negative"] else value, match["unit"], certainty, scaled, signed)
