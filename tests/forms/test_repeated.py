"""A table that is printed twice, below its chapter or with each column twice, and one that is printed in pieces."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Grid
from service.reconcile import SURE
from tests.forms.written import (
    changed,
    chapter,
    differences,
    grid_blocks,
    grids,
    lines_by_table,
    missing,
    numbered,
    paragraphs,
    read,
    silent,
    tab_rows,
    text_blocks,
    without_rows,
)

REPORT = numbered()
GRIDS = grids(REPORT)
NUMBERS = set(REPORT.printed.values())
TABLES = ("proactive", "applications", "disputes")


def with_numbers(grid: Grid, number) -> Grid:
    """The grid with every number printed otherwise."""
    return changed(grid, lambda cell: replace(cell, text=number(cell.text) if cell.text in NUMBERS else cell.text))


def another_year(grid: Grid) -> Grid:
    return with_numbers(grid, lambda text: f"9{text}")


def empty(grid: Grid) -> Grid:
    return with_numbers(grid, lambda _: "")


def fields_of(reading, *tables):
    return [one for field, one in reading.fields.items() if field.partition(".")[0] in tables]


def is_sure(reading):
    return not reading.issues and min(one.confidence for one in reading.fields.values()) >= SURE


@pytest.mark.parametrize("number", [str, "9{}".format], ids=["the same", "of another year"])
@pytest.mark.parametrize("again", [TABLES, *((one,) for one in TABLES)], ids=["all", *TABLES])
def test_a_table_below_its_chapter_that_has_its_labels_is_none_of_the_report(again, number):
    copies = [with_numbers(GRIDS[table], number) for table in again]
    reading = read([*grid_blocks(GRIDS), *paragraphs(["附件：统计表"]), *copies])
    assert differences(reading, REPORT) == {}
    assert is_sure(reading)


@pytest.mark.parametrize("contents", [False, True], ids=["as it is", "below a list of contents"])
def test_chapters_that_only_name_their_tables_leave_them_below(contents):
    named = paragraphs([*map(chapter, TABLES), "五、存在的主要问题及改进情况"])
    below = grid_blocks(GRIDS) if contents else list(GRIDS.values())
    reading = read([*named, *below])
    assert differences(reading, REPORT) == {}
    assert is_sure(reading)


@pytest.mark.parametrize("headings", [0, 3], ids=["alone", "under its headings again"])
@pytest.mark.parametrize("rows", [2, 8])
def test_what_goes_on_with_a_table_below_the_next_heading_stays_its_own(rows, headings):
    whole = GRIDS["applications"]
    cut = whole.rows - rows
    parts = [without_rows(whole, range(cut, whole.rows)), without_rows(whole, range(headings, cut))]
    reading = read(
        grid_blocks(
            {
                "proactive": GRIDS["proactive"],
                "applications": parts[0],
                "disputes": [parts[1], *paragraphs([chapter("disputes")]), GRIDS["disputes"]],
            }
        )
    )
    assert silent(reading, REPORT) == {}
    assert missing(reading) == set()


def test_labels_that_a_text_quotes_below_take_nothing_from_the_table():
    quoted = [cell.text for cell in GRIDS["applications"].cells if cell.text and cell.text not in NUMBERS]
    reading = read([*grid_blocks(GRIDS), *paragraphs([text for text in quoted if len(text) > 3])])
    assert differences(reading, REPORT) == {}
    assert is_sure(reading)


def test_tables_left_empty_in_their_chapters_are_those_filled_in_below():
    reading = read([*grid_blocks({table: empty(grid) for table, grid in GRIDS.items()}), *GRIDS.values()])
    assert differences(reading, REPORT) == {}


def test_some_rows_with_numbers_below_are_no_table_left_empty():
    """Statistics of another kind, say, with labels of the form."""
    tables = lines_by_table(REPORT, tab_rows)
    rows = [line.split("\t") for row in tables["proactive"] for line in row]
    blank = [["\t".join("" if text in NUMBERS else text for text in row)] for row in rows]
    below = ["\t".join(row) for row in rows if row[0] in ("行政许可", "行政处罚", "行政强制")]
    reading = read([*text_blocks({**tables, "proactive": blank}), *paragraphs(["附件：统计表", *below])])
    assert {one.state for one in fields_of(reading, "proactive")} == {"blank"}


def doubled(grid: Grid, heading, number) -> Grid:
    """The grid with its columns of numbers once more right of it, under other headings and with other numbers."""
    first = min(cell.column for cell in grid.cells if cell.text in NUMBERS)
    copies = [
        replace(
            cell,
            column=cell.column + grid.columns - first,
            text=number(cell.text) if cell.text in NUMBERS else heading(cell.text),
        )
        for cell in grid.cells
        if cell.column >= first
    ]
    cells = sorted((*grid.cells, *copies), key=lambda cell: (cell.row, cell.column))
    return replace(grid, cells=tuple(cells), columns=2 * grid.columns - first)


@pytest.mark.parametrize(
    ("heading", "number", "sure"),
    [(str, "9{}".format, False), (str, str, True), (lambda _: "备注", "9{}".format, True), (str, lambda _: "", True)],
    ids=["another year", "the same numbers", "remarks", "empty"],
)
def test_columns_are_in_doubt_that_stand_beside_others_with_their_heading_and_other_numbers(heading, number, sure):
    both = doubled(GRIDS["applications"], heading, number)
    reading = read(grid_blocks({**GRIDS, "applications": both}))
    assert {one.confidence >= SURE for one in fields_of(reading, "applications")} == {sure}
    assert min(one.confidence for one in fields_of(reading, "proactive", "disputes")) >= SURE


def piece(grid: Grid, first: int, end: int) -> Grid:
    """Some columns of a grid, as a grid of their own."""
    cells = []
    for cell in grid.cells:
        left, right = max(cell.column, first), min(cell.column + cell.column_span, end)
        if left < right:
            cells.append(replace(cell, column=left - first, column_span=right - left))
    return replace(grid, cells=tuple(cells), columns=end - first)


PIECES = {
    "three": ((0, 5), (5, 10), (10, 15)),
    "two": ((0, 5), (5, 15)),
    "apart in a group": ((0, 7), (7, 15)),
    "another order": ((5, 10), (0, 5), (10, 15)),
    "one lost": ((0, 5), (10, 15)),
}


def beside(left: Grid, right: Grid) -> Grid:
    """Two grids of as many rows as one."""
    moved = (replace(cell, column=cell.column + left.columns) for cell in right.cells)
    cells = sorted((*left.cells, *moved), key=lambda cell: (cell.row, cell.column))
    return replace(left, cells=tuple(cells), columns=left.columns + right.columns)


def test_groups_that_stand_in_another_order_in_a_piece_are_not_taken_for_each_other():
    whole = GRIDS["disputes"]
    pieces = [beside(piece(whole, 5, 10), piece(whole, 0, 5)), piece(whole, 10, 15)]
    reading = read(grid_blocks({**GRIDS, "disputes": pieces}))
    assert silent(reading, REPORT) == {}


@pytest.mark.parametrize("name", PIECES)
def test_a_table_of_one_row_is_read_in_the_pieces_that_its_groups_make(name):
    pieces = [piece(GRIDS["disputes"], *bounds) for bounds in PIECES[name]]
    reading = read(grid_blocks({**GRIDS, "disputes": pieces}))
    assert silent(reading, REPORT) == {}
    assert (differences(reading, REPORT) == {} and is_sure(reading)) is (name in ("three", "two"))


def test_a_text_that_prints_the_groups_of_its_one_row_one_below_the_other_is_read():
    tables = lines_by_table(REPORT, tab_rows)
    above, names, columns, values = (row[0].split("\t") for row in tables["disputes"])
    rows = [
        [line]
        for at, texts in ((0, above[:1]), (5, [above[5], names[5]]), (10, [names[10]]))
        for line in (*texts, " ".join(columns[at : at + 5]), " ".join(values[at : at + 5]))
    ]
    reading = read(text_blocks({**tables, "disputes": rows}))
    assert differences(reading, REPORT) == {}
    assert is_sure(reading)
    swapped = read(text_blocks({**tables, "disputes": [*rows[3:], *rows[:3]]}))
    assert silent(swapped, REPORT) == {}
