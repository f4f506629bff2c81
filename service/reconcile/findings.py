"""Explanations of a failure -> findings: what fails together, the verdict on it, repairs and proposals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import exp

from service.reconcile.model import Finding, Option, Proposal, Repair
from service.reconcile.network import Change, Network
from service.reconcile.options import CellOptions, likelihood
from service.reconcile.priors import Priors
from service.reconcile.solve import Explanation, Explanations
from service.results import AlternativeValue, Number, Reading

_WORTH = 0.02
"""Probability from which an explanation tells which identities fail together."""
_PROPOSED = 0.01
"""Probability from which a value is worth a person's look."""
_MOST_PROPOSED = 6
_MOST_ODDS = 1e6


@dataclass(frozen=True, slots=True)
class Inference:
    """What a part of the net that fails may come from."""

    net: Network
    failing: tuple[int, ...]
    """The identities that fail as read."""
    explained: Explanations
    probabilities: tuple[float, ...]
    """Of the explanations; they sum to 1."""

    @staticmethod
    def of(net: Network, failing: tuple[int, ...], explained: Explanations) -> Inference:
        """Probabilities from costs."""
        weights = [exp(explained.ways[0].cost - way.cost) for way in explained.ways]
        return Inference(net, failing, explained, tuple(weight / sum(weights) for weight in weights))

    def changed(self) -> dict[str, float]:
        """The cells that explanations change, each with the probability that one of these is right."""
        found: dict[str, float] = {}
        for way, probability in zip(self.explained.ways, self.probabilities, strict=True):
            for change in way.changes:
                name = self.net.names[change.cell]
                found[name] = found.get(name, 0.0) + probability
        return found


@dataclass(frozen=True, slots=True)
class _Way:
    """What an explanation says of the identities of one finding."""

    changes: frozenset[Change]
    broken: frozenset[tuple[int, int]]


def findings_of(
    inference: Inference, fields: Mapping[str, Reading], options: Mapping[str, CellOptions], priors: Priors
) -> Iterator[Finding]:
    """The findings of one part of the net, each with the identities that it explains."""
    for group in _groups(inference):
        yield _Judge(inference, group, fields, options, priors).finding()


def _groups(inference: Inference) -> Iterator[frozenset[int]]:
    """The identities that fail together, with those that a likely explanation breaks or mends along with them."""
    groups = [frozenset({identity}) for identity in inference.failing]
    for way, probability in zip(inference.explained.ways, inference.probabilities, strict=True):
        if probability < _WORTH:
            continue
        for atom in _atoms(inference.net, way):
            touching = [group for group in groups if group & atom]
            if touching:
                groups = [group for group in groups if not group & atom] + [atom.union(*touching)]
    return iter(sorted(groups, key=min))


def _atoms(net: Network, way: Explanation) -> Iterator[frozenset[int]]:
    """Sets of identities that one misread cell, or one slip of the source, concerns."""
    for change in way.changes:
        yield frozenset(identity for identity, _ in net.identities[change.cell])
    by_amount: dict[int, set[int]] = {}
    for identity, amount in way.broken:
        by_amount.setdefault(abs(amount), set()).add(identity)
    yield from map(frozenset, by_amount.values())


