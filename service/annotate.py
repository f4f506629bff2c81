"""Page pictures with what was read drawn on them: every field's cell, coloured by how far it can be trusted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from service.documents.model import Document, Picture
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


@dataclass(frozen=True, slots=True)
class Mark:
    """A box to be drawn on a page picture."""

    box: tuple[float, float, float, float]
    """Fractions of the page: x0, y0, x1, y1."""
    colour: Colour
    labels: tuple[str, ...]
    """What may be written at it, longest first; at least one."""
    strong: bool = True
    """Filled so that it is seen at once."""


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
        marks = [
            _mark(field, reading, reading.bbox, reasons.get(field, ()))
            for field, reading in extraction.fields.items()
            if reading.page == page.number and reading.bbox
        ]
        yield AnnotatedPage(page.number, _png(draw_marks(page.render(), marks)))


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


def draw_marks(page: Picture, marks: Iterable[Mark]) -> Image.Image:
    """A page picture with boxes drawn on it, each with a short text in its upper left corner."""
    picture = Image.fromarray(page[:, :, ::-1].copy())
    pen = ImageDraw.Draw(picture, "RGBA")
    thickness = max(2, picture.width // 600)
    for mark in marks:
        x0, y0, x1, y1 = mark.box
        # A box may be given with its corners exchanged by a turned page; Pillow wants them in order.
        left, right = sorted((x0 * picture.width, x1 * picture.width))
        top, bottom = sorted((y0 * picture.height, y1 * picture.height))
        fill = (*mark.colour, 60 if mark.strong else 20)
        pen.rectangle((left, top, right, bottom), fill=fill, outline=mark.colour, width=thickness)
        # A third of the cell's height at most, for the print beneath must stay readable.
        font = _font(max(_LEAST_PIXELS, min(picture.width // 130, int((bottom - top) * 0.34))))
        _write(pen, font, (left, top), right - left, mark.labels, mark.colour)
    return picture


def _mark(field: str, reading: Reading, box: tuple[float, float, float, float], why: tuple[str, ...]) -> Mark:
    return Mark(box, colour_of(reading, why), short_labels(field, reading), bool(why))


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
