"""Whether confidences are true: of readings that claim 99 %, 99 of 100 should be right."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from training.evaluate.outcome import FieldOutcome, Outcome

EDGES = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995)
"""Lower ends of the bins: narrow near 1, where nearly all confidences are and where thresholds lie."""


class Claim(Protocol):
    """Something that claims to be right with a confidence: a field, or a reading of a cell."""

    @property
    def confidence(self) -> float:
        """Claimed probability of being right."""

    @property
    def right(self) -> bool:
        """Whether it is."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Readings of about the same confidence."""

    low: float
    high: float
    count: int
    right: int
    confidence: float
    """Mean confidence."""

    @property
    def share(self) -> float:
        """Share that is right."""
        return self.right / self.count


@dataclass(frozen=True, slots=True)
class Risk:
    """What a threshold lets through, or the verdict of the results themselves."""

    threshold: float | None
    """None for that verdict, which weighs all readings of a report together."""
    passed: int
    """Readings that need no person."""
    share: float
    """Their share of all readings."""
    wrong: int
    """How many of them are wrong."""
    caught: int
    """Wrong readings among the others."""


def readings(outcomes: Iterable[Outcome]) -> list[FieldOutcome]:
    """The fields that claim something: those found, in the files that were read."""
    return [one for outcome in outcomes if outcome.error is None for one in outcome.fields if one.state != "missing"]


def bins(fields: Sequence[Claim]) -> list[Bin]:
    """Readings gathered by confidence; bins without any are left out."""
    gathered: list[list[Claim]] = [[] for _ in EDGES]
    for one in fields:
        gathered[bisect_right(EDGES, one.confidence) - 1].append(one)
    ends = (*EDGES[1:], 1.0)
    return [
        Bin(
            low,
            high,
            len(inside),
            sum(one.right for one in inside),
            sum(one.confidence for one in inside) / len(inside),
        )
        for low, high, inside in zip(EDGES, ends, gathered, strict=True)
        if inside
    ]


def calibration_error(fields: Sequence[Claim]) -> float:
    """Expected calibration error: mean distance of share right and mean confidence over the bins, by their counts.

    Naeini, Cooper, Hauskrecht: Obtaining well calibrated probabilities using Bayesian binning (AAAI 2015).
    """
    if not fields:
        return 0.0
    return sum(one.count * abs(one.share - one.confidence) for one in bins(fields)) / len(fields)


def risks(fields: Sequence[Claim], thresholds: Iterable[float]) -> list[Risk]:
    """What each threshold lets through and what it stops."""
    return [_risk(fields, [one for one in fields if one.confidence >= lowest], lowest) for lowest in sorted(thresholds)]


def served_risk(fields: Sequence[FieldOutcome]) -> Risk:
    """What the results themselves let through and what they stop."""
    return _risk(fields, [one for one in fields if one.sure], None)


def _risk(fields: Sequence[Claim], passed: Sequence[Claim], threshold: float | None) -> Risk:
    wrong = sum(not one.right for one in passed)
    stopped = sum(not one.right for one in fields) - wrong
    return Risk(threshold, len(passed), len(passed) / max(len(fields), 1), wrong, stopped)
