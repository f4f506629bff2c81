"""The token classifier's word against labels and order: an oracle stands for it, sure of some cells only."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from models.cells import CellInput, CellProbabilities
from service.documents.model import Cell, Grid
from service.forms import read_form
from service.reconcile import SURE
from tests.forms.written import (
    FORMS,
    VOCABULARY,
    changed,
    differences,
    grid_blocks,
    grids,
    numbered,
    row_of,
    silent,
    values_of,
    without_rows,
)
from training.cells.classes import build_classes, positions

REPORT = numbered()
GRIDS = grids(REPORT)
CLASSES = build_classes(FORMS)
FIELD_OF = {text: field for field, text in REPORT.printed.items()}
"""Every cell of the report has a number of its own."""


class Oracle:
    """Knows the field of a number, and says so with a probability; of all else it says that it belongs nowhere."""

    classes = CLASSES

    def __init__(self, probability=0.97, wrong=0.0, rows=None):
        self.probability, self.wrong, self.rows = probability, wrong, rows or {}

    def classify(self, cells: list[CellInput]) -> CellProbabilities:
        rng = random.Random(len(cells))
        said = [
            np.zeros((len(cells), len(names)), np.float32) for names in (CLASSES.roles, CLASSES.rows, CLASSES.columns)
        ]
        for index, cell in enumerate(cells):
            field = FIELD_OF.get(cell.text)
            if field and rng.random() < self.wrong:
                field = rng.choice(list(REPORT.printed))
            row, column = positions()[field] if field else ("", "")
            row = self.rows.get(row, row)
            told = ("value" if field else "other", row, column)
            for one, name, names in zip(said, told, (CLASSES.roles, CLASSES.rows, CLASSES.columns), strict=True):
                one[index] = (1 - self.probability) / (len(names) - 1)
                one[index, names.index(name)] = self.probability
        return CellProbabilities(*said)


def read(blocks, classifier=None, decoding="both"):
    return read_form(blocks, FORMS, VOCABULARY, classifier, decoding)


def unreadable(grid: Grid, seed: int = 0) -> Grid:
    """The grid with every label and heading made of characters that no form has."""
    rng = random.Random(seed)

    def change(cell: Cell) -> Cell:
        if cell.text in FIELD_OF or not cell.text:
            return cell
        return replace(cell, text="".join(rng.choice("蝶鲸鹿鸥狐猫熊虎豹狼") for _ in cell.text))

    return changed(grid, change)


def sure(reading, table):
    fields = {field: one for field, one in reading.fields.items() if field.startswith(table + ".")}
    return sum(one.state != "missing" and one.confidence >= SURE for one in fields.values()) / len(fields)


@pytest.mark.parametrize("wrong", [0.0, 0.2])
def test_where_no_label_can_be_read_the_classifier_carries_the_table(wrong):
    blocks = grid_blocks({table: unreadable(grid) for table, grid in GRIDS.items()})
    alone, carried = read(blocks), read(blocks, Oracle(wrong=wrong))
    assert silent(alone, REPORT) == {}
    assert sure(alone, "applications") == 0
    assert not [field for field in differences(carried, REPORT) if not field.startswith("proactive.")]
    assert silent(carried, REPORT) == {}
    if not wrong:
        assert differences(carried, REPORT) == {}
        assert sure(carried, "applications") == 1


def test_an_unsure_classifier_makes_nothing_sure():
    blocks = grid_blocks({table: unreadable(grid) for table, grid in GRIDS.items()})
    reading = read(blocks, Oracle(probability=0.6))
    assert sure(reading, "applications") == 0
    assert silent(reading, REPORT) == {}


def test_labels_that_are_sure_decide_against_the_classifier():
    a, b = "applications.refused.state_secret", "applications.refused.prohibited_by_law"
    reading = read(grid_blocks(GRIDS), Oracle(rows={a: b, b: a}))
    assert differences(reading, REPORT) == {}
    assert sure(reading, "applications") == 1


def test_a_row_without_readable_label_is_doubtful_where_the_classifier_says_another():
    label = "2.其他法律行政法规禁止公开"
    row, other = "applications.refused.prohibited_by_law", "applications.granted"
    big = changed(GRIDS["applications"], lambda cell: replace(cell, text="蝶鲸鹿鸥") if cell.text == label else cell)
    blocks = grid_blocks({**GRIDS, "applications": big})
    field = row + ".total"
    assert read(blocks).fields[field].confidence >= SURE
    assert read(blocks, Oracle()).fields[field].confidence >= SURE
    doubted = read(blocks, Oracle(rows={row: other}))
    assert differences(doubted, REPORT) == {}
    assert doubted.fields[field].confidence < SURE


def widened(grid: Grid, at: int, texts) -> Grid:
    """The grid with a column before column `at`; `texts` gives the text of each row."""

    def change(cell: Cell) -> Cell:
        if cell.column >= at:
            return replace(cell, column=cell.column + 1)
        return replace(cell, column_span=cell.column_span + (cell.column + cell.column_span > at))

    wide = changed(grid, change)
    taken = {
        (c.row + down, c.column + over)
        for c in wide.cells
        for down in range(c.row_span)
        for over in range(c.column_span)
    }
    place = wide.cells[0].place
    own = [Cell(row, at, texts(row), place, reader="markup") for row in range(grid.rows) if (row, at) not in taken]
    cells = sorted((*wide.cells, *own), key=lambda cell: (cell.row, cell.column))
    return replace(wide, cells=tuple(cells), columns=grid.columns + 1)


def headless(grid: Grid) -> Grid:
    return changed(grid, lambda cell: replace(cell, text="") if cell.row < 3 else cell)


@pytest.mark.parametrize("at", [5, 10])
def test_a_column_that_the_form_has_not_is_left_out(at):
    for texts in (
        lambda row: "小计" if row == 2 else str(row % 3),
        lambda row: "备注" if row == 2 else "见附表" * (row % 2),
    ):
        wide = widened(GRIDS["applications"], at, texts)
        reading = read(grid_blocks({**GRIDS, "applications": wide}))
        assert differences(reading, REPORT) == {}
        assert sure(reading, "applications") == 1


@pytest.mark.parametrize("at", [3, 6, 10])
def test_which_column_is_too_much_is_told_by_the_classifier_where_headings_are_gone(at):
    wide = headless(widened(GRIDS["applications"], at, lambda row: str(row % 3)))
    blocks = grid_blocks({**GRIDS, "applications": wide})
    alone, carried = read(blocks), read(blocks, Oracle())
    assert sure(alone, "applications") == 0
    assert silent(alone, REPORT) == {}
    assert differences(carried, REPORT) == {}
    assert sure(carried, "applications") == 1


def test_each_cell_by_itself_follows_the_classifier_wherever_it_errs():
    right = read(grid_blocks(GRIDS), Oracle(), "greedy")
    assert differences(right, REPORT) == {}
    a, b = "applications.refused.state_secret", "applications.refused.prohibited_by_law"
    swapped = read(grid_blocks(GRIDS), Oracle(rows={a: b, b: a}), "greedy")
    assert values_of(swapped)[a + ".total"] == REPORT.values[b + ".total"]


def test_labels_alone_leave_the_classifier_aside():
    blocks = grid_blocks(GRIDS)
    assert read(blocks, Oracle(wrong=1.0), "labels").fields == read(blocks).fields


LEGAL = ".legal_service"


def emptied(grid: Grid, field_end: str) -> Grid:
    """The grid with nothing printed in the cells of fields of that ending."""
    return changed(
        grid, lambda cell: replace(cell, text="") if FIELD_OF.get(cell.text, "").endswith(field_end) else cell
    )


def test_a_strange_column_with_numbers_beside_an_empty_one_of_the_form_is_told_by_the_classifier():
    """As many columns have numbers as the form has, but one of them is not the form's."""
    wide = headless(widened(emptied(GRIDS["applications"], LEGAL), 4, lambda row: str(row % 3)))
    blocks = grid_blocks({**GRIDS, "applications": wide})
    alone, carried = read(blocks), read(blocks, Oracle())
    printed = {field for field in REPORT.values if field.startswith("applications.") and not field.endswith(LEGAL)}
    assert printed & differences(alone, REPORT).keys()
    assert silent(alone, REPORT) == {}
    assert not printed & differences(carried, REPORT).keys()
    assert all(carried.fields[field].confidence >= SURE for field in printed)


