"""Reports that state their numbers: true statements raise no alarm, false ones do."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from service.extract import extract
from service.reconcile.words import words_against_tables
from service.results import Issue, Reading, Report, Section
from training.synthesize.flow.text import STYLES, write_text
from training.synthesize.invent import invent_report
from training.synthesize.numbers import table_specs
from training.synthesize.report import DrawnReport
from training.synthesize.shapes import forms_by_year
from training.synthesize.telling import chinese, tell_numbers

TOTAL = "applications.received.total"
ROWS = ("received", "carried_in", "concluded", "carried_out")
"""Rows of applications that nearly all of the sentences state."""


def warnings(report: DrawnReport) -> list[Issue]:
    units = {spec.id: spec.unit for spec in table_specs(forms_by_year(), report.table_forms)}
    fields = {
        name: Reading(
            value=value,
            text=report.printed[name],
            state="blank" if value is None else "read",
            confidence=1,
            unit=report.units.get(name) or units[name],
        )
        for name, value in report.values.items()
    }
    sections = [
        Section(id=name, title=one.title, text="\n".join(one.paragraphs)) for name, one in report.sections.items()
    ]
    about = Report(title=report.title, agency=report.agency, year=report.year)
    return list(words_against_tables(sections, fields, about, {}))


def test_two_hundred_reports_that_state_their_own_numbers_raise_no_alarm() -> None:
    told = [tell_numbers(invent_report(seed), seed) for seed in range(200)]
    assert sum(len(one.sections["overview"].paragraphs) for one in told) > 400
    alarms = {seed: [issue.message for issue in warnings(one)] for seed, one in enumerate(told)}
    assert {seed: messages for seed, messages in alarms.items() if messages} == {}


def test_most_planted_differences_are_seen() -> None:
    seen = planted = 0
    for seed in range(120):
        report = tell_numbers(invent_report(seed), seed)
        rng = random.Random(seed)
        row = rng.choice(ROWS[:3])
        line = [name for name in report.values if name.startswith(f"applications.{row}.")]
        if not report.values[line[-1]]:
            continue
        # The table says another number than the words, in the total and in a column of it.
        changed = {name: (report.values[name] or 0) + 1 + rng.randrange(40) for name in (line[0], line[-1])}
        found = warnings(replace(report, values={**report.values, **changed}))
        planted += 1
        seen += any(line[-1] in issue.fields for issue in found)
    assert planted > 60
    assert seen / planted > 0.5


def test_a_report_that_is_read_is_warned_of_and_goes_through_all_the_same() -> None:
    report = invent_report(8)
    for received, codes in ((0, []), (500, ["words-differ"])):
        said = f"{report.year}年，本机关共收到政府信息公开申请{(report.values[TOTAL] or 0) + received}件。"
        told = replace(
            report, sections={**report.sections, "overview": report.sections["overview"]._replace(paragraphs=(said,))}
        )
        result = extract("report.txt", write_text(told, STYLES["tab-rows"], 1).text.encode())
        assert [issue.code for issue in result.issues] == codes
        assert result.status == "reconciled"


def test_telling_changes_the_chapters_alone_and_always_alike() -> None:
    report = invent_report(7)
    told = tell_numbers(report, 3)
    assert told == tell_numbers(report, 3)
    assert told != tell_numbers(report, 4)
    assert replace(told, sections=report.sections) == report
    for name, section in report.sections.items():
        assert told.sections[name].paragraphs[: len(section.paragraphs)] == section.paragraphs


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "零"), (7, "七"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (110, "一百一十"),
     (1001, "一千零一"), (1020, "一千零二十"), (1641, "一千六百四十一"), (3002, "三千零二")],
)  # fmt: skip
def test_chinese_numerals(number: int, text: str) -> None:
    assert chinese(number) == text


def test_chinese_numerals_have_an_end() -> None:
    with pytest.raises(ValueError, match="10000"):
        chinese(10_000)
