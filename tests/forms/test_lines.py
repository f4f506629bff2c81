import pytest

from service.documents.model import Cell, Grid, Paragraph, Place
from service.forms.lines import Kind, Layout, lines_of
from tests.forms.written import FORMS, VOCABULARY, grid_of, numbered, paragraphs
from training.synthesize.shapes import shape_tables

LABELS = [
    row.label
    for form in FORMS
    for table in form.tables
    for block in table.blocks
    for row in (*block.rows, *block.columns)
]


def lines(*texts):
    return lines_of(paragraphs(texts), LABELS, VOCABULARY)


def shown(line):
    return [(item.kind.value, item.cell.text) for item in line.items]


@pytest.mark.parametrize(
    ("text", "layout", "items"),
    [
        ("规章\t3\t\t7", Layout.TABS, [("text", "规章"), ("value", "3"), ("blank", ""), ("value", "7")]),
        ("| 规章 | 3 |  | / |", Layout.TABS, [("text", "规章"), ("value", "3"), ("blank", ""), ("value", "/")]),
        ("规章 3 0 7", Layout.SPACES, [("text", "规章"), ("value", "3"), ("value", "0"), ("value", "7")]),
        ("2.重复申请 1 / 0", Layout.SPACES, [("text", "2.重复申请"), ("value", "1"), ("value", "/"), ("value", "0")]),
        ("规章", Layout.STACKED, [("text", "规章")]),
        ("\t规章", Layout.STACKED, [("text", "规章")]),
        ("规章 |", Layout.STACKED, [("text", "规章")]),
    ],
)
def test_a_line_of_text_becomes_items(text, layout, items):
    (line,) = lines(text)
    assert line.layout is layout
    assert shown(line) == items


def test_a_row_of_a_grid_is_a_line_with_its_columns():
    shape = shape_tables(numbered())[1]
    found = lines_of([grid_of(shape)], LABELS, VOCABULARY)
    assert len(found) == shape.rows
    assert {line.layout for line in found} == {Layout.GRID}
    received = next(line for line in found if line.numbers == 7)
    assert [item.cell.column for item in received.items[received.split :]] == list(range(3, 10))
    assert [item.cell.text for item in received.items[received.split :]] == [str(n) for n in range(1011, 1018)]


def test_cells_of_a_grid_may_come_in_any_order():
    cells = tuple(Cell(0, column, text, Place()) for column, text in ((2, "7"), (0, "规章"), (1, "3")))
    (line,) = lines_of([Grid(cells, 1, 3, "aligned")], LABELS, VOCABULARY)
    assert [item.cell.text for item in line.items] == ["规章", "3", "7"]


def worn_rows(confidence, worn="8    41", ink=True, cut=0, above=10):
    """Rows of a grid; below so many labels the last is read as numbers, as far as its reader is sure of them."""
    labels = [*(["规章", "行政许可", "行政处罚", "行政强制", "收费"] * 2)[:above], worn]
    read = [(row, 0, text, confidence if text == worn else 0.9) for row, text in enumerate(labels)]
    read += [(row, column, "0", 0.9) for row in range(len(labels)) for column in (1, 2)]
    read = read[:-cut] if cut else read
    cells = tuple(Cell(row, column, text, Place(page=1), confidence=sure, ink=ink) for row, column, text, sure in read)
    return lines_of([Grid(cells, len(labels), 3, "ruled")], LABELS, VOCABULARY)


def test_a_worn_label_that_reads_as_numbers_is_a_label():
    found = worn_rows(0.1)
    assert [(line.numbers, line.split) for line in found] == [(2, 1)] * 11


@pytest.mark.parametrize(("cut", "numbers"), [(0, 2), (1, 2)], ids=["whole row", "a cell less"])
def test_a_number_surely_read_among_labels_is_one_where_its_row_lacks_another(cut, numbers):
    line = worn_rows(0.9, cut=cut)[-1]
    assert (line.numbers, line.split) == (numbers, 1 - cut)


@pytest.mark.parametrize(("ink", "numbers"), [(True, 2), (None, 3)], ids=["scan", "text"])
def test_a_stroke_among_labels_is_the_rest_of_a_worn_one_on_a_scan_only(ink, numbers):
    assert worn_rows(0.9, "—", ink)[-1].numbers == numbers


def test_a_number_below_a_few_texts_may_stand_below_headings():
    assert worn_rows(0.9, above=5)[-1].numbers == 3


