from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Cell, Grid
from service.forms import read_chapters, read_report
from tests.forms.written import (
    FORMS,
    VOCABULARY,
    grids,
    lines_by_table,
    numbered,
    paragraphs,
    read,
    run_together,
    spaced_rows,
    tab_rows,
)

REPORT = numbered()
IDS = ["overview", "proactive", "applications", "disputes", "problems", "other"]
TITLES = [chapter.label for chapter in FORMS[-1].chapters]
WORDS = {
    "overview": "本年度公开工作平稳有序，群众满意度稳步提高。",
    "proactive": "主动公开的内容见下表。",
    "applications": "申请办理的内容见下表。",
    "disputes": "复议诉讼的内容见下表。",
    "problems": "主要问题是专业力量不足。下一步将加强培训。",
    "other": "没有其他需要报告的事项，收取信息处理费0元。",
}


def chapters(blocks):
    reading = read(blocks)
    return read_chapters(blocks, reading.lines, reading.regions, reading.template.chapters, VOCABULARY)


def whole(titles=None, words=None, tables=None, before=()):
    """A report's paragraphs and tables; `titles` and `words` by chapter id, None for a heading that is not there."""
    titles = {**dict(zip(IDS, TITLES, strict=True)), **(titles or {})}
    blocks = paragraphs(before)
    for chapter in IDS:
        if titles[chapter]:
            blocks += paragraphs([titles[chapter]])
        blocks += paragraphs([(words or WORDS)[chapter]] if (words or WORDS)[chapter] else [])
        table = (tables or grids(REPORT)).get(chapter)
        blocks += [table] if table else []
    return blocks


def as_text(writer):
    return {
        table: paragraphs(line for row in rows for line in row)
        for table, rows in lines_by_table(REPORT, writer).items()
    }


def whole_text(writer, words=None):
    tables = as_text(writer)
    blocks = []
    for chapter, title in zip(IDS, TITLES, strict=True):
        blocks += [*paragraphs([title, (words or WORDS)[chapter]]), *tables.get(chapter, ())]
    return blocks


def test_the_six_chapters_have_their_titles_and_words_and_no_numbers_of_tables():
    found = chapters(whole())
    assert [section.id for section in found] == IDS
    assert [section.title for section in found] == TITLES
    assert {section.id: section.text for section in found} == WORDS


def in_one_table(blocks):
    """Paragraphs as rows of one cell between the rows of the tables."""
    cells, rows = [], 0
    for block in blocks:
        if isinstance(block, Grid):
            cells += [replace(cell, row=cell.row + rows) for cell in block.cells]
            rows += block.rows
        else:
            cells.append(Cell(rows, 0, block.text, block.place, column_span=15))
            rows += 1
    return [Grid(tuple(cells), rows, 15, "markup")]


def test_a_report_that_is_one_table_has_a_title_and_chapters_all_the_same():
    blocks = in_one_table(whole(before=["青石县统计局2021年政府信息公开工作年度报告"]))
    found = chapters(blocks)
    assert [section.title for section in found] == TITLES
    assert {section.id: section.text for section in found} == WORDS
    report = read_report(blocks, None, VOCABULARY)
    assert (report.agency, report.year) == ("青石县统计局", 2021)


def test_the_caption_of_a_table_is_its_chapters_heading_where_there_is_no_other():
    tables = grids(REPORT)
    caption = "主动公开政府信息情况"
    tables["proactive"] = in_one_table([*paragraphs([caption]), tables["proactive"]])[0]
    found = chapters(whole(titles={"proactive": None}, tables=tables))
    assert [section.title for section in found if section.id == "proactive"] == [caption]
    assert [section.title for section in chapters(whole(tables=tables))] == TITLES


@pytest.mark.parametrize("writer", [tab_rows, spaced_rows, run_together], ids=lambda w: w.__name__)
def test_tables_written_as_text_stay_out_of_the_chapters(writer):
    found = {section.id: section.text for section in chapters(whole_text(writer))}
    assert list(found) == IDS
    for chapter in ("overview", "problems", "other"):
        assert found[chapter] == WORDS[chapter]
    for chapter in ("proactive", "applications", "disputes"):
        assert WORDS[chapter] in found[chapter]
        assert not any(number in found[chapter] for number in REPORT.printed.values())


@pytest.mark.parametrize(
    "marks",
    [
        "一二三一二三",
        "一一一一一一",
        "",
        "123456",
        "二三四五六七",
    ],
)
def test_the_numbering_does_not_count(marks):
    bare = [title.partition("、")[2] for title in TITLES]
    titles = {
        chapter: f"{marks[number]}、{title}" if marks else title
        for number, (chapter, title) in enumerate(zip(IDS, bare, strict=True))
    }
    found = chapters(whole(titles))
    assert [section.id for section in found] == IDS
    assert [section.title for section in found] == list(titles.values())
    assert {section.id: section.text for section in found} == WORDS


@pytest.mark.parametrize(
    ("chapter", "title"),
    [
        ("overview", "一、概述"),
        ("disputes", "四、因政府信息公开工作被申请行政复议、提起行政诉讼情况"),
        ("problems", "五、存在的问题及改进情况"),
        ("problems", "五、政府信息公开工作存在的主要问题及改进情况"),
        ("other", "六、其他需要报告事项"),
        ("applications", "三、收到和处理政府信息公開申請情況"),
        ("proactive", "⼆、主动公开政府信息情况"),
        ("overview", "一、 总体 情况"),
        ("overview", "一、总体情况："),
    ],
)
def test_headings_in_other_words(chapter, title):
    found = {section.id: section for section in chapters(whole({chapter: title}))}
    assert list(found) == IDS
    assert found[chapter].text == WORDS[chapter]


