"""A run keeps what was asked and what came out; a stopped one goes on as it was begun."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from typing import Any

import pytest

from service.errors import BadRequest, InvalidDataset
from training.datasets.manifest import Drawn, add_entries, add_report
from training.loop import fitting
from training.loop.fitting import FitRequest, fit_model, fitted_folder, model_of
from training.loop.plots import plot_losses
from training.loop.runs import Run, list_runs, start_run, unfinished
from training.loop.trainers import CalibrationTrainer, changed


@dataclass(frozen=True, slots=True)
class Config:
    steps: int = 4
    rate: float = 0.5
    where: Path | None = None


@dataclass(frozen=True, slots=True)
class FakeTrainer:
    """Takes steps, is cut off where `stops` says, and goes on from what it has done."""

    config: Any
    seen: list[dict[str, Any]]
    stops: int | None = None
    jobs: int = 1

    def fit(
        self,
        data: Path | None,
        run: Path,
        *,
        seed: int,
        start: Path | None,
        resume: bool,
        progress: Callable[[dict[str, float]], None],
    ) -> Path:
        self.seen.append({"data": data, "seed": seed, "start": start, "resume": resume, "config": self.config})
        done = run / "checkpoint"
        first = int(done.read_text(encoding="utf-8")) if resume and done.is_file() else 0
        for step in range(first, self.config.steps):
            if step == self.stops:
                raise KeyboardInterrupt
            progress({"step": step, "loss": 8.0 / (step + 1)})
            done.write_text(str(step + 1), encoding="utf-8")
        folder = run / "model"
        folder.mkdir()
        (folder / "model.json").write_text(json.dumps({"scores": {"right": 0.5}}), encoding="utf-8")
        return folder


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    def use(stops: int | None = None) -> list[dict[str, Any]]:
        seen: list[dict[str, Any]] = []

        def trainer(model: str, settings: dict[str, str], jobs: int) -> FakeTrainer:
            return FakeTrainer(changed(Config(), settings), seen, stops, jobs)

        monkeypatch.setattr(fitting, "trainer", trainer)
        monkeypatch.setattr(fitting, "plot_losses", lambda rows, path, title: path.write_text(title))
        return seen

    return use


def request(tmp_path: Path, **changes: Any) -> FitRequest:
    return FitRequest("digits", **{"runs": tmp_path / "runs", "seed": 3, "settings": {"rate": "0.25"}, **changes})


def test_a_run_holds_what_was_asked_and_what_came_out(tmp_path: Path, trained: Callable[..., Any]):
    seen = trained()
    run = fit_model(request(tmp_path))
    config = run.config
    assert (config["model"], config["seed"], config["start"], config["data"]) == ("digits", 3, None, {})
    assert config["settings"] == {"steps": 4, "rate": 0.25, "where": None, "seen": []} | {"stops": None, "jobs": 1}
    assert config["versions"]["gouji"]
    assert config["commit"]
    assert run.metrics == {
        "folder": "model",
        "steps": 3,
        "first": {"loss": 8.0},
        "last": {"loss": 2.0},
        "scores": {"right": 0.5},
    }
    assert (run.folder / "loss.png").is_file()
    assert seen[0]["seed"] == 3
    assert [one.folder for one in list_runs(tmp_path / "runs")] == [run.folder]


def test_a_stopped_run_goes_on_as_it_was_begun(tmp_path: Path, trained: Callable[..., Any]):
    trained(stops=2)
    with pytest.raises(KeyboardInterrupt):
        fit_model(request(tmp_path))
    stopped = unfinished(tmp_path / "runs", "digits")
    assert stopped.metrics is None
    seen = trained()
    run = fit_model(FitRequest("digits", runs=tmp_path / "runs", resume=True, seed=99))
    assert run.folder == stopped.folder
    assert (seen[0]["resume"], seen[0]["seed"], seen[0]["config"].rate) == (True, 3, 0.25)
    assert [row["step"] for row in run.log()] == [0, 1, 2, 3]
    with pytest.raises(BadRequest, match="nothing to resume"):
        fit_model(FitRequest("digits", runs=tmp_path / "runs", resume=True))


def test_a_dataset_that_changed_meanwhile_is_not_gone_on_with(tmp_path: Path, trained: Callable[..., Any]):
    data = tmp_path / "data"
    drawn = Drawn(command="x", seed=1, split="train", case="plain")
    add_entries(data, [add_report(data, "a.txt", b"1", {}, drawn, "plain")])
    trained(stops=1)
    with pytest.raises(KeyboardInterrupt):
        fit_model(request(tmp_path, data=data))
    trained()
    add_entries(data, [add_report(data, "b.txt", b"2", {}, drawn, "plain")])
    with pytest.raises(BadRequest, match="has changed since"):
        fit_model(FitRequest("digits", runs=tmp_path / "runs", resume=True))
    (data / "b.txt").write_bytes(b"3")
    with pytest.raises(InvalidDataset, match="altered"):
        fit_model(request(tmp_path, data=data))


def test_a_fit_goes_on_from_a_run_or_a_version(tmp_path: Path, trained: Callable[..., Any]):
    seen = trained()
    run = fit_model(request(tmp_path))
    second = fit_model(request(tmp_path, start=str(run.folder)))
    assert seen[1]["start"] == run.folder / "model"
    assert second.config["start"] == f"{run.folder.name}-model"
    assert second.folder != run.folder
    version = tmp_path / "weights" / "cells" / "4"
    version.mkdir(parents=True)
    (version / "model.json").write_text("{}", encoding="utf-8")
    assert (model_of(version), fitted_folder(version)) == ("cells", version)
    assert model_of(run.folder) == model_of(run.folder / "model") == "digits"
    with pytest.raises(BadRequest, match="holds a model of cells, from which digits cannot go on"):
        fit_model(request(tmp_path, start=str(version)))
    with pytest.raises(BadRequest, match="no fitted model"):
        fit_model(request(tmp_path, start=str(tmp_path)))
    with pytest.raises(BadRequest, match="neither a run nor"):
        model_of(tmp_path)


def test_the_log_forgets_what_was_done_beyond_the_checkpoint(tmp_path: Path):
    run = start_run(tmp_path, "cells", {}, seed=1, data={}, start=None, given={})
    for step in (0, 50, 100, 150, 100, 150):
        run.report({"step": step, "loss": step / 10})
    with (run.folder / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"step": 2')
    assert [row["step"] for row in run.log()] == [0, 50, 100, 150]


def test_settings_are_read_by_their_types():
    made = changed(Config(), {"steps": "7", "rate": "1e-3", "where": "/x"})
    assert made == Config(7, 0.001, Path("/x"))
    with pytest.raises(BadRequest, match="no setting pace; there are rate, steps, where"):
        changed(Config(), {"pace": "1"})
    with pytest.raises(BadRequest, match="seven is no value of the setting steps"):
        changed(Config(), {"steps": "seven"})
    assert changed(CalibrationTrainer().config, {"reports": "5"}).reports == 5
    seeded = make_dataclass("Seeded", [("seed", int, 1), ("steps", int, 2)], frozen=True)()
    with pytest.raises(BadRequest, match="no setting seed; there are steps"):  # --seed gives it
        changed(seeded, {"seed": "3"})


def test_losses_are_drawn(tmp_path: Path):
    pytest.importorskip("matplotlib")
    rows = [{"step": float(step), "loss.kinds": 1 / (step + 1), "rate": 0.1} for step in range(9)]
    plot_losses(rows, tmp_path / "loss.png", "title")
    assert (tmp_path / "loss.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    plot_losses([{"step": 1.0, "rate": 3.0}], tmp_path / "none.png", "title")
    assert not (tmp_path / "none.png").exists()


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path):
    with pytest.raises(BadRequest, match="is no run"):
        Run(tmp_path).config  # noqa: B018
    assert list_runs(tmp_path / "nowhere") == []
