from __future__ import annotations

from service.documents.model import Box, Grid, Paragraph, Rule, Token
from service.tables import build_blocks
from service.tables.bands import Band, LabelLine, assign
from tests.tables.drawn import ASPECT
from tests.tables.test_build import regular, texts
from tests.tables.typeset import SIZE, line, page, table_tokens

COLUMNS = [0.5, 0.6, 0.7, 0.8]


def number_row(y: float, *numbers: str) -> list[Token]:
    return [t for x, text in zip(COLUMNS, numbers, strict=True) if text for t in line(text, x, y, centred=True)]


def label(text: str, y: float) -> list[Token]:
    """Label lines, centred on y one line below the other."""
    parts = text.split("\n")
    pitch = 0.011
    return [t for n, part in enumerate(parts) for t in line(part, 0.1, y + pitch * (n - (len(parts) - 1) / 2))]


def borderless() -> list[Token]:
    tokens = line("三、收到和处理政府信息公开申请情况的有关数据见下表所列各项数字如下", 0.1, 0.1)
    tokens += [
        t
        for x, h in zip(COLUMNS, ["甲类", "乙类", "丙类", "合计"], strict=True)
        for t in line(h, x, 0.13, centred=True)
    ]
    rows = [
        (0.16, "一、新收数量", ("12", "0", "", "12")),
        (0.20, "（二）部分公开（区分处理\n的，只计这一情形，\n不计其他情形）", ("1", "", "3", "4")),
        (0.24, "（三）不予公开", ("", "7", "0", "7")),
        (0.27, "（四）无法提供\n信息", ("5", "5", "5", "15")),
    ]
    for y, words, numbers in rows:
        tokens += label(words, y) + number_row(y, *numbers)
    return tokens + line("12", 0.5, 0.96)


def test_a_table_without_rules_keeps_rows_and_empty_places() -> None:
    blocks = build_blocks([page(borderless())])
    (grid,) = (b for b in blocks if isinstance(b, Grid))
    assert grid.kind == "aligned"
    found = texts(grid)
    base = next(r for (r, c), text in found.items() if text == "一、新收数量")
    assert [found.get((base, c)) for c in range(5)] == ["一、新收数量", "12", "0", None, "12"]
    assert found[base + 1, 0].replace("\n", "") == "（二）部分公开（区分处理的，只计这一情形，不计其他情形）"
    assert [found.get((base + 1, c)) for c in range(1, 5)] == ["1", None, "3", "4"]
    assert [found.get((base + 2, c)) for c in range(5)] == ["（三）不予公开", None, "7", "0", "7"]
    assert [found.get((base + 3, c)) for c in range(5)] == ["（四）无法提供\n信息", "5", "5", "5", "15"]
    places = {(c.row, c.column) for c in grid.cells}
    assert {(base + 1, 2), (base + 2, 1), (base, 3)} <= places
    paragraphs = [b.text for b in blocks if isinstance(b, Paragraph)]
    assert paragraphs[0].startswith("三、收到")
    assert paragraphs[-1] == "12"


def test_frame_and_row_rules_alone_do() -> None:
    rules = [Rule(0.08, y, 0.9, y) for y in (0.115, 0.145, 0.18, 0.22, 0.255, 0.29)]
    frame = [Rule(0.08, 0.115, 0.08, 0.29), Rule(0.9, 0.115, 0.9, 0.29)]
    for drawn in (rules, [rules[0], rules[1], rules[-1]], [rules[0], rules[-1], *frame]):
        (grid,) = (b for b in build_blocks([page(borderless(), drawn)]) if isinstance(b, Grid))
        found = texts(grid)
        row = next(r for (r, c), text in found.items() if text == "（三）不予公开")
        assert [found.get((row, c)) for c in range(1, 5)] == [None, "7", "0", "7"]


