from __future__ import annotations

import random
import time
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.documents.model import Rule
from service.tables.lattice import Lattice, find_lattices
from tests.tables.drawn import ASPECT, Drawn, jittered, long_lines, random_table, skewed


def spans(lattice: Lattice) -> tuple[tuple[int, int, int, int], ...]:
    return tuple(sorted((c.row, c.column, c.row_span, c.column_span) for c in lattice.cells))


def only(rules: list[Rule]) -> Lattice:
    found = find_lattices(rules, ASPECT)
    assert len(found) == 1
    return found[0]


def plain(rows: int, columns: int, top: float = 0.1, height: float = 0.025) -> Drawn:
    xs = tuple(0.1 + 0.8 * i / columns for i in range(columns + 1))
    ys = tuple(top + height * i for i in range(rows + 1))
    return Drawn(xs, ys, tuple((r, c, 1, 1) for r in range(rows) for c in range(columns)))


tables = st.builds(
    random_table,
    st.randoms(use_true_random=False),
    rows=st.integers(2, 25),
    columns=st.integers(2, 15),
    merges=st.integers(0, 8),
)


@settings(max_examples=80, deadline=None)
@given(tables, st.booleans())
def test_random_merged_grids_come_back_exactly(table: Drawn, united: bool) -> None:
    rules = long_lines(table.pieces()) if united else table.pieces()
    found = find_lattices(rules, ASPECT)
    if len(table.spans) == 1:
        assert len(found) == 1
    assert spans(found[0]) == table.spans
    assert found[0].closed
    assert found[0].row_edges == pytest.approx(table.ys)
    assert found[0].column_edges == pytest.approx(table.xs)


@settings(max_examples=80, deadline=None)
@given(tables, st.booleans(), st.floats(-0.7, 0.7), st.randoms(use_true_random=False))
def test_jitter_and_skew_change_no_cell(table: Drawn, united: bool, degrees: float, rng: random.Random) -> None:
    rules = long_lines(table.pieces()) if united else table.pieces()
    found = find_lattices(jittered(skewed(rules, degrees), rng, 0.0015), ASPECT)
    assert [spans(each) for each in found] == [table.spans]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.floats(allow_nan=True, allow_infinity=True)] * 4), max_size=12))
def test_noise_gives_no_table_without_bounds(raw: list[tuple[float, float, float, float]]) -> None:
    found = find_lattices([Rule(*each) for each in raw], ASPECT)
    assert all(isfinite(edge) for lattice in found for edge in (*lattice.row_edges, *lattice.column_edges))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 12)] * 4), max_size=40))
def test_random_lines_give_tilings_or_nothing(raw: list[tuple[int, int, int, int]]) -> None:
    rules = [
        Rule(a / 14, b / 14, (a if k % 2 else c) / 14, (d if k % 2 else b) / 14) for k, (a, b, c, d) in enumerate(raw)
    ]
    for lattice in find_lattices(rules, ASPECT):
        places = [
            (r, c)
            for cell in lattice.cells
            for r in range(cell.row, cell.row + cell.row_span)
            for c in range(cell.column, cell.column + cell.column_span)
        ]
        assert sorted(places) == [(r, c) for r in range(lattice.rows) for c in range(lattice.columns)]


def test_breaks_are_bridged_and_a_missing_piece_is_a_span() -> None:
    table = plain(4, 4)
    broken = [r for r in long_lines(table.pieces()) if not (r.horizontal and r.y0 == table.ys[2])]
    broken += [Rule(0.1, table.ys[2], 0.24, table.ys[2]), Rule(0.247, table.ys[2], 0.5, table.ys[2])]
    broken += [Rule(0.7, table.ys[2], 0.9, table.ys[2])]
    assert (1, 2, 2, 1) in spans(only(broken))
    assert len(only(broken).cells) == 15


