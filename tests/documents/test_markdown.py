from __future__ import annotations

import pytest

from service.documents.markdown import read_markdown
from service.documents.model import Grid, Paragraph
from service.errors import DamagedFile


def read(text: str) -> list[str | list[str]]:
    """Each paragraph's text, and each grid's texts."""
    return [
        block.text if isinstance(block, Paragraph) else [cell.text for cell in block.cells]
        for block in read_markdown(text.encode()).blocks
    ]


def test_tables_in_html_are_grids_between_the_lines() -> None:
    text = (
        "# 年报\n\n<table><tr><td colspan=2>规章</td></tr>\n<tr><td>1</td><td>0</td></tr></table>\n"
        "注：<b>件</b><table><tr><td>甲</td><td>2</td></tr></table>下同\n| 乙 | 3 |\n"
    )
    blocks = read_markdown(text.encode()).blocks
    assert [b.place.line if isinstance(b, Paragraph) else (b.rows, b.columns) for b in blocks] == [
        *(1, 2, (2, 2), 5, (1, 2), 5, 6)
    ]
    assert read(text) == ["年报", "", ["规章", "1", "0"], "注：件", ["甲", "2"], "下同", "| 乙 | 3 |"]
    grids = [block for block in blocks if isinstance(block, Grid)]
    assert [cell.place.cell for grid in grids for cell in grid.cells] == [
        "T1R1C1",
        "T1R2C1",
        "T1R2C2",
        "T2R1C1",
        "T2R1C2",
    ]


def test_a_table_that_is_a_page_of_its_own_and_one_within_another() -> None:
    page = "<html><body><table><tr><td>1</td><td>2</td></tr></table></body></html>"
    assert read(f"一\n{page}\n二") == ["一", "", ["1", "2"], "", "二"]
    inner = "<table><tr><td>3</td><td>4</td></tr></table>"
    assert ["3", "4"] in read(f"<table><tr><td>{inner}</td></tr></table>")


def test_a_table_that_is_never_closed_ends_with_its_lines() -> None:
    assert read("<table><tr><td>1</td>\n<td>2</td></tr>\n\n# 二\n<table><tr><td>3</td><td>4</td></tr></table>") == [
        *(["1", "2"], "", "二", ["3", "4"])
    ]
    assert read("<table><tr><td>1</td><td>2") == [["1", "2"]]


@pytest.mark.parametrize(
    ("line", "plain"),
    [
        ("| **12** | ***3*** | __4__ | *5* |", "| 12 | 3 | 4 | 5 |"),
        ("| * | ** | * 5 * | a_b_c |", "| * | ** | * 5 * | a_b_c |"),
        ("| $0$ | $\\mathbf{12}$ | $ 3.5 $ | $x^2$ |", "| 0 | 12 | 3.5 | $x^2$ |"),
        ("| 其<br>他 | <b>3</b> | 5<sup>1</sup> | 7[^1] | <del>8</del> |", "| 其 他 | 3 | 5^1 | 7 |  |"),
        ("1\\. 属于国家秘密 \\| 件 | \\- | \\ |", "1. 属于国家秘密 \u2223 件 | - | \\ |"),
        ("|\\|\\|3|", "|\\|\\|3|"),
        ("> | 甲 |&nbsp;1 &lt;2 |", "| 甲 | 1 <2 |"),
        ("甲 < 乙 > 丙 <不是标签>", "甲 < 乙 > 丙 <不是标签>"),
        ("<!-- image -->", ""),
        ("## **一、总体情况** ##", "一、总体情况"),
        ("#1 号", "#1 号"),
        ("[^1]: 注", "[^1]: 注"),
    ],
)
def test_marks_go_and_numbers_stay(line: str, plain: str) -> None:
    assert read(line) == [plain]


def test_binary_data() -> None:
    with pytest.raises(DamagedFile):
        read_markdown("# 年报\0".encode())