def test_a_frame_alone_tells_nothing_of_rows_and_columns() -> None:
    frame = [Rule(0.08, y, 0.9, y) for y in (0.115, 0.29)] + [Rule(x, 0.115, x, 0.29) for x in (0.08, 0.9)]
    (grid,) = (b for b in build_blocks([page(borderless(), frame)]) if isinstance(b, Grid))
    assert grid.kind == "aligned"
    assert row_of(texts(grid), "（四）无法提供信息") == ["5", "5", "5", "15"]
    ruled = [*frame, *(Rule(0.08, y, 0.9, y) for y in (0.145, 0.18, 0.22, 0.255)), Rule(0.45, 0.115, 0.45, 0.29)]
    ruled += [Rule(x, 0.115, x, 0.29) for x in (0.55, 0.65, 0.75)]
    (grid,) = (b for b in build_blocks([page(borderless(), ruled)]) if isinstance(b, Grid))
    assert grid.kind == "ruled"


def test_a_heading_over_all_columns_is_none_of_the_column_below_it() -> None:
    heading = line("第一项所列", 0.7, 0.115, centred=True)
    (grid,) = (b for b in build_blocks([page([*heading, *borderless()])]) if isinstance(b, Grid))
    assert {"第一项所列", "丙类"} <= set(texts(grid).values())


def test_a_label_of_two_lines_around_its_numbers_begins_above_them() -> None:
    rows = [(0.16, "行政事\n业性收费", "13"), (0.20, "集中采\n购", "15")]
    tokens = [t for x, h in ((0.1, "信息内容"), (0.5, "上年"), (0.6, "本年")) for t in line(h, x, 0.13)]
    tokens += [t for y, words, number in rows for t in (*label(words, y), *number_row(y, number, "7", "", ""))]
    (grid,) = (b for b in build_blocks([page(tokens)]) if isinstance(b, Grid))
    assert {"信息内容", "行政事\n业性收费", "集中采\n购"} <= set(texts(grid).values())


def test_a_heading_right_above_a_label_on_the_line_of_its_numbers_is_none_of_it() -> None:
    tokens = [t for x, h in ((0.1, "信息内容"), (0.5, "上年"), (0.6, "本年")) for t in line(h, x, 0.13)]
    for y, words in ((0.141, "行政许可"), (0.155, "行政处罚"), (0.169, "行政强制")):
        tokens += [*label(words, y), *number_row(y, "1", "7", "", "")]
    (grid,) = (b for b in build_blocks([page(tokens)]) if isinstance(b, Grid))
    assert {"信息内容", "行政许可", "行政处罚"} <= set(texts(grid).values())


def test_strokes_of_the_numbers_of_a_column_are_no_rule_between_columns() -> None:
    tokens = [t for n in range(8) for t in label(f"（{n}）项目数量", 0.16 + 0.02 * n)]
    tokens += [t for n in range(8) for t in number_row(0.16 + 0.02 * n, str(n), "0", "0", str(n))]
    (grid,) = (b for b in build_blocks([page(tokens, [Rule(0.8003, 0.15, 0.8, 0.31)])]) if isinstance(b, Grid))
    assert grid.columns == 5
    assert row_of(texts(grid), "（3）项目数量") == ["3", "0", "0", "3"]


def test_a_rule_between_numbers_that_nearly_touch_parts_them() -> None:
    ys = (0.16, 0.20, 0.24, 0.27)
    close = [t for y in ys for t in line("1286", 0.55, y, centred=True) + line("307", 0.577, y, centred=True)]
    tokens = [t for t in borderless() if not 0.5 < t.box.x0 < 0.65] + close
    (grid,) = (b for b in build_blocks([page(tokens, [Rule(0.566, 0.15, 0.566, 0.285)])]) if isinstance(b, Grid))
    assert {"1286", "307"} <= set(texts(grid).values())


def test_prose_with_numbers_is_no_table() -> None:
    tokens = [
        t for n in range(6) for t in line(f"本年公开信息{n}20条，办理12件，收费0元，制作3份。", 0.1, 0.1 + 0.03 * n)
    ]
    assert not any(isinstance(b, Grid) for b in build_blocks([page(tokens)]))


