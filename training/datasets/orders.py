"""Reports drawn to order: what an order names comes out the same wherever and whenever it is drawn."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np

from service.errors import BadRequest
from training.datasets.labels import rounded
from training.synthesize.cases import Case, draw_case
from training.synthesize.effects import Quality, Scan
from training.synthesize.flow import docx, html, ofd
from training.synthesize.flow.text import STYLES, write_text
from training.synthesize.invent import invent_report
from training.synthesize.layout import lay_out
from training.synthesize.pages import DrawnPage
from training.synthesize.pdf import image_pdf, text_pdf
from training.synthesize.places import shares_on_scan
from training.synthesize.report import DrawnReport
from training.synthesize.scans import scan_case
from training.synthesize.split import Split, split_seed
from training.synthesize.style import choose_style

Flow = Literal["docx", "html", "txt", "ofd", "pdf"]
SCANS: Flow = "pdf"
"""What scans come in."""
PLAIN: Literal["plain"] = "plain"
"""The quality of what is no scan."""
FLOWS: tuple[Flow, ...] = get_args(Flow)
"""Formats of inputs that are no scans; `pdf` has a text layer."""

Drawn = tuple[bytes, dict[str, Any]]
"""A file, and its truth."""


@dataclass(frozen=True, slots=True)
class Order:
    """One report to draw: as a scan (PDF of pictures) in a quality, or, with quality `plain`, in a format of text."""

    seed: int
    split: Split = "train"
    case: Case = "plain"
    quality: Quality | Literal["plain"] = "clean"
    format: Flow = "pdf"

    @property
    def name(self) -> str:
        """File name, unique among orders, as NAME.QUALITY.EXT."""
        kind = self.format if self.quality == "plain" else self.quality
        stem = "-".join((self.split, f"{self.seed:06d}", self.case, kind))
        return f"{stem}.{self.quality}.{self.format}"

    def load(self) -> Drawn:
        """Draw it; the truth holds `printed` and `case`, and for a scan `places`.

        Raises:
            BadRequest: the hard cases are drawn on pages, and the format has none.
        """
        if self.quality != "plain":
            return _scan(self)
        if self.case != "plain" and self.format != "ofd":
            raise BadRequest(f"The case {self.case} is drawn on scans and as OFD only, not as {self.format}.")
        data, report = _FLOWS[self.format](self)
        return data, _truth(report, self.case)


def _scan(order: Order) -> Drawn:
    if order.quality == "plain":
        raise ValueError("a scan needs a quality")
    report, scanned = scan_case(order.case, order.quality, order.seed, order.split, tables_only=True)
    places = _places(scanned.pages, scanned.scans)
    return image_pdf(scanned.scans), {**_truth(report, order.case), "places": places}


def _truth(report: DrawnReport, case: Case) -> dict[str, Any]:
    return {**report.truth(), "case": case, "printed": dict(report.printed)}


def _places(pages: tuple[DrawnPage, ...], scans: tuple[Scan, ...]) -> Mapping[str, Any]:
    """Page and box of each field's cell on the scans; of a cell that a page break cuts, the part with the text."""
    places: dict[str, Any] = {}
    for number, (page, scan) in enumerate(zip(pages, scans, strict=True), start=1):
        corners = np.clip(shares_on_scan([cell.box for cell in page.cells], page, scan), 0, 1)
        for cell, seen in zip(page.cells, corners, strict=True):
            if cell.field is None or (cell.field in places and not cell.holds_text):
                continue
            (left, top), (right, bottom) = seen.min(axis=0).tolist(), seen.max(axis=0).tolist()
            places[cell.field] = {"page": number, "bbox": list(rounded((left, top, right, bottom)))}
    return places


_Written = tuple[bytes, DrawnReport]


def _docx(order: Order) -> _Written:
    seed = split_seed(order.seed, order.split)
    report = invent_report(seed)
    return docx.write_docx(report, docx.choose_style(seed), seed), report


def _html(order: Order) -> _Written:
    seed = split_seed(order.seed, order.split)
    report = invent_report(seed)
    return html.write_html(report, html.choose_style(seed), seed), report


def _text(order: Order) -> _Written:
    seed = split_seed(order.seed, order.split)
    style = random.Random(f"text style {seed}").choice(sorted(STYLES))
    written = write_text(invent_report(seed), STYLES[style], seed)
    return written.text.encode(), written.report


def _ofd(order: Order) -> _Written:
    report, pages = draw_case(order.case, order.seed, order.split)
    return ofd.write_ofd(pages, ofd.choose_style(split_seed(order.seed, order.split)), report.title), report


def _pdf(order: Order) -> _Written:
    """In fonts that can be embedded."""
    seed = split_seed(order.seed, order.split)
    report = invent_report(seed)
    pages = lay_out(report, seed, style=choose_style(seed, hard=0, embeddable=True))
    return text_pdf(pages, report.title), report


_FLOWS: Mapping[Flow, Callable[[Order], _Written]] = {
    "docx": _docx,
    "html": _html,
    "txt": _text,
    "ofd": _ofd,
    "pdf": _pdf,
}
