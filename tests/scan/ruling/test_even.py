from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from service.documents.model import Rule
from service.scan.ruling.even import with_halves
from service.tables.lattice import find_lattices

Gray = NDArray[np.uint8]
HEIGHT, WIDTH = 2339, 1654
YS = (500, 560, 600)
COLUMNS = tuple(range(200, 1001, 80))
"""Ten columns of one width; the line at x = 520 is the one that is lost in these tests."""
LOST = 520


def ruled(xs: Sequence[int]) -> tuple[Rule, ...]:
    across = [Rule(xs[0] / WIDTH, y / HEIGHT, xs[-1] / WIDTH, y / HEIGHT) for y in YS]
    return (*across, *(Rule(x / WIDTH, YS[0] / HEIGHT, x / WIDTH, YS[-1] / HEIGHT) for x in xs))


def without(xs: Sequence[int], *lost: int) -> list[int]:
    return [x for x in xs if x not in lost]


def page() -> Gray:
    return np.full((HEIGHT, WIDTH), 255, np.uint8)


def columns(rules: Sequence[Rule]) -> int:
    (table,) = find_lattices(rules, HEIGHT / WIDTH)
    return table.columns


def zero(gray: Gray, x: int, row: int) -> None:
    cv2.ellipse(gray, (x, sum(YS[row : row + 2]) // 2), (7, 12), 0, 0, 360, 0, 3)


def test_line_between_two_of_many_even_columns_is_found_though_nothing_is_printed_there() -> None:
    rules = with_halves(ruled(without(COLUMNS, LOST)), page())
    assert columns(rules) == 10
    (x,) = {round(rule.x0 * WIDTH) for rule in rules if not rule.horizontal} - set(without(COLUMNS, LOST))
    assert abs(x - LOST) <= 1


def test_whole_table_stays_as_it_is() -> None:
    rules = ruled(COLUMNS)
    assert with_halves(rules, page()) == rules


@pytest.mark.parametrize(
    "xs",
    [
        (200, 280, 440, 520, 600, 680),  # few
        (200, 280, 360, 440, 520, 680),  # the last
        (200, 360, 440, 520, 600, 680, 760),  # the first: labels
        (200, 280, 360, 440, 500, 680, 740, 820, 900),  # three times as wide as those beside it
        (200, 290, 350, 440, 600, 640, 720, 790, 900),  # uneven
    ],
)
def test_wide_cell_in_another_row_is_one(xs: tuple[int, ...]) -> None:
    rules = ruled(xs)
    assert with_halves(rules, page()) == rules


def test_numbers_beside_the_lost_line_bar_it_not_and_one_in_the_middle_of_a_wide_cell_does() -> None:
    gray, rules = page(), ruled(without(COLUMNS, LOST))
    for x in (LOST - 40, LOST + 40, LOST - 14):
        zero(gray, x, 1)
    assert columns(with_halves(rules, gray)) == 10
    zero(gray, LOST, 0)
    assert with_halves(rules, gray) == rules  # a column of that width has a number in the middle of one row at least


def test_rest_of_the_line_itself_and_the_rim_of_a_seal_bar_it_not() -> None:
    gray, rules = page(), ruled(without(COLUMNS, LOST))
    cv2.line(gray, (LOST, 510), (LOST, 530), 0, 2)
    cv2.circle(gray, (LOST + 120, 560), 121, 0, 6)
    assert columns(with_halves(rules, gray)) == 10


def test_only_the_rows_of_even_cells_are_cut() -> None:
    heading = (440, 500)
    over = [Rule(COLUMNS[0] / WIDTH, heading[0] / HEIGHT, COLUMNS[-1] / WIDTH, heading[0] / HEIGHT)]
    over += [Rule(x / WIDTH, heading[0] / HEIGHT, x / WIDTH, heading[1] / HEIGHT) for x in (200, 360, 680, 1000)]
    rules = with_halves((*ruled(without(COLUMNS, LOST)), *over), page())
    (table,) = find_lattices(rules, HEIGHT / WIDTH)
    rows = [sorted(cell.column_span for cell in table.cells if cell.row == row) for row in range(table.rows)]
    assert rows == [[2, 4, 4], [1] * 10, [1] * 10]
