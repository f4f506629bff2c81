"""Examples -> batches of arrays; batch number n of a seed is always the same, so that training resumes anywhere."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from models.cells import NONE, CellClasses, CellEncoder
from training.cells.augment import augment
from training.cells.examples import Example, LabelledCell

IGNORED = -100
"""The class of what nobody can tell, as PyTorch's cross entropy leaves it out."""
_CHUNK = 256
"""So many examples are sorted by length together, so that little is padding."""


@dataclass(frozen=True)
class Batch:
    """Several documents for the network, and what is to be learned from them; b documents of n cells at most."""

    inputs: Mapping[str, Tensor]
    """The arguments of `CellNetwork.forward`."""
    targets: Mapping[str, Tensor]
    """`role`, `row`, `column`: b x n, `IGNORED` where unknown."""
    weights: Tensor
    """b x n: how much a cell counts."""


class Batches:
    """All batches of a set of examples."""

    def __init__(
        self, examples: Sequence[Example], encoder: CellEncoder, classes: CellClasses, *, cells: int, seed: int
    ) -> None:
        """`cells`: most cells in a batch, padding counted."""
        self._examples = examples
        self._encoder, self._classes, self._seed = encoder, classes, seed
        self._most = cells
        self._epochs: dict[int, list[list[int]]] = {}
        self._starts = [0]

    def __getitem__(self, step: int) -> Batch:
        """The batch of a training step, its examples changed at random."""
        rng = random.Random(f"batch {self._seed} {step}")
        chosen = [self._examples[number] for number in self._numbers(step)]
        return self.collate([augment(example, rng) for example in chosen], rng)

    def _numbers(self, step: int) -> list[int]:
        epoch = 0
        while True:
            if epoch not in self._epochs:
                self._epochs = {epoch: self._epoch(epoch)}
            if len(self._starts) == epoch + 1:
                self._starts.append(self._starts[epoch] + len(self._epochs[epoch]))
            if step < self._starts[epoch + 1]:
                return self._epochs[epoch][step - self._starts[epoch]]
            epoch += 1

    def _epoch(self, epoch: int) -> list[list[int]]:
        rng = random.Random(f"epoch {self._seed} {epoch}")
        order = list(range(len(self._examples)))
        rng.shuffle(order)
        found: list[list[int]] = []
        for start in range(0, len(order), _CHUNK):
            chunk = sorted(order[start : start + _CHUNK], key=self._length)
            batch: list[int] = []
            for number in chunk:
                if batch and (len(batch) + 1) * self._length(number) > self._most:
                    found.append(batch)
                    batch = []
                batch.append(number)
            found.append(batch)
        rng.shuffle(found)
        return found

    def _length(self, number: int) -> int:
        return min(len(self._examples[number].cells), self._encoder.geometry.window)

    def collate(self, examples: Sequence[Example], rng: random.Random | None = None) -> Batch:
        """The arrays of some examples; with `rng`, long ones are cut anywhere and lines begin anywhere."""
        encoder = self._encoder
        windows = [_window(example.cells, encoder.geometry.window, rng) for example in examples]
        encoded = [encoder.encode([one.cell for one in cells]) for cells in windows]
        most = max(len(cells) for cells in windows)
        inputs = {
            "index": np.zeros((len(windows), most), np.int64),
            "boxes": np.zeros((len(windows), most, 4), np.int64),
            "left": np.zeros((len(windows), most), np.int64),
            "right": np.zeros((len(windows), most), np.int64),
            "mask": np.zeros((len(windows), most), np.int64),
        }
        targets = {name: np.full((len(windows), most), IGNORED, np.int64) for name in ("role", "row", "column")}
        weights = np.zeros((len(windows), most), np.float32)
        before = 0
        for number, (cells, arrays) in enumerate(zip(windows, encoded, strict=True)):
            here = (number, slice(0, len(cells)))
            inputs["index"][here] = arrays.index + before
            lines = int(arrays.boxes[:, 1].max()) + 1
            down = rng.randrange(max(1, encoder.geometry.window - lines)) if rng and rng.random() < 0.5 else 0
            inputs["boxes"][here] = arrays.boxes + np.array([0, down, 0, down])
            inputs["left"][here], inputs["right"][here], inputs["mask"][here] = arrays.left, arrays.right, 1
            weights[here] = [_weight(one) for one in cells]
            for name, numbers in self.numbered(cells).items():
                targets[name][here] = numbers
            before += len(arrays.texts)
        tensors = {name: torch.from_numpy(array) for name, array in inputs.items()}
        tensors["texts"] = torch.from_numpy(np.concatenate([arrays.texts for arrays in encoded]))
        return Batch(
            tensors, {name: torch.from_numpy(array) for name, array in targets.items()}, torch.from_numpy(weights)
        )

    def numbered(self, cells: Sequence[LabelledCell]) -> Mapping[str, NDArray[np.int64]]:
        """The truth of cells as numbers of classes."""
        of = self._classes
        return {
            "role": _numbers(of.roles, [one.truth.role for one in cells]),
            "row": _numbers(of.rows, [one.truth.row for one in cells]),
            "column": _numbers(of.columns, [one.truth.column for one in cells]),
        }


def _numbers(classes: Sequence[str], names: Sequence[str | None]) -> NDArray[np.int64]:
    known = {name: number for number, name in enumerate(classes)}
    return np.array([IGNORED if name is None else known[name] for name in names], np.int64)


def _weight(one: LabelledCell) -> float:
    """Values count most, padding of tables least."""
    if one.truth.role == "value":
        return 1.0
    return 0.1 if one.cell.text == NONE else 0.4


def _window(cells: Sequence[LabelledCell], size: int, rng: random.Random | None) -> Sequence[LabelledCell]:
    if len(cells) <= size:
        return cells
    start = rng.randrange(len(cells) - size + 1) if rng else 0
    return cells[start : start + size]
