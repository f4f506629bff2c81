"""Every good explanation of identities that fail: which cells were misread, which sums the source prints wrong.

An explanation changes some cells to other options and calls some identities broken in the source, so that all others
hold. Its cost is the negative logarithm of its probability against that of the reading in which nothing fails. The
search is exact: A* (Hart, Nilsson & Raphael 1968) over identities that fail. Taking one, either a certain cell of it is
the first that is changed, or none is and the source breaks it, so that every explanation is met once; explanations come
out cheapest first, and all that cost at most `gap` more than the best are found.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import count
from math import inf

from service.reconcile.network import Change, Network, Residual
from service.reconcile.priors import SourceCosts

_NODES = 1_000
"""States that are looked at before the search gives up."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One way in which the identities may have come to fail."""

    cost: float
    changes: tuple[Change, ...]
    """The cells that were misread."""
    broken: tuple[tuple[int, int], ...]
    """The identities that the source breaks, each with left sum less right sum."""


@dataclass(frozen=True, slots=True)
class Explanations:
    """All good explanations, best first."""

    ways: tuple[Explanation, ...]
    complete: bool
    """Whether none is left out; else the search was given up."""


@dataclass(frozen=True, slots=True)
class _State:
    """A beginning of explanations."""

    cost: float
    residual: Residual
    """What still fails."""
    settled: int
    """The cells that are no longer to change, as bits."""
    changes: tuple[Change, ...]
    broken: tuple[tuple[int, int], ...]


class Search:
    """Explains failures of one net; see the module."""

    def __init__(self, net: Network, costs: SourceCosts, gap: float) -> None:
        self._net = net
        self._costs = costs
        self._gap = gap
        self._masks = [sum(1 << cell for cell, _ in inside) for inside in net.members]
        # Of each identity, what the cheapest change of each of its cells costs, cheapest cell first.
        self._cheapest = [sorted((net.nodes[cell].cheapest, 1 << cell) for cell, _ in inside) for inside in net.members]
        self._movers = cache(net.movers)
        self._least_broken = min(costs.together, costs.omitted)

    def explain(self, residual: Mapping[int, int]) -> Explanations:
        """Explain a part of the net: `residual` holds its identities that fail."""
        start = _State(0.0, dict(residual), 0, (), ())
        limit, most = self._bound(start) + self._gap, self.broken_cost(tuple(residual.items()))
        while True:
            # Most beginnings lead nowhere, so a low limit is tried first: it leaves nearly all of them out.
            found, complete = self._within(start, limit)
            if found and found[0].cost + self._gap <= limit:
                return Explanations(found, complete)
            if not complete:
                found = found or (Explanation(most, (), tuple(residual.items())),)
                return Explanations(found, False)
            limit = found[0].cost + self._gap if found else limit + self._gap

    def _within(self, start: _State, limit: float) -> tuple[tuple[Explanation, ...], bool]:
        """The explanations that cost so much at most, as long as the search is not given up."""
        order = count()
        heap = [(self._bound(start), next(order), start)]
        found: list[Explanation] = []
        for _ in range(_NODES):
            if not heap or heap[0][0] > limit:
                return tuple(found), True
            cost, _, state = heapq.heappop(heap)
            if not state.residual:
                found.append(Explanation(cost, state.changes, state.broken))
                limit = min(limit, found[0].cost + self._gap)
                continue
            for child in self._children(state, limit):
                bound = self._bound(child)
                if bound <= limit:
                    heapq.heappush(heap, (bound, next(order), child))
        return tuple(found), False

    def broken_cost(self, broken: tuple[tuple[int, int], ...]) -> float:
        """What it costs to say that the source breaks these identities by so much."""
        costs, seen, cost = self._costs, set[int | str](), 0.0
        for identity, amount in broken:
            if self._omits(identity):
                # Who leaves one total of a column blank leaves others of it blank, too.
                kind: int | str = self._net.specs[identity].id.partition(":")[0]
                cost += costs.omitted if kind in seen else costs.further
            else:
                kind = abs(amount)
                cost += costs.together if kind in seen else costs.further + costs.amount(amount)
            seen.add(kind)
        return cost + costs.first - costs.further if broken else 0.0

    def _omits(self, identity: int) -> bool:
        """Whether an identity's total is left blank, and not a wrong sum."""
        right = [cell for cell, sign in self._net.members[identity] if sign < 0]
        return len(right) == 1 and self._net.nodes[right[0]].empty

    def _children(self, state: _State, limit: float) -> Iterator[_State]:
        """All ways to go on with one identity that fails."""
        chosen = min(state.residual, key=lambda one: (len(self._net.members[one]), one))
        amount = state.residual[chosen]
        settled = state.settled
        room = limit - state.cost
        for cell, sign in self._net.members[chosen]:
            if settled & (1 << cell):
                continue
            settled |= 1 << cell
            second = self._cheapest_second(chosen, settled, state)
            closing = self._net.nodes[cell].cost(-sign * amount)
            if closing <= room:
                yield self._changed(state, Change(cell, -sign * amount, closing), settled)
            for change in self._net.nodes[cell].changes(cell, room - second):
                if change.delta != -sign * amount:
                    yield self._changed(state, change, settled)
        broken = (*state.broken, (chosen, amount))
        cost = state.cost + self.broken_cost(broken) - self.broken_cost(state.broken)
        rest = {identity: left for identity, left in state.residual.items() if identity != chosen}
        yield _State(cost, rest, settled, state.changes, broken)

    def _changed(self, state: _State, change: Change, settled: int) -> _State:
        residual = self._net.moved(state.residual, change)
        return _State(state.cost + change.cost, residual, settled, (*state.changes, change), state.broken)

    def _cheapest_second(self, identity: int, settled: int, state: _State) -> float:
        """What it costs at least to go on with an identity that a change has not closed."""
        least = self._least_broken if state.broken else self._costs.first
        return next((min(cost, least) for cost, bit in self._cheapest[identity] if not settled & bit), least)

    def _bound(self, state: _State) -> float:
        """What the explanations of a state cost at least: its failures of which no two share a cell need one each."""
        if not state.residual:
            return state.cost
        fixes = [(self._least_fix(*one, state.settled), one[0]) for one in state.residual.items()]
        fixes.sort(reverse=True)
        taken, none_broken, one_broken, least = 0, 0.0, 0.0, self._least_broken
        for cost, identity in fixes:
            mask = self._masks[identity] & ~state.settled
            if not mask & taken:
                taken |= mask
                none_broken += cost
                one_broken += min(cost, least)
        if not state.broken:
            one_broken += self._costs.first - least
        return state.cost + min(none_broken, one_broken)

    def _least_fix(self, identity: int, amount: int, settled: int) -> float:
        """What it costs at least to make an identity hold by changes."""
        movers = self._movers(identity, -amount)
        fix = next((change.cost for change in movers if not settled & (1 << change.cell)), inf)
        two = [cost for cost, bit in self._cheapest[identity] if not settled & bit][:2]
        return min(fix, sum(two)) if len(two) == 2 else fix
