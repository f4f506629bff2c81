"""How sure a reading is once its identities hold: for another reading to be right, something else must be wrong too."""

from __future__ import annotations

from functools import cache
from math import exp

from service.reconcile.network import Change, Network
from service.reconcile.priors import SourceCosts

_CHANCE = 0.1
"""Probability that an identity over wrong numbers holds by chance: small counts are common."""

_LOST = 0.3
"""Probability that a whole row, or column, was lost if one of its cells was."""


class Beliefs:
    """What the identities that hold say of single cells."""

    def __init__(self, net: Network, costs: SourceCosts) -> None:
        """Beliefs in what the counts as read of `net` say."""
        self.net = net
        self._costs = costs
        self._together = exp(-costs.together)
        self._movers = cache(net.movers)
        self._at = {name: number for number, name in enumerate(net.names)}

    def proven(self, name: str) -> int | None:
        """The place in the net of a cell whose identities all hold; None where one does not, or the cell has none."""
        cell = self._at.get(name)
        if cell is None or any(identity in self.net.residual for identity, _ in self.net.identities[cell]):
            return None
        return cell

    def doubt(self, change: Change) -> float:
        """Bounds from above how much a change's odds keep of what the ink gives them, 0 to 1; its cell is proven.

        The identities that hold as read would fail with it. So in each of them another cell must be misread by just as
        much the other way, or the source must break it: this sums up both over all its cells, as if each identity
        were by itself.
        """
        balanced, mixed = 1.0, 1.0
        for identity, sign in self.net.identities[change.cell]:
            others = max(self._others(identity, -sign * change.delta, change.cell), self._lost(identity))
            balanced *= min(1.0, others)
            mixed *= min(1.0, others + self._together)
        first = exp(-self._costs.first - self._costs.amount(change.delta))
        return min(1.0, balanced + first * mixed / self._together)

    def strange(self, cell: int) -> float:
        """The same of a value that nobody named: in each identity another cell must hold such a value, too.

        That the two then balance by chance is rare, but where nothing and nothing makes nothing: there a whole row may
        have been lost.
        """
        balanced, mixed = 1.0, 1.0
        for identity, _ in self.net.identities[cell]:
            others = min(1.0, self.net.left[identity] - self.net.nodes[cell].left)
            others = max(others * (_CHANCE if self.net.adds_up[identity] else 1.0), self._lost(identity))
            balanced *= others
            mixed *= min(1.0, others + self._together)
        return min(1.0, balanced + exp(-self._costs.first) * mixed / self._together)

    def _lost(self, identity: int) -> float:
        """How probable it is that all numbers of an identity were lost, if one was: only where none was read."""
        return _LOST if self.net.vacant[identity] else 0.0

    def _others(self, identity: int, moved: int, cell: int) -> float:
        """How probable it is that another cell moves an identity's residual by so much."""
        return sum(exp(-change.cost) for change in self._movers(identity, moved) if change.cell != cell)
