from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service.documents.model import Grid, Token
from service.tables import build_blocks
from service.tables.joints import join_ordinals
from service.tables.rows import Chunk
from service.tables.text import union
from tests.tables.drawn import ASPECT
from tests.tables.test_aligned import COLUMNS, borderless, label, number_row
from tests.tables.test_build import texts
from tests.tables.typeset import SIZE, line, page

LAST = 0.30
"""Height of the row that is added to the table."""


def added(*tokens: list[Token]) -> dict[tuple[int, int], str]:
    """Cells of the last row of a table without rules (numbers at 0.5, 0.6, 0.7, 0.8) with one row more."""
    every = [*borderless()[:-1], *label("（五）其他处理", LAST), *(token for part in tokens for token in part)]
    (grid,) = (b for b in build_blocks([page(every)]) if isinstance(b, Grid))
    cells = texts(grid)
    row = next(row for (row, _), text in cells.items() if text.startswith("（五）其他处理"))
    return {column: text for (r, column), text in cells.items() if r == row}


def close(left: str, right: str, gap: float) -> list[Token]:
    """Two numbers, the gap (in type sizes) half way between the first two columns."""
    middle = (COLUMNS[0] + COLUMNS[1]) / 2
    start = middle - gap * SIZE / 2 - len(left) * SIZE / 2
    return line(left, start, LAST) + line(right, middle + gap * SIZE / 2, LAST)


def test_numbers_of_two_columns_that_nearly_touch_are_two() -> None:
    for gap in (0.1, 0.3, 0.6):
        found = added(close("123456789", "307123456", gap), line("9", 0.8, LAST, centred=True))
        assert found == {0: "（五）其他处理", 1: "123456789", 2: "307123456", 4: "9"}


def test_thousands_set_apart_are_one_number() -> None:
    found = added(line("1", 0.785, LAST), line("286", 0.785 + 0.8 * SIZE, LAST))
    assert found == {0: "（五）其他处理", 4: "1 286"}


def test_a_space_across_which_other_numbers_of_the_column_stand_is_within_a_number() -> None:
    found = added(line("12", 0.8 - 1.15 * SIZE, LAST), line("34", 0.8 + 0.15 * SIZE, LAST))
    assert found == {0: "（五）其他处理", 4: "12 34"}


def test_what_looks_like_thousands_and_stands_in_two_columns_is_two_numbers() -> None:
    rows = [("1", "27"), ("41", "3"), ("123", "456"), ("7", "7")]
    tokens = []
    for n, numbers in enumerate(rows):
        tokens += label(f"（{n}）项目数量", LAST + 0.02 * n)
        tokens += [
            t
            for at, text in enumerate(numbers)
            for t in line(text, 0.5 + 1.8 * SIZE * at, LAST + 0.02 * n, centred=True)
        ]
    (grid,) = (b for b in build_blocks([page(tokens)]) if isinstance(b, Grid))
    assert [text for (_, column), text in sorted(texts(grid).items()) if column] == [t for row in rows for t in row]


def test_a_number_right_behind_a_label_is_not_of_it() -> None:
    end = 0.1 + 7 * SIZE
    moved = [
        replace(t, box=t.box._replace(x0=t.box.x0 + 0.49 - end, x1=t.box.x1 + 0.49 - end))
        for t in label("（五）其他处理", LAST)
    ]
    tokens = [*borderless()[:-1], *moved, *number_row(LAST, "8", "", "", "8")]
    (grid,) = (b for b in build_blocks([page(tokens)]) if isinstance(b, Grid))
    assert "8" in texts(grid).values()
    assert "（五）其他处理" in texts(grid).values()


def test_a_number_at_the_end_of_a_label_stays_where_no_column_is() -> None:
    found = added(line("3", 0.1 + 7.2 * SIZE, LAST), number_row(LAST, "1", "", "", "1"))
    assert found[0] == "（五）其他处理3"


def test_readings_of_ink_are_left_as_the_readers_give_them() -> None:
    read = [replace(token, reader="ppocr") for token in close("123456789", "307123456", 0.3)]
    assert "123456789 307123456" in added(read).values()


def joined(*tokens: list[Token]) -> list[str]:
    def chunk(one: Sequence[Token]) -> Chunk:
        return Chunk(tuple(one), union(token.box for token in one), "".join(token.text for token in one))

    return sorted(one.text for one in join_ordinals([chunk(part) for part in tokens], ASPECT, chunk))


def test_the_number_of_an_item_goes_with_the_text_right_behind_it() -> None:
    """Beside the label of several rows, half a line lower, it was taken for a piece of that."""
    beside = line("不予公开", 0.1, LAST + 0.4 * SIZE / ASPECT)
    assert joined(beside, line("5.", 0.2, LAST), line("其他内部信息", 0.2 + SIZE, LAST)) == [
        "5.其他内部信息",
        "不予公开",
    ]


def test_the_number_of_an_item_stays_alone_away_from_texts() -> None:
    words = line("其他内部信息", 0.2 + 2 * SIZE, LAST), line("其他内部信息", 0.2 + SIZE, LAST + SIZE / ASPECT)
    for other in (*words, line("12", 0.2 + SIZE, LAST)):
        assert len(joined(line("5.", 0.2, LAST), other)) == 2
