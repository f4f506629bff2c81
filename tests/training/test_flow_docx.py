from __future__ import annotations

import io
import itertools
import zipfile
from typing import Any

import pytest
from lxml import etree

from tests.training.flow_reports import FIRST, numbered_report, with_cells
from training.synthesize.flow.docx import DocxStyle, choose_style, write_docx

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STYLES = {
    "plain": DocxStyle(),
    "numbered": DocxStyle(headings="numbered", wps=True),
    "nested": DocxStyle(headings="plain", nested=True, legacy_spans=True),
    "title box": DocxStyle(text_box="title"),
    "table box": DocxStyle(text_box="table", wps=True),
    "split": DocxStyle(split=True, wps=True, legacy_spans=True),
}


def _document(data: bytes) -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            etree.fromstring(archive.read(name))
        return etree.fromstring(archive.read("word/document.xml"))


def _chosen(root: Any) -> Any:
    """The document without what is only for readers that do not know text boxes."""
    for fallback in list(root.iter("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")):
        fallback.getparent().remove(fallback)
    return root


def _text(node: Any) -> str:
    return "".join(one.text or "" for one in node.iter(f"{W}t"))


def _grids(root: Any) -> list[list[list[tuple[str, int, str | None]]]]:
    """Every table that holds no other, as rows of (text, column span, vertical merge)."""
    grids = []
    for table in root.iter(f"{W}tbl"):
        if table.find(f".//{W}tbl") is not None:
            continue
        rows = []
        for row in table.findall(f"{W}tr"):
            cells = []
            for cell in row.findall(f"{W}tc"):
                span, merge = cell.find(f"{W}tcPr/{W}gridSpan"), cell.find(f"{W}tcPr/{W}vMerge")
                assert cell[-1].tag == f"{W}p"
                cells.append(
                    (
                        _text(cell),
                        1 if span is None else int(span.get(f"{W}val")),
                        None if merge is None else merge.get(f"{W}val", "continue"),
                    )
                )
            rows.append(cells)
        grids.append(rows)
    return grids


@pytest.mark.parametrize("name", STYLES)
def test_grids_close_and_hold_every_number_in_order(name: str) -> None:
    report = numbered_report("2021", "2019")
    grids = _grids(_chosen(_document(write_docx(report, STYLES[name], 3))))
    assert len(grids) == (4 if STYLES[name].split else 3)
    numbers = []
    for grid in grids:
        assert len({sum(span for _, span, _ in row) for row in grid}) == 1
        numbers += [int(text) for row in grid for text, _, _ in row if text.isdigit()]
        for above, row in itertools.pairwise(grid):
            merged = {_start(row, at): span for at, (_, span, merge) in enumerate(row) if merge == "continue"}
            begun = {_start(above, at): span for at, (_, span, merge) in enumerate(above) if merge}
            assert merged.items() <= begun.items()
    assert numbers == list(range(FIRST, FIRST + len(report.printed)))


def _start(row: list[tuple[str, int, str | None]], at: int) -> int:
    return sum(span for _, span, _ in row[:at])


def test_a_text_box_is_there_twice_and_the_title_only_in_it() -> None:
    report = numbered_report()
    root = _document(write_docx(report, STYLES["title box"], 1))
    assert _text(root).count(report.title) == 2
    assert _text(_chosen(root)).count(report.title) == 1


def test_numbers_of_headings_by_word_are_in_no_text() -> None:
    report = numbered_report()
    first = next(iter(report.sections.values())).title
    assert first not in _text(_document(write_docx(report, STYLES["numbered"], 1)))
    assert first in _text(_document(write_docx(report, STYLES["plain"], 1)))


def test_blank_cells_stay_cells() -> None:
    report = numbered_report()
    field = list(report.printed)[30]
    report = with_cells(report, {field: ""}, {field: None})
    grids = _grids(_document(write_docx(report, DocxStyle(), 1)))
    empty = [row for grid in grids for row in grid if any(not text and merge != "continue" for text, _, merge in row)]
    assert len(empty) == 1
    numbers = [text for text, _, merge in empty[0] if merge is None][-7:]
    assert "" in numbers
    assert str(FIRST + 30) not in numbers
    assert len({number for number in numbers if number}) == 6


def test_a_seed_gives_one_file_and_one_style() -> None:
    report = numbered_report()
    assert write_docx(report, choose_style(5), 5) == write_docx(report, choose_style(5), 5)
    assert len({choose_style(seed) for seed in range(40)}) > 10
