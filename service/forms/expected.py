"""What a field can hold, held against what its cell was read as: counts are whole, few numbers have a sign."""

from __future__ import annotations

import re
from dataclasses import replace

from service.documents.model import Alternative, Cell
from service.forms.catalogue import FieldSpec, Vocabulary
from service.forms.normalise import value_text
from service.forms.values import Value, parse_value

_ZEROS = re.compile(r"\.00?(?!\d)")
_ODDS = 0.02
"""How much seldomer a number that the field should not hold is printed in it than one that it should: no real report
has shown one, and some day one will."""
_WORN_OFF = 0.9
"""How sure a number on a worn page is at most that may have lost its sign or its point: one of 15 had whose digits were
as sure as can be."""
_NO_SIGN, _NO_POINT = 20.0, 50.0
"""How much oftener a sign or a point is lost than a digit misread where print is not crisp. In 90 drawn copies 2 of 20
numbers below zero lost their sign and 1 of 23 its point, and few amounts are whole; in another copy a point was lost
where readers left 0.002 open."""


def is_expected(spec: FieldSpec, value: Value) -> bool:
    """Whether a number is of the kind that the field holds: counts are whole, and negative only where they may be."""
    number = value.value or 0
    kind = _is_money(spec) or (isinstance(number, int) and not value.scaled)
    return kind and (number >= 0 or spec.column.signed)


def as_count(value: Value) -> Value:
    """A number that spreadsheets and their libraries write as 12.0 or 12.00 as the whole number that it is.

    Three zeros may part thousands, and on a scan the point is a speck: these are not for here.
    """
    number = value.value
    if isinstance(number, float) and number.is_integer() and _ZEROS.search(value_text(value.text)):
        return replace(value, value=int(number))
    return value


def unseen(spec: FieldSpec, value: Value, confidence: float, *, worn: bool) -> float:
    """How sure a number of a scan is, as a short stroke or a dot wears off before any digit does, and leaves no trace.

    The odds against it grow where it stands above zero without a sign and might have a minus, and where it is an
    amount of several digits that might have a point: a reader sees only the digits, and no identity holds such
    columns. What is crisp leaves so little open that it stays sure.

    Args:
        spec: the field.
        value: what its cell says.
        confidence: of that, by its digits.
        worn: its page is.
    """
    number = value.value or 0
    unsigned = spec.column.signed and number > 0 and not value.signed
    whole = isinstance(number, int) and number > 9 and (value.scaled or value.unit is None)
    lost = _NO_POINT if _is_money(spec) and whole else _NO_SIGN if unsigned else 1.0
    sure = confidence / (confidence + lost * (1 - confidence))
    return min(sure, _WORN_OFF) if worn and lost > 1 else sure


def _is_money(spec: FieldSpec) -> bool:
    return spec.column.amount or spec.column.unit is not None


def as_expected(cell: Cell, spec: FieldSpec, vocabulary: Vocabulary) -> Cell:
    """A cell of a scan with its readings weighed by what the field can hold.

    The readers do not know the field: where they waver between -5 and 5 in a cell of counts, it is 5. Nor do they know
    that the cell holds a value: of those that it may be the likeliest counts (`service.scan.reading.usual`). What is
    no value stays as it is unless it is of the wrong kind.
    """
    if not cell.alternatives:
        return cell
    readings = [Alternative(cell.text, cell.confidence, cell.reader), *cell.alternatives]
    values = [parse_value(one.text, vocabulary, ocr=True) for one in readings]
    odds = [1.0 if value.value is None or is_expected(spec, value) else _ODDS for value in values]
    unread = values[0].kind == "text" or (values[0].kind == "blank" and cell.ink)
    if min(odds) == 1.0 and (unread or cell.confidence >= cell.alternatives[0].confidence):
        return cell
    none_of_them = max(0.0, 1 - sum(one.confidence for one in readings))
    weights = [one.confidence * odd for one, odd in zip(readings, odds, strict=True)]
    total = sum(weights) + none_of_them
    weighed = [replace(one, confidence=weight / total) for one, weight in zip(readings, weights, strict=True)]
    first, *others = sorted(weighed, key=lambda one: -one.confidence)
    return replace(cell, text=first.text, confidence=first.confidence, reader=first.reader, alternatives=tuple(others))
