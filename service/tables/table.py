"""One table on one page, with the geometry that joining over pages needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from service.documents.model import Box, Cell, Grid


class NumberPlace(NamedTuple):
    """Where a number of an aligned table stands, or would stand: the whole place between its neighbours."""

    row: int
    column: int
    box: Box


@dataclass(frozen=True, slots=True)
class Table:
    """A grid together with where its columns stand; boxes and edges in fractions of the (straightened) page."""

    cells: tuple[Cell, ...]
    rows: int
    column_edges: tuple[float, ...]
    """From left to right, one more than there are columns."""
    box: Box
    kind: Literal["ruled", "aligned"]
    numbers: tuple[NumberPlace, ...] = ()
    """Of an aligned table: the places right of its labels, without those in rows of headings."""
    middles: tuple[float | None, ...] = ()
    """Of an aligned table: where the numbers of each of its last columns have their middle; None without numbers."""

    @property
    def columns(self) -> int:
        """Number of columns."""
        return len(self.column_edges) - 1

    def grid(self) -> Grid:
        """Return the table as a block, its cells in reading order."""
        return Grid(tuple(sorted(self.cells, key=lambda c: (c.row, c.column))), self.rows, self.columns, self.kind)
