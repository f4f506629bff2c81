"""The identities that can be checked, as a net of whole numbers over the cells: what each option would move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, lcm, log

from service.forms.catalogue import IdentitySpec
from service.reconcile.options import CellOptions

Residual = dict[int, int]
"""Identity -> left sum less right sum, of those that do not hold."""
Signed = tuple[int, int]
"""An identity's cell, or a cell's identity, with 1 where the cell stands on the left and -1 on the right."""


_LEAST = 1e-6
"""Probability from which edits are thought of."""


@dataclass(frozen=True, slots=True)
class Change:
    """Another count for a cell."""

    cell: int
    delta: int
    """New count less the count as read, in the net's units."""
    cost: float
    """Natural logarithm of how much less probable it is than the count as read; at least 0."""


@dataclass(frozen=True, slots=True)
class Node:
    """A cell of the net. Counts are in the net's units."""

    count: int
    """As read."""
    named: tuple[Change, ...]
    """To the counts that readers name, cheapest first."""
    costs: Mapping[int, float]
    """The same by their deltas."""
    edits: Mapping[int, float]
    """Counts one digit away, in ones, with what changing to them costs."""
    unit: int
    left: float
    """Probability that something is printed that no reader names."""
    empty: bool
    """Whether no number was read."""
    blank: bool
    """Whether not even a stroke was."""

    @property
    def cheapest(self) -> float:
        """What changing the cell costs at least."""
        return min((*(change.cost for change in self.named[:1]), *self.edits.values()), default=inf)

    def cost(self, delta: int) -> float:
        """What a change costs; infinite where nothing speaks for it."""
        if (cost := self.costs.get(delta)) is not None:
            return cost
        count, rest = divmod(self.count + delta, self.unit)
        return inf if rest else self.edits.get(count, inf)


@dataclass(frozen=True)
class Network:
    """Identities over cells. Identities and cells go by their positions in `specs` and `names`."""

    names: tuple[str, ...]
    """The cells of the identities."""
    specs: tuple[IdentitySpec, ...]
    """The identities that lack no cell."""
    members: tuple[tuple[Signed, ...], ...]
    """Of each identity its cells."""
    identities: tuple[tuple[Signed, ...], ...]
    """Of each cell its identities."""
    nodes: tuple[Node, ...]
    scale: int
    """A unit of the net is 1 / `scale`."""

    @cached_property
    def residual(self) -> Mapping[int, int]:
        """Of the counts as read."""
        sums = [sum(sign * self.nodes[cell].count for cell, sign in inside) for inside in self.members]
        return {number: left for number, left in enumerate(sums) if left}

    @cached_property
    def left(self) -> tuple[float, ...]:
        """Of each identity the sum of what its cells leave to values that nobody named."""
        return tuple(sum(self.nodes[cell].left for cell, _ in inside) for inside in self.members)

    @cached_property
    def adds_up(self) -> tuple[bool, ...]:
        """Of each identity whether it is over any number but zero."""
        return tuple(any(self.nodes[cell].count for cell, _ in inside) for inside in self.members)

    @cached_property
    def vacant(self) -> tuple[bool, ...]:
        """Of each identity whether no number was read in it at all: it would hold as well if a whole row were lost."""
        return tuple(all(self.nodes[cell].empty for cell, _ in inside) for inside in self.members)

    def moved(self, residual: Mapping[int, int], change: Change) -> Residual:
        """The residual after a change."""
        found = dict(residual)
        for identity, sign in self.identities[change.cell]:
            left = found.get(identity, 0) + sign * change.delta
            if left:
                found[identity] = left
            else:
                found.pop(identity, None)
        return found

    def movers(self, identity: int, amount: int) -> list[Change]:
        """The changes that move an identity's residual by so much, cheapest first."""
        found = [
            Change(cell, sign * amount, cost)
            for cell, sign in self.members[identity]
            if (cost := self.nodes[cell].cost(sign * amount)) < inf
        ]
        return sorted(found, key=lambda change: change.cost)

    def parts(self) -> Iterator[frozenset[int]]:
        """The identities that hang together by shared cells, directly or through others."""
        left = set(range(len(self.specs)))
        while left:
            reached, edge = set[int](), {min(left)}
            while edge:
                reached |= edge
                cells = {cell for identity in edge for cell, _ in self.members[identity]}
                edge = {identity for cell in cells for identity, _ in self.identities[cell]} - reached
            left -= reached
            yield frozenset(reached)


def build_network(specs: Sequence[IdentitySpec], options: Mapping[str, CellOptions]) -> Network:
    """The net of the identities of which no cell is missing."""
    known = tuple(spec for spec in specs if all(options[name].named for name in (*spec.left, *spec.right)))
    names = tuple(dict.fromkeys(name for spec in known for name in (*spec.left, *spec.right)))
    at = {name: number for number, name in enumerate(names)}
    scale = lcm(*(option.count.denominator for name in names for option in options[name].named))
    members = tuple(
        (*((at[name], 1) for name in spec.left), *((at[name], -1) for name in spec.right)) for spec in known
    )
    identities: list[list[Signed]] = [[] for _ in names]
    for number, inside in enumerate(members):
        for cell, sign in inside:
            identities[cell].append((number, sign))
    nodes = tuple(_node(cell, options[name], scale) for cell, name in enumerate(names))
    return Network(names, known, members, tuple(map(tuple, identities)), nodes, scale)


def _node(cell: int, options: CellOptions, scale: int) -> Node:
    likely: dict[int, float] = {}
    for option in options.named:
        count = option.count.numerator * (scale // option.count.denominator)
        likely[count] = likely.get(count, 0.0) + option.probability
    read, *others = likely
    named = sorted(
        (Change(cell, count - read, _cost(likely[read], likely[count])) for count in others),
        key=lambda change: change.cost,
    )
    return Node(
        count=read,
        named=tuple(named),
        costs={change.delta: change.cost for change in named},
        edits={count: _cost(likely[read], options.edited * share) for count, share in options.edits.items()}
        if options.edited > _LEAST
        else {},
        unit=scale,
        left=options.left,
        empty=options.named[0].value is None,
        blank=options.named[0].state == "blank",
    )


def _cost(read: float, other: float) -> float:
    return max(0.0, log(read / other))
