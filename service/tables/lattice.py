"""Ruled lines -> lattices: tables as cells with spans, by geometry alone.

Lengths inside this module are in page widths on both axes (`y` is multiplied by height / width), so that one
tolerance serves both directions; what goes in and out is in fractions of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from service.documents.model import Box, Rule
from service.tables.complete import Net, complete, flood
from service.tables.gutters import column_gutters, row_gutters
from service.tables.printed import Printed
from service.tables.strokes import Frame, Line, Spread, cluster, components, fit_frame, merge_collinear, without_streaks

SNAP = 0.008
"""How far a line's end may miss the line that it meets, and two pieces of one line each other (1.7 mm on A4)."""
SLIVER = 0.012
"""No row or column of text is narrower than this (2.5 mm on A4)."""
COVERED = 0.5
"""Share of the way between two crossings that must be drawn for the line to count as drawn there."""

_LESSER = 0.5
"""Of two edges that no text fits between one is none, if less than such a share of what is drawn of the other is of it.
"""
_ROOM, _NUMBERS = 0.9, 5
"""What a row has at least of the height of the table's numbers, where so many tell it."""

_BARRED = 0.01
"""What the share of a line that is drawn counts where text runs across the rest."""


@dataclass(frozen=True, slots=True)
class LatticeCell:
    """One cell: its place in the lattice, counted from 0, and its box in fractions of the page."""

    row: int
    column: int
    row_span: int
    column_span: int
    box: Box


@dataclass(frozen=True, slots=True)
class Lattice:
    """A ruled table without its text."""

    rows: int
    columns: int
    cells: tuple[LatticeCell, ...]
    """In reading order; together they cover every row and column exactly once."""
    box: Box
    closed: bool
    """Every side of every cell is drawn; False where an outer side had to be added or a lost line completed."""
    row_edges: tuple[float, ...]
    """Heights of the rows' edges half way across the table, in fractions of the page: rows + 1 of them."""
    column_edges: tuple[float, ...]
    """The columns' edges half way down the table, in fractions of the page: columns + 1 of them."""


def find_lattices(rules: Sequence[Rule], aspect: float, printed: Sequence[Printed] = ()) -> tuple[Lattice, ...]:
    """Put ruled lines together to tables, from the top of the page down.

    `aspect` is page height / page width; `printed` is the page's text, by which lost pieces of lines are completed
    (`service.tables.complete`). Lines that touch no others are left out, so text underlined or a rule under
    a page header makes no table. A frame without inner lines is a lattice of one cell, unless it holds another
    lattice. Never raises: whatever makes no table is ignored.
    """
    if aspect <= 0:
        return ()
    rules = [r for r in rules if all(-0.5 <= end <= 1.5 for end in (r.x0, r.y0, r.x1, r.y1))]
    frame = fit_frame(rules, aspect)
    across, down = frame.lines(rules)
    across, down = merge_collinear(across, SNAP / 2, SNAP), merge_collinear(down, SNAP / 2, SNAP)
    across, down = without_streaks(across, down, SNAP)
    flat = [piece._replace(box=frame.flat_box(piece.box)) for piece in printed]
    found = [_lattice(h, v, frame, flat) for part in components(across, down, SNAP) for h, v in _parted(*part)]
    lattices = [each for each in found if each is not None]
    kept = [each for each in lattices if len(each.cells) > 1 or not any(_holds(each, other) for other in lattices)]
    return tuple(sorted(kept, key=lambda each: (each.box.y0, each.box.x0)))


def _holds(outer: Lattice, inner: Lattice) -> bool:
    a, b = outer.box, inner.box
    return outer is not inner and a.x0 <= b.x0 and a.y0 <= b.y0 and a.x1 >= b.x1 and a.y1 >= b.y1


def _parted(across: list[Line], down: list[Line]) -> list[tuple[list[Line], list[Line]]]:
    """Part two tables that strokes of text between them seem to link: there neither of the outer sides is drawn."""
    ys, xs = cluster(across, SNAP), cluster(down, SNAP)
    if len(ys) < 4 or len(xs) < 3:
        return [(across, down)]
    left, right = xs[0].at + 2 * SLIVER, xs[-1].at - 2 * SLIVER
    sides = [[e for e in xs if e.at < left], [e for e in xs if e.at > right]]
    bands = list(pairwise(e.at for e in ys))
    bare = [not any(e.coverage(a, b, SNAP / 2) >= COVERED for side in sides for e in side) for a, b in bands]
    if 3 * sum(bare) > len(bands):
        return [(across, down)]
    for i in (i for i in range(1, len(bands) - 1) if bare[i]):
        through = sum(e.coverage(*bands[i], SNAP / 2) >= COVERED for e in xs)
        if 2 * through <= len(xs):
            low, high = bands[i]
            upper = [x for x in across if x.at <= (low + high) / 2]
            lower = [x for x in across if x.at > (low + high) / 2]
            above = [Line(v.at, v.lo, min(v.hi, low)) for v in down if v.lo < low - SNAP]
            below = [Line(v.at, max(v.lo, high), v.hi) for v in down if v.hi > high + SNAP]
            return [(upper, above), *_parted(lower, below)]
    return [(across, down)]


