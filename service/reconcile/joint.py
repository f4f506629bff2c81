"""Which ways to split several runs go together: those that keep the identities across them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from service.forms.values import Value
from service.reconcile.ways import Count, Toll, Way, meaning, shared

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import IntVar, LinearExprT

_EFFORT = 0.5
"""Deterministic time for all questions to the solver together, about seconds."""
_MOST_WAYS = 3000
"""The solver is not asked about more ways than so many."""

Ways = tuple[tuple[Way, ...], ...]
"""The ways of each run."""


@dataclass(frozen=True, slots=True)
class Sum:
    """An identity across runs: the sum of sign times count over its terms, and a constant, is 0."""

    terms: tuple[tuple[int, int, int], ...]
    """Index of the run, index of its cell, sign."""
    constant: Count


def possible_ways(
    ways: Ways, sums: Sequence[Sum], *, soft: bool = False, slack: int = 0, spaces: bool = False
) -> Ways | None:
    """The ways of each run that agree with all that the best solutions have in common; None where there is none.

    Args:
        ways: of each run, at least one.
        sums: identities across the runs.
        soft: identities may be broken, the best solutions breaking the fewest.
        slack: solutions count among the best that break so many more.
        spaces: of the solutions only those that part the fewest texts against their spaces.

    Without an answer in time every way counts as possible.
    """
    if sum(map(len, ways)) > _MOST_WAYS:
        return ways
    question = _Question(ways, sums, soft=soft)
    for wanted, cost, room in ((soft, question.broken, slack), (spaces, question.crossed, 0)):
        if wanted and not question.bound(cost, room):
            return ways
    found: list[list[Way]] = [[] for _ in ways]
    while solution := question.solve():
        for known, way in zip(found, solution, strict=True):
            known.append(way)
        common = [shared(known) for known in found]
        if not question.exclude(common):
            break
    if question.timed_out:
        return ways
    return tuple(_agreeing(*pair) for pair in zip(ways, found, strict=True)) if all(found) else None


def cheapest(ways: Ways, sums: Sequence[Sum]) -> tuple[Way, ...] | None:
    """A way of each run that together break the fewest identities; None if that was not found in time."""
    if sum(map(len, ways)) > _MOST_WAYS:
        return None
    question = _Question(ways, sums, soft=True)
    question.minimize(question.broken)
    return question.solve()


def toll_of(run: int, solution: Sequence[Way], sums: Sequence[Sum], slack: int) -> Toll:
    """What another value of a run costs in place of a solution's: the identities across runs that it breaks.

    A way may cost `slack` more than the run's way in the solution breaks, its own identities among them.
    """
    rests: dict[int, list[tuple[int, Count]]] = {}
    for one in sums:
        others = one.constant + sum(sign * solution[n].counts[cell] for n, cell, sign in one.terms if n != run)
        own = [(cell, sign) for n, cell, sign in one.terms if n == run]
        if len(own) == 1:  # of several cells at once none is to blame by itself
            rests.setdefault(own[0][0], []).append((own[0][1], others))

    def broken(cell: int, count: Count) -> int:
        return sum(rest + sign * count != 0 for sign, rest in rests.get(cell, ()))

    now = solution[run]
    return broken, now.faults + sum(map(broken, range(len(now.values)), now.counts)) + slack


def _agreeing(options: Sequence[Way], found: Sequence[Way]) -> tuple[Way, ...]:
    """The ways that agree with what all found ones have in common."""
    common = shared(found)
    return tuple(way for way in options if not _differs(way, common))


def _differs(way: Way, common: Sequence[Value | None]) -> bool:
    pairs = zip(common, way.values, strict=True)
    return any(said is not None and meaning(said) != meaning(own) for said, own in pairs)


class _Question:
    """The solver's model: one way of each run, and whether each identity holds."""

    def __init__(self, ways: Ways, sums: Sequence[Sum], *, soft: bool) -> None:
        from ortools.sat.python import cp_model  # loading it takes most of a second, for which few reports need wait

        self._model, self._solver = cp_model.CpModel(), cp_model.CpSolver()
        self._solver.parameters.num_workers = 1
        self._solver.parameters.random_seed = 0
        self._none, self._best = cp_model.INFEASIBLE, cp_model.OPTIMAL
        self._ways = ways
        self._chosen = [[self._model.new_bool_var("") for _ in options] for options in ways]
        for literals in self._chosen:
            self._model.add_exactly_one(literals)
        holding = [self._holds(one) for one in sums]
        if not soft:
            self._model.add_bool_and(holding)
        literals, options = [*holding, *chain(*self._chosen)], list(chain(*ways))
        kept = [-1] * len(holding)  # an identity that holds is one less that is broken
        self.broken = cp_model.LinearExpr.weighted_sum(literals, kept + [way.faults for way in options])
        self.crossed = cp_model.LinearExpr.weighted_sum(literals, [0] * len(kept) + [way.crossed for way in options])
        self.timed_out = False
        self._left = _EFFORT

    def _holds(self, one: Sum) -> IntVar:
        """A literal under which the identity holds."""
        holds = self._model.new_bool_var("")
        terms = [
            sign * int(way.counts[cell]) * literal
            for run, cell, sign in one.terms
            for way, literal in zip(self._ways[run], self._chosen[run], strict=True)
        ]
        self._model.add(sum(terms) + int(one.constant) == 0).only_enforce_if(holds)
        return holds

    def minimize(self, cost: LinearExprT) -> None:
        """Ask for the cheapest solution."""
        self._model.minimize(cost)

    def bound(self, cost: LinearExprT, room: int) -> bool:
        """Allow only solutions that cost at most `room` more than the cheapest; False if that could not be found."""
        self.minimize(cost)
        solved = self.solve() is not None
        self._model.clear_objective()  # type: ignore[no-untyped-call]
        if solved:
            self._model.add(cost <= round(self._solver.objective_value) + room)
        return solved

    def solve(self) -> tuple[Way, ...] | None:
        """A solution, the best if there is a goal; None if there is none, or none in time."""
        self._solver.parameters.max_deterministic_time = self._left
        status = self._solver.solve(self._model)
        self._left = max(0.0, self._left - self._solver.response_proto.deterministic_time)
        self.timed_out = status not in (self._none, self._best)
        if status != self._best:
            return None
        return tuple(
            next(way for way, literal in zip(*one, strict=True) if self._solver.boolean_value(literal))
            for one in zip(self._ways, self._chosen, strict=True)
        )

    def exclude(self, common: Sequence[Sequence[Value | None]]) -> bool:
        """Ask for a solution that says otherwise of something in `common`; False if no way does."""
        other = [
            literal
            for said, options, literals in zip(common, self._ways, self._chosen, strict=True)
            for way, literal in zip(options, literals, strict=True)
            if _differs(way, said)
        ]
        self._model.add_bool_or(other)
        return bool(other)
