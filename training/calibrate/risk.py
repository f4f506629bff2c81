"""How much doubt needs no person: what a stated risk demands of what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import beta

from models.calibration import Floats

REPORT = 0.15
"""Of the scanned fields of a report that goes without a person so many may be expected to be wrong, by their calibrated
probabilities. These err on the side of doubt, so that far fewer are."""
TEXT = 1e-3
"""Share of the fields called sure that may be wrong in every format of text ..."""
BELIEF = 0.95
"""... and what was measured must show it with this confidence."""
LEAST = 0.95
"""Nothing less is ever sure: real reports are stranger than drawn ones, on which hardly anything goes wrong."""
NEVER = 1.01
"""The threshold where nothing can be called sure."""


@dataclass(frozen=True, slots=True)
class FieldSample:
    """One field that was found in a drawn report."""

    group: str
    """Scan quality, or format of a text."""
    confidence: float
    right: bool
    name: str = ""
    """Its id."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A confidence from which fields are sure, and what it lets through."""

    sure: float
    groups: dict[str, dict[str, float]]
    """By group: fields, share of them that are sure, how many of these are wrong."""


def threshold_for(samples: Sequence[FieldSample], risk: float, belief: float = BELIEF) -> Threshold:
    """The least confidence from which in every group so few fields are wrong that the risk is kept.

    A group keeps it where the upper bound of its share of wrong fields, at the given belief, is not above the risk
    (Clopper & Pearson 1934); one that keeps it with all its fields demands no more than `LEAST`. Where not even the
    surest fields show it, for they are too few or wrong, nothing is sure: `NEVER`.
    """
    names = np.array([one.group for one in samples])
    confidence = np.array([one.confidence for one in samples])
    right = np.array([one.right for one in samples], bool)
    groups = sorted(set(names.tolist()))
    sure = max((_sure(confidence[names == name], right[names == name], risk, belief) for name in groups), default=NEVER)
    found = {}
    for name in groups:
        passed = (names == name) & (confidence >= sure)
        count = int((names == name).sum())
        found[name] = {
            "fields": count,
            "sure": round(int(passed.sum()) / count, 5),
            "wrong_though_sure": int((passed & ~right).sum()),
        }
    return Threshold(sure, found)


def _sure(
    confidence: Floats, right: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], risk: float, belief: float
) -> float:
    order = np.argsort(-confidence, kind="stable")
    ranked, wrong = confidence[order], np.cumsum(~right[order])
    counts = np.arange(1, len(ranked) + 1)
    bound = beta.ppf(belief, wrong + 1, np.maximum(counts - wrong, 1e-9))
    # A threshold lets all fields of one confidence through: only the last of them counts.
    last = np.append(ranked[1:] < ranked[:-1], True)
    kept = np.flatnonzero(last & (bound <= risk) & (ranked >= LEAST))
    if not len(kept):
        return NEVER
    return LEAST if kept[-1] == len(ranked) - 1 else float(ranked[kept[-1]])
