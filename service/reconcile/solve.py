"""Every good explanation of identities that fail: which cells were misread, which sums the source prints wrong.

An explanation changes some cells to other options and calls some identities broken in the source, so that all others
hold. Its cost is the negative logarithm of its probability against that of the reading in which nothing fails. The
search is exact: A* (Hart, Nilsson & Raphael 1968) over identities that fail. Taking one, either a certain cell of it is
the first that is changed, or none is and the source breaks it, so that every explanation is met once; explanations come
out cheapest first, and all that cost at most `gap` more than the best are found.

All explanations of one misread cell take a millisecond or two, where building a CP-SAT model of the same table takes
thirty and a single optimum of it a hundred.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from math import inf

from service.reconcile.network import Change, Network, Residual, Signed
from service.reconcile.priors import SourceCosts

_TRIED = 2_000
"""Beginnings of explanations that are weighed before the search gives up, of all parts: a twenty-fifth of a second.
Half as many again repaired two more cells of 120 reports with six wrong cells, and three more of 120 with ten."""


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

    def __init__(self, net: Network, costs: SourceCosts, gap: float, parts: int = 1) -> None:
        """Explains failures of so many parts of `net`: all ways that cost at most `gap` more than the best."""
        self._net = net
        self._costs = costs
        self._gap = gap
        self._most = _TRIED // max(parts, 1)
        self._masks = [sum(1 << cell for cell, _ in inside) for inside in net.members]
        self._floor = [node.cheapest for node in net.nodes]
        # Of each identity, which of its cells a slip moves up and which down, as bits: if it falls short, or exceeds.
        self._moved = [
            tuple(sum(1 << 2 * cell + (sign * way > 0) for cell, sign in inside) for way in (-1, 1))
            for inside in net.members
        ]
        # Of each identity, what the cheapest change of each of its cells costs, cheapest cell first.
        self._cheapest = [sorted((self._floor[cell], 1 << cell) for cell, _ in inside) for inside in net.members]
        self._movers = cache(net.movers)
        # Beginnings that differ elsewhere ask the same again and again.
        self._slip, self._cheapest_fix = cache(self._slip_cost), cache(self._fix_cost)
        self._slipped, self._broken = cache(self._least_slips), cache(self.broken_cost)
        self._least = min(costs.together, costs.omitted)
        totals = {cell for inside in net.members for cell in _total(inside)}
        # Of each identity its kind, if a total in it is left blank; else nothing.
        self._omitted = [
            spec.id.partition(":")[0] if any(cell in totals and net.nodes[cell].blank for cell, _ in inside) else ""
            for spec, inside in zip(net.specs, net.members, strict=True)
        ]
        self._blank = any(self._omitted)

    def explain(self, residual: Mapping[int, int]) -> Explanations:
        """Explain a part of the net: `residual` holds its identities that fail."""
        start = _State(0.0, dict(residual), 0, (), ())
        limit, tried = self._bound(start) + self._gap, count()
        known = tuple[Explanation, ...]()
        while True:
            # Most beginnings lead nowhere, so a low limit is tried first: it leaves nearly all of them out.
            found, complete = self._within(start, limit, tried)
            if not complete:
                broken = tuple(residual.items())
                return Explanations(found or known or (Explanation(self.broken_cost(broken), (), broken),), False)
            known = found
            if found and found[0].cost + self._gap <= limit:
                return Explanations(found, True)
            limit = found[0].cost + self._gap if found else limit + self._gap

    def _within(self, start: _State, limit: float, tried: Iterator[int]) -> tuple[tuple[Explanation, ...], bool]:
        """The explanations that cost so much at most, and whether these are all or the search was given up."""
        order = count()
        heap: list[tuple[float, int, _State | Explanation]] = [(self._bound(start), next(order), start)]
        found: list[Explanation] = []
        while heap and heap[0][0] <= limit:
            cost, _, state = heapq.heappop(heap)
            if isinstance(state, Explanation):
                found.append(state)
                limit = min(limit, found[0].cost + self._gap)
                continue
            if not state.residual:
                cost = sum(change.cost for change in state.changes) + self._broken(state.broken)
                heapq.heappush(heap, (cost, next(order), Explanation(cost, state.changes, state.broken)))
                continue
            for child in self._children(state, limit):
                if next(tried) > self._most:
                    return tuple(found), False
                bound = self._bound(child)
                if bound <= limit:
                    heapq.heappush(heap, (bound, next(order), child))
        return tuple(found), True

    def broken_cost(self, broken: Sequence[tuple[int, int]]) -> float:
        """What it costs to say that the source breaks these identities by so much.

        A wrong number breaks all its identities by the same amount: it is one slip. Identities without a common cell
        need another slip that happens to be as large. Who leaves one total of a column blank leaves others of it
        blank, too.
        """
        return self._slips(broken, self._numbers)

    def _slips(self, broken: Sequence[tuple[int, int]], numbers: Callable[[Sequence[tuple[int, int]]], int]) -> float:
        """The same, with so many wrong numbers for identities that are broken by one amount, this way or that."""
        if not broken:
            return 0.0
        costs, cost = self._costs, self._costs.first - self._costs.further
        slips = list[tuple[float, frozenset[str]]]()
        for size in {abs(amount) for _, amount in broken}:
            alike = [one for one in broken if abs(one[1]) == size]
            kinds = frozenset(self._omitted[identity] for identity, _ in alike) - {""}
            slips.append((min(costs.amount(size), costs.empty) if kinds else costs.amount(size), kinds))
            more = 0 if kinds else numbers(alike) - 1
            cost += costs.further * more + costs.together * (len(alike) - 1 - more)
        seen = set[str]()
        for whole, kinds in sorted(slips, key=lambda slip: slip[0]):
            cost += min(costs.omitted, costs.further + whole) if kinds & seen else costs.further + whole
            seen |= kinds
        return cost

    def _numbers(self, broken: Sequence[tuple[int, int]]) -> int:
        """How many wrong numbers it takes at least to break these identities: one for all that share it."""
        groups: list[int] = []
        for identity, amount in broken:
            moved, apart = self._moved[identity][amount > 0], list[int]()
            for group in groups:
                if group & moved:
                    moved |= group
                else:
                    apart.append(group)
            groups = [*apart, moved]
        return len(groups)

    def _slip_cost(self, amount: int) -> float:
        """What a slip of so much costs at least."""
        least = min(self._costs.amount(amount), self._costs.empty) if self._blank else self._costs.amount(amount)
        return min(self._costs.first, self._costs.further) + least

    def _least_slips(self, broken: tuple[tuple[int, int], ...]) -> float:
        """What slips cost at least, however many more there will be."""
        amounts = {abs(amount) for _, amount in broken}
        if not self._blank:
            return self._slips(broken, lambda _: 1)
        whole = max((self._slip(amount) for amount in amounts), default=0.0)
        return whole + self._least * max(0, len(broken) - 1)

    def _children(self, state: _State, limit: float) -> Iterator[_State]:
        """All ways to go on with one identity that fails."""
        members, failing = self._net.members, state.residual.items()
        *_, chosen = max([(self._fix(one, size, state.settled), -len(members[one]), one) for one, size in failing])
        amount = state.residual[chosen]
        settled = state.settled
        room = limit - state.cost
        for cell, sign in self._net.members[chosen]:
            if settled & (1 << cell):
                continue
            settled |= 1 << cell
            if self._floor[cell] > room:
                continue
            for change in self._changes(cell, state.residual, -sign * amount, room):
                left = amount + sign * change.delta
                if not left or change.cost + self._go_on(chosen, left, settled, state) <= room:
                    residual = self._net.moved(state.residual, change)
                    changes = (*state.changes, change)
                    yield _State(state.cost + change.cost, residual, settled, changes, state.broken)
        broken = tuple(sorted((*state.broken, (chosen, amount))))
        cost = state.cost + self._slipped(broken) - self._slipped(state.broken)
        rest = {identity: left for identity, left in state.residual.items() if identity != chosen}
        yield _State(cost, rest, settled, state.changes, broken)

    def _changes(self, cell: int, residual: Residual, closing: int, most: float) -> Iterator[Change]:
        """The changes of a cell that cost so much at most; beside a change some other thing must be wrong, too.

        What nobody named is thought of where an identity asks for it: where that closes one that fails.
        """
        node = self._net.nodes[cell]
        if (cost := node.cost(closing)) <= most:
            yield Change(cell, closing, cost)
        most -= self._least
        for change in node.named:
            if change.cost > most:
                break
            if change.delta != closing:
                yield change
        if not node.edits:
            return
        asked = {-sign * residual.get(identity, 0) for identity, sign in self._net.identities[cell]}
        for delta in sorted(asked - node.costs.keys() - {closing, 0}):
            if (cost := node.cost(delta)) <= most:
                yield Change(cell, delta, cost)

    def _go_on(self, identity: int, amount: int, settled: int, state: _State) -> float:
        """What it costs at least to go on with an identity that a change has not closed."""
        slip = self._least if state.broken or len(state.residual) > 1 else self._slip(amount)
        return min(self._fix(identity, amount, settled), slip)

    def _bound(self, state: _State) -> float:
        """What the explanations of a state cost at least.

        Its failures of which no two share a cell that may change need a change or a slip each. Slips of one amount are
        cheap once there is one of them; with totals left blank, all are.
        """
        masks, settled, cheapest = self._masks, state.settled, self._cheapest_fix
        fixes = sorted(
            [(cheapest(one, amount, settled & masks[one]), one) for one, amount in state.residual.items()], reverse=True
        )
        blank = self._blank
        seen = {0 if blank else abs(amount) for _, amount in state.broken}
        kinds: dict[int, tuple[float, float, float]] = {}
        taken = 0
        for fix, identity in fixes:
            mask = masks[identity] & ~settled
            if mask & taken:
                continue
            taken |= mask
            amount = state.residual[identity]
            kind = 0 if blank else abs(amount)
            changed, slipped, more = kinds.get(kind, (0.0, 0.0, inf))
            whole = 0.0 if kind in seen else self._slip(amount) - self._least
            kinds[kind] = (changed + fix, slipped + min(fix, self._least), min(more, whole))
        return state.cost + sum(min(changed, slipped + more) for changed, slipped, more in kinds.values())

    def _fix(self, identity: int, amount: int, settled: int) -> float:
        """What it costs at least to make an identity hold by changes, or by a change to have it break with others."""
        return self._cheapest_fix(identity, amount, settled & self._masks[identity])

    def _fix_cost(self, identity: int, amount: int, settled: int) -> float:
        """The same; `settled` holds no cell of other identities."""
        movers = self._movers(identity, -amount)
        fix = next((change.cost for change in movers if not settled & (1 << change.cell)), inf)
        one, two = inf, inf
        for cost, bit in self._cheapest[identity]:
            if not settled & bit:
                if one < inf:
                    two = one + cost
                    break
                one = cost
        return min(fix, two, one + self._least)


def _total(inside: Sequence[Signed]) -> tuple[int, ...]:
    """The cell that stands alone on the right of an identity, if one does."""
    right = [cell for cell, sign in inside if sign < 0]
    return tuple(right) if len(right) == 1 else ()
