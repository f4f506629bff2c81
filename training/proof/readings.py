"""PP-OCR alone, the numeric reader alone, and both pooled, on the same cells of held-out scans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from models.digits import FOREIGN, NOTHING, UNITS
from models.pooling import Candidate, Pool
from models.readers import Readers
from service.documents.model import Box, Page
from service.errors import MissingModel
from service.scan.page import page_readings
from service.scan.picture.geometry import apply, from_row
from service.scan.reading.candidates import as_number
from service.scan.reading.readings import CellReadings, PageReadings
from training.synthesize.effects import Quality, Scan
from training.synthesize.pages import DrawnCell, DrawnPage
from training.synthesize.scans import scan_case

READERS = ("PP-OCR", "numeric reader", "both")

UNFOUND: Candidate = ("not found", 0.0)
"""Of a cell that nobody read: no lattice has it, and no print was seen in it. It counts as wrong, empty or not."""
_UNPRINTED = str.maketrans(dict.fromkeys(UNITS + ",", ""))


@dataclass(frozen=True, slots=True)
class CellProof:
    """What each reader made of one cell."""

    field: str
    printed: str
    """In the numeric reader's characters, without unit; `NOTHING` for an empty cell."""
    read: Mapping[str, Candidate]
    """Reader -> its best candidate and its probability."""

    def right(self, reader: str) -> bool:
        """Whether that reader's best candidate is what is printed."""
        return self.read[reader][0] == self.printed


def prove_scan(quality: Quality, seed: int, readers: Readers) -> list[CellProof]:
    """Draw a held-out report, scan it, and read every cell of its tables by each reader.

    Raises MissingModel where there is no calibration to pool them with.
    """
    if readers.calibration is None:
        raise MissingModel("The two readers cannot be measured together: no calibration is served.")
    _, scanned = scan_case("plain", quality, seed, "held-out", tables_only=True)
    proofs: list[CellProof] = []
    for number, (drawn, scan) in enumerate(zip(scanned.pages, scanned.scans, strict=True), start=1):
        picture = scan.picture()
        page = Page(number, picture.shape[1], picture.shape[0], render=partial(np.copy, picture), scanned=True)
        proofs += prove_page(drawn, scan, page_readings(page, readers), readers.pool)
    return proofs


def prove_page(drawn: DrawnPage, scan: Scan, read: PageReadings, pool: Pool) -> Iterator[CellProof]:
    """Hold the readings of a page against the cells that were drawn, matched by where they stand."""
    places = [_on_paper(cell.place, read.page, scan, drawn) for cell in read.cells]
    for cell in drawn.cells:
        if cell.field is None:
            continue
        inside = [one for one, (x, y) in zip(read.cells, places, strict=True) if _holds(cell.box, x, y)]
        yield CellProof(
            cell.field,
            printed_text(cell),
            {
                "PP-OCR": _only([_best(one.ocr) for one in inside]),
                "numeric reader": _only([_best(one.numeric.candidates) for one in inside]),
                "both": _only([_best(_pooled(one, pool)) for one in inside]),
            },
        )


def printed_text(cell: DrawnCell) -> str:
    """What is printed in this cell, or part of a cell that a page break cuts, as the numeric reader would write it."""
    return plain(as_number(cell.text)) if cell.holds_text else NOTHING


def plain(text: str) -> str:
    """A candidate's text without unit and commas."""
    return text.translate(_UNPRINTED) if text != FOREIGN else text


def _pooled(cell: CellReadings, pool: Pool) -> Sequence[Candidate]:
    return pool(cell.ocr, cell.weighed, cell.context)


def _best(candidates: Sequence[Candidate]) -> Candidate:
    text, probability = candidates[0] if candidates else (FOREIGN, 0.0)
    return plain(text), probability


def _only(found: Sequence[Candidate]) -> Candidate:
    """The one number among the pieces that a cell was read in; several are no number of this cell."""
    if not found:
        return UNFOUND
    numbers = [one for one in found if one[0] != NOTHING]
    if len(numbers) > 1:
        return FOREIGN, min(probability for _, probability in numbers)
    return numbers[0] if numbers else min(found, key=lambda one: one[1])


def _on_paper(box: Box, page: Page, scan: Scan, drawn: DrawnPage) -> tuple[float, float]:
    """The middle of a box of the straightened page, in points of the drawn page."""
    middle = np.array([[(box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2]])
    to_paper = np.linalg.inv(from_row(scan.transform)) @ from_row(page.to_source)
    x, y = apply(to_paper, middle)[0]
    return float(x * drawn.width), float(y * drawn.height)


def _holds(box: Box, x: float, y: float) -> bool:
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1
