"""Remakes the shipped weights from nothing: `python -m training.loop.remake build/train`; a stopped remake goes on.

Numeric reader, which then goes on with amounts, and token classifier side by side, the calibration of both, and a
promotion of the three against reading without them, into a weights folder of its own. To ship them, promote its runs
against the served ones with `gouji train promote`.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from data import GOLD
from models.registry import MODELS, served
from service.errors import BadRequest, GoujiError
from training.evaluate.spread import spread
from training.loop.commands import chosen, weights_with
from training.loop.fitting import FitRequest, fit_model
from training.loop.promote import gold_measure, promote
from training.loop.runs import list_runs
from training.loop.trainers import DRAWN

_AMOUNTS = {"amounts": "20", "crops": "260000", "rate": "0.001", "places": "0"}
"""Settings with which the numeric reader, fitted once, goes on with decimals, parted thousands, units and signs."""


def remake(folder: Path, jobs: int) -> Path:
    """Remake every model; returns the weights folder.

    Args:
        folder: of the runs, the weights and the outcomes on the gold set.
        jobs: processes.

    Raises:
        BadRequest: another process is at work in the folder.
        NotPromoted: what was fitted reads worse than nothing.
    """
    with _alone_in(folder):
        return _remake(folder, jobs)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other remake is at work in a folder: two would fit the same runs. The lock of one that was killed is gone."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadRequest(f"Another process is at work in {folder}.") from error
        yield


def _remake(folder: Path, jobs: int) -> Path:
    weights, runs = folder / "weights", folder / "runs"
    os.environ["GOUJI_WEIGHTS"] = str(weights)
    if all(served(model) for model in MODELS):
        return weights
    fitted = list(spread(partial(_fitted, runs=runs, jobs=1), ("digits", "cells"), jobs, ordered=True))
    with weights_with(weights, fitted) as staged:
        os.environ["GOUJI_WEIGHTS"] = str(staged)
        fitted.append(_fitted("calibration", runs, jobs))
    os.environ["GOUJI_WEIGHTS"] = str(weights)
    _, comparisons = promote(chosen(fitted), weights, gold_measure(GOLD, folder / "gold", jobs))
    sys.stdout.write("".join(f"{one}\n" for one in comparisons))
    return weights


def _fitted(model: str, runs: Path, jobs: int) -> Path:
    """The newest finished run of a model; else one that was stopped, gone on with; else a new one."""
    first = _run(FitRequest(model, runs=runs, jobs=jobs))
    if model != "digits":
        return first
    settings = {**_AMOUNTS, "drawn": str(first / DRAWN)}
    return _run(FitRequest(model, runs=runs, start=str(first), jobs=jobs, settings=settings))


def _run(request: FitRequest) -> Path:
    """The folder of the newest run that was begun from the same, finished, or gone on with; else of a new one."""
    every = (run for run in list_runs(request.runs) if run.model == request.model)
    mine = [run for run in every if (run.config["start"] is None) == (request.start is None)]
    finished = [run.folder for run in mine if run.metrics is not None]
    return finished[-1] if finished else fit_model(replace(request, resume=bool(mine))).folder


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it from the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.loop.remake", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    try:
        sys.stdout.write(f"weights: {remake(options.folder.resolve(), options.jobs)}\n")
    except GoujiError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
