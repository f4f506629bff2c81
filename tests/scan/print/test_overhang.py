"""Numbers that stand partly on a rule: what is found of them, and what is no part of a number."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.documents.model import Rule
from service.scan.print.ink import find_ink
from service.scan.print.lines import Frame, blots_by_frame, cut_lines
from service.scan.print.overhang import _percentile, _without_rule, overhangs
from service.scan.print.regions import CellFrame
from service.scan.print.snips import Snip

DIGIT = 20.0
SIDE, TOP, LEVEL = 200, 200, 220
"""Where the rule between two cells lies, where both begin, and where digits do."""


def _page() -> np.ndarray:
    """Two cells beside each other, and in the right one an oval digit close to the rule between them."""
    gray = np.full((460, 400), 255, np.uint8)
    for x in (50, SIDE, 350):
        gray[100:360, x - 1 : x + 1] = 110
    for y in (TOP, 260):
        cv2.line(gray, (50, y), (350, y), 110, 2)
    _oval(gray, SIDE + 17)
    return gray


def _oval(gray: np.ndarray, x: int) -> None:
    cv2.ellipse(gray, (x, LEVEL + 10), (6, 9), 0, 0, 360, 20, 2)


def _stroke(gray: np.ndarray, x: int, top: int, bottom: int) -> None:
    """As the stem of a one: three pixels wide."""
    gray[top:bottom, x : x + 3] = np.minimum(gray[top:bottom, x : x + 3], 40)


def _found(gray: np.ndarray) -> dict[int, Snip]:
    width = gray.shape[1]
    rules = [Rule(x / width, 100 / 460, x / width, 360 / 460) for x in (50, SIDE, 350)]
    rules += [Rule(50 / width, y / 460, 350 / width, y / 460) for y in (TOP, 260)]
    ink = find_ink(gray, rules)
    frames = [Frame(53, TOP + 3, SIDE - 2, 258), Frame(SIDE + 3, TOP + 3, 348, 258)]
    places = [CellFrame(frame, ((0, "row", 0), (0, "column", i))) for i, frame in enumerate(frames)]
    cells = [cut_lines(f, own, DIGIT) for f, own in zip(frames, blots_by_frame(frames, ink), strict=True)]
    return dict(overhangs(gray, places, cells, DIGIT))


@pytest.mark.parametrize("shift", [-2, -1, 0, 1])
def test_one_on_a_rule_is_shown_with_its_number_and_without_the_rule(shift: int) -> None:
    gray = _page()
    _stroke(gray, SIDE + shift, LEVEL, LEVEL + 20)
    found = _found(gray)
    assert list(found) == [1]
    dark = found[1].picture < 150
    columns = np.flatnonzero(dark.any(axis=0))
    assert found[1].x + columns[0] <= SIDE + 1
    assert np.flatnonzero(dark[:, columns[0] : columns[0] + 3].any(axis=1)).size == pytest.approx(20, abs=3)


def test_digit_that_a_rule_cuts_is_shown_whole() -> None:
    gray = _page()
    _oval(gray, SIDE)
    snip = _found(gray)[1]
    assert snip.x < SIDE - 6
    middle = snip.picture[round(LEVEL + 10 - snip.y)] < 180
    steps = np.flatnonzero(np.diff(middle.astype(int)) == 1)
    assert len(steps) == 4  # two sides of each of two digits, and no rule between


def test_right_side_is_as_the_left_one() -> None:
    gray = _page()
    _stroke(gray, SIDE - 1, LEVEL, LEVEL + 20)
    found = _found(np.ascontiguousarray(gray[:, ::-1]))  # the rule stands in the middle of the page
    assert list(found) == [0]


def test_number_beside_a_plain_rule_is_left_alone() -> None:
    assert not _found(_page())


def test_piece_of_a_rule_that_is_not_level_with_the_digits_is_no_one() -> None:
    gray = _page()
    _stroke(gray, SIDE, LEVEL - 6, LEVEL + 14)
    assert not _found(gray)


def test_rule_that_is_drawn_thick_all_along_is_no_one() -> None:
    gray = _page()
    _stroke(gray, SIDE, 100, 360)
    assert not _found(gray)


def test_neighbours_digit_that_touches_the_rule_stays_with_its_number() -> None:
    gray = _page()
    for x in (SIDE - 24, SIDE - 9):
        _oval(gray, x)
    assert 1 not in _found(gray)


def test_rule_that_reaches_the_end_of_what_is_looked_at_ends_there() -> None:
    gray = np.full((100, 60), 255, np.uint8)
    gray[:, 20:40] = 0
    window = Frame(10, 40, 30, 60)
    bare, (start, stop) = _without_rule(gray, Frame(24, 30, 50, 70), window, DIGIT)
    assert bare.shape == (window.height, window.width)
    assert start < stop == window.width
    assert not bare[:, start:stop].any()


@pytest.mark.parametrize("rows", [1, 2, 5, 6, 61, 100])
def test_percentile_of_columns_is_that_of_numpy(rows: int) -> None:
    dots = np.random.default_rng(rows).integers(0, 256, (rows, 7), np.uint8)
    assert _percentile(dots, 80) == pytest.approx(np.percentile(dots, 80, axis=0))