def _lattice(across: list[Line], down: list[Line], frame: Frame, printed: Sequence[Printed]) -> Lattice | None:
    """Build one lattice of the lines of one component; None where they enclose nothing."""
    grid = _edges(across, down)
    if grid is None:
        return None
    ys, xs, invented = grid
    ys, xs = _useful(ys, xs)
    ys, xs = _with_gutters(_roomy(ys, printed, (xs[0].at, xs[-1].at)), xs, printed)
    h, v = _drawn(ys, xs), _transposed(_drawn(xs, ys))
    outer = all(h[0]) and all(h[-1]) and all(row[0] and row[-1] for row in v)
    y_at, x_at = [e.at for e in ys], [e.at for e in xs]
    net = complete(h, v, y_at, x_at, printed)
    cuts = _regions(net)
    completed = cuts.completed or net.h != h or net.v != v
    cells = []
    rows, columns = len(ys) - 1, len(xs) - 1
    for row, column, row_end, column_end in cuts.rectangles:
        box = frame.box(x_at[column], y_at[row], x_at[column_end], y_at[row_end])
        cells.append(LatticeCell(row, column, row_end - row, column_end - column, box))
    middle_x, middle_y = (x_at[0] + x_at[-1]) / 2, (y_at[0] + y_at[-1]) / 2
    return Lattice(
        rows=rows,
        columns=columns,
        cells=tuple(cells),
        box=frame.box(x_at[0], y_at[0], x_at[-1], y_at[-1]),
        closed=outer and not invented and not completed,
        row_edges=tuple(frame.point(middle_x, y)[1] for y in y_at),
        column_edges=tuple(frame.point(x, middle_y)[0] for x in x_at),
    )


