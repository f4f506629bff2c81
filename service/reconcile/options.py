"""A reading -> everything that may be printed in its cell, with probabilities."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from service.documents.model import DIGITAL_READERS
from service.reconcile.model import Option
from service.reconcile.priors import InkPriors
from service.results import Number, Reading, State

_DIGITS = "0123456789"
_LEAST = 1e-9
"""Probability that an option has at least: nothing that can be named is impossible."""


def cell_options(reading: Reading, priors: InkPriors) -> tuple[Option, ...]:
    """The options of a cell, what was read first.

    What was read and what the readers name beside it have the probabilities that these give. In a cell that was read
    from a picture, every text one digit away from the first has an equal part of a share of what they leave. What a
    person set, and what is text in the file and has no alternatives, is the only option.

    Returns:
        Options of which no two agree in value and state; none for a missing cell.
    """
    if reading.state == "missing":
        return ()
    first = _option(reading.value, reading.text or "", reading.state, reading.confidence, "first", reading.reader)
    if reading.state == "reviewed":
        return (Option(first.count, first.value, first.text, first.state, 1.0, "first", reading.reader),)
    found = {(first.value, first.state): first}
    for other in reading.alternatives:
        text = other.text or ""
        state: State = "read" if other.value is not None else "marked" if text.strip() else "blank"
        option = _option(other.value, text, state, other.confidence, "alternative", other.reader)
        found.setdefault((option.value, option.state), option)
    if reading.reader in DIGITAL_READERS:
        return tuple(found.values())
    left = max(0.0, 1 - sum(option.probability for option in found.values()))
    edits = [value for value in one_digit_away(first.value) if (value, _state(value)) not in found]
    each = priors.edits * left / max(len(edits), 1)
    if each >= _LEAST:
        for value in edits:
            text = "" if value is None else str(value)
            found[value, _state(value)] = _option(value, text, _state(value), each, "edit", None)
    return tuple(found.values())


@lru_cache(maxsize=4096)
def one_digit_away(value: Number | None) -> tuple[int | None, ...]:
    """The counts whose printing differs from that of a count by one digit: another, one less, one more; and nothing.

    Of nothing these are the single digits. A number with decimals or a sign has none: no identity asks for one.
    """
    if value is None:
        return tuple(range(10))
    if not isinstance(value, int) or value < 0:
        return ()
    return tuple(dict.fromkeys(one for one in _edits(str(value)) if one != value))


def _edits(text: str) -> Iterator[int | None]:
    yield None
    for at in range(len(text)):
        yield from _count(text[:at] + text[at + 1 :])
        for digit in _DIGITS:
            yield from _count(text[:at] + digit + text[at + 1 :])
    for at in range(len(text) + 1):
        for digit in _DIGITS:
            yield from _count(text[:at] + digit + text[at:])


def _count(text: str) -> Iterator[int]:
    if text and (text == "0" or not text.startswith("0")):
        yield int(text)


def _state(value: Number | None) -> State:
    return "blank" if value is None else "read"


def _option(
    value: Number | None, text: str, state: State, probability: float, origin: str, reader: str | None
) -> Option:
    count = Fraction(str(value)) if value is not None else Fraction()
    return Option(count, value, text, state, max(probability, _LEAST), origin, reader)  # type: ignore[arg-type]
