from __future__ import annotations

import dataclasses
import random
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from service.documents.model import Box, Grid, Page, Paragraph, Token
from service.tables import build_blocks
from tests.tables.drawn import Drawn, jittered, random_table, skewed
from tests.tables.typeset import line, page, table_tokens


def regular(rows: int, xs: list[float], top: float, height: float = 0.03) -> Drawn:
    ys = tuple(top + height * i for i in range(rows + 1))
    return Drawn(tuple(xs), ys, tuple((r, c, 1, 1) for r in range(rows) for c in range(len(xs) - 1)))


def texts(grid: Grid) -> dict[tuple[int, int], str]:
    return {(c.row, c.column): c.text for c in grid.cells if c.text}


XS = [0.1, 0.3, 0.5, 0.7, 0.9]


def row(label: str, *numbers: object) -> list[str]:
    return [label, *map(str, numbers)]


def filled(rows: list[list[str]], top: float, xs: list[float] = XS) -> tuple[list[Token], Drawn]:
    table = regular(len(rows), xs, top)
    words = {(r, c): text for r, line_ in enumerate(rows) for c, text in enumerate(line_) if text}
    return table_tokens(table, words), table


@settings(max_examples=40, deadline=None)
@given(
    st.builds(
        random_table,
        st.randoms(use_true_random=False),
        rows=st.integers(2, 20),
        columns=st.integers(2, 9),
        merges=st.integers(0, 6),
    ),
    st.randoms(use_true_random=False),
)
def test_every_number_lands_in_its_cell(table: Drawn, rng: random.Random) -> None:
    assume(len(table.spans) > 1)  # a frame around one cell is no table
    words = {s[:2]: str(rng.randrange(100)) for s in table.spans if rng.random() < 0.7}
    made = page(table_tokens(table, words), jittered(skewed(table.pieces(), 0.1), rng, 0.001))
    (grid,) = (b for b in build_blocks([made]) if isinstance(b, Grid))
    assert texts(grid) == words
    assert sorted((c.row, c.column, c.row_span, c.column_span) for c in grid.cells) == sorted(table.spans)
    assert grid.kind == "ruled"


def test_blocks_come_in_reading_order_with_their_places() -> None:
    tokens, table = filled([row("甲", 1, 2, 3), row("乙", 4, "", 6)], 0.3)
    tokens += line("上文。", 0.1, 0.2) + line("下文", 0.1, 0.5) + line("12", 0.5, 0.95)
    blocks = build_blocks([page(tokens, table.pieces())])
    assert [type(b) for b in blocks] == [Paragraph, Grid, Paragraph, Paragraph]
    assert [b.text for b in blocks if isinstance(b, Paragraph)] == ["上文。", "下文", "12"]
    grid = next(b for b in blocks if isinstance(b, Grid))
    empty = next(c for c in grid.cells if (c.row, c.column) == (1, 2))
    assert (empty.text, empty.confidence, empty.ink) == ("", 1.0, None)
    assert empty.place.page == 1
    assert empty.place.box == pytest.approx((0.5, 0.33, 0.7, 0.36), abs=1e-6)


def test_lines_in_a_cell_run_from_top_to_bottom() -> None:
    table = regular(2, [0.1, 0.2, 0.9], 0.3, 0.1)
    words = {(0, 0): "三\n、\n本\n年", (0, 1): "社会公益\n组织 12"}
    (grid,) = build_blocks([page(table_tokens(table, words), table.pieces())])
    assert isinstance(grid, Grid)
    assert texts(grid) == {(0, 0): "三\n、\n本\n年", (0, 1): "社会公益\n组织12"}


def test_a_character_across_a_rule_stays_with_its_line() -> None:
    table = regular(2, [0.1, 0.3, 0.9], 0.3)
    tokens = line("项之和等", 0.3 - 0.012 * 3.45, 0.315) + line("7", 0.6, 0.315)
    (grid,) = build_blocks([page(tokens, table.pieces())])
    assert isinstance(grid, Grid)
    assert texts(grid) == {(0, 0): "项之和等", (0, 1): "7"}


def test_scanned_cells_tell_ink_from_proven_emptiness() -> None:
    tokens, table = filled([row("甲", 1, "", ""), row("乙", 4, 5, 6)], 0.3)
    tokens = [dataclasses.replace(t, confidence=0.9, reader="ocr") for t in tokens]
    tokens.append(Token("", Box(0.55, 0.31, 0.56, 0.32), 0.0, "ocr"))
    tokens.append(Token("", Box(0.70, 0.31, 0.90, 0.32), 0.97, "ocr"))
    (grid,) = build_blocks([page(tokens, table.pieces(), scanned=True)])
    assert isinstance(grid, Grid)
    cell = {(c.row, c.column): c for c in grid.cells}
    assert (cell[0, 1].ink, cell[0, 1].confidence, cell[0, 1].reader) == (True, 0.9, "ocr")
    assert (cell[0, 2].ink, cell[0, 2].text, cell[0, 2].confidence) == (True, "", 0.0)
    assert (cell[0, 3].ink, cell[0, 3].text, cell[0, 3].confidence) == (False, "", 0.97)


