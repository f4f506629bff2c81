"""Lost pieces of ruled lines, completed where the table's own order and its text show that they were there.

A statutory table has labels at its left and numbers right of them. Among the numbers no cell spans rows, and columns
run straight through each block of rows, so that a piece of line that is missing there was lost, unless text runs
across it. Among labels and headings cells do span, and there only text on both sides of a way shows that a line was
between. All lengths are those of `service.tables.strokes`: page widths, straightened.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, takewhile

from service.documents.model import Box
from service.tables.gutters import first_column
from service.tables.printed import Printed

_ASTRIDE = 0.2
"""A text runs across a line if it reaches beyond it on both sides by this share of its height."""
_MOST = 0.6
"""Share of the rows (or columns) of numbers that have an edge from which all have it."""
_WHOLE = 0.8
"""A number that takes more of its row's height was read in its cell as a whole, and stands anywhere in that."""

Ways = list[list[bool]]


@dataclass(frozen=True, slots=True)
class Net:
    """The ways between the places of a grid, and what is known of each."""

    h: Ways
    """`h[i][j]`: whether row edge i is drawn over column j."""
    v: Ways
    """`v[i][j]`: whether column edge j is drawn beside row i."""
    h_barred: Ways
    """Where text runs across row edges."""
    v_barred: Ways
    """Where text runs across column edges."""

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.v)

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.h[0])


@dataclass(slots=True)
class _Places:
    """What is printed in every place of the grid."""

    texts: dict[tuple[int, int], int] = field(default_factory=dict)
    numbers: dict[tuple[int, int], int] = field(default_factory=dict)
    begun: set[tuple[int, int]] = field(default_factory=set)
    """Where a text begins with a number of its own."""
    firm: set[tuple[int, int]] = field(default_factory=set)
    """Where a text stands that can be read, and not only somewhere in the whole cell."""

    def any(self, row: int, columns: range) -> bool:
        return any((row, c) in self.texts or (row, c) in self.numbers for c in columns)


def complete(h: Ways, v: Ways, ys: Sequence[float], xs: Sequence[float], printed: Sequence[Printed]) -> Net:
    """Return the net with all pieces of lines that must have been there; without any text it is left as it is.

    `ys` and `xs` are the places of the row and column edges; the boxes of `printed` are straightened like these.
    """
    rows, columns = len(ys) - 1, len(xs) - 1
    net = Net(
        [way[:] for way in h],
        [way[:] for way in v],
        [[False] * columns for _ in range(rows + 1)],
        [[False] * (columns + 1) for _ in range(rows)],
    )
    inside = [p for p in printed if ys[0] < p.y < ys[-1] and xs[0] < p.x < xs[-1]]
    places = _Places()
    for piece in inside:
        row, column = _place(piece.box, ys, xs)
        held = places.numbers if piece.number else places.texts
        held[row, column] = held.get((row, column), 0) + 1
        if piece.enumerated:
            places.begun.add((row, column))
        if not piece.number or piece.height <= _WHOLE * (ys[row + 1] - ys[row]):
            if piece.legible:
                places.firm.add((row, column))
            _bar(net, piece.box, ys, xs)
    first = first_column(inside, ys, xs)
    if first is not None and any(_is_torn(region, places, first) for region in flood(net.h, net.v)):
        for stretch in _stretches(net, places):
            own = first_column([p for p in inside if ys[stretch.start] < p.y < ys[stretch.stop]], ys, xs)
            own = first if own is None else own
            for run in _runs(places, stretch, range(own, columns)):
                _rule(net, places, run, own)
    if all(piece.typed for piece in inside):
        return net  # a file says where its lines are
    if first is None:
        run = _blank_run(net, places)
        blank = 1 + max((column for row, column in places.texts if row in run), default=-1)
        _mend(net, places, range(rows), run, blank)
        return net
    for stretch in _stretches(net, places):
        own = first_column([p for p in inside if ys[stretch.start] < p.y < ys[stretch.stop]], ys, xs)
        own = first if own is None else own
        for run in _runs(places, stretch, range(own, columns)):
            _mend(net, places, stretch, run, own)
    return net


def _stretches(net: Net, places: _Places) -> Iterator[range]:
    """The rows between headings over the whole table: what stands below one may be another table in the same frame."""
    begin = 0
    for row in range(net.rows):
        whole = range(net.columns)
        numbers = any((row, column) in places.numbers for column in whole)
        if places.any(row, whole) and not numbers and not any(net.v[row][1:-1]):
            yield range(begin, row)
            begin = row
    yield range(begin, net.rows)


def flood(h: Ways, v: Ways) -> list[set[tuple[int, int]]]:
    """Return the sets of places (row, column) that are connected without crossing a drawn line."""
    rows, columns = len(v), len(h[0])
    seen: set[tuple[int, int]] = set()
    regions = []
    for start in ((r, c) for r in range(rows) for c in range(columns)):
        if start in seen:
            continue
        region, todo = {start}, [start]
        while todo:
            r, c = todo.pop()
            steps = (
                (r - 1, c, r > 0 and not h[r][c]),
                (r + 1, c, r + 1 < rows and not h[r + 1][c]),
                (r, c - 1, c > 0 and not v[r][c]),
                (r, c + 1, c + 1 < columns and not v[r][c + 1]),
            )
            fresh = [(a, b) for a, b, free in steps if free and (a, b) not in region]
            region.update(fresh)
            todo.extend(fresh)
        seen |= region
        regions.append(region)
    return regions


