"""A file that holds two reports: the first is read, and nothing of the second is taken for it."""

from __future__ import annotations

import pytest

from tests.forms.test_repeated import GRIDS, REPORT, another_year, empty, with_numbers
from tests.forms.written import chapter, differences, grid_blocks, paragraphs, read

CHAPTERS = ("overview", "proactive", "applications", "disputes", "problems", "other")
SECOND = {table: another_year(grid) for table, grid in GRIDS.items()}


def report(tables, title="青石县统计局2021年政府信息公开工作年度报告", without=()):
    """A whole report: its title, and every chapter's heading with its table; some of all that left out."""
    blocks = [*paragraphs([title])] if title else []
    for name in CHAPTERS:
        blocks += [] if name in without else paragraphs([chapter(name)])
        blocks += [tables[name]] if name in tables and f"{name} table" not in without else paragraphs(["已经公开。"])
    return blocks


def told(reading):
    return [issue.message for issue in reading.issues if issue.code == "another-report"]


@pytest.mark.parametrize("title", ["", "2022年青石县统计局政府信息公开工作年度报告"])
@pytest.mark.parametrize("worn", [(), ("overview",), ("proactive table",), ("overview", "proactive")])
def test_tables_are_those_of_the_first_report(title, worn):
    reading = read([*report(GRIDS), *report(SECOND, title, worn)])
    assert differences(reading, REPORT) == {}
    (message,) = told(reading)
    assert (title or "、") in message


def test_a_first_report_without_one_of_its_tables_takes_none_of_the_next():
    reading = read([*report(GRIDS, without=("disputes table",)), *report(SECOND)])
    assert {one.state for field, one in reading.fields.items() if field.startswith("disputes")} == {"missing"}
    assert len(told(reading)) == 1


def test_of_three_reports_the_first_is_read():
    third = {table: with_numbers(grid, "8{}".format) for table, grid in GRIDS.items()}
    assert differences(read([*report(GRIDS), *report(SECOND), *report(third)]), REPORT) == {}


@pytest.mark.parametrize("below", [GRIDS, {table: empty(grid) for table, grid in GRIDS.items()}], ids=["same", "empty"])
def test_nothing_is_said_of_a_copy_or_of_an_empty_form(below):
    reading = read([*report(GRIDS), *report(below)])
    assert differences(reading, REPORT) == {}
    assert told(reading) == []


def test_an_empty_form_above_is_not_the_report():
    reading = read([*report({table: empty(grid) for table, grid in GRIDS.items()}), *report(GRIDS)])
    assert told(reading) == []
    assert differences(reading, REPORT) == {}


def test_a_list_of_contents_is_no_report():
    contents = paragraphs([chapter(name) for name in CHAPTERS])
    reading = read([*contents, *grid_blocks(GRIDS)])
    assert told(reading) == []
    assert differences(reading, REPORT) == {}
