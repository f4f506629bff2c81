from __future__ import annotations

import random
import re

import pytest

from service.forms.normalise import label_key
from tests.training.flow_reports import FIRST, numbered_report, with_cells
from training.synthesize.flow import prints, rows
from training.synthesize.flow.text import STYLES, write_text
from training.synthesize.shapes import shape_tables

LINED = [name for name in STYLES if name != "flat"]


def _numbers(text: str) -> list[int]:
    """The report's numbers in the order in which they stand in the text."""
    plain = text.translate({ord("０") + digit: str(digit) for digit in range(10)}).replace(",", "")
    return [int(one) for one in re.findall(r"(?<!\d)1[0-2]\d\d(?!\d)", plain)]


@pytest.mark.parametrize("name", LINED)
@pytest.mark.parametrize(("year", "applications"), [("2021", None), ("2019", None), ("2021", "2019")])
def test_every_number_stands_once_and_in_order(name: str, year: str, applications: str | None) -> None:
    report = numbered_report(year, applications)  # type: ignore[arg-type]
    for seed in range(4):
        written = write_text(report, STYLES[name], seed)
        assert _numbers(written.text) == list(range(FIRST, FIRST + len(report.printed)))
        assert dict(written.report.values) == dict(report.values)


def test_flat_text_runs_the_digits_together() -> None:
    report = numbered_report()
    written = write_text(report, STYLES["flat"], 1)
    run = re.sub(r"\s", "", written.text)
    assert "100110021003" in run
    assert not written.recoverable


@pytest.mark.parametrize("name", STYLES)
def test_a_seed_gives_one_text(name: str) -> None:
    report = numbered_report()
    assert write_text(report, STYLES[name], 7).text == write_text(report, STYLES[name], 7).text
    assert write_text(report, STYLES[name], 7).text != write_text(report, STYLES[name], 8).text or name == "piped-cells"


def test_only_two_styles_lose_the_place_of_numbers() -> None:
    assert {name for name, style in STYLES.items() if not style.recoverable} == {"dropped", "flat"}


def test_blank_cells_keep_their_field_or_get_a_mark() -> None:
    report = numbered_report()
    blank = list(report.printed)[40:44]
    report = with_cells(report, dict.fromkeys(blank, ""), dict.fromkeys(blank))
    after = report.printed[list(report.printed)[44]]
    assert f"\t\t\t\t{after}" in write_text(report, STYLES["tab-rows"], 1).text.replace("\n", "")
    assert write_text(report, STYLES["tab-rows"], 1).report.values[blank[0]] is None
    assert f"|\n|\n|\n|\n{after} |" in write_text(report, STYLES["piped-cells"], 1).text
    assert f"\t\n\t\n\t\n\t\n\t{after}" in write_text(report, STYLES["indented-cells"], 1).text
    filled = write_text(report, STYLES["spaced-rows"], 1)
    assert f"0 0 0 0 {after}" in filled.text
    assert filled.report.values[blank[0]] == 0
    struck = write_text(report, STYLES["numbers-above"], 1)
    assert f"/ / / / {int(after):,}" in struck.text
    assert struck.report.values[blank[0]] is None
    dropped = write_text(report, STYLES["dropped"], 1)
    assert "0 0 0 0" not in dropped.text
    assert dropped.report.values[blank[0]] is None


def test_labels_cut_by_a_column_share_a_character() -> None:
    shape = shape_tables(numbered_report())[1]
    lines = [line for row in rows.tab_wrapped(shape, random.Random(1)) for line in row]
    first = next(line for line in lines if line.startswith("一、")).split("\t")
    assert first[0][-1] == first[1][0]
    assert first[1][-1] == first[2][0]
    assert first[3] == str(FIRST + 10)


def test_pages_end_inside_tables() -> None:
    ends = set()
    for seed in range(12):
        text = write_text(numbered_report(), STYLES["page-rows"], seed).text
        table = text[text.index("1,011") :]
        ends |= {one for one in ("— 2 —", "第 2 页 共 9 页", "P. 2\nPage 3 - 临江市") if one in text}
        assert re.search(r"^\D{0,8}[23]\D{0,8}\b", table, re.MULTILINE)
    assert len(ends) == 3


def test_traditional_script_and_radicals() -> None:
    piped = write_text(numbered_report(), STYLES["piped-cells"], 1)
    assert "政府信息公開" in piped.text
    assert piped.report.title == "臨江市檔案局政府信息公開工作年度報告"
    spaced = write_text(numbered_report(), STYLES["spaced-rows"], 1)
    assert "⼯作" in spaced.text
    assert "工作" not in spaced.text
    assert label_key(spaced.text.splitlines()[0]) == label_key(spaced.report.title)


def test_prints_change_texts_and_not_values() -> None:
    report = numbered_report("2019")
    change = next(field for field in report.printed if field.endswith(".change"))
    amount = next(field for field in report.printed if field.endswith(".amount"))
    report = with_cells(report, {change: "-3", amount: "5.035"}, {change: -3, amount: 5.035})
    rng = random.Random(4)
    worded = prints.word_signs(report, rng)
    assert worded.printed[change] in ("减3", "减少3")
    united = prints.stick_units(report, rng)
    assert united.units[amount] in ("元", "万元")
    assert re.fullmatch(r"5\.035 ?(元|万元)", united.printed[amount])
    remarked = prints.add_remarks(report, rng)
    assert sum("修订" in text or "联合" in text for text in remarked.printed.values()) == 2
    grouped = prints.group_thousands(",")(report, rng)
    assert grouped.printed[next(iter(report.printed))] == "1,001"
    assert grouped.printed[amount] == "5.035"
    for one in (worded, united, remarked, grouped, prints.widen_digits(report, rng)):
        assert one.values == report.values


def test_only_zero_or_a_stroke_fills_a_blank() -> None:
    with pytest.raises(ValueError, match="not a mark"):
        prints.fill_blanks("7")