def _roomy(ys: list[Spread], printed: Sequence[Printed], sides: tuple[float, float]) -> list[Spread]:
    """Leave out inner edges so near to another, of which more is drawn, that no number fits between them."""
    heights = sorted(p.height for p in printed if p.number and sides[0] < p.x < sides[1] and ys[0].at < p.y < ys[-1].at)
    if len(heights) < _NUMBERS:
        return ys
    least = _ROOM * heights[len(heights) // 2]
    return [
        edge
        for i, edge in enumerate(ys)
        if i in (0, len(ys) - 1)
        or not any(abs(edge.at - o.at) < least and edge.length < _LESSER * o.length for o in (ys[i - 1], ys[i + 1]))
    ]


def _with_gutters(ys: list[Spread], xs: list[Spread], printed: Sequence[Printed]) -> tuple[list[Spread], list[Spread]]:
    """Add the edges that are told by text alone."""
    x0, x1, y0, y1 = xs[0].at, xs[-1].at, ys[0].at, ys[-1].at
    inside = [p for p in printed if x0 < p.x < x1 and y0 < p.y < y1]
    for _ in range(2):  # what parts rows is told by the labels, and these by the columns; and the other way round
        more = column_gutters(inside, [e.at for e in ys], [e.at for e in xs])
        xs = sorted([*xs, *(Spread(at, ()) for at in more)], key=lambda e: e.at)
        more = row_gutters(inside, [e.at for e in ys], [e.at for e in xs])
        ys = sorted([*ys, *(Spread(at, ()) for at in more)], key=lambda e: e.at)
    return ys, xs


def _edges(across: list[Line], down: list[Line]) -> tuple[list[Spread], list[Spread], bool] | None:
    """Cluster lines to row and column edges and add an outer side that is wholly missing where all lines end."""
    ys, xs = cluster(across, SNAP), cluster(down, SNAP)
    top, bottom = _missing_side(ys, down)
    left, right = _missing_side(xs, across)
    ys = [*top, *ys, *bottom]
    xs = [*left, *xs, *right]
    if len(ys) < 2 or len(xs) < 2:
        return None
    return ys, xs, bool(top or bottom or left or right)


def _missing_side(edges: list[Spread], crossing: list[Line]) -> tuple[list[Spread], list[Spread]]:
    """Find the outer sides that no line marks but at least two crossing lines agree on by their ends."""
    if not edges or len(crossing) < 2:
        return [], []
    first, last = edges[0].at, edges[-1].at
    low = [line.lo for line in crossing if line.lo < first + SNAP]
    high = [line.hi for line in crossing if line.hi > last - SNAP]
    return _agreed(low, [x for x in low if x < first - SLIVER]), _agreed(high, [x for x in high if x > last + SLIVER])


def _agreed(ends: list[float], beyond: list[float]) -> list[Spread]:
    """Return an edge where most of the lines that reach the last edge end beyond it, and together."""
    if len(beyond) < 2 or 2 * len(beyond) <= len(ends):
        return []
    middle = sorted(beyond)[len(beyond) // 2]
    near = [end for end in beyond if abs(end - middle) <= 1.5 * SNAP]
    return [Spread(sum(near) / len(near), ())] if len(near) >= 2 and 2 * len(near) > len(beyond) else []


def _drawn(edges: list[Spread], crossings: list[Spread]) -> list[list[bool]]:
    """Tell for every edge and every way between two neighbouring crossings whether the line is drawn there."""
    stops = [e.at for e in crossings]
    return [[edge.coverage(a, b, SNAP / 2) >= COVERED for a, b in pairwise(stops)] for edge in edges]


def _transposed(table: list[list[bool]]) -> list[list[bool]]:
    return [list(row) for row in zip(*table, strict=True)]


def _useful(ys: list[Spread], xs: list[Spread]) -> tuple[list[Spread], list[Spread]]:
    """Leave out inner edges drawn nowhere between crossings, and unite the two halves of one line drawn with a step."""
    while True:
        fewer_y = _united(_kept(ys, xs), xs)
        fewer_x = _united(_kept(xs, fewer_y), fewer_y)
        if len(fewer_y) == len(ys) and len(fewer_x) == len(xs):
            return fewer_y, fewer_x
        ys, xs = fewer_y, fewer_x


def _kept(edges: list[Spread], crossings: list[Spread]) -> list[Spread]:
    drawn = _drawn(edges, crossings)
    last = len(edges) - 1
    return [edge for i, edge in enumerate(edges) if i in (0, last) or any(drawn[i])]


def _united(edges: list[Spread], crossings: list[Spread]) -> list[Spread]:
    drawn = _drawn(edges, crossings)
    for i in range(len(edges) - 1):
        near = edges[i + 1].at - edges[i].at < SLIVER
        both = any(a and b for a, b in zip(drawn[i], drawn[i + 1], strict=True))
        lengths = sorted(edge.length for edge in edges[i : i + 2])
        if near and (not both or lengths[0] < _LESSER * lengths[1]) and len(edges) > 2:
            return _united([*edges[:i], edges[i].joined(edges[i + 1]), *edges[i + 2 :]], crossings)
    return edges


@dataclass(frozen=True, slots=True)
class _Cuts:
    rectangles: list[tuple[int, int, int, int]]
    """row, column, row end, column end (both exclusive), in reading order."""
    completed: bool
    """Some line had to be completed for the cells to be rectangles."""


def _regions(net: Net) -> _Cuts:
    """Unite places that no line divides, and cut what is then no clean rectangle.

    A line that ends in the open within a united region was lost on its further way: it is completed across
    the region, the one with the larger drawn share first, and last of all one that text runs across.
    """
    h, v = [row[:] for row in net.h], [row[:] for row in net.v]
    net = replace(net, h=h, v=v)
    completed = False
    while True:
        regions = flood(h, v)
        cut = next((c for c in (_best_cut(region, net) for region in regions) if c is not None), None)
        if cut is None:
            break
        completed = True
        horizontal, at, members = cut
        for row, column in members:
            if horizontal and row == at:
                h[at][column] = True
            elif not horizontal and column == at:
                v[row][at] = True
    rectangles = []
    for region in regions:
        rows, columns = [r for r, _ in region], [c for _, c in region]
        rectangles.append((min(rows), min(columns), max(rows) + 1, max(columns) + 1))
    return _Cuts(sorted(rectangles), completed)


def _best_cut(region: set[tuple[int, int]], net: Net) -> tuple[bool, int, set[tuple[int, int]]] | None:
    """Choose the line to complete across a region (horizontal?, edge, region); None for a clean rectangle."""
    rows, columns = sorted({r for r, _ in region}), sorted({c for _, c in region})
    r0, r1, c0, c1 = rows[0], rows[-1], columns[0], columns[-1]
    best: tuple[float, bool, int] | None = None
    for at in range(r0 + 1, r1 + 1):
        best = _better(
            best,
            [_way((at - 1, c), (at, c), region, net.h[at][c], net.h_barred[at][c]) for c in range(c0, c1 + 1)],
            True,
            at,
        )
    for at in range(c0 + 1, c1 + 1):
        best = _better(
            best,
            [_way((r, at - 1), (r, at), region, net.v[r][at], net.v_barred[r][at]) for r in range(r0, r1 + 1)],
            False,
            at,
        )
    return None if best is None else (best[1], best[2], region)


_Way = tuple[bool, bool] | None
"""Whether a line is drawn along one side of a place, or the region ends there, and whether text runs across it."""


def _way(
    before: tuple[int, int], after: tuple[int, int], region: set[tuple[int, int]], drawn: bool, barred: bool
) -> _Way:
    """Look at the way between two neighbouring places; None where neither is in the region."""
    sides = (before in region) + (after in region)
    return (drawn or sides == 1, barred and sides == 2) if sides else None


def _better(
    best: tuple[float, bool, int] | None, ways: list[_Way], horizontal: bool, at: int
) -> tuple[float, bool, int] | None:
    """Keep the better of the best cut so far and this one."""
    seen = [way for way in ways if way is not None]
    share = sum(drawn for drawn, _ in seen) / len(seen)
    if any(barred for _, barred in seen):
        share *= _BARRED
    return (share, horizontal, at) if share > 0 and (best is None or share > best[0]) else best
