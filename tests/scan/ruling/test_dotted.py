from itertools import pairwise

import numpy as np
import pytest

from models.text import TextBox
from service.scan.ruling.dotted import _pruned, _without_strokes, dotted_rules
from service.scan.ruling.remains import BIN, Remains, Trace
from service.tables.lattice import find_lattices

HEIGHT, WIDTH = SHAPE = 2339, 1654
LEFT, RIGHT, ROW = 200, 1400, 60


def drawn(tables, share=0.5, seed=0):
    """A page with these tables (heights of rules, places of columns) of which a copier has left such a share."""
    rng = np.random.default_rng(seed)
    gray, boxes = np.full(SHAPE, 255, np.uint8), []

    def wear(length):
        return np.repeat(rng.random((length + 2) // 3) < share, 3)[:length]

    for ys, xs in tables:
        for y in ys:
            gray[y : y + 2, LEFT:RIGHT][:, wear(RIGHT - LEFT)] = 0
        for x in (LEFT, *xs, RIGHT):
            gray[ys[0] : ys[-1], x : x + 2][wear(ys[-1] - ys[0])] = 0
        places = list(pairwise((LEFT, *xs, RIGHT)))
        boxes += [TextBox((a + b) / 2 - 10, y + 15, (a + b) / 2 + 10, y + 40, 0.9) for y in ys[:-1] for a, b in places]
    return gray, boxes


def rows(first, count):
    return [first + ROW * number for number in range(count + 1)]


UPPER = [560, 700, 840, 980, 1120, 1260]
LOWER = [280, 360, 440, 520, 620, 770, 910, 1050, 1190, 1330]


def lattices(gray, boxes):
    return find_lattices(dotted_rules((), gray, boxes)[0], HEIGHT / WIDTH)


@pytest.mark.parametrize("way", [ROW, 2 * ROW, 4 * ROW])
def test_two_tables_on_the_same_borders_stay_two(way):
    upper, lower = rows(300, 10), rows(300 + 10 * ROW + way, 8)
    gray, boxes = drawn([(upper, UPPER), (lower, LOWER)])
    heading = TextBox(260, upper[-1] + way / 2 - 18, 700, upper[-1] + way / 2 + 18, 0.9)
    found = lattices(gray, [*boxes, heading])
    assert [round(each.box.y0 * HEIGHT / ROW) for each in found] == [upper[0] // ROW, round(lower[0] / ROW)]
    assert [each.columns for each in found] == [len(UPPER) + 1, len(LOWER) + 1]


def test_a_table_stays_one_where_nothing_is_left_of_a_row_of_it():
    ys = rows(300, 15)
    gray, boxes = drawn([(ys, UPPER)])
    gray[ys[7] + 6 : ys[8] - 4] = 255
    (found,) = lattices(gray, boxes)
    assert found.columns == len(UPPER) + 1


def test_a_table_stays_one_where_a_rule_between_two_rows_and_all_beside_it_is_lost():
    ys = rows(300, 15)
    gray, boxes = drawn([(ys, UPPER)])
    gray[ys[7] + 6 : ys[9] - 4] = 255
    (found,) = lattices(gray, boxes)
    assert found.columns == len(UPPER) + 1


@pytest.mark.parametrize(("dash", "rules"), [(24, 16), (140, 17)])
def test_a_row_of_dashes_is_no_rule(dash, rules):
    ys = rows(300, 15)
    gray, boxes = drawn([(ys, UPPER)])
    at, places = ys[7] + ROW // 2, [(a + b) // 2 for a, b in pairwise((LEFT, *UPPER, RIGHT))]
    for x in places:
        gray[at : at + 2, x - dash // 2 : x + dash // 2] = 0
    (found,) = lattices(gray, [box for box in boxes if not ys[7] < box.y0 < ys[8]])
    assert found.rows + 1 == rules


def test_a_stroke_within_a_cell_is_no_rule():
    others = [Trace(at, 200, 1400, 50.0) for at in (100, 160, 280, 300)]
    stem, rule, tall, low = (Trace(500, *ends, 20.0) for ends in ((120, 150), (100, 800), (170, 260), (281, 299)))
    assert _without_strokes([stem, rule, tall, low], others) == [rule, tall, low]


@pytest.mark.parametrize(("worth", "met", "kept"), [(30.0, (200, 380, 560, 740), 1), (30.0, (200, 380), 0)])
def test_a_rule_with_ink_on_nearly_all_its_crossings_may_be_fainter(worth, met, kept):
    ink = np.zeros((900, 1200 // BIN), np.float32)
    hidden, chance = np.zeros(ink.shape, bool), np.full(ink.shape, 0.35, np.float32)
    near = np.zeros((900, 1200), np.float32)
    near[150, list(met)] = 1
    flat = Remains(ink, hidden, chance, chance, near)
    down = [Trace(at, 0, 300, 200.0) for at in (200, 380, 560, 740)]
    upright = Remains(ink, hidden, chance, chance, np.ones_like(near))
    across, _ = _pruned(flat, upright, [Trace(150, 150, 800, worth)], down)
    assert len(across) == kept
