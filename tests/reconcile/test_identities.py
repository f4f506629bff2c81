from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.forms.catalogue import IdentitySpec
from service.reconcile import check_identities
from tests.forms.written import YEARS, balanced, form
from tests.reconcile.made import marked, missing, read, readings, specs, with_status

FIELDS = {year: [spec.id for spec in form(year).fields()] for year in YEARS}
COLUMNS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other")


def holding(year, fields):
    """The identities that a field takes part in, by the form's own list."""
    return {spec.id for spec in specs(year) if set(fields) & {*spec.left, *spec.right}}


@pytest.mark.parametrize("year", YEARS)
def test_a_balanced_table_holds(year):
    identities = check_identities(specs(year), readings(balanced(year)))
    assert with_status(identities, "holds") == {spec.id for spec in specs(year)}
    assert len(identities) == {"2019": 23 + 7 + 7 + 3, "2021": 25 + 7 + 7 + 3}[year]
    assert all(identity.left == identity.right for identity in identities)
    assert any(identity.left for identity in identities)


@pytest.mark.parametrize("year", YEARS)
def test_every_single_change_breaks_exactly_the_identities_of_its_cell(year):
    fields = readings(balanced(year))
    for field in FIELDS[year]:
        changed = {**fields, field: read((fields[field].value or 0) + 1)}
        identities = check_identities(specs(year), changed)
        assert with_status(identities, "violated") == holding(year, [field]), field
        assert with_status(identities, "unknown") == set()


@pytest.mark.parametrize("year", YEARS)
def test_a_missing_cell_leaves_exactly_its_identities_unknown(year):
    fields = readings(balanced(year))
    for field in FIELDS[year]:
        identities = check_identities(specs(year), {**fields, field: missing()})
        assert with_status(identities, "unknown") == holding(year, [field]), field
        assert with_status(identities, "violated") == set()


def test_which_identities_a_cell_is_in():
    assert holding("2021", ["applications.refused.state_secret.business"]) == {
        "row:refused.state_secret", "results:business",
    }  # fmt: skip
    assert holding("2021", ["applications.concluded.total"]) == {"row:concluded", "balance:total", "results:total"}
    assert holding("2019", ["applications.received.other"]) == {"row:received", "balance:other"}
    assert holding("2019", ["disputes.reconsideration.total"]) == {"disputes:reconsideration"}
    assert holding("2021", ["proactive.regulations.issued"]) == set()


@pytest.mark.parametrize("year", YEARS)
def test_blank_and_struck_out_cells_count_as_zero(year):
    values = balanced(year, dict.fromkeys(FIELDS[year][::2], 0))
    for nothing in (read(None), marked()):
        fields = {field: nothing if one.value == 0 else one for field, one in readings(values).items()}
        assert sum(one is nothing for one in fields.values()) > 20
        identities = check_identities(specs(year), fields)
        assert with_status(identities, "holds") == {spec.id for spec in specs(year)}


@given(st.data())
@settings(max_examples=25, deadline=None)
def test_printing_some_zeros_as_nothing_changes_no_identity(data):
    year = data.draw(st.sampled_from(YEARS))
    noise = {field: data.draw(st.integers(0, 3)) for field in FIELDS[year][::7]}
    fields = readings({**balanced(year), **noise})
    zeros = [field for field, one in fields.items() if one.value == 0]
    gone = data.draw(st.sets(st.sampled_from(zeros)))
    changed = {field: marked() if field in gone else one for field, one in fields.items()}
    assert check_identities(specs(year), changed) == check_identities(specs(year), fields)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_tables_made_of_any_parts_hold(data):
    year = data.draw(st.sampled_from(YEARS))
    numbers = data.draw(st.lists(st.integers(0, 10**9), min_size=len(FIELDS[year]), max_size=len(FIELDS[year])))
    values = balanced(year, dict(zip(FIELDS[year], numbers, strict=True)))
    assert with_status(check_identities(specs(year), readings(values)), "holds") == {s.id for s in specs(year)}


SUM = IdentitySpec("row:x", ("a", "b"), ("total",))


@pytest.mark.parametrize(
    ("parts", "total", "status"),
    [
        ((0.1, 0.2), 0.3, "holds"),
        ((0.1, 0.2), 0.30000000000000004, "violated"),
        ((24252.311082, 0.000001), 24252.311083, "holds"),
        ((10**17, 1), 10**17 + 1, "holds"),
        ((10**17, 1), 10**17, "violated"),
        ((-3, 3), 0, "holds"),
        ((1, 1), 2.0, "holds"),
        ((0, 0), 0, "holds"),
        ((1, 0), 0, "violated"),
        ((1, 1), 1, "violated"),
    ],
)
def test_sums_are_exact(parts, total, status):
    (identity,) = check_identities([SUM], {"a": read(parts[0]), "b": read(parts[1]), "total": read(total)})
    assert identity.status == status


def test_both_sides_are_told():
    (identity,) = check_identities([SUM], {"a": read(1), "b": read(2), "total": read(4)})
    assert (identity.id, identity.left, identity.right, identity.status) == ("row:x", 3, 4, "violated")
    (identity,) = check_identities([SUM], {"a": read(0.5), "b": read(None), "total": read(0.5)})
    assert (identity.left, identity.right) == (0.5, 0.5)
    assert isinstance(check_identities([SUM], readings({"a": 1.5, "b": 1.5, "total": 3}))[0].left, int)


def test_what_is_unknown_has_no_sum_on_the_side_that_lacks_a_cell():
    (identity,) = check_identities([SUM], {"a": read(1), "b": missing(), "total": read(4)})
    assert (identity.left, identity.right, identity.status) == (None, 4, "unknown")


def test_a_missing_cell_hides_no_violation_elsewhere():
    values = balanced("2021")
    fields = {**readings(values), "applications.granted.business": missing()}
    fields["disputes.reconsideration.total"] = read(99)
    identities = check_identities(specs("2021"), fields)
    assert with_status(identities, "violated") == {"disputes:reconsideration"}
    assert with_status(identities, "unknown") == {"row:granted", "results:business"}


def test_no_identities_over_nothing():
    assert check_identities([], {}) == ()
