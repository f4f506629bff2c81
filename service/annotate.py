"""Page pictures with what was read drawn on them: every field's cell, coloured by how far it can be trusted."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from service.documents.model import Document, Page
from service.export import BROKEN, doubts
from service.results import Extraction, Reading

Colour = tuple[int, int, int]

SURE_COLOUR: Colour = (0, 128, 0)
EMPTY_COLOUR: Colour = (70, 110, 200)
DOUBTFUL_COLOUR: Colour = (230, 120, 0)
WRONG_COLOUR: Colour = (210, 0, 0)
"""Green: read and sure. Blue: blank or struck out, and sure. Orange: unsure or repaired. Red: in a broken identity."""

_LEAST_PIXELS = 9
"""Height of the smallest letters that can be read."""
_LEAST_LETTERS = 4
"""A name cut shorter than this says nothing."""


@dataclass(frozen=True, slots=True)
class AnnotatedPage:
    """One page picture with its marks."""

    number: int
    """Counts from 1."""
    png: bytes


def annotate(document: Document, extraction: Extraction) -> Iterator[AnnotatedPage]:
    """The pages that have a picture, one at a time, in order; nothing for a document without pages.

    Args:
        document: the document that the extraction came from, as `open_document` gives it (its source pages).
        extraction: boxes are fractions of the source page.

    """
    reasons = doubts(extraction)
    for page in document.pages:
        if page.render is None:
            continue
        readings = [
            (field, reading)
            for field, reading in extraction.fields.items()
            if reading.page == page.number and reading.bbox
        ]
        yield AnnotatedPage(page.number, _png(_draw(page, readings, reasons)))


def colour_of(reading: Reading, reasons: tuple[str, ...]) -> Colour:
    """The colour of a field's box, given why a person should look at it (if at all)."""
    if not BROKEN.isdisjoint(reasons):
        return WRONG_COLOUR
    if reasons:
        return DOUBTFUL_COLOUR
    return EMPTY_COLOUR if reading.state in ("blank", "marked") else SURE_COLOUR


def short_labels(field: str, reading: Reading) -> tuple[str, ...]:
    """What may be written at a box, longest first: `received.total 7`, `total 7`, `tota. 7`, `7`."""
    value = {"blank": "_", "marked": "/"}.get(reading.state, "?") if reading.value is None else f"{reading.value:g}"
    parts = field.split(".")[1:] or [field]
    whole = (f"{'.'.join(parts[start:])} {value}" for start in range(len(parts)))
    shortened = (f"{parts[-1][:end]}. {value}" for end in range(len(parts[-1]) - 1, _LEAST_LETTERS - 1, -1))
    return (*whole, *shortened, value)


def _draw(page: Page, readings: list[tuple[str, Reading]], reasons: dict[str, tuple[str, ...]]) -> Image.Image:
    assert page.render is not None
    picture = Image.fromarray(page.render()[:, :, ::-1].copy())
    pen = ImageDraw.Draw(picture, "RGBA")
    thickness = max(2, picture.width // 600)
    for field, reading in readings:
        assert reading.bbox is not None
        x0, y0, x1, y1 = reading.bbox
        # A box may be given with its corners exchanged by a turned page; Pillow wants them in order.
        left, right = sorted((x0 * picture.width, x1 * picture.width))
        top, bottom = sorted((y0 * picture.height, y1 * picture.height))
        why = reasons.get(field, ())
        colour = colour_of(reading, why)
        pen.rectangle((left, top, right, bottom), fill=(*colour, 60 if why else 20), outline=colour, width=thickness)
        # A third of the cell's height at most, for the print beneath must stay readable.
        font = _font(max(_LEAST_PIXELS, min(picture.width // 130, int((bottom - top) * 0.34))))
        _write(pen, font, (left, top), right - left, short_labels(field, reading), colour)
    return picture


_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@cache
def _font(pixels: int) -> _Font:
    return ImageFont.load_default(pixels)


def _write(
    pen: ImageDraw.ImageDraw,
    font: _Font,
    corner: tuple[float, float],
    width: float,
    labels: Sequence[str],
    colour: Colour,
) -> None:
    """Write the first label that fits, else the last, into the upper left corner of a box of that width."""
    fitting = (label for label in labels if pen.textlength(label, font=font) + 2 <= width)
    pen.text((corner[0] + 2, corner[1] + 1), next(fitting, labels[-1]), fill=colour, font=font)


def _png(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG", compress_level=4)
    return content.getvalue()
