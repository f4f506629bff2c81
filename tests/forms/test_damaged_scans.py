"""Scanned tables that lost rules, cells or labels, or that seals or dirt cover: nothing is guessed, doubt is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Box, Cell, Grid, Paragraph, Place
from service.reconcile import SURE
from tests.forms.damaged import BIG, COLUMNS, GRIDS, REPORT, ROW, THIRD, of_row, read_big
from tests.forms.written import (
    changed,
    differences,
    grid_blocks,
    missing,
    paragraphs,
    read,
    retexted,
    row_of,
    scanned,
    silent,
    table_fields,
    without_rows,
)


def scanned_row(**texts):
    """The report as a scan gives it, the big table without headings and with other texts in one row's cells.

    None for a cell that is not there.
    """
    big = without_rows(BIG, range(3))
    row = row_of(big, THIRD)

    def change(cell):
        if cell.row != row or cell.column < 3:
            return cell
        text = texts.get(COLUMNS[cell.column - 3], cell.text)
        return None if text is None else replace(cell, text=text)

    return read_big(changed(scanned(big), change))


@pytest.mark.parametrize("column", COLUMNS)
def test_a_scanned_row_that_lost_a_cell_keeps_the_others_in_their_columns(column):
    assert missing(scanned_row(**{column: None})) == {ROW + column}


def with_dirt(texts, below=None, numbers=1):
    """The big table with a line of cells above the third of its refusals: some numbers right of one of these texts."""
    row = row_of(BIG, THIRD)
    fresh = [
        Cell(row, column, text if column == 2 else "8" if 3 <= column < 3 + numbers else "", Place())
        for column, text in enumerate(["", "", texts, *COLUMNS])
    ]

    def lower(cell):
        at, span = cell.row, cell.row_span
        if at < row < at + span:
            return replace(cell, row_span=span + 1)
        text = below if below is not None and at == row and cell.column == 5 else cell.text
        return replace(cell, row=at + (at >= row), text=text)

    grid = changed(BIG, lower)
    return replace(grid, rows=grid.rows + 1, cells=(*grid.cells, *fresh))


def test_on_a_scan_less_than_a_row_of_numbers_beside_rows_that_lack_none_is_dirt():
    reading = read_big(scanned(with_dirt("安")))
    assert differences(reading, REPORT) == {}
    assert reading.issues == ()


@pytest.mark.parametrize(("as_scan", "codes"), [(scanned, set()), (lambda grid: grid, {"unplaced-row"})])
def test_numbers_below_a_scanned_grid_of_all_rows_are_dirt(as_scan, codes):
    line = "\t".join("1234567")
    reading = read(grid_blocks({**GRIDS, "applications": [as_scan(BIG), *paragraphs([line])]}))
    assert differences(reading, REPORT) == {}
    assert {issue.code for issue in reading.issues} == codes


@pytest.mark.parametrize(
    "grid",
    [scanned(with_dirt("安", below="")), scanned(with_dirt("安", numbers=7)), with_dirt("安")],
    ids=["may be a number of the row below", "may be a row", "no scan"],
)
def test_numbers_that_may_be_some_of_the_tables_are_no_dirt(grid):
    assert "unplaced-row" in [issue.code for issue in read_big(grid).issues]


@pytest.mark.parametrize(("confidence", "codes"), [(0.02, []), (0.97, ["unplaced-row"])], ids=["worn", "clear"])
def test_a_worn_heading_that_reads_as_a_number_is_none_of_the_empty_row_below(confidence, codes):
    dirty = changed(
        scanned(with_dirt("商业企业", below="")),
        lambda cell: replace(cell, confidence=confidence) if cell.text == "8" else cell,
    )
    assert [issue.code for issue in read_big(dirty).issues] == codes


def test_on_a_scan_a_row_without_label_is_surer_where_the_table_has_all_its_rows_and_no_other():
    def unlabelled(grid):
        return read_big(retexted(grid, {THIRD: ""})).fields[ROW + "total"].confidence

    seen = 0.999
    assert unlabelled(scanned(BIG, confidence=seen)) == pytest.approx(0.998 * seen)
    assert unlabelled(scanned(with_dirt("", numbers=7), confidence=seen)) < 0.99 * seen
    assert unlabelled(BIG) == pytest.approx(0.98)  # no scan


def test_what_a_seal_covers_is_missing_and_its_neighbours_are_not():
    reading = scanned_row(public_welfare="乡村振")
    assert missing(reading) == {ROW + "public_welfare"} == set(differences(reading, REPORT))
    words = scanned_row(natural_person="某", business="乡", public_welfare="村", other="振")
    assert missing(words) >= {ROW + column for column in COLUMNS[:5]}


def disputes_without_headings(text, wide):
    """The disputes row alone, as a scan gives it: the third and fourth cell are one with this text, wide or not."""
    whole = scanned(GRIDS["disputes"])
    last = whole.rows - 1

    def change(cell):
        if cell.row < last or cell.column == 3:
            return None
        box = cell.place.box
        step = box.x1 - box.x0
        if cell.column == 2:
            box = box._replace(x1=box.x1 + step if wide else box.x1)
        elif cell.column > 3 and not wide:
            box = box._replace(x0=box.x0 - step, x1=box.x1 - step)
        place = replace(cell.place, box=box)
        return replace(cell, place=place, text=text if cell.column == 2 else cell.text)

    return read(grid_blocks({**GRIDS, "disputes": (changed(whole, change),)}))


def test_a_cell_as_wide_as_two_takes_both_columns_and_zeros_in_it_are_told_apart():
    third, fourth = table_fields(REPORT.template, "disputes")[2:4]
    zeros = disputes_without_headings("05", wide=True)
    assert missing(zeros) == set()
    assert (zeros.fields[third].value, zeros.fields[fourth].value) == (0, 5)
    assert set(differences(zeros, REPORT)) == {third, fourth}
    assert missing(disputes_without_headings("35", wide=True)) == {third, fourth}


def test_numbers_with_gaps_between_them_in_a_cell_as_wide_as_two_are_told_apart():
    third, fourth = table_fields(REPORT.template, "disputes")[2:4]
    gap = disputes_without_headings("11  1", wide=True)
    assert missing(gap) == set()
    assert (gap.fields[third].value, gap.fields[fourth].value) == (11, 1)
    assert max(gap.fields[field].confidence for field in (third, fourth)) < 0.97
    assert missing(disputes_without_headings("1  1  1", wide=True)) >= {third, fourth}
    assert missing(disputes_without_headings("11  1", wide=False)) == set(table_fields(REPORT.template, "disputes"))


@pytest.mark.parametrize(("text", "values"), [("0  12", (0, 12)), ("012", (0, 12)), ("12", None), ("1  2  3", None)])
def test_a_scanned_cell_below_two_headings_gives_each_its_number(text, values):
    whole = scanned(GRIDS["disputes"])

    def change(cell):
        if cell.row < whole.rows - 1 or cell.column not in (2, 3):
            return cell
        return replace(cell, column_span=2, text=text) if cell.column == 2 else None

    fields = read(grid_blocks({**GRIDS, "disputes": (changed(whole, change),)})).fields
    ids = table_fields(REPORT.template, "disputes")
    found = tuple(fields[field].value for field in ids[2:4])
    assert found == (values or (None, None))
    assert max(fields[field].confidence for field in ids[2:4]) < 0.97
    assert all(fields[field].value == REPORT.values[field] for field in (*ids[:2], *ids[4:]))


def test_a_row_with_a_cell_too_few_of_the_usual_width_has_no_place():
    assert missing(disputes_without_headings("35", wide=False)) == set(table_fields(REPORT.template, "disputes"))


def test_rows_whose_labels_are_in_one_cell_are_never_sure():
    row = row_of(BIG, THIRD)
    label = next(cell for cell in BIG.cells if cell.row == row and THIRD in cell.text)
    below = next(cell for cell in BIG.cells if cell.row == row + 1 and cell.column == label.column)
    both = replace(label, text=f"{label.text}\n{below.text}", row_span=2)
    for kept in (label, below):
        text = both.text if kept is label else kept.text
        cells = [cell for cell in BIG.cells if cell not in (label, below)]
        reading = read_big(replace(BIG, cells=(*cells, replace(both, text=text))))
        assert silent(reading, REPORT) == {}


def test_a_row_with_the_whole_label_of_the_row_above_in_its_own_is_never_sure():
    labels = {"（七）总计": "", "四、结转下年度继续办理": "（七）总计\n结转下年度继续办"}
    fields = read_big(scanned(retexted(BIG, labels))).fields
    assert all(fields["applications.carried_out." + column].confidence <= 0.5 for column in COLUMNS)


def test_a_label_cell_over_an_empty_row_doubts_nothing():
    row = row_of(BIG, THIRD)
    spread = [replace(cell, row=cell.row + (cell.row > row)) for cell in BIG.cells]
    cells = [replace(c, row_span=c.row_span + 1) if c.row <= row < c.row + c.row_span else c for c in spread]
    reading = read_big(replace(BIG, cells=tuple(cells), rows=BIG.rows + 1))
    assert differences(reading, REPORT) == {}


@pytest.mark.parametrize(("text", "sure"), [("0", True), ("0交通运", False)])
def test_a_row_whose_number_does_not_read_is_no_empty_row_above_it(text, sure):
    whole = scanned(GRIDS["proactive"])
    row = next(cell.row for cell in whole.cells if "行政许可" in cell.text)

    def change(cell):
        if cell.row == row - 1:
            return replace(cell, text="", ink=False)
        return replace(cell, text=text) if cell.row == row and cell.column else cell

    fields = read(grid_blocks({**GRIDS, "proactive": (changed(whole, change),)})).fields
    reading = fields["proactive.licensing.decisions"]
    assert (reading.confidence >= SURE) is sure
    assert reading.value == (0 if sure else None)


@pytest.mark.parametrize("lost", [True, False])
def test_an_empty_row_beside_numbers_without_a_place_is_never_sure(lost):
    whole = scanned(GRIDS["disputes"])
    row = [cell for cell in whole.cells if cell.row == whole.rows - 1]
    step = row[0].place.box.x1 - row[0].place.box.x0

    def moved(cell):
        box = cell.place.box
        box = box._replace(x0=box.x0 - step, x1=box.x1 - step) if lost and cell.column > 3 else box
        return replace(cell, row=1, place=replace(cell.place, box=box))

    empty = [replace(cell, row=0, text="", ink=False) for cell in row]
    numbers = [moved(cell) for cell in row if not lost or cell.column != 3]
    fields = read(grid_blocks({**GRIDS, "disputes": (replace(whole, cells=(*empty, *numbers), rows=2),)})).fields
    found = [fields[field] for field in table_fields(REPORT.template, "disputes")]
    if lost:
        assert max(reading.confidence for reading in found) < SURE
    else:
        assert {reading.state for reading in found} == {"read"}


@pytest.mark.parametrize(("confidence", "found"), [(0.02, True), (0.97, False)], ids=["worn", "clear"])
def test_worn_headings_that_read_as_numbers_are_no_row_of_a_table_of_worn_labels(confidence, found):
    whole = scanned(BIG)
    first = row_of(whole, "商业企业") + 1
    labels = [replace(cell, text="凩") for cell in whole.cells if cell.column < 3 and cell.text != THIRD]
    others = [cell for cell in whole.cells if cell.column >= 3 or cell.text == THIRD]
    below = [replace(cell, row=cell.row + (cell.row >= first)) for cell in (*labels, *others)]
    row = [replace(cell, row=first) for cell in (*labels, *others) if cell.row == whole.rows - 1]
    worn = [replace(c, text="7" if c.column == 4 else "" if c.column > 3 else c.text, ink=c.column < 5) for c in row]
    worn = [replace(cell, confidence=confidence) for cell in worn]
    reading = read_big(replace(whole, cells=(*below, *worn), rows=whole.rows + 1))
    assert bool(missing(reading)) is not found
    assert silent(reading, REPORT) == {}
    assert not found or differences(reading, REPORT) == {}


@pytest.mark.parametrize(("confidence", "right"), [(0.08, True), (0.62, True), (0.97, False)])
def test_a_sliver_between_columns_is_none_of_the_form_though_dirt_in_it_may_read_as_a_stroke(confidence, right):
    whole = scanned(BIG)
    spread = [replace(c, column=c.column + (c.column >= 5), column_span=c.column_span) for c in whole.cells]
    numbers = {cell.row for cell in whole.cells if cell.column == 9 and cell.text.isdigit()}
    sliver = [Cell(row, 5, "", Place(page=1), confidence=0.5, ink=False) for row in sorted(numbers)]
    dirt = replace(sliver[0], text="—", confidence=confidence, ink=True)
    labels = [replace(cell, text="凩") if not cell.text.isdigit() else cell for cell in spread]
    cells = (*labels, dirt, *sliver[1:])
    reading = read_big(replace(whole, cells=cells, columns=whole.columns + 1))
    assert silent(reading, REPORT) == {}
    assert (differences(reading, REPORT) == {}) is right


def cut_by_a_streak(column, rest, rows=1):
    """The scanned big table without headings, where a streak cuts the cells of a column in so many rows.

    The number stays left of it, and `rest` stands right of it.
    """
    big = scanned(without_rows(BIG, range(3)))
    at, first = 3 + COLUMNS.index(column), row_of(big, THIRD)
    cells = []
    for cell in big.cells:
        moved = replace(cell, column=cell.column + (cell.column > at))
        torn = cell.column == at and first <= cell.row < first + rows
        cells += [moved if torn or cell.column != at else replace(moved, column_span=2)]
        cells += [replace(moved, column=at + 1, text=rest)] if torn else []
    return read_big(replace(big, cells=tuple(cells), columns=big.columns + 1))


@pytest.mark.parametrize("column", COLUMNS)
def test_the_cells_of_a_row_that_a_streak_cuts_stand_where_those_of_the_others_do(column):
    reading = cut_by_a_streak(column, "")
    assert differences(reading, REPORT) == {}
    assert reading.fields[ROW + column].confidence < SURE
    assert silent(reading, REPORT) == {}


def test_what_stands_on_both_sides_of_a_streak_has_no_place():
    assert {ROW + column for column in COLUMNS} == missing(cut_by_a_streak(COLUMNS[2], "7"))


@pytest.mark.parametrize(("between", "placed"), [("-1-", True), ("12", True), ("甲 7", False)])
def test_a_page_number_among_rows_without_labels_is_none_of_them(between, placed):
    """Only a number by itself is a page's: what stands with a text may be a row's."""
    garbled = retexted(GRIDS["proactive"], {"行政处罚": "凩", "行政强制": "凩"})
    cut = row_of(garbled, "第二十条第（六）项")
    parts = [scanned(without_rows(garbled, rows)) for rows in (range(cut, garbled.rows), range(cut))]
    table = [parts[0], Paragraph(between, Place(page=1)), parts[1]]
    reading = read(grid_blocks({**GRIDS, "proactive": table}))
    rows = {"proactive.penalties.decisions", "proactive.compulsion.decisions"}
    assert rows.isdisjoint(missing(reading)) is placed
    assert silent(reading, REPORT) == {}


def test_cells_that_cannot_be_read_leave_the_others_of_their_row_their_places_beside_a_single_whole_one():
    big = without_rows(BIG, range(3))  # no headings
    lost = {6: "1y 原", 9: "事"}
    first = changed(big, lambda cell: replace(cell, text=lost.get(cell.column, cell.text)) if cell.row == 1 else cell)
    parts = [scanned(without_rows(grid, gone)) for grid, gone in ((first, range(2, big.rows)), (big, range(2)))]
    reading = read_big(*parts)
    assert missing(reading) == {"applications.carried_in." + COLUMNS[column - 3] for column in lost}
    assert silent(reading, REPORT) == {}


def last_row_alone(aside=0.0, keep=("research", "total")):
    """The scanned big table, of its last row only these numbers in a grid by itself, so much aside on the next page."""
    big = scanned(BIG)
    last = [cell for cell in big.cells if cell.row == big.rows - 1]
    kept = [cell for cell in last if cell.column < 3 or COLUMNS[cell.column - 3] in keep]

    def moved(cell, column):
        x0, y0, x1, y1 = cell.place.box
        return replace(cell, row=0, column=column, column_span=1, place=Place(2, Box(x0 + aside, y0, x1 + aside, y1)))

    alone = Grid(tuple(moved(cell, column) for column, cell in enumerate(kept)), 1, len(kept), "ruled")
    return read_big(without_rows(big, [big.rows - 1]), alone)


@pytest.mark.parametrize("keep", [("research",), ("research", "total"), COLUMNS[1:]])
def test_numbers_of_a_row_by_itself_on_the_next_page_stand_below_their_columns(keep):
    reading = last_row_alone(0.01, keep)
    row = {column: reading.fields["applications.carried_out." + column] for column in COLUMNS}
    assert {column for column, one in row.items() if one.state == "read"} == set(keep)
    assert {one.state for column, one in row.items() if column not in keep} == {"blank"}
    assert max(one.confidence for one in row.values() if one.state == "blank") < SURE
    assert all(REPORT.printed["applications.carried_out." + column] == row[column].text for column in keep)


def test_numbers_between_two_columns_have_no_place():
    assert missing(last_row_alone(0.045)) == of_row("applications.carried_out.")
