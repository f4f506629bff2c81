"""A reading -> everything that may be printed in its cell, with probabilities."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from service.documents.model import DIGITAL_READERS
from service.reconcile.model import Option, Origin
from service.reconcile.priors import Priors
from service.results import Number, Reading, State

_DIGITS = "0123456789"
_LEAST = 1e-9
"""Probability that an option has at least: nothing that can be named is impossible."""

_Key = tuple[Number | None, State]
"""What tells options apart."""


@dataclass(frozen=True, slots=True)
class CellOptions:
    """What may be printed in a cell."""

    named: tuple[Option, ...]
    """What was read, first; what the readers name beside it; 0 and nothing, where a cell may well hold them. No two
    agree in value and state. None: the cell is missing."""
    edits: Mapping[int, float]
    """Counts one digit away from what was read, those of named options perhaps among them, with their shares ..."""
    edited: float
    """... of this probability."""
    left: float
    """Probability that something else is printed than what is named."""
    unshown: float = 1.0
    """Of all that is printed as nothing in a table of such habits, the share in ways that no option names."""

    def counting(self, count: Fraction) -> tuple[Option, ...]:
        """The options that count so, the most probable first; an edit where none is named."""
        found = sorted((option for option in self.named if option.count == count), key=lambda one: -one.probability)
        if not found and count.denominator == 1 and int(count) in self.edits:
            likely = self.edited * self.edits[int(count)]
            return (_option(int(count), str(count), "read", likely, "edit", None),)
        return tuple(found)


def cell_options(reading: Reading, priors: Priors) -> CellOptions:
    """The options of a cell.

    What was read and what the readers name beside it have the probabilities that these give. In a cell that was read
    from a picture, shares of what they leave go to nothing and 0 where one digit or none was read, and to the texts one
    digit away from the first. What a person set, and what is text in the file and has no alternatives, is the only
    option.
    """
    if reading.state == "missing":
        return CellOptions((), {}, 0.0, 1.0)
    first = _option(reading.value, reading.text or "", _state(reading), reading.confidence, "first", reading.reader)
    if reading.state == "reviewed":
        return CellOptions((replace(first, probability=1.0),), {}, 0.0, 0.0)
    found = {(first.value, first.state): first}
    for other in reading.alternatives:
        text = other.text or ""
        state: State = "read" if other.value is not None else "marked" if text.strip() else "blank"
        option = _option(other.value, text, state, other.confidence, "alternative", other.reader)
        found.setdefault((option.value, option.state), option)
    left = max(0.0, 1 - likelihood(found.values()))
    if reading.reader in DIGITAL_READERS:
        return CellOptions(tuple(found.values()), {}, 0.0, left)
    for option in _nothings(first, found, left, priors) if left > _LEAST else ():
        known = found.setdefault((option.value, option.state), option)
        if known is option:
            left -= option.probability
        elif known is not first and not first.count:  # what is named in passing is right more often than is said of it
            found[known.value, known.state] = replace(known, probability=known.probability + option.probability)
            left -= option.probability
    return CellOptions(tuple(found.values()), one_digit_away(first.value), priors.ink.edits * left, left)


def _nothings(first: Option, found: Container[_Key], left: float, priors: Priors) -> Iterator[Option]:
    """What counts nothing and may be printed instead of what was read: as 0, as nothing, as a stroke."""
    if first.value is None:
        yield _option(0, "0", "read", priors.ink.lost * left, "edit", None)
    elif first.value == 0 and (None, "blank") in found:
        yield _option(None, "", "blank", priors.ink.lost * left, "edit", None)
    elif first.value in range(10):
        nothing = (priors.ink.dirt if first.value else priors.ink.nothing) * left
        yield _option(0, "0", "read", nothing * priors.habit.zero, "edit", None)
        yield _option(None, "", "blank", nothing * priors.habit.blank, "edit", None)
        yield _option(None, "", "marked", nothing * priors.habit.marked, "edit", None)


def settled(reading: Reading) -> CellOptions:
    """The options of a cell whose reading is an inference already: it, and what is left."""
    option = _option(reading.value, reading.text or "", _state(reading), reading.confidence, "first", reading.reader)
    return CellOptions((option,), {}, 0.0, 1 - reading.confidence)


@lru_cache(maxsize=4096)
def one_digit_away(value: Number | None) -> Mapping[int, float]:
    """The counts whose printing differs from that of a count by one digit: another, one less, one more.

    Of nothing these are the digits, small ones first: counts are small. A number with decimals or a sign has none, for
    no identity asks for one.

    Returns:
        The counts with their shares, which sum to 1.
    """
    if value is None:
        return {digit: 1 / digit / sum(1 / one for one in range(1, 10)) for digit in range(1, 10)}
    if not isinstance(value, int) or value < 0:
        return {}
    found = sorted(set(_edits(str(value))) - {value})
    return dict.fromkeys(found, 1 / len(found))


def _edits(text: str) -> Iterator[int]:
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
