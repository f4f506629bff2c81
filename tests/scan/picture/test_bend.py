from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.documents.model import Picture, Rule
from service.scan.picture.bend import find_bend
from service.scan.picture.clean import clean
from service.scan.picture.geometry import apply
from service.scan.picture.straighten import straighten
from service.scan.ruling.rules import find_rules
from tests.drawn import COLUMN, COLUMNS, HEIGHT, LEFT, ROW, ROWS, TOP, WIDTH, table_page

CELLS = {(row, column): str(row * column) for row in range(ROWS) for column in range(COLUMNS)}


def _moved(x: np.ndarray, height: float) -> np.ndarray:
    """By how many pixels a sheet that is bent so high lies lower in a column."""
    return height * np.sin(2.4 * np.pi * (x - LEFT) / WIDTH)


def _wavy(picture: Picture, height: float) -> Picture:
    x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    rows = (y - _moved(x, height)).astype(np.float32)
    return np.asarray(cv2.remap(picture, x, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _full_rows(picture: Picture) -> int:
    """Rules across that each fill a row of the picture from end to end."""
    filled = np.asarray(picture[..., 0] < 128).sum(axis=1) > 0.85 * COLUMNS * COLUMN * picture.shape[1] / WIDTH
    return int(np.count_nonzero(filled[1:] & ~filled[:-1]))


def _rules(picture: Picture) -> list[Rule]:
    """The rules across, from top to bottom."""
    return sorted((rule for rule in find_rules(clean(picture)) if rule.horizontal), key=lambda rule: rule.y0)


@pytest.mark.parametrize("height", [6.0, 14.0])
def test_rules_of_a_wavy_sheet_run_straight(height: float) -> None:
    wavy = _wavy(table_page(CELLS), height)
    assert _full_rows(wavy) == 0
    straight = straighten(wavy).picture
    assert _full_rows(straight) == ROWS + 1
    across = _rules(straight)
    assert len(across) == ROWS + 1
    assert max(abs(rule.y1 - rule.y0) for rule in across) < 0.0015


def test_places_on_a_flattened_page_are_nearly_those_of_its_source() -> None:
    straight = straighten(_wavy(table_page(CELLS), 14.0))
    x = np.linspace(LEFT, LEFT + COLUMNS * COLUMN, 20)
    off = []
    for row, level in enumerate(rule.y0 for rule in _rules(straight.picture)):
        mapped = apply(straight.to_source, np.column_stack([x / WIDTH, np.full(len(x), level)]))[:, 1] * HEIGHT
        off.append(np.abs(mapped - TOP - row * ROW - _moved(x, 14.0)).mean())
    assert len(off) == ROWS + 1
    assert max(off) < 6.8  # as if the page had not been bent: 7.3


def test_straight_rules_are_not_bent() -> None:
    ends = np.array(
        [[[x, y], [x + 0.1, y + 0.0001]] for x in np.arange(-0.3, 0.3, 0.1) for y in np.arange(-0.4, 0.4, 0.05)]
    )
    assert find_bend(ends) is None


def test_slopes_without_order_are_no_bend() -> None:
    rng = np.random.default_rng(3)
    begin = rng.uniform(-0.3, 0.3, (300, 2))
    ends = np.stack([begin, begin + np.column_stack([np.full(300, 0.08), rng.normal(0, 0.002, 300)])], axis=1)
    assert find_bend(ends) is None


def test_few_rules_tell_no_bend() -> None:
    x = np.linspace(-0.3, 0.3, 7)
    wave = 0.01 * np.cos(6 * x)
    ends = np.stack([np.column_stack([x[:-1], wave[:-1]]), np.column_stack([x[1:], wave[1:]])], axis=1)
    assert find_bend(ends) is None
    many = np.concatenate([ends + np.array([0, y]) for y in np.arange(-0.4, 0.4, 0.05)])
    assert find_bend(many) is not None
