"""PDF: positioned characters and ruled lines where the text layer is sound, pictures of the page where it is not.

Characters and vector paths come from PDFium (pypdfium2), for poppler's tools give neither the path objects nor the
characters' boxes and render modes. Page pictures come from poppler (pdf2image) in a process of its own, so that a
page that a renderer chokes on harms nothing here; PDFium draws the page only where poppler cannot.
"""

from __future__ import annotations

import subprocess
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain
from math import ceil

import cv2
import numpy as np
import pdf2image
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from pdf2image.exceptions import PDFInfoNotInstalledError, PDFPageCountError, PDFPopplerTimeoutError, PDFSyntaxError

from service.documents.glyphs import join_glyphs
from service.documents.model import Page, Picture
from service.documents.negative import positive
from service.documents.pdfbomb import holds_bomb
from service.documents.pdfpage import Frame, read_content
from service.documents.strips import TALL, Strip, strips
from service.documents.textlayer import Layer, unsound
from service.documents.vector import to_fractions
from service.errors import DamagedFile, EncryptedFile, LimitExceeded
from service.limits import Limits

DPI = 200
SHORT_SIDE = (1200, 3400)
"""Pixels of a page picture's short side at least and at most; A4 at 200 dpi has 1654. Page sizes in PDF are often
nonsense (a scan's pixels taken for points, a thumbnail's size), so they alone do not decide."""

RENDER_SECONDS = 60
_GLANCE = 1100
"""Longest side, in pixels, of the small picture in which ink is compared with text."""

_pdfium = threading.RLock()
"""PDFium is not thread-safe: one thread of a process at a time."""


@dataclass(frozen=True, slots=True)
class PdfRender:
    """Draws one page of a PDF; holds the file and no handle, so that it can be sent to another process."""

    data: bytes
    number: int
    dpi: int
    turn: int = 0
    """Quarter turns counter-clockwise that set the page upright beyond its own rotation entry."""
    strip: Strip | None = None
    """The rows of its picture that are a page, where it holds several below each other."""

    def __call__(self) -> Picture:
        """Return the page as height x width x 3, BGR.

        Raises:
            DamagedFile: neither renderer can draw it.

        """
        picture = positive(self._whole())
        return picture if self.strip is None else np.ascontiguousarray(picture[slice(*self.strip)])

    def _whole(self) -> Picture:
        try:
            picture = self._by_poppler()
        except (
            PDFInfoNotInstalledError,
            PDFPageCountError,
            PDFPopplerTimeoutError,
            PDFSyntaxError,
            IndexError,
            OSError,
            subprocess.SubprocessError,
        ):
            picture = self._by_pdfium()
        return np.ascontiguousarray(np.rot90(picture, self.turn)) if self.turn else picture

    def _by_poppler(self) -> Picture:
        images = pdf2image.convert_from_bytes(
            self.data,
            dpi=self.dpi,
            first_page=self.number,
            last_page=self.number,
            use_cropbox=True,
            timeout=RENDER_SECONDS,
        )
        picture: Picture = cv2.cvtColor(np.asarray(images[0].convert("RGB")), cv2.COLOR_RGB2BGR)
        return picture

    def _by_pdfium(self) -> Picture:
        try:
            with _pdfium, closing(pdfium.PdfDocument(self.data)) as pdf, closing(pdf[self.number - 1]) as page:
                return _draw(page, self.dpi / 72)
        except pdfium.PdfiumError as error:
            raise DamagedFile("the page cannot be drawn; the PDF file is broken") from error


def read_pdf(data: bytes, limits: Limits) -> tuple[Page, ...]:
    """Read every page of a PDF: tokens and rules of a sound text layer, or `scanned`, or `problem`.

    Raises:
        EncryptedFile: a password is needed to open it.
        DamagedFile: it is cut off or broken throughout.
        LimitExceeded: too many pages, a picture of too many pixels, or a part that unpacks to too many bytes.

    """
    _refuse_cut_off(data)
    if holds_bomb(data, limits.file_bytes):
        raise LimitExceeded("a part of the PDF file unpacks to more bytes than the limit allows")
    with _pdfium, closing(_open(data)) as pdf:
        count = len(pdf)
        if count > limits.pages:
            raise LimitExceeded(f"the PDF file has {count} pages; at most {limits.pages} are read")
        read = [_read_page(pdf, number, data, limits) for number in range(1, count + 1)]
    pages = tuple(replace(page, number=number) for number, page in enumerate(chain(*map(_parts, read)), 1))
    if len(pages) > limits.pages:
        raise LimitExceeded(f"the PDF file has {len(pages)} pages; at most {limits.pages} are read")
    if all(page.problem for page in pages):
        raise DamagedFile("the PDF file is broken: none of its pages can be read")
    return pages


