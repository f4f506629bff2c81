"""The search for explanations against all that there are, over small tables."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.forms.catalogue import IdentitySpec
from service.reconcile import solve
from service.reconcile.network import Change, build_network
from service.reconcile.options import cell_options
from service.reconcile.priors import SourceCosts, load_priors
from service.reconcile.solve import Search
from tests.reconcile.scanned import seen

SPECS = (
    IdentitySpec("row:a", ("t.a.x", "t.a.y"), ("t.a.total",)),
    IdentitySpec("row:b", ("t.b.x", "t.b.y"), ("t.b.total",)),
    IdentitySpec("results:x", ("t.a.x",), ("t.b.x",)),
    IdentitySpec("results:y", ("t.a.y",), ("t.b.y",)),
)
CELLS = tuple(dict.fromkeys(name for spec in SPECS for name in (*spec.left, *spec.right)))
COSTS = SourceCosts.of(load_priors().source, len(SPECS))
GAP = 6.0


@st.composite
def small(draw):
    """Six cells with a few named options each."""
    fields = {}
    for name in CELLS:
        named = draw(st.dictionaries(st.integers(0, 5), st.sampled_from([0.001, 0.02, 0.1]), max_size=2))
        fields[name] = seen(draw(st.integers(0, 4)), draw(st.sampled_from([0.5, 0.79])), list(named.items()))
    return fields


def network(fields):
    """The net without edits: what is named is all that there is."""
    ink = load_priors().ink.model_copy(update={"edits": 0.0, "nothing": 0.0, "lost": 0.0})
    priors = load_priors().model_copy(update={"ink": ink})
    return build_network(SPECS, {name: cell_options(reading, priors) for name, reading in fields.items()})


def every_explanation(net, search):
    """All ways to change cells, with the identities that still fail called broken."""
    found = {}
    for chosen in product(*((None, *node.named) for node in net.nodes)):
        changes = [change for change in chosen if change]
        residual = dict(net.residual)
        for change in changes:
            residual = net.moved(residual, change)
        cost = sum(change.cost for change in changes) + search.broken_cost(tuple(residual.items()))
        found[frozenset(changes)] = (cost, frozenset(residual.items()))
    return found


@given(small())
@settings(max_examples=60, deadline=None)
def test_the_best_explanation_is_found_and_none_is_made_up(fields):
    net = network(fields)
    search = Search(net, COSTS, GAP)
    every = every_explanation(net, search)
    explained = search.explain(net.residual)
    assert explained.complete
    assert explained.ways[0].cost == pytest.approx(min(cost for cost, _ in every.values()))
    costs = [way.cost for way in explained.ways]
    assert costs == pytest.approx(sorted(costs))
    assert len({frozenset(way.changes) for way in explained.ways}) == len(explained.ways)
    for way in explained.ways:
        cost, residual = every[frozenset(way.changes)]
        assert (way.cost, frozenset(way.broken)) == (pytest.approx(cost), residual)


@given(small())
@settings(max_examples=40, deadline=None)
def test_every_explanation_by_a_single_change_is_found(fields):
    net = network(fields)
    search = Search(net, COSTS, GAP)
    explained = search.explain(net.residual)
    best = explained.ways[0].cost
    found = {way.changes for way in explained.ways}
    failing = set(net.residual)
    for changes, (cost, _) in every_explanation(net, search).items():
        if len(changes) != 1 or cost > best + GAP - 1e-9:
            continue
        (change,) = changes
        if failing.intersection(identity for identity, _ in net.identities[change.cell]):
            assert (change,) in found


def test_slips_of_one_amount_are_one_slip():
    net = network({name: seen(1) for name in CELLS})
    search = Search(net, COSTS, GAP)
    one, same, other = ((0, 3),), ((0, 3), (2, -3)), ((0, 3), (2, 4))
    assert 0 < search.broken_cost(one) < search.broken_cost(same) < search.broken_cost(other)
    assert search.broken_cost(()) == 0


def test_identities_without_a_common_cell_are_broken_by_slips_of_their_own():
    search = Search(network({name: seen(1) for name in CELLS}), COSTS, GAP)
    row_a, row_b, results_x = range(3)
    one = search.broken_cost([(row_a, 2)])
    assert search.broken_cost([(row_a, 2), (results_x, 2)]) == pytest.approx(one + COSTS.together)
    # The common cell stands on the same side of both, so one number cannot move them apart.
    assert search.broken_cost([(row_a, 2), (results_x, -2)]) == pytest.approx(one + COSTS.further)
    assert search.broken_cost([(row_a, 2), (row_b, 2)]) == pytest.approx(one + COSTS.further)
    # A chain counts as one number, though it may take two.
    three = search.broken_cost([(row_a, 2), (row_b, -2), (results_x, 2)])
    assert three == pytest.approx(one + 2 * COSTS.together)


def test_a_large_slip_is_rarer_than_a_small_one():
    search = Search(network({name: seen(1) for name in CELLS}), COSTS, GAP)
    assert search.broken_cost(((0, 1),)) < search.broken_cost(((0, 300),))


def test_a_slip_costs_the_same_whatever_units_the_net_counts_in():
    hundredths = SourceCosts.of(load_priors().source, len(SPECS), unit=100)
    assert hundredths.amount(300) == COSTS.amount(3) and hundredths.amount(-100) == COSTS.amount(1)
    assert hundredths.amount(25) == COSTS.amount(1)  # no slip is more probable than the smallest


def test_a_search_that_is_given_up_keeps_what_a_lower_limit_found(monkeypatch):
    """Nothing is repaired then, but a person sees it."""
    net = network({name: seen(1, 0.9, [(3, 0.1)]) for name in CELLS} | {"t.a.total": seen(4)})
    whole = Search(net, COSTS, GAP).explain(net.residual)
    assert whole.complete and whole.ways[0].changes
    monkeypatch.setattr(solve, "_TRIED", 22)  # enough for the first limit, and not for the second
    found = Search(net, COSTS, GAP).explain(net.residual)
    assert not found.complete and found.ways[0].changes and set(found.ways) < set(whole.ways)
    monkeypatch.setattr(solve, "_TRIED", 2)  # enough for neither
    found = Search(net, COSTS, GAP).explain(net.residual)
    assert not found.complete and [way.changes for way in found.ways] == [()]


def test_a_change_moves_every_identity_of_its_cell():
    net = network({name: seen(1) for name in CELLS})
    assert net.moved({}, Change(CELLS.index("t.a.x"), 2, 1.0)) == {0: 2, 2: 2}
    assert net.moved({0: -2}, Change(CELLS.index("t.a.x"), 2, 1.0)) == {2: 2}
