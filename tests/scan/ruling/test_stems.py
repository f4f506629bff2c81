from __future__ import annotations

import numpy as np
import pytest

from service.documents.model import Rule
from service.scan.ruling.stems import without_stems

HEIGHT, WIDTH = 1000, 800
ROWS = [100 + 40 * number for number in range(13)]
COLUMNS = [80, 320, 480, 640]
MIDDLE = 400
"""Of the second column, where its numbers stand."""
TABLE = (
    *(Rule(COLUMNS[0] / WIDTH, y / HEIGHT, COLUMNS[-1] / WIDTH, y / HEIGHT) for y in ROWS),
    *(Rule(x / WIDTH, ROWS[0] / HEIGHT, x / WIDTH, ROWS[-1] / HEIGHT) for x in COLUMNS),
)
STEMS = tuple(Rule(MIDDLE / WIDTH, y / HEIGHT, MIDDLE / WIDTH, (y + 40) / HEIGHT) for y in (ROWS[4], ROWS[8]))


def page(*beside: int) -> np.ndarray:
    """A column of ones; in the rows of `STEMS` something else stands so many pixels right of its middle."""
    gray = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for rule in TABLE:
        x0, y0, x1, y1 = (round(v) for v in (rule.x0 * WIDTH, rule.y0 * HEIGHT, rule.x1 * WIDTH, rule.y1 * HEIGHT))
        gray[y0 : y1 + 2, x0 : x1 + 2] = 0
    for y in ROWS[:-1]:
        gray[y + 10 : y + 30, MIDDLE - 1 : MIDDLE + 2] = 0
    for x in beside:
        for y in (ROWS[4], ROWS[8]):
            gray[y + 10 : y + 30, MIDDLE + x : MIDDLE + x + 3] = 0
    return gray


def test_strokes_of_a_column_of_numbers_are_no_line() -> None:
    assert without_stems((*TABLE, *STEMS), page()) == TABLE


def test_a_streak_beside_them_is_nothing_that_is_printed() -> None:
    gray = page()
    gray[:, MIDDLE + 40 : MIDDLE + 43] = 0
    assert without_stems((*TABLE, *STEMS), gray) == TABLE


@pytest.mark.parametrize("side", [-40, 40])
def test_a_line_with_a_number_beside_it_stays(side: int) -> None:
    assert without_stems((*TABLE, *STEMS), page(side)) == (*TABLE, *STEMS)


def test_a_line_across_which_nothing_is_printed_stays() -> None:
    gray = page()
    for y in ROWS[:-1]:
        gray[y + 5 : y + 35, MIDDLE - 5 : MIDDLE + 5] = 255
    assert without_stems((*TABLE, *STEMS), gray) == (*TABLE, *STEMS)
