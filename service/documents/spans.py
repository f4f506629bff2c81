"""Cells with spans, as DOCX and HTML write them, made into tables whose every position has exactly one cell."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from service.errors import LimitExceeded

T = TypeVar("T")

COLUMN_SPAN = 1000
"""Widest cell, as in HTML (living standard, 4.9.11)."""
_POSITIONS = 200_000
"""Most positions of a table; a report's largest has 200."""


@dataclass(frozen=True, slots=True)
class Placed(Generic[T]):
    """A cell at its place: row and column from 0, spans at least 1. Content None: a position nobody claimed."""

    row: int
    column: int
    row_span: int
    column_span: int
    content: T | None


@dataclass(frozen=True, slots=True)
class Lattice(Generic[T]):
    """A table whose cells cover every position exactly once, in row order."""

    rows: int
    columns: int
    cells: tuple[Placed[T], ...]


def place_cells(rows: Sequence[Sequence[tuple[T, int, int]]]) -> list[Placed[T]]:
    """Give every cell its row and column, by the table model of HTML (living standard, 4.9.12.1).

    Args:
        rows: per row its cells as (content, row span, column span), left to right; spans below 1 count as 1.

    Returns:
        Cells that do not overlap. A cell that runs into one hanging down from above is cut off there (a browser
        draws the two over each other), and the next cell starts where it would in a browser.

    """
    placed: list[Placed[T]] = []
    hanging: list[tuple[int, int, int]] = []  # (first column, column after, row after), sorted, without overlap
    for number, row in enumerate(rows):
        hanging = [span for span in hanging if span[2] > number]
        fresh: list[tuple[int, int, int]] = []
        column = 0
        pending = iter(hanging)
        blocker = next(pending, None)
        for content, row_span, column_span in row:
            while blocker and blocker[0] <= column:
                column = max(column, blocker[1])
                blocker = next(pending, None)
            end = column + min(max(column_span, 1), COLUMN_SPAN)
            stop = min(end, blocker[0]) if blocker else end
            height = min(max(row_span, 1), len(rows) - number)
            placed.append(Placed(number, column, height, stop - column, content))
            if height > 1:
                fresh.append((column, stop, number + height))
            column = end
        hanging = sorted(hanging + fresh)
    return placed


def fill_lattice(placed: Sequence[Placed[T]]) -> Lattice[T]:
    """Drop rows and columns in which no cell starts, and fill what is not covered with cells of content None.

    A column that only wide cells cross (a colspan of 100 over five columns) is not one that a reader sees.

    Raises:
        LimitExceeded: more than 200 000 positions.

    """
    tops = sorted({cell.row for cell in placed})
    lefts = sorted({cell.column for cell in placed})
    if len(tops) * len(lefts) > _POSITIONS:
        raise LimitExceeded("a table of the file has more cells than can be read")
    cells = [_squeeze(cell, tops, lefts) for cell in placed]
    covered = bytearray(len(tops) * len(lefts))
    for cell in cells:
        for row in range(cell.row, cell.row + cell.row_span):
            start = row * len(lefts) + cell.column
            covered[start : start + cell.column_span] = b"\1" * cell.column_span
    holes: list[Placed[T]] = [
        Placed(at // len(lefts), at % len(lefts), 1, 1, None) for at, taken in enumerate(covered) if not taken
    ]
    ordered = sorted([*cells, *holes], key=lambda cell: (cell.row, cell.column))
    return Lattice(len(tops), len(lefts), tuple(ordered))


def _squeeze(cell: Placed[T], tops: list[int], lefts: list[int]) -> Placed[T]:
    row, column = bisect_left(tops, cell.row), bisect_left(lefts, cell.column)
    below = bisect_left(tops, cell.row + cell.row_span)
    right = bisect_left(lefts, cell.column + cell.column_span)
    return replace(cell, row=row, column=column, row_span=below - row, column_span=right - column)


def row_bands(lattice: Lattice[T]) -> list[list[Placed[T]]]:
    """Group the cells into the smallest bands of whole rows that no cell crosses, top to bottom."""
    bands: list[list[Placed[T]]] = []
    end = 0
    for cell in lattice.cells:
        if cell.row >= end:
            bands.append([])
        bands[-1].append(cell)
        end = max(end, cell.row + cell.row_span)
    return bands
