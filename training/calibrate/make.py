"""From reports read twice to `model.json` of a calibration: pool, curve, thresholds, and how well they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from models.calibration import FEATURES, Calibration
from models.cells import load_classifier
from models.digits import NumericReader
from models.registry import served
from service.errors import MissingModel
from training.calibrate.collect import read_collected
from training.calibrate.fields import printed_fields, scanned_fields
from training.calibrate.fit import FittedPool, fit_pool
from training.calibrate.risk import BELIEF, RISK, FieldSample, Threshold, threshold_for
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
    digits = served_digits()
    reports = list(read_collected(collected, digits))
    fitted = fit_pool([sample for report in reports for sample in report.samples()], seed)
    pool = Calibration("", fitted.weights, fitted.curve, {}).pool
    classifier = load_classifier()
    scans = [sample for report in reports for sample in scanned_fields(report, pool, digits.name, classifier)]
    thresholds = {
        "scan": threshold_for(scans, RISK["scan"]),
        "text": threshold_for(list(printed_fields(texts)), RISK["text"]),
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.json"
    path.write_text(json.dumps(_model(fitted, thresholds, scans, made), indent=1) + "\n", encoding="utf-8")
    return folder


def served_digits() -> NumericReader:
    """The numeric reader that is served; raises MissingModel where none is."""
    found = served("digits")
    if found is None:
        raise MissingModel("No numeric reader is served: fit and promote one first.")
    return NumericReader(found.folder, threads=1)


def _model(
    fitted: FittedPool, thresholds: Mapping[str, Threshold], scans: Sequence[FieldSample], made: Mapping[str, object]
) -> dict[str, object]:
    return {
        "features": list(FEATURES),
        "weights": np.round(fitted.weights, 5).tolist(),
        "curve": np.round(fitted.curve, 7).tolist(),
        "sure": {kind: round(one.sure, 6) for kind, one in thresholds.items()},
        "risk": {"wrong": RISK, "belief": BELIEF},
        "scores": {
            "cells": fitted.scores,
            "fields": {kind: asdict(one)["groups"] for kind, one in thresholds.items()},
            "field_calibration_error": round(calibration_error(scans), 5),
        },
        "made": dict(made),
    }
