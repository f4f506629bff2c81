import pytest

from service.documents.model import Cell, Grid, Paragraph, Place
from service.forms import load_vocabulary
from service.forms.cell_inputs import cell_inputs
from service.forms.lines import lines_of

VOCABULARY = load_vocabulary()


def cells_of(*blocks):
    return cell_inputs(lines_of(blocks, ("规章",), VOCABULARY), VOCABULARY)


def texts_of(*texts):
    return cells_of(*(Paragraph(text, Place(line=number)) for number, text in enumerate(texts, start=1)))


def grid(*rows, width):
    cells = [Cell(y, x, text, Place(), 1, span) for y, row in enumerate(rows) for x, span, text in row]
    return Grid(tuple(cells), len(rows), width, "markup")


@pytest.mark.parametrize(
    ("printed", "seen"),
    [
        ("", ""),
        ("—", "/"),
        ("１２", "12"),
        ("1,234", "1234"),
        ("5.035万元", "5.035"),
        ("减3", "-3"),
        ("22（其中修订16件）", "22"),
        ("（一）予以公开", "一予以公开"),
    ],
)
def test_values_are_seen_without_unit_and_remark_and_texts_as_labels(printed, seen):
    (cell,) = cells_of(grid([(0, 1, printed)], width=1))
    assert cell.cell.text == seen


def test_places_in_a_grid_are_those_of_its_columns():
    cells = cells_of(grid([(0, 2, "规章"), (2, 1, "7"), (3, 1, "")], width=4))
    assert [(one.cell.x0, one.cell.x1) for one in cells] == [(0, 0.5), (0.5, 0.75), (0.75, 1)]
    assert [(one.line, one.item) for one in cells] == [(0, 0), (0, 1), (0, 2)]


def test_places_in_a_line_of_text_are_ranks():
    cells = texts_of("规章 7 8 9")
    assert [(one.cell.text, one.cell.x0, one.cell.x1) for one in cells][:2] == [("规章", 0, 0.25), ("7", 0.25, 0.5)]


def test_lines_with_tab_stops_share_their_columns():
    cells = texts_of("规章\t7\t8\t9", "总计\t5")
    assert [(one.cell.x0, one.cell.x1) for one in cells][-2:] == [(0, 0.25), (0.25, 0.5)]


def test_prose_is_left_out_and_lines_keep_their_order():
    sentence = "全年共收到政府信息公开申请，均已按期答复。"
    full = "本机关围绕中心工作推进信息公开各项任务并取得新的进展"
    cells = texts_of("三、收到和处理情况", sentence, full, full, full, "规章 7", "附" * 46)
    assert [one.cell.text for one in cells] == ["三收到和处理情况", "规章", "7"]
    assert [one.cell.line for one in cells] == [0, 1, 1]
    assert [one.line for one in cells] == [0, 5, 5]


def test_two_full_lines_may_be_one_label():
    half = "申请人逾期未按收费通知要求缴纳费用行政机关不再处理"
    assert len(texts_of(half, half, "1 2 3")) == 5
