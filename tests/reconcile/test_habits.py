"""How sure a reading of nothing is, by what else its table and its row print for nothing."""

from __future__ import annotations

import pytest

from service.reconcile import reconcile
from tests.forms.written import balanced, form
from tests.reconcile.made import readings, specs
from tests.reconcile.scanned import seen

TABLE = "applications"
NAMES = [spec.id for spec in form("2021").table(TABLE).fields()]
CELL = "applications.refused.state_secret.business"
ROW = [name for name in NAMES if name.startswith("applications.refused.state_secret.")]


def after(usual, cell, row=None):
    """The confidence of one cell in a table whose other cells are all sure and alike; its row may differ."""
    fields = readings(balanced("2021")) | dict.fromkeys(NAMES, usual)
    fields |= dict.fromkeys(ROW, row or usual) | {CELL: cell}
    return reconcile(specs("2021"), fields).fields[CELL]


def test_a_faint_zero_is_sure_in_a_table_that_prints_its_zeros():
    assert after(seen(0), seen(0, 0.7, [(None, 0.28)])).confidence > 0.98


def test_a_faint_zero_is_doubtful_in_a_table_that_leaves_them_blank():
    assert after(seen(None), seen(0, 0.7, [(None, 0.28)])).confidence < 0.2


def test_a_cell_that_seems_empty_is_doubtful_in_a_table_that_prints_its_zeros():
    assert after(seen(0), seen(None, 0.95, [(0, 0.03)])).confidence < 0.5
    assert after(seen(0), seen(None, 0.5)).confidence < 0.1


def test_a_stroke_is_doubtful_in_a_table_that_prints_its_zeros():
    stroke = seen(None, 0.98, state="marked")
    assert after(seen(0), stroke).confidence < 0.9
    assert after(seen(None, state="marked"), stroke).confidence > 0.98


def test_what_is_surely_empty_stays_so_whatever_the_others_are():
    assert after(seen(0), seen(None, 0.99995)).confidence > 0.98
    assert after(seen(0), seen(None, 1.0)).confidence == 1.0


def test_a_cell_that_seems_empty_is_sure_in_a_table_that_leaves_zeros_blank():
    assert after(seen(None), seen(None, 0.9, [(0, 0.08)])).confidence > 0.98


def test_a_row_may_have_a_way_of_its_own():
    doubtful = seen(None, 0.9, [(0, 0.08)])
    assert after(seen(0), doubtful).confidence < 0.3
    assert after(seen(0), doubtful, row=seen(None)).confidence > 0.9


@pytest.mark.parametrize("usual", [seen(0), seen(None), seen(None, state="marked")])
def test_no_habit_makes_a_number_of_nothing_or_nothing_of_a_number(usual):
    """Zero against one is no matter of habit: here no identity helps either, for every total is missing."""
    missing = [name for name in NAMES if name.endswith(".total") or ".received." in name or ".concluded." in name]
    fields = readings(balanced("2021")) | dict.fromkeys(NAMES, usual)
    for name in missing:
        fields[name] = fields[name].model_copy(update={"state": "missing", "value": None, "text": None})
    fields[CELL] = seen(1, 0.6, [(0, 0.3), (2, 0.1)])
    confidence = reconcile(specs("2021"), fields).fields[CELL].confidence
    assert confidence == pytest.approx(0.6)


def test_an_empty_cell_and_a_stroke_are_the_same_value():
    assert after(seen(None), seen(None, 0.6, [("/", 0.39)])).confidence > 0.98


def test_a_zero_that_no_reader_names_is_never_put_in_place_of_an_empty_cell():
    reading = after(seen(0), seen(None, 0.5))
    assert (reading.value, reading.state) == (None, "blank")


def test_a_hidden_zero_is_a_zero_where_its_sums_hold_and_the_table_prints_all_others():
    reading = after(seen(0), seen(None, 0.5, [(0, 0.3), (1, 0.05)]))
    assert (reading.value, reading.text, reading.state) == (0, "0", "read")
    assert reading.confidence > 0.95
    assert (reading.alternatives[0].value, reading.alternatives[0].reader) == (None, "ink")


def test_a_hidden_stroke_is_a_stroke_where_the_table_strikes_out_all_others():
    reading = after(seen(None, state="marked"), seen(0, 0.3, [("/", 0.1), (4, 0.3)]))
    assert (reading.value, reading.text, reading.state) == (None, "/", "marked")


@pytest.mark.parametrize(
    "cell",
    [
        seen(None, 0.95, [(0, 0.04)]),
        seen(None, 0.5, [(0, 0.01)]),
        seen(None, 0.6, [(0, 0.1)], state="marked"),
    ],
)
def test_what_is_clear_or_what_a_reader_hardly_names_stays_as_it_was_read(cell):
    reading = after(seen(0), cell)
    assert (reading.value, reading.state) == (None, cell.state)


def test_nothing_is_printed_otherwise_where_its_sums_fail_for_it_may_be_a_number():
    fields = readings(balanced("2021")) | dict.fromkeys(NAMES, seen(0))
    fields |= {CELL: seen(None, 0.5, [(0, 0.3)]), CELL.rpartition(".")[0] + ".total": seen(3)}
    assert reconcile(specs("2021"), fields).fields[CELL].state == "blank"


def test_each_table_has_its_own_habit():
    disputes = [spec.id for spec in form("2021").table("disputes").fields()]
    fields = readings(balanced("2021")) | dict.fromkeys(NAMES, seen(0)) | dict.fromkeys(disputes, seen(None))
    fields[disputes[0]] = seen(None, 0.9, [(0, 0.08)])
    assert reconcile(specs("2021"), fields).fields[disputes[0]].confidence > 0.98
