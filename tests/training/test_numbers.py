"""Drawn numbers: they balance unless an error was drawn, print as their values say, and repeat by seed."""

import json
import os
import subprocess
import sys

import pytest

from training.synthesize.invent import invent_report, redraw_report
from training.synthesize.numbers import table_identities, table_specs, violations
from training.synthesize.report import STROKES, DrawnReport, FormYear, from_values, print_value
from training.synthesize.shapes import forms_by_year

_SEEDS = range(150)


@pytest.fixture(scope="module")
def reports() -> list[DrawnReport]:
    return [invent_report(seed) for seed in _SEEDS]


def _sum(report: DrawnReport, names: tuple[str, ...]) -> float:
    return sum(report.values[name] or 0 for name in names)


def test_numbers_balance_except_for_the_violated_identities(reports: list[DrawnReport]) -> None:
    forms = forms_by_year()
    for report in reports:
        for identity in table_identities(forms, report.table_forms):
            holds = _sum(report, identity.left) == _sum(report, identity.right)
            assert holds is (identity.id not in report.violated), identity.id


def test_about_one_report_in_seven_has_an_error(reports: list[DrawnReport]) -> None:
    assert 0.07 < sum(bool(report.violated) for report in reports) / len(reports) < 0.23


def test_reports_have_exactly_the_fields_of_their_tables(reports: list[DrawnReport]) -> None:
    forms = forms_by_year()
    for report in reports:
        assert list(report.printed) == [spec.id for spec in table_specs(forms, report.table_forms)]


def test_printed_texts_say_their_values(reports: list[DrawnReport]) -> None:
    for report in reports:
        for name, text in report.printed.items():
            if text in ("", *STROKES):
                assert report.values[name] is None
            else:
                plain = text.partition("（")[0].removesuffix(report.units.get(name, "")).replace("减", "-")
                assert float(plain.lstrip("增")) == report.values[name]


def test_wordings_vary(reports: list[DrawnReport]) -> None:
    texts = {text for report in reports for text in report.printed.values()}
    for sign in ("减", "增", "+", "-", "元", "万元", "（其中"):
        assert any(sign in text for text in texts if len(text) > 1), sign


def test_applications_and_disputes_are_counts(reports: list[DrawnReport]) -> None:
    for report in reports:
        for name, value in report.values.items():
            if not name.startswith("proactive."):
                assert value is None or (isinstance(value, int) and value >= 0)


def test_habits_agencies_and_sizes_vary(reports: list[DrawnReport]) -> None:
    assert {"", "/", "-", "0"} <= {text for report in reports for text in report.printed.values()}
    assert {tuple(report.table_forms.values()) for report in reports} >= {
        ("2019", "2019", "2019"),
        ("2021", "2021", "2021"),
        ("2021", "2019", "2019"),
    }
    assert len({report.agency for report in reports}) > 140
    assert any(report.units for report in reports)
    assert any((value or 0) > 100 for report in reports for value in report.values.values())
    assert any(not any(report.values.values()) for report in reports) or any(
        sum(value or 0 for name, value in report.values.items() if name.startswith("applications")) == 0
        for report in reports
    )


def test_prose_states_the_number_of_the_table(reports: list[DrawnReport]) -> None:
    total = "applications.received.total"
    told = 0
    for report in reports:
        prose = "".join(report.sections["applications"].paragraphs)
        if "共收到" in prose:
            told += 1
            assert f"共收到政府信息公开申请{report.values[total] or 0}件" in prose
    assert told > 5


def test_the_truth_has_the_format_of_the_reports() -> None:
    truth = invent_report(4).truth()
    assert list(truth) == ["template", "table_forms", "year", "title", "agency", "values", "violated"]
    assert truth["template"] == truth["table_forms"]["proactive"]
    assert json.loads(json.dumps(truth)) == truth


def test_a_seed_means_the_same_in_every_process() -> None:
    code = "from training.synthesize.invent import invent_report; print([invent_report(seed) for seed in range(12)])"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": salt},
            capture_output=True,
            check=True,
        ).stdout
        for salt in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_redrawing_keeps_the_numbers_and_nothing_else() -> None:
    truth = invent_report(9).truth()
    truth["values"]["applications.received.total"] = {"any": [None, 7]}
    again = redraw_report(truth, 1)
    want = {**truth["values"], "applications.received.total": None}
    assert dict(again.values) == want
    assert again.title != truth["title"]
    assert again.year == truth["year"]
    blanks = {again.printed[name] for name, value in want.items() if value is None}
    assert len(blanks) == 1 and blanks <= {"", "/", "-"}
    assert again.violated == violations(table_identities(forms_by_year(), again.table_forms), want)


def test_values_print_as_they_stand() -> None:
    assert print_value(12) == ("12", 12, "")
    assert print_value(5.035) == ("5.035", 5.035, "")
    assert print_value(24252.311082) == ("24252.311082", 24252.311082, "")
    assert print_value(-18) == ("-18", -18, "")
    assert print_value("2笔") == ("2笔", 2, "笔")
    assert print_value("984361元") == ("984361元", 984361, "元")
    assert print_value(None, "/") == ("/", None, "")
    assert print_value({"any": [None, 0]}) == ("", None, "")
    assert print_value({"any": [0, None]}, "/") == ("0", 0, "")


@pytest.mark.parametrize("value", ["若干", ["1"], object()])
def test_what_is_no_value_is_rejected(value: object) -> None:
    with pytest.raises(ValueError, match="not a printable value"):
        print_value(value)


def test_printed_texts_and_values_must_have_the_same_fields() -> None:
    forms: dict[str, FormYear] = {"proactive": "2021"}
    made = from_values({"a": 1}, title="", agency="", year=2021, table_forms=forms, sections={})
    assert made.printed == {"a": "1"}
    with pytest.raises(ValueError, match="same fields"):
        DrawnReport("", "", 2021, {"proactive": "2021"}, {"a": "1"}, {}, {})
