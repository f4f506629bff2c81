from __future__ import annotations

import cv2
import numpy as np
import pytest

from models.digits import FOREIGN, NOTHING
from service.scan.print.ink import find_ink
from service.scan.print.lines import Frame, blots_by_frame, cut_lines
from service.scan.print.signs import has_minus, plus_width, with_signs

DIGIT = 20.0
FRAME = Frame(20, 20, 180, 80)
Gray = np.ndarray


@pytest.fixture
def gray() -> Gray:
    return np.full((100, 200), 255, np.uint8)


def _zero(gray: Gray, x: int) -> None:
    cv2.ellipse(gray, (x, 50), (6, 10), 0, 0, 360, 20, 2)


def _seen(gray: Gray) -> bool:
    ink = find_ink(gray, ())
    (blots,) = blots_by_frame([FRAME], ink)
    (line,) = cut_lines(FRAME, blots, DIGIT).lines
    return has_minus(line, ink, DIGIT)


@pytest.mark.parametrize("x", [75, 78, 80])
def test_short_stroke_at_half_height_before_a_number_is_a_minus(gray: Gray, x: int) -> None:
    gray[49:52, x : x + 5] = 20  # at 80 it touches the number
    _zero(gray, 92)
    assert _seen(gray)


def test_a_number_by_itself_has_none(gray: Gray) -> None:
    _zero(gray, 92)
    assert not _seen(gray)


def test_a_stroke_after_the_number_is_none(gray: Gray) -> None:
    _zero(gray, 92)
    gray[49:52, 103:108] = 20
    assert not _seen(gray)


@pytest.mark.parametrize("y", [40, 58])
def test_strokes_at_a_digits_top_or_foot_are_none(gray: Gray, y: int) -> None:
    gray[40:61, 92:95] = 20
    gray[y : y + 3, 84:94] = 20  # a seven, and a one without its right foot
    assert not _seen(gray)


def test_tip_of_a_four_is_none(gray: Gray) -> None:
    cv2.line(gray, (82, 54), (94, 40), 20, 2)
    cv2.line(gray, (82, 54), (97, 54), 20, 2)
    cv2.line(gray, (94, 40), (94, 60), 20, 2)
    assert not _seen(gray)


def test_a_plus_is_none(gray: Gray) -> None:
    gray[49:52, 70:81] = 20
    gray[45:56, 74:77] = 20
    _zero(gray, 92)
    assert not _seen(gray)


def test_a_plus_as_tall_as_the_number_is_none(gray: Gray) -> None:
    gray[49:52, 70:85] = 20
    gray[40:61, 76:79] = 20
    _zero(gray, 94)
    assert not _seen(gray)


def _plus(gray: Gray) -> int:
    ink = find_ink(gray, ())
    (blots,) = blots_by_frame([FRAME], ink)
    (line,) = cut_lines(FRAME, blots, DIGIT).lines
    return plus_width(line, ink, DIGIT)


def test_plus_is_told_with_the_gap_behind_it(gray: Gray) -> None:
    gray[49:52, 70:85] = 20
    gray[43:58, 76:79] = 20
    _zero(gray, 98)
    assert 15 < _plus(gray) <= 98 - 7 - 70


@pytest.mark.parametrize("right", [80, 90])
def test_four_is_no_plus(gray: Gray, right: int) -> None:
    gray[54:57, 70:right] = 20  # a four that has lost its slanting stroke, with a short foot or a long one
    gray[40:61, 78:81] = 20
    _zero(gray, 104)
    assert not _plus(gray)


def test_plus_by_itself_and_a_number_by_itself_are_none(gray: Gray) -> None:
    gray[49:52, 70:85] = 20
    gray[43:58, 76:79] = 20
    assert not _plus(gray)
    gray[:] = 255
    _zero(gray, 80)
    _zero(gray, 98)
    assert not _plus(gray)


def test_a_minus_that_touches_a_one_is_seen(gray: Gray) -> None:
    gray[49:52, 80:88] = 20
    gray[40:61, 87:90] = 20
    assert _seen(gray)


def test_foot_of_a_four_is_none(gray: Gray) -> None:
    gray[54:57, 80:96] = 20
    gray[40:61, 89:92] = 20
    assert not _seen(gray)


def test_a_dash_by_itself_is_no_minus(gray: Gray) -> None:
    gray[49:52, 80:92] = 20
    assert not _seen(gray)


def test_reader_that_wavers_reads_the_minus_that_is_seen() -> None:
    best, *others = with_signs([("3", 0.8), ("-3", 0.17), (FOREIGN, 0.02)], minus=True)
    assert best[0] == "-3"
    assert best[1] > 0.85
    assert sum(p for _, p in (best, *others)) == pytest.approx(0.99)


def test_reader_that_overlooks_a_minus_is_not_sure() -> None:
    found = dict(with_signs([("14", 0.999)], minus=True))
    assert found["14"] < 0.7
    assert found["-14"] > 0.3


def test_other_readings_keep_their_probability() -> None:
    found = dict(with_signs([("-3", 0.9), ("-", 0.05), (NOTHING, 0.03), (FOREIGN, 0.02)], minus=True))
    assert found["-3"] == pytest.approx(0.9)
    assert (found["-"], found[NOTHING], found[FOREIGN]) == (0.05, 0.03, 0.02)


def test_nobody_prints_minus_zero() -> None:
    assert dict(with_signs([("-0", 0.6), ("0", 0.3), ("-6", 0.05)], minus=True))["0"] == pytest.approx(0.9)
    assert with_signs([("-0", 0.6), ("0", 0.3)], minus=False) == (("0", pytest.approx(0.9)),)


def test_numbers_that_are_not_zero_keep_their_sign() -> None:
    found = [("-10", 0.6), ("-0.5", 0.2), ("10", 0.1)]
    assert with_signs(found, minus=False) == tuple(found)
    assert with_signs([("2", 0.0)], minus=False) == (("2", 0.0),)
