"""The remake of the shipped weights: which fits it asks for, and that it goes on where it stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import BadRequest
from training.loop import remake
from training.loop.fitting import FitRequest
from training.loop.runs import Run, start_run


def test_the_numeric_reader_is_fitted_and_then_goes_on_with_amounts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[FitRequest] = []

    def fit(request: FitRequest) -> Run:
        asked.append(request)
        start = "digits-1" if request.start else None
        run = start_run(request.runs, request.model, {}, seed=1, data={}, start=start, given={})
        if len(asked) != 2:  # the second fit is stopped
            run.finish({})
        return run

    monkeypatch.setattr(remake, "fit_model", fit)
    remake._fitted("digits", tmp_path, 1)
    last = remake._fitted("digits", tmp_path, 1)
    first, stopped, resumed = asked
    assert (first.start, dict(first.settings), first.resume) == (None, {}, False)
    assert stopped.start == resumed.start
    assert stopped.start is not None
    assert Run(Path(stopped.start)).config["start"] is None
    assert stopped.settings["amounts"] == "20"
    assert stopped.settings["drawn"] == f"{stopped.start}/drawn"
    assert (stopped.resume, resumed.resume) == (False, True)
    assert Run(last).config["start"] == "digits-1"
    assert remake._fitted("digits", tmp_path, 1) == last
    assert len(asked) == 3
    assert remake._fitted("cells", tmp_path, 1) == remake._fitted("cells", tmp_path, 1)
    assert len(asked) == 4


def test_two_never_remake_in_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[Path] = []

    def again(folder: Path, jobs: int) -> Path:
        inside.append(folder)
        with pytest.raises(BadRequest, match="Another process is at work"):
            remake.remake(folder, jobs)
        return folder

    monkeypatch.setattr(remake, "_remake", again)
    for _ in range(2):  # the lock is let go
        assert remake.remake(tmp_path / "build", 1) == tmp_path / "build"
    assert len(inside) == 2
