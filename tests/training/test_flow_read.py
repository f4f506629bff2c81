"""What gouji makes of drawn flowing formats: no wrong number is reconciled, whatever the layout."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from service.errors import NotAReport
from service.extract import extract
from training.synthesize.flow import docx, html
from training.synthesize.flow.text import STYLES, write_text
from training.synthesize.invent import invent_report
from training.synthesize.report import DrawnReport

SEEDS = (11, 12, 13)
Written = tuple[bytes, DrawnReport]


def _text(style: str, report: DrawnReport, seed: int) -> Written:
    written = write_text(report, STYLES[style], seed)
    return written.text.encode(), written.report


def _docx(report: DrawnReport, seed: int) -> Written:
    return docx.write_docx(report, docx.choose_style(seed), seed), report


def _html(report: DrawnReport, seed: int) -> Written:
    return html.write_html(report, html.choose_style(seed), seed), report


WAYS: dict[str, Callable[[DrawnReport, int], Written]] = {
    **{name: partial(_text, name) for name in STYLES},
    "docx": _docx,
    "html": _html,
}
UNRECOVERABLE = {name for name, style in STYLES.items() if not style.recoverable}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", SEEDS)
def test_reading_what_was_drawn(way: str, seed: int) -> None:
    data, report = WAYS[way](invent_report(seed), seed)
    try:
        result = extract(f"{way}.file", data)
    except NotAReport:
        assert way in UNRECOVERABLE  # it says that it finds no cell, which is true enough of digits run together
        return
    values = {field: reading.value for field, reading in result.fields.items()}
    wrong = {field: (values.get(field), value) for field, value in report.values.items() if values.get(field) != value}
    if result.status == "reconciled":
        assert wrong == {}
        assert report.violated == ()
    if way not in UNRECOVERABLE:
        assert wrong == {}
        assert (result.report.title, result.report.year) == (report.title, report.year)
