from __future__ import annotations

import pytest
from lxml import html

from tests.training.flow_reports import FIRST, numbered_report, with_cells
from training.synthesize.flow.html import HtmlStyle, choose_style, write_html

STYLES = {
    "plain": HtmlStyle(publishing=False),
    "gbk called utf-8": HtmlStyle(encoding="gb18030", declared="utf-8", clutter="word"),
    "utf-8 called gb2312": HtmlStyle(declared="gb2312", clutter="editor", line_breaks=True),
    "no charset": HtmlStyle(encoding="gb18030", declared=None),
    "layout tables": HtmlStyle(layout_tables=True, clutter="editor"),
    "odd markup": HtmlStyle(odd_markup=True, line_breaks=True),
}


def _grids(text: str) -> list[list[list[str]]]:
    """The report's tables with spans filled in: every position of the grid with its cell's text."""
    grids = []
    for table in html.fromstring(text).iter("table"):
        if table.find(".//table") is not None or table.get("border") in (None, "0"):
            continue
        filled: dict[tuple[int, int], str] = {}
        for row, line in enumerate(table.iter("tr")):
            column = 0
            for cell in line.findall("td"):
                while (row, column) in filled:
                    column += 1
                words = "".join(cell.xpath(".//text()[not(parent::comment())]")).replace("\xa0", " ").strip()
                for down in range(int(cell.get("rowspan", 1))):
                    for right in range(int(cell.get("colspan", 1))):
                        assert (row + down, column + right) not in filled
                        filled[row + down, column + right] = words
        height, width = (max(places) + 1 for places in zip(*filled, strict=True))
        assert len(filled) == height * width
        grids.append([[filled[row, column] for column in range(width)] for row in range(height)])
    return grids


@pytest.mark.parametrize("name", STYLES)
def test_grids_close_and_hold_every_number_in_order(name: str) -> None:
    report = numbered_report("2019")
    style = STYLES[name]
    grids = _grids(write_html(report, style, 4).decode(style.encoding))
    assert [(len(grid), len(grid[0])) for grid in grids] == [(18, 4), (26, 10), (4, 15)]
    numbers = list(dict.fromkeys(int(text) for grid in grids for row in grid for text in row if text.isdigit()))
    assert numbers == list(range(FIRST, FIRST + len(report.printed)))


def test_the_header_may_lie_about_the_charset() -> None:
    page = write_html(numbered_report(), STYLES["gbk called utf-8"], 1)
    assert b"charset=utf-8" in page
    with pytest.raises(UnicodeDecodeError):
        page.decode("utf-8")
    assert "charset" not in write_html(numbered_report(), STYLES["no charset"], 1).decode("gb18030")


def test_publishing_page_stands_around_the_report() -> None:
    report = numbered_report()
    text = html.fromstring(write_html(report, STYLES["utf-8 called gb2312"], 1).decode()).text_content()
    assert text.index("当前位置") < text.index(next(iter(report.sections.values())).title) < text.index("附件下载")
    assert "附件下载" not in write_html(report, STYLES["plain"], 1).decode()


def test_blank_cells_stay_cells() -> None:
    report = numbered_report()
    field = list(report.printed)[30]
    report = with_cells(report, {field: ""}, {field: None})
    grids = _grids(write_html(report, STYLES["plain"], 1).decode())
    assert sum(text == "" for grid in grids for row in grid for text in row) == 1
    assert str(FIRST + 30) not in {text for grid in grids for row in grid for text in row}


def test_a_seed_gives_one_page_and_one_style() -> None:
    report = numbered_report()
    assert write_html(report, choose_style(5), 5) == write_html(report, choose_style(5), 5)
    assert len({choose_style(seed) for seed in range(40)}) > 20
