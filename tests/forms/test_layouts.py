"""The three tables in every layout, sound: every number in its place, and what stands around them in none."""

from __future__ import annotations

import random

import opencc
import pytest

from service.documents.model import Cell, Grid, Paragraph, Place
from tests.forms.written import (
    MIXTURES,
    TEXTS,
    differences,
    grid_blocks,
    grids,
    indented_cells,
    lines_by_table,
    numbered,
    paragraphs,
    piped_rows,
    printed,
    read,
    run_together,
    scanned,
    spaced_rows,
    stacked_cells,
    tab_rows,
    text_blocks,
)
from training.synthesize.flow.text import use_radicals

TO_TRADITIONAL = opencc.OpenCC("s2t")


def made(*rows):
    """A table of other things."""
    cells = tuple(
        Cell(row, column, text, Place()) for row, texts in enumerate(rows) for column, text in enumerate(texts)
    )
    return Grid(cells, len(rows), len(rows[0]), "markup")


STATISTICS = made(
    ("指标", "单位", "2020年", "2021年", "增减", "备注", "总计"),
    ("发布信息", "条", "120", "150", "30", "", "270"),
    ("网站访问量", "次", "5000", "7000", "2000", "", "12000"),
    ("受理申请", "件", "3", "4", "1", "", "7"),
)
CONTACTS = made(("单位", "电话", "邮编"), ("办公室", "0373-4596789", "453800"), ("传真", "4596788", "453800"))
PROSE = {
    "proactive": ("本年制发规章 3 件，废止 1 件，现行有效 7 件。",),
    "applications": (
        "2021年，本机关新收政府信息公开申请12件，其中自然人9件，法人或其他组织3件，上年结转2件。",
        "予以公开 5 件，部分公开 3 件，属于国家秘密 0 件，结转下年度继续办理 2 件。",
    ),
    "disputes": ("行政复议结果维持 1 件，结果纠正 0 件，总计 1 件。",),
}


@pytest.mark.parametrize(("year", "applications"), MIXTURES)
def test_a_grid_is_read_exactly(year, applications):
    report = numbered(year, applications)
    reading = read(grid_blocks(grids(report)))
    assert differences(reading, report) == {}
    assert {table.table: table.form.year for table in reading.tables} == dict(report.table_forms)
    assert reading.template.year == year
    assert min(one.confidence for one in reading.fields.values()) >= 0.95
    assert reading.issues == ()


@pytest.mark.parametrize(("year", "applications"), MIXTURES)
@pytest.mark.parametrize("layout", TEXTS)
def test_a_text_is_read_exactly(layout, year, applications):
    report = numbered(year, applications)
    reading = read(text_blocks(lines_by_table(report, TEXTS[layout])))
    assert differences(reading, report) == {}
    assert {table.table: table.form.year for table in reading.tables} == dict(report.table_forms)
    assert min(one.confidence for one in reading.fields.values()) >= 0.95
    assert reading.issues == ()


def test_every_reading_says_where_it_stands():
    report = numbered()
    tables = grids(report)
    by_text = {cell.text: cell.place for grid in tables.values() for cell in grid.cells}
    for field, one in read(grid_blocks(tables)).fields.items():
        assert one.cell == by_text[report.printed[field]].cell
        assert (one.page, one.bbox, one.line) == (None, None, None)
    blocks = text_blocks(lines_by_table(report, stacked_cells))
    lines = {block.text: block.place.line for block in blocks if isinstance(block, Paragraph)}
    for field, one in read(blocks).fields.items():
        assert one.line == lines[report.printed[field]]
    seen = {table: scanned(grid, page) for page, (table, grid) in enumerate(tables.items(), start=2)}
    boxes = {cell.text: (cell.place.page, tuple(cell.place.box)) for grid in seen.values() for cell in grid.cells}
    for field, one in read(grid_blocks(seen)).fields.items():
        assert (one.page, one.bbox) == boxes[report.printed[field]]


