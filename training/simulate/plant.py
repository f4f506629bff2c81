"""Misreadings planted into a report that was read rightly."""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Literal, get_args

from service.results import Number, Reading
from training.evaluate.outcome import same_value
from training.simulate.draw import Sheet, Urn, read_as
from training.simulate.edits import Kind, carried, is_nothing, kind_of, one_digit_apart
from training.simulate.records import Record, load_measured, value_of
from training.synthesize.effects import QUALITIES, Quality
from training.synthesize.numbers import violations

Support = Literal["named", "one digit", "nothing"]
"""What speaks for the truth in a cell that was read wrongly: it is among the alternatives; it is one digit away from
what was read; nothing."""
SUPPORTS: tuple[Support, ...] = get_args(Support)

_TRIES = 40
"""Misreadings that are tried before another report is drawn."""
_TRIED = 50
"""Misreadings of each cell that are tried in search of two that cancel."""


@dataclass(frozen=True, slots=True)
class Misreading:
    """One cell that was read wrongly."""

    field: str
    kind: Kind
    support: Support
    visible: bool
    """An identity can see it: the field stands in one, and what it counts has changed."""
    reading: Reading


Planted = Mapping[str, Misreading]
"""By field."""


def plant_cells(rng: random.Random, sheet: Sheet, count: int, *, visible: bool = True) -> Planted | None:
    """Misread that many cells, as cells were misread where that was measured.

    Args:
        rng: chooses.
        sheet: the report.
        count: cells.
        visible: cells whose change an identity can see, or those whose change none sees.

    Returns:
        None where the report has no such cells.
    """
    found: dict[str, Misreading] = {}
    for _ in range(count):
        # Whether the truth is named is settled first: many a record finds no place, and one that names it, sooner.
        urn = _misreadings(sheet.quality, visible).choose(rng)
        records = (urn.draw(rng) for _ in range(_TRIES))
        places = (_place(rng, sheet, record, found.keys(), visible=visible) for record in records)
        one = next((place for place in places if place is not None), None)
        if one is None:
            return None
        found[one.field] = one
    return found


def plant_shift(rng: random.Random, sheet: Sheet) -> Planted | None:
    """Shift a row by one cell, right or left; the number at that end is lost."""
    rows = _rows(sheet)
    for row in rng.sample(rows, len(rows)):
        beside = [*row[1:], None] if rng.random() < 0.5 else [None, *row[:-1]]
        pairs = zip(row, beside, strict=True)
        found = {name: _shifted(rng, sheet, name, source) for name, source in pairs}
        changed = {name: one for name, one in found.items() if not same_value(one.reading.value, sheet.truth[name])}
        if sum(one.visible for one in changed.values()) > 1:
            return changed
    return None


def plant_cancelling(rng: random.Random, sheet: Sheet) -> Planted | None:
    """Misread two cells of a row such that the row's own identity still holds."""
    kinds = _misreadings(sheet.quality, True)
    rows = _rows(sheet)
    for row in rng.sample(rows, len(rows)):
        if not any(sheet.truth[name] for name in row):
            continue
        chosen = [kinds.choose(rng).draw(rng) for _ in range(_TRIED)]
        several = [one for name in row for record in chosen if (one := _misread(sheet, name, record)) and one.visible]
        pairs = [(a, b) for a, b in combinations(several, 2) if a.field != b.field and _as_far(sheet, a, b)]
        for first, second in rng.sample(pairs, len(pairs)):
            planted = {one.field: one for one in (first, second)}
            if _cancel(sheet, planted):
                return planted
    return None


def planted_readings(sheet: Sheet, planted: Planted) -> dict[str, Reading]:
    """The report's readings with the wrong ones in their places."""
    return {**sheet.readings, **{name: one.reading for name, one in planted.items()}}


def _place(
    rng: random.Random, sheet: Sheet, record: Record, taken: Collection[str], *, visible: bool
) -> Misreading | None:
    """A cell of the report, misread as the record's was; None where it has none that can be."""
    names = sorted(sheet.visible if visible else sheet.printed)
    for name in rng.sample(names, len(names)):
        one = _misread(sheet, name, record) if name not in taken else None
        if one is not None and one.visible == visible:
            return one
    return None


