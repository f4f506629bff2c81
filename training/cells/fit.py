"""Training of the token classifier: drawn examples, resumable steps, ONNX, scores."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from models.cells import CellClasses, CellClassifier, CellEncoder, CellGeometry, describe, read_description
from service.errors import InvalidDataset
from service.files import whole, write_whole
from service.forms.catalogue import load_forms
from training.cells.batches import IGNORED, Batch, Batches
from training.cells.classes import build_classes, build_vocabulary
from training.cells.dataset import draw_examples, read_shards
from training.cells.examples import Example
from training.cells.labelled import labelled_examples
from training.cells.model import CellNetwork, NetworkSize, export_onnx
from training.cells.scores import score_examples

NETWORK = "network.safetensors"
"""The weights as half floats, from which a later training goes on."""
CHECKPOINT = "checkpoint.pt"
VOCABULARY = "vocabulary.json"
Progress = Callable[[dict[str, float]], None]
_REPORT_EVERY = 20
"""Steps between two reports of progress."""


@dataclass(frozen=True, slots=True)
class FitConfig:
    """How a training goes."""

    steps: int = 2000
    rate: float = 1.5e-3
    """Highest learning rate."""
    warmup: int = 100
    cells: int = 2500
    """Most cells in a batch."""
    drawn: int = 2240
    """So many drawn examples; where labelled ones are learned from, they keep the network from forgetting."""
    drawn_seed: int = 0
    """Seed of the first of them."""
    labelled_share: float = 0.5
    """Share of labelled reports among what is seen, where there are any."""
    seed: int = 1
    threads: int = 1
    workers: int = 1
    """Processes that draw."""
    size: NetworkSize = field(default_factory=NetworkSize)
    geometry: CellGeometry = field(default_factory=CellGeometry)
    held_out: int = 320
    """Drawn examples of the other split, on which the result is scored."""
    checkpoint_every: int = 100
    version: str = "0"
    """What `model.json` calls the result; a promotion gives it its number."""


def fit(
    data: Path | None,
    run: Path,
    *,
    config: FitConfig,
    start: Path | None = None,
    resume: bool = False,
    progress: Progress = lambda _: None,
) -> Path:
    """Train a classifier; returns the folder with model.onnx, model.json, network.safetensors and metrics.json.

    Args:
        data: a dataset (see `training.datasets.manifest`) of labelled reports; None, or one without entries: drawn
            examples alone.
        run: the run's folder; holds the drawn examples, the checkpoint and the result.
        config: how.
        start: a weights folder from which the training goes on; it must have the same classes or fewer.
        resume: go on from the run's checkpoint, if there is one.
        progress: called with `drawn` at step 0, every few steps with `step`, `steps`, `loss`, and at the end with the
            scores.

    Raises:
        InvalidDataset: the data cannot be read, or `start` does not fit.
    """
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    forms = load_forms()
    classes, geometry = build_classes(forms), config.geometry
    vocabulary = _kept(run / VOCABULARY, build_vocabulary(forms), resume=resume)
    if start is not None:
        vocabulary, geometry = _started_with(start)
    examples = _examples(data, run, config, progress)
    network = CellNetwork(len(vocabulary), classes, geometry, config.size)
    if start is not None:
        load_network(network, start, classes)
    batches = Batches(examples, CellEncoder(vocabulary, geometry), classes, cells=config.cells, seed=config.seed)
    seconds = _train(network, batches, run, config, resume=resume, progress=progress)
    trained = {"config": asdict(config), "examples": len(examples), "seconds": round(seconds)}
    out, described = run / "model", describe(config.version, classes, vocabulary, geometry, trained=trained)
    _export(network, out, described, texts=geometry.head + geometry.tail)
    metrics = evaluate(out, config, run)
    _write_json(out / "metrics.json", metrics)
    _write_json(out / "model.json", {**described, "scores": metrics})
    scores = {f"field {name}": one["field"] for name, one in metrics.items()}
    progress({"step": config.steps, "steps": config.steps, **scores})
    return out


def _export(network: CellNetwork, folder: Path, described: Mapping[str, Any], *, texts: int) -> None:
    """Write what is served, and the weights from which a later training goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    export_onnx(network, folder / "model.onnx", texts=texts)
    save_file({name: value.half().contiguous() for name, value in network.state_dict().items()}, folder / NETWORK)
    _write_json(folder / "model.json", described)


def evaluate(model: Path, config: FitConfig, run: Path) -> dict[str, dict[str, float]]:
    """Scores of a model on drawn examples of the split that no training sees."""
    shards = draw_examples(run / "held-out", config.held_out, seed=0, split="held-out", workers=config.workers)
    scores = score_examples(CellClassifier(model, config.threads), read_shards(shards))
    return {name: {key: round(value, 5) for key, value in asdict(score).items()} for name, score in scores.items()}


