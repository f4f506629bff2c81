"""Headings, labels or pages damaged: what can be told is read, what cannot is missing, and nothing is guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Cell, Grid, Place
from service.reconcile import SURE
from tests.forms.damaged import BIG, COLUMNS, FOURTH, NEXT, REPORT, ROW, THIRD, of_row, read_big, read_text, replacing
from tests.forms.written import (
    changed,
    differences,
    indented_cells,
    labels_below,
    lines_by_table,
    missing,
    numbered,
    paragraphs,
    piped_cells,
    printed,
    read,
    retexted,
    row_of,
    silent,
    spaced_rows,
    tab_rows,
    text_blocks,
    without_rows,
)

# Headings and labels


def test_without_the_heading_a_closed_count_places_the_values():
    reading = read_big(without_rows(BIG, range(3)))
    assert differences(reading, REPORT) == {}


NUMBERS = [cell.text for cell in BIG.cells if cell.text.isdigit()]


def rows_of_seven(count):
    return [NUMBERS[start : start + 7] for start in range(0, 7 * count, 7)]


@pytest.mark.parametrize("count", [24, 30])
def test_rows_without_any_label_have_no_place(count):
    rows = [*rows_of_seven(min(count, 25)), *rows_of_seven(max(0, count - 25))]
    cells = tuple(
        Cell(row, column, text, Place()) for row, texts in enumerate(rows) for column, text in enumerate(texts)
    )
    reading = read_big(Grid(cells, len(rows), 7, "markup"))
    assert {field for field in reading.fields if field.startswith("applications.")} <= missing(reading)


def test_as_many_rows_without_any_label_as_the_form_has_are_not_poured_in():
    rows = rows_of_seven(25)
    cells = tuple(
        Cell(row, column, text, Place()) for row, texts in enumerate(rows) for column, text in enumerate(texts)
    )
    reading = read_big(Grid(cells, len(rows), 7, "markup"))
    assert all(one.confidence < SURE for field, one in reading.fields.items() if field.startswith("applications."))


def test_numbers_alone_are_no_report():
    reading = read(paragraphs(" ".join(row) for row in rows_of_seven(25)))
    assert missing(reading) == set(reading.fields)


@pytest.mark.parametrize("blank", [(THIRD,), (THIRD, FOURTH)])
def test_rows_without_label_are_placed_where_the_gap_closes(blank):
    reading = read_big(retexted(BIG, dict.fromkeys(blank, "")))
    assert differences(reading, REPORT) == {}
    unlabelled = read_big(retexted(BIG, dict.fromkeys(blank, ""))).fields[ROW + "total"]
    assert SURE <= unlabelled.confidence < 1


def test_a_row_without_label_in_a_gap_of_two_is_missing_and_reported():
    damaged = without_rows(retexted(BIG, {THIRD: "", FOURTH: ""}), [row_of(BIG, FOURTH)])
    reading = read_big(damaged)
    assert missing(reading) == of_row(ROW, NEXT) == set(differences(reading, REPORT))
    assert {issue.code for issue in reading.issues} == {"field-missing", "unplaced-row"}


def test_two_rows_without_label_in_a_gap_of_one_are_missing():
    extra = "\t\t\t" + "\t".join("9" * 7)
    bare = "\t\t\t" + "\t".join(f"{{{number}}}" for number in range(3, 10))
    reading = read_text(tab_rows, replacing("保护第三方", [bare], [extra]))
    assert differences(reading, REPORT).keys() <= missing(reading)
    assert missing(reading) == of_row(NEXT)


def test_a_row_of_numbers_that_belongs_nowhere_is_reported():
    reading = read_text(
        tab_rows,
        replacing(
            "保护第三方", ["\t\t\t" + "\t".join("9" * 7)], [r"{0}" + "\t" + "\t".join(f"{{{n}}}" for n in range(1, 10))]
        ),
    )
    assert differences(reading, REPORT) == {}
    assert [issue.code for issue in reading.issues] == ["unplaced-row"]
    assert reading.issues[0].severity == "error"


def test_a_row_that_is_not_there_is_missing_and_its_neighbours_keep_their_own():
    reading = read_big(without_rows(BIG, [row_of(BIG, THIRD)]))
    assert missing(reading) == of_row(ROW) == set(differences(reading, REPORT))
    assert [(issue.code, set(issue.fields)) for issue in reading.issues] == [("field-missing", of_row(ROW))]


def test_a_label_that_belongs_to_no_form_gives_its_numbers_to_nobody():
    reading = read_big(retexted(BIG, {THIRD: "其他需要特别说明的重要事项统计"}))
    assert differences(reading, REPORT).keys() <= of_row(ROW)
    assert silent(reading, REPORT) == {}


@pytest.mark.parametrize(
    "text",
    [
        "3.危及“三安全—稳定”",
        "危及三安全一稳定",
        "3、危及“三安全一稳定”",
        "3.危及「三安全一穩定」",
        "3.危及三安全稳定",
        "3.危 及 三 安 全 一 稳 定",
    ],
)
def test_a_label_printed_otherwise_is_the_same_row(text):
    assert differences(read_big(retexted(BIG, {THIRD: text})), REPORT) == {}


@pytest.mark.parametrize("pieces", [("3.危及“三安全", "一稳定”"), ("3.危及", "“三安全", "一稳定”")])
def test_a_label_wrapped_over_lines_before_its_numbers(pieces):
    values = " ".join(REPORT.printed[ROW + column] for column in COLUMNS)
    reading = read_text(spaced_rows, replacing("三安全", [*pieces, values]))
    assert differences(reading, REPORT) == {}
    reading = read_text(spaced_rows, replacing("三安全", [*pieces[:-1], f"{pieces[-1]} {values}"]))
    assert differences(reading, REPORT) == {}


def test_labels_below_their_numbers_in_all_rows():
    reading = read_text(labels_below, lambda rows: rows)
    assert differences(reading, REPORT) == {}


def test_group_labels_that_stand_vertically():
    def upright(cell):
        return replace(cell, text="\n".join(cell.text)) if cell.row_span > 1 and cell.column < 3 else cell

    assert differences(read_big(changed(BIG, upright)), REPORT) == {}
    shown = {cell.text for cell in BIG.cells if cell.row_span > 1 and cell.row > 2}

    def spread(rows):
        return [[part for line in row for part in (line if line in shown else [line])] for row in rows]

    assert differences(read_text(spaced_rows, spread), REPORT) == {}


@pytest.mark.parametrize("indent", ["", "\t"])
def test_blank_cells_of_one_cell_a_line_before_and_behind_a_number(indent):
    field = "proactive.normative_documents."
    texts = {field + "issued": "", field + "repealed": "10", field + "in_force": ""}
    report = printed(numbered(), texts, {field + "repealed": 10})
    reading = read(text_blocks(lines_by_table(report, indented_cells if indent else piped_cells)))
    assert differences(reading, report) == {}


@pytest.mark.parametrize("space", [[""], ["", ""]])
def test_a_page_number_between_empty_lines_leaves_the_form_as_it_is(space):
    report = numbered("2021", "2019")
    tables = lines_by_table(report, spaced_rows)
    at = next(index for index, row in enumerate(tables["applications"]) if "其他处理" in row[-1])
    tables["applications"].insert(at, [*space, *space, "4", *space, *space])
    reading = read(text_blocks(tables))
    assert differences(reading, report) == {}


# Pages


def parts(at, repeated):
    top = without_rows(BIG, range(at, BIG.rows))
    below = without_rows(BIG, [row for row in range(at) if not (repeated and row < 3)])
    return top, below


@pytest.mark.parametrize("repeated", [False, True], ids=["continued", "heading again"])
@pytest.mark.parametrize("at", [4, 14])
def test_a_table_on_two_pages(at, repeated):
    top, below = parts(at, repeated)
    assert differences(read_big(top, *paragraphs(["", "— 3 —", ""]), below), REPORT) == {}


@pytest.mark.parametrize("at", [6, 14])
def test_a_heading_repeated_inside_a_grid(at):
    heading = [cell for cell in BIG.cells if cell.row < 3]
    cells = [cell if cell.row < at else replace(cell, row=cell.row + 3) for cell in BIG.cells]
    again = [replace(cell, row=cell.row + at) for cell in heading]
    assert differences(read_big(Grid((*cells, *again), BIG.rows + 3, BIG.columns, "markup")), REPORT) == {}


@pytest.mark.parametrize("page", [["— 3 —"], ["第 3 页 共 9 页"], ["", "3", ""], ["- 3 -"]], ids="".join)
@pytest.mark.parametrize("writer", [tab_rows, spaced_rows, labels_below], ids=lambda w: w.__name__)
def test_page_numbers_inside_a_table(writer, page):
    reading = read_text(writer, lambda rows: [*rows[:9], page, *rows[9:20], page, *rows[20:]])
    assert differences(reading, REPORT) == {}


@pytest.mark.parametrize("numbers_first", [True, False])
def test_a_row_cut_in_two_by_a_page_end(numbers_first):
    row = row_of(BIG, THIRD)
    cells = []
    for cell in BIG.cells:
        if cell.row > row:
            cells.append(replace(cell, row=cell.row + 1))
        elif cell.row < row:
            cells.append(replace(cell, row_span=cell.row_span + (cell.row + cell.row_span > row)))
        else:
            halves = (cell.text[:6], cell.text[6:]) if cell.text == THIRD else (cell.text, "")
            if cell.text != THIRD and not numbers_first:
                halves = halves[::-1]
            cells += [replace(cell, text=halves[0]), replace(cell, text=halves[1], row=row + 1)]
    assert differences(read_big(Grid(tuple(cells), BIG.rows + 1, BIG.columns, "markup")), REPORT) == {}
