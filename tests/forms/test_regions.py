from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from service.documents.model import Cell, Grid, Place
from service.forms.lines import lines_of
from service.forms.regions import find_regions, table_labels
from tests.forms.written import (
    FORMS,
    MIXTURES,
    TEXTS,
    VOCABULARY,
    chapter,
    form,
    grid_blocks,
    grids,
    lines_by_table,
    numbered,
    paragraphs,
    tab_rows,
    text_blocks,
)

TABLES = ("proactive", "applications", "disputes")
CONTACT = Grid(
    tuple(
        Cell(row, column, text, Place())
        for row, texts in enumerate(
            [("单位", "电话", "邮编"), ("办公室", "4596789", "453800"), ("传真", "4596788", "")]
        )
        for column, text in enumerate(texts)
    ),
    3,
    3,
    "markup",
)


def regions(blocks):
    lines = lines_of(blocks, table_labels([table for form in FORMS for table in form.tables]), VOCABULARY)
    found = find_regions(lines, FORMS, VOCABULARY)
    return lines, found


def texts(blocks):
    lines, found = regions(blocks)
    return {table: " ".join(line.text for line in lines[slice(*span)]) for table, span in found.items()}


def own_numbers(report, table):
    return [text for field, text in report.printed.items() if field.startswith(table + ".")]


@pytest.mark.parametrize(("year", "applications"), MIXTURES)
@pytest.mark.parametrize("layout", ["grid", *TEXTS])
def test_each_table_has_its_own_numbers_and_no_others(layout, year, applications):
    report = numbered(year, applications)
    blocks = grid_blocks(grids(report)) if layout == "grid" else text_blocks(lines_by_table(report, TEXTS[layout]))
    found = texts(blocks)
    assert list(found) == list(TABLES)
    for table in TABLES:
        assert [word for word in found[table].split() if word in report.printed.values()] == own_numbers(report, table)


@pytest.mark.parametrize("gone", TABLES)
def test_a_table_that_is_not_there_has_no_region(gone):
    report = numbered()
    kept = {table: grid for table, grid in grids(report).items() if table != gone}
    assert set(texts(grid_blocks(kept))) == set(kept)


def test_regions_are_apart_and_in_printed_order():
    _, found = regions(text_blocks(lines_by_table(numbered(), tab_rows)))
    spans = [found[table] for table in TABLES]
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_tables_of_other_things_stand_outside():
    report = numbered()
    tables = grids(report)
    found = texts([CONTACT, *grid_blocks(tables), CONTACT])
    assert "4596789" not in " ".join(found.values())
    assert [word for word in found["disputes"].split() if word in report.printed.values()] == own_numbers(
        report, "disputes"
    )


@pytest.mark.parametrize(
    "prose",
    [
        [],
        ["会议通知", "请各单位于3月5日前报送材料。", "联系电话 4596789"],
        [
            "本年度收到申请12件，其中自然人9件，予以公开5件，部分公开3件，均在规定期限内答复，没有引发行政复议或者行政诉讼。"
        ],
        [str(number) for number in range(200)],
    ],
)
def test_without_labels_there_is_no_table(prose):
    assert regions(paragraphs(prose))[1] == {}
    assert regions([CONTACT])[1] == {}


def test_the_labels_of_a_table_are_those_of_all_its_forms():
    both = table_labels([form("2019").table("proactive"), form("2021").table("proactive")])
    assert set(both) == set(table_labels([form("2019").table("proactive")])) | set(
        table_labels([form("2021").table("proactive")])
    )
    assert len(both) == len(set(both))
    assert all(both)


@pytest.mark.parametrize("glued", [True, False])
def test_the_classifier_is_heard_where_a_third_line_holds_a_label_of_the_form_be_it_run_together(glued):
    """Nothing else can be read of the table; two headings alone may stand in any document."""
    rows = ["蝶鲸鹿 1 2 3", "鸥狐猫 4 5 6", "熊虎豹 7 8 9"]
    heading = chapter("applications") + "蝶鲸" if glued else "蝶鲸鹿鸥"
    blocks = paragraphs([chapter("proactive"), heading, *rows, chapter("disputes")])
    lines = lines_of(blocks, table_labels([table for form in FORMS for table in form.tables]), VOCABULARY)
    told = np.zeros((len(TABLES), len(lines)))
    told[TABLES.index("applications"), 2:5] = 1
    assert (find_regions(lines, FORMS, VOCABULARY, told).get("applications", (0, 0))[1] == 5) is glued


@pytest.mark.parametrize(("cut", "found"), [(0, True), (1, False)], ids=["as many cells", "one cell less"])
def test_worn_headings_read_as_numbers_leave_a_table_to_the_heading_above_it_and_its_one_row(cut, found):
    report = numbered()
    drawn = grids(report)
    numbers = own_numbers(report, "disputes")
    kept = numbers[cut:]
    rows = [["IT", "4"], ["年"] * 4 + ["1"] * 5, ["4"] * 4 + ["口"] * 8, kept]
    cells = tuple(Cell(row, column, text, Place()) for row, line in enumerate(rows) for column, text in enumerate(line))
    blocks = [drawn["applications"], *paragraphs([chapter("disputes")]), Grid(cells, len(rows), len(kept), "ruled")]
    lines = lines_of(blocks, table_labels([table for form in FORMS for table in form.tables]), VOCABULARY)
    told = np.zeros((len(TABLES), len(lines)))
    told[1, -4:-1] = 0.98  # the classifier takes them for rows of applications
    spans = find_regions(lines, FORMS, VOCABULARY, told)
    assert (spans["disputes"][1] == len(lines)) == found
    assert spans["applications"][1] <= len(lines) - 5


