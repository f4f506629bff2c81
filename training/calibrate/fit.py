"""Fit the pool of both readers' opinions, and the curve of how often it is right."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize

from models.calibration import FEATURES, KINDS, STROKES, Calibration, Floats, kind_of, pool_features, softmax
from models.digits import FOREIGN, NOTHING
from models.pooling import Pool
from service.errors import InvalidDataset
from training.calibrate.collect import CellSample
from training.calibrate.risk import FieldSample
from training.evaluate.reliability import calibration_error

_SHRINK = 1e-4
"""Weight of the squared weights in the loss: holds features that hardly ever occur near nothing."""
_FOLDS = 5
_SURE, _LASTED = 0.9, 0.8
"""The print of a page has lasted where such a share of it is read so surely (see `service.reconcile.losses`)."""


@dataclass(frozen=True, slots=True)
class FittedPool:
    """What a fit found, and how well it holds on samples that it was not fitted on."""

    weights: Floats
    curves: dict[str, Floats]
    """See `models.calibration.Calibration`."""
    scores: dict[str, dict[str, float]]
    """By quality: cells; share right of PP-OCR alone, of the numeric reader alone, of both; calibration error."""

    @property
    def pool(self) -> Pool:
        """The pool itself."""
        return Calibration("", self.weights, self.curves, {}).pool


@dataclass(frozen=True, slots=True)
class _Arrays:
    """Samples as arrays, padded to the most candidates."""

    features: Floats
    """samples x candidates x features; the last candidate is "none of them"."""
    present: NDArray[np.bool_]
    """samples x candidates"""
    truth: NDArray[np.intp]
    """Index of the true candidate, or of "none of them"."""


def fit_pool(samples: Sequence[CellSample], seed: int = 0) -> FittedPool:
    """Fit a pool on all samples, and for each kind of readings the curve of how often it is right there.

    The curves come from five fits that leave out a fifth of the reports each; a kind that too few of them have takes
    the curve of all.

    Raises InvalidDataset for samples of fewer than five reports.
    """
    reports = sorted({sample.report for sample in samples})
    if len(reports) < _FOLDS:
        raise InvalidDataset(f"A calibration needs samples of at least {_FOLDS} reports, not of {len(reports)}.")
    shuffled = np.random.default_rng(seed).permutation(len(reports))
    fold_of = {report: int(shuffled[number]) % _FOLDS for number, report in enumerate(reports)}
    folds = np.array([fold_of[sample.report] for sample in samples])
    arrays = _arrays(samples)
    weights = _fit(arrays)
    first = np.zeros(len(samples), np.intp)
    raw = np.zeros(len(samples))
    for fold in range(_FOLDS):
        left_out = folds == fold
        probabilities = _probabilities(_fit(_part(arrays, ~left_out), weights), _part(arrays, left_out))
        first[left_out] = probabilities[:, :-1].argmax(axis=1)
        raw[left_out] = probabilities[:, :-1].max(axis=1)
    said = [_candidates(sample)[int(one)] for sample, one in zip(samples, first, strict=True)]
    lost = np.array([one == NOTHING and sample.text in STROKES for one, sample in zip(said, samples, strict=True)])
    right = (first == arrays.truth) | lost  # a stroke that is lost without a trace counts the same
    kinds = np.array([kind_of(one, sample.context) for one, sample in zip(said, samples, strict=True)])
    # How many of their empty cells have lost a zero is no matter of readings: service.reconcile.losses tells it.
    told = ~(_faded(samples) & np.array([one == NOTHING for one in said]))
    curves, claimed = {}, np.zeros(len(samples))
    for kind in KINDS:
        chosen = kinds == kind
        fit = chosen & told
        several = len({samples[number].report for number in np.flatnonzero(fit)}) >= _FOLDS
        curve = curves[kind] = right_curve(raw[fit], right[fit]) if several else right_curve(raw, right)
        claimed[chosen] = curve[np.searchsorted(curve[:, 0], raw[chosen], side="right") - 1, 1]
    return FittedPool(weights, curves, _scores(samples, claimed, right))


def _candidates(sample: CellSample) -> tuple[str, ...]:
    return pool_features(sample.ocr, sample.numeric, sample.context)[0]


def _faded(samples: Sequence[CellSample]) -> NDArray[np.bool_]:
    """Whether each stands on a page whose print has not lasted, of a report that prints zeros."""
    pages = [(one.report, one.quality, one.context.legibility, one.context.doubt) for one in samples]
    printed: defaultdict[object, list[bool]] = defaultdict(list)
    zeros = set()
    for one, page in zip(samples, pages, strict=True):
        for text, probability in one.numeric.candidates[:1]:
            if text not in (NOTHING, FOREIGN):
                printed[page].append(probability >= _SURE)
            if text == "0" and probability >= _SURE:
                zeros.add((one.report, one.quality))
    lasted = {page for page, sure in printed.items() if any(sure) and sum(sure) >= _LASTED * len(sure)}
    return np.array([page not in lasted and page[:2] in zeros for page in pages], bool)


def _arrays(samples: Sequence[CellSample]) -> _Arrays:
    rows = [pool_features(sample.ocr, sample.numeric, sample.context) for sample in samples]
    widest = max(len(texts) for texts, _ in rows) + 1
    features = np.zeros((len(samples), widest, len(FEATURES)))
    present = np.zeros((len(samples), widest), bool)
    truth = np.full(len(samples), widest - 1, np.intp)
    for number, ((texts, one), sample) in enumerate(zip(rows, samples, strict=True)):
        features[number, : len(texts)], features[number, -1] = one[:-1], one[-1]
        present[number, : len(texts)] = present[number, -1] = True
        if sample.text in texts:
            truth[number] = texts.index(sample.text)
    return _Arrays(features, present, truth)


def _part(arrays: _Arrays, chosen: NDArray[np.bool_]) -> _Arrays:
    return _Arrays(arrays.features[chosen], arrays.present[chosen], arrays.truth[chosen])


def _probabilities(weights: Floats, arrays: _Arrays) -> Floats:
    return softmax(np.where(arrays.present, arrays.features @ weights, -1e9))


def _fit(arrays: _Arrays, start: Floats | None = None) -> Floats:
    """Maximum likelihood, slightly shrunk."""
    count = len(arrays.truth)
    chosen = arrays.features[np.arange(count), arrays.truth]

    def loss(weights: Floats) -> tuple[float, Floats]:
        probabilities = _probabilities(weights, arrays)
        likely = probabilities[np.arange(count), arrays.truth]
        gradient = np.einsum("nk,nkf->f", probabilities, arrays.features) - chosen.sum(axis=0)
        value = -np.log(np.maximum(likely, 1e-300)).sum() / count + _SHRINK * (weights @ weights)
        return float(value), gradient / count + 2 * _SHRINK * weights

    begin = np.zeros(len(FEATURES)) if start is None else start
    return np.asarray(minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": 500}).x, np.float64)


def right_curve(raw: Floats, right: NDArray[np.bool_]) -> Floats:
    """Probability -> share right, by isotonic regression: n x 2, from which probability on, and the share.

    Each step of it assumes one more reading, a wrong one, than was seen: what was never wrong in a thousand readings is
    not known to be always right.
    """
    values, owner = np.unique(raw, return_inverse=True)
    count = np.bincount(owner).astype(float)
    rights = np.bincount(owner, weights=right.astype(float))
    blocks = isotonic_regression(rights / count, weights=count, increasing=True).blocks.tolist()
    starts = [0.0, *(float(values[start]) for start in blocks[1:-1])]
    shares = [float(rights[a:b].sum() / (count[a:b].sum() + 1)) for a, b in pairwise(blocks)]
    return np.column_stack([starts, np.maximum.accumulate(shares)])


def _scores(samples: Sequence[CellSample], confidence: Floats, right: NDArray[np.bool_]) -> dict[str, dict[str, float]]:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for number, sample in enumerate(samples):
        groups[sample.quality].append(number)
        groups["all"].append(number)
    result = {}
    for quality, numbers in sorted(groups.items()):
        chosen = np.array(numbers)
        several = [samples[number] for number in numbers]
        claimed, was = confidence[chosen].tolist(), right[chosen].tolist()
        result[quality] = {
            "cells": len(several),
            "ocr": _share([bool(one.ocr) and one.ocr[0][0] == one.text for one in several]),
            "numeric": _share([one.numeric.candidates[0][0] == one.text for one in several]),
            "both": _share(was),
            "ece": round(calibration_error([FieldSample(quality, *one) for one in zip(claimed, was, strict=True)]), 5),
        }
    return result


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / max(len(flags), 1), 5)
