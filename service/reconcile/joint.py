"""Which ways to split several runs go together: those that keep the identities across them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.reconcile.ways import Count, Way

_EFFORT = 0.5
"""Deterministic time of one question to the solver, about seconds."""
_MOST_ANSWERS = 60
"""So many different solutions are looked at; of more, every way counts as possible."""


@dataclass(frozen=True, slots=True)
class Sum:
    """An identity across runs: the sum of sign times count over its terms, and a constant, is 0."""

    terms: tuple[tuple[int, int, int], ...]
    """Index of the run, index of its cell, sign."""
    constant: Count


@dataclass(frozen=True, slots=True)
class Possible:
    """The ways of each run that are part of some best solution."""

    ways: tuple[tuple[Way, ...], ...]
    broken: int
    """How many identities the best solutions break."""


def possible_ways(
    ways: Sequence[Sequence[Way]], sums: Sequence[Sum], *, soft: bool = False, slack: int = 0, spaces: bool = False
) -> Possible | None:
    """The ways of each run that some solution uses; None where there is none, or the solver does not come to an end.

    Args:
        ways: of each run, at least one.
        sums: identities across the runs.
        soft: identities may be broken, as few as possible.
        slack: solutions may break so many more than the best.
        spaces: of the solutions only those that part the fewest texts against their spaces.
    """
    from ortools.sat.python import cp_model  # loading it takes most of a second, for which few reports need wait

    model = cp_model.CpModel()
    chosen = [[model.new_bool_var("") for _ in options] for options in ways]
    for literals in chosen:
        model.add_exactly_one(literals)
    holding = [model.new_bool_var("") for _ in sums]
    for one, holds in zip(sums, holding, strict=True):
        terms = [
            sign * int(way.counts[cell]) * literal
            for run, cell, sign in one.terms
            for way, literal in zip(ways[run], chosen[run], strict=True)
        ]
        model.add(sum(terms) + int(one.constant) == 0).only_enforce_if(holds)
        if not soft:
            model.add(holds == 1)
    pairs = [(way, literal) for one in zip(ways, chosen, strict=True) for way, literal in zip(*one, strict=True)]
    broken = sum(way.broken * literal for way, literal in pairs) + sum(1 - holds for holds in holding)
    crossed = sum(way.crossed * literal for way, literal in pairs)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_deterministic_time = _EFFORT
    least = 0
    for wanted, goal, room in ((soft, broken, slack), (spaces, crossed, 0)):
        if wanted:
            model.minimize(goal)
            if solver.solve(model) != cp_model.OPTIMAL:
                return None
            best = round(solver.objective_value)
            least = best if goal is broken else least
            model.clear_objective()  # type: ignore[no-untyped-call]
            model.add(goal <= best + room)
    seen: list[set[int]] = [set() for _ in ways]
    for _ in range(_MOST_ANSWERS):
        status = solver.solve(model)
        if status == cp_model.INFEASIBLE:
            break
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        for number, literals in enumerate(chosen):
            seen[number] |= {index for index, literal in enumerate(literals) if solver.boolean_value(literal)}
        fresh = [
            literal
            for number, literals in enumerate(chosen)
            for index, literal in enumerate(literals)
            if index not in seen[number]
        ]
        if not fresh:
            break
        model.add_bool_or(fresh)
    else:
        seen = [set(range(len(options))) for options in ways]
    if not all(seen):
        return None
    used = (tuple(options[index] for index in sorted(found)) for options, found in zip(ways, seen, strict=True))
    return Possible(tuple(used), least)