@pytest.mark.parametrize("between", [True, False], ids=["heading between", "heading above"])
def test_no_table_stands_above_the_heading_of_its_chapter_whatever_the_classifier_says(between):
    """Where labels are worn away, the rows of one table look like those of another."""
    rows = [["凩", "7", "8"], ["凪", "5", "6"], ["凬", "3", "4"]]
    cells = tuple(Cell(row, column, text, Place()) for row, line in enumerate(rows) for column, text in enumerate(line))
    worn, heading = Grid(cells, len(rows), 3, "ruled"), paragraphs([chapter("applications")])
    above = [worn, *heading, worn] if between else [*heading, worn, worn]
    blocks = [*paragraphs([chapter("proactive")]), *above, *paragraphs([chapter("disputes")])]
    lines = lines_of(blocks, table_labels([table for form in FORMS for table in form.tables]), VOCABULARY)
    told = np.zeros((len(TABLES), len(lines)))
    told[TABLES.index("applications"), 1:-1] = 0.9  # the classifier takes all of them for rows of applications
    spans = find_regions(lines, FORMS, VOCABULARY, told)
    assert spans["proactive"] == (0, 4 if between else 1)
    assert spans["applications"] == (4 if between else 1, 8)


def test_a_caption_in_the_midst_of_a_table_is_not_the_heading_of_its_chapter():
    """Reports number their chapters anew, and a caption of the table may stand below its first rows."""
    report = numbered()
    named = chapter("proactive")
    rows = list(grid_blocks(grids(report)))
    at = next(n for n, block in enumerate(rows) if getattr(block, "text", "") == named)
    heading, caption = paragraphs([f"一、{named[2:]}", f"表二：{named[2:]}"])
    table = rows[at + 1]
    above = replace(table, cells=tuple(cell for cell in table.cells if cell.row < 4), rows=4)
    lower = tuple(replace(cell, row=cell.row - 4) for cell in table.cells if cell.row >= 4)
    below = replace(table, cells=lower, rows=table.rows - 4)
    found = texts([*rows[:at], heading, above, caption, below, *rows[at + 2 :]])["proactive"].split()
    printed = [word for cell in table.cells for word in cell.text.split()]
    assert [word for word in found if word not in (heading.text, caption.text)] == printed


@pytest.mark.parametrize(("told", "found"), [(0.4, True), (0.1, False)])
def test_the_only_grid_below_a_heading_is_its_table_where_all_labels_are_worn(told, found):
    texts = ["aq s", "7", "8", "9", "LTTE", "1", "2", "3"]
    worn = Grid(
        tuple(Cell(n // 4, n % 4, text, Place(page=1), ink=True) for n, text in enumerate(texts)), 2, 4, "ruled"
    )
    blocks = grid_blocks(grids(numbered()))
    at = next(n for n, block in enumerate(blocks) if isinstance(block, Grid))
    blocks[at] = worn
    lines = lines_of(blocks, table_labels([table for form in FORMS for table in form.tables]), VOCABULARY)
    likely = np.array([[told * (line.block == at) for line in lines], *[[0.0] * len(lines)] * 2])
    start, end = find_regions(lines, FORMS, VOCABULARY, likely)["proactive"]
    assert any(line.block == at for line in lines[start:end]) is found


def test_rows_above_the_heading_of_a_chapter_go_to_the_table_before_whatever_their_labels_are_like():
    """The sum's label reads like a column's heading of the next table; worn texts part its page from the one above."""
    drawn = grids(numbered())
    big = drawn["applications"]
    cut = big.rows - 2
    top = replace(big, cells=tuple(cell for cell in big.cells if cell.row < cut), rows=cut)
    labels = iter(["七总计", "凩凪凬"])
    rest = [
        replace(cell, row=cell.row - cut, text=cell.text if cell.column >= 3 else next(labels))
        for cell in big.cells
        if cell.row >= cut
    ]
    blocks = [
        *paragraphs([chapter("applications")]),
        top,
        *paragraphs(["消人", "心押", "不内"] * 8),
        Grid(tuple(rest), 2, big.columns, "ruled"),
        *paragraphs([chapter("disputes")]),
        drawn["disputes"],
    ]
    lines, found = regions(blocks)
    assert {line.block for line in lines[slice(*found["disputes"])]} == {len(blocks) - 2, len(blocks) - 1}
    assert len(blocks) - 3 in {line.block for line in lines[slice(*found["applications"])]}


def test_the_heading_of_a_chapter_parts_a_grid_that_its_rules_have_joined():
    """Rules that run on past the heading make it a row of one cell between the last row of a table and the next."""
    drawn = grids(numbered())
    big = drawn["applications"]
    last = [cell for cell in drawn["proactive"].cells if cell.row == drawn["proactive"].rows - 1]
    above = replace(
        drawn["proactive"],
        cells=tuple(cell for cell in drawn["proactive"].cells if cell not in last),
        rows=drawn["proactive"].rows - 1,
    )
    heading = Cell(1, 0, chapter("applications"), Place(), column_span=big.columns)
    joined = [
        *(replace(cell, row=0) for cell in last),
        heading,
        *(replace(cell, row=cell.row + 2) for cell in big.cells),
    ]
    blocks = [
        *paragraphs([chapter("proactive")]),
        above,
        replace(big, cells=tuple(joined), rows=big.rows + 2),
        *paragraphs([chapter("disputes")]),
        drawn["disputes"],
    ]
    lines, found = regions(blocks)
    start = next(at for at, line in enumerate(lines) if line.text == chapter("applications"))
    assert found["proactive"][1] == found["applications"][0] == start
