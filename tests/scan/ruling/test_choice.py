from itertools import pairwise

import numpy as np
import pytest

from models.text import TextBox
from service.documents.model import Rule
from service.scan.ruling.choice import rulings
from service.scan.ruling.framing import framed
from service.tables.lattice import find_lattices

ROWS = [300 + 40 * number for number in range(16)]
COLUMNS = [200, 600, 750, 900, 1050, 1200, 1350]
HEIGHT, WIDTH = SHAPE = 2339, 1654
BOXES = [
    TextBox((x0 + x1) / 2 - 10, y0 + 8, (x0 + x1) / 2 + 10, y1 - 8, 0.9)
    for y0, y1 in pairwise(ROWS)
    for x0, x1 in pairwise(COLUMNS)
]
WHOLE = (
    *(Rule(COLUMNS[0] / WIDTH, y / HEIGHT, COLUMNS[-1] / WIDTH, y / HEIGHT) for y in ROWS),
    *(Rule(x / WIDTH, ROWS[0] / HEIGHT, x / WIDTH, ROWS[-1] / HEIGHT) for x in COLUMNS),
)


def best_rules(*seen):
    return rulings(*seen)[0]


def zeros(gray):
    """Print a zero in every box of which the upper and lower end is lost, as on thin copies."""
    for box in BOXES:
        for x in (int(box.x0) + 3, int(box.x1) - 6):
            gray[int(box.y0) + 3 : int(box.y1) - 2, x : x + 3] = 0
    return gray


