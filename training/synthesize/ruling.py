"""The ruled lines of a table on one page, in the ways that agencies draw them or leave them out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from service.documents.model import Box
from training.synthesize.pages import DrawnCell, Stroke
from training.synthesize.style import TableStyle

_GAP = 1.6
"""Distance between the two lines of a double frame, in points."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """A side of a cell: along y = `at` from `start` to `end` if `across`, else along x = `at`."""

    across: bool
    at: float
    start: float
    end: float
    outer: bool


def rule_cells(
    cells: Sequence[DrawnCell], style: TableStyle, open_top: bool, open_bottom: bool, rng: random.Random
) -> tuple[Stroke, ...]:
    """Rule the cells of a table on one page; `open_*`: a page break cuts the table there."""
    if style.ruling == "none" or not cells:
        return ()
    if style.ruling == "boxes":
        return tuple(_boxes(cells, style, rng))
    edges = list(_merge(_sides(cells)))
    if not style.close_at_break:
        top, bottom = min(edge.at for edge in edges if edge.across), max(edge.at for edge in edges if edge.across)
        drop = {at for at, cut in ((top, open_top), (bottom, open_bottom)) if cut}
        edges = [edge for edge in edges if not (edge.across and edge.at in drop)]
    if style.ruling == "thirds":
        edges = _lose(edges, 1 / 3, rng)
    return tuple(stroke for edge in edges for stroke in _draw(edge, style, rng))


def _sides(cells: Sequence[DrawnCell]) -> Iterator[_Edge]:
    left, right = min(cell.box.x0 for cell in cells), max(cell.box.x1 for cell in cells)
    top, bottom = min(cell.box.y0 for cell in cells), max(cell.box.y1 for cell in cells)
    for box in (cell.box for cell in cells):
        for y in (box.y0, box.y1):
            yield _Edge(True, round(y, 2), box.x0, box.x1, y in (top, bottom))
        for x in (box.x0, box.x1):
            yield _Edge(False, round(x, 2), box.y0, box.y1, x in (left, right))


def _merge(sides: Iterable[_Edge]) -> Iterator[_Edge]:
    """Join sides that lie on the same line and touch."""
    current: _Edge | None = None
    for side in sorted(set(sides), key=lambda one: (one.across, one.at, one.start)):
        if current and (current.across, current.at) == (side.across, side.at) and side.start <= current.end + 0.05:
            end = max(current.end, side.end)
            current = _Edge(current.across, current.at, current.start, end, current.outer or side.outer)
        else:
            if current:
                yield current
            current = side
    if current:
        yield current


def _lose(edges: Sequence[_Edge], share: float, rng: random.Random) -> list[_Edge]:
    """Cut the inner lines where others meet them, and leave out a share of the pieces."""
    pieces = [
        _Edge(edge.across, edge.at, start, end, edge.outer)
        for edge in edges
        for start, end in pairwise(_crossings(edge, edges))
    ]
    inner = [piece for piece in pieces if not piece.outer]
    lost = set(rng.sample(inner, round(share * len(inner))))
    return list(_merge(piece for piece in pieces if piece not in lost))


def _crossings(edge: _Edge, edges: Sequence[_Edge]) -> list[float]:
    """Where a line begins, is met by lines across it, and ends."""
    met = {
        other.at for other in edges if other.across != edge.across and other.start - 0.1 <= edge.at <= other.end + 0.1
    }
    return [edge.start, *sorted(at for at in met if edge.start + 0.1 < at < edge.end - 0.1), edge.end]


def _boxes(cells: Sequence[DrawnCell], style: TableStyle, rng: random.Random) -> Iterator[Stroke]:
    """A frame of its own around most cells, none touching its neighbours' frames."""
    framed = rng.uniform(0.6, 1)
    for cell in cells:
        inset = rng.uniform(0.6, 1.4)
        box = Box(cell.box.x0 + inset, cell.box.y0 + inset, cell.box.x1 - inset, cell.box.y1 - inset)
        if rng.random() < framed and box.x1 > box.x0 and box.y1 > box.y0:
            for edge in _sides([replace(cell, box=box)]):
                yield _stroke(edge, edge.start, edge.end, style.line_width)


def _draw(edge: _Edge, style: TableStyle, rng: random.Random) -> Iterator[Stroke]:
    width = style.line_width
    if style.ruling == "horizontal" and not edge.across:
        return
    if style.ruling == "open-sides" and not edge.across and edge.outer:
        return
    if style.ruling == "missing" and not edge.outer and rng.random() < 0.12:
        return
    if style.ruling == "double" and edge.outer:
        yield _stroke(edge, edge.start, edge.end, width, -_GAP / 2)
        yield _stroke(edge, edge.start, edge.end, width, _GAP / 2)
        return
    if style.ruling == "broken":
        yield from _dashes(edge, width, rng)
        return
    yield _stroke(edge, edge.start - width / 2, edge.end + width / 2, width)


def _dashes(edge: _Edge, width: float, rng: random.Random) -> Iterator[Stroke]:
    """A line with gaps, as a worn copy has them."""
    cuts = [edge.start]
    while cuts[-1] < edge.end:
        cuts.append(min(edge.end, cuts[-1] + rng.uniform(8, 60)))
    for start, end in pairwise(cuts):
        yield _stroke(edge, start, max(start, end - rng.choice([0, 0, 0.7, 2, 5])), width)


def _stroke(edge: _Edge, start: float, end: float, width: float, shift: float = 0) -> Stroke:
    at = edge.at + shift
    return Stroke(start, at, end, at, width) if edge.across else Stroke(at, start, at, end, width)
