"""Tables without rules in which little is printed: labels tell the rows without numbers, and headings the columns."""

from __future__ import annotations

from service.documents.model import Box, Grid, Paragraph, Token
from service.tables import build_blocks
from service.tables.aligned import find_aligned
from service.tables.bands import Band, LabelLine, assign
from tests.tables.test_aligned import COLUMNS, label, number_row, row_of
from tests.tables.test_build import texts
from tests.tables.typeset import line, page


def headings(y: float) -> list[Token]:
    return [
        t
        for x, text in zip(COLUMNS, ["甲类", "乙类", "丙类", "合计"], strict=True)
        for t in line(text, x, y, centred=True)
    ]


def grids(tokens: list[Token]) -> list[Grid]:
    return [block for block in build_blocks([page(tokens)]) if isinstance(block, Grid)]


def test_a_last_row_without_numbers_is_a_row_and_the_heading_below_it_is_none() -> None:
    tokens = headings(0.1)
    for n in range(3):
        tokens += label(f"（{'一二三'[n]}）数量", 0.13 + 0.02 * n) + number_row(0.13 + 0.02 * n, *"1234")
    tokens += label("四、结转下年", 0.19) + line("四、行政复议情况", 0.12, 0.22)
    tokens += line("本年公开信息20条，办理12件，收费0元，制作3份。" * 2, 0.1, 0.25)
    blocks = build_blocks([page(tokens)])
    (grid,) = (block for block in blocks if isinstance(block, Grid))
    assert row_of(texts(grid), "四、结转下年") == [None] * 4
    assert any(isinstance(block, Paragraph) and block.text == "四、行政复议情况" for block in blocks)


def test_one_number_between_two_lines_of_its_label_is_a_row() -> None:
    tokens = headings(0.1) + label("一、本年新收", 0.13) + number_row(0.13, "1", "", "", "1")
    for n, numbers in enumerate((("", "5", "", ""), ("", "", "6", ""))):
        tokens += label(f"（{'一二'[n]}）法规规定\n禁止公开", 0.16 + 0.03 * n) + number_row(0.16 + 0.03 * n, *numbers)
    (grid,) = grids(tokens)
    assert row_of(texts(grid), "（一）法规规定禁止公开") == [None, "5", None, None]
    assert row_of(texts(grid), "（二）法规规定禁止公开") == [None, None, "6", None]


def test_headings_set_wide_apart_make_a_table_of_one_row() -> None:
    tokens = headings(0.1) + label("信息内容", 0.1) + label("一、本年新收", 0.13) + number_row(0.13, "", "2", "", "2")
    (grid,) = grids([*tokens, *label("二、上年结转", 0.155)])
    assert row_of(texts(grid), "一、本年新收") == [None, "2", None, "2"]
    assert row_of(texts(grid), "二、上年结转") == [None] * 4
    assert not grids([*line("办理情况见下表。", 0.1, 0.1), *(t for t in tokens if t.box.y0 > 0.11)])


def test_many_headings_stand_over_a_single_number() -> None:
    columns = [0.35 + 0.1 * n for n in range(6)]
    above = [
        t for x, text in zip(columns, "甲乙丙丁戊己", strict=True) for t in line(f"{text}类", x, 0.1, centred=True)
    ]
    below = label("一、本年新收", 0.13) + line("9", columns[2], 0.13, centred=True) + label("二、上年结转", 0.155)
    tokens = label("信息内容", 0.1) + above + below
    (grid,) = grids(tokens)
    assert "9" in row_of(texts(grid), "一、本年新收")
    assert not any(row_of(texts(grid), "二、上年结转"))
    few = [t for t in tokens if not (t.box.y0 < 0.11 and t.box.x0 > columns[3])]
    assert not grids(few)


