"""Runs: a folder for each fit, with all that is needed to know what was done, and to do it again.

Of a run `runs/20260102T030405-digits` these are the parts:

- `config.json`: model, settings, seed, commit, versions, data with sums, start
- `log.jsonl`: one line a report of progress
- `loss.png`: the losses over the steps
- `checkpoint.*`: of the model's own fit
- `model/`: the fitted model
- `metrics.json`: what came out; a run without it was not finished
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from service.errors import BadRequest
from service.files import write_whole

CONFIG, LOG, METRICS, PICTURE, MODEL = "config.json", "log.jsonl", "metrics.json", "loss.png", "model"
_PACKAGES = ("gouji", "torch", "transformers", "onnx", "numpy")


@dataclass(frozen=True, slots=True)
class Run:
    """A run's folder."""

    folder: Path

    @property
    def config(self) -> dict[str, Any]:
        """What the run was asked to do.

        Raises:
            BadRequest: the folder is no run.
        """
        try:
            content: dict[str, Any] = json.loads((self.folder / CONFIG).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadRequest(f"{self.folder} is no run of `gouji train fit`.") from error
        return content

    @property
    def model(self) -> str:
        """Which model it fits."""
        return str(self.config["model"])

    @property
    def metrics(self) -> dict[str, Any] | None:
        """What came out; None while the run is not finished."""
        path = self.folder / METRICS
        if not path.is_file():
            return None
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return content

    def report(self, figures: Mapping[str, float]) -> None:
        """Append a report of progress to the log."""
        with (self.folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(dict(figures)) + "\n")

    def log(self) -> list[dict[str, float]]:
        """The reports of progress by step; after a run was resumed, what it had done beyond its checkpoint is left out.

        A last line that a kill cut off is left out as well.
        """
        path = self.folder / LOG
        rows: dict[float, dict[str, float]] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            try:
                row = json.loads(line)
            except ValueError:
                continue
            rows = {step: kept for step, kept in rows.items() if step < row["step"]}
            rows[row["step"]] = row
        return list(rows.values())

    def finish(self, metrics: Mapping[str, Any]) -> None:
        """Write what came out; the run is finished."""
        write_whole(self.folder / METRICS, json.dumps(dict(metrics), ensure_ascii=False, indent=1) + "\n")


def start_run(
    root: Path,
    model: str,
    settings: Mapping[str, Any],
    *,
    seed: int,
    data: Mapping[str, str],
    start: str | None,
    given: Mapping[str, Any],
) -> Run:
    """Make a run's folder.

    Args:
        root: the folder of all runs.
        model: which model it fits.
        settings: every setting of the fit, as JSON.
        seed: of the fit.
        data: sum of the manifest of each dataset, by its folder.
        start: name of the version it goes on from; None for a fit from nothing.
        given: what was asked for, with which a stopped run goes on.
    """
    now = datetime.now(UTC)
    folder = root / f"{now:%Y%m%dT%H%M%S}-{model}"
    number = 1
    while folder.exists():
        number += 1
        folder = root / f"{now:%Y%m%dT%H%M%S}-{model}-{number}"
    folder.mkdir(parents=True)
    config = {
        "model": model,
        "seed": seed,
        "started": now.isoformat(timespec="seconds"),
        "commit": commit(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
        "data": dict(data),
        "start": start,
        "settings": dict(settings),
        "given": dict(given),
    }
    write_whole(folder / CONFIG, json.dumps(config, ensure_ascii=False, indent=1) + "\n")
    return Run(folder)


def list_runs(root: Path) -> list[Run]:
    """All runs, the oldest first."""
    if not root.is_dir():
        return []
    return [Run(path) for path in sorted(root.iterdir()) if (path / CONFIG).is_file()]


def unfinished(root: Path, model: str) -> Run:
    """The newest run of a model that was not finished.

    Raises:
        BadRequest: there is none.
    """
    for run in reversed(list_runs(root)):
        if run.model == model and run.metrics is None:
            return run
    raise BadRequest(f"No run of {model} in {root} is unfinished, so there is nothing to resume.")


def commit() -> str:
    """The commit of the checkout that this code lies in, `+` behind it where files differ; `unknown` outside of one."""
    here = Path(__file__).parent

    def git(*words: str) -> str:
        return subprocess.run(
            ["git", "-C", str(here), *words], capture_output=True, text=True, check=True, timeout=30
        ).stdout.strip()

    try:
        return git("rev-parse", "HEAD") + ("+" if git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
