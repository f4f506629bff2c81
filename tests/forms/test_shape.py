"""A table whose labels are all lost, told by how many cells each of its lines has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.forms.lines import lines_of
from service.forms.rows import match_table
from service.reconcile import SURE
from tests.forms.written import (
    VOCABULARY,
    changed,
    differences,
    form,
    grid_blocks,
    grids,
    numbered,
    read,
    retexted,
    scanned,
    table_fields,
    without_rows,
)

TABLE = "proactive"


def without_labels(grid, numbers):
    """The grid with every label and heading worn to the same two strokes."""
    return changed(grid, lambda cell: cell if cell.text in numbers else replace(cell, text="辶凵" if cell.text else ""))


def worn(year):
    """A report, and its tables, the first with nothing but its numbers left."""
    report = numbered(year)
    tables = grids(report)
    return report, tables | {TABLE: scanned(without_labels(tables[TABLE], set(report.printed.values())))}


@pytest.mark.parametrize("year", ["2019", "2021"])
def test_a_table_without_one_legible_label_is_told_by_its_shape(year):
    report, tables = worn(year)
    assert differences(read(grid_blocks(tables)), report) == {}


@pytest.mark.parametrize("year", ["2019", "2021"])
def test_the_heading_of_its_chapter_may_be_lost_as_well(year):
    report, tables = worn(year)
    blocks = [block for block in grid_blocks(tables) if "主动公开" not in getattr(block, "text", "")]
    assert differences(read(blocks), report) == {}


def test_headings_that_a_seal_has_cut_in_pieces_do_not_matter():
    report, tables = worn("2021")
    first, *others = tables[TABLE].cells
    pieces = [replace(first, column=column, column_span=1) for column in range(first.column_span)]
    cut = replace(tables[TABLE], cells=(*pieces, *others))
    assert differences(read(grid_blocks(tables | {TABLE: cut})), report) == {}


def test_a_table_that_lacks_a_line_has_another_shape_and_its_fields_are_missing():
    report, tables = worn("2021")
    row = next(cell.row for cell in tables[TABLE].cells if cell.text == report.printed["proactive.licensing.decisions"])
    reading = read(grid_blocks(tables | {TABLE: without_rows(tables[TABLE], [row])}))
    assert {one.state for name, one in reading.fields.items() if name.startswith(TABLE)} == {"missing"}


def test_a_label_that_can_be_read_outweighs_the_shape():
    """Rows that a report prints in another order stand under their labels."""
    report = numbered("2021")
    tables = grids(report)
    swapped = retexted(tables[TABLE], {"行政处罚": "行政强制", "行政强制": "行政处罚"})
    reading = read(grid_blocks(tables | {TABLE: scanned(swapped)}))
    told = {name: one for name, one in reading.fields.items() if "penalties" in name or "compulsion" in name}
    assert all(one.state == "missing" or one.value != report.values[name] for name, one in told.items())


def test_a_row_that_a_seal_has_cut_in_pieces_has_no_place_but_the_others_have():
    report, tables = worn("2021")
    cut = next(cell for cell in tables[TABLE].cells if cell.text == report.printed["proactive.licensing.decisions"])
    pieces = [replace(cut, column=cut.column + at, column_span=1) for at in range(cut.column_span)]
    others = [cell for cell in tables[TABLE].cells if cell is not cut]
    cells = tuple(sorted((*others, *pieces), key=lambda cell: (cell.row, cell.column)))
    reading = read(grid_blocks(tables | {TABLE: replace(tables[TABLE], cells=cells)}))
    lost = {name for name, one in reading.fields.items() if name.startswith(TABLE) and one.state == "missing"}
    assert lost == {"proactive.licensing.decisions"}
    assert set(differences(reading, report)) == lost


def on_two_pages(grid):
    """The grid in two: its last row is another."""
    cut = grid.rows - 1
    first = replace(grid, cells=tuple(cell for cell in grid.cells if cell.row < cut), rows=cut)
    rest = tuple(replace(cell, row=0) for cell in grid.cells if cell.row == cut)
    return first, replace(grid, cells=rest, rows=1)


@pytest.mark.parametrize("legible", [True, False])
def test_the_first_page_of_a_table_is_told_by_its_shape_where_the_labels_of_the_next_are_legible(legible):
    """A seal has cut one row in pieces, so that the others are not as many as the form's."""
    report, tables = worn("2021")
    lost = "proactive.licensing.decisions"
    cut = next(cell for cell in tables[TABLE].cells if cell.text == report.printed[lost])
    pieces = [replace(cut, column=cut.column + at, column_span=1) for at in range(cut.column_span)]
    others = [cell for cell in tables[TABLE].cells if cell is not cut]
    first, rest = on_two_pages(replace(tables[TABLE], cells=(*others, *pieces)))
    if legible:
        rest = on_two_pages(scanned(grids(report)[TABLE]))[1]
    matches = match_table(lines_of([first, rest], (), VOCABULARY), form("2021").table(TABLE)).rows
    found = {slot[0].cell.text: match.certainty for match in matches for slot in match.placement.slots}
    fields = [field for field in table_fields("2021", TABLE) if field != lost and legible]
    assert set(found) == {report.printed[field] for field in fields}
    assert (
        max((sure for text, sure in found.items() if text != report.printed["proactive.fees.amount"]), default=0) < SURE
    )


@pytest.mark.parametrize("row", [2, 3, 6, 9, 10])
def test_a_table_of_one_page_that_lacks_a_row_is_none_that_goes_on_on_the_next(row):
    _, tables = worn("2021")
    reading = read(grid_blocks(tables | {TABLE: without_rows(tables[TABLE], [row])}))
    assert {one.state for name, one in reading.fields.items() if name.startswith(TABLE)} == {"missing"}
