"""Explanations of a failure -> findings: what fails together, the verdict on it, repairs and proposals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import exp

from service.reconcile.identities import as_number
from service.reconcile.model import Finding, Option, Proposal, Repair
from service.reconcile.network import Change, Network, Residual
from service.reconcile.options import CellOptions, likelihood
from service.reconcile.patterns import Shift, find_shifts, is_copied
from service.reconcile.priors import Priors
from service.reconcile.solve import Explanation, Explanations
from service.results import AlternativeValue, Reading

_WORTH = 0.02
"""Probability from which an explanation tells which identities fail together."""
_PROPOSED = 0.01
"""Probability from which a value is worth a person's look."""
_NAMED, _KNOWN = 0.003, 0.25
"""Probability by the ink from which what readers name may take the place of the first, and its least share of what no
reader names there: in sums that fail for several reasons, what the source does is not known so well that less could be
weighed against it."""
_MOST_PROPOSED = 6
_LIKELY = 0.5
"""Probability from which what the source does is looked at."""
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
) -> tuple[Finding, ...]:
    """The findings of one part of the net, each with the identities that it explains."""
    groups = list(_groups(inference))
    judged = [list(_Judge(inference, group, fields, options, priors).findings()) for group in groups]
    mended = {one for findings in judged for finding in findings if finding.repairs for one in finding.identities}
    shifted: list[Finding] = []
    for shift in find_shifts(inference.net, inference.failing):
        names = {inference.net.specs[identity].id for identity in shift.identities}
        if mended.isdisjoint(names) and not any(names.intersection(one.identities) for one in shifted):
            shifted.append(_shifted(inference, shift))
    moved = {identity for finding in shifted for identity in finding.identities}
    rest = (one for findings in judged for one in findings if moved.isdisjoint(one.identities))
    return (*shifted, *rest)


