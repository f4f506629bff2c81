"""Known ways to go wrong, each with its verdict."""

from __future__ import annotations

import pytest

from service.reconcile import reconcile
from tests.forms.written import balanced, form
from tests.reconcile.made import readings, specs, with_status
from tests.reconcile.scanned import seen

ROW = [f"applications.granted.{one}" for one in ("natural_person", "business", "research", "public_welfare")]
ROW += [f"applications.granted.{one}" for one in ("legal_service", "other", "total")]
PARTS = dict(zip(ROW, (5, 0, 2, 0, 0, 0), strict=False))
ALL = {spec.id for spec in specs("2021")}


def scanned(**changed):
    return {field: seen(value, 0.9999) for field, value in balanced("2021", PARTS).items()} | changed


def found(fields):
    return reconcile(specs("2021"), fields)


@pytest.mark.parametrize("value", [0, None])
def test_a_table_of_zeros_is_neither_failing_nor_changed(value):
    names = [spec.id for spec in form("2021").table("applications").fields()]
    fields = scanned() | dict.fromkeys(names, seen(value, 0.97))
    result = found(fields)
    assert result.findings == ()
    assert all((result.fields[name].value, result.fields[name].state) == (value, fields[name].state) for name in names)


def test_an_empty_table_proves_little_of_its_own_cells():
    """Where a table was lost, nothing and nothing makes nothing, too; zeros that were read prove each other."""
    names = [spec.id for spec in form("2021").table("applications").fields()]
    lost = found(scanned() | dict.fromkeys(names, seen(None, 0.9))).fields[names[0]].confidence
    read = found(scanned() | dict.fromkeys(names, seen(0, 0.9, [(1, 0.09)]))).fields[names[0]].confidence
    assert 1 - lost > 3 * (1 - read)


@pytest.mark.parametrize("step", [1, -1])
def test_a_row_one_cell_off_is_told_and_not_moved(step):
    true = balanced("2021", PARTS)
    values = [true[field] for field in ROW]
    moved = [0, *values[:-1]] if step == 1 else [*values[1:], 0]
    fields = scanned(**{field: seen(value, 0.9999) for field, value in zip(ROW, moved, strict=True)})
    result = found(fields)
    (finding,) = result.findings
    assert (finding.verdict, finding.pattern, finding.repairs) == ("undecided", "shifted-row", ())
    assert set(finding.identities) == with_status(result.identities, "violated")
    assert {one.field: one.value for one in finding.proposals} == {
        field: true[field] for field, value in zip(ROW, moved, strict=True) if value != true[field]
    }
    assert all(result.fields[field].value == fields[field].value for field in ROW)


def test_a_row_with_one_misread_cell_is_not_shifted():
    true = balanced("2021", PARTS)
    result = found(scanned(**{ROW[0]: seen(true[ROW[0]] + 3, 0.7, [(true[ROW[0]], 0.29)])}))
    assert [(one.verdict, one.pattern) for one in result.findings] == [("misread", None)]


def test_two_misreadings_that_cancel_out_in_their_row_are_told_by_the_columns():
    true = balanced("2021", PARTS)
    changed = {
        ROW[0]: seen(true[ROW[0]] + 3, 0.6, [(true[ROW[0]], 0.39)]),
        ROW[2]: seen(true[ROW[2]] - 2, 0.6, [(true[ROW[2]], 0.39)]),
        ROW[6]: seen(true[ROW[6]] + 1, 0.6, [(true[ROW[6]], 0.39)]),
    }
    result = found(scanned(**changed))
    (finding,) = result.findings
    assert (finding.verdict, finding.pattern, set(finding.roots)) == ("misread", "cancelling", set(changed))
    assert "row:granted" not in finding.identities
    assert {field: result.fields[field].value for field in changed} == {field: true[field] for field in changed}
    assert with_status(result.identities, "holds") == ALL


def test_a_total_that_repeats_a_part_is_copied_and_left():
    true = balanced("2021", PARTS)
    result = found(scanned(**{ROW[6]: seen(true[ROW[0]], 0.99995)}))
    (finding,) = result.findings
    assert (finding.verdict, finding.pattern, finding.roots) == ("unbalanced", "copied-total", (ROW[6],))
    assert result.fields[ROW[6]].value == true[ROW[0]]


def test_another_wrong_total_is_not_copied():
    result = found(scanned(**{ROW[6]: seen(balanced("2021", PARTS)[ROW[6]] + 11, 0.99995)}))
    assert [(one.verdict, one.pattern) for one in result.findings] == [("unbalanced", None)]


@pytest.mark.parametrize("text", [False, True])
def test_a_blank_total_over_parts_is_suggested_and_never_filled_in(text):
    total = "disputes.reconsideration.total"
    fields = readings(balanced("2021", PARTS)) if text else scanned()
    fields[total] = fields[total].model_copy(update={"value": None, "text": "", "state": "blank"})
    result = found(fields)
    (finding,) = result.findings
    assert (finding.verdict, finding.pattern, finding.roots) == ("unbalanced", "blank-total", (total,))
    sum_ = sum(fields[f"disputes.reconsideration.{part}"].value for part in ("upheld", "corrected", "other", "pending"))
    assert [(one.field, one.value) for one in finding.proposals] == [(total, sum_)]
    assert (result.fields[total].value, result.fields[total].state) == (None, "blank")


def test_totals_left_blank_throughout_are_one_way_of_one_agency():
    """A column of totals left blank, as one of the real reports has it: nothing else is touched."""
    fields = readings(balanced("2021", PARTS))
    rows = [spec.right[0] for spec in specs("2021") if spec.id.startswith("row:") and "concluded" not in spec.id]
    for name in rows:
        if ".received." not in name and ".carried" not in name:
            fields[name] = fields[name].model_copy(update={"value": None, "text": "", "state": "blank"})
    result = found(fields)
    assert {one.verdict for one in result.findings} == {"unbalanced"}
    assert all(result.fields[name].value == fields[name].value for name in fields)
    assert any(one.pattern == "blank-total" for one in result.findings)
