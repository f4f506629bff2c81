"""The benchmark: what it measures of the parts, and that it shows the bars without failing by them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from models.digits import load_digits
from training.bench import __main__ as bench
from training.bench.parts import PARTS, number_crops, reconciliation
from training.bench.whole import ENGINES, FILES, runs
from training.simulate.scenarios import COUNTS


def test_runs_leave_the_first_out() -> None:
    done: list[None] = []
    times = runs(lambda: done.append(None), 3)
    assert len(done) == 4 and len(times) == 3 and min(times) >= 0


def test_the_crops_are_cells_of_numbers_as_reading_cuts_them() -> None:
    crops = number_crops(20, qualities=("clean",))
    assert len(crops) == 20 and all(crop.picture.size and 6 < crop.digit < 60 for crop in crops)
    texts = {reading.candidates[0][0] for reading in load_digits().read(crops)}
    assert any(text.isdigit() for text in texts) and "?" not in texts


def test_reports_are_reconciled_with_each_number_of_misreadings() -> None:
    measured = reconciliation(1, 1, reports=1)
    assert list(measured) == [f"reconciliation, {count} wrong" for count in COUNTS]
    assert all(len(seconds) == 1 and seconds[0] > 0 for seconds in measured.values())


def test_the_classifier_is_measured_without_torch(root: Path) -> None:
    command = [sys.executable, "-m", "training.bench", "--only", "token classifier", "--repeat", "1"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    ((name, seconds),) = json.loads(done.stdout).items()
    assert name == "token classifier, a report, without torch"
    assert len(seconds) == len(FILES) and all(0 < one < 60 for one in seconds)


def test_every_figure_stands_beside_its_bar_and_a_slow_one_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def apart(name: str, repeat: int, threads: int) -> Mapping[str, object]:
        if name in ENGINES:
            return {"startup": 1.0, "page": 2.0, "big_table": 3.0, "memory": 1400.0}
        return {f"{name}!": [0.5, 0.001, 7.0]} if name in PARTS else {"word.docx": 0.125}

    monkeypatch.setattr(bench, "_apart", apart)
    monkeypatch.setenv("COLUMNS", "200")
    bench.main([])
    lines = [[cell.strip() for cell in line.split("│")[1:-1]] for line in capsys.readouterr().out.splitlines()]
    assert ["gouji", "1.00", "2.00", "3.00", "1400", "1.0 x"] in lines
    assert ["word.docx", "0.125"] in lines
    assert ["numeric reader!", "3", "500", "300", "7000", "300"] in lines
    assert ["token classifier!", "3", "500", "100", "7000", "100"] in lines
    assert ["reconciliation!", "3", "500", "30", "7000", "1000"] in lines
