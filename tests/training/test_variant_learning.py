"""The loop learns the variant from a few labelled reports; small, with a network of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")

from training.cells.fit import FitConfig, fit
from training.cells.model import NetworkSize
from training.proof.decoding import Placed
from training.variant.learning import Plan, Step, forgotten, label_reports, learn, table_lines

_SMALL = NetworkSize(width=48, layers=2, heads=4, inner=96, characters=32, dropout=0.0)
_CONFIG = FitConfig(steps=1, rate=3e-3, warmup=1, cells=1500, drawn=0, held_out=0, size=_SMALL)


def test_a_few_labelled_reports_teach_an_agencys_labels(tmp_path: Path) -> None:
    label_reports(tmp_path / "first", 1)
    start = fit(tmp_path / "first", tmp_path / "start", config=_CONFIG)  # one step: it knows nothing yet
    config = replace(_CONFIG, steps=70, warmup=5)
    before, after = learn(start, tmp_path, Plan(labelled=(2,), test=1, old=0), config)
    assert (before.labelled, after.labelled) == (0, 2)
    fields = before.variant["greedy"].fields
    assert fields == after.variant["greedy"].fields == 200
    assert after.variant["labels"] == before.variant["labels"]  # label matching learns nothing
    assert after.variant["greedy"].right >= 0.9 * fields > 0.85 * fields > before.variant["greedy"].right
    assert after.variant["both"].right > before.variant["both"].right


def steps(*old_right: int) -> list[Step]:
    ways = {"greedy": Placed(1000, 500, 100), "both": Placed(1000, 900, 10)}
    return [
        Step(count, ways, {"greedy": Placed(1000, 500, 0), "both": Placed(1000, right, 0)})  # type: ignore[arg-type]
        for count, right in zip((0, 5, 20), old_right, strict=False)
    ]


def test_the_table_has_a_line_a_step() -> None:
    lines = table_lines(steps(990, 995))
    assert lines[2] == "| none (as released) | 90.00 (1.00) | 50.00 (10.00) | 99.00 (0.00) | 50.00 (0.00) |"
    assert lines[3].startswith("| 5 | 90.00 (1.00) |") and "| 99.50 (0.00) |" in lines[3]


def test_what_is_forgotten_is_told_and_chance_is_not() -> None:
    assert forgotten(steps(990, 991, 986)) == []  # within the interval around 99 %
    (line,) = forgotten(steps(990, 991, 970))
    assert line.startswith("after 20 labelled reports 97.00 %") and line.endswith("before 99.00 %")
