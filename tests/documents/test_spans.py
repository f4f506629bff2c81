from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.documents.spans import Lattice, fill_lattice, place_cells, row_bands
from service.errors import LimitExceeded

Rows = list[list[tuple[str, int, int]]]
ROWS = st.lists(st.lists(st.tuples(st.just("x"), st.integers(0, 5), st.integers(0, 5)), max_size=6), max_size=8)


def drawn(rows: Rows) -> list[str]:
    """The lattice as a person would draw it: one letter a position, '.' for a cell that nobody wrote."""
    lattice = fill_lattice(place_cells(rows))
    grid = [["?"] * lattice.columns for _ in range(lattice.rows)]
    for cell in lattice.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            for column in range(cell.column, cell.column + cell.column_span):
                assert grid[row][column] == "?"
                grid[row][column] = cell.content or "."
    return ["".join(row) for row in grid]


def test_spans() -> None:
    assert drawn([[("a", 2, 1), ("b", 1, 2)], [("c", 1, 1), ("d", 1, 1)]]) == ["abb", "acd"]


def test_short_row_is_filled() -> None:
    assert drawn([[("a", 1, 1), ("b", 1, 1)], [("c", 1, 1)], [("d", 1, 1), ("e", 1, 1)]]) == ["ab", "c.", "de"]


def test_span_beyond_the_table_is_cut() -> None:
    assert drawn([[("a", 1, 1), ("b", 9, 1)], [("c", 1, 1)]]) == ["ab", "cb"]


def test_absurd_column_span_adds_no_column() -> None:
    assert drawn([[("a", 1, 100_000)], [("b", 1, 1), ("c", 1, 1)]]) == ["aa", "bc"]


def test_wide_cell_runs_into_one_from_above() -> None:
    # As a browser: d starts at the left, e after d's full width; b keeps its place.
    assert drawn([[("a", 1, 1), ("b", 2, 1), ("c", 1, 1)], [("d", 1, 3), ("e", 1, 1)]]) == ["abc.", "db.e"]


def test_rows_that_are_only_crossed_are_none() -> None:
    assert drawn([[("a", 2, 1), ("b", 2, 1)], [], [("c", 1, 1), ("d", 1, 1)]]) == ["ab", "cd"]


def test_empty() -> None:
    assert fill_lattice(place_cells([[], []])) == Lattice(0, 0, ())


def test_bands() -> None:
    lattice = fill_lattice(place_cells([[("a", 2, 1), ("b", 1, 1)], [("c", 1, 1)], [("d", 1, 1), ("e", 1, 1)]]))
    assert [[cell.content for cell in band] for band in row_bands(lattice)] == [["a", "b", "c"], ["d", "e"]]


def test_too_many_positions() -> None:
    staircase: Rows = [[("x", 1, 1)] * number for number in range(460)]
    with pytest.raises(LimitExceeded):
        fill_lattice(place_cells(staircase))


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_every_position_has_one_cell(rows: Rows) -> None:
    placed = place_cells(rows)
    lattice = fill_lattice(placed)
    covered = Counter(
        (row, column)
        for cell in lattice.cells
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    )
    assert set(covered.values()) <= {1}
    assert set(covered) == {(row, column) for row in range(lattice.rows) for column in range(lattice.columns)}
    assert sum(cell.content == "x" for cell in lattice.cells) == sum(map(len, rows))
    assert [(cell.row, cell.column) for cell in lattice.cells] == sorted((c.row, c.column) for c in lattice.cells)