def test_a_scanned_cell_at_which_nobody_looked_is_not_proven_empty() -> None:
    tokens, table = filled([row("甲", 1, "", ""), row("乙", 4, 5, 6)], 0.3)
    (grid,) = build_blocks([page(tokens, table.pieces(), scanned=True)])
    assert isinstance(grid, Grid)
    (cell,) = [one for one in grid.cells if (one.row, one.column) == (0, 2)]
    assert (cell.text, cell.confidence) == ("", 0.5)


@pytest.mark.parametrize(("at", "sure"), [((0.6,), 0.99), ((0.494,), 0.99), ((0.4, 0.8), 0.99 * 0.99 * 0.4)])
def test_specks_in_the_margins_of_a_cell_of_several_columns_are_nothing_and_between_its_print_may_be_a_number(
    at: tuple[float, ...], sure: float
) -> None:
    table = Drawn(tuple(XS), (0.3, 0.33, 0.36), ((0, 0, 1, 1), (0, 1, 1, 3), *((1, c, 1, 1) for c in range(4))))
    tokens = table_tokens(table, {(0, 0): "甲", (1, 0): "乙", (1, 1): "1", (1, 2): "2", (1, 3): "3"})
    tokens += [token for x in at for token in line("七", x, 0.315, centred=True, confidence=0.99)]
    places = [(x0, x1) for x0, x1 in pairwise(XS[1:]) if not any(x0 < x < x1 for x in at)]
    tokens += [Token("", Box(x0 - 0.002, 0.3, x1 + 0.002, 0.33), 0.4) for x0, x1 in places]
    (grid,) = build_blocks([page(tokens, table.pieces(), scanned=True)])
    assert isinstance(grid, Grid)
    (cell,) = [one for one in grid.cells if (one.row, one.column) == (0, 1)]
    assert (cell.column_span, cell.ink) == (3, True)
    assert cell.confidence == pytest.approx(sure)