def _shifted(inference: Inference, shift: Shift) -> Finding:
    """A row one cell off is told and never moved: the number that was pushed out of it is nowhere in the ink."""
    net = inference.net
    proposals = tuple(
        Proposal(
            net.names[one.cell], as_number(Fraction(net.nodes[one.cell].count + one.delta, net.scale)), 0.5, "edit"
        )
        for one in shift.changes
    )
    failing = tuple(net.specs[identity].id for identity in inference.failing if identity in shift.identities)
    roots = tuple(proposal.field for proposal in proposals)
    return Finding("undecided", failing, roots, (), proposals, 1.0, 1, "shifted-row")


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
        self._priors, self._complete = priors, inference.explained.complete
        self._failing = tuple(identity for identity in inference.failing if identity in group)
        self._ways: dict[_Way, float] = {}
        for way, probability in zip(inference.explained.ways, inference.probabilities, strict=True):
            here = self._here(way)
            self._ways[here] = self._ways.get(here, 0.0) + probability
        self._best = max(self._ways, key=lambda way: self._ways[way])
        self._counted: dict[Change, float] = {}
        for here, probability in self._ways.items():
            for change in here.changes:
                self._counted[change] = self._counted.get(change, 0.0) + probability

    def findings(self) -> Iterator[Finding]:
        """What is repaired, and the verdict on what then still fails."""
        changes, left = self._sure_changes()
        ways = sum(1 for probability in self._ways.values() if probability >= _WORTH)
        if changes:
            names = self._names(identity for identity in self._failing if identity not in left)
            repairs = tuple(self._repair(change, left) for change in changes)
            odds = min(repair.odds for repair in repairs)
            roots = tuple(repair.field for repair in repairs)
            yield Finding("misread", names, roots, repairs, (), odds, ways, self._cancels(changes))
        self._failing = tuple(identity for identity in self._failing if identity in left)
        if self._failing:
            yield self._unrepaired(changes, ways)

    def _unrepaired(self, repaired: Sequence[Change], ways: int) -> Finding:
        as_printed = sum(p for way, p in self._ways.items() if way.changes.issubset(repaired))
        pattern = self._pattern() if as_printed >= _LIKELY else None
        proposals = self._proposals(pattern, repaired)
        names = self._names(self._failing)
        if self._complete and as_printed >= self._priors.told:
            return Finding("unbalanced", names, self._slips(), (), proposals, _odds(as_printed), ways, pattern)
        roots = tuple(dict.fromkeys(one.field for one in proposals)) or self._slips()
        return Finding("undecided", names, roots, (), proposals, _odds(self._ways[self._best]), ways, pattern)

    def _names(self, identities: Iterable[int]) -> tuple[str, ...]:
        return tuple(self._net.specs[identity].id for identity in identities)

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
        alike = self._alike(change)
        same = [option for option in alike if option.value == alike[0].value]
        return min(1.0, self._counted[change] * likelihood(same) / likelihood(alike))

    def _sure_changes(self) -> tuple[list[Change], Residual]:
        """The changes of the best explanation that are sure enough, and the residual that they leave.

        Each closes an identity that failed. Another of its identities may go on failing, for a further cell of it is in
        doubt; but one that held as read holds again.
        """
        changes = [
            change
            for change in sorted(self._best.changes, key=lambda one: one.cell)
            if self._complete and self._is_sure(change)
        ]
        while True:
            residual: Residual = dict(self._net.residual)
            for change in changes:
                residual = self._net.moved(residual, change)
            kept = [change for change in changes if self._closes(change, residual)]
            if len(kept) == len(changes):
                return kept, residual
            changes = kept

    def _closes(self, change: Change, residual: Residual) -> bool:
        own = {identity for identity, _ in self._net.identities[change.cell]}
        broken = own & residual.keys()
        return broken.issubset(self._failing) and not own.intersection(self._failing).issubset(broken)

    def _repair(self, change: Change, left: Residual) -> Repair:
        name, option, probability = self._net.names[change.cell], self._option(change), self._probability(change)
        return Repair(
            field=name,
            before=self._fields[name],
            after=_repaired(self._fields[name], option, probability),
            closes=self._names(
                one for one, _ in self._net.identities[change.cell] if one in self._failing and one not in left
            ),
            origin=option.origin,
            odds=_odds(probability),
        )

    def _is_sure(self, change: Change) -> bool:
        """Whether readers name a change, and it keeps the risks: that of its count, that of how nothing is shown.

        What no reader named is left to a person, whatever its odds: of 60 repairs by it in simulated reports seven
        printed nothing otherwise than it stands, and one bent a source; it was a thirteenth of those that were right.
        """
        named = likelihood(option for option in self._alike(change) if option.origin != "edit")
        left = self._options[self._net.names[change.cell]].left
        counted, printed = self._counted[change], self._probability(change)
        supported = named >= max(_NAMED, _KNOWN * left)
        return supported and counted >= 1 - self._priors.risk and printed >= 1 - self._priors.signs

    def _cancels(self, changes: Sequence[Change]) -> str | None:
        """The pattern of misreadings that cancel out in an identity, which held as read."""
        touched = [identity for change in changes for identity, _ in self._net.identities[change.cell]]
        return "cancelling" if any(identity not in self._failing for identity in touched) else None

    def _proposals(self, pattern: str | None, repaired: Sequence[Change]) -> tuple[Proposal, ...]:
        """Values for a person to look at, the most probable first."""
        if pattern == "blank-total":
            return tuple(self._sums())
        likely = {one: self._probability(one) for one in self._counted if one not in repaired}
        ranked = sorted(likely.items(), key=lambda one: (-one[1], one[0].cell, one[0].delta))
        return tuple(
            Proposal(self._net.names[change.cell], option.value or 0, probability, option.origin)
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
        if any(is_copied(self._net, identity, self._fields) for identity in self._failing):
            return "copied-total"
        return None

    def _sums(self) -> Iterator[Proposal]:
        """The sums of the parts whose total is left blank."""
        for identity in self._failing:
            spec = self._net.specs[identity]
            if len(spec.right) == 1 and self._fields[spec.right[0]].value is None:
                parts = [Fraction(str(self._fields[name].value or 0)) for name in spec.left]
                yield Proposal(spec.right[0], as_number(sum(parts, Fraction())), self._ways[self._best], "edit")


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


def _odds(probability: float) -> float:
    return min(probability / max(1 - probability, 1e-12), _MOST_ODDS)
