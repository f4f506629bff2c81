"""Page pictures with the cells drawn on them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from service.annotate import (
    DOUBTFUL_COLOUR,
    EMPTY_COLOUR,
    SURE_COLOUR,
    WRONG_COLOUR,
    annotate,
    colour_of,
    short_labels,
)
from service.documents.model import Document, Page, Picture
from service.results import Extraction, Reading
from tests.built import BLANK, DOUBTFUL, build

WIDTH, HEIGHT = 600, 800


def _paper() -> Picture:
    return np.full((HEIGHT, WIDTH, 3), 255, np.uint8)


def _document(*numbers: int, drawable: bool = True) -> Document:
    pages = tuple(Page(n, WIDTH, HEIGHT, render=_paper if drawable else None, scanned=True) for n in numbers)
    return Document("a.pdf", "0" * 64, "application/pdf", pages=pages)


def _with(fields: dict[str, Reading]) -> Extraction:
    return build(clean=True).model_copy(update={"fields": fields})


def _reading(state: str = "read", value: float | None = 3, page: int = 1, **more: object) -> Reading:
    box = (0.2, 0.25, 0.6, 0.5)
    given = {"value": value, "text": "3", "state": state, "confidence": 0.99, "page": page, "bbox": box}
    return Reading.model_validate(given | more)


def _pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_box_is_drawn_where_the_field_stands_and_nowhere_else() -> None:
    (page,) = annotate(_document(1), _with({BLANK: _reading()}))
    pixels = _pixels(page.png)
    assert (page.number, pixels.shape) == (1, (HEIGHT, WIDTH, 3))
    assert tuple(pixels[300, 120]) == SURE_COLOUR  # the left edge, 0.2 of 600
    assert tuple(pixels[400, 300]) == SURE_COLOUR  # the lower edge, 0.5 of 800
    inked = np.argwhere((pixels != 255).any(axis=2))
    assert inked.min(axis=0).tolist() == [200, 120]
    assert inked.max(axis=0).tolist() == [400, 360]


def test_colours_are_those_of_the_picture_not_its_mirror() -> None:
    def blue() -> Picture:
        paper = _paper()
        paper[:] = (255, 0, 0)  # BGR
        return paper

    document = Document("a.png", "0" * 64, "image/png", pages=(Page(1, WIDTH, HEIGHT, render=blue),))
    (page,) = annotate(document, _with({}))
    assert tuple(_pixels(page.png)[0, 0]) == (0, 0, 255)


def test_every_page_has_its_own_fields() -> None:
    fields = {BLANK: _reading(page=2)}
    first, second = annotate(_document(1, 2), _with(fields))
    assert (first.number, second.number) == (1, 2)
    assert (_pixels(first.png) == 255).all()
    assert not (_pixels(second.png) == 255).all()


def test_documents_without_pages_or_pictures_yield_nothing() -> None:
    assert list(annotate(Document("a.txt", "0" * 64, "text/plain"), build(pages=0))) == []
    assert list(annotate(_document(1, drawable=False), build())) == []


def test_fields_without_a_box_are_passed_over() -> None:
    missing = Reading(value=None, text=None, state="missing", confidence=0)
    (page,) = annotate(_document(1), _with({BLANK: missing, DOUBTFUL: _reading(bbox=None)}))
    assert (_pixels(page.png) == 255).all()


def test_boxes_beyond_the_page_or_of_no_width_do_no_harm() -> None:
    boxes = [(-0.5, -0.5, 1.5, 1.5), (0.5, 0.5, 0.5, 0.5), (0.9, 0.9, 0.1, 0.1)]
    fields = {f"t.{n}": _reading(bbox=box) for n, box in enumerate(boxes)}
    assert len(list(annotate(_document(1), _with(fields)))) == 1


def test_the_colour_tells_how_far_a_field_can_be_trusted() -> None:
    assert colour_of(_reading(), ()) == SURE_COLOUR
    assert colour_of(_reading("blank", None), ()) == EMPTY_COLOUR
    assert colour_of(_reading("marked", None), ()) == EMPTY_COLOUR
    assert colour_of(_reading("blank", None), ("doubtful-reading",)) == DOUBTFUL_COLOUR
    assert colour_of(_reading("repaired"), ("repaired",)) == DOUBTFUL_COLOUR
    assert colour_of(_reading(), ("doubtful-reading", "identity-violated")) == WRONG_COLOUR


def test_labels_leave_the_table_out_and_tell_blank_from_struck_out() -> None:
    assert short_labels("a.received.total", _reading(value=7)) == ("received.total 7", "total 7", "tota. 7", "7")
    assert short_labels("a.b", _reading(value=5.035)) == ("b 5.035", "5.035")
    assert short_labels("a.b", _reading("blank", None))[-1] == "_"
    assert short_labels("a.b", _reading("marked", None))[-1] == "/"
