"""Known ways to go wrong, beyond single cells: a row that stands one cell off, a total copied from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from service.reconcile.network import Change, Network, Residual
from service.results import Reading


@dataclass(frozen=True, slots=True)
class Shift:
    """A row whose numbers stand one cell off."""

    changes: tuple[Change, ...]
    """What its cells hold when it is moved back; the number that was pushed out is what the sums demand."""
    identities: frozenset[int]
    """Those of its cells."""


def find_shifts(net: Network, failing: Collection[int]) -> Iterator[Shift]:
    """The rows that, moved by one cell, make every identity of their cells hold, of which several fail as they are."""
    for own in _rows(net):
        row = tuple(cell for cell, _ in net.members[own])
        touched = frozenset(identity for cell in row for identity, _ in net.identities[cell])
        if len(touched.intersection(failing)) < 2 or not any(net.nodes[cell].count for cell in row):
            continue
        for moved in (row, row[::-1]):
            changes = _moved(net, own, moved)
            if changes and not touched.intersection(_residual(net, changes)):
                yield Shift(changes, touched)
                break


def is_copied(net: Network, identity: int, fields: Mapping[str, Reading]) -> bool:
    """Whether a total is the same number as one of several parts, or as the total above it."""
    spec = net.specs[identity]
    total = fields[spec.right[0]].value
    if len(spec.right) != 1 or not total:
        return False
    parts = [value for name in spec.left if (value := fields[name].value)]
    kind = spec.id.partition(":")[0]
    above = net.specs[identity - 1] if identity and net.specs[identity - 1].id.partition(":")[0] == kind else None
    return (len(parts) > 1 and total in parts) or (above is not None and fields[above.right[0]].value == total)


def _rows(net: Network) -> Iterator[int]:
    """The identities over a row: the paths of their cells differ in nothing but the end. Terms are in printed order."""
    for identity, inside in enumerate(net.members):
        if len({net.names[cell].rpartition(".")[0] for cell, _ in inside}) == 1:
            yield identity


def _moved(net: Network, own: int, row: tuple[int, ...]) -> tuple[Change, ...]:
    """Each cell given what the next one holds, and the last one what makes the row's own identity hold."""
    counts = {cell: net.nodes[after].count for cell, after in pairwise(row)}
    signs = dict(net.members[own])
    last = row[-1]
    counts[last] = -signs[last] * sum(signs[cell] * count for cell, count in counts.items())
    if counts[last] < 0:
        return ()
    deltas = ((cell, counts[cell] - net.nodes[cell].count) for cell in row)
    return tuple(Change(cell, delta, net.nodes[cell].cost(delta)) for cell, delta in deltas if delta)


def _residual(net: Network, changes: tuple[Change, ...]) -> Residual:
    residual: Residual = dict(net.residual)
    for change in changes:
        residual = net.moved(residual, change)
    return residual