@pytest.mark.parametrize("writer", [tab_rows, indented_cells, spaced_rows, run_together], ids=lambda w: w.__name__)
def test_radicals_in_place_of_characters_change_nothing(writer):
    report = numbered()
    blocks = text_blocks(lines_by_table(report, writer))
    damaged = [Paragraph(use_radicals(block.text, random.Random(1)), block.place) for block in blocks]
    assert damaged != blocks
    assert differences(read(damaged), report) == {}


@pytest.mark.parametrize(
    "writer",
    [
        tab_rows,
        spaced_rows,
        run_together,
    ],
    ids=lambda w: w.__name__,
)
def test_traditional_script_changes_nothing(writer):
    report = numbered()
    blocks = text_blocks(lines_by_table(report, writer))
    damaged = [Paragraph(TO_TRADITIONAL.convert(block.text), block.place) for block in blocks]
    assert differences(read(damaged), report) == {}


def test_other_tables_before_between_and_after_are_left_alone():
    report = numbered()
    tables = {table: [STATISTICS, grid, CONTACTS] for table, grid in grids(report).items()}
    reading = read([CONTACTS, STATISTICS, *grid_blocks(tables), STATISTICS, CONTACTS])
    assert differences(reading, report) == {}


@pytest.mark.parametrize("writer", [tab_rows, spaced_rows, stacked_cells, run_together], ids=lambda w: w.__name__)
def test_other_numbers_before_and_after_a_text_are_left_alone(writer):
    report = numbered()
    around = paragraphs(["访问量 5000 7000 2000", "电话 0373 4596789", "2\t3\t4\t5\t6\t7\t27", "1 2 3 4 5 6 7"])
    reading = read([*around, *text_blocks(lines_by_table(report, writer)), *around])
    assert differences(reading, report) == {}


def test_prose_between_heading_and_table_gives_no_values():
    report = numbered()
    assert differences(read(grid_blocks(grids(report), PROSE)), report) == {}
    for writer in (tab_rows, stacked_cells, run_together, piped_rows):
        assert differences(read(text_blocks(lines_by_table(report, writer), PROSE)), report) == {}


def test_units_and_remarks_stay_out_of_the_value_and_in_the_text():
    texts = {
        "proactive.regulations.disclosed_total": "22（其中修订16件）",
        "proactive.licensing.previous_items": "2笔",
        "proactive.licensing.change": "减3",
        "proactive.other_services.change": "-18",
        "proactive.penalties.change": "+4",
        "proactive.procurement.items": "1,234",
        "proactive.procurement.amount": "984361元",
        "proactive.penalties.previous_items": "１２",
    }
    values = [22, 2, -3, -18, 4, 1234, 984361, 12]
    report = printed(numbered("2019"), texts, dict(zip(texts, values, strict=True)))
    for blocks in (grid_blocks(grids(report)), text_blocks(lines_by_table(report, tab_rows))):
        fields = read(blocks).fields
        assert [fields[field].value for field in texts] == values
        assert [fields[field].text for field in texts] == list(texts.values())
        assert [fields[field].unit for field in texts] == [None, "笔", None, None, None, None, "元", None]
        assert min(fields[field].confidence for field in texts) >= 0.95


def test_the_unit_of_the_heading_is_the_units_of_a_bare_amount():
    field = "proactive.fees.amount"
    bare = read(grid_blocks(grids(printed(numbered(), {field: "5.035"}, {field: 5.035})))).fields[field]
    assert (bare.value, bare.unit) == (5.035, "万元")
    own = read(grid_blocks(grids(printed(numbered(), {field: "50350元"}, {field: 50350})))).fields[field]
    assert (own.value, own.unit) == (50350, "元")
    assert read(grid_blocks(grids(printed(numbered(), {field: ""})))).fields[field].unit is None


def test_more_decimals_than_a_form_asks_for_are_kept():
    field = "proactive.procurement.amount"
    report = printed(numbered("2019"), {field: "24252.311082"}, {field: 24252.311082})
    assert differences(read(text_blocks(lines_by_table(report, spaced_rows))), report) == {}
