from __future__ import annotations

import pytest

from service.forms import read_report
from service.results import Report
from tests.forms.written import VOCABULARY, paragraphs

AGENCY = "青石县统计局"
TITLE = "青石县统计局2021年政府信息公开工作年度报告"


def report(*lines, stated=None):
    return read_report(paragraphs(lines), stated, VOCABULARY)


@pytest.mark.parametrize(
    ("lines", "title", "agency"),
    [
        ([TITLE], TITLE, AGENCY),
        (["青石县统计局", "2021年政府信息公开工作年度报告"], TITLE, AGENCY),
        (["青石县统计局2021年政府信息", "公开工作年度报告"], TITLE, AGENCY),
        (["青石县统计局", "2021年政府信息公开", "工作年度报告"], TITLE, AGENCY),
        (["  青石县统计局 2021 年政府信息公开工作年度报告  "], TITLE, AGENCY),
        (["青石县统计局2021年度政府信息公开年报"], "青石县统计局2021年度政府信息公开年报", AGENCY),
        (["2021年青石县统计局政府信息公开工作年度报告"], "2021年青石县统计局政府信息公开工作年度报告", AGENCY),
        (["2021年度青石县统计局政府信息公开年度报告"], "2021年度青石县统计局政府信息公开年度报告", AGENCY),
        (["标题: " + TITLE, "发布时间: 2022-01-12", "来源：本站"], TITLE, AGENCY),
        (["青石縣統計局2021年政府信息公開工作年度報告"], "青石縣統計局2021年政府信息公開工作年度報告", "青石縣統計局"),
        (["首页 > 政务公开", "2022-01-12", TITLE, "浏览次数：35"], TITLE, AGENCY),
        (["青石县统计局2021年政府信息公开⼯作年度报告"], TITLE, AGENCY),
    ],
)  # fmt: skip
def test_title_agency_and_year(lines, title, agency):
    found = report(*lines, "一、总体情况", "2022年将继续推进各项工作，在2020年的基础上有所提高。")
    assert found == Report(title=title, agency=agency, year=2021)


def test_a_title_that_only_a_sentence_names():
    found = report(
        "根据《中华人民共和国政府信息公开条例》规定，现公布青石县统计局2021年政府信息公开工作年度报告。",
        "本报告所列数据的统计期限自2021年1月1日起至12月31日止。",
    )
    assert (found.title, found.agency, found.year) == (TITLE, AGENCY, 2021)


def test_the_line_wins_over_the_sentence():
    found = report("现公布青石县统计局2020年政府信息公开工作年度报告。", TITLE)
    assert (found.title, found.year) == (TITLE, 2021)


def test_a_title_inside_a_sentence():
    found = report("按照要求，现公布青石县统计局2021年政府信息公开工作年度报告，本报告由总体情况等六部分组成。")
    assert (found.title, found.agency, found.year) == (TITLE, AGENCY, 2021)


def test_what_the_file_states_counts_where_the_text_is_silent():
    assert report("一、总体情况", stated=TITLE) == Report(title=TITLE, agency=AGENCY, year=2021)
    assert report(TITLE, "一、总体情况", stated="政府信息公开年报-某某网").title == TITLE
    assert report("一、总体情况", stated="Microsoft Word - 文档1").title is None


def test_the_publisher_is_the_agency_where_the_title_names_none():
    found = report("2021年政府信息公开工作年度报告", "发布机构：青石县统计局", "一、总体情况")
    assert (found.agency, found.year) == (AGENCY, 2021)


def test_the_year_of_the_words_counts_where_the_title_has_none():
    found = report("政府信息公开", "2021年，我局认真贯彻条例。", "2021年1月1日至12月31日。", "2020年受理2件。")
    assert found.year == 2021


@pytest.mark.parametrize(
    "lines",
    [
        [],
        ["会议通知", "请各单位于3月5日前报送材料。"],
        ["关于印发《政府信息公开工作年度报告格式》的通知"],
        ["一、总体情况", "我局认真贯彻落实《政府信息公开条例》。"],
    ],
)
def test_what_is_no_title(lines):
    found = report(*lines)
    assert found.title is None
    assert found.year is None


def test_everything_on_one_line():
    text = f"{TITLE} 一、总体情况 2021年，我局主动公开信息35条。" + "公开工作平稳有序。" * 20
    found = report(text)
    assert found.year == 2021
    assert found.title in (TITLE, None)
    assert found.agency in (AGENCY, None)
