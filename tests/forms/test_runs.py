"""Digits run together: what is one, where it ends, and how its pieces are understood."""

from __future__ import annotations

import pytest

from service.documents.model import Place
from service.forms.catalogue import FieldSpec
from service.forms.runs import DigitRun, is_run, label_and_run, leading_run, next_marker, stroke_width, understand
from service.results import Number
from tests.forms.written import (
    VOCABULARY,
    Rows,
    balanced,
    form,
    lines_by_table,
    numbered,
    paragraphs,
    printed,
    read,
    spaced_rows,
    text_blocks,
)

SPECS = {year: {spec.id: spec for spec in form(year).fields()} for year in ("2019", "2021")}
COUNT = SPECS["2021"]["proactive.licensing.decisions"]
CHANGE = SPECS["2019"]["proactive.licensing.change"]
MONEY = SPECS["2019"]["proactive.procurement.amount"]
ROW = "applications.unavailable.not_held"
LABEL = "1.本机关不掌握相关政府信息"
NEXT = "2.没有现成信息需要另行制作"


def flat(*, own: str, after: str = NEXT, apart: str = "", lines: bool = False) -> list[Rows]:
    """The second table run together, with `own` as the numbers of one row and `after` as the label behind it."""
    values = balanced("2021")
    report = printed(numbered(), {field: str(value) for field, value in values.items()}, values)
    tables = lines_by_table(report, spaced_rows)
    texts = [line for row in tables["applications"] for line in row]
    texts = [f"{LABEL}{own}" if text.startswith(LABEL) else text.replace(NEXT, after) for text in texts]
    texts = [text if LABEL in text else text.replace(" ", apart) for text in texts]
    return [[[text] for text in texts] if lines else [["".join(texts)]], tables["proactive"], tables["disputes"]]


def runs_of(**how: object) -> dict[str, DigitRun]:
    applications, proactive, disputes = flat(**how)  # type: ignore[arg-type]
    reading = read(text_blocks({"proactive": proactive, "applications": applications, "disputes": disputes}))
    return {run.fields[0].rpartition(".")[0]: run for run in reading.runs}


@pytest.mark.parametrize(
    "text", ["640020470", "0 0 0 00 0 0", "1////12", "///////", "无无无无3无3", "3减318", "2笔984361元"]
)
def test_text_made_of_values_is_a_run(text: str) -> None:
    assert is_run(text, VOCABULARY)


@pytest.mark.parametrize("text", ["", "2021年", "（1）", "1.属于国家秘密", "第3页", "共收到12件申请", "元"])
def test_words_are_no_run(text: str) -> None:
    assert not is_run(text, VOCABULARY)


@pytest.mark.parametrize(
    ("text", "run"),
    [
        ("0 00 0 00五、存在的问题", "0 00 0 00"),
        ("000000000000000注：单位为件", "000000000000000"),
        ("2021年，无收取信息处理费情况", ""),
        ("0 0 0 0 0 0 0 2021年，无", ""),
        ("12件申请", ""),
        ("0000000", ""),
    ],
)
def test_digits_before_words_are_a_run_only_if_they_are_no_year_and_no_count(text: str, run: str) -> None:
    assert leading_run(text, VOCABULARY) == (run, text[len(run) :].strip() if run else text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("行政许可3960181", ("行政许可", "3960181")),
        ("其政府信息公开申请0000000", ("其政府信息公开申请", "0000000")),
        ("联系地址幸福路102", None),
        ("第1页共2", None),
        ("电话：05912436123", None),
    ],
)
def test_a_line_is_a_label_and_a_run_only_if_it_begins_with_one_or_has_several_cells(
    text: str, parts: tuple[str, str] | None
) -> None:
    assert label_and_run(text, {"行政许可"}) == parts


@pytest.mark.parametrize(
    ("piece", "spec", "value"),
    [
        ("0", COUNT, 0),
        ("70", COUNT, 70),
        ("07", COUNT, None),
        ("00", COUNT, None),
        ("1.5", COUNT, None),
        ("5.", COUNT, None),
        ("-3", COUNT, None),
        ("12345678901234", COUNT, None),
        ("-3", CHANGE, -3),
        ("减18", CHANGE, -18),
        ("0.52", MONEY, 0.52),
        ("00.52", MONEY, None),
        (".52", MONEY, None),
        ("984361元", MONEY, 984361),
        ("5.035万元", MONEY, 5.035),
        ("3件", COUNT, 3),
    ],
)
def test_a_piece_is_a_value_only_as_its_cell_would_be_printed(
    piece: str, spec: FieldSpec, value: Number | None
) -> None:
    found = understand(piece, spec, VOCABULARY)
    assert (found.value if found else None) == value


def test_a_stroke_is_as_wide_as_in_the_rows_of_nothing_else() -> None:
    cells = tuple(SPECS["2021"].values())[:3]
    runs = [DigitRun(cells, text, Place(), "text-layer", 1.0) for text in ("——————", "1——2")]
    assert stroke_width(runs) == 2
    assert stroke_width(runs[1:]) == 1
    assert understand("——", COUNT, VOCABULARY, 2) and not understand("—", COUNT, VOCABULARY, 2)


def test_the_number_of_the_next_label_is_no_part_of_a_run() -> None:
    run = runs_of(own="220000325")[ROW]
    assert (run.text, run.marker) == ("220000325", "")
    assert run.fields == tuple(field for field in SPECS["2021"] if field.startswith(ROW + "."))


@pytest.mark.parametrize("label", [NEXT.replace(".", ""), "2没有现成信息需要另行制作"])
def test_where_no_dot_parts_them_the_last_digit_may_be_the_label_s(label: str) -> None:
    run = runs_of(own="220000325", after=label)[ROW]
    assert (run.text, run.marker) == ("2200003252", "2")


def test_a_label_without_its_number_takes_no_digit_of_a_run() -> None:
    run = runs_of(own="220000325", after="没有现成信息需要另行制作")[ROW]
    assert (run.text, run.marker) == ("220000325", "")


def test_a_marker_is_only_what_the_form_prints_before_the_label() -> None:
    table = form("2021").table("applications")
    assert next_marker("0000002", "没有现成信息需要另行制作", table) == "2"
    assert next_marker("0000003", "没有现成信息需要另行制作", table) == ""
    assert next_marker("0000002", "予以公开", table) == ""


def test_a_row_a_line_may_run_together_as_well() -> None:
    runs = runs_of(own="220000325", lines=True)
    assert runs[ROW].text == "220000325"
    assert runs[ROW].place.line is not None


def test_words_that_are_apart_are_no_run() -> None:
    assert ROW not in runs_of(own=" 22 0 0 0 0 3 25", apart=" ")


@pytest.mark.parametrize("text", ["行政许可 2023年", "规章 — 3 —", "行政许可 12 34 56 78"])
def test_years_page_numbers_and_rows_of_too_many_numbers_are_no_runs(text: str) -> None:
    assert read(paragraphs(["二、主动公开政府信息情况", text, "三、收到和处理政府信息公开申请情况"])).runs == ()
