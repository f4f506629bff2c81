"""What became of a scan tells how far its readings may be trusted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.reconcile import check_identities, prove, read_proof, reconcile
from service.reconcile.model import Reconciliation
from service.reconcile.proof import bound_fields, is_sound
from service.results import Issue
from tests.forms.written import balanced
from tests.reconcile.made import missing, read, specs

PROOF = read_proof(
    {"bound": [(0.0, 0.1), (0.5, 0.7)], "free": [(0.0, 0.2), (0.9, 0.97)], "unproven": [(0.0, 0.3), (0.9, 0.85)]}
)
FREE = "proactive.licensing.decisions"
BOUND = "applications.received.total"
PARTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other")


def found(**changed):
    fields = {name: read(value, 0.8, scan=True) for name, value in balanced("2021").items()}
    identities = check_identities(specs("2021"), fields)
    return Reconciliation({**fields, **changed}, identities, ())


def test_readings_of_a_sound_scan_are_no_surer_than_was_measured():
    assert FREE not in bound_fields(specs("2021"))
    fields = prove(found(), specs("2021"), (), PROOF).fields
    assert fields[BOUND].confidence == 0.7
    assert fields[FREE].confidence == 0.2
    assert [one.value for one in fields.values()] == [one.value for one in found().fields.values()]


@pytest.mark.parametrize("status", ["violated", "unknown"])
def test_nothing_is_proven_where_an_identity_does_not_hold(status):
    whole = found()
    first, *others = whole.identities
    failing = replace(whole, identities=(first.model_copy(update={"status": status}), *others))
    fields = prove(failing, specs("2021"), (), PROOF).fields
    assert is_sound(whole, ())
    assert fields[BOUND].confidence == 0.8  # another identity of it holds
    assert fields[FREE].confidence == 0.3


def test_nothing_is_proven_where_a_field_is_missing():
    gone = found(**{FREE: missing()})
    fields = prove(gone, specs("2021"), (), PROOF).fields
    assert not is_sound(gone, ())
    assert fields[BOUND].confidence == 0.8
    assert fields[FREE].state == "missing"


def test_what_no_identity_confirms_is_doubted_where_a_row_has_no_place():
    lost = Issue(code="unplaced-row", severity="error", message="A row of numbers has no place.")
    sure = found(**{FREE: read(3, 0.95, scan=True)})
    assert prove(sure, specs("2021"), (), PROOF).fields[FREE].confidence == 0.95
    assert prove(sure, specs("2021"), (lost,), PROOF).fields[FREE].confidence == 0.85
    assert prove(sure, specs("2021"), (lost,), PROOF).fields[BOUND].confidence == 0.8


@pytest.mark.parametrize(("confidence", "left"), [(0.949, 0.91), (0.95, 0.95), (0.9, 0.9)])
@pytest.mark.parametrize("issues", [(), (Issue(code="unplaced-row", severity="error", message="A row is nowhere."),)])
def test_what_no_identity_sees_is_sure_by_itself_or_needs_a_person(confidence, left, issues):
    trusting = read_proof({"bound": [(0.0, 1.0)], "free": [(0.0, 1.0)], "unproven": [(0.0, 1.0)]})
    unsure = found(**{FREE: read(3, confidence, scan=True), BOUND: read(20, confidence, scan=True)})
    fields = prove(unsure, specs("2021"), issues, trusting).fields
    assert fields[FREE].confidence == left
    assert fields[BOUND].confidence == confidence
    text = found(**{FREE: read(3, confidence)})
    assert prove(text, specs("2021"), issues, trusting).fields[FREE].confidence == confidence


def placed(value, confidence, page, x, y, height=0.02, *, scan=True):
    place = {"page": page, "bbox": (x, y, x + 0.05, y + height)}
    return read(value, confidence, scan=scan).model_copy(update=place)


def test_beside_a_number_that_the_sums_deny_none_is_sure():
    lost = Issue(code="unplaced-row", severity="error", message="A row of numbers has no place.")
    row = [f"applications.received.{name}" for name in PARTS]
    denied, beside, higher, below, elsewhere, text = row
    whole = found(
        **{
            denied: placed(1, 0.01, 2, 0.4, 0.3),
            beside: placed(4, 0.999, 2, 0.6, 0.305),
            higher: placed(4, 0.999, 2, 0.7, 0.2, 0.2),
            below: placed(4, 0.999, 2, 0.4, 0.33),
            elsewhere: placed(4, 0.999, 3, 0.6, 0.3),
            text: placed(4, 0.999, 2, 0.8, 0.3, scan=False),
        }
    )
    fields = prove(whole, specs("2021"), (lost,), PROOF).fields
    confidences = [fields[name].confidence for name in row]
    assert confidences == [0.01, 0.9, 0.9, 0.999, 0.999, 0.999]
    assert prove(whole, specs("2021"), (), PROOF).fields[beside].confidence == 0.7  # of a sound scan


@pytest.mark.parametrize("changed", [{}, {BOUND: missing()}])
def test_no_reading_becomes_surer_than_its_ink(changed):
    poor = found(**{FREE: read(3, 0.1, scan=True), **changed})
    assert prove(poor, specs("2021"), (), PROOF).fields[FREE].confidence == 0.1


def test_texts_and_what_a_person_set_keep_their_confidence():
    reviewed = read(3, 1.0, scan=True).model_copy(update={"state": "reviewed"})
    fields = prove(found(**{FREE: read(3, 0.6), BOUND: reviewed}), specs("2021"), (), PROOF).fields
    assert fields[FREE].confidence == 0.6
    assert fields[BOUND].confidence == 1.0


def test_without_curves_nothing_changes():
    whole = found()
    assert prove(whole, specs("2021"), (), read_proof(None)) is whole


def test_source_is_not_blamed_where_a_row_has_no_place():
    slip = balanced("2021") | {BOUND: balanced("2021")[BOUND] + 3000}
    readings = {name: read(value, 0.9999, scan=True) for name, value in slip.items()}
    said = reconcile(specs("2021"), readings)
    assert {one.verdict for one in said.findings} == {"unbalanced"}
    blamed = prove(said, specs("2021"), (), PROOF)
    assert {one.verdict for one in blamed.findings} == {"unbalanced"}
    lost = Issue(code="unplaced-row", severity="error", message="A row of numbers has no place.")
    for proof in (PROOF, None):
        told = prove(said, specs("2021"), (lost,), proof)
        assert {one.verdict for one in told.findings} == {"undecided"}
        failing = {one.verdict for one in told.identities if one.status == "violated"}
        assert failing == {"undecided"}


@pytest.mark.parametrize(("code", "confidence"), [("unplaced-row", 0.97), ("uncertain-place", 0.97), ("other", 0.9999)])
def test_nothing_is_surer_than_it_was_placed_where_numbers_have_no_place(code, confidence):
    as_read = {name: read(value, 0.97, scan=True) for name, value in balanced("2021").items()}
    raised = {name: read(value, 0.9999, scan=True) for name, value in balanced("2021").items()}
    repaired = raised | {BOUND: raised[BOUND].model_copy(update={"state": "repaired"})}
    said = replace(reconcile(specs("2021"), raised), fields=repaired)
    issue = Issue(code=code, severity="warning", message="A row of numbers has no place.")
    fields = prove(said, specs("2021"), (issue,), None, as_read).fields
    beside = next(name for name in fields if name not in (BOUND, FREE))
    assert (fields[FREE].confidence, fields[beside].confidence) == (confidence, confidence)
    assert fields[BOUND].confidence == 0.9999
