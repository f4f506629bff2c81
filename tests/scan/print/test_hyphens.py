from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.scan.print.hyphens import cut_cells
from service.scan.print.ink import find_ink
from service.scan.print.lines import CellInk, Frame
from service.scan.print.marks import DASH, stroke_mark
from service.scan.print.regions import CellFrame

DIGIT = 20.0
CELLS = [
    CellFrame(Frame(x, y, x + wide, y + 56), ())
    for y in range(20, 260, 60)
    for x, wide in ((20, 116), (140, 76), (220, 96))
]
Gray = np.ndarray


@pytest.fixture
def gray() -> Gray:
    return np.full((300, 340), 255, np.uint8)


def _hyphen(gray: Gray, x: float, y: float) -> None:
    gray[round(y) - 1 : round(y) + 2, round(x) - 2 : round(x) + 3] = 20


def _middle(cell: CellFrame) -> tuple[float, float]:
    return (cell.frame.x0 + cell.frame.x1) / 2, (cell.frame.y0 + cell.frame.y1) / 2


def _struck(cells: tuple[CellInk, ...]) -> list[bool]:
    return [len(cell.lines) == 1 and cell.lines[0].struck for cell in cells]


def test_hyphens_in_the_middle_of_many_cells_are_print(gray: Gray) -> None:
    for cell in CELLS[:7]:
        _hyphen(gray, *_middle(cell))
    ink = find_ink(gray, ())
    cells = cut_cells(CELLS, ink, DIGIT)
    assert _struck(cells) == [True] * 7 + [False] * 5
    assert not any(cell.specks for cell in cells)
    mark = stroke_mark(cells[0].lines[0], ink, DIGIT)
    assert mark is not None
    assert mark[0] == DASH
    assert mark[1] > 0.9


def test_hyphens_at_the_left_of_cells_of_unlike_width_are_print(gray: Gray) -> None:
    for cell in CELLS[:6]:
        _hyphen(gray, cell.frame.x0 + 12, _middle(cell)[1])
    assert _struck(cut_cells(CELLS, find_ink(gray, ()), DIGIT)) == [True] * 6 + [False] * 6


def test_a_few_specks_stay_specks(gray: Gray) -> None:
    for cell in CELLS[:4]:
        _hyphen(gray, *_middle(cell))
    assert not any(_struck(cut_cells(CELLS, find_ink(gray, ()), DIGIT)))


def test_specks_at_various_places_stay_specks(gray: Gray) -> None:
    for i, cell in enumerate(CELLS):
        x, y = _middle(cell)
        _hyphen(gray, x + (-30, 0, 22, 11)[i % 4], y)
    assert not any(_struck(cut_cells(CELLS, find_ink(gray, ()), DIGIT)))


def test_specks_at_the_lines_of_the_table_stay_specks(gray: Gray) -> None:
    for cell in CELLS:
        _hyphen(gray, _middle(cell)[0], cell.frame.y1 - 10)
    assert not any(_struck(cut_cells(CELLS, find_ink(gray, ()), DIGIT)))


def test_a_speck_beside_a_number_strikes_nothing_out(gray: Gray) -> None:
    for cell in CELLS[:7]:
        _hyphen(gray, *_middle(cell))
    x, y = _middle(CELLS[0])
    cv2.ellipse(gray, (round(x) - 20, round(y)), (6, 10), 0, 0, 360, 20, 2)
    assert _struck(cut_cells(CELLS, find_ink(gray, ()), DIGIT)) == [False] + [True] * 6 + [False] * 5


def test_round_specks_in_the_middle_are_no_hyphens(gray: Gray) -> None:
    for cell in CELLS:
        x, y = _middle(cell)
        gray[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3] = 20
    assert not any(_struck(cut_cells(CELLS, find_ink(gray, ()), DIGIT)))


def test_what_is_left_of_a_hyphen_stands_at_the_place_of_the_others(gray: Gray) -> None:
    for cell in CELLS[:7]:
        _hyphen(gray, *_middle(cell))
    for i, aside in ((7, 0), (8, 15)):
        x, y = _middle(CELLS[i])
        gray[round(y) - 1 : round(y) + 2, round(x) - 1 + aside : round(x) + 2 + aside] = 20
    assert _struck(cut_cells(CELLS, find_ink(gray, ()), DIGIT)) == [True] * 8 + [False] * 4