def test_blocks_without_readable_headings_are_told_apart_by_the_rows_that_the_classifier_sees():
    """A grid made of print alone has a gap between two columns, which is none of any block's."""
    wide = widened(unreadable(GRIDS["proactive"]), 2, lambda row: "")
    blocks = grid_blocks({**GRIDS, "proactive": wide})
    alone, carried = read(blocks), read(blocks, Oracle())
    own = {field for field in REPORT.values if field.startswith("proactive.")}
    assert len(own & differences(alone, REPORT).keys()) > len(own) / 2
    assert not own & differences(carried, REPORT).keys()


def test_headings_of_one_grid_are_not_those_of_the_next():
    """Each grid counts its columns by itself: the first of two text boxes has one column of labels, not three."""
    whole = GRIDS["applications"]
    cut = row_of(whole, "（一）予以公开")
    left = min(cell.column for cell in whole.cells if cell.text in FIELD_OF)

    def shifted(cell: Cell) -> Cell:
        if cell.column < left:
            return replace(cell, column=0, column_span=1)
        return replace(cell, column=cell.column - left + 1)

    upper = replace(changed(whole, lambda cell: shifted(cell) if cell.row < cut else None), rows=cut)
    lower = without_rows(whole, range(cut))
    blocks = [part for block in grid_blocks(GRIDS) for part in ((upper, lower) if block is whole else (block,))]
    assert len(blocks) == len(grid_blocks(GRIDS)) + 1
    reading = read(blocks)
    assert differences(reading, REPORT) == {}
    assert sure(reading, "applications") == 1


