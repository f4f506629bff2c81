"""Fields of drawn reports as the pipeline finds them, held against their truth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.cells import CellClassifier
from models.pooling import Pool
from service.documents.model import Page
from service.extract import extract
from service.forms import FormReading, load_forms, load_vocabulary, read_form
from service.forms.catalogue import IdentitySpec
from service.reconcile import Sureness, judge, prove, reconcile
from service.reconcile.model import Reconciliation
from service.reconcile.proof import Curve, Proof, bound_fields, is_sound, unproven_fields
from service.results import Issue, Reading
from service.scan.reading.pooled import pooled_tokens
from service.scan.reading.readings import PageReadings
from service.tables import build_blocks
from training.calibrate.collect import FIRST_SEED, ReadReport
from training.calibrate.fit import right_curve
from training.calibrate.risk import FieldSample
from training.datasets.orders import FLOWS, Order
from training.evaluate.outcome import same_value


@dataclass(frozen=True, slots=True)
class ScanSample:
    """One drawn report, read twice and reconciled."""

    quality: str
    found: Reconciliation
    identities: tuple[IdentitySpec, ...]
    issues: tuple[Issue, ...]
    values: Mapping[str, object]

    def fields(self, proof: Proof | None = None) -> list[FieldSample]:
        """The fields that were found."""
        return list(_judged(self.quality, prove(self.found, self.identities, self.issues, proof).fields, self.values))

    def through(self, proof: Proof | None, sureness: Sureness) -> bool:
        """Whether it goes without a person."""
        found = prove(self.found, self.identities, self.issues, proof)
        return judge(found.identities, found.fields, self.issues, sureness)[1] == "reconciled"

    @property
    def exact(self) -> bool:
        """Every field is there and right."""
        fields = self.fields()
        return len(fields) == len(self.values) and all(one.right for one in fields)


def scanned_report(report: ReadReport, pool: Pool, digits: str, classifier: CellClassifier | None) -> ScanSample:
    """A report read twice, from its pooled readings on."""
    reading = scanned_form(report, pool, digits, classifier)
    found = reconcile(reading.identities, reading.fields)
    return ScanSample(report.quality, found, reading.identities, reading.issues, report.values)


def measured_proof(samples: Sequence[ScanSample]) -> Proof | None:
    """How often fields of sound reports, and unproven ones of others, are right; None where too few were found."""
    groups: dict[str, list[FieldSample]] = {"bound": [], "free": [], "unproven": []}
    for sample in samples:
        bound, unproven = bound_fields(sample.identities), unproven_fields(sample.found, sample.identities)
        for one in sample.fields():
            if is_sound(sample.found, sample.issues):
                groups["bound" if one.name in bound else "free"].append(one)
            elif one.name in unproven:
                groups["unproven"].append(one)
    if any(len(group) < _FEW for group in groups.values()):
        return None
    return Proof(**{name: _curve(group) for name, group in groups.items()})


_FEW = 500
"""Fewer fields say nothing of how often such are right."""


def _curve(fields: Sequence[FieldSample]) -> Curve:
    steps = right_curve(np.array([one.confidence for one in fields]), np.array([one.right for one in fields], bool))
    return tuple((round(start, 7), round(share, 7)) for start, share in steps.tolist())


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
            yield FieldSample(group, reading.confidence, same_value(reading.value, want), name)
