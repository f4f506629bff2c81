"""Every hard case differs from the plain drawing in what it is about, and in nothing that is true."""

import io
import zipfile
from collections import defaultdict
from itertools import pairwise
from random import Random

import pytest

from training.synthesize.alter import add_column, drop_headings, garble
from training.synthesize.cases import CASES, Case, draw_case, plan_case
from training.synthesize.flow import docx, html
from training.synthesize.invent import invent_report
from training.synthesize.pages import DrawnCell, DrawnPage
from training.synthesize.report import FormYear
from training.synthesize.scans import scan_case
from training.synthesize.shapes import TableShape, shape_tables
from training.synthesize.split import split_seed

_2021: dict[str, FormYear] = {"proactive": "2021", "applications": "2021", "disputes": "2021"}


def _cells(pages: tuple[DrawnPage, ...]) -> list[DrawnCell]:
    return [cell for page in pages for cell in page.cells]


def _fields(pages: tuple[DrawnPage, ...]) -> dict[str, str]:
    return {cell.field: cell.text for cell in _cells(pages) if cell.field}


def _is_complete(shape: TableShape) -> bool:
    taken = [
        (row, column)
        for cell in shape.cells
        for row in range(cell.row, cell.row + cell.row_span)
        for column in range(cell.column, cell.column + cell.column_span)
    ]
    return sorted(taken) == [(row, column) for row in range(shape.rows) for column in range(len(shape.weights))]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", [3, 4, 5])
def test_every_field_is_drawn_in_every_case(case: Case, seed: int) -> None:
    report, pages = draw_case(case, seed, "train")
    assert _fields(pages) == dict(report.printed)
    assert case == "long-numbers" or dict(report.values) == dict(invent_report(seed).values)
    for page in pages:
        for glyph in page.glyphs:
            assert glyph.box.x0 >= 0 and glyph.box.x1 <= page.width and 0 < glyph.y < page.height
    assert draw_case(case, seed, "train") == (report, pages), "the same again"


def test_the_splits_share_no_report() -> None:
    assert draw_case("plain", 1, "train")[0] != draw_case("plain", 1, "held-out")[0]
    assert split_seed(999_999_999, "train") < split_seed(0, "held-out")
    with pytest.raises(ValueError, match="between 0 and"):
        split_seed(1_000_000_000, "train")


@pytest.mark.parametrize("seed", range(4))
def test_no_heading_of_a_column_is_printed(seed: int) -> None:
    report = invent_report(seed, table_forms=_2021)
    columns = {
        cell.text
        for shape in shape_tables(report)
        for cell in shape.cells
        if cell.role == "heading" and (cell.column_span < len(shape.weights) or cell.row_span > 1)
    }
    _, pages = draw_case("no-headings", seed, "train", report=report)
    assert not {cell.text for cell in _cells(pages)} & (columns - {"其他"})
    assert "自然人" in {cell.text for cell in _cells(draw_case("plain", seed, "train", report=report)[1])}


def test_the_page_break_lies_anywhere_and_the_heading_does_not_come_again() -> None:
    first_rows = set()
    for seed in range(40):
        _, pages = draw_case("page-break", seed, "train", report=invent_report(seed, table_forms=_2021))
        rows = [sorted({cell.row for cell in page.cells if cell.table == "applications"}) for page in pages]
        rows = [one for one in rows if one]
        assert len(rows) >= 2, "the table must be cut"
        begins = [
            min(cell.row for cell in page.cells if cell.table == "applications" and not cell.part)
            for page in pages
            if any(cell.table == "applications" and not cell.part for cell in page.cells)
        ]
        assert all(before < after for before, after in pairwise(begins)), "no row is printed twice"
        first_rows.add(begins[1])
    assert len(first_rows) > 12 and min(first_rows) < 3 and max(first_rows) > 24


def test_a_cut_row_ends_at_the_cut() -> None:
    """A forced break above the foot of the page must not stretch the row that it cuts."""
    plain = draw_case("plain", 3, "train", prose=False)[1]
    tallest = max(cell.box.y1 - cell.box.y0 for cell in _cells(plain) if cell.field)
    cut = draw_case("page-break", 3, "train", prose=False)[1]
    assert max(cell.part for cell in _cells(cut) if cell.field) == 1, "this drawing cuts through a row"
    assert max(cell.box.y1 - cell.box.y0 for cell in _cells(cut) if cell.field) <= tallest + 0.1


@pytest.mark.parametrize("seed", range(3))
def test_labels_are_garbled_and_numbers_are_not(seed: int) -> None:
    _, plain = draw_case("aliases", seed, "train", report=invent_report(seed))
    _, garbled = draw_case("garbled-labels", seed, "train", report=invent_report(seed))
    labels = {cell.text for cell in _cells(plain) if cell.role == "label"}
    assert not labels & {cell.text for cell in _cells(garbled) if cell.role == "label"}
    assert _fields(garbled) == _fields(plain)


def test_garbling_hits_the_share_asked_for_and_leaves_something() -> None:
    text = "申请人无正当理由逾期不补正"
    for seed in range(50):
        out = garble(text, Random(seed), 0.3)
        assert out != text and len(set(text) & set(out)) >= 6
        assert garble("其他", Random(seed), 1.0)


def test_a_third_of_the_inner_rules_is_missing() -> None:
    def inked(case: Case) -> float:
        _, pages = draw_case(case, 8, "train")
        return sum(abs(one.x1 - one.x0) + abs(one.y1 - one.y0) for page in pages for one in page.strokes)

    assert 0.6 < inked("rules-third") / inked("plain") < 0.85
    assert inked("no-rules") == 0


