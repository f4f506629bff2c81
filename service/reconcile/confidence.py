"""Readings with the probability that they have in the light of what was inferred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

from service.reconcile.beliefs import Beliefs
from service.reconcile.model import Option
from service.reconcile.network import Network
from service.reconcile.priors import InkPriors
from service.results import Reading


def confirmed(
    reading: Reading, options: Sequence[Option], cell: int | None, net: Network, beliefs: Beliefs, priors: InkPriors
) -> Reading:
    """A reading with its confidence after the identities; `cell` is its place in the net, if it is in one.

    The odds of every other count fall by what else would have to be wrong. Options that count the same keep their
    shares: no identity tells 0 from nothing. Of what no option accounts for, a share is another cell's value, and
    keeps its odds.
    """
    if not options or options[0].probability >= 1:
        return reading
    first = options[0]
    same = sum(option.probability for option in options if option.count == first.count)
    open_ = max(0.0, 1 - sum(option.probability for option in options))
    if cell is None:
        return reading.model_copy(update={"confidence": first.probability})
    other = sum(same * exp(-change.cost) * beliefs.doubt(change) for change in net.changes[cell])
    strange = open_ * (priors.elsewhere + (1 - priors.elsewhere) * beliefs.elsewhere(cell))
    return reading.model_copy(update={"confidence": first.probability / (same + other + strange)})


def after(
    fields: Mapping[str, Reading],
    options: Mapping[str, Sequence[Option]],
    net: Network,
    beliefs: Beliefs,
    priors: InkPriors,
) -> dict[str, Reading]:
    """Every field with its confidence after the identities."""
    at = {name: number for number, name in enumerate(net.cells)}
    return {
        name: confirmed(reading, options[name], at.get(name), net, beliefs, priors) for name, reading in fields.items()
    }
