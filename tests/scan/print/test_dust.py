from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.scan.print.dust import without_dust
from service.scan.print.hyphens import cut_cells
from service.scan.print.ink import Ink, find_ink
from service.scan.print.lines import Frame
from service.scan.print.regions import CellFrame

DIGIT = 20.0
CELL = Frame(2, 2, 158, 98)
Gray = np.ndarray


@pytest.fixture
def gray() -> Gray:
    return np.full((100, 160), 255, np.uint8)


def _dust(gray: Gray, x: int, y: int, radius: int = 4) -> None:
    cv2.circle(gray, (x, y), radius, 20, -1)


def _zero(gray: Gray, x: int, y: int, height: int = 10) -> None:
    cv2.ellipse(gray, (x, y), (6, height), 0, 0, 360, 20, 3)


def _cleared(gray: Gray, cell: Frame = CELL) -> tuple[Gray, Ink] | None:
    ink = find_ink(gray, ())
    return without_dust(gray, ink, cut_cells([CellFrame(cell, ())], ink, DIGIT), DIGIT)


@pytest.mark.parametrize("radius", [3, 4, 5])
def test_a_disc_by_itself_becomes_paper_and_print_stays(gray: Gray, radius: int) -> None:
    _zero(gray, 120, 50)
    bare = gray.copy()
    _dust(gray, 40, 40, radius)
    found = _cleared(gray)
    assert found is not None
    assert (found[0] == bare).all()
    assert [blot.x0 > 100 for blot in found[1].blots] == [True]
    assert not found[1].labels[:, :80].any()
    assert (gray[40, 36:44] == 20).sum() > 2  # the page itself is left as it is


def test_a_point_and_a_disc_close_to_a_number_stay(gray: Gray) -> None:
    _zero(gray, 40, 50)
    _zero(gray, 70, 50)
    cv2.circle(gray, (55, 58), 1, 20, -1)
    _dust(gray, 84, 50)
    _dust(gray, 140, 50, 1)
    assert _cleared(gray) is None


def test_what_is_hollow_or_flat_or_as_large_as_a_digit_or_in_no_cell_stays(gray: Gray) -> None:
    cv2.ellipse(gray, (30, 30), (4, 4), 0, 180, 360, 20, 2)  # the upper half of a worn zero
    cv2.rectangle(gray, (76, 28), (84, 32), 20, -1)  # a short dash
    _dust(gray, 130, 40, 9)
    assert _cleared(gray) is None
    _dust(gray, 30, 80)
    assert _cleared(gray, Frame(60, 2, 158, 98)) is None
    assert _cleared(gray) is not None


def test_a_point_of_a_label_stays(gray: Gray) -> None:
    for x in (20, 60, 80, 100):
        _zero(gray, x, 50)
    _dust(gray, 40, 50, 3)
    assert _cleared(gray) is None