def _is_torn(region: set[tuple[int, int]], places: _Places, first: int) -> bool:
    """Whether a region shows that lines are lost.

    That is so if it is no rectangle, holds a number and something else in several places, runs from the labels into
    the columns of numbers with text in both, or holds several numbered labels right before these.
    """
    rows, columns = {r for r, _ in region}, {c for _, c in region}
    if len(region) < (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1):
        return True
    filled = [place for place in region if place in places.texts or place in places.numbers]
    if len(filled) > 1 and any(place in places.numbers for place in filled):
        return True
    begun = {row for row, column in region & places.begun if column < first}
    if len(begun) > 1 and max(columns) == first - 1:
        return True
    sides = {(row, column < first) for row, column in filled}
    return any((row, not left) in sides for row, left in sides)


def _place(box: Box, ys: Sequence[float], xs: Sequence[float]) -> tuple[int, int]:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return bisect_right(ys, y) - 1, bisect_right(xs, x) - 1


def _bar(net: Net, box: Box, ys: Sequence[float], xs: Sequence[float]) -> None:
    """Note which lines a text runs across."""
    row, column = _place(box, ys, xs)
    astride = _ASTRIDE * (box.y1 - box.y0)
    near = min(astride, (box.x1 - box.x0) / 4)
    over = [c for c, (a, b) in enumerate(pairwise(xs)) if c == column or (box.x0 < b - near and box.x1 > a + near)]
    for edge in over[1:]:
        net.v_barred[row][edge] = True
    for edge, y in enumerate(ys):
        if box.y0 < y - astride and box.y1 > y + astride:
            for c in over:
                net.h_barred[edge][c] = True


def _runs(places: _Places, rows: range, columns: range) -> Iterator[range]:
    """The runs of rows with numbers; rows that have nothing but a label belong to them."""
    filled = {row: any((row, c) in places.numbers for c in columns) for row in rows}
    bare = {row: not places.any(row, columns) for row in rows}
    row = rows.start
    while row < rows.stop:
        end = row
        while end < rows.stop and (filled[end] or bare[end]):
            end += 1
        if any(filled[each] for each in range(row, end)):
            yield range(row, end)
        row = max(end, row + 1)


def _blank_run(net: Net, places: _Places) -> range:
    """The rows of a table in which there are no numbers: those below the heading of its last column."""
    heading = max((row for row, column in places.texts if column == net.columns - 1), default=net.rows)
    return range(min(heading + 1, net.rows), net.rows)


def _rule(net: Net, places: _Places, run: range, first: int) -> None:
    """Complete the lines among the numbers of a run of rows, and up to its headings."""
    labels = range(first)
    headed = any(places.any(row, labels) for row in range(run.start)) and places.any(run.start, labels)
    for row in range(max(1, run.start), run.stop):
        inner = max(0, first - 1) if row > run.start else (0 if headed else first)
        for column in range(inner, net.columns):
            net.h[row][column] = net.h[row][column] or not net.h_barred[row][column]
    if run.stop < net.rows:
        footed = places.any(run.stop - 1, labels) and places.any(run.stop, labels)
        for column in range(0 if footed else first, net.columns):
            net.h[run.stop][column] = net.h[run.stop][column] or not net.h_barred[run.stop][column]
    top = max(0, run.start - 1)
    edges = range(max(1, first), net.columns)
    drawn = [edge for edge in edges if any(net.v[row][edge] for row in _free(net, range(top, run.stop), edge))]
    # What stands on both sides of an edge tells of it only where those beside it, that are drawn, are completed.
    for edge in (*drawn, *(edge for edge in edges if edge not in drawn)):
        free = _free(net, range(top, run.stop), edge)
        known = edge in drawn or any(_parts(net, places, row, edge) for row in free)
        for row in free:
            if known and (row >= run.start or _parts(net, places, row, edge)):
                net.v[row][edge] = True


def _mend(net: Net, places: _Places, stretch: range, run: range, first: int) -> None:
    """Complete single pieces that are lost beside places among the numbers of a run of rows in which nothing stands.

    A column edge was there that most rows have, or that parts two headings above; a row edge that most columns have.
    """
    columns = range(first, net.columns)
    common = {
        edge
        for edge in range(max(1, first), net.columns)
        if sum(net.v[row][edge] for row in run) > _MOST * len(run)
        or _parts_headings(net, places, range(stretch.start, run.start), edge)
    }
    level = {
        edge
        for edge in range(run.start + 1, run.stop)
        if sum(net.h[edge][column] for column in columns) > _MOST * len(columns)
    }
    for region in flood(net.h, net.v):
        if all(row in run and column in columns and (row, column) not in places.firm for row, column in region):
            for row, column in region:
                net.v[row][column] = net.v[row][column] or (column in common and (row, column - 1) in region)
                net.h[row][column] = net.h[row][column] or (row in level and (row - 1, column) in region)


def _parts_headings(net: Net, places: _Places, above: range, edge: int) -> bool:
    """Whether a column edge is drawn right above a run of rows, with texts on both sides of it."""
    rows = list(takewhile(lambda row: net.v[row][edge], reversed(above)))
    if not rows:
        return False
    before = next((c for c in range(edge - 1, 0, -1) if net.v[rows[0]][c]), 0)
    after = next((c for c in range(edge + 1, net.columns) if net.v[rows[0]][c]), net.columns)
    return all(any(places.any(row, side) for row in rows) for side in (range(before, edge), range(edge, after)))


def _free(net: Net, rows: range, edge: int) -> list[int]:
    """The rows beside which no text runs across a column edge."""
    return [row for row in rows if not net.v_barred[row][edge]]


def _parts(net: Net, places: _Places, row: int, edge: int) -> bool:
    """Whether a column edge has text on both sides of it in the same cell."""
    before = next((c for c in range(edge - 1, 0, -1) if net.v[row][c]), 0)
    after = next((c for c in range(edge + 1, net.columns) if net.v[row][c]), net.columns)
    return places.any(row, range(before, edge)) and places.any(row, range(edge, after))
