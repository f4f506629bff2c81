"""What reconciliation made of a simulated report, held against what is printed."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import process_time
from typing import Literal

from service.forms.catalogue import IdentitySpec
from service.reconcile import Sureness, judge
from service.reconcile.model import Finding, Reconciliation
from service.results import Number, Reading, Verdict
from training.evaluate.outcome import same_value
from training.simulate.draw import Sheet
from training.simulate.edits import Kind
from training.simulate.plant import Planted, Support, planted_readings
from training.synthesize.effects import Quality
from training.synthesize.numbers import violations

Fate = Literal["right", "wrong", "left", "silent"]
"""What became of a misreading: repaired rightly; repaired, to another wrong value; left as it was to a person; left as
it was in a report that was called reconciled."""

Reconcile = Callable[[Sequence[IdentitySpec], Mapping[str, Reading]], Reconciliation]


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """What became of one planted misreading."""

    field: str
    kind: Kind
    support: Support
    visible: bool
    found: bool
    """An identity that it stands in failed, or an issue names its reading, or it was repaired."""
    fate: Fate
    place: int | None = None
    """Where what is printed stands among the values that a finding proposes, from 1; None where none proposes it."""


@dataclass(frozen=True, slots=True)
class ReportOutcome:
    """What became of one simulated report."""

    scenario: str
    number: int
    quality: Quality
    balanced: bool
    """What is printed balances."""
    cells: int
    planted: tuple[CellOutcome, ...]
    wrong_repairs: tuple[str, ...]
    """Fields whose reading was replaced by a wrong one, planted or not."""
    signs: int
    """How many of these count what is printed: nothing was taken for a zero, or a zero for nothing."""
    verdicts: tuple[Verdict, ...]
    reconciled: bool
    wrong: bool
    """A field is wrong in the end."""
    seconds: float
    """Of the processor, however busy the machine is."""
    story: tuple[str, ...] = ()
    """Of a report in which something went wrong: what was read, what is printed, what was done."""

    @property
    def called_reconciled_though_wrong(self) -> bool:
        """The worst failure: a field is wrong, or the numbers do not balance, and no person is asked."""
        return self.reconciled and (self.wrong or not self.balanced)


def run(
    scenario: str, number: int, sheet: Sheet, planted: Planted, reconcile: Reconcile, sureness: Sureness
) -> ReportOutcome:
    """Reconcile a report with its misreadings, and hold what comes out against what is printed."""
    before = planted_readings(sheet, planted)
    found, seconds = _timed(lambda: reconcile(sheet.identities, before))
    issues, status = judge(found.identities, found.fields, (), sureness)
    wrong = {name for name, value in sheet.truth.items() if not same_value(found.fields[name].value, value)}
    replaced = {name for name, value in sheet.truth.items() if _replaced(before[name], found.fields[name], value)}
    failing = _failing(sheet.identities, {name: one.value for name, one in before.items()})
    noticed = replaced | failing | {field for issue in issues for field in issue.fields}
    cells = tuple(
        CellOutcome(
            name,
            one.kind,
            one.support,
            one.visible,
            name in noticed,
            _fate(name in wrong, name in replaced, reconciled=status == "reconciled"),
            _place(found.findings, name, sheet.truth[name]),
        )
        for name, one in planted.items()
    )
    return ReportOutcome(
        scenario=scenario,
        number=number,
        quality=sheet.quality,
        balanced=not violations(sheet.identities, sheet.truth),
        cells=len(sheet.printed),
        planted=cells,
        wrong_repairs=tuple(sorted(wrong & replaced)),
        signs=sum(not sheet.truth[name] and not found.fields[name].value for name in wrong & replaced),
        verdicts=tuple(finding.verdict for finding in found.findings),
        reconciled=status == "reconciled",
        wrong=bool(wrong),
        seconds=seconds,
        story=tuple(_story(sheet, planted, before, found)) if wrong & (replaced | planted.keys()) else (),
    )


def _replaced(before: Reading, after: Reading, truth: Number | None) -> bool:
    """Whether another value was put in place of a reading; a number that was read as nothing stays so, 0 or empty."""
    as_lost = bool(truth) and not before.value and not after.value
    return not as_lost and not same_value(after.value, before.value)


def _timed(call: Callable[[], Reconciliation]) -> tuple[Reconciliation, float]:
    """What a call returns, and how long it took: without the search for garbage in all that the simulation holds."""
    gc.disable()
    try:
        start = process_time()
        found = call()
        return found, process_time() - start
    finally:
        gc.enable()


def _fate(wrong: bool, replaced: bool, *, reconciled: bool) -> Fate:
    if not wrong:
        return "right"
    if replaced:
        return "wrong"
    return "silent" if reconciled else "left"


def _place(findings: Sequence[Finding], name: str, truth: Number | None) -> int | None:
    places = (
        place
        for finding in findings
        for place, one in enumerate(finding.proposals, 1)
        if one.field == name and same_value(one.value, truth or 0)
    )
    return min(places, default=None)


def _failing(identities: Sequence[IdentitySpec], values: Mapping[str, Number | None]) -> frozenset[str]:
    """The fields of the identities that fail."""
    failing = set(violations(identities, values))
    return frozenset(name for spec in identities if spec.id in failing for name in (*spec.left, *spec.right))


def _story(sheet: Sheet, planted: Planted, before: Mapping[str, Reading], found: Reconciliation) -> list[str]:
    changed = [name for name in before if found.fields[name].value != before[name].value]
    lines = []
    for name in dict.fromkeys((*planted, *changed)):
        one, after = before[name], found.fields[name]
        others = ", ".join(f"{other.text!r} {other.confidence:.3f}" for other in one.alternatives)
        lines.append(
            f"{name}: printed {sheet.printed[name]!r}, read {one.text!r} {one.confidence:.3f} [{others}]"
            f" -> {after.text!r} {after.state} {after.confidence:.3f}"
        )
    for finding in found.findings:
        repairs = ", ".join(f"{one.field} {one.odds:.3g}" for one in finding.repairs)
        lines.append(
            f"  {finding.verdict} (odds {finding.odds:.3g}, {finding.ways} ways, {finding.pattern}): "
            f"{', '.join(finding.identities)}; roots {', '.join(finding.roots)}; repaired {repairs or 'nothing'}"
        )
    return lines
