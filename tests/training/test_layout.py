"""Every cell of a laid out report stands once, in its place, with its text inside; every seed can be laid out."""

import random
from collections import defaultdict
from dataclasses import replace

import pytest

from training.synthesize.invent import invent_report
from training.synthesize.layout import lay_out
from training.synthesize.pages import DrawnCell, DrawnPage, text_width, wrap
from training.synthesize.report import FormYear
from training.synthesize.shapes import shape_tables
from training.synthesize.style import choose_style

_2021: dict[str, FormYear] = {"proactive": "2021", "applications": "2021", "disputes": "2021"}
_2019: dict[str, FormYear] = {"proactive": "2019", "applications": "2019", "disputes": "2019"}


def _inside(page: DrawnPage, cell: DrawnCell) -> str:
    """Characters whose middle lies in the cell, line by line."""
    box = cell.box
    found = []
    for glyph in page.glyphs:
        middle = (glyph.box.x0 + glyph.box.x1) / 2, (glyph.box.y0 + glyph.box.y1) / 2
        if box.x0 < middle[0] < box.x1 and box.y0 < middle[1] < box.y1:
            found.append((round(glyph.y, 1), glyph.x, glyph.text))
    return "".join(text for _, _, text in sorted(found))


@pytest.mark.parametrize("seed", range(40, 54))
def test_every_text_stands_in_its_cell(seed: int) -> None:
    report = invent_report(seed)
    pages = lay_out(report, seed)
    texts: dict[tuple[str, int, int], str] = defaultdict(str)
    wanted: dict[tuple[str, int, int], str] = {}
    for page in pages:
        for cell in page.cells:
            key = (cell.table, cell.row, cell.column)
            if cell.text and cell.text == texts[key]:
                continue  # a heading printed again after the page break
            texts[key] += _inside(page, cell)
            wanted[key] = cell.text
    assert texts == wanted
    fields = {cell.field: cell.text for page in pages for cell in page.cells if cell.field}
    assert fields == dict(report.printed)


@pytest.mark.parametrize("forms", [_2021, _2019])
def test_shapes_are_complete_grids(forms: dict[str, FormYear]) -> None:
    for shape in shape_tables(invent_report(3, table_forms=forms)):
        taken = [
            (row, column)
            for cell in shape.cells
            for row in range(cell.row, cell.row + cell.row_span)
            for column in range(cell.column, cell.column + cell.column_span)
        ]
        assert sorted(taken) == [(row, column) for row in range(shape.rows) for column in range(len(shape.weights))]


def test_applications_have_the_official_shape() -> None:
    shapes = {shape.id: shape for shape in shape_tables(invent_report(3, table_forms=_2021))}
    table = shapes["applications"]
    assert (table.rows, len(table.weights), table.heading_rows, table.label_columns) == (28, 10, 3, 3)
    spans = {cell.text: (cell.row_span, cell.column_span) for cell in table.cells if cell.role != "value"}
    assert spans["三、本年度办理结果"] == (22, 1)
    assert spans["（三）不予公开"] == (8, 1)
    assert spans["（七）总计"] == (1, 2)
    assert spans["法人或其他组织"] == (1, 5)
    assert spans["自然人"] == (2, 1)


def test_a_cut_row_keeps_all_its_parts_on_following_pages() -> None:
    report = invent_report(7, table_forms=_2021)
    style = choose_style(7)
    table = replace(style.table, cut_rows=True, label_share=0.12, repeat_heading=False, size=12.0, number_size=12.0)
    pages = lay_out(report, 7, style=replace(style, table=table))
    parts = defaultdict(list)
    for number, page in enumerate(pages):
        for cell in page.cells:
            if cell.field:
                parts[cell.field].append((number, cell.part, cell.holds_text))
    cut = {name: places for name, places in parts.items() if len(places) > 1}
    assert cut, "at this size some row must be cut"
    for name, places in cut.items():
        assert [part for _, part, _ in places] == list(range(len(places)))
        assert sum(holds for _, _, holds in places) == (1 if report.printed[name] else 0)


def test_no_row_is_cut_where_the_style_forbids_it() -> None:
    report = invent_report(7, table_forms=_2021)
    style = choose_style(7)
    table = replace(style.table, cut_rows=False, repeat_heading=True, label_share=0.35, size=9.0)
    pages = lay_out(report, 7, style=replace(style, table=table))
    assert not [cell for page in pages for cell in page.cells if cell.field and cell.part]


def test_everything_stays_on_the_page() -> None:
    for seed in range(5):
        for page in lay_out(invent_report(seed), seed):
            for glyph in page.glyphs:
                assert 0 <= glyph.box.x0 < glyph.box.x1 <= page.width
                assert 0 <= glyph.box.y0 < glyph.box.y1 <= page.height


def test_the_same_seed_gives_the_same_pages() -> None:
    assert lay_out(invent_report(5), 5) == lay_out(invent_report(5), 5)
    assert lay_out(invent_report(5), 5) != lay_out(invent_report(5), 6)


def test_wrap_keeps_numbers_whole_and_punctuation_off_line_starts() -> None:
    face = choose_style(0).body_face
    lines = wrap("全年收到申请1234件，均已办结。", text_width("全年收到申请12", face, 10), face, 10)
    assert lines[0] == "全年收到申请"
    assert not any(line[0] in "，。" for line in lines)
    assert "".join(lines) == "全年收到申请1234件，均已办结。"


def test_wrap_breaks_what_no_line_can_hold() -> None:
    face = choose_style(0).body_face
    assert wrap("123456", text_width("123", face, 10), face, 10) == ["123", "456"]
    rng = random.Random(1)
    text = "".join(rng.choice("一二三四五，。（）12a ") for _ in range(300))
    assert "".join(wrap(text, 35, face, 10)) == text
