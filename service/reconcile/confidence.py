"""Readings with the probability that they have in the light of what was inferred."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp

from service.reconcile.beliefs import Beliefs
from service.reconcile.options import CellOptions, likelihood
from service.reconcile.priors import InkPriors
from service.results import Reading

_CLEAR = 0.9
"""Probability, by the ink alone, that a cell counts nothing, from which it is clear how."""


def weighed(
    fields: Mapping[str, Reading],
    options: Mapping[str, CellOptions],
    beliefs: Beliefs,
    changed: Mapping[str, float],
    priors: InkPriors,
) -> dict[str, Reading]:
    """Every field with its confidence after the identities.

    Args:
        fields: as read.
        options: of each of them.
        beliefs: of the net with what was repaired.
        changed: of cells that explanations of a failure change, the probability of that.
        priors: what the readers leave open.
    """
    found = dict(fields)
    for name, reading in fields.items():
        named = options[name].named
        if named and named[0].probability < 1:
            sure = _confidence(name, options[name], beliefs, priors) * (1 - changed.get(name, 0.0))
            found[name] = reading.model_copy(update={"confidence": min(max(sure, 0.0), 1.0)})
    return found


def _confidence(name: str, options: CellOptions, beliefs: Beliefs, priors: InkPriors) -> float:
    """How probable a value is as read.

    If all identities of the cell hold, the odds of every other count fall by what else would have to be wrong. Values
    that count the same, 0 and none, keep their shares: no identity tells them apart. Of what no option accounts for, a
    share is another cell's value, which keeps its odds.
    """
    first = options.named[0]
    value = likelihood(option for option in options.named if option.value == first.value)
    cell = beliefs.proven(name)
    if cell is None:
        return value
    likely = likelihood(option for option in options.named if option.count == first.count)
    other = sum(likely * exp(-change.cost) * beliefs.doubt(change) for change in beliefs.net.nodes[cell].named)
    # That a cell counts nothing does not tell a 0 from a stroke or from nothing: where the ink is unclear, what nobody
    # named may be another of them.
    ruled_out = 1.0 if not first.count and likely < _CLEAR else beliefs.strange(cell)
    strange = options.left * (priors.elsewhere + (1 - priors.elsewhere) * ruled_out)
    return value / (likely + other + strange)
