"""How each model is fitted: its settings, and the one call that takes a dataset to a fitted model in a run's folder.

What needs PyTorch is imported when a model is fitted, so that settings can be asked for without it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from service.errors import BadRequest
from training.synthesize.effects import QUALITIES

_READ_AT_ONCE = 20
"""Reports in each quality between two reports of progress."""

_OPTIONS = ("seed", "jobs", "workers")
"""Settings that `--seed` and `--jobs` give."""

DRAWN = "drawn"
"""Folder of a run's drawn crops."""
_T = TypeVar("_T")
Progress = Callable[[dict[str, float]], None]


class Trainer(Protocol):
    """Fits one model; a frozen dataclass whose `config` holds the settings of the fit itself."""

    @property
    def config(self) -> Any:
        """The settings of the model's own fit: a frozen dataclass."""

    def fit(
        self, data: Path | None, run: Path, *, seed: int, start: Path | None, resume: bool, progress: Progress
    ) -> Path:
        """Fit the model.

        Args:
            data: a dataset of labelled reports; None for drawn ones alone.
            run: the run's folder.
            seed: of the fit.
            start: folder of the version to go on from; None for a fit from nothing.
            resume: go on from the run's checkpoint, if it has one.
            progress: called with `step` and figures.

        Returns:
            The folder of the fitted model.
        """


@dataclass(frozen=True, slots=True)
class DigitsTrainer:
    """Fits the numeric reader on crops of drawn scans and of labelled ones."""

    config: Any
    shards: int = 64
    """Shards of drawn crops, some 2,500 each; with labelled crops these are replayed."""
    held_out: int = 8
    """Shards of the other split, by which the result is scored."""
    amounts: int = 0
    """Shards of sheets of amounts, to go on with from a fitted reader; the drawn ones are then replayed."""
    drawn: Path | None = None
    """Folder of another run with shards that are taken over instead of drawn again."""
    jobs: int = 1
    """Processes that draw."""

    def fit(
        self, data: Path | None, run: Path, *, seed: int, start: Path | None, resume: bool, progress: Progress
    ) -> Path:
        """See `Trainer.fit`."""
        from training.digits.data import save_shard, take_shards, write_shards
        from training.digits.fit import CHECKPOINT, fit
        from training.digits.labelled import labelled_crops

        def tell(shards: int) -> None:
            # What was drawn belongs before the first step; a run that has a checkpoint has its log.
            if not (run / CHECKPOINT).is_file():
                progress({"step": 0, "drawn": shards, "of": self.shards})

        drawn = run / DRAWN
        if self.drawn is not None:
            take_shards(self.drawn, drawn, "train", self.shards)
        write_shards(drawn, "train", self.shards, processes=self.jobs, progress=tell)
        config = replace(self.config, seed=seed)
        source = drawn
        if data is not None:
            source = run / "labelled"
            source.mkdir(exist_ok=True)
            if not list(source.glob("train-*.npz")):
                crops = list(labelled_crops(data))
                if not crops:
                    raise BadRequest(f"{data} has no scanned report with labelled boxes to learn numbers from.")
                save_shard(source / "train-000000.npz", crops)
            config = replace(config, replay=drawn)
        elif self.amounts:
            source = run / "amounts"
            write_shards(source, "train", self.amounts, processes=self.jobs, amounts=True)
            config = replace(config, replay=drawn)
        if self.drawn is not None:
            take_shards(self.drawn, source, "held-out", self.held_out)
        write_shards(source, "held-out", self.held_out, processes=self.jobs)
        return fit(source, run, config=config, start=start, resume=resume, progress=progress)


@dataclass(frozen=True, slots=True)
class CellsTrainer:
    """Fits the token classifier; it draws its examples itself."""

    config: Any
    jobs: int = 1
    """Processes that draw."""

    def fit(
        self, data: Path | None, run: Path, *, seed: int, start: Path | None, resume: bool, progress: Progress
    ) -> Path:
        """See `Trainer.fit`."""
        from training.cells.fit import fit

        config = replace(self.config, seed=seed, workers=self.jobs)
        return fit(data, run, config=config, start=start, resume=resume, progress=progress)


