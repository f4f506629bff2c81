"""Columns of a table without rules: where its numbers stand, and where only headings tell of one.

All places are fractions of the page's width; a stretch is from where to where something reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import inf
from statistics import median

from service.documents.model import Box
from service.tables.rows import Line

Stretch = tuple[float, float]

_ROOM = 0.25
"""Share of the narrower of two stretches that they may have in common and be two."""
_APART = 0.3
"""Columns are further apart than this share of a character; one whose numbers are few leans with the page."""
_FILLED, _NARROWEST = 4, 3.0
"""Where most columns hold fewer numbers, little is printed; and no two are nearer than so many characters."""
_ASTRAY = 0.75
"""A lone number nearer to a column than this share of their distance belongs to none, a heading further off to it."""


def number_columns(region: Sequence[Line], body: int, rows: Sequence[Line], walls: Sequence[float]) -> list[float]:
    """Edges between the columns of numbers, the left edge of the first included; numbers of one column overlap in x.

    A column without any number is told by its heading. `rows` are the lines of numbers, and the heading ends at `body`.
    """
    texts = [c for line in region for c in line if c.text and not c.number]
    character = median([(c.box.x1 - c.box.x0) / len(c.text) for c in texts] or [0.0])
    columns = _stretches([c.box for line in rows for c in line if c.number], walls, character)
    columns = [column for column in columns if not _is_of_words(column, rows)] or columns
    words = [c for line in region[body:] for c in line if not c.number and len(c.text) > 1]
    labels = [c.box.x1 for c in words if c.box.x1 <= columns[0][0]]
    columns = sorted([*columns, *_blank_columns(region[:body], columns, max(labels, default=0.0))])
    edges = [_between(max(labels, default=columns[0][0] - 0.02), columns[0][0], walls)]
    edges += [_between(a[1], b[0], walls) for a, b in pairwise(columns)]
    for line in rows:  # two numbers of one row stand in two columns, whatever other blocks of the table have there
        numbers = [c.box for c in line if c.number]
        edges += [
            (a.x1 + b.x0) / 2
            for a, b in pairwise(numbers)
            if not any((a.x0 + a.x1) / 2 < edge <= (b.x0 + b.x1) / 2 for edge in edges)
        ]
    edges.sort()
    width = columns[-1][1] - columns[-1][0]
    beyond = [w for w in walls if w >= columns[-1][1] - 0.004]
    return [*edges, min(beyond, default=columns[-1][1] + max(0.01, width / 2))]


def heading_columns(heading: Sequence[Line]) -> list[float]:
    """Edges between the columns that only headings tell."""
    lowest = leaves(heading, 0.0)
    return [lowest[0][0], *((a[1] + b[0]) / 2 for a, b in pairwise(lowest)), lowest[-1][1]]


def label_columns(body: Sequence[Line], limit: float) -> list[float]:
    """Where the columns of labels begin: at the x at which at least two labels do, those of most labels first."""
    starts = sorted((c.box.x0, c.box.y1 - c.box.y0) for line in body for c in line if c.x < limit)
    if not starts:
        return []
    size = median(height for _, height in starts)
    left = [x for x, _ in starts]
    columns: list[float] = []
    while left:
        group = max(([x for x in left if low <= x < low + size] for low in left), key=len)
        if len(group) < 2 and columns:
            break
        columns.append(group[0])
        left = [x for x in left if x <= group[0] - size or x >= group[-1] + size]
    columns.sort()
    columns[0] = min(columns[0], starts[0][0])
    return columns


def leaves(heading: Sequence[Line], left: float) -> list[Stretch]:
    """From where to where the lowest headings reach, those that have none below them; that end right of `left`.

    One that is alone on the first of several lines stands over all columns, whatever is below it.
    """
    lines = [held for line in heading if (held := [c for c in line if c.box.x1 > left])]
    lines = lines[1:] if len(lines) > 1 and len(lines[0]) == 1 else lines
    lowest: list[Stretch] = []
    taken: list[Stretch] = []
    for chunk in sorted((c for line in lines for c in line), key=lambda c: -c.y):
        place = (chunk.box.x0, chunk.box.x1)
        if not any(_overlap(place, other) for other in taken):
            lowest.append(place)
        taken.append(place)
    return sorted(lowest)


def _is_of_words(column: Stretch, rows: Sequence[Line]) -> bool:
    """Whether more words than numbers stand on the lines of numbers where a column would be: a label's own number."""
    balance = 0
    for chunk in (c for line in rows for c in line):
        if chunk.box.x0 < column[1] and column[0] < chunk.box.x1:
            balance += -1 if chunk.number else len(chunk.text) > 1
    return balance > 0


