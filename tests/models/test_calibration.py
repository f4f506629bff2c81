"""The pool of both readers' opinions: what its weights and its curve make of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.calibration import FEATURES, KINDS, Calibration, kind_of, pool_features, read_calibration
from models.digits import FOREIGN, NOTHING, NumericReading
from models.pooling import PoolContext
from service.errors import MissingModel

CONTEXT = PoolContext(
    digit=20.0, legibility=0.9, doubt=0.05, ink=1.0, printed=1.0, lines=1, covered=False, expected=True, agreed=True,
    framed=True,
)  # fmt: skip
STRAIGHT = np.column_stack([np.linspace(0, 1, 10_001)] * 2)


def calibration(curve: np.ndarray = STRAIGHT, **weights: float) -> Calibration:
    named = {name.replace("_", " "): value for name, value in weights.items()}
    assert named.keys() <= set(FEATURES)
    return Calibration(
        "calibration-t", np.array([named.get(name, 0.0) for name in FEATURES]), dict.fromkeys(KINDS, curve), {}
    )


def test_features_of_every_candidate_and_of_none() -> None:
    texts, rows = pool_features([("12", 0.9)], NumericReading((("17", 0.6), (NOTHING, 0.3))), CONTEXT)
    assert set(texts) == {"12", "17", NOTHING}
    assert rows.shape == (4, len(FEATURES))
    named = dict(zip(FEATURES, rows[texts.index("12")], strict=True))
    assert named["ocr"] == pytest.approx(np.log(0.9))
    assert named["numeric"] == pytest.approx(np.log(0.001))
    assert (named["numeric names it not"], named["ocr names it not"], named["length"]) == (1, 0, 2)
    assert (rows[-1] != 0)[: FEATURES.index("none")].sum() == 0
    assert rows[-1][FEATURES.index("none")] == 1


def test_two_readers_that_agree_are_surer_than_either() -> None:
    pool = calibration(ocr=1.0, numeric=1.0).pool
    both = pool([("7", 0.9), ("1", 0.1)], NumericReading((("7", 0.8), ("1", 0.2))), CONTEXT)
    assert both[0][0] == "7"
    # 0.9 x 0.8 against 0.1 x 0.2 and against none of them, whose score of 0 counts as 1
    assert both[0][1] == pytest.approx(0.72 / (0.72 + 0.02 + 1), abs=1e-3)


def test_the_weights_decide_between_readers_that_differ() -> None:
    readings = [("7", 0.9)], NumericReading((("1", 0.9),))
    assert calibration(ocr=2.0, numeric=1.0).pool(*readings, CONTEXT)[0][0] == "7"
    assert calibration(ocr=1.0, numeric=2.0).pool(*readings, CONTEXT)[0][0] == "1"


def test_ink_speaks_against_nothing() -> None:
    pool = calibration(ocr=1.0, numeric=1.0, **{"nothing,_print": -2.0}).pool
    readings = [(NOTHING, 0.5), ("0", 0.5)], NumericReading(((NOTHING, 0.5), ("0", 0.5)))
    assert pool(*readings, replace(CONTEXT, printed=2.0))[0][0] == "0"
    assert pool(*readings, replace(CONTEXT, printed=0.0))[0][0] == NOTHING


def test_the_curve_says_how_often_the_first_was_right_and_the_others_gain_nothing_by_its_doubts() -> None:
    curve = np.array([[0.0, 0.1], [0.6, 0.5], [0.95, 0.99]])
    pool = calibration(curve, ocr=1.0, none=-30.0).pool
    unheard, legible = NumericReading(((FOREIGN, 0.0),)), replace(CONTEXT, legibility=0.97)
    doubted = pool([("7", 0.8), ("1", 0.12), ("4", 0.08)], unheard, legible)
    assert [(text, pytest.approx(p, abs=0.01)) for text, p in doubted[:3]] == [("7", 0.5), ("1", 0.12), ("4", 0.08)]
    trusted = pool([("7", 0.96), ("1", 0.03), ("4", 0.01)], unheard, legible)
    assert [p for _, p in trusted[:3]] == pytest.approx([0.99, 0.0075, 0.0025], abs=1e-3)


def test_the_first_stays_the_likeliest_however_seldom_it_was_right() -> None:
    pool = calibration(np.array([[0.0, 0.0], [0.6, 0.4]]), ocr=1.0, none=-30.0).pool
    alike = pool([("7", 0.5), ("1", 0.3), ("4", 0.2)], NumericReading(((FOREIGN, 0.0),)), CONTEXT)
    assert [(text, pytest.approx(p, abs=0.01)) for text, p in alike[:3]] == [("7", 0.3), ("1", 0.3), ("4", 0.2)]


def test_separators_count_apart_from_digits() -> None:
    numeric = NumericReading((("15", 0.6), ("1.5", 0.3), ("1,5", 0.05)))
    texts, rows = pool_features([("1.5", 1.0)], numeric, CONTEXT)
    named = dict(zip(FEATURES, rows[texts.index("1.5")], strict=True))
    assert named["numeric"] == pytest.approx(np.log(0.95))
    assert named["numeric, separators"] == pytest.approx(np.log(0.3 / 0.95))


@pytest.mark.parametrize(
    ("text", "legibility", "halved"), [("7", 0.959, True), ("7", 0.96, False), ("0", 0.959, False), ("-", 0.959, False)]
)
def test_each_kind_of_reading_has_a_curve_of_its_own(text: str, legibility: float, halved: bool) -> None:
    straight = calibration(ocr=1.0, numeric=1.0, none=-30.0)
    pool = replace(straight, curves={**straight.curves, "print, worn": np.array([[0.0, 0.5]])}).pool
    said = pool([(text, 0.9)], NumericReading(((text, 0.9),)), replace(CONTEXT, legibility=legibility))
    assert (said[0] == (text, 0.5)) is halved
    assert (said[0][1] > 0.99) is not halved


@pytest.mark.parametrize(
    ("text", "numeric", "there", "doubted"),
    [
        ("66", (("66", 0.5), ("56", 0.2), ("166", 0.1)), {}, True),
        ("66", (("66", 0.79),), {}, True),
        ("66", (("66", 0.81),), {}, False),
        ("66", (("6.6", 0.5), ("66", 0.4)), {}, False),
        ("66", (("66", 0.5),), {"legibility": 0.97}, False),
        ("66", (("66", 0.5),), {"legibility": 0.97, "covered": True}, True),
        ("0", (("0", 0.5),), {}, False),
        ("-", (("-", 0.5),), {}, False),
    ],
)
def test_a_number_that_the_numeric_reader_hardly_reads_is_doubted_where_print_is_worn_or_covered(
    text: str, numeric: tuple[tuple[str, float], ...], there: dict[str, float], doubted: bool
) -> None:
    pool = calibration(ocr=1.0, numeric=0.01, none=-30.0).pool
    first, probability = pool([(text, 1.0)], NumericReading(numeric), replace(CONTEXT, **there))[0]
    assert first == text
    assert probability == pytest.approx(0.87) if doubted else probability > 0.95


@pytest.mark.parametrize(("text", "doubted"), [("7", True), ("0", False)])
def test_a_number_where_the_other_reader_sees_nothing_is_doubted(text: str, doubted: bool) -> None:
    pool = calibration(numeric=1.0, none=-30.0).pool
    read = pool([(NOTHING, 1.0)], NumericReading(((text, 0.999),)), replace(CONTEXT, legibility=0.99, lines=0))
    assert read[0][0] == text
    assert read[0][1] == pytest.approx(0.87) if doubted else read[0][1] > 0.95


@pytest.mark.parametrize(
    ("legibility", "left_empty", "kind"),
    [
        (0.959, True, "nothing as usual, worn"),
        (0.959, False, "nothing, worn"),
        (0.96, True, "legible"),
        (0.96, False, "legible"),
    ],
)
def test_nothing_has_another_curve_where_a_worn_page_leaves_its_cells_empty(
    legibility: float, left_empty: bool, kind: str
) -> None:
    context = replace(CONTEXT, legibility=legibility, left_empty=left_empty, lines=0)
    assert kind_of(NOTHING, context) == kind
    assert kind_of("0", context) == ("zero, worn" if legibility < 0.96 else "legible")


@pytest.mark.parametrize("there", [{"lines": 1}, {"lines": 0, "covered": True}])
def test_what_is_covered_or_holds_print_is_not_empty_as_usual(there: dict[str, int]) -> None:
    assert kind_of(NOTHING, replace(CONTEXT, left_empty=True, **there)) == "nothing, worn"


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    model = {
        "features": [*FEATURES[:-1], "moon"],
        "weights": [0] * len(FEATURES),
        "curves": {kind: [[0, 0], [1, 1]] for kind in KINDS},
        "sure": {},
    }
    (tmp_path / "model.json").write_text(json.dumps(model), encoding="utf-8")
    with pytest.raises(MissingModel, match="another version"):
        read_calibration(tmp_path, "calibration-9")
