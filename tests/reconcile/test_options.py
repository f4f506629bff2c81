"""What may be printed in a cell, by what was read in it."""

from __future__ import annotations

import pytest

from service.reconcile.options import cell_options
from service.reconcile.priors import load_priors
from tests.reconcile.made import missing
from tests.reconcile.scanned import seen

INK = load_priors().ink


def chances(reading):
    """The probability of each value and state."""
    return {(one.value, one.state): one.probability for one in cell_options(reading, load_priors()).named}


@pytest.mark.parametrize("state", ["blank", "marked"])
def test_where_nothing_is_read_a_zero_may_be_lost(state):
    found = chances(seen(None, 0.96, state=state))
    assert found == pytest.approx({(None, state): 0.96, (0, "read"): INK.lost * 0.04})


@pytest.mark.parametrize("state", ["blank", "marked"])
def test_a_zero_that_is_named_in_passing_is_no_less_probable_than_one_that_is_not(state):
    options = cell_options(seen(None, 0.95, [(0, 0.01)], state=state), load_priors())
    assert options.named[1].probability == pytest.approx(0.01 + INK.lost * 0.04)
    assert options.named[1].origin == "alternative"
    assert options.left == pytest.approx((1 - INK.lost) * 0.04)


def test_nothing_that_is_named_in_passing_beside_a_zero_is_more_probable_too():
    found = chances(seen(0, 0.95, [(None, 0.01)]))
    assert found == pytest.approx({(0, "read"): 0.95, (None, "blank"): 0.01 + INK.lost * 0.04})
    unnamed = chances(seen(0, 0.95))
    assert unnamed[None, "blank"] < INK.nothing * 0.05 < INK.lost * 0.05


def test_what_is_named_beside_a_number_has_the_probability_that_readers_give_it():
    found = chances(seen(3, 0.95, [(0, 0.01), (None, 0.02)]))
    assert (found[0, "read"], found[None, "blank"], found[3, "read"]) == (0.01, 0.02, 0.95)


@pytest.mark.parametrize("value", [None, 0, 1, 12])
@pytest.mark.parametrize("others", [[], [(0, 0.02)], [(None, 0.02), (7, 0.03), ("/", 0.01)]])
def test_no_probability_is_made_of_nothing(value, others):
    options = cell_options(seen(value, 0.9, others), load_priors())
    assert sum(one.probability for one in options.named) + options.left == pytest.approx(1.0)
    assert options.named[0].value == value and options.named[0].probability == 0.9


def test_what_is_text_in_the_file_is_as_probable_as_its_reader_says():
    reading = seen(None, 0.9, [(0, 0.02)]).model_copy(update={"reader": "text-layer"})
    assert chances(reading) == {(None, "blank"): 0.9, (0, "read"): 0.02}


def test_a_missing_cell_has_no_options():
    assert cell_options(missing(), load_priors()).named == ()
