"""How a report prints nothing: as 0, as an empty cell, or as a stroke. No identity tells them apart, its habit does.

A cell that may be any of them is most probably what the sure cells of its table are, and of its row, where that has a
way of its own: in a table that prints a hundred zeros, a faint 0 is a 0, and a cell that seems empty is suspect.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from service.reconcile.model import Option
from service.reconcile.options import CellOptions
from service.reconcile.priors import HabitPriors
from service.results import State

_SURE = 0.9
"""Probability from which a reading tells something of the habit."""
_SIGNS: tuple[tuple[str, State], ...] = (("zero", "read"), ("blank", "blank"), ("marked", "marked"))

Shares = Mapping[State, float]


def follow_habits(options: Mapping[str, CellOptions], priors: HabitPriors) -> dict[str, CellOptions]:
    """The options of each cell, those that count zero weighed anew by the habit of its table and row.

    All that count zero keep their common probability. Sure cells of the same table and row are evidence, the cell
    itself is not.
    """
    signs = {name: found for name, several in options.items() if (found := _sign(several.named))}
    tables, rows = _counted(signs, _table), _counted(signs, _row)
    usual: Shares = {state: getattr(priors, sign) for sign, state in _SIGNS}

    @cache
    def habit(row: str, own: State | None) -> Shares:
        return _shares(rows[row], own, _shares(tables[_table(row)], own, usual, priors.table), priors.row)

    weighed = dict(options)
    for name, several in options.items():
        if shown := {option.state for option in several.named if not option.count}:
            own = habit(_row(name), signs.get(name))
            unshown = sum(share for state, share in own.items() if state not in shown)
            weighed[name] = replace(several, named=tuple(_weighed(several.named, own, usual)), unshown=unshown)
    return weighed


def _weighed(options: Sequence[Option], habit: Shares, usual: Shares) -> list[Option]:
    empty = [option for option in options if not option.count]
    weights = {id(option): option.probability * habit[option.state] / usual[option.state] for option in empty}
    whole = sum(option.probability for option in empty) / sum(weights.values())
    return [
        replace(option, probability=weights[id(option)] * whole) if id(option) in weights else option
        for option in options
    ]


def _shares(counts: Counter[State], own: State | None, usual: Shares, weight: float) -> Shares:
    """How often each sign stands, among the cells counted but the cell's own, smoothed by what is usual."""
    others = {state: counts[state] - (state == own) for _, state in _SIGNS}
    total = sum(others.values()) + weight
    return {state: (others[state] + weight * usual[state]) / total for _, state in _SIGNS}


def _sign(options: Sequence[Option]) -> State | None:
    """How a cell that surely counts nothing is printed."""
    if options and not options[0].count and options[0].probability >= _SURE:
        return options[0].state
    return None


def _counted(signs: Mapping[str, State], key: Callable[[str], str]) -> defaultdict[str, Counter[State]]:
    counts: defaultdict[str, Counter[State]] = defaultdict(Counter)
    for name, sign in signs.items():
        counts[key(name)][sign] += 1
    return counts


def _table(name: str) -> str:
    return name.partition(".")[0]


def _row(name: str) -> str:
    return name.rpartition(".")[0]
