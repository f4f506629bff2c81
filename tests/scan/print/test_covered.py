from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.scan.print.covered import surroundings, windows
from service.scan.print.ink import find_ink
from service.scan.print.lines import Frame, Seams, blots_by_frame, cut_lines
from service.scan.print.regions import CellFrame
from service.scan.print.snips import Snip

DIGIT = 20.0
ROWS, COLUMNS, WIDTH, HEIGHT = 5, 5, 90, 50


def _places(seams: Seams) -> list[CellFrame]:
    return [
        CellFrame(
            Frame(100 + c * WIDTH + 2, 100 + r * HEIGHT + 2, 100 + (c + 1) * WIDTH - 2, 100 + (r + 1) * HEIGHT - 2),
            ((0, "row", r), (0, "column", c)),
            seams,
        )
        for r in range(ROWS)
        for c in range(COLUMNS)
    ]


def _windows(gray: np.ndarray, seams: Seams) -> dict[int, Snip]:
    ink = find_ink(gray, ())
    places = _places(seams)
    blots = blots_by_frame([place.frame for place in places], ink)
    cells = [cut_lines(place.frame, own, DIGIT, place.seams) for place, own in zip(places, blots, strict=True)]
    return dict(windows(gray, ink, places, cells, DIGIT))


@pytest.fixture
def gray() -> np.ndarray:
    drawn = np.full((450, 650), 255, np.uint8)
    for row in range(ROWS):
        for column in range(COLUMNS):
            cv2.ellipse(drawn, (100 + column * WIDTH + 25, 100 + row * HEIGHT + 25), (6, 10), 0, 0, 360, 20, 2)
    return drawn


def test_number_under_a_stroke_is_cut_out_where_its_row_and_column_have_theirs(gray: np.ndarray) -> None:
    x, y = 100 + 2 * WIDTH, 100 + 2 * HEIGHT
    cv2.circle(gray, (x - 8, y + 25), 38, 20, 5)
    found = _windows(gray, Seams())
    assert 12 in found
    box = found[12].box
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((x + 18, y + 14, x + 33, y + 37), abs=3)


def test_plain_numbers_and_blank_cells_have_no_window(gray: np.ndarray) -> None:
    gray[100 + 2 * HEIGHT : 100 + 3 * HEIGHT, 100 + 2 * WIDTH : 100 + 3 * WIDTH] = 255
    assert not _windows(gray, Seams())


def test_cell_of_several_rows_has_no_window(gray: np.ndarray) -> None:
    cv2.circle(gray, (240, 225), 70, 20, 5)
    assert not _windows(gray, Seams(y=(1,)))


def test_numeric_reader_sees_the_place_of_four_digits_and_nothing_beyond_the_cell() -> None:
    cell = Frame(0, 0, 400, 200)
    assert surroundings(Frame(194, 90, 206, 110), cell, DIGIT) == Frame(158, 80, 242, 120)
    assert surroundings(Frame(10, 5, 22, 25), cell, DIGIT) == Frame(0, 0, 58, 35)
    low = Frame(0, 85, 400, 112)
    assert surroundings(Frame(194, 90, 206, 110), low, DIGIT) == Frame(158, 85, 242, 112)
