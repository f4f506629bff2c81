"""The form variant: the drawn tables of a report with an agency's own labels, and with its extra column."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import yaml

from service.documents.model import Box
from service.forms.catalogue import load_forms
from training.synthesize.alter import insert_column
from training.synthesize.invent import invent_report
from training.synthesize.layout import lay_out
from training.synthesize.pages import DrawnPage
from training.synthesize.pdf import text_pdf
from training.synthesize.report import DrawnReport, FormYear
from training.synthesize.shapes import TableShape
from training.synthesize.split import Split, split_seed
from training.synthesize.style import choose_style

AGENCY = Path(__file__).with_name("agency.yaml")
_WEIGHT = 0.7
"""Width of the extra column, as of a column of values."""


@dataclass(frozen=True, slots=True)
class Agency:
    """What an agency prints otherwise."""

    form: FormYear
    labels: dict[str, str]
    table: str
    after: str
    """The form's label of the column that the extra one stands behind."""
    heading: str


@cache
def load_agency(path: Path = AGENCY) -> Agency:
    """The agency of a file."""
    read: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    form: Literal["2019", "2021"] = read["form"]
    column = read["column"]
    return Agency(form, dict(read["labels"]), column["table"], column["after"], column["heading"])


def as_the_agency_prints(shape: TableShape, agency: Agency, rng: random.Random) -> TableShape:
    """A table in the agency's words, with its column where it has one there."""
    cells = tuple(
        one if one.role == "value" else replace(one, text=agency.labels.get(one.text, one.text)) for one in shape.cells
    )
    column = next((one for one in shape.cells if one.role == "heading" and one.text == agency.after), None)
    if shape.id != agency.table or column is None:
        return replace(shape, cells=cells)
    texts = {row: str(rng.choice([0, 0, 0, rng.randrange(1, 40)])) for row in range(shape.heading_rows, shape.rows)}
    at = column.column + column.column_span
    return insert_column(replace(shape, cells=cells), at, agency.heading, texts, _WEIGHT, None)


def draw_variant(seed: int, split: Split, agency: Agency) -> tuple[DrawnReport, tuple[DrawnPage, ...]]:
    """A report of the agency, and its pages; in fonts that a PDF can embed."""
    number = split_seed(seed, split)
    tables = [table.id for form in load_forms() if form.year == agency.form for table in form.tables]
    report = invent_report(number, table_forms=dict.fromkeys(tables, agency.form))
    rng = random.Random(f"variant {number}")
    style = choose_style(number, hard=0, embeddable=True, split=split)
    alter = partial(as_the_agency_prints, agency=agency, rng=rng)
    return report, lay_out(report, number, style=style, aliases=0, alter=alter)


@dataclass(frozen=True, slots=True)
class VariantFile:
    """A report of the agency as a PDF with a text layer."""

    report: DrawnReport
    data: bytes
    truth: dict[str, Any]
    """As in a truth file, with the texts and places that a person would label."""


def variant_file(seed: int, split: Split, agency: Agency) -> VariantFile:
    """Draw a report of the agency."""
    report, pages = draw_variant(seed, split, agency)
    places = {
        cell.field: {"page": number, "bbox": _fractions(cell.box, page)}
        for number, page in enumerate(pages, start=1)
        for cell in page.cells
        if cell.field and (cell.holds_text or not cell.text)
    }
    truth = {**report.truth(), "printed": dict(report.printed), "places": places, "case": "variant"}
    return VariantFile(report, text_pdf(pages, report.title), truth)


def _fractions(box: Box, page: DrawnPage) -> list[float]:
    return [box.x0 / page.width, box.y0 / page.height, box.x1 / page.width, box.y1 / page.height]
