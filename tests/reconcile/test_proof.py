"""A scan of which every field was found and every identity holds proves its readings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.reconcile import check_identities, prove, read_proof
from service.reconcile.model import Reconciliation
from service.reconcile.proof import bound_fields, is_sound
from tests.forms.written import balanced
from tests.reconcile.made import missing, read, specs

PROOF = read_proof({"bound": [(0.0, 0.1), (0.5, 0.99)], "free": [(0.0, 0.2), (0.9, 0.97)]})
FREE = "proactive.licensing.decisions"
BOUND = "applications.received.total"


def found(**changed):
    fields = {name: read(value, 0.8, scan=True) for name, value in balanced("2021").items()}
    identities = check_identities(specs("2021"), fields)
    return Reconciliation({**fields, **changed}, identities, ())


def test_readings_of_a_sound_scan_have_the_confidence_that_was_measured():
    assert FREE not in bound_fields(specs("2021"))
    fields = prove(found(), specs("2021"), PROOF).fields
    assert fields[BOUND].confidence == 0.99
    assert fields[FREE].confidence == 0.2
    assert [one.value for one in fields.values()] == [one.value for one in found().fields.values()]


@pytest.mark.parametrize("status", ["violated", "unknown"])
def test_nothing_is_proven_where_an_identity_does_not_hold(status):
    whole = found()
    first, *others = whole.identities
    failing = replace(whole, identities=(first.model_copy(update={"status": status}), *others))
    assert is_sound(whole)
    assert prove(failing, specs("2021"), PROOF) is failing


def test_nothing_is_proven_where_a_field_is_missing():
    gone = found(**{FREE: missing()})
    assert not is_sound(gone)
    assert prove(gone, specs("2021"), PROOF) is gone


def test_texts_and_what_a_person_set_keep_their_confidence():
    reviewed = read(3, 1.0, scan=True).model_copy(update={"state": "reviewed"})
    fields = prove(found(**{FREE: read(3, 0.6), BOUND: reviewed}), specs("2021"), PROOF).fields
    assert fields[FREE].confidence == 0.6
    assert fields[BOUND].confidence == 1.0


def test_without_curves_nothing_changes():
    whole = found()
    assert prove(whole, specs("2021"), read_proof(None)) is whole
