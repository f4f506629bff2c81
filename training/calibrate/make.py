"""From reports read twice to `model.json` of a calibration: pool, curve, thresholds, and how well they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from models.calibration import FEATURES, Calibration, PagePool
from models.cells import load_classifier
from models.digits import NumericReader
from models.registry import served
from service.errors import MissingModel
from service.reconcile import Sureness
from training.calibrate.collect import read_collected
from training.calibrate.fields import ScanSample, printed_fields, scanned_report
from training.calibrate.fit import FittedPools, fit_pools
from training.calibrate.risk import BELIEF, REPORT, TEXT, FieldSample, Threshold, threshold_for
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
    fitted = fit_pools([sample for report in reports for sample in report.samples()], seed)
    pool = Calibration("", fitted.legible, fitted.worn, {}).pool
    classifier, sureness = load_classifier(), Sureness(report=REPORT)
    scans: dict[str, _Scans] = {
        quality: _Scans(0, 0, 0, 0, ()) for quality in dict.fromkeys(report.quality for report in reports)
    }
    for report in reports:
        sample = scanned_report(report, pool, digits.name, classifier, sureness)
        scans[report.quality] = scans[report.quality].with_one(sample)
    text = threshold_for(list(printed_fields(texts)), TEXT)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.json"
    path.write_text(json.dumps(_model(fitted, text, scans, made), indent=1) + "\n", encoding="utf-8")
    return folder


@dataclass(frozen=True, slots=True)
class _Scans:
    """The reports of one quality, counted."""

    reports: int
    exact: int
    through: int
    """Go without a person ..."""
    silent: int
    """... and hold a wrong number."""
    fields: tuple[FieldSample, ...]

    def with_one(self, sample: ScanSample) -> _Scans:
        """These and another one."""
        silent = sample.through and not sample.exact
        fields = (*self.fields, *sample.fields)
        return _Scans(
            self.reports + 1, self.exact + sample.exact, self.through + sample.through, self.silent + silent, fields
        )


def served_digits() -> NumericReader:
    """The numeric reader that is served; raises MissingModel where none is."""
    found = served("digits")
    if found is None:
        raise MissingModel("No numeric reader is served: fit and promote one first.")
    return NumericReader(found.folder, threads=1)


def _model(
    fitted: FittedPools, text: Threshold, scans: Mapping[str, _Scans], made: Mapping[str, object]
) -> dict[str, object]:
    every = [field for one in scans.values() for field in one.fields]
    return {
        "features": list(FEATURES),
        **{kind: _pool(pool) for kind, pool in (("legible", fitted.legible), ("worn", fitted.worn))},
        "sure": {"report": REPORT, "text": round(text.sure, 6)},
        "risk": {"report": REPORT, "text": TEXT, "belief": BELIEF},
        "scores": {
            "cells": fitted.scores,
            "scans": {
                quality: {"reports": one.reports, "exact": one.exact, "through": one.through, "silent": one.silent}
                for quality, one in scans.items()
            },
            "texts": asdict(text)["groups"],
            "field_calibration_error": round(calibration_error(every), 5),
        },
        "made": dict(made),
    }


def _pool(pool: PagePool) -> dict[str, object]:
    return {"weights": np.round(pool.weights, 5).tolist(), "curve": np.round(pool.curve, 7).tolist()}