def test_what_worn_labels_read_like_speaks_against_no_column_of_labels():
    labels = [("规章", 0.9), ("行政许可", 0.9), ("1", 0.2), ("行政处罚", 0.9), ("/", 0.3), ("收费", 0.9)]
    cells = tuple(
        Cell(row, column, text, Place(page=1), confidence=sure, ink=True)
        for row, label in enumerate(labels)
        for column, (text, sure) in enumerate((label, ("0", 0.9)))
    )
    assert [line.numbers for line in lines_of([Grid(cells, len(labels), 2, "ruled")], LABELS, VOCABULARY)] == [1] * 6


@pytest.mark.parametrize(("sure", "numbers"), [(0.6, 2), (0.97, 3)], ids=["doubtful", "sure"])
def test_a_doubtful_number_alone_in_a_column_beside_a_full_row_is_a_piece_of_its_label(sure, numbers):
    read = [(row, 0, "某事", 0.9) for row in range(6)]
    read += [(row, column, "0", 0.9) for row in range(6) for column in (2, 3)]
    read += [(row, 1, "0" if row == 4 else "", sure if row == 4 else 0.5) for row in range(6)]
    cells = tuple(
        Cell(row, column, text, Place(page=1), confidence=confidence, ink=bool(text))
        for row, column, text, confidence in read
    )
    assert lines_of([Grid(cells, 6, 4, "ruled")], LABELS, VOCABULARY)[4].numbers == numbers


def among(texts, rows=1, ink=True):
    """The last row of a grid, below others of a label and zeros."""
    above = [["某类事项名称", *"0" * (len(texts) - 1)]] * (rows - 1)
    cells = tuple(
        Cell(row, column, text, Place(page=1), confidence=0.95, ink=bool(text) if ink else None)
        for row, line in enumerate([*above, texts])
        for column, text in enumerate(line)
    )
    return lines_of([Grid(cells, rows, len(texts), "ruled")], LABELS, VOCABULARY)[-1]


@pytest.mark.parametrize(("ink", "split"), [(True, 1), (False, 8)], ids=["scan", "text"])
def test_letters_where_a_table_has_its_numbers_are_no_label_of_a_scan(ink, split):
    assert among(["字迹不清", "0", "", "0", "0", "0", "C", "C"], rows=9, ink=ink).split == split


def test_letters_behind_two_numbers_of_a_row_of_numbers_are_no_label():
    assert among(["0", "/", "un", *"/" * 11, "1"]).split == 0
    assert among(["0", "un", *"/" * 12, "1"]).split == 2
    assert among(["0", "/", "未经复议直接起诉", *"/" * 11, "1"]).split == 3
    assert among(["1", "2", "其他", "总计", "结果", "维持", "0"]).split == 6


def test_one_cell_a_line_is_gathered_behind_its_label():
    found = lines("规章", "3", "0", "7", "行政许可", "9")
    assert [[item.cell.text for item in line.items] for line in found] == [
        ["规章"],
        ["3", "0", "7"],
        ["行政许可"],
        ["9"],
    ]


def test_values_keep_the_line_that_they_stand_on():
    found = lines("规章", "3", "0", "7")
    assert [item.cell.place.line for item in found[1].items] == [2, 3, 4]


def test_run_together_text_is_cut_at_the_labels_of_the_forms():
    text = (
        "1.属于国家秘密 0 0 0 2.其他法律行政法规禁止公开 1 0 1 3.危及“三安全一稳定” 0 2 0 "
        "4.保护第三方合法权益 / / / （七）总计 5 6 7"
    )
    found = lines(text)
    assert {line.layout for line in found} == {Layout.RUN}
    assert [line.items[0].cell.text for line in found] == [
        "1.属于国家秘密", "2.其他法律行政法规禁止公开", "3.危及“三安全一稳定”", "4.保护第三方合法权益", "（七）总计",
    ]  # fmt: skip
    assert [" ".join(item.cell.text for item in line.items[1:]) for line in found] == [
        "0 0 0", "1 0 1", "0 2 0", "/ / /", "5 6 7",
    ]  # fmt: skip


def test_prose_that_names_a_few_labels_is_not_cut():
    text = "本年度共收到申请12件，其中予以公开5件，部分公开3件，属于国家秘密0件，均已按期答复申请人，没有引发争议。"
    (line,) = lines(text)
    assert line.layout is not Layout.RUN
    assert line.numbers == 0


