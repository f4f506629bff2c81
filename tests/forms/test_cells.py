"""Cells and forms: what is printed in a cell, what is not, and whose fields they are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.documents.model import Alternative
from service.reconcile import SURE, reconcile
from tests.forms.damaged import BIG, COLUMNS, GRIDS, REPORT, ROW, THIRD, of_row, read_big
from tests.forms.written import (
    FORMS,
    VOCABULARY,
    balanced,
    changed,
    grid_blocks,
    grids,
    missing,
    numbered,
    printed,
    read,
    row_of,
    scanned,
    silent,
    without_rows,
)


def row_printed(texts, ink=None, as_scan=True):
    """The report with other texts in one row, as scanned grid or as markup; `ink` says what the picture shows."""
    row = row_of(BIG, THIRD)

    def change(cell):
        if cell.row != row or cell.column < 3:
            return cell
        text = texts[cell.column - 3]
        seen = bool(text) if ink is None else ink[cell.column - 3]
        return replace(cell, text=text, ink=seen if as_scan else None)

    reading = read_big(changed(scanned(BIG) if as_scan else BIG, change))
    return [reading.fields[ROW + column] for column in COLUMNS], reading


@pytest.mark.parametrize("as_scan", [True, False], ids=["scan", "markup"])
def test_zero_blank_stroke_and_unreadable_are_four_things(as_scan):
    found, reading = row_printed(["", "0", "/", "—", "无", "5", "见附件"], as_scan=as_scan)
    assert [(one.state, one.value) for one in found] == [
        ("blank", None), ("read", 0), ("marked", None), ("marked", None), ("marked", None), ("read", 5),
        ("missing", None),
    ]  # fmt: skip
    assert [one.text for one in found] == ["", "0", "/", "—", "无", "5", "见附件"]
    assert [one.confidence >= SURE for one in found] == [True] * 6 + [False]
    assert [(issue.code, issue.fields) for issue in reading.issues] == [("unreadable-cell", (ROW + "total",))]


@pytest.mark.parametrize(("text", "as_scan", "sure"), [("", True, False), ("", False, True), ("7", True, True)])
def test_a_line_through_one_empty_cell_of_a_column_may_be_a_number(text, as_scan, sure):
    """All other rows have the two columns of the grid in one; what is printed beside the line is the number still."""
    row = row_of(BIG, THIRD)
    cells = []
    for cell in BIG.cells:
        start, end = (edge + (edge > 3) for edge in (cell.column, cell.column + cell.column_span))
        if (cell.row, cell.column) == (row, 3):
            cells += [replace(cell, text=part, column=at, column_span=1) for part, at in ((text, 3), ("", 4))]
        else:
            cells.append(replace(cell, column=start, column_span=end - start))
    wide = replace(BIG, cells=tuple(cells), columns=BIG.columns + 1)
    fields = read_big(scanned(wide) if as_scan else wide).fields
    field = fields[ROW + COLUMNS[0]]
    assert (field.text, field.confidence >= SURE) == (text, sure)
    assert all(fields[ROW + column].confidence >= SURE for column in COLUMNS[1:])


def test_a_cell_without_place_has_no_text_and_no_confidence():
    reading = read_big(without_rows(BIG, [row_of(BIG, THIRD)]))
    assert {(reading.fields[field].text, reading.fields[field].confidence) for field in of_row(ROW)} == {(None, 0)}


def test_ink_that_was_not_read_is_not_blank():
    found, reading = row_printed(["0", "", "0", "0", "0", "0", "0"], ink=[True] * 7)
    assert (found[1].state, found[1].value, found[1].confidence) == ("missing", None, 0)
    assert [(issue.code, issue.severity, issue.fields) for issue in reading.issues] == [
        ("unreadable-cell", "error", (ROW + "business",))
    ]


def test_letters_for_digits_are_doubtful_numbers_of_a_scan_and_unreadable_elsewhere():
    texts = ["O", "l2", "1O", "0", "0", "0", "0"]
    found, _ = row_printed(texts)
    assert [one.value for one in found] == [0, 12, 10, 0, 0, 0, 0]
    assert [one.confidence >= SURE for one in found] == [False] * 3 + [True] * 4
    found, _ = row_printed(texts, as_scan=False)
    assert [one.state for one in found] == ["missing"] * 3 + ["read"] * 4


def test_negative_numbers_are_doubtful_where_the_column_has_no_sign():
    found, _ = row_printed(["-3", "0", "0", "0", "0", "0", "0"], as_scan=False)
    assert (found[0].value, found[0].confidence < SURE) == (-3, True)
    field = "proactive.licensing.change"
    signed = read(grid_blocks(grids(printed(numbered("2019"), {field: "-3"}, {field: -3})))).fields[field]
    assert (signed.value, signed.confidence >= SURE) == (-3, True)


@pytest.mark.parametrize("text", ["5.", "00", "12 34"])
def test_a_number_cut_off_or_doubled_is_doubtful(text):
    found, _ = row_printed([text, "0", "0", "0", "0", "0", "0"], as_scan=False)
    assert found[0].state == "read"
    assert found[0].confidence < SURE


def test_the_confidence_of_a_cell_is_that_of_its_reading():
    row = row_of(BIG, THIRD)
    seen = changed(
        scanned(BIG),
        lambda c: replace(c, confidence=0.6) if (c.row, c.column) == (row, 4) else replace(c, confidence=0.99),
    )
    fields = read_big(seen).fields
    assert fields[ROW + "business"].confidence <= 0.6
    assert fields[ROW + "research"].confidence == pytest.approx(0.99, abs=0.02)
    assert fields[ROW + "business"].reader == "ppocr"


def test_other_readings_of_a_cell_go_on():
    row = row_of(BIG, THIRD)
    other = (Alternative("8", 0.3, "digits"), Alternative("见", 0.2, "digits"))
    seen = changed(scanned(BIG), lambda c: replace(c, alternatives=other) if (c.row, c.column) == (row, 4) else c)
    (alternative,) = read_big(seen).fields[ROW + "business"].alternatives
    assert (alternative.value, alternative.confidence, alternative.reader) == (8, 0.3, "digits")


# Forms


def test_a_table_that_is_missing_has_the_fields_of_the_reports_form():
    for year in ("2019", "2021"):
        report = numbered(year)
        reading = read(grid_blocks({table: grid for table, grid in grids(report).items() if table != "disputes"}))
        assert missing(reading) == {field for field in report.values if field.startswith("disputes.")}
        assert {table.form.year for table in reading.tables} == {year}
        assert [issue.code for issue in reading.issues] == ["field-missing"]


def test_without_the_first_table_the_others_name_the_form():
    report = numbered("2019")
    reading = read(grid_blocks({table: grid for table, grid in grids(report).items() if table != "proactive"}))
    assert reading.template.year == "2019"
    assert set(reading.fields) == set(report.values)


def test_nothing_at_all_gives_every_field_missing():
    reading = read([])
    assert missing(reading) == set(reading.fields) != set()
    assert reading.regions == {}


def test_the_tables_in_another_order_are_never_mixed_up():
    order = ("disputes", "applications", "proactive")
    reading = read(grid_blocks({table: GRIDS[table] for table in order}))
    assert silent(reading, REPORT) == {}


def test_reading_depends_on_nothing_but_its_input():
    blocks = grid_blocks(GRIDS)
    assert read(blocks).fields == read(list(blocks)).fields
    assert {form.id for form in FORMS} == {"cn-disclosure-2019", "cn-disclosure-2021"}
    assert VOCABULARY.marks


def under_words(*readings):
    """A field of a balanced report over whose number a seal's characters run; the readers name numbers beside them."""
    values = balanced("2021", {ROW + "business": 3})
    shown = grids(printed(numbered(), {field: str(value) for field, value in values.items()}, values))
    big = scanned(shown["applications"])
    at = (row_of(big, THIRD), 4)
    others = tuple(Alternative(text, probability, "digits") for text, probability in readings)
    words = changed(big, lambda c: replace(c, text="民政", alternatives=others) if (c.row, c.column) == at else c)
    reading = read(grid_blocks({**shown, "applications": (words,)}))
    return reading.fields[ROW + "business"], reconcile(reading.identities, reading.fields).fields[ROW + "business"]


def test_a_number_under_words_is_doubtful_till_the_identities_confirm_it():
    found, weighed = under_words(("3", 0.45), ("8", 0.1))
    assert (found.value, found.confidence, found.reader) == (3, pytest.approx(0.45, abs=0.01), "digits")
    assert found.bbox is not None
    assert [one.value for one in found.alternatives] == [8]
    assert (weighed.value, weighed.confidence > 0.9) == (3, True)


def test_a_wrong_number_under_words_is_never_sure():
    found, weighed = under_words(("8", 0.45), ("3", 0.1))
    assert (found.value, found.confidence < 0.5) == (8, True)
    assert weighed.value == 3 or weighed.confidence < 0.5


def test_words_under_which_no_number_is_named_stay_missing():
    assert {one.state for one in under_words(("见", 0.4), ("3", 0.02))} == {"missing"}
