from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.scan.picture.clean import Gray
from service.scan.print.ink import find_ink
from service.scan.print.lines import Frame, blots_by_frame, cut_lines
from service.scan.print.regions import CellFrame
from service.scan.print.sealed import among_seals
from service.scan.print.snips import Snip

DIGIT, PRINT = 21.0, 20
ROWS, COLUMNS, WIDTH, HEIGHT = 6, 4, 200, 100
X, Y, RADIUS = 500, 420, 150
AMONG = 6
"""A cell in which a number stands free among the seal's characters."""


def _left(cell: int) -> int:
    return 100 + cell % COLUMNS * WIDTH


def _top(cell: int) -> int:
    return 100 + cell // COLUMNS * HEIGHT


def _page() -> Gray:
    """A number in each of the cells of a table without rules."""
    page = np.full((800, 1000), 255, np.uint8)
    for cell in range(ROWS * COLUMNS):
        place = (_left(cell) + 80, _top(cell) + 60)
        cv2.putText(page, "10", place, cv2.FONT_HERSHEY_SIMPLEX, 1.0, PRINT, 2)
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 0.6), np.uint8)


def _seal(page: Gray, x: int, y: int, *, rim: bool = True) -> None:
    """A black seal: a rim, a star, and strokes of characters, aside of the number of cell `AMONG`."""
    if rim:
        cv2.circle(page, (x, y), RADIUS, PRINT, 6)
    angles = np.radians(np.arange(0, 720, 144) - 90)
    star = np.stack([x + 48 * np.cos(angles), y + 48 * np.sin(angles)], axis=1)
    cv2.fillPoly(page, [star.astype(np.int32)], PRINT)
    for angle in np.radians([205, 235, 262, 318, 342, 365]):
        left, top = round(x + 105 * np.cos(angle)), round(y + 105 * np.sin(angle))
        cv2.line(page, (left - 14, top - 16), (left + 10, top + 18), PRINT, 3)
        cv2.line(page, (left + 6, top - 18), (left - 10, top + 8), PRINT, 3)


def _numbers(page: Gray) -> dict[int, Snip]:
    ink = find_ink(page, ())
    places = [
        CellFrame(
            Frame(_left(cell) + 2, _top(cell) + 2, _left(cell) + WIDTH - 2, _top(cell) + HEIGHT - 2),
            ((0, "row", cell // COLUMNS), (0, "column", cell % COLUMNS)),
        )
        for cell in range(ROWS * COLUMNS)
    ]
    blots = blots_by_frame([place.frame for place in places], ink)
    cells = [cut_lines(place.frame, own, DIGIT) for place, own in zip(places, blots, strict=True)]
    return dict(among_seals(page, ink, places, cells, DIGIT))


@pytest.fixture
def page() -> Gray:
    drawn = _page()
    _seal(drawn, _left(AMONG) + 60, _top(AMONG) + 150)
    return drawn


def test_number_among_a_seals_characters_is_shown_without_them(page: Gray) -> None:
    found = _numbers(page)[AMONG]
    alone = _page()
    box = found.box
    assert (box.x0, box.x1) == pytest.approx((_left(AMONG) + 82, _left(AMONG) + 118), abs=6)
    expected = alone[found.y : found.y + found.picture.shape[0], found.x : found.x + found.picture.shape[1]]
    assert np.array_equal(found.picture < 128, expected < 128)
    assert found.whole


@pytest.mark.parametrize(("aside", "shown"), [(0, False), (15, False), (32, False), (48, True)])
def test_number_that_the_rim_touches_or_may_hide_a_part_of_is_not_cut_out(aside: int, shown: bool) -> None:
    page = _page()
    _seal(page, _left(AMONG) + 100 - aside - RADIUS, _top(AMONG) + 48)
    assert (AMONG in _numbers(page)) == shown


def test_sign_before_a_number_is_shown_with_it(page: Gray) -> None:
    x, y = _left(AMONG) + 70, _top(AMONG) + 49
    cv2.line(page, (x, y), (x + 8, y), PRINT, 2)
    found = _numbers(page)[AMONG]
    assert found.box.x0 <= x
    assert (found.picture[:, : x + 9 - found.x] < 128).any()


def test_number_beside_which_another_digit_may_be_hidden_in_a_stroke_is_not_cut_out(page: Gray) -> None:
    x, y = _left(AMONG) + 122, _top(AMONG) + 49
    cv2.line(page, (x, y - 8), (x + 8, y + 28), PRINT, 3)
    assert AMONG not in _numbers(page)


def test_number_that_a_streak_runs_into_is_not_cut_out(page: Gray) -> None:
    assert AMONG in _numbers(page)
    x = _left(AMONG) + 90
    cv2.line(page, (x, 0), (x, page.shape[0]), PRINT, 3)
    assert AMONG not in _numbers(page)


def test_ink_beside_the_level_of_the_row_is_no_number() -> None:
    page = _page()
    left, top = _left(AMONG), _top(AMONG)
    page[top + 2 : top + HEIGHT - 2, left + 2 : left + WIDTH - 2] = 255
    cv2.putText(page, "10", (left + 80, top + 85), cv2.FONT_HERSHEY_SIMPLEX, 1.0, PRINT, 2)
    _seal(page, left + 60, top + 150)
    assert AMONG not in _numbers(page)


def test_label_that_reaches_out_of_the_seal_is_left_alone() -> None:
    page = _page()
    left, top = _left(AMONG), _top(AMONG)
    _seal(page, left + 60, top + 150)
    outside = left + 60 + RADIUS
    cv2.putText(page, "8", (min(outside - 35, left + WIDTH - 30), top + 28), cv2.FONT_HERSHEY_SIMPLEX, 1.0, PRINT, 2)
    assert AMONG not in _numbers(page)


def test_strokes_without_a_rim_are_no_seal() -> None:
    page = _page()
    _seal(page, _left(AMONG) + 60, _top(AMONG) + 150, rim=False)
    assert not _numbers(page)
    assert not _numbers(_page())
