"""Readings with the probability that they have in the light of what was inferred."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

from service.reconcile.beliefs import Beliefs
from service.reconcile.network import Network
from service.reconcile.options import CellOptions, likelihood
from service.reconcile.priors import InkPriors
from service.results import Reading


def weighed(
    fields: Mapping[str, Reading],
    options: Mapping[str, CellOptions],
    net: Network,
    beliefs: Beliefs,
    priors: InkPriors,
) -> dict[str, Reading]:
    """Every field with its confidence after the identities; see `confidence`."""
    at = {name: number for number, name in enumerate(net.names)}
    found = dict(fields)
    for name, reading in fields.items():
        if options[name].named and options[name].named[0].probability < 1:
            sure = confidence(options[name], at.get(name), net, beliefs, priors)
            found[name] = reading.model_copy(update={"confidence": sure})
    return found


def confidence(options: CellOptions, cell: int | None, net: Network, beliefs: Beliefs, priors: InkPriors) -> float:
    """How probable the value as read is after the identities; `cell` is its place in the net, if it is in one.

    The odds of every other count fall by what else would have to be wrong. Values that count the same, 0 and none, keep
    their shares: no identity tells them apart. Of what no option accounts for, a share is another cell's value, which
    keeps its odds.
    """
    first = options.named[0]
    value = likelihood([option for option in options.named if option.value == first.value])
    if cell is None:
        return min(1.0, value)
    node = net.nodes[cell]
    likely = likelihood([option for option in options.named if option.count == first.count])
    other = sum(likely * exp(-change.cost) * beliefs.doubt(change) for change in node.named)
    strange = options.left * (priors.elsewhere + (1 - priors.elsewhere) * beliefs.strange(cell))
    return min(1.0, value / (likely + other + strange))
