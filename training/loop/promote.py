"""Promotion: a fitted model takes the served one's place unless it is worse on the gold set by more than its noise.

The test, for each group of gold reports (each scan quality, inputs that are no scans, the hard cases):

- Both the served models and the candidate's read the same reports. Only the fields that one of them reads rightly and
  the other wrongly say anything. If the two were equally good, each such field would fall to either side with
  probability 1/2: McNemar's test in its exact, one-sided form (binomial; Psychometrika 12, 1947). A candidate for
  which so many losses, or more, have a probability below 0.05 is refused.
- Fields of one report are not independent of each other, which makes the test refuse more often than it says: the safe
  side. A whole table lost in one report is a reason to look, not noise.
- A report that the candidate calls reconciled with a wrong number is the worst failure. A candidate with more of them
  than the served models, in any group, is refused without a test.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from pathlib import Path

from models.registry import Served
from service.errors import NotPromoted
from training.evaluate import Outcome
from training.loop.gold import group_of, outcomes_with
from training.loop.runs import CONFIG, Run
from training.loop.weights import CARD, copy_served, install_together

LEAST_PROBABILITY = 0.05
"""Losses less probable than this, if both were equally good, refuse a candidate."""

Measure = Callable[[Path], Sequence[Outcome]]
"""Reads the gold set with the models of a weights folder."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One group of gold reports, read with the served models and with the candidate's."""

    group: str
    reports: int
    fields: int
    served_right: int
    candidate_right: int
    won: int
    """Fields that only the candidate reads rightly."""
    lost: int
    """Fields that only the served models read rightly."""
    served_silent: int
    """Reports called reconciled with a wrong number, by the served models."""
    candidate_silent: int

    @property
    def probability(self) -> float:
        """Of so many losses, or more, if both were equally good; 1 where nothing was lost."""
        return at_least(self.lost, self.won + self.lost)

    @property
    def worse(self) -> bool:
        """Whether the candidate is worse by more than its noise."""
        return self.probability < LEAST_PROBABILITY or self.candidate_silent > self.served_silent

    def __str__(self) -> str:
        silent = f"; silent errors {self.served_silent} -> {self.candidate_silent}" if self.candidate_silent else ""
        return (
            f"{self.group}: {100 * self.served_right / max(self.fields, 1):.2f} % -> "
            f"{100 * self.candidate_right / max(self.fields, 1):.2f} % of {self.fields} fields right in "
            f"{self.reports} reports; {self.won} won, {self.lost} lost (p = {self.probability:.3g}){silent}"
        )


def at_least(hits: int, tries: int) -> float:
    """Probability of at least that many hits in so many throws of a fair coin."""
    ways: int = sum(comb(tries, k) for k in range(hits, tries + 1))
    return ways / (1 << tries)


def compare(served: Sequence[Outcome], candidate: Sequence[Outcome]) -> list[Comparison]:
    """Compare two readings of the same reports, group by group.

    Raises:
        ValueError: they are not of the same reports and fields.
    """
    pairs = list(zip(sorted(served, key=_name), sorted(candidate, key=_name), strict=True))
    if any(a.name != b.name or a.correct.keys() != b.correct.keys() for a, b in pairs):
        raise ValueError("both readings must be of the same reports and fields")
    return [
        _compare(group, [(a, b) for a, b in pairs if group_of(a) == group])
        for group in dict.fromkeys(group_of(a) for a, _ in pairs)
    ]


def _name(outcome: Outcome) -> str:
    return outcome.name


def _compare(group: str, pairs: Sequence[tuple[Outcome, Outcome]]) -> Comparison:
    fields = [(right, b.correct[name]) for a, b in pairs for name, right in a.correct.items()]
    return Comparison(
        group=group,
        reports=len(pairs),
        fields=len(fields),
        served_right=sum(before for before, _ in fields),
        candidate_right=sum(after for _, after in fields),
        won=sum(after and not before for before, after in fields),
        lost=sum(before and not after for before, after in fields),
        served_silent=sum(a.silent or a.missed_violation for a, _ in pairs),
        candidate_silent=sum(b.silent or b.missed_violation for _, b in pairs),
    )


def promote(candidates: Mapping[str, Path], weights: Path, measure: Measure) -> tuple[list[Served], list[Comparison]]:
    """Serve the candidates from now on, all of them together, unless they are worse; the old versions are kept.

    Args:
        candidates: folder of the fitted model, by model.
        weights: the weights folder that is served.
        measure: reads the gold set.

    Raises:
        NotPromoted: they are worse, or cannot be served; the message states the test. Nothing is changed then.
    """
    with tempfile.TemporaryDirectory(prefix="gouji-promote-") as scratch:
        staged = Path(scratch) / "weights"
        copy_served(weights, staged)
        install_together(candidates, staged, {})
        comparisons = compare(measure(weights), measure(staged))
    worse = [one for one in comparisons if one.worse]
    if worse:
        names = " and ".join(candidates)
        raise NotPromoted(
            f"Not promoted: with this {names} the gold set reads worse than chance explains (exact one-sided McNemar "
            f"test over the fields, refused at p < {LEAST_PROBABILITY}, or for more silent errors): "
            + " | ".join(map(str, worse))
        )
    cards = {model: _card(model, folder, comparisons) for model, folder in candidates.items()}
    return install_together(candidates, weights, cards), comparisons


def gold_measure(gold: Path, folder: Path, jobs: int) -> Measure:
    """Reads that gold set, its outcomes kept in `folder`."""
    return lambda weights: outcomes_with(weights, gold, folder, jobs=jobs)


def _card(model: str, folder: Path, comparisons: Sequence[Comparison]) -> str:
    """The fitted model's card, or what its run says of it; with what the gold set said at its promotion."""
    card = folder / CARD
    written = card.read_text(encoding="utf-8").rstrip() if card.is_file() else _from_run(model, folder)
    lines = ["", "", "## Promotion", "", "Served models before -> with this one, on the gold set:", ""]
    return written + "\n".join([*lines, *(f"- {one}" for one in comparisons)]) + "\n"


def _from_run(model: str, folder: Path) -> str:
    run = Run(folder.parent)
    if not (run.folder / CONFIG).is_file():
        return f"# {model}"
    config, metrics = run.config, run.metrics or {}
    lines = [
        f"# {model}, run {run.folder.name}",
        "",
        f"Fitted {'from ' + config['start'] if config['start'] else 'from nothing'} with seed {config['seed']}, begun "
        f"{config['started']} at commit {config['commit']}.",
        "",
        f"- Labelled data: {config['data'] or 'none; drawn reports alone'}",
        f"- Settings: {config['settings']}",
        f"- Versions: {config['versions']}",
        f"- Losses: {metrics.get('first')} at first, {metrics.get('last')} at last",
        f"- Scores: {(metrics.get('scores') or {}).get('all', metrics.get('scores'))}",
    ]
    return "\n".join(lines)
