"""Calibration: fitted on readings whose errors are known, and thresholds that keep a stated risk."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("scipy")

from models.calibration import KINDS
from models.digits import NumericReading
from models.pooling import PoolContext
from service.errors import InvalidDataset
from training.calibrate.collect import CellSample
from training.calibrate.fit import fit_pool
from training.calibrate.risk import LEAST, NEVER, FieldSample, threshold_for

CONTEXT = PoolContext(
    digit=20.0, legibility=0.9, doubt=0.05, ink=1.0, printed=1.0, lines=1, covered=False, expected=True, agreed=True,
    framed=True,
)  # fmt: skip


def _samples(count: int, good: float, poor: float) -> list[CellSample]:
    """Readings of a digit: the numeric reader right in `good` of them, PP-OCR in `poor`, both claiming 0.9."""
    rng = random.Random(7)
    found = []
    for number in range(count):
        truth = rng.choice("0123456789")
        others = [digit for digit in "0123456789" if digit != truth]
        first = truth if rng.random() < poor else rng.choice(others)
        second = truth if rng.random() < good else rng.choice(others)
        found.append(
            CellSample("clean", str(number % 40), truth, ((first, 0.9),), NumericReading(((second, 0.9),)), CONTEXT)
        )
    return found


def test_the_better_reader_gets_its_way_and_the_pool_says_how_often_it_is_right() -> None:
    samples = _samples(4000, good=0.97, poor=0.8)
    fitted = fit_pool(samples)
    pool = fitted.pool
    differing = pool((("3", 0.9),), NumericReading((("7", 0.9),)), CONTEXT)
    agreeing = pool((("7", 0.9),), NumericReading((("7", 0.9),)), CONTEXT)
    assert differing[0][0] == "7"
    # Bayes: of readings that differ 0.97 x 0.2 are the numeric reader's, 0.03 x 0.8 PP-OCR's, the rest neither's.
    assert differing[0][1] == pytest.approx(0.194 / (0.194 + 0.024 + 0.03 * 0.2 * 8 / 9), abs=0.06)
    # ... and of those that agree one in a thousand is wrong: both made the same mistake.
    assert agreeing[0][1] > 0.99
    scores = fitted.scores["clean"]
    assert scores["cells"] == 4000
    assert scores["ocr"] == pytest.approx(0.8, abs=0.02)
    assert scores["both"] >= scores["numeric"] - 0.002
    assert scores["ece"] < 0.01


def test_the_curve_never_falls() -> None:
    curve = fit_pool(_samples(1000, good=0.9, poor=0.9)).curves["print, worn"]
    assert (np.diff(curve[:, 0]) > 0).all()
    assert (np.diff(curve[:, 1]) >= 0).all()
    assert curve[-1, 1] < 1


def test_each_kind_of_page_has_a_curve_of_its_own() -> None:
    worn = _samples(2000, good=0.8, poor=0.7)
    legible = [
        replace(sample, context=replace(CONTEXT, legibility=1.0)) for sample in _samples(2000, good=0.99, poor=0.95)
    ]
    pool = fit_pool([*worn, *legible]).pool
    readings = (("7", 0.9),), NumericReading((("7", 0.9),))
    on_worn, on_legible = (pool(*readings, replace(CONTEXT, legibility=one))[0][1] for one in (0.9, 1.0))
    # Bayes: of readings that agree on a digit 0.2 x 0.3 / 9 are wrong beside 0.8 x 0.7 that are right.
    assert on_worn == pytest.approx(0.56 / (0.56 + 0.06 / 9), abs=0.01)
    assert on_legible > on_worn + 0.005


def test_too_few_pages_of_a_kind_take_the_curve_of_all() -> None:
    curves = fit_pool(_samples(1000, good=0.95, poor=0.8)).curves
    assert curves.keys() == set(KINDS)
    assert (curves["legible"] == curves["nothing, worn"]).all()
    assert curves["legible"].tolist() != curves["print, worn"].tolist()


@pytest.mark.parametrize(("elsewhere", "lost", "top"), [("0", "0", True), ("7", "0", False), ("7", "-", True)])
def test_empty_cells_of_faded_pages_and_lost_strokes_say_nothing_of_readings(
    elsewhere: str, lost: str, top: bool
) -> None:
    def page(number: int, legibility: float, read: str, text: str) -> list[CellSample]:
        context = replace(CONTEXT, legibility=legibility, lines=0, printed=0.0, ink=0.0, left_empty=True)
        one = CellSample("copy", str(number), text, ((read, 0.98),), NumericReading(((read, 0.98),)), context)
        return [one] * 20

    samples = [
        one
        for number in range(20)
        for one in (*page(number, 0.9, elsewhere, elsewhere), *page(number, 0.9, "", ""), *page(number, 0.91, "", lost))
    ]
    curve = fit_pool(samples).curves["nothing as usual, worn"]
    # Without zeros in its report nothing tells that a page has lost any: then half of what seems empty was not.
    assert bool(curve[0, 1] > 0.99) is top


def test_too_few_reports_are_refused() -> None:
    with pytest.raises(InvalidDataset, match="5 reports"):
        fit_pool([sample for sample in _samples(100, 0.9, 0.9) if sample.report in ("1", "2")])


def _fields(group: str, *parts: tuple[float, int, int]) -> list[FieldSample]:
    """Fields of a group as (confidence, right, wrong)."""
    return [
        FieldSample(group, confidence, right)
        for confidence, rights, wrongs in parts
        for right, count in ((True, rights), (False, wrongs))
        for _ in range(count)
    ]


def test_the_threshold_lets_through_what_keeps_the_risk() -> None:
    found = threshold_for(_fields("clean", (0.99, 5000, 0), (0.97, 3000, 1), (0.96, 500, 40)), 1e-3)
    assert found.sure == 0.97
    assert found.groups == {"clean": {"fields": 8541, "sure": round(8001 / 8541, 5), "wrong_though_sure": 1}}


def test_every_group_must_keep_the_risk() -> None:
    good, bad = _fields("clean", (0.99, 9000, 0), (0.96, 9000, 0)), _fields("copy", (0.99, 9000, 0), (0.96, 900, 90))
    assert threshold_for(good, 1e-3).sure == LEAST
    assert threshold_for([*good, *bad], 1e-3).sure == 0.99


def test_what_too_few_fields_show_is_not_known() -> None:
    assert threshold_for(_fields("clean", (0.99, 500, 0)), 1e-3).sure == NEVER
    assert threshold_for(_fields("clean", (0.99, 9000, 90)), 1e-3).sure == NEVER
    assert threshold_for([], 1e-3).sure == NEVER
