"""Fields of drawn reports as the pipeline finds them, held against their truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from models.cells import CellClassifier
from models.pooling import Pool
from service.documents.model import Page
from service.extract import extract
from service.forms import FormReading, load_forms, load_vocabulary, read_form
from service.reconcile import Sureness, judge, reconcile
from service.results import Reading
from service.scan.pooled import pooled_tokens
from service.scan.readings import PageReadings
from service.tables import build_blocks
from training.calibrate.collect import FIRST_SEED, ReadReport
from training.calibrate.risk import FieldSample
from training.evaluate.outcome import same_value
from training.loop.drawing import FLOWS, Order


@dataclass(frozen=True, slots=True)
class ScanSample:
    """One drawn report, read twice and reconciled."""

    fields: tuple[FieldSample, ...]
    exact: bool
    """Every field is there and right."""
    through: bool
    """It goes without a person."""


def scanned_report(
    report: ReadReport, pool: Pool, digits: str, classifier: CellClassifier | None, sureness: Sureness
) -> ScanSample:
    """A report read twice, from its pooled readings on."""
    reading = scanned_form(report, pool, digits, classifier)
    found = reconcile(reading.identities, reading.fields)
    fields = tuple(_judged(report.quality, found.fields, report.values))
    _, status = judge(found.identities, found.fields, reading.issues, sureness)
    exact = len(fields) == len(report.values) and all(one.right for one in fields)
    return ScanSample(fields, exact, status == "reconciled")


def scanned_form(report: ReadReport, pool: Pool, digits: str, classifier: CellClassifier | None) -> FormReading:
    """The form of a report read twice, from its pooled readings on."""
    pages = [_page(page.readings, pool, digits) for page in report.pages]
    return read_form(build_blocks(pages), load_forms(), load_vocabulary(), classifier)


def printed_fields(reports: int) -> Iterator[FieldSample]:
    """The fields of that many drawn reports in each format of text, read from end to end."""
    for number in range(reports):
        for kind in FLOWS:
            order = Order(FIRST_SEED + number, "train", quality="plain", format=kind)
            data, truth = order.load()
            yield from _judged(kind, extract(order.name, data).fields, truth["values"])


def _page(read: PageReadings, pool: Pool, digits: str) -> Page:
    numbers = [token for cell in read.cells for token in pooled_tokens(cell, pool, digits)]
    return replace(read.page, tokens=(*read.text, *numbers))


def _judged(group: str, fields: Mapping[str, Reading], values: Mapping[str, object]) -> Iterator[FieldSample]:
    """The fields that claim something: those that were found."""
    for name, want in values.items():
        reading = fields.get(name)
        if reading is not None and reading.state != "missing":
            yield FieldSample(group, reading.confidence, same_value(reading.value, want))