def _parts(page: Page) -> list[Page]:
    """Return a page as it is, or the pages that a long screenshot on it holds."""
    if not page.scanned or not isinstance(page.render, PdfRender) or page.height <= TALL * page.width:
        return [page]
    try:
        picture = page.render()
    except DamagedFile:
        return [page]  # whoever reads it says so
    found = strips(picture)
    if len(found) == 1:
        return [page]
    points = page.height / picture.shape[0]
    return [
        replace(page, height=(strip.bottom - strip.top) * points, render=replace(page.render, strip=strip))
        for strip in found
    ]


def _refuse_cut_off(data: bytes) -> None:
    """A PDF ends in a mark. PDFium reads on without one, and would return a report that silently lacks its end."""
    tail = data.rstrip(b"\0\t\n\f\r ")[-4096:]
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise DamagedFile("the PDF file is cut off: its end is missing")


def _open(data: bytes) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise EncryptedFile("the PDF file is protected by a password") from error
        raise DamagedFile("the PDF file is cut off or broken: it cannot be opened") from error


def _read_page(pdf: pdfium.PdfDocument, number: int, data: bytes, limits: Limits) -> Page:
    """Read one page; one that breaks says so and leaves the others alone."""
    try:
        with closing(pdf[number - 1]) as page:
            return _understand(page, number, data, limits)
    except (pdfium.PdfiumError, ValueError, OverflowError, ZeroDivisionError):
        return Page(number, 595.0, 842.0, problem=f"page {number} of the PDF file is broken and cannot be read")


def _understand(page: pdfium.PdfPage, number: int, data: bytes, limits: Limits) -> Page:
    frame = Frame.of(page)
    content = read_content(page, frame)
    if max((picture.pixels for picture in content.pictures), default=0) > limits.page_pixels:
        raise LimitExceeded(f"a picture on page {number} has more than {limits.page_pixels} pixels")
    render = PdfRender(data, number, _dpi(frame.width, frame.height, number, limits))
    blank = not (content.glyphs or content.pictures or content.rules or content.shapes)
    if blank:
        return Page(number, frame.width, frame.height, render=render)
    layer = Layer(content.glyphs, content.pictures, content.lost, content.shapes, frame.width, frame.height)
    if unsound(layer, lambda: _glance(page, frame)) is not None:
        return Page(number, frame.width, frame.height, render=render, scanned=True)
    glyphs = [glyph for glyph in content.glyphs if glyph.visible and glyph.turn == 0]
    tokens = join_glyphs(glyphs, content.rules, frame.width, frame.height)
    rules = tuple(to_fractions(rule, frame.width, frame.height) for rule in content.rules)
    return Page(number, frame.width, frame.height, tokens, rules, render)


def _dpi(width: float, height: float, number: int, limits: Limits) -> int:
    """Return the resolution at which a page of so many points is drawn: 200 dpi for every usual paper."""
    short = min(width, height)
    least, most = (side * 72 / short for side in SHORT_SIDE)
    dpi = ceil(min(max(DPI, least), most))
    if width * height * (dpi / 72) ** 2 > limits.page_pixels:
        raise LimitExceeded(f"page {number} would be drawn with more than {limits.page_pixels} pixels")
    return dpi


def _glance(page: pdfium.PdfPage, frame: Frame) -> Picture:
    return _draw(page, _GLANCE / max(frame.width, frame.height))


def _draw(page: pdfium.PdfPage, scale: float) -> Picture:
    bitmap = page.render(scale=scale, rev_byteorder=False, prefer_bgrx=False)
    with closing(bitmap):
        pixels = np.array(bitmap.to_numpy(), copy=True)
    return pixels[:, :, :3] if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR)