def test_a_lost_line_between_numbers_is_told_by_the_numbers() -> None:
    table = regular(3, [0.1, 0.3, 0.5, 0.7], 0.3)
    words = {(r, c): str(10 * r + c) for r in range(3) for c in range(3)}
    lost = [r for r in table.pieces() if not (r.horizontal and r.y0 == table.ys[1] and r.x0 == 0.3)]
    (grid,) = build_blocks([page(table_tokens(table, words), lost)])
    assert isinstance(grid, Grid)
    assert texts(grid) == words
    # A cell that holds one number keeps its span.
    one = {k: v for k, v in words.items() if k not in ((0, 1), (1, 1))}
    (grid,) = build_blocks([page(table_tokens(table, one) + line("5", 0.4, 0.33, centred=True), lost)])
    assert isinstance(grid, Grid)
    assert next(c for c in grid.cells if c.text == "5").row_span == 2


def test_labels_are_divided_among_rows_by_their_middles() -> None:
    lines = [LabelLine(y, False) for y in (0.0, 1.0, 2.0, 3.0)]
    assert assign(lines, [1.0, 3.0], [], 1.0) == [Band(0, (0, 1, 2)), Band(1, (3,))]
    assert assign(lines, [0.5, 2.5], [], 1.0) == [Band(0, (0, 1)), Band(1, (2, 3))]
    assert assign(lines[:2], [0.5, 5.0], [], 1.0) == [Band(0, (0, 1)), Band(1, ())]
    named = [LabelLine(0.0, True), LabelLine(1.5, True), LabelLine(3.0, True)]
    assert assign(named, [0.0, 3.0], [], 1.0) == [Band(0, (0,)), Band(None, (1,)), Band(1, (2,))]
    assert assign(lines[:2], [0.5], [0.7], 1.0)[0].labels != (0, 1)


def grid_of(*pages: list[Token], scanned: bool = False) -> dict[tuple[int, int], str]:
    (grid,) = (
        b
        for b in build_blocks([page(p, number=n, scanned=scanned) for n, p in enumerate(pages, 1)])
        if isinstance(b, Grid)
    )
    return texts(grid)


def row_of(found: dict[tuple[int, int], str], text: str) -> list[str | None]:
    (row,) = (r for (r, c), each in found.items() if each.replace("\n", "") == text)
    return [found.get((row, column)) for column in range(1, 5)]


def test_thin_strokes_on_a_leaning_line_stand_in_one_row() -> None:
    tokens = number_row(0.1, "12", "3", "4", "19") + label("一、新收数量", 0.1)
    tokens += number_row(0.16, "7", "0", "1", "8") + label("三、总计", 0.16)
    lean = [0.1285, 0.1295, 0.1305, 0.1315]
    tokens += [Token("—", Box(x - 0.003, y, x + 0.003, y + 0.0008)) for x, y in zip(COLUMNS, lean, strict=True)]
    tokens += label("二、结转数量", 0.13)
    assert row_of(grid_of(tokens), "二、结转数量") == ["—"] * 4


def test_a_short_label_without_numbers_is_no_second_line_of_the_row_above() -> None:
    pitch = 0.0155
    tokens = [
        t for n, words in enumerate(("规章", "文件", "许可", "处罚", "强制")) for t in label(words, 0.1 + n * pitch)
    ]
    for n in (0, 1, 2, 3):
        tokens += number_row(0.1 + n * pitch, "1", str(n), "5", "6")
    found = grid_of(tokens)
    assert row_of(found, "处罚") == ["1", "3", "5", "6"]
    assert row_of(found, "强制") == [None] * 4


