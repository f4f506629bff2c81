"""A drawn report as a scan gives it: every cell read as cells with such print were read where that was measured."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import accumulate

from models.digits import FOREIGN
from service.forms.catalogue import FieldSpec, IdentitySpec
from service.results import AlternativeValue, Number, Reading, State
from training.digits.printed import spell
from training.simulate.edits import carried
from training.simulate.records import Measured, Record, load_measured, print_class, value_of
from training.synthesize.effects import Quality
from training.synthesize.numbers import Numbers, draw_numbers, table_identities, table_specs
from training.synthesize.shapes import forms_by_year

_STATES: Mapping[str, State] = {"number": "read", "blank": "blank", "mark": "marked"}


@dataclass(frozen=True)
class Sheet:
    """A report's numbers before and after they are read."""

    quality: Quality
    specs: tuple[FieldSpec, ...]
    identities: tuple[IdentitySpec, ...]
    printed: Mapping[str, str]
    """Field id -> text in its cell, as `training.digits.printed.spell` has it."""
    truth: Mapping[str, Number | None]
    readings: Mapping[str, Reading]
    """All right."""

    @cached_property
    def visible(self) -> frozenset[str]:
        """The fields that stand in an identity."""
        return frozenset(name for one in self.identities for name in (*one.left, *one.right))


def draw_sheet(rng: random.Random, quality: Quality, *, balanced: bool) -> Sheet:
    """Draw a report whose numbers balance, or one whose numbers do not, and read it without an error."""
    forms = forms_by_year()
    while True:
        numbers: Numbers = draw_numbers(forms, rng.getrandbits(40))
        if balanced != bool(numbers.violated):
            break
    specs = table_specs(forms, numbers.table_forms)
    printed = {name: _spelled(text) for name, text in numbers.printed.items()}
    readings = {spec.id: _read_rightly(rng, quality, printed[spec.id], numbers.values[spec.id]) for spec in specs}
    return Sheet(quality, specs, table_identities(forms, numbers.table_forms), printed, dict(numbers.values), readings)


def read_as(record: Record, printed: str, read: str) -> Reading | None:
    """The reading of a cell that was read as the record's was: with its confidence, and its alternatives carried over.

    Returns None for a text that is no value, or a less certain one than the record's.
    """
    value = value_of(read)
    if value.kind == "text" or value.certainty < value_of(record.read).certainty:
        return None
    alternatives = []
    texts = {read}
    for text, chance in record.alternatives:
        other = carried(record.printed, text, printed, loosely=True)
        if other is None or other in texts or value_of(other).kind == "text":
            continue
        texts.add(other)
        alternatives.append(
            AlternativeValue(value=value_of(other).value, confidence=chance, text=other, reader=record.reader)
        )
    return Reading(
        value=value.value,
        text=read,
        state=_STATES[value.kind],
        confidence=record.confidence,
        unit=value.unit,
        reader=record.reader,
        alternatives=tuple(alternatives),
    )


@dataclass(frozen=True, slots=True)
class Urn:
    """Records to draw from, each as often as its weight says."""

    records: Sequence[Record]
    sums: Sequence[float]

    @classmethod
    def of(cls, records: Sequence[Record]) -> Urn:
        """Of these records."""
        return cls(records, tuple(accumulate(record.weight for record in records)))

    def draw(self, rng: random.Random) -> Record:
        """One of them; raises IndexError where there are none."""
        return rng.choices(self.records, cum_weights=self.sums)[0]


def _spelled(text: str) -> str:
    found = spell(text)
    return text if found is None or found == FOREIGN else found


def _read_rightly(rng: random.Random, quality: Quality, printed: str, value: Number | None) -> Reading:
    reading = read_as(_right(quality, print_class(printed)).draw(rng), printed, printed)
    if reading is None or reading.value != value:
        raise ValueError(f"{printed!r} does not read as {value}")
    return reading


@cache
def _right(quality: Quality, kind: str) -> Urn:
    """The right readings of such print on such scans; on all scans where there are none."""
    measured: Measured = load_measured()
    here = [one for one in measured.right[quality] if print_class(one.printed) == kind]
    anywhere = [one for many in measured.right.values() for one in many if print_class(one.printed) == kind]
    return Urn.of(here or anywhere)