@pytest.mark.parametrize("text", ["— 3 —", "第 3 页", "第 3 页 共 9 页", "- 12 -"])
def test_a_page_number_is_no_row_of_values(text):
    assert all(line.layout is not Layout.SPACES for line in lines(text))


def test_a_rule_of_markdown_has_no_values():
    (line,) = lines("|---|:--:|---|")
    assert line.numbers == 0
    assert line.texts == ()


@pytest.mark.parametrize("rule", ["|:-:|:-:|", "|--|--|", "| --- | --: |"])
def test_every_rule_of_markdown_is_one(rule):
    assert shown(lines("| 规章 | 3 |", rule)[1]) == [("blank", "")]


def test_strokes_between_pipes_are_no_rule_of_markdown():
    assert lines("|-|-|")[0].numbers == 2


def test_tab_stops_behind_all_rows_and_headings_are_no_column():
    found = lines("信息内容\t本年制发件数\t", "规章\t\t", "行政许可\t3\t")
    assert [shown(line)[1:] for line in found] == [[("text", "本年制发件数")], [("blank", "")], [("value", "3")]]


@pytest.mark.parametrize("heading", ["信息内容\t本年制发件数", "信息内容\t\t\t", "行政强制\t2\t"])
def test_an_empty_column_below_a_heading_or_without_any_stays(heading):
    """The total may be left blank on a whole page: only headings that end before it tell that there is none."""
    found = lines(heading, "规章\t\t", "行政许可\t3\t")
    assert [len(line.items) for line in found[1:]] == [3, 3]


def test_letters_for_digits_are_values_only_where_a_picture_was_read():
    def kind(reader):
        cell = Cell(0, 0, "O", Place(), reader=reader)
        (line,) = lines_of([Grid((cell,), 1, 1, "ruled")], LABELS, VOCABULARY)
        return line.items[0].kind

    assert kind("ppocr") is Kind.VALUE
    assert kind("text-layer") is kind("markup") is Kind.TEXT


def test_empty_input_has_no_lines():
    assert lines_of([], LABELS, VOCABULARY) == ()
    assert all(line.numbers == 0 for line in lines_of([Paragraph("", Place(line=1))], LABELS, VOCABULARY))


@pytest.mark.parametrize(
    ("texts", "confidence", "numbers"),
    [
        (["0", "1", "2", "H&VD", "4", "5"], 0.04, 6),
        (["0", "1", "2", "H&VD", "4", "5"], 0.9, 5),
        (["7", "机关", "2", "3", "4", "5"], 0.04, 5),
    ],
    ids=["worn number", "legible word", "worn label"],
)
def test_what_cannot_be_read_between_numbers_of_a_scan_is_one_of_them(texts, confidence, numbers):
    cells = tuple(
        Cell(0, column, text, Place(page=1), confidence=0.98 if text.isdigit() else confidence, ink=True)
        for column, text in enumerate(texts)
    )
    (line,) = lines_of([Grid(cells, 1, 6, "ruled")], LABELS, VOCABULARY)
    assert line.numbers == numbers


@pytest.mark.parametrize(("sure", "numbers"), [(0.2, [0, 5]), (0.7, [2, 5])], ids=["worn", "likely"])
def test_what_worn_headings_above_the_first_sure_numbers_read_like_is_no_number(sure, numbers):
    rows = [[("站果", 0.3), ("1", sure), ("其他", 0.6), ("0", sure), ("Rl", 0.1)], [("7", 0.2), *[("3", 0.95)] * 4]]
    cells = tuple(
        Cell(row, column, text, Place(page=1), confidence=confidence, ink=True)
        for row, line in enumerate(rows)
        for column, (text, confidence) in enumerate(line)
    )
    assert [line.numbers for line in lines_of([Grid(cells, 2, 5, "ruled")], LABELS, VOCABULARY)] == numbers


def test_a_doubtful_first_number_is_no_label_where_no_texts_stand_left_of_the_numbers():
    """In a column of worn headings further right mostly texts stand."""
    headings = [["", "", "", "结果", ""]] * 5
    cells = tuple(
        Cell(row, column, text, Place(page=1), confidence=0.2 if text == "7" else 0.95, ink=bool(text))
        for row, line in enumerate([*headings, ["7", "4", "2", "3", "1"]])
        for column, text in enumerate(line)
    )
    assert lines_of([Grid(cells, 6, 5, "ruled")], LABELS, VOCABULARY)[-1].numbers == 5