def page(share, seed=0):
    """A table of which a copier has left this share of the lines' pixels, in bits of three."""
    rng = np.random.default_rng(seed)
    gray = np.full(SHAPE, 255, np.uint8)

    def wear(length):
        bits = rng.random((length + 2) // 3) < share
        return np.repeat(bits, 3)[:length]

    for y in ROWS:
        gray[y : y + 2, COLUMNS[0] : COLUMNS[-1]][:, wear(COLUMNS[-1] - COLUMNS[0])] = 0
    for x in COLUMNS:
        gray[ROWS[0] : ROWS[-1], x : x + 2][wear(ROWS[-1] - ROWS[0])] = 0
    return zeros(gray)


def specks(gray, count, seed=1):
    rng = np.random.default_rng(seed)
    for y, x in zip(rng.integers(0, HEIGHT - 3, count), rng.integers(0, WIDTH - 3, count), strict=True):
        gray[y : y + 3, x : x + 3] = 0
    return gray


def numbered_cells(rules):
    """How many boxes have the very cell that was drawn for them, all but for a few pixels."""
    drawn = {(round(x0 / 9), round(y0 / 9)) for x0 in COLUMNS[:-1] for y0 in ROWS[:-1]}
    (lattice,) = find_lattices(rules, HEIGHT / WIDTH)
    cells = [cell.box for cell in lattice.cells if cell.row_span == cell.column_span == 1]
    assert lattice.columns == len(COLUMNS) - 1
    found = {(round(box.x0 * WIDTH / 9), round(box.y0 * HEIGHT / 9)) for box in cells}
    return sum(any((x + a, y + b) in found for a in (-1, 0, 1) for b in (-1, 0, 1)) for x, y in drawn)


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_a_table_of_dots_has_nearly_all_its_cells(share):
    assert numbered_cells(best_rules((), page(share), BOXES)) >= 0.95 * len(BOXES)


def test_a_table_of_pale_dots_has_nearly_all_its_cells_and_dirt_as_pale_makes_none():
    gray = zeros(np.maximum(page(0.5), 180))
    assert numbered_cells(best_rules((), gray, BOXES)) >= 0.95 * len(BOXES)
    dirt = np.maximum(specks(np.full(SHAPE, 255, np.uint8), 3000), 180)
    assert best_rules((), zeros(dirt), BOXES) == ()


def test_a_table_of_which_only_the_crossings_are_left_has_most_of_its_cells():
    gray = specks(zeros(np.full(SHAPE, 255, np.uint8)), 300)
    for y in ROWS:
        for x in COLUMNS:
            gray[y - 2 : y + 3, x - 2 : x + 3] = 0
    assert numbered_cells(best_rules((), gray, BOXES)) >= 0.75 * len(BOXES)


def test_numbers_below_each_other_make_no_columns_where_the_detector_overlooked_them():
    gray = page(0.3)
    found = best_rules((), gray, [box for i, box in enumerate(BOXES) if i % 3])
    ends = sorted({round(rule.x0 * WIDTH) for rule in found if not rule.horizontal})
    assert ends and all(min(abs(x - column) for column in COLUMNS) < 6 for x in ends)


def test_no_line_is_drawn_through_text():
    gray, (y0, y1) = page(0.3), (ROWS[3], ROWS[5])
    gray[y0 + 3 : y1, COLUMNS[1] + 3 : COLUMNS[2] - 2] = 255
    over = [box for box in BOXES if not (COLUMNS[1] < box.x0 < COLUMNS[2] and y0 < box.y0 < y1)]
    wide = TextBox(COLUMNS[1] + 30, ROWS[4] - 12, COLUMNS[2] - 30, ROWS[4] + 12, 0.9)
    (lattice,) = find_lattices(best_rules((), gray, [*over, wide]), HEIGHT / WIDTH)
    assert [(cell.row, cell.column, cell.row_span) for cell in lattice.cells if cell.row_span > 1] == [(3, 1, 2)]


def test_lines_that_are_known_stay_as_they_are():
    assert best_rules(WHOLE, page(0.5), BOXES) == WHOLE


def test_specks_without_order_are_no_table():
    assert best_rules((), specks(zeros(np.full(SHAPE, 255, np.uint8)), 3000), BOXES) == ()


def test_a_page_of_prose_has_no_rules():
    rng, gray = np.random.default_rng(2), np.full(SHAPE, 255, np.uint8)
    lines = [TextBox(200, y, 1450, y + 30, 0.9) for y in range(300, 1500, 60)]
    for line in lines:
        for x in range(205, 1440, 32):
            for _ in range(4):  # upright strokes, and flat ones on the same heights in every character
                at = x + int(rng.choice([0, 8, 16, 24]))
                gray[int(line.y0) + 2 : int(line.y1) - 2, at : at + 3] = 0
                height = int(line.y0) + int(rng.choice([2, 10, 18, 26]))
                gray[height : height + 2, x : x + 26] = 0
    assert best_rules((), gray, lines) == ()
    assert best_rules((), gray, lines[::2]) == ()


def test_a_streak_over_the_whole_page_is_no_column():
    gray = page(0.5)
    gray[::2, 980:982] = 0
    rules = best_rules((), gray, BOXES)
    assert rules
    assert not [rule for rule in rules if not rule.horizontal and abs(rule.x0 * WIDTH - 981) < 6]


def test_text_is_framed_where_it_stands_alone_in_a_cell():
    assert framed(WHOLE, BOXES, SHAPE) == len(BOXES)
    columns_lost = [rule for rule in WHOLE if rule.horizontal or round(rule.x0 * WIDTH) in (200, 600, 1350)]
    assert framed(columns_lost, BOXES, SHAPE) == len(ROWS) - 1
    through = Rule(675 / WIDTH, ROWS[0] / HEIGHT, 675 / WIDTH, ROWS[-1] / HEIGHT)
    assert framed([*WHOLE, through], BOXES, SHAPE) == len(BOXES) - (len(ROWS) - 1)
    assert framed((), BOXES, SHAPE) == 0


def near(rules, horizontal, places, side):
    """Which of these places, in pixels, a rule of this direction lies on."""
    ats = [(rule.y0 if horizontal else rule.x0) * side for rule in rules if rule.horizontal == horizontal]
    return [place for place in places if any(abs(at - place) < 9 for at in ats)]


def test_remains_only_fill_what_whole_lines_leave_open():
    half = [rule for rule in WHOLE if rule.horizontal or rule.x0 * WIDTH < 700]
    found = best_rules(half, page(0.4), BOXES)
    assert set(half) < set(found)
    assert near([rule for rule in found if rule not in half], True, ROWS, HEIGHT) == []
    assert near(found, False, COLUMNS, WIDTH) == COLUMNS


def test_lines_in_dozens_of_pieces_are_filled_up_as_whole_ones_are():
    """Sides of boxes in a row: what stays open doubled with every piece, until memory was full."""
    edges = np.linspace(COLUMNS[0], COLUMNS[-1], 60)
    pieces = [Rule(a / WIDTH, y / HEIGHT, b / WIDTH, y / HEIGHT) for y in ROWS for a, b in pairwise(edges)]
    sides = [rule for rule in WHOLE if not rule.horizontal and rule.x0 * WIDTH < 700]
    found = best_rules([*pieces, *sides], page(0.4), BOXES)
    assert near([rule for rule in found if rule not in pieces], True, ROWS, HEIGHT) == []
    assert near(found, False, COLUMNS, WIDTH) == COLUMNS


def test_the_other_choices_are_the_lines_without_remains_and_these_alone():
    worn, half = page(0.4), WHOLE[:8]
    best, second, alone = rulings(half, worn, BOXES)
    assert set(half) < set(best)
    assert second == half
    assert not set(half) & set(alone)
    assert near(alone, True, ROWS, HEIGHT) == ROWS


def test_without_a_table_there_is_no_other_choice():
    gray = specks(np.full(SHAPE, 255, np.uint8), 300)
    assert rulings((), gray, BOXES) == ((),)


def test_rules_that_end_together_are_closed_by_a_border_that_left_nothing():
    gray = page(0.5)
    gray[:, COLUMNS[-1] - 3 : COLUMNS[-1] + 6] = 255
    assert near(best_rules((), gray, BOXES), False, COLUMNS, WIDTH) == COLUMNS


def test_rules_that_end_at_random_are_not_closed():
    gray, ends = page(0.5), np.random.default_rng(5).integers(COLUMNS[-2] + 10, COLUMNS[-1] - 10, len(ROWS))
    for y, end in zip(ROWS, ends, strict=True):
        gray[y - 3 : y + 5, end:] = 255
    gray[:, COLUMNS[-1] - 3 :] = 255
    assert near(best_rules((), gray, BOXES), False, COLUMNS, WIDTH) == COLUMNS[:-1]
