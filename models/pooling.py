"""Two readings of one cell as one: what both readers said of it, and what is known of the cell besides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.digits import NumericReading

Candidate = tuple[str, float]
"""A text and its probability. The text is as `models.digits` has it, `NOTHING` and `FOREIGN` among them."""


@dataclass(frozen=True, slots=True)
class PoolContext:
    """What tells how far the readings of a cell may be trusted. Areas are in squares of the height of a digit."""

    digit: float
    """Height of a digit on this page, in pixels."""
    legibility: float
    """How well the page's numbers read: what the numeric reader's first candidates are given on average, 0 to 1."""
    doubt: float
    """Share of the page's lines that did not read surely, 0 to 1."""
    ink: float
    """Ink inside the cell, whosever it is, without the rules."""
    printed: float
    """The part of it that stands in lines of print; the rest is specks, seals, streaks and remains of rules."""
    lines: int
    """Lines of print, or pieces of such, that the cell's ink was cut into."""
    covered: bool
    """Other ink runs over the place where the cell's number should stand."""
    expected: bool
    """The cell stands in a row or column of numbers."""
    agreed: bool
    """PP-OCR read the same among all characters as among those of numbers."""
    framed: bool
    """The crop is the inside of a ruled cell; else it is cut around a number that stands free."""
    cramped: bool = False
    """The cell is lower, or narrower, than a digit is high: whatever is printed there stands beyond its rules."""
    left_empty: bool = False
    """Nothing on the page tells that what seems empty may have lost a 0: it shows none, or its print has lasted."""


Pool = Callable[[Sequence[Candidate], NumericReading, PoolContext], tuple[Candidate, ...]]
"""Makes of PP-OCR's candidates and the numeric reader's one list, best first, with the probability of each."""

_KEPT = 5


def uncalibrated(ocr: Sequence[Candidate], numeric: NumericReading, context: PoolContext) -> tuple[Candidate, ...]:
    """A pool for want of a calibration: both readers count the same, and nothing is more likely than not.

    Nothing has measured how often the two are right together, so that a person looks at every number.
    """
    del context
    first, second = dict(ocr), dict(numeric.candidates)
    shares = {text: (first.get(text, 0.0) + second.get(text, 0.0)) / 4 for text in {**first, **second}}
    return tuple(sorted(shares.items(), key=lambda one: -one[1])[:_KEPT])
