"""From a drawn report to its scans: laid out, drawn, put through the effects of a quality, and written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from service.documents.model import Picture
from training.synthesize.cases import Case, draw_case
from training.synthesize.draw import draw_page
from training.synthesize.effects import Quality, Scan, drawing_dpi, scan_page
from training.synthesize.layout import lay_out
from training.synthesize.pages import DrawnPage
from training.synthesize.pdf import image_pdf, image_tiff, write_pictures
from training.synthesize.places import corners_on_scan
from training.synthesize.report import DrawnReport
from training.synthesize.split import Split, split_seed
from training.synthesize.style import choose_style
from training.synthesize.wear import wear_page

FileKind = Literal["pdf", "tiff", "pictures"]

# Probability that a page bears the seal; one page of an office scan always does.
_SEALED: dict[Quality, float] = {"clean": 0.12, "office": 0.5, "copy": 0.3, "phone": 0.3}


@dataclass(frozen=True, slots=True)
class ScannedReport:
    """The pages as laid out, with their true cells, and what the scanner made of them."""

    pages: tuple[DrawnPage, ...]
    scans: tuple[Scan, ...]


def scan_report(
    report: DrawnReport,
    quality: Quality,
    seed: int,
    *,
    hard: float = 0.25,
    beyond: float = 1.0,
    aliases: float = 0.05,
    turned: float = 0.0,
    tables_only: bool = False,
) -> ScannedReport:
    """Lay out and scan a report; the same seed gives the same bytes.

    `hard`: share of tables with incomplete rules; `beyond`: 1 for the four qualities as defined, more to widen them;
    `aliases`: share of labels printed otherwise than the form has them; `turned`: share of pages that lie on their side
    or upside down; `tables_only`: without prose, and only the pages that hold cells of numbers.
    """
    pages = lay_out(report, seed, style=choose_style(seed, hard=hard), aliases=aliases, prose=not tables_only)
    return scan_pages(report, pages, quality, seed, beyond=beyond, turned=turned, tables_only=tables_only)


def scan_case(
    case: Case,
    quality: Quality,
    seed: int,
    split: Split,
    *,
    report: DrawnReport | None = None,
    beyond: float = 1.0,
    turned: float = 0.0,
    tables_only: bool = False,
) -> tuple[DrawnReport, ScannedReport]:
    """Draw a report in one of the hard cases (see `cases.draw_case`) and scan it; the rest as for `scan_report`."""
    report, pages = draw_case(case, seed, split, report=report, prose=not tables_only)
    number = split_seed(seed, split)
    scanned = scan_pages(
        report, pages, quality, number, beyond=beyond, turned=turned, tables_only=tables_only, split=split
    )
    return report, scanned


def scan_pages(
    report: DrawnReport,
    pages: Sequence[DrawnPage],
    quality: Quality,
    seed: int,
    *,
    beyond: float = 1.0,
    turned: float = 0.0,
    tables_only: bool = False,
    split: Split | None = None,
) -> ScannedReport:
    """Draw and scan pages that are laid out, with the wear that `split` may have; the rest as for `scan_report`."""
    pages = tuple(page for page in pages if not tables_only or any(cell.field for cell in page.cells))
    rng = np.random.default_rng([seed, sum(map(ord, quality))])
    sealed = [bool(rng.random() < _SEALED[quality]) for _ in pages]
    if quality == "office":
        sealed[int(rng.integers(len(pages)))] = True
    scans = tuple(
        scan_page(
            _worn(draw_page(page, drawing_dpi(quality)), quality, split, seed + number, beyond),
            quality,
            rng,
            agency=report.agency if seal else None,
            seal_at=_on_a_number(page, rng) if seal else None,
            beyond=beyond,
            rotation=90 * int(rng.integers(1, 4)) if rng.random() < turned else 0,
        )
        for number, (page, seal) in enumerate(zip(pages, sealed, strict=True))
    )
    return ScannedReport(pages, scans)


def _worn(picture: Picture, quality: Quality, split: Split | None, seed: int, strength: float) -> Picture:
    """A drawn page with wear, chosen apart from the other effects: they are the same with it and without."""
    rng = np.random.default_rng([seed, 0x77656172])
    return picture if split is None else wear_page(picture, quality, split, rng, strength)


def _on_a_number(page: DrawnPage, rng: np.random.Generator) -> tuple[float, float] | None:
    """Where a seal's rim or star would cover a number of this page; None, anywhere, half of the time."""
    numbers = [cell.box for cell in page.cells if cell.field and cell.holds_text and cell.text]
    if not numbers or rng.random() < 0.5:
        return None
    box = numbers[int(rng.integers(len(numbers)))]
    away, angle = rng.choice([0, 56, 58]), rng.uniform(0, 2 * np.pi)
    x, y = (box.x0 + box.x1) / 2 + away * np.cos(angle), (box.y0 + box.y1) / 2 + away * np.sin(angle)
    return float(x / page.width), float(y / page.height)


def write_scans(scanned: ScannedReport, name: str, folder: Path, kind: FileKind = "pdf") -> tuple[Path, ...]:
    """Write a scanned report as NAME.QUALITY.pdf (of images), .tiff, or single pictures; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{name}.{scanned.scans[0].quality}"
    if kind == "pictures":
        return write_pictures(scanned.scans, folder, stem)
    path = folder / f"{stem}.{kind}"
    path.write_bytes(image_pdf(scanned.scans) if kind == "pdf" else image_tiff(scanned.scans))
    return (path,)


def contact_sheet(pictures: Iterable[Picture], columns: int, height: int) -> Picture:
    """Set pictures side by side in rows of `columns`, each scaled to `height` pixels; empty ones leave a gap."""
    tiles = []
    for picture in pictures:
        width = round(picture.shape[1] * height / picture.shape[0]) if picture.size else 0
        tile = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA) if width else np.zeros((0, 0, 3))
        tiles.append(np.asarray(tile, np.uint8))
    widest = max(tile.shape[1] for tile in tiles)
    rows = -(-len(tiles) // columns)
    sheet = np.full((rows * (height + 8), columns * (widest + 8), 3), 128, np.uint8)
    for number, tile in enumerate(tiles):
        top, left = number // columns * (height + 8), number % columns * (widest + 8)
        sheet[top : top + tile.shape[0], left : left + tile.shape[1]] = tile
    return sheet


def mark_cells(scan: Scan, page: DrawnPage) -> Picture:
    """Draw the true cells of a page on its scan, for the eye: value cells red, others blue."""
    picture = scan.picture()
    corners = corners_on_scan([cell.box for cell in page.cells], page, scan).round().astype(np.int32)
    for cell, points in zip(page.cells, corners, strict=True):
        cv2.polylines(picture, [points], True, (0, 0, 255) if cell.field else (255, 0, 0), 2)
    return picture
