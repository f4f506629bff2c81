"""Words against tables: what counts as a statement, what agrees with the tables, and above all what is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import pytest

from service.reconcile.prose import clauses, paragraphs, parse_number
from service.reconcile.statements import load_statements
from service.reconcile.verdict import judge
from service.reconcile.words import words_against_tables
from service.results import AlternativeValue, Issue, Reading, Report, Section
from tests.forms.written import form
from tests.reconcile.made import missing, read

AGENCY, YEAR = "澄岚市沅溪县教育局", 2023
RECEIVED, CARRIED_IN = "applications.received.total", "applications.carried_in.total"
CONCLUDED, CARRIED_OUT = "applications.concluded.total", "applications.carried_out.total"
GRANTED, PARTLY = "applications.granted.total", "applications.partly_granted.total"
REVIEWS, DIRECT = "disputes.reconsideration.total", "disputes.litigation_direct.total"
AFTER = "disputes.litigation_after_reconsideration.total"
ISSUED, REPEALED = "proactive.normative_documents.issued", "proactive.normative_documents.repealed"
FEES = "proactive.fees.amount"


def fields(values: Mapping[str, float | None], year: str = "2021", others: float = 0) -> dict[str, Reading]:
    """Every field of the form: those named, and `others` in all the rest."""
    found = {spec.id: read(others) for spec in form(year).fields()}
    return {**found, **{name: read(value) for name, value in values.items()}}


def issues(
    text: str,
    tables: Mapping[str, Reading],
    *,
    title: str = "一、总体情况",
    agency: str | None = AGENCY,
    year: int | None = YEAR,
) -> list[Issue]:
    report = Report(title=None, agency=agency, year=year)
    labels = {spec.id: spec.label for spec in form("2021").fields()}
    return list(words_against_tables([Section(id="x", title=title, text=text)], tables, report, labels))


# Statements, each with the fields that it is about and their sum


@pytest.mark.parametrize(
    ("text", "about", "value"),
    [
        ("2023年，我局共收到政府信息公开申请13件，均已按时答复。", RECEIVED, 13),
        ("2023年度，全年新收政府信息公开申请数量13件。", RECEIVED, 13),
        ("本年度共收到13件依申请公开请求。", RECEIVED, 13),
        ("（二）依申请公开情况。全年共收到申请十三件。", RECEIVED, 13),
        ("二是依申请公开。本年度，县教育局收到信息公开申请13份，", RECEIVED, 13),
        ("沅溪县教育局2023年共收到公民、法人和其他组织提出的政府信息公开申请１３件。", RECEIVED, 13),
        ("2023年我局收到政府信息公開申請13件。", RECEIVED, 13),
        ("2023年，我局共收到政府信息依申请公开办理事项一百零三件", RECEIVED, 103),
        ("2023年，我局共收到政府信息公开申请1，641件。", RECEIVED, 1641),
        ("2023年，我局共受理政府信息公开申请13件。", RECEIVED, 13),
        ("2023年，我局未收到任何形式的政府信息公开申请。", RECEIVED, 0),
        ("2023年没有收到公民依申请信息公开事项。", RECEIVED, 0),
        ("本年度本机关收到政府信息公开申请零件。", RECEIVED, 0),
        ("全年收到政府信息公开申请9件，上年结转政府信息公开申请2件。", CARRIED_IN, 2),
        ("全年收到政府信息公开申请9件（含上年度结转2件）。", CARRIED_IN, 2),
        ("全年收到政府信息公开申请9件，2022年结转2件。", CARRIED_IN, 2),
        ("收到政府信息公开申请9件，结转下年度继续办理3件。", CARRIED_OUT, 3),
        ("收到政府信息公开申请9件，结转至2024年度办理3件。", CARRIED_OUT, 3),
        ("收到政府信息公开申请9件（其中：网上申请7件，信函2件），上年度结转0件，本年度办结6件。", CONCLUDED, 6),
        ("依申请公开方面，全年办结申请6件。", CONCLUDED, 6),
        ("收到政府信息公开申请9件，其中予以公开4件，部分公开1件。", GRANTED, 4),
        ("收到政府信息公开申请9件。予以公开4件，部分公开1件，占11.1%。", PARTLY, 1),
        ("2023年我局因政府信息公开引起的行政复议2件、行政诉讼1件。", REVIEWS, 2),
        ("涉及政府信息公开的行政复议两起", REVIEWS, 2),
        ("我局有2件涉及政府信息公开工作的行政复议。", REVIEWS, 2),
        ("未发生因政府信息公开引起的行政复议。", REVIEWS, 0),
        ("全年制发行政规范性文件5件，废止行政规范性文件2件。", ISSUED, 5),
        ("全年制发行政规范性文件5件，废止行政规范性文件2件。", REPEALED, 2),
    ],
)
def test_a_statement_is_held_against_its_field(text: str, about: str, value: int) -> None:
    true = {RECEIVED: 9, CARRIED_IN: 2, CONCLUDED: 6, CARRIED_OUT: 3, GRANTED: 4, PARTLY: 1, REVIEWS: 2, DIRECT: 1}
    true |= {ISSUED: 5, REPEALED: 2, "applications.received.natural_person": 9} | {about: value}
    true |= {CARRIED_IN: 0, CONCLUDED: 77} if about == RECEIVED else {}
    true |= {"applications.received.natural_person": value} if about == RECEIVED else {}
    assert issues(text, fields(true)) == []
    # A total changes with one of its parts, for the sum of the parts may be meant as well.
    row = about.rpartition(".")[0]
    parts = [f"{row}.natural_person", f"{row}.upheld"] if about.endswith(".total") else []
    wrong = {**true, **{name: value + 40 for name in (about, *parts) if name in fields({})}}
    found = [issue for issue in issues(text, fields(wrong)) if about in issue.fields]
    assert [(issue.code, issue.severity) for issue in found] == [("words-differ", "warning")]
    assert f" {value}," in found[0].message and f" {value + 40}." in found[0].message


def test_the_message_quotes_the_words_and_names_the_cell() -> None:
    (issue,) = issues("2023年，我局共收到政府信息公开申请13件。", fields({RECEIVED: 12, CONCLUDED: 12}))
    assert issue.message == (
        "“我局共收到政府信息公开申请13件” in 一、总体情况 says 13, "
        "but in the table 一、本年新收政府信息公开申请数量 / 总计 is 12."
    )
    assert issue.fields == (RECEIVED,)
    assert issue.fingerprint


def test_a_sum_says_that_it_is_one() -> None:
    text = "收到政府信息公开申请9件，其中不予公开5件。"
    tables = {
        RECEIVED: 9,
        "applications.refused.state_secret.total": 1,
        "applications.refused.internal_affairs.total": 2,
    }
    (issue,) = issues(text, fields(tables))
    assert "the sum of" in issue.message and issue.message.endswith("is 3.")
    assert len(issue.fields) == 8


def test_the_same_difference_is_told_once() -> None:
    text = "2023年，我局共收到政府信息公开申请13件。\n本年度我局收到政府信息公开申请13件，均已答复。"
    assert len(issues(text, fields({RECEIVED: 12}))) == 1


@pytest.mark.parametrize(
    ("words", "unsure", "told"),
    [("13", {"13"}, 0), ("13", {"3", "1"}, 1), ("十三", {"三"}, 0), ("十三", {"二"}, 1), ("1，641", {"641"}, 0)],
)
def test_a_number_that_was_not_read_surely_states_nothing(words: str, unsure: set[str], told: int) -> None:
    section = Section(id="x", title="一、总体情况", text=f"2023年，我局共收到政府信息公开申请{words}件。")
    report = Report(title=None, agency=AGENCY, year=YEAR)
    assert len(list(words_against_tables([section], fields({RECEIVED: 12}), report, {}, unsure))) == told


def test_a_reading_that_the_ink_allows_is_suggested() -> None:
    tables = fields({RECEIVED: 73})
    other = AlternativeValue(value=13, confidence=0.2)
    tables[RECEIVED] = tables[RECEIVED].model_copy(update={"alternatives": (other,)})
    (issue,) = issues("2023年，我局共收到政府信息公开申请13件。", tables)
    assert issue.suggestion is not None
    assert (issue.suggestion.field, issue.suggestion.value) == (RECEIVED, 13)


def test_a_warning_alone_needs_no_review() -> None:
    found = issues("2023年，我局共收到政府信息公开申请13件。", fields({RECEIVED: 12}))
    told, status = judge((), fields({RECEIVED: 12}), found)
    assert (told, status) == (tuple(found), "reconciled")


def test_a_fingerprint_changes_with_the_values_and_with_the_words() -> None:
    marks = {
        issues(f"2023年，我局共收到政府信息公开申请{words}件。", fields({RECEIVED: value}))[0].fingerprint
        for words, value in ((13, 12), (13, 11), (14, 12))
    }
    assert len(marks) == 3


# Any sum that the words may mean is enough


@pytest.mark.parametrize(
    ("text", "tables"),
    [
        ("共收到政府信息公开申请13件", {RECEIVED: 11, CARRIED_IN: 2}),
        ("共受理政府信息公开申请13件", {RECEIVED: 15, CONCLUDED: 13}),
        ("答复政府信息公开申请13件", {CONCLUDED: 15, GRANTED: 8, PARTLY: 5}),
        ("收到政府信息公开申请9件，予以公开5件", {RECEIVED: 9, GRANTED: 4, PARTLY: 1}),
        ("因政府信息公开引起的行政诉讼3件", {DIRECT: 1, AFTER: 2}),
        ("因政府信息公开引起的行政诉讼2件", {DIRECT: 1, AFTER: 2}),
        ("因政府信息公开引起的行政复议1件", {REVIEWS: 3, "disputes.reconsideration.upheld": 1}),
    ],
)
def test_any_sum_that_the_words_may_mean_agrees(text: str, tables: dict[str, float]) -> None:
    assert issues(text, fields(tables)) == []


def test_a_total_left_blank_over_its_parts_says_nothing() -> None:
    tables = fields({"applications.granted.natural_person": 4, GRANTED: None, RECEIVED: 9})
    assert issues("收到政府信息公开申请9件，予以公开5件。", tables) == []


def test_a_blank_row_counts_as_zero() -> None:
    blank = {spec.id: None for spec in form("2021").fields() if spec.id.startswith("applications.received.")}
    assert len(issues("我局共收到政府信息公开申请5件。", fields(blank))) == 1
    assert issues("我局未收到政府信息公开申请。", fields(blank)) == []


def test_a_missing_cell_says_nothing() -> None:
    assert issues("我局共收到政府信息公开申请5件。", {**fields({}), RECEIVED: missing()}) == []


def test_of_two_statements_in_a_paragraph_the_one_that_agrees_is_about_the_whole() -> None:
    text = "2023年，我局收到政府信息公开申请12件。后又收到政府信息公开申请2件，一并办理。"
    assert issues(text, fields({RECEIVED: 12})) == []


# Forms and money


def test_the_2019_form_has_fields_of_its_own() -> None:
    text = "全年制发行政规范性文件5件，其中现行有效行政规范性文件9件。"
    made, total = "proactive.normative_documents.made", "proactive.normative_documents.disclosed_total"
    assert issues(text, fields({made: 5, total: 9}, "2019")) == []
    (issue,) = issues(text, fields({made: 4, total: 9}, "2019"))
    assert issue.fields == (made,)


@pytest.mark.parametrize(
    ("words", "amount", "unit", "differs"),
    [
        ("503500元", 50.35, "万元", False),
        ("50.35万元", 50.35, "万元", False),
        ("50.4万元", 50.35, "万元", False),
        ("51万元", 50.35, "万元", True),
        ("50.35万元", 503500, "元", False),
        ("503500元", 503500, "万元", True),
        ("0.5亿元", 5000, "万元", False),
        ("0元", 0, "万元", False),
        ("503500元", 50.35, None, False),
    ],
)
def test_amounts_are_compared_in_one_unit(words: str, amount: float, unit: str | None, differs: bool) -> None:
    tables = fields({})
    tables[FEES] = read(amount).model_copy(update={"unit": unit})
    assert bool(issues(f"全年收取行政事业性收费{words}。", tables)) == differs


def test_the_fee_for_information_is_another_fee() -> None:
    text = "2023年，我局严格落实《政府信息公开信息处理费管理办法》，全年收取政府信息公开信息处理费30元。"
    tables = {**fields({}), FEES: read(7545).model_copy(update={"unit": "万元"})}
    assert issues(text, tables) == []


# What is no statement about the whole of this report: every field is 777, and nothing is said


@pytest.mark.parametrize(
    "text",
    [
        "其中，受理政府信息公开申请5件。",
        "共收到政府信息公开申请，其中网上收到政府信息公开申请5件，",
        "通过网络平台收到政府信息公开申请5件。",
        "通过信函方式，共收到政府信息公开申请5件。",
        "2022年，我局共收到政府信息公开申请5件。",
        "与2022年相比，收到政府信息公开申请5件。",
        "去年同期，共收到政府信息公开申请5件。",
        "上半年，共收到政府信息公开申请5件。",
        "截至2023年12月31日，累计收到政府信息公开申请5件。",
        "《条例》实施以来，累计收到政府信息公开申请5件。",
        "2023年，全县共收到政府信息公开申请5件。",
        "2023年，全县各单位认真做好公开工作，共收到政府信息公开申请5件。",
        "全县各单位认真做好公开工作。共收到政府信息公开申请5件。",
        "2023年，县政府办代表县政府受理政府信息公开申请5件。",
        "2023年，县财政局收到政府信息公开申请5件。",
        "收到自然人政府信息公开申请5件。",
        "共收到政府信息公开申请约5件。",
        "共收到政府信息公开申请5余件。",
        "共收到政府信息公开申请5件以上。",
        "2023年收到政府信息公开申请5件，占全县的12%。",
        "2023年收到政府信息公开申请补正材料5件。",
        "2023年收到政府信息公开申请5件补正材料。",
        "2023年收到5件政府信息公开申请的补正材料。",
        "2023年，我局全年未收到行政许可申请。",
        "2023年，未收到政府信息公开申请行政复议改变的情形。",
        "2023年，我局主动公开政府信息1200条，依申请公开0件。",
        "我局在政府网站主动公开规范性文件13件。",
        "全年保留规范性文件65件、修改7件、废止52件。",
        "2023年受理行政复议案件30件，审结28件。",
        "我局未发生因政府信息公开被行政复议纠错的情况。",
        "办理12345热线47件，已全部办结47件。",
        "在依申请公开方面，全年办结人大代表建议12件、政协提案9件。",
        "2023年，中心热线共受理转办群众反映问题2670件，其中咨询类85件、投诉举报543件。",
        "予以公开5件，不予公开3件。",
        "举办政府信息公开申请办理培训2次，学习行政复议案例3个。",
        "下一步，2024年力争收到政府信息公开申请5件内全部办结。",
        "办理行政诉讼案件6件。",
        "因“属于国家秘密”等原因不予公开21件。",
        "收到政府信息公开申请比上年增加5件。",
    ],
)
def test_what_is_not_about_the_whole_is_left_alone(text: str) -> None:
    assert issues(text, fields({}, others=777)) == []


def test_a_part_counts_only_under_a_whole_that_agrees() -> None:
    text = "全年收到政府信息公开申请9件，其中予以公开5件。"
    assert [issue.fields for issue in issues(text, fields({RECEIVED: 9, GRANTED: 4}))] == [(GRANTED,)]
    assert [issue.fields for issue in issues(text, fields({RECEIVED: 8, GRANTED: 4}))] == [(RECEIVED,)]


def test_other_agencies_count_until_the_agency_speaks_of_itself() -> None:
    text = "按照全县政务公开工作部署，{}共收到政府信息公开申请5件。"
    assert issues(text.format(""), fields({RECEIVED: 4})) == []
    assert len(issues(text.format("我局"), fields({RECEIVED: 4}))) == 1


def test_words_in_the_agencys_own_name_narrow_nothing() -> None:
    text = "2023年，沅溪县信访局共收到政府信息公开申请5件。"
    assert len(issues(text, fields({RECEIVED: 4}), agency="沅溪县信访局")) == 1


def test_without_a_year_of_the_report_a_named_year_is_no_year_of_it() -> None:
    text = "2023年，我局共收到政府信息公开申请5件。"
    assert issues(text, fields({RECEIVED: 4}), year=None) == []
    assert len(issues(text.removeprefix("2023年，"), fields({RECEIVED: 4}), year=None)) == 1


def test_without_an_agency_its_own_words_still_count() -> None:
    assert len(issues("我局共收到政府信息公开申请5件。", fields({RECEIVED: 4}), agency=None)) == 1
    assert issues("县教育局共收到政府信息公开申请5件。", fields({RECEIVED: 4}), agency=None) == []


def test_short_words_need_to_be_told_what_they_are_about() -> None:
    assert issues("全年共收到申请5件。", fields({RECEIVED: 4})) == []
    assert len(issues("全年共收到申请5件。", fields({RECEIVED: 4}), title="三、收到和处理政府信息公开申请情况")) == 1


# Prose


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("1,641", 1641), ("0.5", Fraction(1, 2)), ("1.2万", 12000), ("零", 0), ("〇", 0), ("十", 10),
        ("十二", 12), ("二十", 20), ("三十二", 32), ("两", 2), ("一百零五", 105), ("一千零二十", 1020),
        ("二〇二三", 2023), ("三万二千", 32000), ("万", None),
    ],
)  # fmt: skip
def test_numbers_in_either_script(text: str, value: int | None) -> None:
    assert parse_number(text, load_statements().numerals) == value


def test_wrapped_lines_are_joined_and_headings_are_not() -> None:
    wrapped = "（二）依申请公开情况\n根据《条例》和上级部门关于依申请办理的规范要求，受理政府\n信息公开申请17件。\n完"
    assert list(paragraphs(wrapped)) == [
        "（二）依申请公开情况",
        "根据《条例》和上级部门关于依申请办理的规范要求，受理政府信息公开申请17件。",
        "完",
    ]


def test_clauses_keep_their_printed_words_and_know_asides() -> None:
    found = list(clauses("本年收到１３件（含結轉２件），金額5.035萬元"))
    assert [(one.text, one.as_printed, one.after[:3], one.aside) for one in found] == [
        ("本年收到13件", "本年收到１３件", "(含结", False),
        ("含结转2件", "含結轉２件", "),金", True),
        ("金额5.035万元", "金額5.035萬元", "", False),
    ]