@dataclass(frozen=True, slots=True)
class CalibrationConfig:
    """How both readers' opinions are pooled."""

    reports: int = 40
    """Reports drawn in each scan quality."""
    qualities: str = ",".join(QUALITIES)
    """The scan qualities, with commas between."""
    texts: int = 25
    """Reports drawn in each format that is no scan."""


@dataclass(frozen=True, slots=True)
class CalibrationTrainer:
    """Fits the pool of both readers' opinions, on drawn reports read with the served models."""

    config: Any = field(default_factory=CalibrationConfig)
    jobs: int = 1
    """Processes that read."""

    def fit(
        self, data: Path | None, run: Path, *, seed: int, start: Path | None, resume: bool, progress: Progress
    ) -> Path:
        """See `Trainer.fit`; `data` and `start` have no meaning here, and what is there is always gone on with."""
        from training.calibrate.collect import collect
        from training.calibrate.make import make_calibration
        from training.evaluate.conditions import what_reads

        qualities = [one for one in QUALITIES if one in self.config.qualities.split(",")]
        collected = run / "collected"
        paths: list[Path] = []
        while len(paths) < len(qualities) * self.config.reports:
            wanted = min(len(paths) // len(qualities) + _READ_AT_ONCE, self.config.reports)
            paths = collect(collected, wanted, self.jobs, qualities)
            progress({"step": float(wanted), "scans": float(len(paths))})
        made = {"reports": self.config.reports, "texts": self.config.texts, "read_with": what_reads()}
        try:
            return make_calibration(paths, self.config.texts, run / "model", made, seed)
        except ValueError as error:
            raise BadRequest(f"No calibration: {error}.") from error


def trainer(model: str, settings: Mapping[str, str], jobs: int) -> Trainer:
    """The trainer of a model with some settings changed.

    Args:
        model: `digits`, `cells` or `calibration`.
        settings: values as texts by name, of the trainer or of its fit's config.
        jobs: processes.

    Raises:
        BadRequest: there is no such setting, or the text is no value of it.
    """
    made: DigitsTrainer | CellsTrainer | CalibrationTrainer
    if model == "digits":
        from training.digits.fit import DigitsConfig

        made = DigitsTrainer(DigitsConfig(), jobs=jobs)
    elif model == "cells":
        from training.cells.fit import FitConfig

        made = CellsTrainer(FitConfig(), jobs=jobs)
    else:
        made = CalibrationTrainer(jobs=jobs)
    own = {one.name for one in fields(made)} - {"config", "jobs"}
    config = changed(made.config, {name: text for name, text in settings.items() if name not in own})
    return replace(changed(made, {name: text for name, text in settings.items() if name in own}), config=config)


def changed(config: _T, settings: Mapping[str, str]) -> _T:
    """A frozen dataclass with some fields changed, their values given as texts; raises BadRequest."""
    hints = {name: kind for name, kind in get_type_hints(type(config)).items() if name not in _OPTIONS}
    values = {}
    for name, text in settings.items():
        if name not in hints:
            raise BadRequest(f"There is no setting {name}; there are {', '.join(sorted(hints))}.")
        try:
            values[name] = TypeAdapter(hints[name]).validate_strings(text)
        except ValidationError as error:
            raise BadRequest(f"{text} is no value of the setting {name}.") from error
    return replace(config, **values)  # type: ignore[type-var]


def as_settings(made: Trainer) -> dict[str, Any]:
    """Every setting of a trainer, as JSON."""
    every = {**asdict(made.config), **{n: v for n, v in _own(made).items() if n != "config"}}
    plain: dict[str, Any] = json.loads(json.dumps(every, default=str))
    return plain


def _own(made: Trainer) -> dict[str, Any]:
    return {one.name: getattr(made, one.name) for one in fields(made)}  # type: ignore[arg-type]
