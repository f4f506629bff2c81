"""Which lines of wrapped labels belong to which line of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from statistics import median

FORBIDDEN = 1e6
LONGEST_LABEL = 24
"""Lines of one label."""
_ROW = 0.93
"""Two lines of one label are no further from each other than this share of the height of the lowest row."""

_CLOSE = 1.6
"""Lines so many times their height apart may be of one label."""
_STEP = 1.4
"""Two lines of a label without numbers are no further apart than so many times those of most labels."""


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One line of label text: its middle height and whether it begins with a number of its own."""

    y: float
    enumerated: bool


@dataclass(frozen=True, slots=True)
class Band:
    """One row: the index of its line of numbers, if any, and the indices of its label's lines."""

    anchor: int | None
    labels: tuple[int, ...]


def assign(labels: Sequence[LabelLine], anchors: Sequence[float], bars: Sequence[float], size: float) -> list[Band]:
    """Divide label lines among lines of numbers so that each label is centred on its numbers, from top to bottom.

    `labels` and `anchors` (heights of the lines of numbers) are in rising order; `bars` are heights of rules, which no
    row crosses; `size` is the height of a line. A label without numbers is a row of its own, and so is a line of
    numbers without a label: each line of numbers gives exactly one row, whatever its label.
    """
    pitch = min((below - above for above, below in pairwise(anchors) if below - above > size), default=inf)
    steps = [below.y - above.y for above, below in pairwise(labels)]
    leading = median([step for step in steps if step < _CLOSE * size] or [inf])
    best: dict[tuple[int, int], tuple[float, tuple[int, int] | None]] = {(0, 0): (0.0, None)}
    for i in range(len(labels) + 1):
        for j in range(len(anchors) + 1):
            if (i, j) not in best:
                continue
            cost = best[i, j][0]
            if j < len(anchors):
                _offer(best, (i, j + 1), cost + 1.5, (i, j))
            for k in range(i + 1, min(i + LONGEST_LABEL, len(labels)) + 1):
                block = labels[i:k]
                inner = _inner_cost(block, bars, size, pitch)
                _offer(best, (k, j), cost + inner + _alone_cost(block, anchors, j, leading), (i, j))
                if j < len(anchors):
                    _offer(best, (k, j + 1), cost + inner + _offset_cost(block, anchors[j], bars, size), (i, j))
    state: tuple[int, int] | None = (len(labels), len(anchors))
    bands: list[Band] = []
    while state is not None and (before := best[state][1]) is not None:
        anchor = before[1] if state[1] > before[1] else None
        bands.append(Band(anchor, tuple(range(before[0], state[0]))))
        state = before
    return bands[::-1]


def _offer(
    best: dict[tuple[int, int], tuple[float, tuple[int, int] | None]],
    state: tuple[int, int],
    cost: float,
    before: tuple[int, int],
) -> None:
    if state not in best or cost < best[state][0]:
        best[state] = (cost, before)


def _inner_cost(block: Sequence[LabelLine], bars: Sequence[float], size: float, pitch: float) -> float:
    """Cost of taking lines as one label: none begins anew, none is far from the last, no rule between.

    `pitch` is the least distance between two lines of numbers: so far from each other stand rows of one line.
    """
    cost = 0.0
    for above, below in pairwise(block):
        cost += 6.0 if below.enumerated else 0.0
        cost += max(0.0, (below.y - above.y) / size - _CLOSE) * 3
        cost += 6.0 if below.y - above.y > _ROW * pitch else 0.0
        cost += FORBIDDEN if any(above.y < bar < below.y for bar in bars) else 0.0
    return cost


def _alone_cost(block: Sequence[LabelLine], anchors: Sequence[float], j: int, leading: float) -> float:
    """Cost of a label without numbers, in its printed place: cheap where it begins with a number of its own.

    Nothing but the steps between its lines tells it from the next such label; those of one are alike, about `leading`.
    """
    middle = sum(line.y for line in block) / len(block)
    in_order = (j == 0 or anchors[j - 1] < middle) and (j == len(anchors) or middle < anchors[j])
    torn = any(below.y - above.y > _STEP * leading for above, below in pairwise(block))
    return (1.0 if block[0].enumerated else 4.0) + (4.0 if torn else 0.0) + (0.0 if in_order else FORBIDDEN)


def _offset_cost(block: Sequence[LabelLine], anchor: float, bars: Sequence[float], size: float) -> float:
    """Cost of a label's distance from the numbers' height: of its middle, or, dearer, of its first or last line."""
    middle = sum(line.y for line in block) / len(block)
    if any(min(anchor, block[0].y) < bar < max(anchor, block[-1].y) for bar in bars):
        return FORBIDDEN
    centred = ((middle - anchor) / size) ** 2
    by_end = min(((block[0].y - anchor) / size) ** 2, ((block[-1].y - anchor) / size) ** 2) + 0.2
    return 4 * min(centred, by_end) if len(block) > 1 else 4 * centred
