"""A file that holds two reports: the first is read, and nothing of the second is taken for it."""

from __future__ import annotations

import pytest

from tests.forms.test_repeated import GRIDS, REPORT, another_year, empty, with_numbers
from tests.forms.written import chapter, differences, grid_blocks, paragraphs, read

CHAPTERS = ("overview", "proactive", "applications", "disputes", "problems", "other")
HEADINGS = {name: chapter(name) for name in CHAPTERS}
TITLE = "青石县统计局2021年政府信息公开工作年度报告"
OTHERS = "白水县档案局2021年政府信息公开工作年度报告"
SECOND = {table: another_year(grid) for table, grid in GRIDS.items()}


def report(tables, title=TITLE, headings=HEADINGS):
    """A report: its title, the headings of its chapters, and a table below them, or a sentence."""
    blocks = [*paragraphs([title])] if title else []
    for name in CHAPTERS:
        blocks += paragraphs([headings[name]]) if name in headings else []
        blocks += [tables[name]] if name in tables else paragraphs(["已经公开。"])
    return blocks


def without(mapping, *names):
    return {name: one for name, one in mapping.items() if name not in names}


def told(reading):
    return [issue.message for issue in reading.issues if issue.code == "another-report"]


@pytest.mark.parametrize("title", ["", "2022年青石县统计局政府信息公开工作年度报告"])
@pytest.mark.parametrize("worn", [(), ("overview",), ("overview", "proactive")])
def test_tables_are_those_of_the_first_report(title, worn):
    reading = read([*report(GRIDS), *report(SECOND, title, without(HEADINGS, *worn))])
    assert differences(reading, REPORT) == {}
    (message,) = told(reading)
    assert title in message


@pytest.mark.parametrize(
    "headings",
    [{}, {"overview": HEADINGS["overview"]}, {name: f"{text}如下：" for name, text in HEADINGS.items()}],
    ids=["none", "one", "run on"],
)
@pytest.mark.parametrize("second", [HEADINGS, {}], ids=["in the second", "nowhere"])
def test_labels_of_the_tables_tell_chapters_whose_headings_are_not_known(headings, second):
    reading = read([*report(GRIDS, TITLE, headings), *report(SECOND, OTHERS, second)])
    assert differences(reading, REPORT) == {}
    assert len(told(reading)) == 1


@pytest.mark.parametrize("lost", [("disputes",), ("applications", "disputes"), ("proactive", "applications")])
@pytest.mark.parametrize(
    "missing", [without, lambda grids, *names: {**grids, **{one: empty(grids[one]) for one in names}}]
)
def test_what_the_first_report_lacks_is_not_taken_from_another(missing, lost):
    reading = read([*report(missing(GRIDS, *lost)), *report(SECOND, OTHERS)])
    assert {one.value for field, one in reading.fields.items() if field.startswith(lost)} == {None}
    assert len(told(reading)) == 1


@pytest.mark.parametrize("stroke", ["/", "—"])
def test_a_first_report_of_strokes_is_read(stroke):
    strokes = {table: with_numbers(grid, lambda _: stroke) for table, grid in GRIDS.items()}
    reading = read([*report(strokes), *report(SECOND, OTHERS)])
    assert {one.state for one in reading.fields.values()} == {"marked"}
    assert len(told(reading)) == 1


@pytest.mark.parametrize("title", [OTHERS, TITLE.replace("2021", "2022")])
def test_another_report_with_the_same_numbers_is_no_copy(title):
    assert len(told(read([*report(GRIDS), *report(GRIDS, title)]))) == 1


COPIES = {
    "thousands": lambda text: f"{int(text):,}",
    "full width": lambda text: text.translate({ord("0") + n: "０１２３４５６７８９"[n] for n in range(10)}),
    "counted": lambda text: f"{text}件",
}


@pytest.mark.parametrize("number", COPIES.values(), ids=COPIES)
def test_a_copy_may_print_its_numbers_otherwise(number):
    copy = {table: with_numbers(grid, number) for table, grid in GRIDS.items()}
    assert told(read([*report(GRIDS), *report(copy), *paragraphs(["31415"])])) == []


def test_a_page_that_sums_its_tables_up_first_is_one_report():
    rows = [
        "行政许可 5",
        "行政处罚 7",
        "行政强制 9",
        "一、本年新收政府信息公开申请数量 3",
        "（一）予以公开 2",
        "行政复议 1",
    ]
    above = [*paragraphs([TITLE, HEADINGS["overview"], *rows[:3], HEADINGS["disputes"], *rows[3:]])]
    reading = read([*above, *report(GRIDS, "", without(HEADINGS, "overview"))])
    assert told(reading) == []
    assert differences(reading, REPORT) == {}


def test_a_title_that_is_printed_on_every_page_begins_no_report():
    head = paragraphs(["青石县统讦局2021年政府信息公开工作年度报告"])
    pages = [[*head, *grid_blocks({table: grid})] for table, grid in GRIDS.items()]
    reading = read([block for page in pages for block in page])
    assert told(reading) == []
    assert differences(reading, REPORT) == {}


def test_of_three_reports_the_first_is_read():
    third = {table: with_numbers(grid, "8{}".format) for table, grid in GRIDS.items()}
    assert differences(read([*report(GRIDS), *report(SECOND), *report(third)]), REPORT) == {}


@pytest.mark.parametrize("below", [GRIDS, {table: empty(grid) for table, grid in GRIDS.items()}], ids=["same", "empty"])
def test_nothing_is_said_of_a_copy_or_of_an_empty_form(below):
    reading = read([*report(GRIDS), *report(below)])
    assert differences(reading, REPORT) == {}
    assert told(reading) == []


@pytest.mark.parametrize("title", [TITLE, ""])
def test_an_empty_form_above_is_not_the_report(title):
    reading = read([*report({table: empty(grid) for table, grid in GRIDS.items()}, title), *report(GRIDS)])
    assert told(reading) == []
    assert differences(reading, REPORT) == {}


@pytest.mark.parametrize("above", [(), ("上一篇", OTHERS)], ids=["alone", "below a link"])
def test_a_list_of_contents_is_no_report(above):
    contents = paragraphs([*above, *HEADINGS.values()])
    reading = read([*contents, *report(GRIDS)])
    assert told(reading) == []
    assert differences(reading, REPORT) == {}
