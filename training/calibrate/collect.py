"""Both readings of the cells of drawn scans, with what is really printed in them."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from models.digits import NumericCrop, NumericReader, NumericReading
from models.pooling import Candidate, PoolContext
from models.readers import Readers, load_readers
from service.documents.model import Box, Page
from service.files import write_whole
from service.scan.page import page_readings
from service.scan.picture.geometry import from_row
from service.scan.reading.readings import PageReadings, of_one_page
from training.digits.crops import true_cells
from training.evaluate.spread import spread
from training.synthesize.cases import Case
from training.synthesize.effects import QUALITIES, Quality, Scan
from training.synthesize.pages import DrawnPage
from training.synthesize.scans import scan_case

FIRST_SEED = 500_000_000
"""Reports from this number of the training split on are read for calibration and never trained on."""
_CASES: Sequence[Case] = (
    "plain",
    "plain",
    "plain",
    "page-break",
    "no-headings",
    "rules-third",
    "wrapped",
    "no-rules",
)
_BEYOND = (1.0, 1.0, 1.25)
"""How far the qualities are widened, in turn: to be sure is harder on worse scans than on those that are expected."""


@dataclass(frozen=True, slots=True)
class CellSample:
    """One cell read twice, and its truth."""

    quality: Quality
    report: str
    text: str
    """As `training.digits.printed.spell` has it."""
    ocr: tuple[Candidate, ...]
    numeric: NumericReading
    context: PoolContext


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page read twice, with what the numeric reader saw of it and what is really printed there."""

    readings: PageReadings
    crops: tuple[NumericCrop, ...]
    """Of each cell of `readings`; none any more once they have been read."""
    truths: tuple[str | None, ...]
    """Of each cell its text; None where it is not one true cell with all its print: no matter of reading."""


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A drawn report of which every page has been read twice."""

    number: int
    quality: Quality
    values: dict[str, Any]
    """Field id -> number as printed; None where there is none."""
    pages: tuple[ReadPage, ...]

    def samples(self) -> Iterator[CellSample]:
        """The cells whose truth is known."""
        for page in self.pages:
            for cell, text in zip(page.readings.cells, page.truths, strict=True):
                if text is not None:
                    yield CellSample(self.quality, str(self.number), text, cell.ocr, cell.weighed, cell.context)


def collect(folder: Path, reports: int, jobs: int = 1, qualities: Sequence[Quality] = QUALITIES) -> list[Path]:
    """Draw and read that many reports in each quality, one file each; files that are there already are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(folder, quality, number) for number in range(reports) for quality in qualities]
    return list(spread(_collect, wanted, jobs, ordered=True))


def read_collected(paths: Sequence[Path], digits: NumericReader) -> Iterator[ReadReport]:
    """What `collect` wrote, its numbers read by this numeric reader: a new one needs no new OCR.

    Only ever from a folder of one's own, for pickles can hold anything.
    """
    for path in paths:
        report: ReadReport = pickle.loads(path.read_bytes())
        yield replace(report, pages=tuple(_read_again(page, digits) for page in report.pages))


def _read_again(page: ReadPage, digits: NumericReader) -> ReadPage:
    numeric = digits.read(page.crops)
    cells = of_one_page([replace(c, numeric=one) for c, one in zip(page.readings.cells, numeric, strict=True)])
    return replace(page, readings=replace(page.readings, cells=cells), crops=())


class _Keeping(NumericReader):
    """A numeric reader that keeps what it was shown of each reading."""

    def __init__(self, reader: NumericReader) -> None:
        self.name = reader.name
        self._reader = reader
        self._shown: dict[int, tuple[NumericReading, NumericCrop]] = {}

    def read(self, crops: Sequence[NumericCrop]) -> tuple[NumericReading, ...]:
        """What the reader makes of them."""
        readings = self._reader.read(crops)
        for reading, crop in zip(readings, crops, strict=True):
            self._shown[id(reading)] = reading, NumericCrop(crop.picture.copy(), crop.digit)
        return readings

    def crop(self, reading: NumericReading) -> NumericCrop:
        """What this very reading was made of."""
        return self._shown[id(reading)][1]


@cache
def _readers() -> Readers:
    return load_readers(threads=1)


def _collect(wanted: tuple[Path, Quality, int]) -> Path:
    folder, quality, number = wanted
    path = folder / f"{number:05d}.{quality}.pickle"
    if not path.is_file():
        write_whole(path, pickle.dumps(_read(quality, number), protocol=5))
    return path


def _read(quality: Quality, number: int) -> ReadReport:
    case = _CASES[number % len(_CASES)]
    beyond = _BEYOND[number % len(_BEYOND)]
    report, scanned = scan_case(case, quality, FIRST_SEED + number, "train", beyond=beyond, tables_only=True)
    pages = enumerate(zip(scanned.pages, scanned.scans, strict=True), start=1)
    read = tuple(_read_page(index, drawn, scan) for index, (drawn, scan) in pages)
    return ReadReport(number, quality, dict(report.values), read)


def _read_page(number: int, drawn: DrawnPage, scan: Scan) -> ReadPage:
    picture = scan.picture()
    page = Page(number, picture.shape[1], picture.shape[0], scanned=True, render=lambda: picture)
    readers = _readers()
    keeping = _Keeping(readers.digits)
    read = page_readings(page, replace(readers, digits=keeping))
    read = replace(read, page=replace(read.page, render=None))
    crops = tuple(keeping.crop(cell.numeric) for cell in read.cells)
    return ReadPage(read, crops, tuple(_truths(drawn, scan, read)))


def _truths(drawn: DrawnPage, scan: Scan, read: PageReadings) -> Iterator[str | None]:
    cells = true_cells(drawn, np.linalg.inv(from_row(read.page.to_source)) @ from_row(scan.transform))
    middles = np.array([((c.box.x0 + c.box.x1) / 2, (c.box.y0 + c.box.y1) / 2) for c in cells]).reshape(-1, 2)
    for one in read.cells:
        inside = (middles >= [one.box.x0, one.box.y0]).all(axis=1) & (middles <= [one.box.x1, one.box.y1]).all(axis=1)
        owners = np.flatnonzero(inside)
        owner = cells[owners[0]] if len(owners) == 1 else None
        yield owner.text if owner and (owner.ink is None or _holds(one.box, owner.ink)) else None


def _holds(box: Box, print_: Box) -> bool:
    """Whether most of the print is inside, across and down."""
    across = min(box.x1, print_.x1) - max(box.x0, print_.x0)
    down = min(box.y1, print_.y1) - max(box.y0, print_.y0)
    return across >= 0.85 * (print_.x1 - print_.x0) and down >= 0.7 * (print_.y1 - print_.y0)
