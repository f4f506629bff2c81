"""Digits run together: the cells of a row that stand in its text with nothing between them.

A web page copied as text may print `64 0 0 2 0 4 70` as `640020470`, or with spaces in some of the gaps only. Which
digit belongs to which cell only the identities tell; here such a text is recognised and its pieces are understood.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from functools import lru_cache

from service.documents.model import Place
from service.forms.catalogue import FieldSpec, TableForm, Vocabulary
from service.forms.normalise import label_key, value_text
from service.forms.values import Value, parse_value


@dataclass(frozen=True, slots=True)
class DigitRun:
    """The values of several cells as one text that does not say where one ends."""

    cells: tuple[FieldSpec, ...]
    """The cells in printed order."""
    text: str
    """As it stands, with its spaces."""
    place: Place
    reader: str
    certainty: float
    """That it holds the values of just these cells, 0 to 1."""
    marker: str = ""
    """Digits at its end that may be the number of the next row's label instead."""
    stroke: int = 1
    """How many characters a stroke for nothing has."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Ids of the cells in printed order."""
        return tuple(spec.id for spec in self.cells)


def is_run(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a text is made of what values are made of: digits, signs, units, and strokes or a word for nothing."""
    plain = "".join(value_text(text).split())
    strokes = "".join(mark for mark in (*vocabulary.marks, *vocabulary.nothing) if len(mark) == 1)
    if not any(map(str.isdigit, plain)):
        return bool(plain) and not plain.strip(strokes)
    return bool(_characters(strokes, vocabulary.negative, vocabulary.positive, vocabulary.units).fullmatch(plain))


def ends_run(text: str) -> bool:
    """Whether a text ends in so many digits that they are those of several cells."""
    return len(text) - len(text.rstrip(_DIGITS)) >= _SEVERAL


def leading_run(text: str, vocabulary: Vocabulary) -> tuple[str, str]:
    """The digits at the start of a text, and the words that follow right behind; else nothing and the whole text.

    Before anything but a numbered heading there must be several cells' digits, and no year may follow.
    """
    match = re.match(r"((?:\d\s?)*\d)\s*([^\d\s].*)", text, re.DOTALL)
    if not match or match[2].startswith(vocabulary.year_marks):
        return "", text
    numerals = "".join(one for one in vocabulary.numerals if not one.isascii())
    headed = re.match(rf"[{numerals}]+、", match[2])
    return (
        (match[1], match[2])
        if headed or (ends_run(match[1].replace(" ", "")) and match[2][0].isalpha())
        else ("", text)
    )


def label_and_run(text: str, keys: Container[str]) -> tuple[str, str] | None:
    """A label and the digits that stand right behind it; None where a text is not so.

    A text that is no label as a whole may be the last piece of a long one, before several cells' digits.
    """
    match = re.match(r"(.*[^\d\s.,:：/+-])(\d[\d\s]*)$", text.strip(), re.DOTALL)
    if not match or not (label_key(match[1]) in keys or ends_run("".join(match[2].split()))):
        return None
    return match[1], match[2]


def next_marker(text: str, label: str, table: TableForm) -> str:
    """The digits at a run's end that may be the row number missing from the `label` (a key) printed behind it."""
    keys = (label_key(text) for block in table.blocks for row in block.rows for text in row.labels)
    numbers = {key.removesuffix(label) for key in keys if label and key.endswith(label)}
    return next((number for number in numbers if number.isdigit() and text.endswith(number)), "")


def stroke_width(runs: Iterable[DigitRun]) -> int:
    """How many characters a stroke has in a table, by its rows of nothing else; 1 where they do not tell."""
    rows = [("".join(run.text.split()), len(run.cells)) for run in runs]
    widths = {len(text) // count for text, count in rows if text == text[0] * len(text) and not text[0].isdigit()}
    return widths.pop() if len(widths) == 1 else 1


def understand(piece: str, spec: FieldSpec, vocabulary: Vocabulary, stroke: int = 1) -> Value | None:
    """A piece of a run, without spaces, as the value of one cell; None where no such cell would be printed so.

    No number begins with a zero that is not all of it; decimals stand only in amounts and a minus only where the form
    allows one.
    """
    if piece.isascii() and piece.isdigit():
        return Value("number", piece, int(piece)) if len(piece) <= _LONGEST and not _padded(piece) else None
    value = parse_value(piece, vocabulary)
    if value.kind == "mark":
        return value if len(piece) == stroke or piece.isalpha() else None
    if value.kind != "number" or value.value is None or not (piece[-1].isalnum() or piece[-1] in ")）"):
        return None
    money = spec.column.amount or spec.column.unit is not None
    digits = re.search(r"[\d.,]+", value_text(piece))
    if digits is None or _padded(digits[0]) or digits[0].startswith("."):
        return None
    if (isinstance(value.value, float) or value.scaled) and not money:
        return None
    signed = not value_text(piece)[0].isdigit()
    return None if signed and not spec.column.signed else value


_DIGITS = "0123456789"
_SEVERAL = 7
"""So many digits in a row are those of several cells: no count in these tables is as long, nor is a year."""
_LONGEST = 13
"""Most digits of a number, as for `parse_value`."""


def _padded(digits: str) -> bool:
    return len(digits) > 1 and digits[0] == "0" and digits[1].isdigit()


@lru_cache(maxsize=8)
def _characters(*words: Iterable[str]) -> re.Pattern[str]:
    either = "|".join(re.escape(value_text(word)) for group in words for word in group)
    return re.compile(rf"(?:[\d.,]|{either})+")
