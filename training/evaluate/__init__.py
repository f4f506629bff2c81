"""The pipeline measured: outcomes field by field, scores, kinds of mistakes, calibration, and an HTML page of them."""

from __future__ import annotations

from training.evaluate.judging import Extract, FileSample, Sample, find_samples, judge
from training.evaluate.measure import measure
from training.evaluate.outcome import FieldOutcome, Outcome, load_conditions, load_outcomes, same_value
from training.evaluate.scores import Score, failures, report_lines, scores

__all__ = [
    "Extract",
    "FieldOutcome",
    "FileSample",
    "Outcome",
    "Sample",
    "Score",
    "failures",
    "find_samples",
    "judge",
    "load_conditions",
    "load_outcomes",
    "measure",
    "report_lines",
    "same_value",
    "scores",
]