def short_disputes(lost: int) -> Grid:
    """The table of one row without its last columns, headings and all."""
    whole = GRIDS["disputes"]
    return replace(
        changed(whole, lambda cell: cell if cell.column + cell.column_span <= whole.columns - lost else None),
        columns=whole.columns - lost,
    )


def test_cells_of_a_row_that_does_not_close_are_shown_where_the_classifier_sees_them_but_never_sure():
    blocks = grid_blocks({**GRIDS, "disputes": short_disputes(2)})
    own = {field for field in REPORT.values if field.startswith("disputes.")}
    assert all(read(blocks).fields[field].state == "missing" for field in own)
    carried = read(blocks, Oracle())
    assert len(own & differences(carried, REPORT).keys()) == 2
    assert silent(carried, REPORT) == {}
    assert sure(carried, "disputes") == 0
    guessed = [issue for issue in carried.issues if issue.code == "uncertain-place"]
    assert [set(issue.fields) for issue in guessed] == [own - differences(carried, REPORT).keys()]
    assert guessed[0].severity == "error"
    doubtful = read(blocks, Oracle(probability=0.9))
    assert all(doubtful.fields[field].state == "missing" for field in own)


def test_a_field_that_two_cells_claim_is_none_of_theirs():
    short = short_disputes(2)
    first = next(cell for cell in short.cells if cell.text in FIELD_OF)
    second = next(cell for cell in short.cells if cell.text in FIELD_OF and cell is not first)
    twice = changed(short, lambda cell: replace(cell, text=first.text) if cell is second else cell)
    reading = read(grid_blocks({**GRIDS, "disputes": twice}), Oracle())
    assert reading.fields[FIELD_OF[first.text]].state == "missing"
    assert reading.fields[FIELD_OF[second.text]].state == "missing"
