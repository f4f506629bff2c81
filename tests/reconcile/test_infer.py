"""What is inferred of whole reports: repairs, sources that do not balance, and what stays open."""

from __future__ import annotations

import pytest

from service.reconcile import reconcile
from service.results import Reading
from tests.forms.written import YEARS, balanced
from tests.reconcile.made import missing, readings, specs, with_status
from tests.reconcile.scanned import seen

CELL = "applications.granted.natural_person"
TOTAL = "applications.granted.total"
CLOSED = {"row:granted", "results:natural_person"}


def values_of(fields):
    """The value of every field."""
    return {field: reading.value for field, reading in fields.items()}


def true_values(year: str = "2021"):
    """Values that balance, with a number in the cell that is mostly misread here."""
    return balanced(year, {CELL: 2})


def scanned(**changed: Reading) -> dict[str, Reading]:
    """A scanned report that balances."""
    return {field: seen(value) for field, value in true_values().items()} | changed


def found(fields, year="2021"):
    return reconcile(specs(year), fields)


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.998])
def test_what_balances_is_never_changed(year, confidence):
    fields = {
        field: seen(value, confidence, [((value or 0) + 1, 0.4 * (1 - confidence))])
        for field, value in balanced(year).items()
    }
    result = found(fields, year)
    assert result.findings == ()
    assert {field: (one.value, one.text, one.state) for field, one in result.fields.items()} == {
        field: (one.value, one.text, one.state) for field, one in fields.items()
    }
    assert with_status(result.identities, "holds") == {spec.id for spec in specs(year)}
    assert all(identity.verdict is None for identity in result.identities)


def test_a_misread_cell_becomes_what_a_reader_named_beside_it():
    true = true_values()[CELL]
    fields = scanned(**{CELL: seen(true + 6, 0.9, [(true, 0.08), (true + 1, 0.01)])})
    result = found(fields)
    (finding,) = result.findings
    assert (finding.verdict, set(finding.identities), finding.roots) == ("misread", CLOSED, (CELL,))
    (repair,) = finding.repairs
    assert (repair.field, repair.before, repair.origin) == (CELL, fields[CELL], "alternative")
    assert (set(repair.closes), repair.after) == (CLOSED, result.fields[CELL])
    assert (repair.after.value, repair.after.state, repair.after.text) == (true, "repaired", str(true))
    assert repair.after.alternatives[0].value == true + 6
    assert repair.after.confidence > 0.99 and repair.odds > 200
    assert with_status(result.identities, "holds") == {spec.id for spec in specs("2021")}
    assert {one.id for one in result.identities if one.verdict == "misread"} == CLOSED
    assert {field for field in fields if result.fields[field].value != fields[field].value} == {CELL}


def test_what_no_reader_named_is_proposed_however_well_it_would_fit():
    true = true_values()[CELL]
    fields = scanned(**{CELL: seen(true + 40, 0.3)})
    result = found(fields)
    (finding,) = result.findings
    assert (finding.verdict, finding.repairs) == ("undecided", ())
    assert (finding.proposals[0].field, finding.proposals[0].value, finding.proposals[0].origin) == (CELL, true, "edit")
    assert values_of(result.fields) == values_of(fields)


def test_a_decimal_that_readers_name_elsewhere_makes_no_repair_more_probable():
    """The net then counts in hundredths, and a slip of one is still the smallest that there is."""
    cell = "applications.granted.legal_service"
    true = true_values()[cell]
    fields = scanned(**{cell: seen(true + 1, 0.79, [(true, 0.2)])})
    elsewhere = "applications.refused.state_secret.business"
    decimal = fields | {elsewhere: seen(true_values()[elsewhere], 0.99, [(0.25, 0.001)])}
    (finding,), (same,) = found(fields).findings, found(decimal).findings
    assert finding.repairs == same.repairs == () and finding.verdict == same.verdict == "undecided"
    assert same.odds == pytest.approx(finding.odds, rel=0.05)


def test_clear_ink_is_left_as_printed_however_well_another_number_would_fit():
    true = true_values()[CELL]
    fields = scanned(**{CELL: seen(true + 6, 0.99995)})
    result = found(fields)
    (finding,) = result.findings
    assert (finding.verdict, finding.repairs, set(finding.identities)) == ("unbalanced", (), CLOSED)
    assert finding.roots == (CELL,)
    assert result.fields[CELL].value == true + 6
    assert {one.id for one in result.identities if one.status == "violated"} == CLOSED
    assert {one.id for one in result.identities if one.verdict == "unbalanced"} == CLOSED


def test_what_the_file_itself_says_is_never_edited():
    fields = readings(true_values())
    fields[CELL] = fields[CELL].model_copy(update={"value": fields[CELL].value + 6, "confidence": 0.9})
    result = found(fields)
    assert [finding.verdict for finding in result.findings] == ["unbalanced"]
    assert result.fields[CELL].value == fields[CELL].value


def test_a_reviewed_cell_is_fixed():
    true = true_values()[CELL]
    doubtful = seen(true + 6, 0.6, [(true, 0.39)])
    assert found(scanned(**{CELL: doubtful})).findings[0].verdict == "misread"
    result = found(scanned(**{CELL: doubtful.model_copy(update={"state": "reviewed"})}))
    assert [finding.verdict for finding in result.findings] == ["unbalanced"]
    assert result.fields[CELL].value == true + 6


