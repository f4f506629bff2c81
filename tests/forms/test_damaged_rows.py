"""Rows, columns or cells damaged: what can be told is read, what cannot is missing, and nothing is guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Cell, Grid, Place
from service.reconcile import SURE
from tests.forms.damaged import BIG, COLUMNS, REPORT, ROW, THIRD, of_row, read_big, read_text, replacing
from tests.forms.written import (
    changed,
    differences,
    grid_blocks,
    grids,
    lines_by_table,
    missing,
    numbered,
    piped_rows,
    printed,
    read,
    row_of,
    silent,
    spaced_rows,
    stacked_cells,
    tab_rows,
    text_blocks,
    without_rows,
)

# Rows


@pytest.mark.parametrize(
    "writer",
    [tab_rows, piped_rows, stacked_cells, spaced_rows],
    ids=lambda writer: writer.__name__,
)
@pytest.mark.parametrize("year", ["2019", "2021"])
def test_a_row_of_the_first_table_that_is_lost_is_missing(year, writer):
    report = numbered(year)
    tables = lines_by_table(report, writer)
    for label in ("规章", "行政许可", "行政处罚", "行政强制", "行政事业性收费"):
        rows = replacing(label, [])(tables["proactive"])
        reading = read(text_blocks({**tables, "proactive": rows}))
        assert silent(reading, report) == {}
        assert missing(reading)


@pytest.mark.parametrize("year", ["2019", "2021"])
def test_a_row_of_a_grid_that_is_lost_is_missing(year):
    report = numbered(year)
    tables = grids(report)
    first = tables["proactive"]
    for label in ("规章", "行政许可", "行政强制"):
        reading = read(grid_blocks({**tables, "proactive": without_rows(first, [row_of(first, label)])}))
        assert set(differences(reading, report)) <= missing(reading) != set()


@pytest.mark.parametrize("writer", [tab_rows, piped_rows], ids=lambda writer: writer.__name__)
def test_a_row_with_an_empty_label_cell_that_lost_its_total(writer):
    def change(rows):
        at = next(index for index, row in enumerate(rows) if "予以公开" in row[0])
        sign = "\t" if writer is tab_rows else "|"
        cells = rows[at][0].strip(" |").split(sign)
        return [*rows[:at], [sign.join(cells[:-1])], *rows[at + 1 :]]

    reading = read_text(writer, change)
    assert silent(reading, REPORT) == {}


@pytest.mark.parametrize(
    "writer",
    [
        spaced_rows,
        tab_rows,
        stacked_cells,
    ],
    ids=lambda writer: writer.__name__,
)
def test_rows_in_another_order_are_never_mixed_up(writer):
    tables = lines_by_table(REPORT, writer)
    at = next(index for index, row in enumerate(tables["proactive"]) if "行政强制" in row[0])
    rows = tables["proactive"]
    rows[at - 1], rows[at] = rows[at], rows[at - 1]
    assert silent(read(text_blocks(tables)), REPORT) == {}


def test_numbers_alone_below_the_one_row_for_other_results():
    report = numbered("2021", "2019")
    tables = lines_by_table(report, tab_rows)
    rows = replacing(
        "（六）其他处理", ["\t（六）其他处理" + "\t" * 8, "\t" + "\t".join(f"{{{n}}}" for n in range(3, 10))]
    )(tables["applications"])
    reading = read(text_blocks({**tables, "applications": rows}))
    assert differences(reading, report) == {}


# Columns


def test_a_row_slipped_right_that_kept_all_its_values():
    fields = "\t".join(f"{{{number}}}" for number in range(3, 10))
    reading = read_text(tab_rows, replacing("三安全", [f"\t\t{THIRD}\t\t{fields}"]))
    assert differences(reading, REPORT) == {}


def test_a_row_slipped_right_loses_its_total_only():
    row = "\t\t（三）不予公开\t{2}\t{3}\t{4}\t{5}\t{6}\t{7}\t{8}"
    reading = read_text(tab_rows, replacing("三安全", [row]))
    assert missing(reading) == {ROW + "total"} == set(differences(reading, REPORT))


def test_a_row_cut_off_at_the_edge_loses_its_total_only():
    reading = read_text(tab_rows, replacing("三安全", ["\t\t{2}\t{3}\t{4}\t{5}\t{6}\t{7}\t{8}"]))
    assert missing(reading) == {ROW + "total"} == set(differences(reading, REPORT))


@pytest.mark.parametrize("at", [3, 5, 10])
def test_an_empty_column_more(at):
    def moved(cell):
        if cell.column >= at:
            return replace(cell, column=cell.column + 1)
        return replace(cell, column_span=cell.column_span + (cell.column + cell.column_span > at))

    wider = changed(BIG, moved)
    covered = {row for cell in wider.cells for row in range(cell.row, cell.row + cell.row_span) if cell.column < at}
    filled = {
        row
        for cell in wider.cells
        if cell.column < at < cell.column + cell.column_span
        for row in range(cell.row, cell.row + cell.row_span)
    }
    empty = tuple(Cell(row, at, "", Place()) for row in covered - filled)
    assert differences(read_big(Grid(wider.cells + empty, BIG.rows, BIG.columns + 1, "markup")), REPORT) == {}


def test_a_column_more_with_numbers_is_never_taken_for_one_of_the_forms():
    def moved(cell):
        return replace(cell, column=cell.column + 1) if cell.column >= 6 else cell

    wider = changed(without_rows(BIG, range(2)), moved)
    wider = replace(wider, cells=tuple(replace(c, column_span=1) if c.row == 0 else c for c in wider.cells))
    extra = tuple(Cell(row, 6, "同比" if row == 0 else str(row), Place()) for row in range(wider.rows))
    reading = read_big(Grid(wider.cells + extra, wider.rows, wider.columns + 1, "markup"))
    assert silent(reading, REPORT) == {}


@pytest.mark.parametrize("rows", [range(3, 31), (8, 9)], ids=["all", "two"])
def test_a_value_over_two_columns_under_a_heading_over_one(rows):
    def wider(cell):
        if cell.row in rows and cell.column == 5:
            return replace(cell, column_span=2)
        if cell.column > 5:
            return replace(cell, column=cell.column + 1)
        return replace(
            cell, column_span=cell.column_span + (cell.column_span > 1 and cell.column + cell.column_span > 6)
        )

    assert differences(read_big(replace(changed(BIG, wider), columns=11)), REPORT) == {}


@pytest.mark.parametrize("values", ["7 1 8", "7", "1 2 3 4 5 6", "1 2 3 4 5 6 7 8", "7 1 / 8"])
def test_numbers_whose_blanks_were_dropped_have_no_place(values):
    reading = read_text(spaced_rows, replacing("三安全", [f"{THIRD} {values}"]))
    assert missing(reading) == of_row(ROW) == set(differences(reading, REPORT))


def test_one_cell_a_line_with_a_cell_too_few_has_no_place():
    def change(rows):
        return [row[:-1] if any("三安全" in line for line in row) else row for row in rows]

    reading = read_text(stacked_cells, change)
    assert missing(reading) == of_row(ROW) == set(differences(reading, REPORT))


@pytest.mark.parametrize("run", ["640020470", "1234567890", "12345678", "123456"])
def test_digits_that_no_reading_parts_have_no_place(run):
    report = printed(numbered(), dict.fromkeys(of_row(ROW), ""))
    tables = lines_by_table(report, spaced_rows)
    joined = "".join(line for row in replacing("三安全", [f"{THIRD}{run}"])(tables["applications"]) for line in row)
    reading = read(text_blocks({**tables, "applications": [[joined]]}))
    assert {one.state for field, one in reading.fields.items() if field.startswith(ROW)} == {"missing"}
    assert silent(reading, report) == {}


def test_as_many_digits_as_cells_are_a_run_unless_all_are_zero():
    tables = lines_by_table(REPORT, spaced_rows)

    def one(run):
        joined = " ".join(
            line for row in replacing("三安全", [f"{THIRD} {run}"])(tables["applications"]) for line in row
        )
        return read(text_blocks({**tables, "applications": [[joined]]}))

    zeros, digits = one("0000000").fields, one("1000001")
    assert [zeros[ROW + column].value for column in COLUMNS] == [0] * 7
    assert min(zeros[ROW + column].confidence for column in COLUMNS) >= SURE
    assert {digits.fields[ROW + column].state for column in COLUMNS} == {"missing"}
    (run,) = (run for run in digits.runs if ROW + COLUMNS[0] in run.fields)
    assert (run.text, run.fields) == ("1000001", tuple(ROW + column for column in COLUMNS))


@pytest.mark.parametrize("run", ["0 13", "20 13"])
def test_a_number_before_a_label_is_not_cut(run):
    report = numbered("2019")
    tables = lines_by_table(report, spaced_rows)
    rows = replacing("行政许可", [f"行政许可 {run}"])(tables["proactive"])
    reading = read(text_blocks({**tables, "proactive": [[" ".join(line for row in rows for line in row)]]}))
    sure = {field: one.value for field, one in reading.fields.items() if one.confidence >= SURE}
    assert not [field for field in sure if field.startswith("proactive.licensing.")]


@pytest.mark.parametrize(
    "row",
    [
        "- 1 - 1 2 - - - - - - - - - -",
        "- - - - - - 5 - - - - - - 1 -",
        "- - - - - - - - - - - - - 1 -",
    ],
)
def test_a_row_of_dashes_is_no_page_number(row):
    tables = lines_by_table(REPORT, spaced_rows)
    tables["disputes"][-1] = [row]
    fields = read(text_blocks(tables)).fields
    found = [one.text for field, one in fields.items() if field.startswith("disputes.")]
    assert found == row.split()


# A row that is there twice


def test_a_row_twice_the_same_keeps_its_values_and_is_reported():
    line = "{0} {1} {2} {3} {4} {5} {6} {7}"
    reading = read_text(spaced_rows, replacing("三安全", [line], [line]))
    assert differences(reading, REPORT) == {}
    assert [issue.severity for issue in reading.issues] == ["error"]


def test_a_row_twice_and_different_never_passes_unseen():
    reading = read_text(
        spaced_rows, replacing("三安全", ["{0} {1} {2} {3} {4} {5} {6} {7}"], ["{0} 77 {2} {3} {4} {5} {6} {7}"])
    )
    assert set(differences(reading, REPORT)) <= {ROW + "natural_person"}
    assert "error" in {issue.severity for issue in reading.issues}


def test_of_a_row_twice_and_different_the_first_is_kept_and_doubtful():
    reading = read_text(
        spaced_rows, replacing("三安全", ["{0} {1} {2} {3} {4} {5} {6} {7}"], ["{0} 77 {2} {3} {4} {5} {6} {7}"])
    )
    assert reading.fields[ROW + "natural_person"].value == REPORT.values[ROW + "natural_person"]
    assert reading.fields[ROW + "natural_person"].confidence < SURE


def test_the_disputes_row_twice_and_different_is_doubtful():
    tables = lines_by_table(REPORT, spaced_rows)
    numbers = tables["disputes"][-1][-1].split()
    tables["disputes"].append([" ".join([*numbers[:-1], "77"])])
    reading = read(text_blocks(tables))
    fields = {field: one for field, one in reading.fields.items() if field.startswith("disputes.")}
    assert [one.value for one in fields.values()] == [int(number) for number in numbers]
    assert max(one.confidence for one in fields.values()) < SURE
