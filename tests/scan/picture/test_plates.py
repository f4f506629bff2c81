from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.documents.model import Picture
from service.scan.picture.plates import without_plates

PAPER, GROUND = (250, 250, 250), (130, 70, 40)


def _table(ground: tuple[int, int, int] = GROUND) -> Picture:
    """A page with a heading row of two dark cells, white words on it, and black words right below and above it."""
    picture = np.full((800, 600, 3), PAPER, np.uint8)
    cv2.rectangle(picture, (60, 200), (540, 260), ground, -1)
    cv2.line(picture, (300, 200), (300, 260), (255, 255, 255), 2)
    for x in (100, 350):
        cv2.putText(picture, "TOTAL", (x, 240), cv2.FONT_HERSHEY_SIMPLEX, 1, (255, 255, 255), 2)
        cv2.putText(picture, "mmmmm", (x, 290), cv2.FONT_HERSHEY_SIMPLEX, 1, (20, 20, 20), 3)
        cv2.putText(picture, "MMMMM", (x, 194), cv2.FONT_HERSHEY_SIMPLEX, 1, (20, 20, 20), 3)
    return picture


@pytest.mark.parametrize("ground", [GROUND, (30, 20, 190), (213, 155, 91)])  # blue, red, the pale blue of an office
def test_white_words_on_dark_ground_are_dark_on_white(ground: tuple[int, int, int]) -> None:
    before = _table(ground)
    after = without_plates(before).min(axis=2)
    inside = after[208:252, 70:530]
    assert np.median(inside) > 240
    words = before.min(axis=2)[208:252, 70:530] > 230
    assert inside[words].max() < 80
    assert (inside[~words] > 200).mean() > 0.9


def test_rule_between_cells_and_outline_are_dark_lines() -> None:
    after = without_plates(_table()).min(axis=2)
    assert after[210:250, 300].max() < 80
    for side in (after[198:206, 70:530], after[254:263, 70:530]):
        assert side.min(axis=0).max() < 150


def test_print_beside_dark_ground_stays() -> None:
    before = _table()
    after = without_plates(before)
    assert (after[262:] == before[262:]).all()
    assert (after[:198] == before[:198]).all()


def test_what_bears_no_light_print_stays() -> None:
    picture = np.full((800, 600, 3), PAPER, np.uint8)
    cv2.rectangle(picture, (60, 200), (540, 260), GROUND, -1)  # blackened
    cv2.putText(picture, "REPORT", (60, 400), cv2.FONT_HERSHEY_SIMPLEX, 3, (10, 10, 10), 16)
    cv2.rectangle(picture, (0, 600), (599, 799), (60, 60, 60), -1)  # what a copier saw beside the paper
    cv2.putText(picture, "DESK", (60, 700), cv2.FONT_HERSHEY_SIMPLEX, 2, (255, 255, 255), 3)
    assert without_plates(picture) is picture


def test_star_of_a_seal_stays() -> None:
    picture = np.full((800, 600, 3), PAPER, np.uint8)
    angles = np.arange(10) * np.pi / 5
    radii = np.where(np.arange(10) % 2, 25, 62)
    star = np.column_stack([300 + radii * np.sin(angles), 400 - radii * np.cos(angles)]).astype(np.int32)
    cv2.fillPoly(picture, [star], (30, 30, 200))
    cv2.circle(picture, (300, 400), 160, (30, 30, 200), 9)
    assert without_plates(picture) is picture