def test_a_total_that_fails_against_sure_parts_is_a_slip_of_the_source():
    field = "disputes.reconsideration.total"
    fields = {name: reading.model_copy(update={"confidence": 0.9999}) for name, reading in scanned().items()}
    fields[field] = seen(fields[field].value + 2, 0.9999)
    (finding,) = found(fields).findings
    assert (finding.verdict, finding.identities) == ("unbalanced", ("disputes:reconsideration",))


def test_a_total_does_not_overrule_a_part_by_itself():
    """One identity alone singles out no digit that nobody has read."""
    field = "disputes.reconsideration.upheld"
    result = found(scanned(**{field: seen(true_values()[field] + 2, 0.7)}))
    (finding,) = result.findings
    assert (finding.verdict, finding.repairs) == ("undecided", ())
    assert field in {proposal.field for proposal in finding.proposals}


def test_two_misreadings_apart_are_two_findings():
    other = "applications.refused.internal_affairs.other"
    values = true_values()
    fields = scanned(**{CELL: seen(values[CELL] + 6, 0.9, [(values[CELL], 0.09)])})
    fields[other] = seen(values[other] + 3, 0.7, [(values[other], 0.29)])
    result = found(fields)
    assert [(one.verdict, one.roots) for one in result.findings] == [("misread", (CELL,)), ("misread", (other,))]
    assert with_status(result.identities, "violated") == set()


def test_a_misreading_is_repaired_beside_a_source_that_does_not_balance_elsewhere():
    slip = "applications.refused.internal_affairs.other"
    values = true_values()
    fields = scanned(**{CELL: seen(values[CELL] + 6, 0.9, [(values[CELL], 0.09)])})
    fields[slip] = seen(values[slip] + 3, 0.99995)
    result = found(fields)
    assert {(one.verdict, one.roots) for one in result.findings} == {("misread", (CELL,)), ("unbalanced", (slip,))}
    assert (result.fields[CELL].value, result.fields[slip].value) == (values[CELL], values[slip] + 3)


def test_a_misreading_is_repaired_beside_another_cell_of_its_row_that_stays_open():
    """Its column closes; its row goes on failing by what the other cell is off."""
    slip = "applications.granted.other"
    values = true_values()
    fields = scanned(**{CELL: seen(values[CELL] + 6, 0.6, [(values[CELL], 0.39)])})
    fields[slip] = seen(values[slip] + 3, 0.99995)
    result = found(fields)
    mended, left = result.findings
    assert (mended.verdict, mended.roots, mended.identities) == ("misread", (CELL,), ("results:natural_person",))
    assert mended.repairs[0].closes == ("results:natural_person",)
    assert (left.verdict, set(left.identities), left.repairs) == ("unbalanced", {"row:granted", "results:other"}, ())
    assert (result.fields[CELL].value, result.fields[slip].value) == (values[CELL], values[slip] + 3)
    assert with_status(result.identities, "violated") == {"row:granted", "results:other"}


def test_a_cell_that_closes_nothing_by_itself_is_left():
    """Two cells of one group, where the one is surely misread and what the other holds is open."""
    first, second = "disputes.reconsideration.upheld", "disputes.reconsideration.corrected"
    fields = scanned()
    values = values_of(fields)
    fields[first] = seen(values[first] + 6, 0.5, [(values[first], 0.49)])
    fields[second] = seen(values[second] + 3, 0.99995)
    result = found(fields)
    assert [finding.verdict for finding in result.findings] == ["undecided"]
    assert values_of(result.fields) == values_of(fields)


def test_two_ways_that_are_equally_good_are_left_to_a_person():
    """Two cells of one group that each could close it alone."""
    fields = scanned()
    for part in ("upheld", "corrected"):
        field = f"disputes.reconsideration.{part}"
        fields[field] = seen(fields[field].value, 0.8, [(fields[field].value + 1, 0.19)])
    total = "disputes.reconsideration.total"
    fields[total] = seen(fields[total].value + 1)
    result = found(fields)
    (finding,) = result.findings
    assert (finding.verdict, finding.ways >= 2, finding.repairs) == ("undecided", True, ())
    assert len(finding.proposals) >= 2
    assert {field: one.value for field, one in result.fields.items()} == {
        field: one.value for field, one in fields.items()
    }


def test_a_missing_cell_leaves_its_identities_unknown_and_is_never_filled():
    fields = scanned(**{CELL: missing()})
    result = found(fields)
    assert result.fields[CELL] == fields[CELL]
    assert with_status(result.identities, "unknown") == CLOSED
    assert result.findings == ()


def test_nothing_over_nothing():
    assert reconcile([], {}).findings == ()


def test_a_cell_of_which_hardly_anything_is_known_is_not_repaired_by_what_is_named_in_passing():
    true = true_values()[CELL]
    known = scanned(**{CELL: seen(true + 40, 0.2, [(true, 0.4)])})
    assert [one.verdict for one in found(known).findings] == ["misread"]
    unknown = scanned(**{CELL: seen(true + 40, 0.2, [(true, 0.08)])})
    result = found(unknown)
    assert [(one.verdict, one.repairs) for one in result.findings] == [("undecided", ())]
    assert values_of(result.fields) == values_of(unknown)
