from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.scan.picture.clean import clean
from service.scan.picture.geometry import apply, as_row, from_row, quarter_turn, scaling
from service.scan.picture.sheet import find_sheet
from service.scan.picture.straighten import straighten
from tests.drawn import COLUMN, COLUMNS, HEIGHT, LEFT, ROW, ROWS, TOP, WIDTH, table_page, turned

CORNERS = np.array(
    [
        [LEFT, TOP],
        [LEFT + COLUMNS * COLUMN, TOP],
        [LEFT + COLUMNS * COLUMN, TOP + ROWS * ROW],
        [LEFT, TOP + ROWS * ROW],
    ],
    np.float64,
)


def _table_in(straight_to_source: np.ndarray, drawn_to_source: np.ndarray, source: tuple[int, ...]) -> np.ndarray:
    """The table's corners in fractions of the straightened picture."""
    fractions = apply(np.linalg.inv(scaling(source[1], source[0])) @ drawn_to_source, CORNERS)
    return apply(np.linalg.inv(straight_to_source), fractions)


@pytest.mark.parametrize("degrees", [-4.0, -1.1, 0.0, 0.3, 2.5])
def test_rules_run_straight_after_skew(degrees: float) -> None:
    picture, matrix = turned(table_page({(1, 1): "5"}), degrees)
    corners = _table_in(straighten(picture).to_source, matrix, picture.shape)
    assert abs(corners[0, 1] - corners[1, 1]) < 0.0008
    assert abs(corners[0, 0] - corners[3, 0]) < 0.0008


def test_hairlines_copied_to_level_steps_run_straight() -> None:
    page, slope = np.full((HEIGHT, WIDTH, 3), 255, np.uint8), 0.006
    right, bottom = LEFT + COLUMNS * COLUMN, TOP + ROWS * ROW
    for y in range(TOP, bottom + 1, ROW):
        places = [(x, y + slope * (x - LEFT)) for x in range(LEFT, right)]
        for x, at in places:
            if abs(at - round(at)) < 0.3:  # what falls between two rows of dots is gone
                page[round(at), x] = 0
    corners = np.array([[LEFT, TOP], [right, TOP + slope * (right - LEFT)]], np.float64) / (WIDTH, HEIGHT)
    before, after = apply(np.linalg.inv(straighten(page).to_source), corners)
    assert abs(before[1] - after[1]) < 0.001


def test_grey_page_is_straightened_as_one_with_a_coloured_dot() -> None:
    grey, _ = turned(table_page({(1, 1): "5", (3, 2): "17"}), 1.3)
    coloured = grey.copy()
    coloured[60, 60] = (255, 255, 0)  # only there are channels different
    found, expected = straighten(grey).picture, straighten(coloured).picture
    assert (expected[:200, :, 0] != expected[:200, :, 2]).any()
    assert (found[200:] == expected[200:]).all()


def test_photographed_page_becomes_a_rectangle() -> None:
    drawn = table_page({(1, 1): "5", (3, 2): "17"})
    sheet = np.array([[70, 90], [1210, 50], [1260, 1790], [40, 1720]], np.float32)
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [WIDTH, 0], [WIDTH, HEIGHT], [0, HEIGHT]], np.float32), sheet
    )
    photo = np.full((1850, 1320, 3), 70, np.uint8)
    paper = cv2.warpPerspective(drawn, matrix, (1320, 1850))
    inside = cv2.warpPerspective(np.full((HEIGHT, WIDTH), 255, np.uint8), matrix, (1320, 1850)) > 127
    photo[inside] = paper[inside]
    found = find_sheet(photo)
    assert found is not None
    assert np.abs(found - sheet).max() < 8
    corners = _table_in(straighten(photo).to_source, matrix, photo.shape)
    assert np.abs(corners[[0, 3], 1] - corners[[1, 2], 1]).max() < 0.0015
    assert np.abs(corners[[0, 1], 0] - corners[[3, 2], 0]).max() < 0.0015
    assert corners[0] == pytest.approx([LEFT / WIDTH, TOP / HEIGHT], abs=0.012)


def test_light_that_falls_off_is_no_edge_of_a_sheet() -> None:
    shade = np.linspace(1.0, 0.45, WIDTH)[None, :, None]
    assert find_sheet((table_page({(1, 1): "5"}) * shade).astype(np.uint8)) is None


@pytest.mark.parametrize("darkest", [0.55, 0.6, 0.65, 0.7])
def test_rule_where_light_falls_off_down_the_page_is_no_edge_of_a_sheet(darkest: float) -> None:
    shade = np.linspace(darkest, 1.0, HEIGHT)[:, None, None]
    drawn = table_page({(row, column): "5" for row in range(ROWS) for column in range(COLUMNS)})
    for y in range(300, HEIGHT - 300, 120):  # one of them lies where bright and dark are parted
        drawn[y : y + 12, 60:-60] = 0
    assert find_sheet((drawn * shade).astype(np.uint8)) is None


def test_quarter_turn_maps_back_to_the_picture_as_it_came() -> None:
    marked = np.zeros((60, 100), np.uint8)
    marked[10, 80] = 255
    for turns in range(4):
        y, x = np.argwhere(np.rot90(marked, turns))[0]
        height, width = np.rot90(marked, turns).shape
        ((back_x, back_y),) = apply(quarter_turn(turns), np.array([[(x + 0.5) / width, (y + 0.5) / height]]))
        assert (back_x * 100 - 0.5, back_y * 60 - 0.5) == pytest.approx((80, 10))


def test_rows_of_numbers_round_trip() -> None:
    matrix = np.array([[2, 0.1, 3], [0, 4, 5], [0.01, 0, 2]], np.float64)
    assert as_row(matrix)[-1] == 1
    assert from_row(as_row(matrix)) * 2 == pytest.approx(matrix)
    assert (from_row(None) == np.eye(3)).all()


def test_seal_fades_and_ink_under_it_stays() -> None:
    page = np.full((600, 600, 3), 235, np.uint8)
    cv2.circle(page, (300, 300), 120, (60, 50, 215), 9)
    seal = page[300, 180].copy()
    assert seal[2] > seal[1] + 100
    cv2.line(page, (150, 300), (450, 300), (30, 25, 40), 3)
    gray = clean(page)
    ring = gray[cv2.circle(np.zeros((600, 600), np.uint8), (300, 300), 120, 1, 3) > 0]
    assert np.median(ring) > 225
    assert gray[300, 180] < 120
    assert gray[300, 300] < 120


def test_shade_and_tint_become_white() -> None:
    page = (np.full((800, 800, 3), 250, np.float64) * np.linspace(1, 0.6, 800)[None, :, None]).astype(np.uint8)
    page[300:500, 100:700] = (240, 217, 200)
    gray = clean(page)
    assert np.percentile(gray[50:250], 2) > 235
    assert np.median(gray[380:420, 300:500]) > 235