def test_double_and_stepped_lines_are_one() -> None:
    table = plain(5, 4)
    rules = long_lines(table.pieces())
    doubled = rules + [Rule(r.x0, r.y0 + 0.002, r.x1, r.y1 + 0.002) for r in rules if r.horizontal]
    doubled += [Rule(r.x0 + 0.003, r.y0, r.x1 + 0.003, r.y1) for r in rules if not r.horizontal]
    assert spans(only(doubled)) == table.spans


def test_partly_missing_outer_border_is_closed_and_told() -> None:
    table = plain(5, 4)
    rules = [r for r in table.pieces() if not (r.x0 == r.x1 == 0.1 and table.ys[1] <= r.y0 < table.ys[4])]
    found = only(rules)
    assert spans(found) == table.spans
    assert not found.closed


def test_open_sides_are_added_where_all_lines_end() -> None:
    table = plain(5, 4)
    rules = [r for r in long_lines(table.pieces()) if r.x0 not in (0.1,) or r.horizontal]
    found = only(rules)
    assert spans(found) == table.spans
    assert not found.closed
    assert found.box.x0 == pytest.approx(0.1)


def test_a_rule_that_ends_in_the_open_is_completed() -> None:
    table = plain(3, 3)
    lost = [r for r in table.pieces() if not (r.x0 == r.x1 == table.xs[1] and r.y0 == table.ys[1])]
    lost = [r for r in lost if not (r.horizontal and r.y0 == table.ys[1] and r.x0 == table.xs[0])]
    found = only(lost)
    assert not found.closed
    assert all(c.row_span == 1 or c.column_span == 1 for c in found.cells)


def test_a_streak_over_the_page_divides_nothing() -> None:
    upper, lower = plain(6, 4), plain(6, 5, top=0.5)
    rules = long_lines(upper.pieces()) + long_lines(lower.pieces()) + [Rule(0.437, 0.01, 0.437, 0.99)]
    assert [spans(each) for each in find_lattices(rules, ASPECT)] == [upper.spans, lower.spans]


def test_strokes_between_two_tables_do_not_join_them() -> None:
    upper, lower = plain(4, 4), plain(4, 4, top=0.25)
    strokes = [Rule(x, upper.ys[-1], x, lower.ys[0]) for x in upper.xs[1:3]]
    rules = long_lines(upper.pieces()) + long_lines(lower.pieces()) + strokes
    assert [spans(each) for each in find_lattices(rules, ASPECT)] == [upper.spans, lower.spans]


def test_a_stroke_that_sticks_out_adds_no_row() -> None:
    table = plain(4, 4)
    sticking = [Rule(x, table.ys[-1], x, table.ys[-1] + 0.02) for x in table.xs[1:3]]
    assert spans(only(long_lines(table.pieces()) + sticking)) == table.spans


def test_a_streak_through_a_table_open_at_the_page_break_divides_nothing() -> None:
    table = plain(6, 4)
    rules = [r for r in long_lines(table.pieces()) if not (r.horizontal and r.y0 == table.ys[0])]
    assert spans(only([*rules, Rule(0.437, 0.005, 0.437, 0.99)])) == table.spans


def test_underlines_and_loose_rules_make_no_table() -> None:
    rules = [Rule(0.1, 0.05, 0.9, 0.05), Rule(0.2, 0.4, 0.5, 0.4), Rule(0.2, 0.41, 0.5, 0.41), Rule(0.3, 0.6, 0.3, 0.7)]
    assert find_lattices(rules, ASPECT) == ()
    assert find_lattices([], ASPECT) == ()


def test_tables_in_a_page_frame_are_found_without_the_frame() -> None:
    frame = [
        Rule(0.02, 0.02, 0.98, 0.02),
        Rule(0.02, 0.98, 0.98, 0.98),
        Rule(0.02, 0.02, 0.02, 0.98),
        Rule(0.98, 0.02, 0.98, 0.98),
    ]
    table = plain(3, 3)
    assert spans(only(frame + table.pieces())) == table.spans


def test_a_page_of_tables_takes_little_time() -> None:
    rules = plain(26, 15).pieces()
    begin = time.perf_counter()
    find_lattices(rules, ASPECT)
    assert time.perf_counter() - begin < 0.2