def test_a_table_of_contents_is_no_chapter():
    found = chapters(whole(before=["目录", *TITLES]))
    assert {section.id: section.text for section in found} == WORDS


@pytest.mark.parametrize("gone", IDS)
def test_a_chapter_without_heading_is_not_there(gone):
    found = chapters(whole({gone: None}))
    assert [section.id for section in found] == [chapter for chapter in IDS if chapter != gone]


def test_a_heading_with_a_sentence_on_the_same_line():
    found = {section.id: section for section in chapters(whole({"overview": "一、总体情况 本年度收到申请三件。"}))}
    assert found["overview"].title == "一、总体情况"
    assert found["overview"].text == "本年度收到申请三件。\n" + WORDS["overview"]


def test_a_heading_with_words_on_the_same_line():
    found = {
        section.id: section for section in chapters(whole({"other": "六、其他需要报告的事项　没有需要报告的事项"}))
    }
    assert found["other"].title == "六、其他需要报告的事项"
    assert found["other"].text == "没有需要报告的事项\n" + WORDS["other"]


def test_a_heading_with_one_character_on_the_same_line():
    found = {section.id: section for section in chapters(whole({"other": "六、其他需要报告的事项　无"}))}
    assert (found["other"].title, found["other"].text) == ("六、其他需要报告的事项", "无\n" + WORDS["other"])


def test_a_sentence_that_names_a_chapter_is_no_heading():
    words = {**WORDS, "overview": "本报告包括总体情况、主动公开政府信息情况。\n主动公开政府信息情况良好，详见下文。"}
    found = {section.id: section for section in chapters(whole(words=words))}
    assert found["proactive"].title == TITLES[1]
    assert found["proactive"].text == WORDS["proactive"]


@pytest.mark.parametrize(
    ("chapter", "title"),
    [
        ("overview", "一、总休情况"),
        ("overview", "一、总体青"),
        ("applications", "三、收到和理政 信息 开申请 况"),
        ("applications", "和处理政府信息公开申请情兄"),
        ("problems", "五、在的主要问颗及改进"),
        ("other", "六、其他需婴报吉的亨项"),
    ],
)
def test_a_worn_heading_is_found_between_the_others(chapter, title):
    found = {section.id: section for section in chapters(whole({chapter: title}))}
    assert list(found) == IDS
    assert found[chapter].title == title
    assert {section.id: section.text for section in found.values()} == WORDS


def test_a_heading_torn_in_two_lines_is_one():
    torn = whole({"disputes": None})
    at = next(i for i, block in enumerate(torn) if getattr(block, "text", "") == WORDS["disputes"])
    torn[at:at] = paragraphs(["四、政府信息公开行政", "复议、行政诉讼情况"])
    found = {section.id: section for section in chapters(torn)}
    assert found["disputes"].title == "四、政府信息公开行政复议、行政诉讼情况"
    assert found["disputes"].text == WORDS["disputes"]


@pytest.mark.parametrize(
    "line",
    [
        "（二）主动公开政府信息",
        "二、主动公开，政府信息情况如下：",
        "二、主动公开政府信息。",
        "主动公开政府信息情况见下列各表所示",
        "二、依申请办理",
    ],
)
def test_a_line_of_prose_is_no_worn_heading(line):
    blocks = whole({"proactive": None}, {**WORDS, "overview": WORDS["overview"] + "\n" + line})
    assert [section.id for section in chapters(blocks)] == [chapter for chapter in IDS if chapter != "proactive"]


def test_a_line_with_the_chapters_number_comes_before_one_that_quotes_it():
    titles = {"other": "六、其他需要告的事项"}
    found = {section.id: section for section in chapters(whole(titles, {**WORDS, "other": "无其他需要报告的事项"}))}
    assert (found["other"].title, found["other"].text) == (titles["other"], "无其他需要报告的事项")


def test_page_numbers_and_the_web_pages_own_words_are_dropped():
    blocks = whole()
    blocks += paragraphs(["— 5 —", "第 5 页 共 5 页", "附件下载", "版权所有：某市人民政府", "打印本页 关闭窗口", "3"])
    found = {section.id: section.text for section in chapters(blocks)}
    assert found["other"] == WORDS["other"]


def test_words_before_the_first_chapter_belong_to_none():
    found = chapters(whole(before=["某市某局2021年政府信息公开工作年度报告", "本报告依据《条例》编制。"]))
    assert "编制" not in "".join(section.text for section in found)


def test_paragraphs_keep_their_breaks_and_lose_their_layout():
    blocks = paragraphs([TITLES[0], "　　（一）⼯作 情况。", "", "　　（二）成效。", TITLES[4], "不足。"])
    assert [(section.id, section.text) for section in chapters(blocks)] == [
        ("overview", "（一）工作 情况。\n（二）成效。"),
        ("problems", "不足。"),
    ]


@pytest.mark.parametrize(
    "blocks", [[], paragraphs(["会议通知", "请于3月5日前报送。"])], ids=["nothing", "something else"]
)
def test_without_headings_there_are_no_chapters(blocks):
    assert chapters(blocks) == ()
