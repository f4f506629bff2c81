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
from service.results import AlternativeValue, Extraction, Issue, Reading
from tests.built import BLANK, DOUBTFUL, build

WIDTH, HEIGHT = 600, 800


def _paper() -> Picture:
    return np.full((HEIGHT, WIDTH, 3), 255, np.uint8)


def _document(*numbers: int, drawable: bool = True) -> Document:
    pages = tuple(Page(n, WIDTH, HEIGHT, render=_paper if drawable else None, scanned=True) for n in numbers)
    return Document("a.pdf", "0" * 64, "application/pdf", pages=pages)


def _with(fields: dict[str, Reading]) -> Extraction:
    return build(clean=True).model_copy(update={"fields": fields})


def _about(*roots: str, fields: tuple[str, ...] = (), severity: str = "error") -> Issue:
    given = {"code": "identity-violated", "severity": severity, "message": "72 + 0 ≠ 69 + 1"}
    return Issue.model_validate(given | {"roots": roots, "fields": roots + fields})


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


def test_a_repaired_cell_shows_both_numbers() -> None:
    def repaired(before: float | None) -> Reading:
        first = AlternativeValue(value=before, confidence=0.3)
        return _reading("repaired", 71).model_copy(update={"alternatives": (first,)})

    assert short_labels("a.total", repaired(69)) == ("total 69→71", "tota. 69→71", "69→71")
    assert short_labels("a.total", repaired(None))[-1] == "_→71"


def test_what_is_wrong_is_written_below_the_page_of_its_root_cells() -> None:
    fields = {DOUBTFUL: _reading(), BLANK: _reading(page=2, bbox=(0.7, 0.7, 0.8, 0.8))}
    issues = (_about(DOUBTFUL, fields=(BLANK,)),)
    extraction = _with(fields).model_copy(update={"issues": issues})
    first, second = (_pixels(page.png) for page in annotate(_document(1, 2), extraction))
    assert (first.shape[1], second.shape) == (WIDTH, (HEIGHT, WIDTH, 3))
    strip = first[HEIGHT + 3 :]
    assert strip.shape[0] > 20
    ink = strip.min(axis=2) < 128
    assert ink.any() and not ink[:, -5:].any()
    reds = strip[ink].astype(int)
    assert (reds[:, 0] > reds[:, 1]).mean() > 0.9  # an error is written in red


def test_an_issue_without_root_cells_is_written_where_its_first_cell_stands() -> None:
    fields = {DOUBTFUL: _reading(), BLANK: _reading(page=2)}
    issues = (_about(fields=(DOUBTFUL, BLANK), severity="warning"), _about())
    extraction = _with(fields).model_copy(update={"issues": issues})
    first, second = (_pixels(page.png) for page in annotate(_document(1, 2), extraction))
    assert first.shape[0] > HEIGHT
    assert second.shape[0] == HEIGHT


def test_a_root_cell_is_drawn_strongest_of_a_broken_identity() -> None:
    root, other = (0.1, 0.1, 0.3, 0.2), (0.5, 0.1, 0.7, 0.2)
    fields = {DOUBTFUL: _reading(bbox=root), BLANK: _reading(bbox=other)}
    issues = (_about(DOUBTFUL, fields=(BLANK,)),)
    (page,) = annotate(_document(1), _with(fields).model_copy(update={"issues": issues}))
    pixels = _pixels(page.png).astype(int)
    inside = [pixels[150, x] for x in (120, 360)]  # both filled with red, the root more
    assert inside[0][1] < inside[1][1] < 255
    assert inside[0][0] > inside[0][1]
    edge = [(pixels[150, start : start + 10] == WRONG_COLOUR).all(axis=1).sum() for start in (60, 300)]
    assert edge[0] == 2 * edge[1] > 0
