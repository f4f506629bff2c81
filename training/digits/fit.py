"""Fits the numeric reader: from nothing or from released weights, resumable, with old crops replayed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from models.digits import (
    Floats,
    Geometry,
    NumericReader,
    View,
    canvas_shape,
    canvases,
    normalise,
)
from service.errors import InvalidDataset
from service.files import whole
from training.digits.augment import vary
from training.digits.data import Labelled, load_shards
from training.digits.model import DigitNet, Widths, export, load_net
from training.digits.score import score
from training.digits.targets import UNKNOWN, Target, target

CHECKPOINT = "checkpoint.pt"
_CANVASES = ((32, 48), (32, 80), (48, 48), (48, 80), (32, 160), (64, 112), (48, 256), (128, 112), (128, 256))
"""Sizes that the crops of a step are padded to: few, so that batches are large, and not much larger than they are."""
_LARGE_KEPT = 0.3
"""Share of the crops of the last size that are used: they cost ten times as much as others, and are mostly labels."""
_REPORT = 50
"""Steps between two reports of progress."""
_SAVE = 500
"""Steps between two checkpoints."""


@dataclass(frozen=True, slots=True)
class DigitsConfig:
    """How the numeric reader is fitted."""

    seed: int = 0
    crops: int = 800_000
    """Crops seen in all, a crop anew each time it comes by."""
    rate: float = 2.5e-3
    """Highest learning rate; it rises over the first twentieth and falls to nothing (Loshchilov & Hutter 2017)."""
    decay: float = 1e-4
    batch: int = 96
    """Crops of one step."""
    columns: float = 1.0
    """Weight of the loss of the characters beside that of the kinds."""
    places: float = 1.0
    """Weight, at first, of the loss of where the characters stand."""
    threads: int = 1
    replay: Path | None = None
    """In fine-tuning: a data set whose crops are mixed in, so that the network does not forget."""
    replayed: float = 0.5
    """Share of crops from there."""
    widths: Widths = Widths()  # noqa: RUF009  # frozen
    geometry: Geometry = Geometry()  # noqa: RUF009  # frozen


def fit(
    data: Path,
    run: Path,
    *,
    config: DigitsConfig,
    start: Path | None = None,
    resume: bool = False,
    progress: Callable[[dict[str, float]], None] = lambda _: None,
) -> Path:
    """Fits a numeric reader.

    Args:
        data: a data set as `training.digits.data.write_shards` leaves it.
        run: folder for the checkpoint and the result.
        config: how.
        start: a released version to go on from; its geometry and widths take the place of the config's.
        resume: go on from the run's checkpoint where there is one.
        progress: called every 50 steps with step, crops, the losses, the rate, and the seconds since the start.

    Returns:
        The folder `run/model`, with model.onnx and model.json; its "scores" are those of the held-out crops.

    Raises:
        InvalidDataset: there are no training crops in `data`.
    """
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    net, geometry, widths = load_net(start) if start else (DigitNet(config.widths), config.geometry, config.widths)
    fitting = _Fitting(net, config, run / CHECKPOINT)
    if resume:
        fitting.restore()
    sources = _sources(data, config)
    run.mkdir(parents=True, exist_ok=True)
    if fitting.crops < config.crops:
        fitting.go(_steps(sources, geometry, config, fitting.step), progress)
    training = {
        "config": asdict(config),
        "start": start.name if start else None,
        "crops": [len(source.crops) for source in sources],
        "steps": fitting.step,
    }
    folder, described = run / "model", {"training": _plain(training)}
    export(net, geometry, widths, folder, described)
    held_out = load_shards(sorted(data.glob("held-out-*.npz")))
    if held_out:
        described["scores"] = asdict(score(NumericReader(folder, config.threads), held_out))
        export(net, geometry, widths, folder, described)
    return folder


class _Fitting:
    """A network on its way, with all that a checkpoint holds."""

    def __init__(self, net: DigitNet, config: DigitsConfig, path: Path) -> None:
        self.net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.config = config
        self.path = path
        self.optimiser = torch.optim.AdamW(net.parameters(), config.rate, weight_decay=config.decay)
        self.step = 0
        self.crops = 0

    def restore(self) -> None:
        """Goes on from the checkpoint, if there is one."""
        if self.path.exists():
            held = torch.load(self.path, weights_only=True)
            self.net.load_state_dict(held["net"])
            self.optimiser.load_state_dict(held["optimiser"])
            self.step, self.crops = held["step"], held["crops"]

    def save(self) -> None:
        """Writes the checkpoint."""
        held = {"net": self.net.state_dict(), "optimiser": self.optimiser.state_dict()}
        with whole(self.path) as file:
            torch.save({**held, "step": self.step, "crops": self.crops}, file)

    def go(self, steps: Iterator[list[_Batch]], progress: Callable[[dict[str, float]], None]) -> None:
        """Takes steps until all crops have been seen."""
        began, losses = time.monotonic(), np.zeros(2)
        self.net.train()
        for batches in steps:
            losses += self._take(batches)
            if self.step % _REPORT == 0:
                kinds, columns = (losses / _REPORT).tolist()
                losses[:] = 0
                seconds = time.monotonic() - began
                counts = {"step": float(self.step), "crops": float(self.crops), "seconds": seconds}
                progress({**counts, "loss.kinds": kinds, "loss.columns": columns, "rate": self._rate()})
            if self.step % _SAVE == 0:
                self.save()
            if self.crops >= self.config.crops:
                break
        self.save()

    def _take(self, batches: Sequence[_Batch]) -> tuple[float, float]:
        """One step over batches of unlike sizes; returns the mean losses of kinds and of columns."""
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        targets = [target for batch in batches for target in batch.targets]
        numbers = max(1, sum(bool(target.text) for target in targets))
        self.optimiser.zero_grad(set_to_none=True)
        total = np.zeros(2)
        for batch in batches:
            pictures = torch.from_numpy(batch.pictures).to(memory_format=torch.channels_last)
            kinds, columns = self.net(pictures)
            truth = torch.tensor([target.kind for target in batch.targets])
            kind_loss = nn.functional.cross_entropy(kinds, truth, reduction="sum") / len(targets)
            text_loss = _text_loss(columns, batch) / numbers
            loss: Tensor = kind_loss + self.config.columns * text_loss
            if (helped := self._help()) > 0:
                loss = loss + helped * len(batch.targets) / len(targets) * _place_loss(columns, batch)
            loss.backward()  # type: ignore[no-untyped-call]
            total += (kind_loss.item(), text_loss.item())
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimiser.step()
        self.step += 1
        self.crops += len(targets)
        return float(total[0]), float(total[1])

    def _help(self) -> float:
        """Weight of the loss by places, which shows the way at first: it falls to nothing at two thirds of the fit."""
        return self.config.places * max(0.0, 1 - 1.5 * self.crops / self.config.crops)

    def _rate(self) -> float:
        done = min(self.crops / self.config.crops, 1.0)
        rise = min(done / 0.05, 1.0)
        return float(self.config.rate * (0.02 + 0.98 * rise) * (0.5 + 0.5 * np.cos(np.pi * done)) + 1e-6)


@dataclass(frozen=True, slots=True)
class _Batch:
    pictures: Floats
    targets: Sequence[Target]
    columns: NDArray[np.int64]
    """Class of each column, as far as it is known: crops x columns."""


def _text_loss(columns: Tensor, batch: _Batch) -> Tensor:
    """Sum over the crops that hold a number of what their characters cost (CTC)."""
    numbers = [i for i, target in enumerate(batch.targets) if target.text]
    if not numbers:
        return columns.sum() * 0
    texts = [batch.targets[i].text for i in numbers]
    losses = nn.functional.ctc_loss(
        columns[numbers].log_softmax(-1).transpose(0, 1),
        torch.tensor([one for text in texts for one in text]),
        torch.full((len(numbers),), columns.shape[1]),
        torch.tensor([len(text) for text in texts]),
        reduction="none",
        zero_infinity=True,
    )
    return losses.sum()


def _place_loss(columns: Tensor, batch: _Batch) -> Tensor:
    """Mean over the columns whose class is known; for characters as much as for the paper beside them."""
    known = torch.from_numpy(batch.columns)
    total = columns.sum() * 0
    for chosen in (known > 0, known == 0):
        if chosen.any():
            total = total + nn.functional.cross_entropy(columns[chosen], known[chosen])
    return total


class _Source:
    """The training crops of one data set; shards that are added while the fit runs are taken in by and by."""

    def __init__(self, folder: Path, share: float) -> None:
        self.folder = folder
        self.share = share
        self.crops: list[Labelled] = []
        self._order: list[int] = []
        self._known: set[Path] = set()
        self._take_in()
        if not self.crops:
            raise InvalidDataset(f"{folder} holds no training crops.")

    def draw(self, rng: np.random.Generator) -> Labelled:
        """The next crop in random order, none again before all others have come."""
        if not self._order:
            self._take_in()
            self._order = rng.permutation(len(self.crops)).tolist()
        return self.crops[self._order.pop()]

    def _take_in(self) -> None:
        new = set(self.folder.glob("train-??????.npz")) - self._known
        self.crops.extend(load_shards(sorted(new)))
        self._known |= new


Sources = Sequence[_Source]


def _sources(data: Path, config: DigitsConfig) -> Sources:
    if config.replay is None:
        return [_Source(data, 1.0)]
    return [_Source(data, 1 - config.replayed), _Source(config.replay, config.replayed)]


def _steps(sources: Sources, geometry: Geometry, config: DigitsConfig, step: int) -> Iterator[list[_Batch]]:
    """Endless steps, each of some batches of crops of like size; resumed from another step they come in another order.

    A step mixes all sizes, for crops of one size are mostly of one kind.
    """
    rng = np.random.default_rng([config.seed, step])
    stream = _stream(sources, rng)
    while True:
        groups: defaultdict[tuple[int, int], list[tuple[View, Target]]] = defaultdict(list)
        for one in islice(stream, config.batch):
            varied = vary(one.crop, rng)
            view = normalise(varied.crop, geometry)
            shape = _canvas(view, geometry)
            if shape != _CANVASES[-1] or rng.random() < _LARGE_KEPT:
                groups[shape].append((view, target(one.crop, varied, view)))
        yield [_batch(members, shape, geometry) for shape, members in groups.items()]


def _canvas(view: View, geometry: Geometry) -> tuple[int, int]:
    height, width = view.pixels.shape
    fitting = (shape for shape in _CANVASES if shape[0] >= height and shape[1] >= width)
    return next(fitting, None) or canvas_shape(view.pixels, geometry)


def _stream(sources: Sources, rng: np.random.Generator) -> Iterator[Labelled]:
    """Endless crops, from each source by its share."""
    shares = np.array([source.share for source in sources])
    while True:
        yield sources[int(rng.choice(len(sources), p=shares / shares.sum()))].draw(rng)


def _batch(members: Sequence[tuple[View, Target]], shape: tuple[int, int], geometry: Geometry) -> _Batch:
    targets = [wanted for _, wanted in members]
    columns = np.full((len(members), shape[1]), UNKNOWN, np.int64)  # LINES times half of the pixels
    half = shape[1] // 2
    for row, (view, wanted) in zip(columns, members, strict=True):
        if (wanted.columns >= 0).any():
            start = (shape[1] - view.pixels.shape[1]) // 2 // 2
            row[:] = 0
            row[start : start + len(wanted.columns)] = wanted.columns[: half - start]
    return _Batch(canvases([view.pixels for view, _ in members], shape, geometry), targets, columns)


def _plain(value: Any) -> Any:
    """Paths in a description as texts."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return value.name if isinstance(value, Path) else value
