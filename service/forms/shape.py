"""Rows told by the shape of their whole table: how many cells every line of its grid has.

A table of several blocks, each with headings and rows of its own width, looks like no other even where a worn copy has
lost every label. If a grid has as many lines, and nearly all have as many cells as the form's, each row stands where
the form has it. So it was in all of 74 such tables of drawn scans, 35 of them worn copies, with 1,060 fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from service.forms.catalogue import TableForm
from service.forms.lines import Layout, Line

_LIKE = 0.8
"""Share of the lines that must have the form's number of cells: seals and streaks cut some in pieces."""
_BEGUN = 8
"""So many lines at least show how a table begins: those of two blocks."""


def rows_by_shape(lines: Sequence[Line], table: TableForm) -> Mapping[int, int]:
    """The lines of a table that are rows by its shape, with the row of the form that each is: all rows, or none.

    Args:
        lines: those of the table's region.
        table: the form's version of it; of a table of one block, whose lines are all alike, nothing is told.
    """
    if len(table.blocks) < 2:
        return {}
    form = _line_shapes(table)
    found = [told for inside in _grids(lines) if len(inside) == len(form) and (told := _told(lines, inside, form))]
    return found[0] if len(found) == 1 else {}


def rows_begun_by_shape(lines: Sequence[Line], table: TableForm) -> Mapping[int, int]:
    """The lines of the table's first grid that are rows by its shape, if the table goes on in another; else none.

    Args:
        lines: those of the table's region.
        table: the same as of `rows_by_shape`. That its other rows stand elsewhere is for the caller to see.
    """
    form, inside = _line_shapes(table), next(_grids(lines), ())
    rows = [at for at, (_, row) in enumerate(form[: len(inside)]) if row is not None]
    if len(table.blocks) < 2 or not _BEGUN <= len(inside) < len(form):
        return {}
    return _told(lines, inside[: rows[-1] + 1], form[: rows[-1] + 1])


def _grids(lines: Sequence[Line]) -> Iterator[tuple[int, ...]]:
    """The lines of each grid."""
    for _, run in groupby(range(len(lines)), key=lambda index: (lines[index].block, lines[index].layout)):
        inside = tuple(run)
        if lines[inside[0]].layout is Layout.GRID:
            yield inside


def _told(lines: Sequence[Line], inside: Sequence[int], form: Sequence[tuple[int, int | None]]) -> Mapping[int, int]:
    """The rows among these lines, if most have as many cells as the form's."""
    alike = sum(len(lines[index].items) == cells for index, (cells, _) in zip(inside, form, strict=True))
    if alike < _LIKE * len(form):
        return {}
    return {index: row for index, (_, row) in zip(inside, form, strict=True) if row is not None}


def _line_shapes(table: TableForm) -> list[tuple[int, int | None]]:
    """Of every line that the form prints how many cells it has, and which row it is; None for headings."""
    shapes: list[tuple[int, int | None]] = []
    row = 0
    for block in table.blocks:
        cells = 1 + len(block.columns)
        shapes += [(1, None) for _ in block.headings] + ([(cells, None)] if block.corner else [])
        shapes += [(cells, number) for number in range(row, row + len(block.rows))]
        row += len(block.rows)
    return shapes
