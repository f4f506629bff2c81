"""Many reports drawn at once: what comes out is the same in one process and in many."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

import cv2

from training.synthesize.cases import Case, draw_case
from training.synthesize.effects import Quality
from training.synthesize.pdf import text_pdf
from training.synthesize.places import write_boxes
from training.synthesize.scans import FileKind, scan_case, write_scans
from training.synthesize.split import Split

Medium = Quality | Literal["text"]
"""A scan of a quality, or a PDF with a text layer."""


@dataclass(frozen=True, slots=True)
class Order:
    """One report to draw."""

    seed: int
    split: Split
    case: Case
    quality: Medium
    beyond: float = 1.0
    turned: float = 0.0
    kind: FileKind = "pdf"
    tables_only: bool = False
    boxes: bool = False
    """Whether the place of every character and cell on the scans is written, too, as NAME.QUALITY.boxes.json."""

    @property
    def name(self) -> str:
        """Name of the drawing, without its quality and format."""
        return f"{self.split}{self.seed:07d}-{self.case}"


def list_orders(
    count: int,
    first: int,
    split: Split,
    cases: Sequence[Case],
    qualities: Sequence[Medium],
    *,
    beyond: float = 1.0,
    turned: float = 0.0,
    kind: FileKind = "pdf",
    tables_only: bool = False,
    boxes: bool = False,
) -> list[Order]:
    """Order `count` reports from seed `first` on, each with the next of all pairs of case and quality."""
    pairs = [(case, quality) for case in cases for quality in qualities]
    return [
        Order(first + number, split, *pairs[number % len(pairs)], beyond, turned, kind, tables_only, boxes)
        for number in range(count)
    ]


def draw_order(order: Order, folder: Path) -> int:
    """Draw one report into `folder`, with its truth as NAME.truth.json; returns the number of its pages."""
    if order.quality == "text":
        report, pages = draw_case(order.case, order.seed, order.split, prose=not order.tables_only, embeddable=True)
        (folder / f"{order.name}.text.pdf").write_bytes(text_pdf(pages, report.title))
        report.write_truth(folder / f"{order.name}.truth.json")
        return len(pages)
    report, scanned = scan_case(
        order.case,
        order.quality,
        order.seed,
        order.split,
        beyond=order.beyond,
        turned=order.turned,
        tables_only=order.tables_only,
    )
    write_scans(scanned, order.name, folder, order.kind)
    if order.boxes:
        write_boxes(scanned.pages, scanned.scans, folder / f"{order.name}.{order.quality}.boxes.json")
    report.write_truth(folder / f"{order.name}.truth.json")
    return len(scanned.pages)


def draw_orders(orders: Sequence[Order], folder: Path, jobs: int = 1) -> Iterator[int]:
    """Draw reports in `jobs` processes of one thread each; yields each report's number of pages, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = partial(draw_order, folder=folder)
    if jobs == 1:
        yield from map(draw, orders)
        return
    # Not forked: a process that has used threads cannot be forked safely.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        yield from pool.map(draw, orders, chunksize=2)
