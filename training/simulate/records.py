"""What readings of scans are like, right ones and wrong ones, as it was measured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from service.forms import load_vocabulary
from service.forms.values import Value, parse_value
from training.evaluate.outcome import same_value
from training.simulate.edits import is_nothing
from training.synthesize.effects import QUALITIES, Quality

MEASURED = Path(__file__).with_name("measured.json")
"""What `python -m training.simulate.measure` wrote."""

_WORN: Quality = "copy"
"""The quality whose misreadings are of their own; the others share theirs, for they are few."""


@dataclass(frozen=True, slots=True)
class Record:
    """One way in which a cell was read, and how often."""

    printed: str
    """As `training.digits.printed.spell` has it."""
    read: str
    confidence: float
    reader: str
    alternatives: tuple[tuple[str, float], ...]
    """Texts and their confidences."""
    weight: float = 1.0

    @property
    def named(self) -> bool:
        """Whether the value that is printed is among the alternatives."""
        return any(same_value(value_of(text).value, value_of(self.printed).value) for text, _ in self.alternatives)

    @property
    def counts(self) -> bool:
        """Whether what was read counts something else than what is printed: nothing and a zero count the same."""
        return (value_of(self.printed).value or 0) != (value_of(self.read).value or 0)


@dataclass(frozen=True, slots=True)
class Measured:
    """All records."""

    right: Mapping[Quality, tuple[Record, ...]]
    wrong: Mapping[Quality, tuple[Record, ...]]
    """Of the right cell, and a wrong value, in a field that stands in an identity."""
    loose: Mapping[Quality, tuple[Record, ...]]
    """The same in a field that stands in none: amounts and differences have points and signs that others never have."""
    displaced: Mapping[Quality, tuple[Record, ...]]
    """Of another cell than the field's, or of none."""
    made: Mapping[str, Any]
    """What it was measured on, and with."""

    def misreadings(self, quality: Quality, *, visible: bool = True) -> tuple[Record, ...]:
        """The wrong readings of such scans: those of worn copies, or of all others together.

        Those that an identity sees, or all.
        """
        groups = (self.wrong,) if visible else (self.wrong, self.loose)
        found = (record for group in groups for one in _alike(quality) for record in group[one])
        return tuple(record for record in found if record.counts or not visible)

    def doubts(self, quality: Quality) -> tuple[Record, ...]:
        """What the right readings of such scans could have been: an alternative was printed, as often as it says."""
        return tuple(
            replace(record, printed=text, weight=record.weight * chance)
            for one in _alike(quality)
            for record in self.right[one]
            for text, chance in record.alternatives
        )


def _alike(quality: Quality) -> tuple[Quality, ...]:
    return tuple(one for one in QUALITIES if (one == _WORN) == (quality == _WORN))


@lru_cache(maxsize=65536)
def value_of(text: str) -> Value:
    """What the pipeline makes of a scanned cell's text."""
    return parse_value(text, load_vocabulary(), ocr=True)


def print_class(printed: str) -> str:
    """The kind of print whose readings are alike: nothing, a stroke, each digit, two digits, more, or others."""
    if is_nothing(printed):
        return "stroke" if printed else "nothing"
    if not (printed.isascii() and printed.isdigit()):
        return "other"
    return printed if len(printed) == 1 else "two" if len(printed) == 2 else "more"


def write_measured(measured: Measured, path: Path) -> None:
    """Write a file that `load_measured` reads."""
    readers = sorted({one.reader for group in _groups(measured) for many in group.values() for one in many})
    data = {
        "made": dict(measured.made),
        "readers": readers,
        **{
            name: {quality: [_packed(one, readers) for one in records] for quality, records in group.items()}
            for name, group in zip(_GROUPS, _groups(measured), strict=True)
        },
    }
    # A line a record: changes can be read.
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace('],["', '],\n["')
    path.write_text(text + "\n", encoding="utf-8")


@cache
def load_measured(path: Path = MEASURED) -> Measured:
    """The records of a file that `write_measured` wrote."""
    data = json.loads(path.read_text(encoding="utf-8"))
    groups = [
        {quality: tuple(_unpacked(one, data["readers"]) for one in data[name][quality]) for quality in QUALITIES}
        for name in _GROUPS
    ]
    right, wrong, loose, displaced = groups
    return Measured(right, wrong, loose, displaced, data["made"])


_GROUPS = ("right", "wrong", "loose", "displaced")


def _groups(measured: Measured) -> tuple[Mapping[Quality, tuple[Record, ...]], ...]:
    return measured.right, measured.wrong, measured.loose, measured.displaced


def _packed(record: Record, readers: Iterable[str]) -> list[Any]:
    others = [part for one in record.alternatives for part in one]
    return [
        record.printed, record.read, record.confidence, list(readers).index(record.reader), record.weight, *others
    ]  # fmt: skip


def _unpacked(packed: list[Any], readers: list[str]) -> Record:
    printed, read, confidence, reader, weight, *others = packed
    alternatives = tuple(zip(others[::2], others[1::2], strict=True))
    return Record(printed, read, confidence, readers[reader], alternatives, weight)
