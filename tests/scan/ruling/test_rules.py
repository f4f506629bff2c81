from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from service.documents.model import Rule
from service.scan.ruling.rules import find_rules
from service.tables.lattice import find_lattices

Gray = NDArray[np.uint8]
WIDTH = 1654
HEIGHT = 2339
XS = [200, 320, 560, 700, 800, 900, 1000, 1450]
YS = [400, 460, 520, 640, 700, 755, 810, 900]
CELLS = 47
"""Cells of the drawn table: 7 x 7 less one merged of two and one merged of two."""


def paper(width: int = WIDTH, height: int = HEIGHT) -> Gray:
    return np.full((height, width), 255, np.uint8)


def draw_table(page: Gray, value: int = 0, thick: int = 2) -> None:
    """A 7 x 7 table; rows 2 and 3 of column 1 and columns 4 and 5 of row 6 are merged."""
    for y in YS:
        for a, b in pairwise(XS):
            if (y, a) != (YS[3], XS[1]):
                cv2.line(page, (a, y), (b, y), value, thick)
    for x in XS:
        for a, b in pairwise(YS):
            if (x, a) != (XS[5], YS[6]):
                cv2.line(page, (x, a), (x, b), value, thick)


def write(page: Gray, rows: int = 7) -> None:
    """Put digits into most cells, and lines of strokes like those of Chinese text above the table."""
    for r in range(rows):
        for c in range(1, 7):
            cv2.putText(page, str((7 * r + c) * 10), (XS[c] + 12, YS[r + 1] - 14), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 3)
    rng = np.random.default_rng(5)
    for y in range(80, 330, 60):
        for x in range(200, 1400, 40):
            top, middle, bottom = (int(v) for v in rng.integers((0, 8, 24), (8, 24, 34)))
            cv2.rectangle(page, (x + top // 2, y + top), (x + 32, y + bottom), 0, 2)
            cv2.line(page, (x, y + middle), (x + 32, y + middle), 0, 2)
            cv2.line(page, (x + middle, y), (x + middle, y + 32), 0, 2)


def turned(page: Gray, degrees: float) -> Gray:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=(255,)), np.uint8)


def noisy(page: Gray, sigma: float) -> Gray:
    noise = np.random.default_rng(7).normal(0, sigma, page.shape)
    return np.clip(page + noise, 0, 255).astype(np.uint8)


def is_the_table(page: Gray) -> bool:
    lattices = find_lattices(find_rules(page), page.shape[0] / page.shape[1])
    if len(lattices) != 1:
        return False
    (found,) = lattices
    spans = {(c.row, c.column): (c.row_span, c.column_span) for c in found.cells}
    one = (found.rows, found.columns, len(found.cells)) == (7, 7, CELLS)
    return one and spans[2, 1] == (2, 1) and spans[6, 4] == (1, 2)


@pytest.fixture
def page() -> Gray:
    sheet = paper()
    draw_table(sheet)
    write(sheet)
    return sheet


def test_a_clean_table_is_found_where_it_stands(page: Gray) -> None:
    assert is_the_table(page)
    (found,) = find_lattices(find_rules(page), HEIGHT / WIDTH)
    assert [x * WIDTH for x in found.column_edges] == pytest.approx(XS, abs=2.5)
    assert [y * HEIGHT for y in found.row_edges] == pytest.approx(YS, abs=2.5)


@pytest.mark.parametrize("degrees", [-0.7, 0.3, 0.7])
def test_skew_and_noise(page: Gray, degrees: float) -> None:
    assert is_the_table(noisy(turned(page, degrees), 10))


@pytest.mark.parametrize("scale", [0.675, 1.5])
def test_other_resolutions(page: Gray, scale: float) -> None:
    assert is_the_table(np.asarray(cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8))


def test_faint_thick_and_double_lines() -> None:
    faint, thick, double = paper(), paper(), paper()
    draw_table(faint, value=215, thick=1)
    draw_table(thick, thick=6)
    draw_table(double, thick=1)
    for x in (XS[0], XS[-1]):
        cv2.line(double, (x + 5, YS[0]), (x + 5, YS[-1]), 0, 1)
    for y in (YS[0], YS[-1]):
        cv2.line(double, (XS[0], y + 5), (XS[-1], y + 5), 0, 1)
    assert is_the_table(noisy(faint, 4))
    assert is_the_table(thick)
    assert is_the_table(double)


def test_curved_lines(page: Gray) -> None:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    bend = (6 * np.sin(x / WIDTH * np.pi)).astype(np.float32)
    assert is_the_table(np.asarray(cv2.remap(page, x, y + bend, cv2.INTER_LINEAR, borderValue=(255,)), np.uint8))


