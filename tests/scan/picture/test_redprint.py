from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.documents.model import Picture
from service.scan.picture.clean import clean

RED, GOLD, BLACK = (30, 20, 205), (0, 192, 255), (25, 25, 25)


def _page() -> Picture:
    """A table of cells of 100 by 36 pixels, ruled in black."""
    picture = np.full((700, 900, 3), 250, np.uint8)
    for x in range(100, 801, 100):
        cv2.line(picture, (x, 100), (x, 100 + 36 * 12), BLACK, 2)
    for y in range(100, 101 + 36 * 12, 36):
        cv2.line(picture, (100, y), (800, y), BLACK, 2)
    return picture


def _number(picture: Picture, column: int, row: int, text: str, colour: tuple[int, int, int]) -> None:
    at = (100 + 100 * column + 40, 100 + 36 * row + 27)
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, colour, 2, cv2.LINE_AA)


def _jpeg(picture: Picture) -> Picture:
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, [1, 80])[1], cv2.IMREAD_COLOR), np.uint8)


def _cell(gray: np.ndarray, column: int, row: int) -> np.ndarray:
    inner: np.ndarray = gray[100 + 36 * row + 4 : 100 + 36 * row + 33, 100 + 100 * column + 4 : 100 + 100 * column + 97]
    return inner


def _as_black(picture: Picture, column: int, row: int, black: Picture) -> float:
    """Part of the ink of a cell in black that is ink on this page as well."""
    ink = _cell(clean(black), column, row) < 100
    return float((_cell(clean(picture), column, row)[ink] < 225).mean())


@pytest.mark.parametrize("colour", [RED, GOLD])
def test_numbers_printed_in_red_or_gold_stay_whole(colour: tuple[int, int, int]) -> None:
    red, black = _page(), _page()
    for row in range(12):
        for column in range(7):
            _number(red, column, row, "20" if row == 3 else "0", colour if column % 2 else BLACK)
            _number(black, column, row, "20" if row == 3 else "0", BLACK)
    for column, row in ((1, 0), (3, 3), (5, 11)):
        assert _as_black(_jpeg(red), column, row, black) > 0.97


def test_rules_printed_in_red_stay() -> None:
    picture = _page()
    picture[np.asarray(picture[..., 0] < 100)] = RED
    gray = clean(_jpeg(picture))
    assert gray[99:103, 110:790].min(axis=0).max() < 160
    assert gray[110:520, 299:303].min(axis=1).max() < 160


def test_red_tick_beside_a_number_fades() -> None:
    picture = _page()
    _number(picture, 2, 2, "12", BLACK)
    cv2.polylines(picture, [np.array([[375, 188], [382, 198], [396, 178]], np.int32)], False, RED, 3, cv2.LINE_AA)
    bare = _page()
    _number(bare, 2, 2, "12", BLACK)
    assert np.count_nonzero(_cell(clean(_jpeg(picture)), 2, 2) < 150) <= np.count_nonzero(
        _cell(clean(_jpeg(bare)), 2, 2) < 150
    )


def test_characters_of_a_red_seal_fade() -> None:
    picture = _page()
    cv2.circle(picture, (450, 330), 150, RED, 7)
    for angle in range(0, 360, 40):
        x, y = 450 + 110 * np.cos(np.radians(angle)), 330 + 110 * np.sin(np.radians(angle))
        cv2.putText(picture, "M", (int(x) - 12, int(y) + 12), cv2.FONT_HERSHEY_SIMPLEX, 1, RED, 3)
    gray = clean(picture)
    bare = clean(_page())
    assert np.count_nonzero((gray < 180) & (bare > 240)) < 50


def test_red_highlighter_is_no_print() -> None:
    picture = _page()
    picture[180:200, 120:280] = (170, 150, 255)
    assert _cell(clean(picture), 0, 2).min() > 180
