"""A report for the tests of the flowing formats: every cell has a number of its own, to be found again."""

from __future__ import annotations

from dataclasses import replace

from training.synthesize.report import DrawnReport, FormYear, Section, from_values
from training.synthesize.shapes import forms_by_year

FIRST = 1001


def numbered_report(year: FormYear = "2021", applications: FormYear | None = None) -> DrawnReport:
    """Fields numbered from `FIRST` in printed order; prose without digits."""
    forms = forms_by_year()
    table_forms = {table.id: year for table in forms[year].tables}
    if applications:
        table_forms["applications"] = applications
    fields = [spec.id for table, form in table_forms.items() for spec in forms[form].table(table).fields()]
    sections = {
        chapter.id: Section(
            chapter.label, ("（一）本机关按照条例的要求开展工作，" + "主动公开各类信息，" * 5 + "取得成效。",)
        )
        for chapter in forms[year].chapters
    }
    return from_values(
        {field: number for number, field in enumerate(fields, start=FIRST)},
        title="临江市档案局政府信息公开工作年度报告",
        agency="临江市档案局",
        year=2021,
        table_forms=table_forms,
        sections=sections,
    )


def with_cells(report: DrawnReport, printed: dict[str, str], values: dict[str, int | float | None]) -> DrawnReport:
    """The report with some cells printed otherwise."""
    return replace(report, printed={**report.printed, **printed}, values={**report.values, **values})
