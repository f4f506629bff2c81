"""Page pictures with what was read drawn on them: every field's cell, coloured by how far it can be trusted."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from service.caption import Colour, Sentence, captioned, draw_tag, font_for
from service.documents.model import Document, Picture
from service.export import BROKEN, doubts
from service.results import Extraction, Reading

SURE_COLOUR: Colour = (0, 128, 0)
EMPTY_COLOUR: Colour = (70, 110, 200)
DOUBTFUL_COLOUR: Colour = (230, 120, 0)
WRONG_COLOUR: Colour = (210, 0, 0)
"""Green: read and sure. Blue: blank or struck out, and sure. Orange: unsure or repaired. Red: in a broken identity."""
_SENTENCES: dict[str, Colour] = {"error": (170, 0, 0), "warning": (150, 75, 0), "info": (60, 60, 60)}
"""Colours of the sentences below a picture, by severity."""

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
    tag: str = ""
    """The number of the sentence that comes down to this cell, which makes it the strongest of all."""


def annotate(document: Document, extraction: Extraction) -> Iterator[AnnotatedPage]:
    """The pages that have a picture, one at a time, in order; nothing for a document without pages.

    What is wrong on a page is written below it, and the cells that it comes down to carry its number.

    Args:
        document: the document that the extraction came from, as `open_document` gives it (its source pages).
        extraction: boxes are fractions of the source page.

    """
    reasons, tags = doubts(extraction), _tags(extraction)
    for page in document.pages:
        if page.render is None:
            continue
        marks = [
            Mark(reading.bbox, colour_of(reading, why), short_labels(field, reading), bool(why), tags.get(field, ""))
            for field, reading in extraction.fields.items()
            if reading.page == page.number and reading.bbox
            for why in [reasons.get(field, ())]
        ]
        picture = draw_marks(page.render(), marks)
        yield AnnotatedPage(page.number, _png(captioned(picture, list(_sentences(extraction, page.number)))))


def colour_of(reading: Reading, reasons: tuple[str, ...]) -> Colour:
    """The colour of a field's box, given why a person should look at it (if at all)."""
    if not BROKEN.isdisjoint(reasons):
        return WRONG_COLOUR
    if reasons:
        return DOUBTFUL_COLOUR
    return EMPTY_COLOUR if reading.state in ("blank", "marked") else SURE_COLOUR


def short_labels(field: str, reading: Reading) -> tuple[str, ...]:
    """What may be written at a box, longest first: `received.total 7`, `total 7`, `tota. 7`, `7`; repaired `69→71`."""
    value = _shown(reading.value, reading.state)
    if reading.state == "repaired" and reading.alternatives:
        value = f"{_shown(reading.alternatives[0].value, 'blank')}→{value}"
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
        fill = (*mark.colour, 90 if mark.tag else 60 if mark.strong else 20)
        outline = thickness * 2 if mark.tag else thickness
        pen.rectangle((left, top, right, bottom), fill=fill, outline=mark.colour, width=outline)
        # A third of the cell's height at most, for the print beneath must stay readable.
        pixels = max(_LEAST_PIXELS, min(picture.width // 130, int((bottom - top) * 0.34)))
        ink = _darker(mark.colour) if mark.tag else mark.colour
        _write(pen, pixels, (left, top), right - left, mark.labels, ink)
        draw_tag(pen, (right, top), mark.tag, mark.colour, pixels + 2, leftwards=True)
    return picture


def _tags(extraction: Extraction) -> dict[str, str]:
    """The numbers of the issues that come down to a field."""
    found: dict[str, list[str]] = {}
    for number, issue in enumerate(extraction.issues, start=1):
        for field in issue.roots:
            found.setdefault(field, []).append(str(number))
    return {field: ",".join(numbers) for field, numbers in found.items()}


def _sentences(extraction: Extraction, page: int) -> Iterator[Sentence]:
    """The issues with a cell on that page to which they come down, or else with their first cell there."""
    for number, issue in enumerate(extraction.issues, start=1):
        if any(_page(extraction, field) == page for field in issue.roots or issue.fields[:1]):
            tag = str(number) if issue.roots else ""
            yield Sentence(issue.message, _SENTENCES[issue.severity], tag)


def _page(extraction: Extraction, field: str) -> int | None:
    reading = extraction.fields.get(field)
    return reading.page if reading else None


def _shown(value: float | None, state: str) -> str:
    return {"blank": "_", "marked": "/"}.get(state, "?") if value is None else f"{value:g}"


def _write(
    pen: ImageDraw.ImageDraw,
    pixels: int,
    corner: tuple[float, float],
    width: float,
    labels: Sequence[str],
    colour: Colour,
) -> None:
    """Write the first label that fits, else the last, into the upper left corner of a box of that width."""
    fitting = (label for label in labels if font_for(label, pixels).getlength(label) + 2 <= width)
    label = next(fitting, labels[-1])
    pen.text((corner[0] + 2, corner[1] + 1), label, fill=colour, font=font_for(label, pixels))


def _darker(colour: Colour) -> Colour:
    """For letters on a strong fill of that colour."""
    return (colour[0] // 3, colour[1] // 3, colour[2] // 3)


def _png(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG", compress_level=4)
    return content.getvalue()
