from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.digits import NOTHING, NumericReading
from models.pooling import PoolContext
from models.text import RECOGNISER
from service.documents.model import Box, Page, Picture, Token
from service.scan import read_page
from service.scan.clean import Gray
from service.scan.overprinted import without_paler
from service.scan.pooled import pooled_tokens
from service.scan.readings import CellReadings
from tests.drawn import cell_box, cell_middle, readers, table_page

DARK, PALE = 20, 150
FIELD = ((-1, -1, 1, -1), (1, -1, 1, 1), (1, 1, -1, 1), (-1, 1, -1, -1), (0, -1, 0, 1), (-1, 0, 1, 0))
"""The six strokes of a Chinese character, two wide and two high."""


def _character(page: Gray | Picture, x: int, y: int, tone: int) -> None:
    for x0, y0, x1, y1 in FIELD:
        cv2.line(page, (x + 15 * x0, y + 15 * y0), (x + 15 * x1, y + 15 * y1), (tone,) * 3, 2)


def _cell(*, number: int = DARK, words: int = PALE) -> Gray:
    cell = np.full((70, 180), 255, np.uint8)
    cv2.ellipse(cell, (90, 35), (8, 13), 0, 0, 360, (number,), 2)
    for x in (35, 135):
        _character(cell, x, 35, words)
    return cell


def test_only_the_dark_print_of_a_cell_stays() -> None:
    cell = _cell()
    shown = without_paler(cell)
    assert shown is not None
    assert shown[:, 75:105] == pytest.approx(cell[:, 75:105])
    assert shown[:, :60].min() == 255
    assert shown[:, 120:].min() == 255


def test_what_runs_through_the_print_goes_and_the_print_stays() -> None:
    cell = _cell()
    cv2.line(cell, (70, 35), (110, 35), (PALE,), 3)
    cv2.ellipse(cell, (90, 35), (8, 13), 0, 0, 360, (DARK,), 2)
    shown = without_paler(cell)
    assert shown is not None
    assert shown[35, 81:84].max() < 100
    assert shown[35, 89:91].min() == 255


@pytest.mark.parametrize("cell", [_cell(words=DARK), _cell(number=PALE), _cell(words=DARK + 40), _cell(words=255)])
def test_print_of_one_tone_stays_whole(cell: Gray) -> None:
    assert without_paler(cell) is None


def test_paper_has_no_print() -> None:
    assert without_paler(np.full((70, 180), 255, np.uint8)) is None
    assert without_paler(np.full((0, 180), 255, np.uint8)) is None


def _page(tone: int) -> Page:
    picture = table_page({(row, column): str(10 * row + column) for row in range(8) for column in range(5)})
    for aside in (-62, 62):
        x, y = cell_middle(5, 2)
        _character(picture, x + aside, y, tone)
    return Page(1, picture.shape[1], picture.shape[0], render=lambda: picture, scanned=True)


def _tokens(tone: int) -> Iterator[Token]:
    inside = cell_box(5, 2)
    return (token for token in read_page(_page(tone), readers()).tokens if inside.holds(token.box))


def test_number_under_pale_words_is_read_and_never_sure() -> None:
    (token,) = _tokens(PALE)
    assert token.text == "52"
    assert 0.5 < token.confidence <= 0.8


def test_words_as_dark_as_the_number_stay_words() -> None:
    assert "田" in "".join(token.text for token in _tokens(DARK))


CONTEXT = PoolContext(20, 1, 0, 0.4, 0.4, 1, True, True, True, True)
PLACE = Box(0.4, 0.4, 0.5, 0.5)


def _pooled(text: str, context: PoolContext) -> Token:
    cell = CellReadings(
        PLACE, PLACE, (Token(text, PLACE),), (("7", 0.99),), NumericReading((("7", 0.99), (NOTHING, 0.01))), context
    )
    (token,) = pooled_tokens(cell, lambda *_: (("7", 0.99),), "digits-0")
    return token


def test_only_words_over_a_number_take_from_its_confidence() -> None:
    assert _pooled("田", CONTEXT).confidence == 0.8
    assert _pooled("7", CONTEXT).confidence == 0.99
    assert _pooled("田", replace(CONTEXT, covered=False)).confidence == 0.99
    assert _pooled("田", CONTEXT).reader == f"{RECOGNISER}+digits-0"
