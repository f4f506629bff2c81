"""Tables with lost pieces of rules: what must have been there is there again, and true spans stay."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from service.documents.model import Box, Grid, Rule, Token
from service.tables import build_blocks
from service.tables.gutters import column_gutters, first_column
from service.tables.lattice import find_lattices
from service.tables.printed import Printed, pieces
from tests.tables.drawn import ASPECT, Drawn
from tests.tables.test_build import regular, texts
from tests.tables.typeset import line, page, table_tokens

XS = [0.05, 0.15, 0.4, 0.5, 0.6, 0.7, 0.8]
ROWS = 9


def statutory() -> tuple[Drawn, dict[tuple[int, int], str]]:
    """Two heading rows, group labels over rows, a label over two columns, and numbers that are all different."""
    table = regular(ROWS, XS, 0.2)
    spans = [(0, 0, 2, 2), (0, 2, 1, 4), *((1, c, 1, 1) for c in range(2, 6))]
    spans += [(2, 0, 3, 1), (5, 0, 3, 1), (8, 0, 1, 2), *((r, 1, 1, 1) for r in range(2, 8))]
    spans += [(r, c, 1, 1) for r in range(2, ROWS) for c in range(2, 6)]
    words = {(0, 0): "项目内容", (0, 2): "申请人各类情况", (2, 0): "甲组", (5, 0): "乙组", (8, 0): "总计数量"}
    words |= {(1, c): name for c, name in zip(range(2, 6), ("个人", "企业", "机构", "合计"), strict=True)}
    words |= {(r, 1): f"第{'一二三四五六'[r - 2]}类申请" for r in range(2, 8)}
    words |= {(r, c): str(10 * r + c) for r in range(2, ROWS) for c in range(2, 6)}
    return Drawn(table.xs, table.ys, tuple(sorted(spans))), words


def inner(table: Drawn, rule: Rule) -> bool:
    if rule.horizontal:
        return table.ys[0] < rule.y0 < table.ys[-1]
    return table.xs[0] < rule.x0 < table.xs[-1]


def numbers_of(tokens: list[Token], rules: list[Rule]) -> dict[str, tuple[str, str]]:
    """Every number with the words that its row begins with and that stand above it, nearest first."""
    (grid,) = (b for b in build_blocks([page(tokens, rules)]) if isinstance(b, Grid))
    cells = texts(grid)
    found = {}
    for (row, column), text in cells.items():
        if text.isdigit():
            left = [t for (r, c), t in sorted(cells.items()) if r == row and c < column and not t.isdigit()]
            above = [t for (r, c), t in sorted(cells.items()) if c == column and r < row and not t.isdigit()]
            found[text] = (left[-1] if left else "", above[-1] if above else "")
    return found


@pytest.mark.parametrize("seed", range(12))
def test_a_third_of_the_inner_pieces_may_be_lost(seed: int) -> None:
    table, words = statutory()
    rng = random.Random(seed)
    rules = [rule for rule in table.pieces() if not inner(table, rule) or rng.random() > 1 / 3]
    found = numbers_of(table_tokens(table, words), rules)
    for (row, column), text in words.items():
        if text.isdigit():
            assert found[text][1] == words[1, column]
            assert found[text][0].endswith(words.get((row, 1), words[8, 0]))


@pytest.mark.parametrize(("labels", "rows"), [(("1.甲类申请", "2.乙类申请"), 1), (("1.甲类申请", "乙类申请"), 2)])
def test_a_line_between_two_numbered_labels_was_lost_and_one_in_a_label_was_not(
    labels: tuple[str, str], rows: int
) -> None:
    table, words = statutory()
    words |= {(3, 1): labels[0], (4, 1): labels[1]}
    lost = next(rule for rule in table.pieces() if (rule.x0, rule.y0, rule.y1) == (table.xs[1], *[table.ys[4]] * 2))
    rules = [rule for rule in table.pieces() if rule != lost]
    (grid,) = (b for b in build_blocks([page(table_tokens(table, words), rules)]) if isinstance(b, Grid))
    (above,) = (cell for cell in grid.cells if (cell.row, cell.column) == (3, 1))
    assert above.row_span == rows


def test_a_line_between_two_numbered_labels_over_several_columns_was_lost() -> None:
    table = regular(3, XS, 0.2)
    spans = [(r, c, 1, 1) for r in range(3) for c in range(2, 6)] + [(r, 0, 1, 2) for r in range(3)]
    table = Drawn(table.xs, table.ys, tuple(sorted(spans)))
    words = {(r, c): str(10 * r + c) for r in range(3) for c in range(2, 6)}
    words |= {(0, 0): "一、新收数量", (1, 0): "二、上年结转", (2, 0): "三、结转下年"}
    rules = [rule for rule in table.pieces() if not (rule.y0 == rule.y1 == table.ys[1] and rule.x0 < table.xs[2])]
    found = numbers_of(table_tokens(table, words), rules)
    assert [found[str(10 * r + 2)][0] for r in range(3)] == ["一、新收数量", "二、上年结转", "三、结转下年"]


def test_whole_lines_may_be_lost() -> None:
    table, words = statutory()
    for column in (2, 4):
        rules = [rule for rule in table.pieces() if rule.horizontal or rule.x0 != table.xs[column]]
        found = numbers_of(table_tokens(table, words), rules)
        assert {text: above for text, (_, above) in found.items()} == {
            text: words[1, c] for (_, c), text in words.items() if text.isdigit()
        }
    rules = [rule for rule in table.pieces() if not (rule.horizontal and rule.y0 == table.ys[4])]
    assert numbers_of(table_tokens(table, words), rules)["42"] == ("第三类申请", "个人")


def test_a_whole_table_keeps_its_spans() -> None:
    table, words = statutory()
    (grid,) = build_blocks([page(table_tokens(table, words), table.pieces())])
    assert isinstance(grid, Grid)
    assert tuple((c.row, c.column, c.row_span, c.column_span) for c in grid.cells) == table.spans
    # A number over two columns is one number, for nothing in the table says that a line is lost.
    wide = Drawn(table.xs, table.ys, (*(s for s in table.spans if s[:2] not in ((3, 3), (3, 4))), (3, 3, 1, 2)))
    wide = Drawn(wide.xs, wide.ys, tuple(sorted(wide.spans)))
    del words[3, 4]
    (grid,) = build_blocks([page(table_tokens(wide, words), wide.pieces())])
    assert isinstance(grid, Grid)
    assert next(c.column_span for c in grid.cells if c.text == "33") == 2


def test_a_line_is_not_drawn_through_a_text() -> None:
    table, words = statutory()
    rng = random.Random(5)
    rules = [rule for rule in table.pieces() if not inner(table, rule) or rng.random() > 1 / 3]
    (grid,) = build_blocks([page(table_tokens(table, words), rules)])
    assert isinstance(grid, Grid)
    assert any("申请人各类情况" in c.text.replace("\n", "") for c in grid.cells)
    assert any("总计数量" in c.text for c in grid.cells)


def test_pieces_are_parted_by_gaps_rules_and_numbers() -> None:
    tokens = [*line("公开", 0.1, 0.1), *line("信息", 0.126, 0.1), *line("12", 0.3, 0.1), *line("34", 0.313, 0.1)]
    found = pieces(tokens, [], ASPECT)
    assert [(round(p.box.x0, 3), p.number) for p in found] == [(0.1, False), (0.3, True), (0.313, True)]
    parted = pieces(tokens, [Rule(0.125, 0.05, 0.125, 0.2)], ASPECT)
    assert [round(p.box.x0, 3) for p in parted] == [0.1, 0.126, 0.3, 0.313]
    assert len(pieces(tokens, [Rule(0.125, 0.3, 0.125, 0.5)], ASPECT)) == 3
    (minus,) = pieces([*line("-", 0.1, 0.1), *line("15", 0.107, 0.1)], [], ASPECT)
    assert minus.number
    (label,) = pieces(line("1.属于秘密", 0.1, 0.1), [], ASPECT)
    assert label.enumerated
    assert not label.number


def grids_of(tokens: list[Token], rules: list[Rule]) -> Grid:
    (grid,) = (b for b in build_blocks([page(tokens, rules)]) if isinstance(b, Grid))
    return grid


@pytest.mark.parametrize("gap", [0.01, 0.0])
def test_a_label_and_the_number_behind_a_lost_line_are_two_cells_where_they_stand_apart(gap: float) -> None:
    table = regular(3, [0.1, 0.3, 0.4, 0.5], 0.3)
    words = {(r, c): str(3 * r + c) for r in range(3) for c in (1, 2)} | {(0, 0): "甲", (2, 0): "丙"}
    del words[1, 1]
    low, high = table.ys[1:3]
    label = line("乙类申请", 0.302 - gap - 0.048, (low + high) / 2)
    number = line("78", 0.302, (low + high) / 2)
    rules = [r for r in table.pieces() if not (r.x0 == r.x1 == 0.3 and low - 1e-6 <= r.y0 < high - 1e-6)]
    grid = grids_of([*table_tokens(table, words), *label, *number], rules)
    found = texts(grid)
    assert [found.get((1, c)) for c in range(3)] == (["乙类申请", "78", "5"] if gap else ["乙类申请78", None, "5"])


def test_characters_of_a_seal_below_numbers_make_no_row() -> None:
    table, words = statutory()
    seal = line("章", 0.75, table.ys[3] - 0.004, centred=True)
    rules = [r for r in table.pieces() if r.horizontal or not inner(table, r) or not 0.2 < r.x0 < 0.45]
    assert grids_of([*table_tokens(table, words), *seal], rules).rows == ROWS


UPPER, LOWER = [0.05, 0.35, 0.5, 0.65, 0.8], [0.05, 0.125, 0.2, 0.275, 0.35, 0.425, 0.545, 0.6, 0.7, 0.8]


def one_frame(*, heading: str) -> tuple[list[Token], list[Rule]]:
    """A table with labels, a row over its whole width, and one without labels that has other columns."""
    upper, lower = regular(4, UPPER, 0.2), regular(2, LOWER, 0.2 + 5 * (regular(4, UPPER, 0.2).ys[1] - 0.2))
    words = {(r, 0): f"第{'一二三四'[r]}类申请" for r in range(4)}
    words |= {(r, c): str(10 * r + c) for r in range(4) for c in range(1, 4)}
    below = {(0, c): "结果" for c in range(9)} | {(1, c): str(70 + c) for c in range(9)}
    sides = [Rule(x, upper.ys[-1], x, lower.ys[0]) for x in (0.05, 0.8)]
    middle = (upper.ys[-1] + lower.ys[0]) / 2
    tokens = table_tokens(upper, words) + line(heading, 0.1, middle) + table_tokens(lower, below)
    return tokens, [*upper.pieces(), *sides, *lower.pieces()]


def without(rules: list[Rule], *places: tuple[float, float]) -> list[Rule]:
    """Without the pieces whose middle lies there."""
    middles = [((r.x0 + r.x1) / 2, (r.y0 + r.y1) / 2) for r in rules]
    gone = [any(abs(x - at[0]) + abs(y - at[1]) < 1e-6 for at in places) for x, y in middles]
    assert sum(gone) == len(places)
    return [rule for rule, lost in zip(rules, gone, strict=True) if not lost]


def columns_of(tokens: list[Token], rules: list[Rule]) -> dict[str, int]:
    """In how many columns of its grid each number stands."""
    (grid,) = (b for b in build_blocks([page(tokens, rules)]) if isinstance(b, Grid))
    return {cell.text: cell.column_span for cell in grid.cells if cell.text.isdigit()}


def test_columns_of_one_table_do_not_cut_those_of_another_in_its_frame() -> None:
    tokens, rules = one_frame(heading="四、行政复议和诉讼情况")
    row = (regular(4, UPPER, 0.2).ys[1] - 0.2) / 2
    whole, torn = columns_of(tokens, rules), columns_of(tokens, without(rules, (0.65, 0.2 + 3 * row)))
    assert whole == torn
    assert all(whole[str(10 * r + c)] > 1 for r in range(4) for c in (2, 3))


def test_a_table_below_a_heading_has_columns_where_that_above_has_labels() -> None:
    tokens, rules = one_frame(heading="四、行政复议和诉讼情况")
    row = regular(4, UPPER, 0.2).ys[1] - 0.2
    rules = without(rules, (0.125, 0.2 + 6.5 * row), (0.2, 0.2 + 6.5 * row))
    (lattice,) = find_lattices(rules, ASPECT, pieces(tokens, rules, ASPECT))
    assert sum(cell.row == lattice.rows - 1 for cell in lattice.cells) == len(LOWER) - 1


def test_prose_that_names_a_number_makes_no_labels_of_columns_and_labels_over_columns_do() -> None:
    xs, ys = [0.1, 0.3, 0.5, 0.55, 0.7, 0.9], [0.1, 0.14, 0.18, 0.22, 0.26]

    def first(words: dict[float, str], values: list[float], *prose: Printed) -> int | None:
        found = [Printed(Box(0.11, y - 0.005, 0.11 + 0.012 * len(text), y + 0.005), False) for y, text in words.items()]
        found += [Printed(Box(x - 0.005, y - 0.005, x + 0.005, y + 0.005), True) for y in words for x in values]
        return first_column([*found, *prose], ys, xs)

    labels = {0.12: "规章", 0.16: "行政许可"}
    named = Printed(Box(0.11, 0.195, 0.75, 0.205), False), Printed(Box(0.8, 0.195, 0.81, 0.205), True)
    assert first(labels, [0.4, 0.6, 0.8]) == 1
    assert first(labels, [0.4, 0.6, 0.8], *named) == 1
    assert first(dict.fromkeys((0.12, 0.16), "其他对外管理服务事项以及数量单位"), [0.6, 0.8]) == 1
    assert first(dict.fromkeys((0.12, 0.16), "其他对外管理服务事项以及数量单位也在这里的标签以及其他"), [0.6, 0.8]) == 2


@pytest.mark.parametrize(("numbers", "typed", "edges"), [({0}, False, 0), ({0, 2, 5}, False, 1), ({0}, True, 1)])
def test_a_gap_before_numbers_here_and_there_parts_a_column_and_one_in_a_worn_label_does_not(
    numbers: set[int], *, typed: bool, edges: int
) -> None:
    """Of a worn label pieces are left, one of which was read as a number; what is typed is what it is."""
    rows = [0.1 * row + 0.04 for row in range(8)]
    labels = [Printed(Box(0.11, y, 0.15, y + 0.02), number=False) for y in rows]
    behind = [Printed(Box(0.2, y, 0.22, y + 0.02), number=True) for row, y in enumerate(rows) if row in numbers]
    others = [Printed(Box(0.44, y, 0.46, y + 0.02), number=True) for y in rows]
    ys = [0.1 * row for row in range(9)]
    printed = [piece._replace(typed=typed) for piece in (*labels, *behind, *others)]
    assert len(column_gutters(printed, ys, [0.05, 0.4, 0.5])) == edges


def scanned(tokens: list[Token]) -> list[Token]:
    return [replace(token, confidence=0.99, reader="PP-OCRv6_small_rec+digits-4") for token in tokens]


def bare_pair(table: Drawn, words: dict[tuple[int, int], str], row: int, column: int) -> tuple[list[Token], list[Rule]]:
    """A scanned table that lost the rule between two cells in which nothing stands."""
    words = {place: text for place, text in words.items() if place not in ((row, column), (row, column + 1))}
    top = table.ys[row]
    rules = [r for r in table.pieces() if r.horizontal or r.y0 != top or r.x0 != table.xs[column + 1]]
    assert len(rules) == len(table.pieces()) - 1
    return scanned(table_tokens(table, words)), rules


def spans_of(tokens: list[Token], rules: list[Rule]) -> set[tuple[int, int, int, int]]:
    (lattice,) = find_lattices(rules, ASPECT, pieces(tokens, rules, ASPECT))
    return {(c.row, c.column, c.row_span, c.column_span) for c in lattice.cells}


def test_a_rule_between_two_empty_cells_of_a_scan_was_there_where_other_rows_have_it() -> None:
    table, words = statutory()
    assert {(4, 3, 1, 1), (4, 4, 1, 1)} <= spans_of(*bare_pair(table, words, 4, 3))
    tokens, rules = bare_pair(table, words, 4, 3)
    for confidence, parted in ((0.1, True), (0.9, False)):  # the rest of a rule, and a number over two columns
        mark = line("—", table.xs[4], (table.ys[4] + table.ys[5]) / 2, centred=True, confidence=confidence)
        assert ({(4, 3, 1, 1), (4, 4, 1, 1)} <= spans_of([*tokens, *mark], rules)) == parted
    typed = table_tokens(table, words)
    assert (4, 3, 1, 2) in spans_of([t for t in typed if t.text not in ("43", "44")], bare_pair(table, words, 4, 3)[1])


def test_a_rule_in_a_single_row_of_numbers_was_there_where_it_parts_two_headings() -> None:
    table = regular(2, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 0.3, 0.05)
    words = {(0, c): name for c, name in enumerate(("维持", "纠正", "其他", "未结", "总计"))}
    words |= {(1, 2): "3", (1, 3): "4", (1, 4): "7"}
    assert {(1, 0, 1, 1), (1, 1, 1, 1)} <= spans_of(*bare_pair(table, words, 1, 0))
    blank = {place: text for place, text in words.items() if place[0] == 0}
    assert {(1, 0, 1, 1), (1, 1, 1, 1)} <= spans_of(*bare_pair(table, blank, 1, 0))
    del words[0, 1]  # a streak parts no headings
    assert (1, 0, 1, 2) in spans_of(*bare_pair(table, words, 1, 0))


def test_a_text_among_the_numbers_of_one_row_makes_no_column_of_labels() -> None:
    found = [*line("2", 0.25, 0.31), *line("翔", 0.35, 0.31), *line("3", 0.45, 0.31), *line("1", 0.55, 0.31)]
    xs = [0.2, 0.3, 0.4, 0.5, 0.6]
    assert first_column(pieces(found, [], ASPECT), [0.3, 0.33], xs) == 0
    label = [*line("类", 0.25, 0.31), *line("3", 0.45, 0.31), *line("1", 0.55, 0.31)]
    assert first_column(pieces(label, [], ASPECT), [0.3, 0.33], xs) == 1


def test_a_piece_of_a_line_so_near_a_rule_that_no_number_fits_between_parts_no_rows() -> None:
    table, words = statutory()
    table_rules = table.pieces()
    tokens = scanned(table_tokens(table, words))
    for below in (0.007, 0.01):  # 0.010 and 0.014 page widths; numbers are 0.012 high, and 0.018 where they are taller
        near = table.ys[4] + below
        taller = [replace(t, box=t.box._replace(y0=t.box.y0 - 0.002, y1=t.box.y1 + 0.002)) for t in tokens]
        piece = Rule(table.xs[3], near, table.xs[5], near)
        found = spans_of(taller if below > 0.007 else tokens, [*table_rules, piece])
        assert found == set(table.spans)
    near = table.ys[4] + 0.012
    found = spans_of(tokens, [*table_rules, Rule(table.xs[0], near, table.xs[-1], near)])
    assert max(row + rows for row, _, rows, _ in found) == ROWS + 1
