"""Ways of placing cells compared: label matching, the classifier's best guess for each cell, its global decoding."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

from models.cells import CellClassifier
from models.readers import Readers
from service.documents import open_document
from service.documents.model import Block
from service.forms import load_forms, load_vocabulary, read_form
from service.forms.cell_inputs import cell_inputs
from service.forms.lines import Line
from service.forms.values import parse_value
from service.results import Number
from service.scan import read_page
from service.tables import build_blocks
from training.cells.classes import Position, positions
from training.evaluate import same_value
from training.proof.cases import Drawn
from training.synthesize.pdf import image_pdf
from training.synthesize.report import DrawnReport
from training.synthesize.scans import scan_pages
from training.synthesize.split import split_seed

Way = Literal["labels", "cells", "global"]
WAYS: tuple[Way, ...] = get_args(Way)
MEANINGS: Mapping[Way, str] = {
    "labels": "label matching alone",
    "cells": "classifier, each cell by itself",
    "global": "classifier with global decoding",
}

_VALUE = "value"


@dataclass(frozen=True, slots=True)
class Placed:
    """What a way made of one report."""

    fields: int
    right: int
    wrong: int
    """Fields with a number that is not theirs. The rest of what is not right was not found, and goes to a person."""


def prove_blocks(report: DrawnReport, blocks: Sequence[Block], classifier: CellClassifier | None) -> dict[Way, Placed]:
    """Place the cells of one report in every way; only by labels where there is no classifier."""
    forms, vocabulary = load_forms(), load_vocabulary()
    by_labels = read_form(blocks, forms, vocabulary)
    values: dict[Way, Mapping[str, Number | None]] = {
        "labels": {field: one.value for field, one in by_labels.fields.items()}
    }
    if classifier:
        values["cells"] = place_each(by_labels.lines, classifier)
    return {way: _compared(report.values, found) for way, found in values.items()}


def place_each(lines: Sequence[Line], classifier: CellClassifier) -> dict[str, Number | None]:
    """Each cell by itself: the field of its most probable row and column; of two for one field the more probable."""
    vocabulary = load_vocabulary()
    cells = cell_inputs(lines, vocabulary)
    found = classifier.classify([one.cell for one in cells])
    best: dict[str, tuple[float, Number | None]] = {}
    for number, one in enumerate(cells):
        row, column = int(found.row[number].argmax()), int(found.column[number].argmax())
        field = _fields().get((classifier.classes.rows[row], classifier.classes.columns[column]))
        if field is None or classifier.classes.roles[int(found.role[number].argmax())] != _VALUE:
            continue
        cell = lines[one.line].items[one.item].cell
        probability = float(found.row[number, row] * found.column[number, column])
        if probability > best.get(field, (0.0, None))[0]:
            best[field] = probability, parse_value(cell.text, vocabulary, ocr=cell.ink is not None).value
    return {field: value for field, (_, value) in best.items()}


def scanned_blocks(drawn: Drawn, seed: int, readers: Readers) -> Sequence[Block]:
    """The blocks of a clean scan of drawn pages, read by OCR."""
    report, pages = drawn
    scanned = scan_pages(report, pages, "clean", split_seed(seed, "held-out"), split="held-out")
    document = open_document("scan.pdf", image_pdf(scanned.scans))
    return build_blocks([read_page(page, readers) for page in document.pages])


@cache
def _fields() -> Mapping[Position, str]:
    return {position: field for field, position in positions().items()}


def _compared(true: Mapping[str, Number | None], found: Mapping[str, Number | None]) -> Placed:
    right = [field for field, value in true.items() if same_value(found.get(field), value)]
    wrong = {field for field, value in true.items() if found.get(field) is not None}.difference(right)
    return Placed(len(true), len(right), len(wrong))