def test_uneven_light_and_shaded_cells(page: Gray) -> None:
    shaded = page.copy()
    area = shaded[YS[0] : YS[1], XS[0] : XS[-1]]
    area[area > 200] = 205
    light = np.linspace(0.5, 1.0, WIDTH)[None, :]
    assert is_the_table((shaded * light).astype(np.uint8))


@pytest.mark.parametrize("lost", [0.15, 0.3])
def test_lines_broken_by_a_copier(lost: float) -> None:
    sheet = paper()
    draw_table(sheet)
    rng = np.random.default_rng(3)
    holes = np.kron((rng.random((HEIGHT // 3 + 1, WIDTH // 3 + 1)) < lost).astype(np.uint8), np.ones((3, 3), np.uint8))
    sheet[holes[:HEIGHT, :WIDTH] > 0] = 255
    sheet[rng.random(sheet.shape) < 0.0005] = 0
    assert is_the_table(sheet)


def test_dashes_seals_and_shadows_are_no_rules() -> None:
    sheet = paper()
    for y in range(450, 900, 60):
        cv2.line(sheet, (600, y), (640, y), 0, 3)
        cv2.line(sheet, (900, y), (990, y), 0, 3)
    cv2.circle(sheet, (1100, 1500), 160, 60, 5)
    sheet[:, :14] = 40
    sheet[-10:, :] = 60
    assert find_rules(sheet) == ()


@pytest.mark.parametrize("grey", [70, 110])
def test_rule_along_which_the_rim_of_a_seal_runs_is_kept_and_no_rule_is_made_of_the_rim(page: Gray, grey: int) -> None:
    sealed = page.copy()
    cv2.circle(sealed, (XS[3] + 168, YS[3] + 30), 170, grey, 9)  # touches the rule at XS[3], crosses others
    assert is_the_table(np.minimum(page, sealed))


def test_text_alone_makes_no_table() -> None:
    sheet = paper()
    write(sheet)
    assert find_lattices(find_rules(sheet), HEIGHT / WIDTH) == ()


def test_stems_of_digits_between_close_rules_are_no_rules() -> None:
    sheet = paper()
    ys = range(400, 800, 50)
    for y in ys:
        cv2.line(sheet, (200, y), (1400, y), 0, 2)
        for x in range(230, 1390, 90):
            cv2.rectangle(sheet, (x, y + 8), (x + 18, y + 42), 0, 3)
    cv2.line(sheet, (200, 400), (200, 750), 0, 2)
    cv2.line(sheet, (1400, 400), (1400, 750), 0, 2)
    rules = find_rules(sheet)
    assert [rule.horizontal for rule in rules].count(False) == 2
    assert [rule.horizontal for rule in rules].count(True) == 8


def test_short_rules_between_rules_are_kept() -> None:
    sheet = paper()
    for y in (400, 450):
        cv2.line(sheet, (200, y), (1400, y), 0, 2)
    for x in (200, 500, 800, 1400):
        cv2.line(sheet, (x, 400), (x, 450), 0, 2)
    (found,) = find_lattices(find_rules(sheet), HEIGHT / WIDTH)
    assert (found.rows, found.columns) == (1, 3)


def test_a_short_rule_below_a_stroke_of_text_is_one() -> None:
    sheet = paper()
    for y in (400, 450):
        cv2.line(sheet, (200, y), (1400, y), 0, 2)
    for x in (200, 500, 800, 1400):
        cv2.line(sheet, (x, 400), (x, 450), 0, 2)
        cv2.putText(sheet, "0", (x - 34, 438), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 0, 3)
    cv2.line(sheet, (501, 350), (501, 384), 0, 2)
    (found,) = find_lattices(find_rules(sheet), HEIGHT / WIDTH)
    assert (found.rows, found.columns) == (1, 3)


def _low_table(sheet: Gray) -> None:
    """Three rows of 60 pixels and a frame; of the columns' lines only one, in the last row."""
    for y in (400, 580):
        cv2.line(sheet, (200, y), (1400, y), 0, 2)
    for x in (200, 1400):
        cv2.line(sheet, (x, 400), (x, 580), 0, 2)
    cv2.line(sheet, (500, 520), (500, 580), 0, 2)


def _short(sheet: Gray) -> set[tuple[int, int, int, int]]:
    """The rules inside the frame of `_low_table`, to the nearest ten pixels."""
    scale = (WIDTH, HEIGHT, WIDTH, HEIGHT)
    found = [(rule.x0, rule.y0, rule.x1, rule.y1) for rule in find_rules(sheet)]
    ends = {tuple(int(round(v * s, -1)) for v, s in zip(rule, scale, strict=True)) for rule in found}
    return {
        (a, b, c, d) for a, b, c, d in ends if 200 < (a + c) / 2 < 1400 and 400 < (b + d) / 2 < 580 and c - a < 1100
    }


def test_short_rules_that_lost_their_partners_at_one_end_are_kept() -> None:
    sheet = paper()
    _low_table(sheet)
    cv2.line(sheet, (500, 520), (600, 520), 0, 2)  # two that end at each other ...
    cv2.line(sheet, (600, 520), (600, 580), 0, 2)
    cv2.line(sheet, (200, 460), (500, 460), 0, 2)  # ... and two that end level with others
    cv2.line(sheet, (600, 400), (600, 460), 0, 2)
    assert _short(sheet) == {
        (500, 520, 500, 580),
        (500, 520, 600, 520),
        (600, 520, 600, 580),
        (200, 460, 500, 460),
        (600, 400, 600, 460),
    }


def test_strokes_that_end_at_each_other_or_nowhere_in_a_table_are_no_rules() -> None:
    sheet = paper()
    _low_table(sheet)
    cv2.rectangle(sheet, (700, 470), (750, 510), 0, 2)  # by themselves
    cv2.line(sheet, (1300, 460), (1400, 460), 0, 2)  # to where no column has its line
    cv2.line(sheet, (510, 540), (590, 540), 0, 2)  # a dash in its cell
    assert len(find_rules(sheet)) == 4
    assert not _short(sheet)


def test_tiny_and_blank_pictures_have_no_rules() -> None:
    assert find_rules(np.zeros((5, 5), np.uint8)) == ()
    assert find_rules(paper()) == ()
    assert find_rules(np.zeros((500, 500), np.uint8)) == ()
    assert all(isinstance(rule, Rule) for rule in find_rules(noisy(paper(), 60)))


def test_text_close_beside_a_line_does_not_hide_it() -> None:
    sheet = paper()
    draw_table(sheet)
    for r in range(7):
        for x in XS[:-1]:
            cv2.putText(sheet, "8", (x + 3, YS[r + 1] - 14), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    assert is_the_table(sheet)


def test_a_title_across_a_column_does_not_hide_the_column() -> None:
    sheet = paper()
    ys = range(400, 1000, 60)
    for y in ys:
        cv2.line(sheet, (200, y), (1400, y), 0, 2)
    for x in (200, 600, 800, 1400):
        cv2.line(sheet, (x, 400), (x, 940), 0, 2)
    for y in (400, 580, 760):  # rows of a single cell, whose text goes on in the column line's place
        sheet[y + 3 : y + 58, 202:1398] = 255
        for x in range(500, 900, 30):
            cv2.rectangle(sheet, (x, y + 14), (x + 20, y + 46), 0, 2)
    (found,) = find_lattices(find_rules(sheet), HEIGHT / WIDTH)
    assert (found.rows, found.columns, len(found.cells)) == (9, 3, 21)


def test_a_streak_of_the_copier_is_no_rule(page: Gray) -> None:
    sheet = turned(page, 0.3)
    for y in range(0, HEIGHT, 300):
        sheet[y : y + 230, 1200:1202] = 60
    assert is_the_table(sheet)


def test_a_faint_streak_that_runs_into_a_column_s_line_leaves_the_line() -> None:
    sheet = paper()
    for top in (400, 900):
        for y in range(top, top + 401, 40):
            cv2.line(sheet, (200, y), (1400, y), 0, 2)
        for x in (200, 1400) if top == 400 else (200, 700, 1400):
            cv2.line(sheet, (x, top), (x, top + 400), 0, 3)
    streak = np.full_like(sheet, 255)
    cv2.line(streak, (690, 0), (704, HEIGHT), 140, 2)
    first, second = find_lattices(find_rules(np.minimum(sheet, streak)), HEIGHT / WIDTH)
    assert (first.rows, first.columns) == (10, 1)
    assert (second.rows, second.columns) == (10, 2)


def test_a_slanted_streak_is_no_line_of_the_table_however_dark_it_is_there() -> None:
    sheet = paper()
    for y in range(400, 801, 40):
        cv2.line(sheet, (200, y), (1400, y), 0, 2)
    for x in (200, 700, 1400):
        cv2.line(sheet, (x, 400), (x, 800), 0, 3)
    streak = np.full_like(sheet, 255)
    cv2.line(streak, (1240, 0), (1390, HEIGHT), 140, 2)
    streak[400:800][streak[400:800] < 255] = 40
    (found,) = find_lattices(find_rules(np.minimum(sheet, streak)), HEIGHT / WIDTH)
    assert (found.rows, found.columns, len(found.cells)) == (10, 2, 20)


@pytest.mark.parametrize(("beside", "rows"), [(False, 10), (True, 9)], ids=["free", "strokes of text"])
def test_a_long_broken_line_is_one_if_nothing_stands_beside_it(beside: bool, rows: int) -> None:
    sheet = paper()
    for y in range(400, 801, 40):
        if y != 560:
            cv2.line(sheet, (200, y), (1400, y), 0, 2)
    for x in range(200, 1401, 24):
        cv2.line(sheet, (x, 560), (min(x + 17, 1400), 560), 0, 2)
        if beside:
            cv2.rectangle(sheet, (x + 2, 550), (x + 14, 570), 0, 2)
    for x in (200, 700, 1400):
        cv2.line(sheet, (x, 400), (x, 800), 0, 3)
    (found,) = find_lattices(find_rules(sheet), HEIGHT / WIDTH)
    assert (found.rows, found.columns) == (rows, 2)


def test_a_column_s_line_in_one_low_row_is_found_up_to_where_it_ends() -> None:
    sheet = paper()
    for y in (290, 341, 391, 441, 494):
        cv2.line(sheet, (155, y), (1482, y), 0, 5)
    for x in (155, 1482):
        cv2.line(sheet, (x, 290), (x, 494), 0, 5)
    for top, bottom in ((290, 341), (391, 494)):
        cv2.line(sheet, (376, top), (376, bottom), 0, 4)
    cv2.putText(sheet, "0", (376, 325), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)  # so near that tracing is disturbed
    found = find_rules(np.asarray(cv2.GaussianBlur(sheet, (0, 0), 1.8), np.uint8))
    (lattice,) = find_lattices(found, HEIGHT / WIDTH)
    assert [(cell.row, cell.column, cell.column_span) for cell in lattice.cells if cell.row < 2] == [
        (0, 0, 1),
        (0, 1, 1),
        (1, 0, 2),
    ]


def test_the_last_row_of_a_table_open_at_the_page_break_keeps_its_columns() -> None:
    sheet = paper()
    for y in range(400, 800, 40):
        cv2.line(sheet, (200, y), (1400, y), 0, 2)
    for x in (200, 500, 1400):
        cv2.line(sheet, (x, 400), (x, 800), 0, 2)
    sheet[562:599, 498:503] = 255  # the column's line is cut, and what is left below is short
    (found,) = find_lattices(find_rules(sheet), HEIGHT / WIDTH)
    assert (found.rows, found.columns) == (10, 2)
    assert [cell.column_span for cell in found.cells if cell.row == 9] == [1, 1]


def _row_above_a_table(line: int, sides: Sequence[tuple[int, int, int]]) -> Gray:
    """A page with a horizontal line, short vertical ones (x, from, to) at it, and a table further down."""
    sheet = paper()
    draw_table(sheet)
    cv2.line(sheet, (200, line), (1450, line), 0, 2)
    for x, top, bottom in sides:
        cv2.line(sheet, (x, top), (x, bottom), 0, 2)
    return sheet


@pytest.mark.parametrize("line", [200, 260])
def test_a_row_alone_on_its_page_keeps_its_columns_where_one_of_its_lines_is_lost(line: int) -> None:
    sheet = _row_above_a_table(line, [(x, 200, 260) for x in (200, 700, 850, 1000, 1450)])
    row, _ = find_lattices(find_rules(sheet), HEIGHT / WIDTH)
    assert (row.rows, row.columns) == (1, 4)


@pytest.mark.parametrize(
    "sides",
    [
        [(x, 200, 260) for x in (320, 440, 560, 680)],  # none at the line's end
        [(x, top, 260) for x, top in zip((200, 320, 440, 560, 680), (200, 212, 206, 218, 200), strict=True)],
        [(x, 200, 250) for x in (200, 320, 440, 560, 680)],  # clear of the line
        [(x, 200, 260) for x in (200, 700, 1450)],  # few
    ],
)
def test_strokes_at_a_line_are_no_row(sides: list[tuple[int, int, int]]) -> None:
    assert len(find_lattices(find_rules(_row_above_a_table(260, sides)), HEIGHT / WIDTH)) == 1


def test_a_page_on_its_side_has_the_same_rules(page: Gray) -> None:
    sheet = np.full((WIDTH, HEIGHT), 255, np.uint8)
    sheet[:1000] = 255
    sheet[200:1000, 300:1800] = page[300:1100, 150:1650]
    assert is_the_table(sheet)
