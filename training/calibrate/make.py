"""From reports read twice to `model.json` of a calibration: pool, curve, thresholds, and how well they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from models.calibration import FEATURES
from models.cells import load_classifier
from models.digits import load_digits
from service.reconcile import Sureness
from service.reconcile.proof import Proof
from training.calibrate.collect import read_collected
from training.calibrate.fields import ScanSample, measured_proof, printed_fields, scanned_report
from training.calibrate.fit import FittedPool, fit_pool
from training.calibrate.risk import BELIEF, REPORT, TEXT, Threshold, threshold_for
from training.evaluate.reliability import calibration_error


def make_calibration(
    collected: Sequence[Path], texts: int, folder: Path, made: Mapping[str, object], seed: int = 0
) -> Path:
    """Fit a calibration and write it.

    Args:
        collected: what `training.calibrate.collect.collect` wrote.
        texts: reports to draw and read in each format of text.
        folder: where `model.json` goes.
        made: what the readings were made with, for the record.
        seed: shuffles the reports among the folds.

    Raises:
        ValueError: too few reports.
        MissingModel: there is no numeric reader.
    """
    digits = load_digits()
    reports = list(read_collected(collected, digits))
    fitted = fit_pool([sample for report in reports for sample in report.samples()], seed)
    classifier = load_classifier()
    samples = [scanned_report(report, fitted.pool, digits.name, classifier) for report in reports]
    proof = measured_proof(samples)
    text = threshold_for(list(printed_fields(texts)), TEXT)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.json"
    path.write_text(json.dumps(_model(fitted, text, samples, proof, made), indent=1) + "\n", encoding="utf-8")
    return folder


def _model(
    fitted: FittedPool,
    text: Threshold,
    samples: Sequence[ScanSample],
    proof: Proof | None,
    made: Mapping[str, object],
) -> dict[str, object]:
    return {
        "features": list(FEATURES),
        "weights": fitted.weights.round(5).tolist(),
        "curves": {kind: curve.round(7).tolist() for kind, curve in fitted.curves.items()},
        "proven": asdict(proof) if proof else None,
        "sure": {"report": REPORT, "text": round(text.sure, 6)},
        "risk": {"report": REPORT, "text": TEXT, "belief": BELIEF},
        "scores": {
            "cells": fitted.scores,
            "scans": _through(samples, proof),
            "texts": asdict(text)["groups"],
            "field_calibration_error": round(
                calibration_error([field for sample in samples for field in sample.fields(proof)]), 5
            ),
        },
        "made": dict(made),
    }


def _through(samples: Sequence[ScanSample], proof: Proof | None) -> dict[str, dict[str, int]]:
    """By quality: reports, those right in every field, those that go without a person, and of these the wrong ones."""
    counts: dict[str, dict[str, int]] = {}
    for sample in samples:
        count = counts.setdefault(sample.quality, dict.fromkeys(("reports", "exact", "through", "silent"), 0))
        through = sample.through(proof, Sureness(report=REPORT))
        count["reports"] += 1
        count["exact"] += sample.exact
        count["through"] += through
        count["silent"] += through and not sample.exact
    return counts
