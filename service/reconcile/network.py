"""The identities that can be checked, as a net of whole numbers over the cells: what each option would move."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, log

from service.forms.catalogue import IdentitySpec
from service.reconcile.model import Option

Residual = dict[int, int]
"""Identity -> left sum less right sum, of those that do not hold."""


@dataclass(frozen=True, slots=True)
class Change:
    """Another count for a cell: all its options that count so."""

    cell: int
    delta: int
    """New count less the count as read, in the net's units."""
    cost: float
    """Natural logarithm of how much less probable it is than the count as read; at least 0."""
    option: Option
    """The most probable of its options."""


@dataclass(frozen=True, slots=True)
class Network:
    """Identities over cells. Identities and cells are their positions in `specs` and `cells`."""

    cells: tuple[str, ...]
    """Those of the identities, by name."""
    specs: tuple[IdentitySpec, ...]
    """The identities that lack no cell."""
    members: tuple[tuple[tuple[int, int], ...], ...]
    """Of each identity its cells, with 1 for those on the left and -1 for those on the right."""
    identities: tuple[tuple[tuple[int, int], ...], ...]
    """Of each cell its identities, with the same signs."""
    residual: Mapping[int, int]
    """Of the counts as read."""
    counts: tuple[int, ...]
    """Of each cell the count as read, in units of 1 / `scale`."""
    scale: int
    changes: tuple[tuple[Change, ...], ...]
    """Of each cell, cheapest first."""
    movers: tuple[Mapping[int, tuple[Change, ...]], ...]
    """Of each identity the changes that move its residual by so much, cheapest first."""

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


def build_network(specs: Sequence[IdentitySpec], options: Mapping[str, Sequence[Option]]) -> Network:
    """The net of the identities of which no cell is missing (has no options)."""
    known = tuple(spec for spec in specs if all(options[name] for name in (*spec.left, *spec.right)))
    cells = tuple(dict.fromkeys(name for spec in known for name in (*spec.left, *spec.right)))
    at = {name: number for number, name in enumerate(cells)}
    scale = lcm(*(option.count.denominator for name in cells for option in options[name]))
    members = tuple(
        (*((at[name], 1) for name in spec.left), *((at[name], -1) for name in spec.right)) for spec in known
    )
    identities: list[list[tuple[int, int]]] = [[] for _ in cells]
    for number, inside in enumerate(members):
        for cell, sign in inside:
            identities[cell].append((number, sign))
    counts = tuple(int(options[name][0].count * scale) for name in cells)
    changes = tuple(tuple(_changes(cell, options[name], scale)) for cell, name in enumerate(cells))
    sums = [sum(sign * counts[cell] for cell, sign in inside) for inside in members]
    return Network(
        cells=cells,
        specs=known,
        members=members,
        identities=tuple(map(tuple, identities)),
        residual={number: left for number, left in enumerate(sums) if left},
        counts=counts,
        scale=scale,
        changes=changes,
        movers=tuple(_movers(inside, changes) for inside in members),
    )


def by_count(options: Sequence[Option]) -> dict[Fraction, list[Option]]:
    """Options that count the same, together; the count as read first."""
    found: defaultdict[Fraction, list[Option]] = defaultdict(list)
    for option in options:
        found[option.count].append(option)
    return found


def _changes(cell: int, options: Sequence[Option], scale: int) -> list[Change]:
    groups = by_count(options)
    read = options[0].count
    was = sum(option.probability for option in groups.pop(read))
    found = []
    for count, several in groups.items():
        likely = sum(option.probability for option in several)
        best = max(several, key=lambda option: option.probability)
        found.append(Change(cell, int((count - read) * scale), max(0.0, log(was / likely)), best))
    return sorted(found, key=lambda change: (change.cost, change.delta))


def _movers(members: Sequence[tuple[int, int]], changes: Sequence[Sequence[Change]]) -> dict[int, tuple[Change, ...]]:
    found: defaultdict[int, list[Change]] = defaultdict(list)
    for cell, sign in members:
        for change in changes[cell]:
            found[sign * change.delta].append(change)
    return {delta: tuple(sorted(several, key=lambda change: change.cost)) for delta, several in found.items()}
