"""Tables without rules: headings and labels that nearly touch, and columns that only headings tell."""

from __future__ import annotations

from dataclasses import replace

from service.documents.model import Grid, Token
from service.tables import build_blocks
from tests.tables.test_aligned import grid_of
from tests.tables.typeset import SIZE, line, page

TOP, PITCH = 0.2, 2.4 * SIZE
"""The headings are two characters wide, so that less than half a character is left between them."""


def headed(numbers: dict[int, str], columns: int = 12, *, pitch: float = PITCH) -> list[Token]:
    """Headings of two lines, and one line of numbers by their column."""
    tokens = []
    for column in range(columns):
        for n, text in enumerate(("结果", "维持")):
            tokens += line(text, 0.2 + pitch * column, TOP + 0.011 * n, centred=True)
    for column, number in numbers.items():
        tokens += line(number, 0.2 + pitch * column, TOP + 0.04, centred=True)
    return tokens


def last_row(tokens: list[Token]) -> list[str | None]:
    found = grid_of(tokens)
    row, columns = max(r for r, _ in found), max((c for _, c in found), default=0) + 1
    return [found.get((row, column)) for column in range(columns)]


def test_headings_that_nearly_touch_show_columns_without_numbers() -> None:
    numbers = {1: "3", 4: "12", 5: "1", 8: "2", 9: "1", 11: "9"}
    assert last_row(headed(numbers)) == [numbers.get(column) for column in range(12)]


def test_the_first_column_of_a_table_without_labels_may_be_empty() -> None:
    numbers = {n: str(n) for n in range(1, 9)}
    assert last_row(headed(numbers, 9, pitch=0.05)) == [None, *numbers.values()]


def test_two_numbers_below_many_headings_are_a_table_and_below_few_close_ones_are_none() -> None:
    assert last_row(headed({3: "4", 11: "4"})) == [None, None, None, "4", *[None] * 7, "4"]
    few = build_blocks([page(headed({1: "4", 3: "4"}, 5))])
    assert not any(isinstance(block, Grid) for block in few)


def test_a_heading_set_wide_is_one() -> None:
    tokens = headed({n: str(n) for n in range(8)}, 9, pitch=0.05)
    tokens += line("总", 0.68, TOP - 0.02) + line("计", 0.70, TOP - 0.02)
    found = grid_of(tokens)
    assert any("".join(text.split()).startswith("总计") for text in found.values())


def grouped(*, first: list[Token], step: float = 1.4 * SIZE) -> list[Token]:
    """A label of three rows, a character a line and close to the labels of the rows; `first` stands beside the last."""
    tokens = list(first)
    for n, (group, text) in enumerate((("三", "（一）予以公开"), ("年", "（二）部分公开"), ("果", "（三）不予处理"))):
        y = 0.3 + 0.016 * n
        tokens += line(group, 0.1, y) + line(text, 0.1 + step, y)
        tokens += [t for c in range(3) for t in line(str(10 * n + c), 0.4 + 0.1 * c, y, centred=True)]
    for n, text in enumerate(("一、新收数量", "二、结转数量")):
        y = 0.25 + 0.02 * n
        tokens += line(text, 0.1, y) + [t for c in range(3) for t in line(str(c), 0.4 + 0.1 * c, y, centred=True)]
    tokens += [t for n in range(4) for t in line("（四）无法提供" if n < 3 else "总计", 0.1 + step, 0.36 + 0.02 * n)]
    tokens += [t for n in range(4) for c in range(3) for t in line("7", 0.4 + 0.1 * c, 0.36 + 0.02 * n, centred=True)]
    return tokens


def test_a_label_of_several_rows_that_nearly_touches_theirs_is_none_of_them() -> None:
    found = set(grid_of(grouped(first=[])).values())
    assert {"（一）予以公开", "（二）部分公开", "（三）不予处理", "一、新收数量", "二、结转数量"} <= found


def test_a_label_that_runs_on_is_not_cut_where_others_begin() -> None:
    found = set(grid_of(grouped(first=[], step=SIZE)).values())
    assert {"一、新收数量", "二、结转数量"} <= found


def test_characters_below_each_other_read_as_one_unite_no_lines() -> None:
    tall = line("数", 0.08, 0.316)[0]
    found = grid_of(grouped(first=[taller(tall, 0.06)]))
    rows = {text: row for (row, _), text in found.items()}
    assert len({rows[text] for text in ("（一）予以公开", "（二）部分公开", "（三）不予处理")}) == 3
    row = rows["（二）部分公开"]
    assert [text for (r, _), text in sorted(found.items()) if r == row and text.isdigit()] == ["10", "11", "12"]


def taller(token: Token, height: float) -> Token:
    """The same, so high."""
    middle = (token.box.y0 + token.box.y1) / 2
    return replace(token, box=token.box._replace(y0=middle - height / 2, y1=middle + height / 2))


def test_a_group_s_character_beside_numbers_is_no_label_of_theirs() -> None:
    tokens = grouped(first=[])
    tokens += line("（五）其他处理", 0.1 + 1.4 * SIZE, 0.4435) + line("（", 0.1 + 0.6 * SIZE, 0.439)
    tokens += [t for c in range(3) for t in line("9", 0.4 + 0.1 * c, 0.439, centred=True)]
    found = grid_of(tokens)
    row = next(r for (r, _), text in found.items() if text == "（五）其他处理")
    assert [text for (r, _), text in sorted(found.items()) if r == row and text.isdigit()] == ["9"] * 3


def sections(*titles: str) -> list[Token]:
    """Two columns of numbers with headings, and titles above them, in the middle between the two and by lines."""
    tokens = [t for n, title in enumerate(titles) for t in line(title, 0.55, 0.23 - 0.02 * n, centred=True)]
    tokens += line("本年新制作数量", 0.45, 0.25, centred=True) + line("本年新公开数量", 0.65, 0.25, centred=True)
    for n, text in enumerate(("规章", "规范性文件")):
        tokens += line(text, 0.1, 0.28 + 0.03 * n)
        tokens += line(str(n + 1), 0.41, 0.28 + 0.03 * n) + line(str(n + 5), 0.61, 0.28 + 0.03 * n)
    return tokens


def test_a_title_above_the_headings_has_no_column() -> None:
    assert last_row(sections("第二十条第一项")) == ["规范性文件", "2", "6"]


def test_a_heading_beyond_the_last_number_has_a_column_where_others_were_read_as_one() -> None:
    def columns(shift: float) -> int:
        tokens = line("结果维持结果纠正其他结果", 0.36, TOP, centred=True) + line("总计", 0.55 + shift, TOP)
        tokens += [t for n in range(6) for t in line(str(n), 0.3 + 0.05 * n, TOP + 0.03, centred=True)]
        (grid,) = (block for block in build_blocks([page(tokens)]) if isinstance(block, Grid))
        return grid.columns

    assert columns(0.04) == 7
    assert columns(0.0) == 6
