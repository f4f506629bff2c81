"""Numbers on a line of their own between labels: whose they are, where every row about them has its label.

A label that wraps, and a number half way down its cell, leave a line of a label and empty cells, and then one of
numbers without label. Whether these are the label's above or the one's below only the lines around them tell.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from service.forms.columns import Placement
from service.forms.lines import Layout, Line

ANCHORED = 0.62
"""Label similarity from which a row stands by its label alone."""
VERBATIM = 0.95
"""Label similarity from which a row is that row wherever it stands."""
_SHORTEST = 3
"""So many characters at least begin a label."""


@dataclass(frozen=True, slots=True)
class Loose:
    """Lines of numbers without label between rows that all have theirs."""

    owners: Mapping[int, int]
    """Line of numbers -> the line of the label above that they belong to."""
    doubtful: frozenset[int]
    """Lines of numbers, and of the labels beside them, where it is not told whose they are."""

    @property
    def labels(self) -> frozenset[int]:
        """The lines of labels whose numbers stand on another."""
        return frozenset(self.owners.values())

    def tears(self, start: int, end: int) -> bool:
        """Whether some of these lines are numbers without their label, or the other way round."""
        return any((start <= number < end) != (start <= label < end) for number, label in self.owners.items())


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line of a label and empty cells, of numbers alone, or of both."""

    line: int
    row: int | None
    """Index of the row whose label it has; None for numbers alone."""
    numbered: bool


def find_loose(
    lines: Sequence[Line],
    keys: Sequence[Sequence[str]],
    placements: Sequence[Sequence[Placement | None]],
    alone: Mapping[int, NDArray[np.float64]],
    headings: Collection[int],
) -> Loose:
    """Find the numbers that belong to one of the labels beside them.

    Args:
        lines: of one table.
        keys: of each row of the form, all that may be printed as its label.
        placements: lines x rows.
        alone: of each line the similarity of its label to every row's.
        headings: lines of column headings, some of which read like a row's label.

    """
    owners: dict[int, int] = {}
    doubtful: set[int] = set()
    marks = (mark for mark in _marks(lines, keys, placements, alone) if mark.line not in headings)
    for chain, missing in _chains(marks):
        told = {b.line: a.line for a, b in pairwise(chain) if _completes(lines, keys, a, b)}
        rest = [mark for mark in chain if mark.line not in {*told, *told.values()}]
        numbers = [mark for mark in rest if mark.row is None]
        in_turn = 2 * len(numbers) == len(rest) and all((a.row is None) != (b.row is None) for a, b in pairwise(rest))
        if in_turn and rest and rest[0].row is not None:
            pairs = list(zip(rest[::2], rest[1::2], strict=True))
            told |= {b.line: a.line for a, b in (pairs[:-1] if missing else pairs)}
        elif not in_turn:
            for above, number, below in zip(chain, chain[1:], chain[2:], strict=False):
                if number in numbers and above.row is not None and below.row is not None:
                    doubtful |= {above.line, number.line, below.line}
        if all(lines[mark.line].layout is Layout.TABS for mark in chain):
            owners |= told
    return Loose(owners, frozenset(doubtful))


def _marks(
    lines: Sequence[Line],
    keys: Sequence[Sequence[str]],
    placements: Sequence[Sequence[Placement | None]],
    alone: Mapping[int, NDArray[np.float64]],
) -> Iterator[_Mark]:
    for index, line in enumerate(lines):
        if line.layout not in (Layout.TABS, Layout.GRID) or not any(placements[index]):
            continue
        row = _begun(line, keys, alone[index])
        if line.has_digits:
            strange = alone[index].max() < ANCHORED or any(
                key.endswith(text) for text in line.texts[-1:] for several in keys for key in several
            )
            yield _Mark(index, None if row is None and strange else int(alone[index].argmax()), True)
        elif row is not None and not line.numbers:
            yield _Mark(index, row, False)


def _begun(line: Line, keys: Sequence[Sequence[str]], similar: NDArray[np.float64]) -> int | None:
    """The row whose label a line has, or begins."""
    if similar.max() >= VERBATIM:
        return int(similar.argmax())
    last = line.texts[-1] if line.texts else ""
    begun = [row for row, several in enumerate(keys) if any(key.startswith(last) for key in several)]
    return begun[0] if len(last) >= _SHORTEST and len(begun) == 1 else None


def _completes(lines: Sequence[Line], keys: Sequence[Sequence[str]], label: _Mark, numbers: _Mark) -> bool:
    """Whether the text beside some numbers goes on with the label that a line above begins."""
    if label.numbered or label.row is None or numbers.row is not None or not lines[numbers.line].texts:
        return False
    text = "".join(line.texts[-1] for line in lines[label.line : numbers.line + 1] if line.texts)
    return any(key.startswith(text) for key in keys[label.row])


def _chains(marks: Iterable[_Mark]) -> Iterator[tuple[list[_Mark], bool]]:
    """The labels and numbers between two rows that have both, and whether a row of the form is missing behind them."""
    chain: list[_Mark] = []
    before: int | None = None
    for mark in marks:
        missing = mark.row is not None and before is not None and mark.row != before + 1
        if missing or (mark.numbered and mark.row is not None):
            yield chain, missing
            chain = []
        before = before if mark.row is None else mark.row
        if not mark.numbered or mark.row is None:
            chain.append(mark)
    yield chain, False