def test_the_first_label_may_begin_above_its_numbers() -> None:
    heads = zip(COLUMNS, ["甲类", "乙类", "丙类", "合计"], strict=True)
    tokens = [t for x, text in heads for t in line(text, x, 0.1, centred=True)]
    tokens += label("一、本年新收\n申请数量", 0.14) + number_row(0.14, "1", "2", "3", "6")
    tokens += label("二、上年结转\n申请数量", 0.18) + number_row(0.18, "4", "5", "6", "15")
    assert row_of(grid_of(tokens), "一、本年新收申请数量") == ["1", "2", "3", "6"]


def test_a_lone_number_between_columns_makes_none() -> None:
    tokens = [t for n in range(5) for t in label("甲乙丙", 0.1 + 0.03 * n) + number_row(0.1 + 0.03 * n, *"1234")]
    tokens += label("甲", 0.205) + line("0", 0.63, 0.205, centred=True)  # what a seal leaves
    assert {column for _, column in grid_of(tokens)} == {0, 1, 2, 3, 4}
    beyond = [*tokens, *line("0", 0.9, 0.19, centred=True)]  # as far as columns are apart, it is one
    assert max(column for _, column in grid_of(beyond)) == 5


def test_fewer_columns_overleaf_are_those_above_them() -> None:
    rows = [("甲乙丙", "1234"), ("乙丙丁", "5678"), ("丙丁戊", "1357")]
    above = [
        t
        for n, (words, numbers) in enumerate(rows)
        for t in label(words, 0.8 + 0.03 * n) + number_row(0.8 + 0.03 * n, *numbers)
    ]
    below = [
        t
        for n in range(3)
        for t in label("丁戊己"[n:] + "己", 0.1 + 0.03 * n) + number_row(0.1 + 0.03 * n, "7", "", "", "9")
    ]
    assert row_of(grid_of(above, below), "丁戊己己") == ["7", None, None, "9"]


def test_a_token_without_text_proves_a_place_empty() -> None:
    tokens = [*borderless(), Token("", Box(0.58, 0.195, 0.62, 0.205), 0.97, "digits")]
    (grid,) = (b for b in build_blocks([page(tokens, scanned=True)]) if isinstance(b, Grid))
    empty = [(c.confidence, c.reader, c.ink) for c in grid.cells if not c.text]
    assert empty.count((0.97, "digits", False)) == 1
    assert (0.5, "text-layer", None) in empty


def test_empty_places_of_a_scanned_row_without_numbers_are_doubted() -> None:
    lone, other = label("（五）不予处理", 0.30), label("（六）其他处理", 0.33) + number_row(0.33, "2", "", "", "2")
    proofs = [Token("", Box(x - 0.02, y, x + 0.02, y + 0.01), 0.99, "digits") for x in COLUMNS for y in (0.295, 0.325)]
    tokens = [*borderless()[:-2], *lone, *other, *proofs]
    (grid,) = (b for b in build_blocks([page(tokens, scanned=True)]) if isinstance(b, Grid))
    rows = {cell.text: cell.row for cell in grid.cells if cell.column == 0}
    empty = {(cell.row, cell.column): cell.confidence for cell in grid.cells if cell.reader == "digits"}
    assert empty[rows["（五）不予处理"], 2] == 0.9
    assert empty[rows["（六）其他处理"], 2] == 0.99


def test_numbers_of_labels_make_no_column() -> None:
    tokens = [t for n in range(4) for t in label("不予公开甲", 0.1 + 0.03 * n) + number_row(0.1 + 0.03 * n, *"1234")]
    tokens += line("7", 0.11, 0.22) + number_row(0.22, *"5678")  # `7.` of a label, misread
    found = grid_of(tokens)
    assert max(column for _, column in found) == 4
    assert [found.get((4, column)) for column in range(5)] == ["7", "5", "6", "7", "8"]


