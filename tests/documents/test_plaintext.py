from __future__ import annotations

import codecs

import pytest

from service.documents.model import Paragraph
from service.documents.plaintext import read_text
from service.errors import DamagedFile


def lines(data: bytes) -> list[str]:
    blocks = read_text(data).blocks
    assert all(isinstance(block, Paragraph) for block in blocks)
    assert [block.place.line for block in blocks if isinstance(block, Paragraph)] == list(range(1, len(blocks) + 1))
    return [block.text for block in blocks if isinstance(block, Paragraph)]


def test_lines_stay_as_they_are() -> None:
    text = "一、总体情况\n\n| 规章 | 1 |\n\t 7 \t\t8　\n&nbsp;<b>\n"
    assert lines(text.encode()) == ["一、总体情况", "", "| 规章 | 1 |", "\t 7 \t\t8　", "&nbsp;<b>"]


def test_marks_without_width_are_dropped_and_drawn_walls_are_pipes() -> None:
    assert lines("\u200b规章\u200b│3｜\ufeff7\n├──┼──┤\n┗━━┛\n──\t──".encode()) == ["规章|3|7", "", "", "──\t──"]


def test_line_ends() -> None:
    assert lines("甲\r\n乙\r丙\f丁\v戊\u2028己".encode()) == ["甲", "乙", "丙", "丁", "戊", "己"]
    assert lines("甲\n\n".encode()) == ["甲", ""]
    assert lines(b"") == []


def test_numbers_and_titles_of_pages_are_empty() -> None:
    pages = [f"年度报告\n规章\n{value}\n- {number} -\n" for value, number in ((0, 3), (7, 4), (12, 5))]
    assert lines("\f".join(pages).encode()) == [
        *("年度报告", "规章", "0", "", ""),
        *("", "规章", "7", "", ""),
        *("", "规章", "12", ""),
    ]


@pytest.mark.parametrize("ends", [("0", "0", "0"), ("3", "4", "6"), ("规章 1", "行政许可 2 3 1", "行政许可 3 4 1")])
def test_cells_at_the_end_of_pages_stay(ends: tuple[str, ...]) -> None:
    assert [line for line in lines("\f".join(f"甲\n{end}" for end in ends).encode()) if line != "甲"] == list(ends)


def test_two_pages_do_not_show_what_stands_on_every_page() -> None:
    assert lines("年度报告\n1\f年度报告\n2".encode()) == ["年度报告", "1", "年度报告", "2"]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (b"", "gb18030"),
    ],
)
def test_encodings(mark: bytes, encoding: str) -> None:
    text = "本年新收政府信息公开申请数量\t12\n上年结转\t0"
    assert lines(mark + text.encode(encoding)) == text.split("\n")


def test_binary_data() -> None:
    with pytest.raises(DamagedFile):
        read_text("年报\0\0年报".encode())
    with pytest.raises(DamagedFile):
        read_text(bytes(range(256)) * 20)
