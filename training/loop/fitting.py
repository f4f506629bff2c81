"""One fit: a run's folder made or found again, the model fitted, what came out written down."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.registry import MODELS, served, weights_folder
from models.vendor import file_sha256
from service.errors import BadRequest
from training.datasets.manifest import MANIFEST, verify
from training.loop.plots import plot_losses
from training.loop.runs import CONFIG, METRICS, MODEL, PICTURE, Run, start_run, unfinished
from training.loop.trainers import Progress, as_settings, trainer

RELEASED = "released"
_QUIET_SECONDS = 10.0
"""Between two lines of progress on standard error."""


@dataclass(frozen=True, slots=True)
class FitRequest:
    """What to fit, and how."""

    model: str
    data: Path | None = None
    """A dataset of labelled reports; None for drawn ones alone."""
    runs: Path = Path("runs")
    start: str | None = None
    """`released`, or the folder of a fitted model or run; None for a fit from nothing."""
    resume: bool = False
    """Go on with the newest unfinished run of this model, as it was begun."""
    seed: int = 1
    jobs: int = 1
    settings: Mapping[str, str] = field(default_factory=dict)


def fit_model(request: FitRequest) -> Run:
    """Fit a model in a run's folder, and return the finished run.

    Raises:
        BadRequest: there is no such setting, start, or run to resume.
        InvalidDataset: the dataset's files are not those of its manifest.
    """
    if request.resume:
        run = unfinished(request.runs, request.model)
        config = run.config
        given = config["given"]
        request = FitRequest(
            request.model,
            Path(given["data"]) if given["data"] else None,
            request.runs,
            given["start"],
            True,
            config["seed"],
            request.jobs,
            given["settings"],
        )
    data = _sums(request.data)
    start = _start(request)
    made = trainer(request.model, request.settings, request.jobs)
    if not request.resume:
        given = {
            "data": str(request.data.resolve()) if request.data else None,
            "start": str(start.resolve()) if start else None,
            "settings": dict(request.settings),
        }
        name = f"{start.parent.name}-{start.name}" if start else None
        run = start_run(
            request.runs, request.model, as_settings(made), seed=request.seed, data=data, start=name, given=given
        )
    elif data != run.config["data"]:
        raise BadRequest(f"The dataset {request.data} has changed since {run.folder.name} began; fit it anew.")
    folder = made.fit(
        request.data, run.folder, seed=request.seed, start=start, resume=request.resume, progress=_progress(run)
    )
    plot_losses(run.log(), run.folder / PICTURE, run.folder.name)
    run.finish(_metrics(folder, run))
    return run


def _sums(data: Path | None) -> dict[str, str]:
    if data is None:
        return {}
    verify(data)
    return {data.name: file_sha256(data / MANIFEST)}


def _start(request: FitRequest) -> Path | None:
    if request.start is None:
        return None
    if request.start == RELEASED:
        found = served(request.model, weights_folder())
        if found is None:
            raise BadRequest(f"No version of {request.model} is released yet; leave --from out.")
        return found.folder
    path = Path(request.start)
    folder = fitted_folder(path)
    if model_of(path) != request.model:
        raise BadRequest(f"{path} holds a model of {model_of(path)}, from which {request.model} cannot go on.")
    return folder


def fitted_folder(path: Path) -> Path:
    """The folder of a fitted model: the path itself, or what a finished run has fitted.

    Raises:
        BadRequest: it is neither.
    """
    for folder in (path / MODEL, path):
        if (folder / "model.json").is_file():
            return folder
    raise BadRequest(f"{path} holds no fitted model.")


def model_of(path: Path) -> str:
    """Which model a run (or its folder of the fitted model) or a folder of the weights holds; raises BadRequest."""
    for folder in (path, path.resolve().parent):
        if (folder / CONFIG).is_file():
            return Run(folder).model
    for name in (path.resolve().parent.name, path.resolve().name):
        if name in MODELS:
            return name
    raise BadRequest(f"{path} is neither a run nor a version of a model.")


def _progress(run: Run) -> Progress:
    """Writes every report to the run's log, and tells one now and then on standard error."""
    last = -_QUIET_SECONDS

    def report(figures: dict[str, float]) -> None:
        nonlocal last
        run.report(figures)
        if time.monotonic() - last >= _QUIET_SECONDS:
            last = time.monotonic()
            told = "  ".join(f"{name} {value:.4g}" for name, value in list(figures.items())[:6])
            sys.stderr.write(f"{run.model}: {told}\n")

    return report


def _metrics(folder: Path, run: Run) -> dict[str, Any]:
    """The fitted model's own scores, and its losses at the beginning and at the end."""
    described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    rows = run.log()
    losses = [{name: value for name, value in row.items() if name.startswith("loss")} for row in rows]
    losses = [row for row in losses if row]
    own = folder / METRICS
    return {
        "folder": folder.name,
        "steps": max((row["step"] for row in rows), default=0),
        "first": losses[0] if losses else {},
        "last": losses[-1] if losses else {},
        "scores": json.loads(own.read_text(encoding="utf-8")) if own.is_file() else described.get("scores"),
    }