def _stretches(boxes: Sequence[Box], walls: Sequence[float], character: float) -> list[Stretch]:
    """From where to where the numbers of each column reach; `character` is the width of one.

    A lone number between two columns, nearer to one than columns are to each other, is astray: the remains of a seal.
    Where little is printed, so that columns may be missing between those that show, nearer than the narrowest are.
    """
    columns: list[tuple[float, float, int]] = []
    for x0, x1 in sorted((box.x0, box.x1) for box in boxes):
        low, high, count = columns[-1] if columns else (0.0, 0.0, 0)
        if x0 < high + _APART * character and not any(low < w < x1 and w < x0 + 0.004 for w in walls):
            columns[-1] = (low, max(high, x1), count + 1)
        else:
            columns.append((x0, x1, 1))
    plain = [column for column in columns if column[2] > 1]
    if len(plain) < 3 or 2 * len(plain) < len(columns):
        return [column[:2] for column in columns]
    reach = _ASTRAY * median((b[0] + b[1] - a[0] - a[1]) / 2 for a, b in pairwise(plain))
    if median(column[2] for column in plain) < _FILLED:
        reach = min(reach, _NARROWEST * character)
    return [
        (x0, x1) for x0, x1, count in columns if count > 1 or all(abs(x0 + x1 - a - b) / 2 > reach for a, b, _ in plain)
    ]


def _blank_columns(heading: Sequence[Line], columns: Sequence[Stretch], labels: float) -> list[Stretch]:
    """Where headings stand to which no column of numbers belongs, if there are more headings than columns.

    What begins before the end of all `labels`, and ends before the first column, is the heading of labels.
    """
    lowest = [leaf for leaf in leaves(heading, labels) if leaf[0] > labels or leaf[1] > columns[0][0]]
    owned = _owned([sum(leaf) for leaf in lowest], [sum(column) for column in columns])
    blank = [leaf for i, leaf in enumerate(lowest) if i not in owned or _is_apart(leaf, columns)]
    return [leaf for leaf in blank if not any(_overlap(leaf, column) for column in columns)]


def _is_apart(leaf: Stretch, columns: Sequence[Stretch]) -> bool:
    """Whether a heading stands as far from every column of numbers as columns are apart: it is of another."""
    if len(columns) < 3:
        return False
    pitch = median(sum(b) - sum(a) for a, b in pairwise(columns))
    return all(abs(sum(leaf) - sum(column)) > _ASTRAY * pitch for column in columns)


def _overlap(one: Stretch, other: Stretch) -> bool:
    """Whether two stretches share more than the room that is left around print."""
    shared = min(one[1], other[1]) - max(one[0], other[0])
    return shared > _ROOM * min(one[1] - one[0], other[1] - other[0])


def _owned(leaves: Sequence[float], columns: Sequence[float]) -> set[int]:
    """Which headings the columns belong to, in their order and with the least distances; all if there are too few."""
    if len(leaves) <= len(columns):
        return set(range(len(leaves)))
    best: list[tuple[float, frozenset[int]]] = [(0.0, frozenset())] * (len(leaves) + 1)
    for n, column in enumerate(columns):
        row: list[tuple[float, frozenset[int]]] = [(inf, frozenset())] * (n + 1)
        for i in range(n, len(leaves)):
            cost, held = best[i]
            row.append(min(row[-1], (cost + abs(leaves[i] - column), held | {i}), key=lambda pair: pair[0]))
        best = row
    return set(best[-1][1])


def _between(a: float, b: float, walls: Sequence[float]) -> float:
    return next((w for w in walls if a - 0.004 <= w <= b + 0.004), (a + b) / 2)