def _misread(sheet: Sheet, name: str, record: Record) -> Misreading | None:
    """A cell read as the record's was; None where it cannot be, or its value stays the same."""
    printed = sheet.printed[name]
    read = carried(record.printed, record.read, printed)
    if read is None or same_value(value_of(read).value, sheet.truth[name]):
        return None
    reading = read_as(record, printed, read)
    return _judged(sheet, name, kind_of(printed, read), reading) if reading else None


def _shifted(rng: random.Random, sheet: Sheet, name: str, source: str | None) -> Misreading:
    """A cell that got the print of the one beside it, or that of none."""
    record = _displaced(nothing=source is None).draw(rng)
    if source is None:
        reading = Reading(value=None, text="", state="blank", confidence=record.confidence, reader=record.reader)
    else:
        before = sheet.readings[source]
        reading = before.model_copy(update={"confidence": min(before.confidence, record.confidence)})
    return _judged(sheet, name, "shifted", reading)


def _judged(sheet: Sheet, name: str, kind: Kind, reading: Reading) -> Misreading:
    truth = sheet.truth[name]
    support: Support = "nothing"
    if any(same_value(one.value, truth) for one in reading.alternatives):
        support = "named"
    elif one_digit_apart(reading.text or "", sheet.printed[name]):
        support = "one digit"
    seen = name in sheet.visible and (reading.value or 0) != (truth or 0)
    return Misreading(name, kind, support, seen, reading)


def _rows(sheet: Sheet) -> list[list[str]]:
    """The fields of each row, or group of columns, whose numbers add up."""
    rows: dict[tuple[str, str], list[str]] = {}
    for spec in sheet.specs:
        if spec.id in sheet.visible:
            group = spec.row.id or (spec.column.id or "").rpartition(".")[0]
            rows.setdefault((spec.table, group), []).append(spec.id)
    return [row for row in rows.values() if len(row) > 2]


def _as_far(sheet: Sheet, *both: Misreading) -> bool:
    """Whether two misreadings are off by the same amount, this way or that: others cannot cancel."""
    one, other = (abs((each.reading.value or 0) - (sheet.truth[each.field] or 0)) for each in both)
    return abs(one - other) < 1e-9


def _cancel(sheet: Sheet, planted: Planted) -> bool:
    """Whether an identity that has both cells holds with both wrong."""
    values: dict[str, Number | None] = {**sheet.truth, **{name: one.reading.value for name, one in planted.items()}}
    both = [one for one in sheet.identities if planted.keys() <= {*one.left, *one.right}]
    return bool(both) and not violations(both, values)


@dataclass(frozen=True, slots=True)
class _Misreadings:
    """Wrong readings of one sort of scans."""

    named: Urn
    """With the truth among the alternatives: half of them as measured, half as measured doubts could have been."""
    unnamed: Urn
    share_named: float

    def choose(self, rng: random.Random) -> Urn:
        """One of both, as often as it was measured."""
        return self.named if rng.random() < self.share_named else self.unnamed


@cache
def _misreadings(quality: Quality, visible: bool) -> _Misreadings:
    measured = load_measured()
    seen = measured.misreadings(quality, visible=visible)
    doubts = [one for one in measured.doubts(quality) if one.counts or not visible]
    named = [one for one in seen if one.named]
    unnamed = [one for one in seen if not one.named]
    known, could = (sum(one.weight for one in many) for many in (named, doubts))
    scaled = [replace(one, weight=one.weight * known / could) for one in doubts]
    return _Misreadings(Urn.of([*named, *scaled]), Urn.of(unnamed), known / sum(one.weight for one in seen))


@cache
def _displaced(*, nothing: bool) -> Urn:
    """The readings of print in another's place, or of the place that it left."""
    measured = load_measured()
    records = [one for quality in QUALITIES for one in measured.displaced[quality] if is_nothing(one.read) == nothing]
    return Urn.of(records)
