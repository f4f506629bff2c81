"""A reading -> everything that may be printed in its cell, with probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from service.documents.model import DIGITAL_READERS
from service.reconcile.model import Option, Origin
from service.reconcile.priors import InkPriors
from service.results import Number, Reading, State

_DIGITS = "0123456789"
_LEAST = 1e-9
"""Probability that an option has at least: nothing that can be named is impossible."""


@dataclass(frozen=True, slots=True)
class CellOptions:
    """What may be printed in a cell."""

    named: tuple[Option, ...]
    """What was read, first, and what the readers name beside it; no two agree in value and state. None: the cell is
    missing. Of a cell that counts nothing, 0 and nothing are always among them."""
    edits: frozenset[int]
    """Counts one digit away from what was read, those of named options perhaps among them."""
    each: float
    """Probability of each edit."""
    left: float
    """Probability that something is printed that no reader names."""

    def counting(self, count: Fraction) -> tuple[Option, ...]:
        """The options that count so, the most probable first; an edit where none is named."""
        found = sorted((option for option in self.named if option.count == count), key=lambda one: -one.probability)
        if not found and count.denominator == 1 and int(count) in self.edits:
            found = [_option(int(count), str(count), "read", self.each, "edit", None)]
            if not count:  # nothing left of several digits: as likely an empty cell
                found.append(_option(None, "", "blank", self.each, "edit", None))
        return tuple(found)


def cell_options(reading: Reading, priors: InkPriors) -> CellOptions:
    """The options of a cell.

    What was read and what the readers name beside it have the probabilities that these give. In a cell that was read
    from a picture, every text one digit away from the first has an equal part of a share of what they leave. What a
    person set, and what is text in the file and has no alternatives, is the only option. Where a cell seems empty, a
    faint 0 is what is lost most often.
    """
    if reading.state == "missing":
        return CellOptions((), frozenset(), 0.0, 1.0)
    first = _option(reading.value, reading.text or "", _state(reading), reading.confidence, "first", reading.reader)
    if reading.state == "reviewed":
        return CellOptions((replace(first, probability=1.0),), frozenset(), 0.0, 0.0)
    found = {(first.value, first.state): first}
    for other in reading.alternatives:
        text = other.text or ""
        state: State = "read" if other.value is not None else "marked" if text.strip() else "blank"
        option = _option(other.value, text, state, other.confidence, "alternative", other.reader)
        found.setdefault((option.value, option.state), option)
    left = max(0.0, 1 - likelihood(found.values()))
    if first.state == "blank" and left > _LEAST:
        lost = _option(0, "0", "read", priors.lost * left, "edit", None)
        left -= lost.probability if found.setdefault((0, "read"), lost) is lost else 0.0
    if reading.reader in DIGITAL_READERS:
        return CellOptions(tuple(found.values()), frozenset(), 0.0, left)
    edits = one_digit_away(first.value)
    each = priors.edits * left / max(len(edits), 1)
    if first.value == 0:
        found.setdefault((None, "blank"), _option(None, "", "blank", each, "edit", None))
    return CellOptions(tuple(found.values()), edits if each > _LEAST else frozenset(), each, left)


def settled(reading: Reading) -> CellOptions:
    """The options of a cell whose reading is an inference already: it, and what is left."""
    option = _option(reading.value, reading.text or "", _state(reading), reading.confidence, "first", reading.reader)
    return CellOptions((option,), frozenset(), 0.0, 1 - reading.confidence)


@lru_cache(maxsize=4096)
def one_digit_away(value: Number | None) -> frozenset[int]:
    """The counts whose printing differs from that of a count by one digit: another, one less, one more; and nothing.

    Of nothing these are the single digits. A number with decimals or a sign has none: no identity asks for one.
    """
    if value is None:
        return frozenset(range(10))
    if not isinstance(value, int) or value < 0:
        return frozenset()
    return frozenset(_edits(str(value))) - {value}


def _edits(text: str) -> Iterator[int]:
    yield 0
    shorter = [text[:at] + text[at + 1 :] for at in range(len(text))]
    others = [text[:at] + digit + text[at + 1 :] for at in range(len(text)) for digit in _DIGITS]
    longer = [text[:at] + digit + text[at:] for at in range(len(text) + 1) for digit in _DIGITS]
    for one in (*shorter, *others, *longer):
        if one and (one == "0" or not one.startswith("0")):
            yield int(one)


def _state(reading: Reading) -> State:
    """How a reading is printed."""
    if reading.state in ("blank", "marked"):
        return reading.state
    return "read" if reading.value is not None else "marked" if (reading.text or "").strip() else "blank"


def _option(
    value: Number | None, text: str, state: State, probability: float, origin: Origin, reader: str | None
) -> Option:
    return Option(_count(value), value, text, state, max(probability, _LEAST), origin, reader)


@lru_cache(maxsize=4096)
def _count(value: Number | None) -> Fraction:
    """What a value counts in a sum, exactly."""
    return Fraction(str(value)) if value is not None else Fraction()


def likelihood(options: Iterable[Option]) -> float:
    """How probable it is that one of them is printed."""
    return sum(option.probability for option in options)