def test_boxes_are_those_of_the_source_page() -> None:
    tokens, table = filled([row("甲", 1, 2, 3), row("乙", 4, 5, 6)], 0.3)
    quarter_turn = (0.0, -1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    made = dataclasses.replace(page(tokens, table.pieces(), scanned=True), to_source=quarter_turn)
    (grid,) = build_blocks([made])
    assert isinstance(grid, Grid)
    box = next(c.place.box for c in grid.cells if c.text == "1")
    assert box == pytest.approx((0.67, 0.3, 0.7, 0.5), abs=1e-3)


def test_a_table_over_three_pages_is_one() -> None:
    pages = []
    for n in range(3):
        tokens, table = filled([row(f"{n}甲", n, n + 1, n + 2), row(f"{n}乙", 4, 5, 6)], 0.08 if n else 0.8)
        tokens += line(f"-{n + 1}-", 0.5, 0.96)
        pages.append(page(tokens, skewed(table.pieces(), 0.2 * n), n + 1))
    blocks = build_blocks(pages)
    grids = [b for b in blocks if isinstance(b, Grid)]
    assert len(grids) == 1
    assert grids[0].rows == 6
    assert [texts(grids[0])[r, 0] for r in range(6)] == ["0甲", "0乙", "1甲", "1乙", "2甲", "2乙"]
    assert [c.place.page for c in grids[0].cells if c.column == 0] == [1, 1, 2, 2, 3, 3]
    assert [b.text for b in blocks if isinstance(b, Paragraph)] == ["-1-", "-2-", "-3-"]


def over_break(first: list[list[str]], second: list[list[str]], between: str = "", xs: list[float] = XS) -> list[Grid]:
    upper, table = filled(first, 0.9 - 0.03 * len(first))
    lower, table2 = filled(second, 0.1, xs)
    if between:
        lower = line(between, 0.1, 0.08) + lower
    blocks = build_blocks([page(upper, table.pieces(), 1), page(lower, table2.pieces(), 2)])
    return [b for b in blocks if isinstance(b, Grid)]


def test_a_heading_printed_again_is_left_out_and_another_is_kept() -> None:
    head = ["", "自然人", "其他", "总计"]
    (grid,) = over_break([head, row("甲", 1, 2, 3)], [head, row("乙", 4, 5, 6)])
    assert [texts(grid).get((r, 0)) for r in range(grid.rows)] == [None, "甲", "乙"]
    (grid,) = over_break([head, row("甲", 1, 2, 3)], [["信息", "本年", "去年", "数量"], row("乙", 4, 5, 6)])
    assert grid.rows == 4


def test_text_between_or_other_columns_keep_tables_apart() -> None:
    first, second = [row("甲", 1, 2, 3)] * 2, [row("乙", 4, 5, 6)] * 2
    assert len(over_break(first, second)) == 1
    assert len(over_break(first, second, "四、下一项情况")) == 2
    assert len(over_break(first, second, xs=[0.1, 0.25, 0.42, 0.66, 0.9])) == 2
    assert len(over_break(first, second, xs=[0.2, 0.35, 0.5, 0.65, 0.8])) == 2


def test_fewer_columns_go_on_under_their_edges() -> None:
    (grid,) = over_break(
        [row("规章", 1, 2, 3), row("文件", 4, 5, 6)], [["许可", "9487"], ["处罚", "2776"]], xs=[0.1, 0.3, 0.9]
    )
    assert grid.columns == 4
    wide = next(c for c in grid.cells if c.text == "2776")
    assert (wide.row, wide.column, wide.column_span) == (3, 1, 3)


def test_a_row_cut_by_the_break_is_joined_only_on_plain_evidence() -> None:
    above, below = row("（一）甲", 1, 1, 1), row("（三）丙", 3, 3, 3)
    (grid,) = over_break([above, ["（二）部分（只计这", "9", "0", "9"]], [["一情形）", "", "", ""], below])
    assert [texts(grid)[r, 0] for r in range(grid.rows)] == ["（一）甲", "（二）部分（只计这\n一情形）", "（三）丙"]
    assert texts(grid)[1, 1] == "9"
    (grid,) = over_break([above, ["（二）部分", "", "", ""]], [["公开", "9", "0", "9"], below])
    assert [texts(grid)[r, 0] for r in range(grid.rows)] == ["（一）甲", "（二）部分\n公开", "（三）丙"]
    assert texts(grid)[1, 3] == "9"
    # A row left blank and the next one, with or without numbers of their own, are two.
    for blank, full in (("2.重复", "3.要求"), ("行政许可", "行政处罚")):
        (grid,) = over_break([above, [blank, "", "", ""]], [[full, "9", "0", "9"], below])
        assert [texts(grid)[r, 0] for r in range(grid.rows)] == ["（一）甲", blank, full, "（三）丙"]
    # Numbers in both halves: two rows.
    (grid,) = over_break([above, ["（二）部分（只", "1", "", ""]], [["计）", "", "0", "9"], below])
    assert grid.rows == 4


def test_a_label_that_spans_the_break_is_one_cell() -> None:
    xs = (0.1, 0.15, 0.4, 0.6, 0.9)
    upper = Drawn(xs, (0.8, 0.83, 0.86), ((0, 0, 2, 1), *((r, c, 1, 1) for r in range(2) for c in (1, 2, 3))))
    lower = Drawn(xs, (0.1, 0.13, 0.16), ((0, 0, 2, 1), *((r, c, 1, 1) for r in range(2) for c in (1, 2, 3))))
    first = {(0, 0): "三", (0, 1): "（一）甲", (0, 2): "1", (0, 3): "2", (1, 1): "（二）乙", (1, 2): "3", (1, 3): "4"}
    second = {(0, 1): "（三）丙", (0, 2): "5", (0, 3): "6", (1, 1): "（四）丁", (1, 2): "7", (1, 3): "8"}
    (grid,) = build_blocks(
        [page(table_tokens(upper, first), upper.pieces(), 1), page(table_tokens(lower, second), lower.pieces(), 2)]
    )
    assert isinstance(grid, Grid)
    label = next(c for c in grid.cells if c.text == "三")
    assert (label.row, label.row_span) == (0, 4)
    assert texts(grid)[2, 1] == "（三）丙"


def test_two_tables_on_one_page_stay_two() -> None:
    one, a = filled([row("甲", 1, 2, 3)] * 2, 0.2)
    two, b = filled([row("乙", 1, 2, 3)] * 2, 0.4)
    blocks = build_blocks([page(one + two, a.pieces() + b.pieces())])
    assert len(blocks) == 2


def test_empty_and_broken_pages_give_nothing() -> None:
    assert build_blocks([]) == ()
    assert build_blocks([Page(1, 0, 0), Page(2, 595, 842, problem="unreadable")]) == ()


def test_a_few_cells_of_two_numbers_do_not_undo_a_ruled_table() -> None:
    rows = [row("甲", 1, 2, 3), row("乙", 4, "5 9", 6), row("丙", 7, "8 9", 9), row("丁", 1, 2, 3)]
    tokens, table = filled(rows, 0.3)
    (grid,) = (b for b in build_blocks([page(tokens, table.pieces())]) if isinstance(b, Grid))
    assert grid.kind == "ruled"
    assert (grid.rows, grid.columns) == (4, 4)
