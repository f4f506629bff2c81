"""Two sheets on one page are read one after the other; a page as broad as two is not taken apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Box, Grid, Page, Paragraph, Rule, Token
from service.tables import build_blocks
from service.tables.sheets import sheets
from tests.tables.typeset import line, page

XS = [0.1, 0.4, 0.6, 0.8, 0.9]


def ruled(
    top: float, rows: list[list[str]], xs: list[float] = XS, height: float = 0.04
) -> tuple[list[Token], list[Rule]]:
    """A table from its upper edge on, every cell ruled."""
    ys = [top + height * n for n in range(len(rows) + 1)]
    rules = [Rule(xs[0], y, xs[-1], y) for y in ys] + [Rule(x, ys[0], x, ys[-1]) for x in xs]
    tokens = [
        token
        for n, row in enumerate(rows)
        for text, x0, x1 in zip(row, xs, xs[1:], strict=False)
        for token in line(text, (x0 + x1) / 2, ys[n] + height / 2, centred=True)
    ]
    return tokens, rules


def beside(left: tuple[list[Token], list[Rule]], right: tuple[list[Token], list[Rule]]) -> Page:
    """Two sheets on a page twice as broad."""
    tokens, rules = [], []
    for n, (words, lines) in enumerate((left, right)):
        tokens += [replace(t, box=Box((t.box.x0 + n) / 2, t.box.y0, (t.box.x1 + n) / 2, t.box.y1)) for t in words]
        rules += [Rule((r.x0 + n) / 2, r.y0, (r.x1 + n) / 2, r.y1) for r in lines]
    one = page([])
    return replace(one, width=2 * one.width, tokens=tuple(tokens), rules=tuple(rules))


def test_the_left_sheet_comes_first_and_its_table_goes_on_at_the_top_of_the_right_one() -> None:
    left, left_rules = ruled(0.8, [["甲", "1", "2", "3"], ["乙", "4", "5", "6"], ["丙", "7", "8", "9"]])
    left += line("上文在左边一张纸的上面", 0.1, 0.7) + line("-1-", 0.5, 0.96)
    right, right_rules = ruled(0.1, [["丁", "10", "11", "12"], ["戊", "13", "14", "15"]])
    right += line("下文", 0.1, 0.5) + line("-2-", 0.5, 0.96)
    spread = beside((left, left_rules), (right, right_rules))
    blocks = build_blocks([spread])
    (grid,) = (block for block in blocks if isinstance(block, Grid))
    assert [cell.text for cell in grid.cells if cell.column == 1] == ["1", "4", "7", "10", "13"]
    texts = [block.text for block in blocks if isinstance(block, Paragraph)]
    assert texts.index("上文在左边一张纸的上面") < texts.index("下文")
    last = next(cell for cell in grid.cells if cell.text == "15")
    assert last.place.page == spread.number
    assert last.place.box == pytest.approx((0.9, 0.14, 0.95, 0.18), abs=1e-6)


def test_a_table_that_goes_on_to_the_next_spread_is_one() -> None:
    text: tuple[list[Token], list[Rule]] = (line("左边的纸只有文字", 0.1, 0.3), [])
    first = beside(text, ruled(0.8, [["甲", "1", "2", "3"], ["乙", "4", "5", "6"]]))
    second = replace(beside(ruled(0.1, [["丙", "7", "8", "9"], ["丁", "0", "1", "2"]]), text), number=2)
    (grid,) = (block for block in build_blocks([first, second]) if isinstance(block, Grid))
    assert [cell.text for cell in grid.cells if cell.column == 1] == ["1", "4", "7", "0"]


def test_places_go_through_the_way_back_to_the_source() -> None:
    both = ruled(0.2, [["甲", "1", "2", "3"], ["乙", "4", "5", "6"]])
    turned = replace(beside(both, both), to_source=(-1.0, 0.0, 1.0, 0.0, -1.0, 1.0, 0.0, 0.0, 1.0))
    boxes = [cell.place.box for block in build_blocks([turned]) if isinstance(block, Grid) for cell in block.cells]
    assert boxes[0] == pytest.approx((0.8, 0.76, 0.95, 0.8), abs=1e-6)


def test_a_broad_table_across_the_middle_is_one_page() -> None:
    tokens, rules = ruled(
        0.2, [["甲", "1", "", "3"], ["乙", "4", "", "6"], ["丙", "7", "", "9"]], [0.1, 0.3, 0.4, 0.6, 0.9]
    )
    broad = replace(page(tokens), rules=tuple(rules), width=page([]).height * 1.4)
    assert sheets(broad) == (broad,)


def test_a_line_of_text_across_the_middle_keeps_the_page_together() -> None:
    both = ruled(0.2, [["甲", "1", "2", "3"], ["乙", "4", "5", "6"]])
    spread = beside(both, both)
    assert len(sheets(spread)) == 2
    headed = replace(spread, tokens=(*spread.tokens, *line("一个从左边写到右边的标题", 0.45, 0.1)))
    assert sheets(headed) == (headed,)


def test_a_broad_page_without_rules_and_an_upright_one_are_whole() -> None:
    both = ruled(0.2, [["甲", "1", "2", "3"], ["乙", "4", "5", "6"]])
    bare = replace(beside(both, both), rules=())
    upright = replace(beside(both, both), width=page([]).width)
    assert sheets(bare) == (bare,)
    assert sheets(upright) == (upright,)
