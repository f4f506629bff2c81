from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from service.scan.ruling.arcs import without_arcs
from service.scan.ruling.rules import find_rules
from service.scan.ruling.traced import Piece, line_view
from service.tables.lattice import find_lattices

Gray = NDArray[np.uint8]
UNIT = 1654
ROW = (670, 710)
"""From where to where the line stands that is looked at, in a page on which lines run across."""


def paper() -> Gray:
    return np.full((1400, UNIT), 255, np.uint8)


def kept(page: Gray, x0: float = ROW[0], x1: float = ROW[1], y: float = 500.0) -> bool:
    return bool(without_arcs([Piece(x0, x1, y, 0.0, 1.0, 0.0, 0.0)], line_view(page, UNIT)))


@pytest.mark.parametrize("radius", [110, 140, 170])
def test_rim_of_a_seal_is_no_line_though_lines_cross_it(radius: int) -> None:
    page = paper()
    cv2.circle(page, (690, 500 + radius), radius, 0, 7)
    for x in ROW:
        cv2.line(page, (x, 300), (x, 900), 0, 3)
    assert not kept(page)


def test_line_that_ends_at_others_is_kept() -> None:
    page = paper()
    cv2.line(page, (ROW[0], 500), (ROW[1], 500), 0, 3)
    for x in ROW:
        cv2.line(page, (x, 300), (x, 900), 0, 3)
    assert kept(page)


def test_line_that_goes_on_straight_is_kept() -> None:
    page = paper()
    cv2.line(page, (400, 495), (980, 505), 0, 3)
    assert kept(page)


def test_line_beside_which_strokes_bend_at_one_end_or_to_both_sides_is_kept() -> None:
    page = paper()
    cv2.polylines(page, [np.array([(ROW[0], 500), (ROW[1], 500), (ROW[1] + 40, 515)])], False, 0, 3)
    assert kept(page)
    cv2.line(page, (ROW[0], 500), (ROW[0] - 40, 485), 0, 3)
    assert kept(page)


def test_long_line_is_kept_whatever_its_ends_run_into() -> None:
    page = paper()
    cv2.circle(page, (690, 1100), 600, 0, 7)
    assert kept(page, 600, 780)


@pytest.mark.parametrize(("row", "below"), [(50, 25), (36, 0)])
def test_seal_over_wide_cells_makes_no_columns_of_its_rim(row: int, below: int) -> None:
    page = paper()
    for y in range(300, 301 + 9 * row, row):
        cv2.line(page, (200, y), (1400, y), 0, 3)
    for x in (200, 450, 1400):
        cv2.line(page, (x, 300), (x, 300 + 9 * row), 0, 3)
    cv2.circle(page, (925, 300 + 5 * row + below), 140, 0, 5)
    (table,) = find_lattices(find_rules(page), page.shape[0] / page.shape[1])
    assert (table.rows, table.columns, len(table.cells)) == (9, 2, 18)


@pytest.mark.parametrize(("clear", "told"), [(10, True), (2, False)])
def test_text_that_bends_away_behind_the_lines_at_which_a_line_ends_is_no_rim(clear: int, told: bool) -> None:
    page = paper()
    cv2.line(page, (ROW[0], 500), (ROW[1], 500), 0, 3)
    for x in ROW:
        cv2.line(page, (x, 300), (x, 900), 0, 2)
    for x, way in ((ROW[0], -1), (ROW[1], 1)):
        begin = x + way * clear
        cv2.polylines(page, [np.array([(begin, 502), (begin + way * 14, 508), (begin + way * 60, 540)])], False, 0, 3)
    assert kept(page) == told
