"""Ways of placing cells compared: label matching, the classifier's best guess for each cell, its global decoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.readers import Readers
from service.documents import open_document
from service.documents.model import Block
from service.forms import load_forms, load_vocabulary, read_form
from service.forms.decode import Decoding
from service.forms.evidence import Classifier
from service.results import Number
from service.scan import read_page
from service.tables import build_blocks
from training.evaluate import same_value
from training.proof.cases import Drawn
from training.synthesize.pdf import image_pdf
from training.synthesize.report import DrawnReport
from training.synthesize.scans import scan_pages
from training.synthesize.split import split_seed

WAYS: tuple[Decoding, ...] = ("labels", "greedy", "both")
MEANINGS: Mapping[Decoding, str] = {
    "labels": "label matching alone",
    "greedy": "classifier, each cell by itself",
    "both": "classifier with global decoding",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """What a way made of one report."""

    fields: int
    right: int
    wrong: int
    """Fields with a number that is not theirs. The rest of what is not right was not found, and goes to a person."""


def prove_blocks(report: DrawnReport, blocks: Sequence[Block], classifier: Classifier | None) -> dict[Decoding, Placed]:
    """Place the cells of one report in every way; only by labels where there is no classifier."""
    found: dict[Decoding, Placed] = {}
    for way in WAYS if classifier else WAYS[:1]:
        reading = read_form(blocks, load_forms(), load_vocabulary(), classifier, way)
        found[way] = _compared(report.values, {field: one.value for field, one in reading.fields.items()})
    return found


def scanned_blocks(drawn: Drawn, seed: int, readers: Readers) -> Sequence[Block]:
    """The blocks of a clean scan of drawn pages, read by OCR."""
    report, pages = drawn
    scanned = scan_pages(report, pages, "clean", split_seed(seed, "held-out"), split="held-out")
    document = open_document("scan.pdf", image_pdf(scanned.scans))
    return build_blocks([read_page(page, readers) for page in document.pages])


def _compared(true: Mapping[str, Number | None], found: Mapping[str, Number | None]) -> Placed:
    right = [field for field, value in true.items() if same_value(found.get(field), value)]
    wrong = {field for field, value in true.items() if found.get(field) is not None}.difference(right)
    return Placed(len(true), len(right), len(wrong))