def _examples(data: Path | None, run: Path, config: FitConfig, progress: Progress) -> list[Example]:
    """Drawn examples, and the labelled ones as often as their share asks for."""

    def tell(drawn: int) -> None:
        # What was drawn belongs before the first step; a run that has a checkpoint has its log.
        if not (run / CHECKPOINT).is_file():
            progress({"step": 0, "drawn": drawn, "of": config.drawn})

    drawn: list[Example] = []
    if config.drawn:
        folder = run / "drawn"
        shards = draw_examples(
            folder, config.drawn, seed=config.drawn_seed, split="train", workers=config.workers, progress=tell
        )
        drawn = list(read_shards(shards))
    labelled = list(labelled_examples(data)) if data is not None else []
    if not drawn and not labelled:
        raise InvalidDataset("There is nothing to learn from: no labelled report, and no drawn ones are asked for.")
    if not drawn or not labelled:
        return drawn or labelled
    share = min(max(config.labelled_share, 0.0), 0.95)
    times = max(1, round(share / (1 - share) * len(drawn) / len(labelled)))
    return drawn + labelled * times


def _kept(path: Path, built: tuple[str, ...], *, resume: bool) -> tuple[str, ...]:
    """The vocabulary that a run began with, which a resumed one goes on with though others be built since."""
    if resume and path.is_file():
        return tuple(json.loads(path.read_text(encoding="utf-8")))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps(built, ensure_ascii=False) + "\n")
    return built


def _started_with(start: Path) -> tuple[tuple[str, ...], CellGeometry]:
    """Vocabulary and geometry of released weights, which a later training keeps."""
    description = read_description(start)
    return tuple(description["vocabulary"]), CellGeometry(**description["geometry"])


def load_network(network: CellNetwork, folder: Path, classes: CellClasses) -> None:
    """Put released weights into a network; rows and columns that the release did not know begin anew.

    Raises:
        InvalidDataset: the weights are of a network of another size.
    """
    description = read_description(folder)
    state: dict[str, Tensor] = {name: value.float() for name, value in load_file(folder / NETWORK).items()}
    own = network.state_dict()
    try:
        for head, names in (("row", classes.rows), ("column", classes.columns)):
            known = {name: number for number, name in enumerate(description[f"{head}s"])}
            pairs = [(number, known[name]) for number, name in enumerate(names) if name in known]
            for part in ("weight", "bias"):
                moved = own[f"{head}.{part}"].clone()
                moved[[new for new, _ in pairs]] = state[f"{head}.{part}"][[old for _, old in pairs]]
                state[f"{head}.{part}"] = moved
        network.load_state_dict(state)
    except RuntimeError as error:
        raise InvalidDataset(f"The weights in {folder} are of a network of another size.") from error


def _train(
    network: CellNetwork, batches: Batches, run: Path, config: FitConfig, *, resume: bool, progress: Progress
) -> float:
    """All steps, from the checkpoint on if there is one; returns the seconds spent."""
    run.mkdir(parents=True, exist_ok=True)
    decayed = [one for one in network.parameters() if one.dim() > 1]
    plain = [one for one in network.parameters() if one.dim() <= 1]
    optimiser = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.02}, {"params": plain, "weight_decay": 0.0}], lr=config.rate
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _warmth(step, config))
    first, spent = _resumed(run / CHECKPOINT, network, optimiser, schedule) if resume else (0, 0.0)
    network.train()
    began, smooth = time.monotonic(), math.nan
    for step in range(first, config.steps):
        loss = _step(network, optimiser, batches[step])
        schedule.step()
        smooth = loss if math.isnan(smooth) else 0.98 * smooth + 0.02 * loss
        if step % _REPORT_EVERY == 0:
            progress({"step": step, "steps": config.steps, "loss": smooth})
        if (step + 1) % config.checkpoint_every == 0 or step + 1 == config.steps:
            seconds = spent + time.monotonic() - began
            _save(run / CHECKPOINT, network, optimiser, schedule, step + 1, seconds)
    return spent + time.monotonic() - began


def _warmth(step: int, config: FitConfig) -> float:
    """Share of the highest rate: up in a line, down along a cosine."""
    if step < config.warmup:
        return (step + 1) / config.warmup
    done = (step - config.warmup) / max(1, config.steps - config.warmup)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def _step(network: CellNetwork, optimiser: torch.optim.Optimizer, batch: Batch) -> float:
    logits = network(**batch.inputs)
    loss = batch_loss(dict(zip(("role", "row", "column"), logits, strict=True)), batch)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def batch_loss(logits: Mapping[str, Tensor], batch: Batch) -> Tensor:
    """Sum over role, row and column of the weighted mean cross entropy of what is known."""
    total = torch.zeros(())
    for name, scores in logits.items():
        target = batch.targets[name]
        losses = nn.functional.cross_entropy(scores.flatten(0, 1), target.flatten(), reduction="none")
        weights = batch.weights.flatten() * (target.flatten() != IGNORED)
        total = total + (losses * weights).sum() / weights.sum().clamp(min=1e-6)
    return total


def _save(
    path: Path,
    network: CellNetwork,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
    step: int,
    seconds: float,
) -> None:
    state: dict[str, Any] = {
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "schedule": schedule.state_dict(),
        "random": torch.get_rng_state(),
        "step": step,
        "seconds": seconds,
    }
    with whole(path) as file:
        torch.save(state, file)


def _resumed(
    path: Path,
    network: CellNetwork,
    optimiser: torch.optim.Optimizer,
    schedule: torch.optim.lr_scheduler.LambdaLR,
) -> tuple[int, float]:
    """The step to go on with and the seconds spent before; from the start where there is no checkpoint."""
    if not path.is_file():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    schedule.load_state_dict(state["schedule"])
    torch.set_rng_state(state["random"])
    return int(state["step"]), float(state["seconds"])


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