def test_rows_with_labels_and_no_numbers_part_no_table() -> None:
    tokens = headings(0.1) + label("规章", 0.13) + number_row(0.13, "1", "", "", "1")
    for n in range(9):
        tokens += label(f"（{'一二三四五六七八九'[n]}）处罚", 0.16 + 0.03 * n)
        tokens += line("本年数量", 0.6, 0.16 + 0.03 * n) if n % 3 == 1 else []
    (grid,) = grids([*tokens, *label("收费", 0.43), *number_row(0.43, "", "3", "", "3")])
    assert row_of(texts(grid), "（九）处罚") == [None] * 4
    assert row_of(texts(grid), "收费") == [None, "3", None, "3"]


def test_the_first_line_of_a_page_may_be_a_table_s_last_row_and_a_running_head_is_none() -> None:
    prose = [
        t for n in range(3) for t in line("本年公开信息20条，办理12件，收费0元，制作3份。" * 2, 0.1, 0.15 + 0.03 * n)
    ]
    (grid,) = grids([*label("四、结转下年", 0.1), *number_row(0.1, "", "2", "", ""), *prose])
    assert set(texts(grid).values()) == {"四、结转下年", "2"}
    assert not grids([*label("四、结转下年", 0.05), *number_row(0.05, "", "2", "", ""), *prose])


def test_little_printed_numbers_of_one_row_each_stand_in_columns_of_their_own() -> None:
    rows = [("7", "", "", "7"), ("5", "", "", "5"), ("", "1", "", ""), ("", "", "1", ""), ("4", "", "", "4")]
    tokens = [
        t for n, row in enumerate(rows) for t in label("甲乙丙", 0.1 + 0.03 * n) + number_row(0.1 + 0.03 * n, *row)
    ]
    tokens += [t for n in range(5) for t in line("9", 0.9, 0.1 + 0.03 * n, centred=True)]
    (grid,) = grids(tokens)
    assert grid.columns == 6


def test_a_wide_step_parts_labels_without_numbers() -> None:
    near, far = 1.25, 2.05  # from middle to middle, in heights of a line
    ys = [0.0, near, near + far, 2 * near + far, 2 * (near + far), 3 * near + 2 * far]
    found = assign([LabelLine(y, n == 4) for n, y in enumerate(ys)], [], (), 1.0)
    assert found == [Band(None, (0, 1)), Band(None, (2, 3)), Band(None, (4, 5))]


def sections(*rows: tuple[str, str, str]) -> list[Token]:
    """Rows of a table of sections, each with the heading of its columns above it; a row is its label and numbers."""
    tokens = []
    for n, (words, first, last) in enumerate(rows):
        y = 0.2 + 0.06 * n
        tokens += line("第二十条第一项", 0.5, y, centred=True) + line("信息内容", 0.1, y + 0.02)
        tokens += line("上年数量", 0.5, y + 0.02) + line("本年数量", 0.7, y + 0.02)
        tokens += line(words, 0.1, y + 0.04) + line(first, 0.52, y + 0.04) + line(last, 0.72, y + 0.04)
    return tokens


def test_rows_without_numbers_stand_before_and_behind_the_others() -> None:
    rows = [("行政许可", "3", "1"), ("行政处罚", "1", ""), ("行政强制", "", "2"), ("行政收费", "", "")]
    above = (
        line("信息内容", 0.1, 0.2) + line("上年数量", 0.5, 0.2) + line("本年数量", 0.7, 0.2) + line("规章", 0.1, 0.22)
    )
    below = line("本年公开信息20条，办理12件，收费0元，制作3份。" * 2, 0.1, 0.47)
    (grid,) = grids([*above, *(t for t in sections(*rows) if t.box.y0 > 0.23), *below])
    found = texts(grid)
    assert [row_of(found, words)[:2] for words, _, _ in rows[:3]] == [["3", "1"], ["1", None], [None, "2"]]
    labels = [text for (_, column), text in sorted(found.items()) if column == 0 and "内容" not in text]
    assert labels == ["规章", *(words for words, _, _ in rows)]