def test_a_lone_stroke_among_zeros_is_doubted_and_strokes_among_strokes_are_not() -> None:
    def strokes(*rows: str) -> list[float]:
        tokens = [t for n, marks in enumerate(rows) for t in number_row(0.1 + 0.03 * n, *marks)]
        tokens += [t for n in range(len(rows)) for t in label(f"{'一二三四'[n]}、申请", 0.1 + 0.03 * n)]
        (grid,) = (b for b in build_blocks([page(tokens, scanned=True)]) if isinstance(b, Grid))
        return [cell.confidence for cell in grid.cells if cell.text == "/"]

    assert strokes("0000", "00/0", "1203", "0000") == [0.5]
    assert strokes("0000", "//00", "1203", "00/0") == [1.0] * 3


def test_headings_whose_boxes_touch_are_two_and_show_an_empty_column() -> None:
    heads = zip([0.5, 0.5235, 0.55, 0.6], ["甲类", "乙类", "丙类", "合计"], [0.13, 0.136, 0.13, 0.13], strict=True)
    tokens = [t for x, h, y in heads for t in line(h, x, y, centred=True)]
    for y in (0.16, 0.19, 0.22):
        tokens += label("一、新收数量", y)
        tokens += [t for x, n in ((0.5, "1"), (0.55, "3"), (0.6, "4")) for t in line(n, x, y, centred=True)]
    found = grid_of(tokens)
    row = max(r for r, _ in found)
    assert [found.get((row, column)) for column in range(1, 5)] == ["1", None, "3", "4"]


def test_headings_far_left_of_the_only_numbers_are_headings() -> None:
    """A row with two zeros at its end; a single text above its numbers' left is a chapter's heading."""
    tokens = line("四、复议和诉讼情况", 0.1, 0.10)
    for n in range(10):
        at = 0.2 + 0.07 * n + (0.02 if n > 4 else 0)
        tokens += [*line("结果", at, 0.13 if n < 5 else 0.14, centred=True), *line("维持", at, 0.15, centred=True)]
    tokens += [*line("0", 0.78, 0.17, centred=True), *line("3", 0.85, 0.17, centred=True)]
    blocks = build_blocks([page(tokens)])
    (grid,) = (b for b in blocks if isinstance(b, Grid))
    assert grid.columns == 10
    assert [b.text for b in blocks if isinstance(b, Paragraph)] == ["四、复议和诉讼情况"]


def test_the_last_row_of_a_table_is_no_heading_of_the_next() -> None:
    tokens = [*label("行政事业性收费", 0.05), *line("0", 0.6, 0.05, centred=True)]
    for n, words in enumerate("未经复议直接起诉结果"):
        tokens += [t for x in COLUMNS for t in line(words, x, 0.08 + 0.018 * n, centred=True)]
    for n in range(3):
        tokens += [*label(f"（{n}）项目", 0.27 + 0.02 * n), *number_row(0.27 + 0.02 * n, "1", "2", "3", "6")]
    blocks = build_blocks([page(tokens)])
    (grid,) = (b for b in blocks if isinstance(b, Grid))
    assert (
        next(text for (_, column), text in sorted(texts(grid).items()) if column == 2)
        == "未经复议直接起诉结果".replace("", "\n")[1:-1]
    )
    assert [b.text.split() for b in blocks if isinstance(b, Paragraph)] == [["行政事业性收费", "0"]]


def test_empty_places_of_a_label_beside_numbers_without_label_are_doubted() -> None:
    pitch = SIZE / ASPECT
    for below, doubted in ((1.1, True), (3.0, False)):
        tokens = [*borderless()[:-1], *number_row(0.30, "1", "0", "2", "3"), *label("（五）其他", 0.30 + below * pitch)]
        tokens += [*number_row(0.35, "1", "0", "2", "3"), *label("（六）总计", 0.35)]
        if not doubted:
            tokens += label("（七）无效", 0.30)
        (grid,) = (b for b in build_blocks([page(tokens)]) if isinstance(b, Grid))
        row = next(cell.row for cell in grid.cells if cell.text == "（五）其他")
        empty = [cell.confidence for cell in grid.cells if cell.row == row and not cell.text]
        assert len(empty) == 4
        assert all((confidence < 0.95) == doubted for confidence in empty)
