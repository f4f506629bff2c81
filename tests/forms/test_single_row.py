"""The table of one row without a label: what is printed below it may be its own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Grid
from service.reconcile import SURE
from tests.forms.written import grid_blocks, grids, numbered, read, silent

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
