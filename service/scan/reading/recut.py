"""Cells that lost rules had made one, cut again by what was read in them.

A number beside another, or above it, in one cell shows that a line between them was lost, and a row of numbers that a
line in it is none (`service.tables.complete`). Cells that are others by that are read once more, each by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from service.documents.model import Box, Token
from service.scan.print.hyphens import cut_cells
from service.scan.print.lines import Frame
from service.scan.print.regions import CellFrame, cell_frames
from service.scan.reading.tokens import box_of
from service.scan.view import PageView, shown_apart
from service.tables.lattice import Lattice, find_lattices
from service.tables.printed import pieces

_RIM = 4
"""Pixels around a cell's inside that belong to it as well."""


@dataclass(frozen=True, slots=True)
class Again:
    """What a second look at a page is for."""

    view: PageView
    """The page with nothing to read but what is to be read again."""
    gone: tuple[Box, ...]
    """Where nothing stands any more of what was read before."""


def recut(view: PageView, tokens: Sequence[Token]) -> Again | None:
    """What is to be read again; None where all rules are there.

    Args:
        view: a page as it was read.
        tokens: what was read on it.
    """
    aspect = view.shape[0] / view.shape[1]
    rules = view.page.rules
    whole = find_lattices(rules, aspect, pieces(tokens, rules, aspect))
    tables = tuple(_same(table, whole) for table in view.tables)
    if all(new.cells == old.cells for new, old in zip(tables, view.tables, strict=True)):
        return None
    before = {place.frame for place in view.places}
    cut = cell_frames(tables, view.shape)
    fresh = tuple(place for place in cut if place.frame not in before)
    after = {place.frame for place in cut}
    gone = tuple(_with_rim(place.frame, view.shape) for place in view.places if place.frame not in after)
    return Again(narrowed(replace(view, tables=tables), fresh), gone)


def _same(table: Lattice, others: Sequence[Lattice]) -> Lattice:
    """The same table, completed; the table itself where its lines were put together otherwise."""
    return next((other for other in others if other.box == table.box), table)


def _with_rim(frame: Frame, shape: tuple[int, int]) -> Box:
    return box_of(Frame(frame.x0 - _RIM, frame.y0 - _RIM, frame.x1 + _RIM, frame.y1 + _RIM), shape)


def narrowed(view: PageView, places: tuple[CellFrame, ...]) -> PageView:
    """The same page with nothing to read but these cells."""
    cells = cut_cells(places, view.ink, view.digit)
    covered = shown_apart(view.gray, view.ink, places, cells, view.digit)
    return replace(view, places=places, cells=cells, covered=covered, text=(), loose=())