def test_headings_at_the_foot_of_a_page_are_its_table_s() -> None:
    tokens = sections(("行政许可", "3", "1"), ("行政处罚", "1", "5"), ("行政强制", "", ""))
    (grid,) = grids([t for t in tokens if t.box.y0 < 0.35])
    assert "信息内容" in {text for (row, _), text in texts(grid).items() if row == grid.rows - 1}


def test_a_heading_between_columns_of_numbers_has_one_though_another_has_no_heading() -> None:
    xs = [0.2 + 0.06 * n for n in range(8)]
    tokens = [t for n, x in enumerate(xs) if n != 2 for t in line("结果", x, 0.2, centred=True)]
    tokens += [t for n, x in enumerate(xs) if n != 5 for t in line(str(n), x, 0.22, centred=True)]
    (grid,) = grids(tokens)
    assert grid.columns == 8


def test_numbers_of_which_only_the_place_is_known_are_of_two_columns() -> None:
    tokens = []
    for n in range(4):
        y = 0.1 + 0.04 * n
        tokens += label("甲乙丙", y) + number_row(y, "1", "2", "3", "4")
    places = [Token("—", Box(x, 0.245, x + 0.1, 0.275), 1.0, "other") for x in (0.55, 0.65)]
    (grid,) = grids([*tokens, *label("乙丙丁", 0.26), *number_row(0.26, "5", "", "", "6"), *places])
    assert row_of(texts(grid), "乙丙丁") == ["5", "—", "—", "6"]


def test_headings_over_room_for_a_row_are_a_table_in_which_nothing_is_printed() -> None:
    heading = [t for n in range(11) for t in line("结果", 0.15 + 0.06 * n, 0.2, centred=True)]
    prose = line("本年公开信息20条，办理12件，收费0元，制作3份。" * 2, 0.1, 0.24)
    (grid,) = grids([*heading, *prose])
    assert (grid.rows, grid.columns) == (2, 11)
    assert [cell.text for cell in grid.cells if cell.row == 1] == [""] * 11
    close = line("本年公开信息20条，办理12件，收费0元，制作3份。" * 2, 0.1, 0.214)
    assert not grids([*heading, *close])
    assert not grids(heading[:16] + prose)
    foot = [t for n in range(11) for t in line("结果", 0.15 + 0.06 * n, 0.85, centred=True)]
    assert not grids(foot)  # the row may be on the next page


def test_numbers_of_one_row_far_apart_on_a_leaning_page_stand_on_one_line() -> None:
    rows = [
        (0.14, "（一）法规规定\n禁止公开", ("1", "", "", "")),
        (0.18, "（二）法规规定\n禁止公开", ("7", "", "", "")),
    ]
    tokens = headings(0.1) + [t for y, words, numbers in rows for t in label(words, y) + number_row(y, *numbers)]
    for n, (y, _, _) in enumerate(rows):  # half their height lower, and a digit further right
        tokens += line("1", 0.8 + 0.0065 * n, y + 0.005, centred=True)
    (grid,) = grids(tokens)
    assert row_of(texts(grid), "（一）法规规定禁止公开") == ["1", None, None, "1"]
    assert row_of(texts(grid), "（二）法规规定禁止公开") == ["7", None, None, "1"]


def test_what_words_run_across_is_one_place_to_read() -> None:
    tokens = [t for n in range(4) for t in label("甲乙丙", 0.1 + 0.03 * n) + number_row(0.1 + 0.03 * n, *"1234")]
    remark = page(
        [*tokens, *label("乙丙丁", 0.22), *number_row(0.22, "5", "", "", "6"), *line("3件其中修订2件", 0.61, 0.22)]
    )
    ((table, _),) = find_aligned(remark.tokens, (), remark)
    widths = [place.box.x1 - place.box.x0 for place in table.numbers if place.row == table.rows - 1]
    assert len(widths) == 3
    assert max(widths) > 0.19
