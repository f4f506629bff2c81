"""Tables that no rules part: a gap between two headings makes a column in which nothing stands."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Cell, Grid
from service.reconcile import SURE
from tests.forms.damaged import BIG, FOURTH, NEXT, ROW, THIRD, of_row, read_big
from tests.forms.written import differences, grid_blocks, grids, numbered, read, row_of, silent

REPORT = numbered()
GRIDS = grids(REPORT)
FIELD_OF = {text: field for field, text in REPORT.printed.items()}
LONE = ("proactive.licensing.", "proactive.penalties.", "proactive.compulsion.", "proactive.fees.")


def parted(whole: Grid, heading: int, beside: str = "", name: str = "") -> Grid:
    """The first table with each wide cell of a single number as three: number, gap, gap; its heading from `heading` on.

    `beside` is printed in the last gap, `name` above the number.
    """
    cells: list[Cell] = []
    for cell in whole.cells:
        lone = FIELD_OF.get(cell.text, "").startswith(LONE)
        if cell.column_span < 3 or not (lone or cell.text.startswith("本年")):
            cells.append(cell)
            continue
        left, end = cell.column, cell.column + cell.column_span
        first = end - 3 if lone else max(heading, left)
        texts = [cell.text, "", beside] if lone else [cell.text]
        cells += [
            replace(cell, text=text, column=first + at, column_span=1 if lone else end - first)
            for at, text in enumerate(texts)
        ]
        if not lone and first > left:
            cells.append(replace(cell, text=name, column_span=first - left))
    return replace(whole, cells=tuple(cells))


def of_lone(reading):
    return {field: one for field, one in reading.fields.items() if field.startswith(LONE)}


@pytest.mark.parametrize("heading", [1, 2, 3])
def test_a_number_by_itself_in_its_row_is_the_one_that_the_form_has_wherever_the_heading_stands(heading):
    reading = read(grid_blocks({**GRIDS, "proactive": parted(GRIDS["proactive"], heading)}))
    assert differences(reading, REPORT) == {}
    assert all(one.confidence >= 0.99 for one in of_lone(reading).values())


def test_of_two_numbers_none_is_sure_unless_it_stands_under_the_heading():
    reading = read(grid_blocks({**GRIDS, "proactive": parted(GRIDS["proactive"], 2, beside="987654")}))
    assert silent(reading, REPORT) == {}
    assert all(one.state == "missing" or one.confidence < SURE for one in of_lone(reading).values())


def test_a_number_under_a_heading_that_the_form_has_not_is_none_of_its():
    reading = read(grid_blocks({**GRIDS, "proactive": parted(GRIDS["proactive"], 2, name="序号")}))
    assert all(one.value is None for one in of_lone(reading).values())


def torn(same: str) -> Grid:
    """Two rows of the applications table on four lines, each its label and then its numbers, all of them these.

    The end of each label stands with the numbers.
    """
    third, fourth = row_of(BIG, THIRD), row_of(BIG, FOURTH)
    cells: list[Cell] = []
    for cell in BIG.cells:
        own = cell.row in (third, fourth) and cell.row_span == 1
        down = (cell.row > third) + (cell.row > fourth)
        label, number = own and not cell.text.isdigit(), own and cell.text.isdigit()
        text = cell.text[:-1] if label else "" if number else cell.text
        grown = (cell.row <= third < cell.row + cell.row_span) + (cell.row <= fourth < cell.row + cell.row_span)
        span = cell.row_span if own else cell.row_span + grown
        cells.append(replace(cell, row=cell.row + down, row_span=span, text=text))
        if own:
            cells.append(replace(cell, row=cell.row + down + 1, text=cell.text[-1] if label else same))
    return replace(BIG, cells=tuple(cells), rows=BIG.rows + 2)


@pytest.mark.parametrize("same", ["0", "7"])
def test_a_row_that_may_have_taken_its_neighbours_numbers_is_doubted_and_so_is_the_neighbour(same):
    fields = read_big(torn(same)).fields
    for field in of_row(ROW, NEXT):
        assert fields[field].value == int(same) or fields[field].confidence < SURE


def test_rows_by_their_order_alone_have_no_place_where_one_reads_more_like_another_and_the_table_lacks_rows():
    third, total = row_of(BIG, THIRD), row_of(BIG, "（七）总计")
    cells = [cell for cell in BIG.cells if cell.row not in (third, total + 1)]
    own = [cell for cell in cells if cell.row == total]
    moved = [replace(cell, row=total + 1, text=cell.text if cell.text.isdigit() else "i计") for cell in own]
    empty = [replace(cell, text="" if cell.text.isdigit() else "他i") for cell in own]
    lacking = replace(BIG, cells=(*(cell for cell in cells if cell.row != total), *empty, *moved))
    reading = read_big(lacking)
    assert silent(reading, REPORT) == {}
    last = of_row("applications.carried_out.", "applications.concluded.")
    assert all(reading.fields[field].state == "missing" or reading.fields[field].confidence < 0.5 for field in last)