class _Judge:
    """Comes to a verdict on identities that fail together."""

    def __init__(
        self,
        inference: Inference,
        group: frozenset[int],
        fields: Mapping[str, Reading],
        options: Mapping[str, CellOptions],
        priors: Priors,
    ) -> None:
        self._net, self._group, self._fields, self._options = inference.net, group, fields, options
        self._risk, self._told, self._complete = priors.risk, priors.told, inference.explained.complete
        self._failing = tuple(identity for identity in inference.failing if identity in group)
        self._ways: dict[_Way, float] = {}
        for way, probability in zip(inference.explained.ways, inference.probabilities, strict=True):
            here = self._here(way)
            self._ways[here] = self._ways.get(here, 0.0) + probability
        self._best = max(self._ways, key=lambda way: self._ways[way])

    def finding(self) -> Finding:
        """The verdict, with what follows from it."""
        repairs = self._repairs()
        ways = sum(1 for probability in self._ways.values() if probability >= _WORTH)
        names = tuple(self._net.specs[identity].id for identity in self._failing)
        if repairs:
            roots = tuple(repair.field for repair in repairs)
            return Finding("misread", names, roots, repairs, (), _odds(self._ways[self._best]), ways, self._cancels())
        as_printed = sum(p for way, p in self._ways.items() if not way.changes)
        pattern = self._pattern() if as_printed >= 0.5 else None
        proposals = self._proposals(pattern)
        if self._complete and as_printed >= self._told:
            return Finding("unbalanced", names, self._slips(), (), proposals, _odds(as_printed), ways, pattern)
        roots = tuple(dict.fromkeys(one.field for one in proposals)) or self._slips()
        return Finding("undecided", names, roots, (), proposals, _odds(self._ways[self._best]), ways, pattern)

    def _here(self, way: Explanation) -> _Way:
        touching = frozenset(
            change
            for change in way.changes
            if any(identity in self._group for identity, _ in self._net.identities[change.cell])
        )
        return _Way(touching, frozenset(one for one in way.broken if one[0] in self._group))

    def _option(self, change: Change) -> Option:
        """The most probable of the options that a change stands for."""
        return self._alike(change)[0]

    def _alike(self, change: Change) -> tuple[Option, ...]:
        node = self._net.nodes[change.cell]
        return self._options[self._net.names[change.cell]].counting(Fraction(node.count + change.delta, node.unit))

    def _probability(self, change: Change) -> float:
        """Of a change, that its value is printed: its count by the identities, and the value by ink and habit."""
        counted = sum(probability for way, probability in self._ways.items() if change in way.changes)
        alike = self._alike(change)
        same = [option for option in alike if option.value == alike[0].value]
        return counted * likelihood(same) / likelihood(alike)

    def _repairs(self) -> tuple[Repair, ...]:
        """All changes of the best explanation, if each is sure enough and no identity stays broken; else none."""
        if self._best.broken or not self._complete:
            return ()
        found = []
        for change in sorted(self._best.changes, key=lambda one: one.cell):
            probability = min(self._probability(change), 1.0)
            if probability < 1 - self._risk or not self._supported(change):
                return ()
            before = self._fields[self._net.names[change.cell]]
            found.append(
                Repair(
                    field=self._net.names[change.cell],
                    before=before,
                    after=_repaired(before, self._option(change), probability),
                    closes=tuple(
                        self._net.specs[identity].id
                        for identity, _ in self._net.identities[change.cell]
                        if identity in self._failing
                    ),
                    origin=self._option(change).origin,
                    odds=_odds(probability),
                )
            )
        return tuple(found)

    def _supported(self, change: Change) -> bool:
        """Whether a value that no reader named is singled out by more than one identity."""
        return self._option(change).origin != "edit" or len(self._net.identities[change.cell]) > 1

    def _cancels(self) -> str | None:
        """The pattern of misreadings that cancel out in an identity, which held as read."""
        touched = [identity for change in self._best.changes for identity, _ in self._net.identities[change.cell]]
        return "cancelling" if any(identity not in self._failing for identity in touched) else None

    def _proposals(self, pattern: str | None) -> tuple[Proposal, ...]:
        """Values for a person to look at, the most probable first."""
        if pattern == "blank-total":
            return tuple(self._sums())
        likely = {change: 0.0 for way in self._ways for change in way.changes}
        likely = {change: self._probability(change) for change in likely}
        ranked = sorted(likely.items(), key=lambda one: (-one[1], one[0].cell, one[0].delta))
        return tuple(
            Proposal(self._net.names[change.cell], option.value or 0, min(probability, 1.0), option.origin)
            for change, probability in ranked[:_MOST_PROPOSED]
            for option in (self._option(change),)
            if probability >= _PROPOSED
        )

    def _slips(self) -> tuple[str, ...]:
        """The cells that are printed wrong if the source is: those in most of the failing identities, or the totals."""
        shared: dict[int, int] = {}
        for identity in self._failing:
            for cell, _ in self._net.members[identity]:
                shared[cell] = shared.get(cell, 0) + 1
        most = max(shared.values())
        if most > 1:
            return tuple(self._net.names[cell] for cell in sorted(shared) if shared[cell] == most)
        return tuple(name for identity in self._failing for name in self._net.specs[identity].right)

    def _pattern(self) -> str | None:
        """The known way to go wrong that the failure looks like."""
        if any(self._sums()):
            return "blank-total"
        if any(self._is_copied(identity) for identity in self._failing):
            return "copied-total"
        return None

    def _sums(self) -> Iterator[Proposal]:
        """The sums of the parts whose total is left blank."""
        for identity in self._failing:
            spec = self._net.specs[identity]
            if len(spec.right) == 1 and self._fields[spec.right[0]].value is None:
                parts = [Fraction(str(self._fields[name].value or 0)) for name in spec.left]
                yield Proposal(spec.right[0], _number(sum(parts, Fraction())), self._ways[self._best], "edit")

    def _is_copied(self, identity: int) -> bool:
        """Whether a total is the same number as one of several parts."""
        spec = self._net.specs[identity]
        total = self._fields[spec.right[0]].value
        parts = [value for name in spec.left if (value := self._fields[name].value)]
        return len(spec.right) == 1 and bool(total) and len(parts) > 1 and total in parts


def _repaired(before: Reading, option: Option, probability: float) -> Reading:
    """The reading with another of its options as its value; what was read stays as its first alternative."""
    first = AlternativeValue(
        value=before.value, confidence=min(before.confidence, 1 - probability), text=before.text, reader=before.reader
    )
    others = tuple(one for one in before.alternatives if (one.value, one.text) != (option.value, option.text))
    return before.model_copy(
        update={
            "value": option.value,
            "text": option.text,
            "state": "repaired",
            "confidence": probability,
            "reader": option.reader or before.reader,
            "alternatives": (first, *others),
        }
    )


def _number(value: Fraction) -> Number:
    return int(value) if value.denominator == 1 else float(value)


def _odds(probability: float) -> float:
    return min(probability / max(1 - probability, 1e-12), _MOST_ODDS)
