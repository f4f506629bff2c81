"""Tables without rules and without labels, which their headings tell."""

from __future__ import annotations

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


def test_two_numbers_below_many_headings_are_a_table_and_below_few_are_none() -> None:
    assert last_row(headed({3: "4", 11: "4"})) == [None, None, None, "4", *[None] * 7, "4"]
    few = build_blocks([page(headed({1: "4", 3: "4"}, 5, pitch=0.05))])
    assert not any(isinstance(block, Grid) for block in few)


def test_a_heading_set_wide_is_one() -> None:
    tokens = headed({n: str(n) for n in range(8)}, 9, pitch=0.05)
    tokens += line("总", 0.68, TOP - 0.02) + line("计", 0.70, TOP - 0.02)
    found = grid_of(tokens)
    assert any("".join(text.split()).startswith("总计") for text in found.values())
