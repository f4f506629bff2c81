"""Parts of the pipeline that have a bar: the numeric reader, the token classifier, reconciliation."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from data import SAMPLES
from service.documents import open_document
from service.forms import load_vocabulary
from service.tables import build_blocks
from training.bench.whole import FILES, runs
from training.synthesize.effects import QUALITIES, Quality

if TYPE_CHECKING:
    from models.digits import NumericCrop

# What measures a part imports what it needs itself, so that the others are measured without: the token classifier
# shall need no PyTorch.

CROPS = 280
"""Cells that the numeric reader reads at once: more than a report has numbers."""
REPORTS = 8
"""Drawn reports that are reconciled with each number of misreadings."""

Seconds = dict[str, list[float]]
"""What was measured -> seconds of each run or report."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part, with the bars that it shall stay under."""

    measure: Callable[[int, int], Seconds]
    """Takes how many runs count, and threads."""
    median: float
    """Bar of the median, in seconds."""
    worst: float
    """Bar of the worst."""


def numeric_reader(repeat: int, threads: int) -> Seconds:
    """Seconds for a batch of cells of drawn scans in all qualities, once warm."""
    from models.digits import load_digits

    reader, crops = load_digits(threads), number_crops(CROPS)
    return {f"numeric reader, {len(crops)} cells": runs(lambda: reader.read(crops), repeat)}


def number_crops(count: int, qualities: Sequence[Quality] = QUALITIES, seed: int = 0) -> list[NumericCrop]:
    """So many cells without labels out of drawn scans, one report of each quality, cut as reading cuts them."""
    from models.digits import FOREIGN
    from service.scan.reading.crops import crop_at
    from training.digits.crops import page_crops
    from training.synthesize.scans import scan_case

    scanned = [scan_case("plain", quality, seed, "train", tables_only=True)[1] for quality in qualities]
    pages = [pair for one in scanned for pair in zip(one.pages, one.scans, strict=True)]
    found = [crop for page, scan in pages for crop in page_crops(page, scan, found=True) if crop.text != FOREIGN]
    chosen = random.Random(seed).sample(found, count)
    return [crop_at(crop.picture, crop.frame, crop.digit) for crop in chosen]


def token_classifier(repeat: int, threads: int) -> Seconds:
    """Seconds for all cells of each sample that needs no OCR, once warm; says whether PyTorch was there."""
    del threads  # it is served with one
    from models.cells import load_classifier
    from service.forms.evidence import gather
    from training.cells.dataset import cells_of

    classifier, vocabulary = load_classifier(), load_vocabulary()
    if classifier is None:
        return {}
    best = []
    for file in FILES:
        document = open_document(file, (SAMPLES / file).read_bytes())
        lines, _ = cells_of(document.blocks or build_blocks(document.pages))
        best.append(min(runs(partial(gather, lines, classifier, vocabulary), repeat)))
    return {f"token classifier, a report, {'with' if 'torch' in sys.modules else 'without'} torch": best}


def reconciliation(repeat: int, threads: int, reports: int = REPORTS) -> Seconds:
    """Seconds for drawn reports with each number of planted misreadings, each reconciled once."""
    del repeat, threads
    from training.simulate.scenarios import COUNTS, simulate

    names = [f"{count} wrong" for count in COUNTS]
    simulate(reports, 0, names[:1])  # the first has what is loaded once in it
    found: Seconds = {f"reconciliation, {name}": [] for name in names}
    for number in range(reports):
        for one in simulate(number, 0, names):
            found[f"reconciliation, {one.scenario}"].append(one.seconds)
    return found


PARTS: Mapping[str, Part] = {
    "numeric reader": Part(numeric_reader, median=0.3, worst=0.3),
    "token classifier": Part(token_classifier, median=0.1, worst=0.1),
    "reconciliation": Part(reconciliation, median=0.03, worst=1.0),
}
