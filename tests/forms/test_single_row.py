"""The table of one row without a label: what is printed below it may be its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Grid
from service.reconcile import SURE
from tests.forms.written import grid_blocks, grids, missing, numbered, read, retexted, scanned, silent

REPORT = numbered()
GRIDS = grids(REPORT)
DISPUTES = [field for field in REPORT.values if field.startswith("disputes.")]


def slipped(fields: list[str], *, lost: bool) -> Grid:
    """The table with the numbers of these fields a row below, or nowhere."""
    whole = GRIDS["disputes"]
    texts = {REPORT.printed[field] for field in fields}
    kept = [replace(cell, text="") if cell.text in texts else cell for cell in whole.cells]
    below = [
        replace(cell, row=whole.rows, text=cell.text if cell.text in texts else "")
        for cell in whole.cells
        if cell.row == whole.rows - 1
    ]
    return replace(whole, cells=tuple(kept if lost else [*kept, *below]), rows=whole.rows + (not lost))


@pytest.mark.parametrize("count", [2, 4])
def test_an_empty_cell_is_doubted_where_numbers_stand_below_its_row(count):
    reading = read(grid_blocks({**GRIDS, "disputes": slipped(DISPUTES[3 : 3 + count], lost=False)}))
    assert silent(reading, REPORT) == {}
    assert max(reading.fields[field].confidence for field in DISPUTES) < SURE
    assert "unplaced-row" in {issue.code for issue in reading.issues}


def test_an_empty_cell_is_sure_where_none_do():
    reading = read(grid_blocks({**GRIDS, "disputes": slipped(DISPUTES[3:5], lost=True)}))
    assert {reading.fields[field].state for field in DISPUTES[3:5]} == {"blank"}
    assert min(reading.fields[field].confidence for field in DISPUTES) >= SURE


@pytest.mark.parametrize("text", ["", "8"], ids=["nothing in it", "a number"])
def test_a_column_without_heading_in_which_nothing_is_printed_is_none_of_the_form(text):
    """A streak beside a rule parts a cell in two; one number is worn, and so are the first headings."""
    whole = GRIDS["disputes"]
    last = whole.rows - 1
    cells = []
    for cell in whole.cells:
        moved = replace(cell, column=cell.column + (cell.column > 1), ink=bool(cell.text))
        if cell.row < last:
            over = cell.column <= 1 < cell.column + cell.column_span
            moved = replace(moved, column_span=cell.column_span + over, text=cell.text if cell.column > 2 else "口")
        cells.append(replace(moved, confidence=0.2) if (cell.row, cell.column) == (last, 0) else moved)
    cells.append(replace(cells[-1], column=2, text=text))
    reading = read(grid_blocks({**GRIDS, "disputes": replace(whole, cells=tuple(cells), columns=whole.columns + 1)}))
    assert not any(reading.fields[field].confidence >= SURE for field in silent(reading, REPORT))
    right = sum(reading.fields[field].text == REPORT.printed[field] for field in DISPUTES)
    assert (right == len(DISPUTES)) is (not text)


@pytest.mark.parametrize(("numbers", "placed"), [(3, True), (2, False)])
def test_a_scanned_row_of_some_numbers_keeps_its_place_though_a_cell_cannot_be_read(numbers, placed):
    empty = {REPORT.printed[field]: "" for field in DISPUTES[:-numbers]}
    row = retexted(GRIDS["disputes"], {**empty, REPORT.printed[DISPUTES[1]]: "翔"})
    reading = read(grid_blocks({**GRIDS, "disputes": scanned(row)}))
    assert missing(reading) == (set(DISPUTES[1:2]) if placed else set(DISPUTES))
