"""Readings with the probability that they have in the light of what was inferred."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import exp

from service.reconcile.beliefs import Beliefs
from service.reconcile.losses import left_empty
from service.reconcile.model import Option
from service.reconcile.options import CellOptions, likelihood
from service.reconcile.priors import InkPriors
from service.results import AlternativeValue, Reading

_CLEAR = 0.9
"""Probability, by the ink alone, that a cell counts nothing, from which it is clear how."""
_TELLING = 0.75
"""Probability from which nothing is taken to be printed otherwise than it was read ..."""
_SAID = 0.03
"""... where a reader gives that so much ..."""
_SEEN = 0.5
"""... and a 0 or a stroke that was read has less by the ink alone. Of 50 drawn copies 28 cells were so, under seals and
where print is worn: 26 are printed as then told, all of the 24 that were sure by 0.9."""


def weighed(
    fields: Mapping[str, Reading],
    options: Mapping[str, CellOptions],
    beliefs: Beliefs,
    changed: Mapping[str, float],
    priors: InkPriors,
) -> dict[str, Reading]:
    """Every field with its confidence after the identities, and nothing printed as it most probably is.

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
            still = 1 - changed.get(name, 0.0)
            whole = _whole(name, options[name], beliefs, priors)
            settled = not named[0].count and beliefs.proven(name) is not None
            shown = _as_printed(reading, named, still / whole) if settled else reading
            value = likelihood(option for option in named if option.value == shown.value)
            found[name] = shown.model_copy(update={"confidence": min(max(value / whole * still, 0.0), 1.0)})
    for name, kept in left_empty(fields).items():
        if found[name].state == "blank":
            found[name] = found[name].model_copy(update={"confidence": found[name].confidence * kept})
    return found


def _whole(name: str, options: CellOptions, beliefs: Beliefs, priors: InkPriors) -> float:
    """How probable all is that may be printed, where what counts as the reading does keeps its probability.

    If all identities of the cell hold, the odds of every other count fall by what else would have to be wrong. Values
    that count the same, 0 and none, keep their shares: no identity tells them apart. Of what no option accounts for, a
    share is another cell's value, which keeps its odds.
    """
    first = options.named[0]
    cell = beliefs.proven(name)
    if cell is None:
        return 1.0
    likely = likelihood(option for option in options.named if option.count == first.count)
    other = sum(likely * exp(-change.cost) * beliefs.doubt(change) for change in beliefs.net.nodes[cell].named)
    ruled_out = beliefs.strange(cell)
    if not first.count and likely < _CLEAR:
        # That a cell counts nothing does not tell a 0 from a stroke or from nothing: where the ink is unclear, what
        # nobody named may be another of them, as often as the table prints nothing so.
        ruled_out = max(ruled_out, options.unshown)
    return likely + other + options.left * (priors.elsewhere + (1 - priors.elsewhere) * ruled_out)


def _as_printed(reading: Reading, named: Sequence[Option], weight: float) -> Reading:
    """A reading that counts nothing, in the way that is most probable: where the ink is hidden or lost, its table's.

    What was read stays as the first alternative. `weight` makes probabilities of those of the options.
    """
    said = {(one.value, one.text) for one in reading.alternatives if one.confidence >= _SAID}
    others = [option for option in named[1:] if not option.count and (option.value, option.text) in said]
    best = max(others, key=lambda one: one.probability, default=named[0])
    clear = reading.confidence >= (_CLEAR if reading.state == "blank" else _SEEN)
    if clear or best.probability <= named[0].probability or best.probability * weight < _TELLING:
        return reading
    before = AlternativeValue(
        value=reading.value, confidence=named[0].probability, text=reading.text, reader=reading.reader
    )
    rest = tuple(one for one in reading.alternatives if (one.value, one.text) != (best.value, best.text))
    return reading.model_copy(
        update={
            "value": best.value,
            "text": best.text,
            "state": best.state,
            "reader": best.reader or reading.reader,
            "alternatives": (before, *rest),
        }
    )
