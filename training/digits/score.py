"""How well a numeric reader reads labelled crops, and what it does where nothing is printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.digits import FOREIGN, NOTHING, UNITS, NumericReader
from training.digits.augment import as_cut
from training.digits.data import Labelled

_BINS = 15
_SURE = 0.99


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts and rates over crops; a rate is 0 where there is nothing to count."""

    crops: int
    exact: float
    """Share of crops whose best text is the truth."""
    exact_by_quality: dict[str, float]
    exact_by_truth: dict[str, float]
    """The same by what is printed: nothing, 0, 1, a dash, a slash, numbers with a point, others with parted thousands,
    with a sign, with a unit, plain ones, something foreign."""
    false_nothing: float
    """Share of printed crops that read as nothing."""
    false_something: float
    """Share of empty crops that read as a number."""
    nothing_read_as: dict[str, int]
    """What empty crops were read as."""
    read_as_nothing: dict[str, int]
    """What is printed in the crops that read as nothing."""
    calibration_error: float
    """Expected calibration error of the best text's probability (15 bins of equal width)."""
    sure: float
    """Share of crops whose best text has a probability of 0.99 or more."""
    sure_wrong: float
    """Share of wrong texts among those."""


def score(reader: NumericReader, crops: Sequence[Labelled]) -> Scores:
    """Reads every crop as serving cuts it, and compares with the truth."""
    readings = reader.read([as_cut(one.crop) for one in crops])
    best = [reading.candidates[0] if reading.candidates else (FOREIGN, 0.0) for reading in readings]
    truths = [one.crop.text for one in crops]
    right = np.array([text == truth for (text, _), truth in zip(best, truths, strict=True)], np.bool_)
    sure = np.array([p >= _SURE for _, p in best], np.bool_)
    pairs = [(truth, text) for (text, _), truth in zip(best, truths, strict=True)]
    return Scores(
        crops=len(crops),
        exact=_share(right),
        exact_by_quality=_by([one.quality for one in crops], right),
        exact_by_truth=_by([kind_of(truth) for truth in truths], right),
        false_nothing=_share([read == NOTHING for truth, read in pairs if truth != NOTHING]),
        false_something=_share([read not in (NOTHING, FOREIGN) for truth, read in pairs if truth == NOTHING]),
        nothing_read_as=_counts([read for truth, read in pairs if truth == NOTHING]),
        read_as_nothing=_counts([truth for truth, read in pairs if read == NOTHING]),
        calibration_error=calibration_error([p for _, p in best], right.tolist()),
        sure=_share(sure),
        sure_wrong=_share(~right[sure]),
    )


def calibration_error(probabilities: Sequence[float], right: Sequence[bool]) -> float:
    """Expected calibration error (Guo et al. 2017): mean distance of probability and share of right ones, by bins."""
    if not probabilities:
        return 0.0
    p, r = np.array(probabilities), np.array(right, np.float64)
    bins = np.minimum((p * _BINS).astype(int), _BINS - 1)
    gaps = [abs(float(p[bins == i].sum() - r[bins == i].sum())) for i in range(_BINS)]
    return sum(gaps) / len(p)


def kind_of(truth: str) -> str:
    """What is printed, as `Scores.exact_by_truth` has it; a number with several marks counts by the first of these."""
    names = {NOTHING: "nothing", FOREIGN: "foreign", "-": "dash", "/": "slash", "0": "0", "1": "1"}
    if truth in names:
        return names[truth]
    marks = {".": "decimal", ",": "thousands", "-": "signed", **dict.fromkeys(UNITS, "unit")}
    return next((kind for mark, kind in marks.items() if mark in truth), "number")


def _by(groups: Sequence[str], right: Sequence[bool] | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> dict[str, float]:
    return {
        group: _share([bool(one) for name, one in zip(groups, right, strict=True) if name == group])
        for group in sorted(set(groups))
    }


def _counts(texts: Sequence[str]) -> dict[str, int]:
    return dict(Counter(kind_of(text) for text in texts).most_common())


def _share(values: Sequence[bool] | np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
