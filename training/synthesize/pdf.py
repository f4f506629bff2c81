"""Drawn pages as PDF with a text layer, and scans as PDF of images, TIFF or single pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from training.synthesize import fonts
from training.synthesize.effects import Scan
from training.synthesize.pages import DrawnPage


def text_pdf(pages: Sequence[DrawnPage], title: str = "") -> bytes:
    """Write pages as PDF with a text layer and vector rules.

    Their style must be chosen with `embeddable=True`; raises ValueError for a face that cannot be embedded.
    """
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    canvas.setTitle(title)
    for page in pages:
        canvas.setPageSize((page.width, page.height))
        for fill in page.fills:
            box = fill.box
            canvas.setFillColorRGB(*(channel / 255 for channel in fill.colour))
            canvas.rect(box.x0, page.height - box.y1, box.x1 - box.x0, box.y1 - box.y0, stroke=0, fill=1)
        for stroke in page.strokes:
            canvas.setLineWidth(stroke.width)
            canvas.line(stroke.x0, page.height - stroke.y0, stroke.x1, page.height - stroke.y1)
        canvas.setFillColorRGB(0, 0, 0)
        for glyph in page.glyphs:
            canvas.setFont(_embedded(glyph.face), glyph.size)
            canvas.drawString(glyph.x, page.height - glyph.y, glyph.text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@lru_cache(maxsize=32)
def _embedded(name: str) -> str:
    face = fonts.faces()[name]
    if not face.embeddable:
        raise ValueError(f"the face {name} cannot be embedded in a PDF")
    pdfmetrics.registerFont(TTFont(name, str(fonts.FONT_FOLDER / face.file), subfontIndex=face.number))
    return name


def image_pdf(scans: Sequence[Scan]) -> bytes:
    """Write scans as a PDF of images, one a page, at their own resolution; JPEG data goes in as it is."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1, pageCompression=1)
    for scan in scans:
        reader = ImageReader(io.BytesIO(scan.encoded))
        width, height = (pixels * 72 / scan.dpi for pixels in reader.getSize())
        canvas.setPageSize((width, height))
        canvas.drawImage(reader, 0, 0, width, height)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def image_tiff(scans: Sequence[Scan]) -> bytes:
    """Write scans as one TIFF of many pages."""
    images = [Image.fromarray(cv2.cvtColor(np.asarray(scan.picture()), cv2.COLOR_BGR2RGB)) for scan in scans]
    buffer = io.BytesIO()
    images[0].save(
        buffer, "TIFF", save_all=True, append_images=images[1:], compression="jpeg", dpi=(scans[0].dpi, scans[0].dpi)
    )
    return buffer.getvalue()


def write_pictures(scans: Sequence[Scan], folder: Path, stem: str) -> tuple[Path, ...]:
    """Write scans as single pictures `STEM.pN.jpg` (or .png); returns their paths."""
    paths = tuple(folder / f"{stem}.p{number}{scan.suffix}" for number, scan in enumerate(scans, start=1))
    for path, scan in zip(paths, scans, strict=True):
        path.write_bytes(scan.encoded)
    return paths
