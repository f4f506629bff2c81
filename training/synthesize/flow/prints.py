"""Other ways to print the same numbers: `DrawnReport` -> `DrawnReport`, each with its truth kept exact."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

from service.forms.catalogue import FieldSpec
from training.synthesize.report import STROKES, DrawnReport
from training.synthesize.shapes import forms_by_year

Change = Callable[[DrawnReport, random.Random], DrawnReport]
"""One way to print otherwise; what it chooses comes from the random numbers given."""

_FULL_WIDTH = {ord("0") + digit: chr(ord("０") + digit) for digit in range(10)}


def field_specs(report: DrawnReport) -> Mapping[str, FieldSpec]:
    """The report's fields by id, each from the form of its own table."""
    forms = forms_by_year()
    return {spec.id: spec for table, year in report.table_forms.items() for spec in forms[year].table(table).fields()}


def fill_blanks(mark: str) -> Change:
    """Print `mark` (a zero or a stroke) in every blank cell; after a zero the cell's value is 0."""
    if mark != "0" and mark not in STROKES:
        raise ValueError(f"not a mark for an empty cell: {mark!r}")

    def change(report: DrawnReport, rng: random.Random) -> DrawnReport:
        del rng
        blank = {field for field, text in report.printed.items() if not text.strip()}
        printed = {field: mark if field in blank else text for field, text in report.printed.items()}
        values = {field: 0 if field in blank and mark == "0" else value for field, value in report.values.items()}
        return replace(report, printed=printed, values=values)

    return change


def group_thousands(separator: str) -> Change:
    """Print whole numbers of four digits and more in groups of three."""

    def change(report: DrawnReport, rng: random.Random) -> DrawnReport:
        del rng
        return _reprint(report, lambda field, text: f"{int(text):,}".replace(",", separator), _is_whole)

    return change


def widen_digits(report: DrawnReport, rng: random.Random) -> DrawnReport:
    """Print every digit of the tables at full width."""
    del rng
    return _reprint(report, lambda field, text: text.translate(_FULL_WIDTH), lambda field, text: True)


def stick_units(report: DrawnReport, rng: random.Random) -> DrawnReport:
    """Print a unit right behind the numbers of the table of blocks, in some reports with a space between."""
    specs = field_specs(report)
    money = rng.choice(["元", "万元"])
    gap = rng.choice(["", "", " "])
    counted = rng.choice(["件", "笔", "项", ""])
    printed, units = dict(report.printed), dict(report.units)
    for field, text in report.printed.items():
        spec = specs[field]
        if not spec.heading or not _is_number(text) or field in units:
            continue
        unit = spec.unit or (money if spec.column.amount else counted)
        if unit:
            printed[field], units[field] = text + gap + unit, unit
    return replace(report, printed=printed, units=units)


def add_remarks(report: DrawnReport, rng: random.Random) -> DrawnReport:
    """Print a remark with a number of its own behind one or two counts of the first block."""
    specs = field_specs(report)
    counts = [
        field
        for field, text in report.printed.items()
        if specs[field].heading and specs[field].block == 0 and _is_whole(field, text) and int(text) > 1
    ]
    chosen = set(rng.sample(counts, min(len(counts), 2)))
    remarks = ["（其中修订{part}件）", "(其中联合发文{part}件)", "（含{part}件修订）"]

    def remark(field: str, text: str) -> str:
        return text + rng.choice(remarks).format(part=rng.randrange(1, int(text)))

    return _reprint(report, remark, lambda field, text: field in chosen)


def word_signs(report: DrawnReport, rng: random.Random) -> DrawnReport:
    """Print negative numbers with a word for the minus."""
    word = rng.choice(["减", "减少"])
    return _reprint(report, lambda field, text: word + text.lstrip("-"), lambda field, text: text.startswith("-"))


def _reprint(report: DrawnReport, how: Callable[[str, str], str], which: Callable[[str, str], bool]) -> DrawnReport:
    printed = {
        field: how(field, text) if report.values[field] is not None and which(field, text) else text
        for field, text in report.printed.items()
    }
    return replace(report, printed=printed)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isascii() and text.replace(".", "", 1).isdigit()


def _is_whole(field: str, text: str) -> bool:
    del field
    return text.isascii() and text.isdigit()