def test_added_columns_keep_the_grid_complete_and_every_kind_comes() -> None:
    kinds: dict[int, int] = defaultdict(int)
    for seed in range(12):
        report = invent_report(seed)
        for shape in shape_tables(report):
            wider = add_column(shape, report.values, Random(seed))
            assert _is_complete(wider)
            assert len(wider.weights) == len(shape.weights) + 1
            kinds[next(cell.column for cell in wider.cells if cell.role == "extra")] += 1
    assert kinds[0] and len(kinds) >= 3


def test_an_added_subtotal_is_the_sum_of_its_group() -> None:
    _, pages = draw_case("extra-column", 1, "train", report=invent_report(1, table_forms=_2021))
    for seed in range(12):
        report, pages = draw_case("extra-column", seed, "train", report=invent_report(40, table_forms=_2021))
        cells = [cell for cell in _cells(pages) if cell.table == "applications"]
        if not any(cell.text == "小计" for cell in cells):
            continue
        (row,) = {cell.row for cell in cells if cell.field == "applications.received.other"}
        (total,) = [cell.text for cell in cells if cell.row == row and cell.role == "extra"]
        organisations = ("business", "research", "public_welfare", "legal_service", "other")
        assert int(total) == sum(report.values[f"applications.received.{one}"] or 0 for one in organisations)
        return
    pytest.fail("no subtotal in twelve drawings")


def test_headings_can_be_dropped_from_every_shape() -> None:
    for seed in range(6):
        for shape in shape_tables(invent_report(seed)):
            assert _is_complete(drop_headings(shape, Random(seed)))


def test_traditional_script_reaches_labels_and_title() -> None:
    report, pages = draw_case("traditional", 2, "train")
    assert "報告" in report.title
    assert not {"总计", "结转"} & {cell.text for cell in _cells(pages)}
    assert any("總計" in cell.text for cell in _cells(pages))


def test_text_boxes_do_not_touch() -> None:
    _, pages = draw_case("text-boxes", 2, "train")
    ends = [(one.x0, one.x1, one.y0) for page in pages[1:2] for one in page.strokes if one.y0 == one.y1]
    assert len(ends) > 20 and len(set(ends)) == len(ends)


def test_pages_of_tables_only() -> None:
    _, scanned = scan_case("wrapped", "clean", 5, "held-out", tables_only=True)
    assert len(scanned.scans) == len(scanned.pages)
    assert all(any(cell.field for cell in page.cells) for page in scanned.pages)
    _, prose = draw_case("wrapped", 5, "held-out")
    assert sum(len(page.glyphs) for page in prose) > 1.2 * sum(len(page.glyphs) for page in scanned.pages)


def test_typos_touch_some_labels_by_a_character() -> None:
    labels = [
        {(cell.table, cell.row, cell.column): cell.text for cell in _cells(draw_case(case, 6, "train")[1])}
        for case in ("plain", "typos")
    ]
    wrong = [key for key, text in labels[0].items() if labels[1][key] != text]
    assert 0.01 * len(labels[0]) < len(wrong) < 0.3 * len(labels[0])
    assert all(abs(len(labels[0][key]) - len(labels[1][key])) <= 1 for key in wrong)


def test_radicals_look_the_same_and_are_other_characters() -> None:
    plain, written = (draw_case(case, 6, "train")[1] for case in ("plain", "radicals"))
    pairs = [(a, b) for x, y in zip(plain, written, strict=True) for a, b in zip(x.glyphs, y.glyphs, strict=True)]
    changed = [(a, b) for a, b in pairs if a.text != b.text]
    assert len(changed) > 20
    assert all((a.x, a.y, a.size) == (b.x, b.y, b.size) for a, b in changed)
    assert all("⺀" <= b.text <= "⿕" for _, b in changed)


def test_long_numbers_are_long_and_balance_as_before() -> None:
    lengths = set()
    for seed in range(40):
        report = draw_case("long-numbers", seed, "train", prose=False)[0]
        lengths |= {len(str(value)) for value in report.values.values() if isinstance(value, int)}
        if not invent_report(seed).violated:
            assert not report.violated
    assert lengths >= {1, 2, 3, 4, 5, 6, 7}


def test_notes_stand_outside_the_tables() -> None:
    extra = 0
    for seed in range(6):
        plain, noted = (draw_case(case, seed, "train", prose=False)[1] for case in ("plain", "notes"))
        extra += sum(len(page.glyphs) for page in noted) - sum(len(page.glyphs) for page in plain)
        for page in noted:
            for glyph in page.glyphs:
                if glyph.text in "注备填":
                    assert not any(
                        cell.box.y0 < glyph.y - 2 < cell.box.y1 and cell.box.x0 < glyph.x + 2 < cell.box.x1
                        for cell in page.cells
                        if glyph.text not in cell.text
                    )
    assert extra > 60


def test_odd_rules_are_of_several_kinds() -> None:
    counts = {len(draw_case("rules-odd", seed, "train", prose=False)[1][0].strokes) for seed in range(6)}
    assert len(counts) > 3


def test_cases_reach_word_and_web_pages() -> None:
    plan = plan_case("no-headings", 2, "train", report=invent_report(2, table_forms=_2021))
    written = docx.write_docx(plan.report, docx.choose_style(2), 2, alter=plan.alter)
    body = zipfile.ZipFile(io.BytesIO(written)).read("word/document.xml").decode()
    page = html.write_html(plan.report, html.HtmlStyle("utf-8", "utf-8", "none"), 2, alter=plan.alter).decode()
    for text in (body, page):
        assert "重复申请" in text and "科研机构" not in text
    plain = html.write_html(plan.report, html.HtmlStyle("utf-8", "utf-8", "none"), 2, aliases=0).decode()
    assert "科研机构" in plain
