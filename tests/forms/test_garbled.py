"""Labels and headings that cannot be read as they stand: what grid, order and the rest of the labels still tell."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from service.reconcile import SURE
from tests.forms.written import changed, differences, grid_blocks, grids, numbered, read, silent
from training.synthesize.alter import garble

REPORT = numbered()
GRIDS = grids(REPORT)
NUMBERS = set(REPORT.printed.values())


def garbled(grid, share, seed):
    rng = random.Random(seed)

    def change(cell):
        return cell if cell.text in NUMBERS or not cell.text else replace(cell, text=garble(cell.text, rng, share))

    return changed(grid, change)


@pytest.mark.parametrize("seed", range(3))
def test_labels_of_which_half_is_garbled_place_every_row(seed):
    reading = read(grid_blocks({table: garbled(grid, 0.5, seed) for table, grid in GRIDS.items()}))
    assert not [field for field in differences(reading, REPORT) if not field.startswith("proactive.")]
    assert silent(reading, REPORT) == {}


def test_a_table_without_headings_is_told_by_its_many_cells_and_not_sure():
    bare = changed(GRIDS["disputes"], lambda cell: cell if cell.text in NUMBERS else replace(cell, text=""))
    prose = {"disputes": ["有关行政复议和行政诉讼的结果如下表所示，各栏数据均经过核对。"]}
    reading = read(grid_blocks({**GRIDS, "disputes": bare}, prose))
    assert differences(reading, REPORT) == {}
    assert {one.confidence >= SURE for field, one in reading.fields.items() if field.startswith("disputes.")} == {False}


def test_a_garbled_row_more_makes_its_neighbours_doubtful():
    """A row that the form has not, under a label that nobody can read, may be any of the rows around it."""
    big = GRIDS["applications"]
    row = next(cell.row for cell in big.cells if cell.text == "4.保护第三方合法权益")
    gone = {"4.保护第三方合法权益", "5.属于三类内部事务信息"}

    def change(cell):
        if cell.text in gone:
            return replace(cell, text="蝶鲸鹿")
        return replace(cell, row=cell.row + 1) if cell.row > row else cell

    strange = [
        replace(cell, row=row + 1, text="77" if cell.text in NUMBERS else "豹狼")
        for cell in big.cells
        if cell.row == row
    ]
    more = replace(changed(big, change), rows=big.rows + 1)
    more = replace(more, cells=tuple(sorted((*more.cells, *strange), key=lambda cell: (cell.row, cell.column))))
    assert silent(read(grid_blocks({**GRIDS, "applications": more})), REPORT) == {}


def test_the_start_of_a_cut_label_that_is_a_word_for_nothing_stays_a_label():
    big = GRIDS["applications"]
    label = "2.没有现成信息需要另行制作"
    row = next(cell.row for cell in big.cells if cell.text == label)

    def change(cell):
        if cell.text == label:
            return replace(cell, text="没有")
        return replace(cell, row=cell.row + 1) if cell.row > row else cell

    cut = [
        replace(cell, row=row + 1, text="现成信息需要另行制作" if cell.text == label else "")
        for cell in big.cells
        if cell.row == row and cell.row_span == 1
    ]
    more = replace(changed(big, change), rows=big.rows + 1)
    more = replace(more, cells=tuple(sorted((*more.cells, *cut), key=lambda cell: (cell.row, cell.column))))
    reading = read(grid_blocks({**GRIDS, "applications": more}))
    assert differences(reading, REPORT) == {}
