"""The numeric reader's network, and its way to ONNX."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from models.digits import CARD_FILE, CHARACTERS, KINDS, MODEL_FILE, Geometry, geometry_of

LINES = 2
"""Lines of print that a cell may be read in, one after the other."""
_STEPS = 2
"""Output columns for each column of features, of four pixels: a digit is some eight pixels wide."""


@dataclass(frozen=True, slots=True)
class Widths:
    """Channels of the network's stages."""

    stem: int = 16
    fine: int = 24
    middle: int = 48
    coarse: int = 96


class DigitNet(nn.Module):
    """From crops to kinds and columns.

    Features are four pixels apart across and sixteen down. For each column and each of `LINES` lines the network
    chooses by attention at which height the line stands, if it is there; the lines then follow each other in one
    sequence. What kind of cell it is, is told from the features of all places.
    """

    def __init__(self, widths: Widths) -> None:
        super().__init__()
        w = widths
        self.features = nn.Sequential(
            _conv(1, w.stem, 2),
            _conv(w.stem, w.fine, 2),
            _Residual(w.fine),
            _conv(w.fine, w.middle, (2, 1)),
            _Residual(w.middle),
            _conv(w.middle, w.coarse, (2, 1)),
        )
        self.attention = nn.Conv2d(w.coarse, LINES, 1)
        with torch.no_grad():  # the second line begins as not there, or both would learn to read the same one
            self.attention.bias.copy_(torch.tensor([1.0, -4.0]))  # type: ignore[union-attr]
        self.line = nn.Parameter(torch.zeros(LINES, w.coarse))
        self.context = nn.Sequential(
            nn.Conv1d(w.coarse, w.coarse, 5, padding=2, bias=False),
            nn.BatchNorm1d(w.coarse),
            nn.ReLU(inplace=True),
            nn.Conv1d(w.coarse, _STEPS * (1 + len(CHARACTERS)), 3, padding=1),
        )
        with torch.no_grad():  # most columns are blank
            self.context[-1].bias.view(_STEPS, -1)[:, 0] = 4.0  # type: ignore[operator]
        self.evidence = nn.Sequential(_conv(w.coarse, w.coarse, 1), nn.Conv2d(w.coarse, w.middle, 1), nn.ReLU())
        self.kind = nn.Linear(2 * w.middle, len(KINDS))

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Crops to logits.

        Args:
            pictures: n x 1 x height x width, sides multiples of 16 and of 4, see `models.digits.normalise`.

        Returns:
            Kinds, n x len(KINDS), and columns, n x (LINES * width / 2) x (1 + len(CHARACTERS)).
        """
        features = self.features(pictures)
        evidence = self.evidence(features)
        pooled = torch.cat([evidence.amax((2, 3)), evidence.mean((2, 3))], 1)
        return self.kind(pooled), self._read_lines(features)

    def _read_lines(self, features: Tensor) -> Tensor:
        """The columns of all lines, line after line; together, so that they share their batch's statistics."""
        n, _, _, width = features.shape
        weights = torch.exp(self.attention(features).clamp(-12, 12))
        weights = weights / (1 + weights.sum(2, keepdim=True))  # the one stands for: no such line here
        read = torch.einsum("nchw,nlhw->nlcw", features, weights) + self.line[None, :, :, None]
        columns: Tensor = self.context(read.flatten(0, 1)).view(n, LINES, _STEPS, -1, width)
        return columns.permute(0, 1, 4, 2, 3).reshape(n, LINES * width * _STEPS, -1)


class _Probabilities(nn.Module):
    """The network as it is served: probabilities in place of logits."""

    def __init__(self, net: DigitNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        kinds, columns = self.net(pictures)
        return kinds.softmax(-1), columns.softmax(-1)


class _Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = _conv(channels, channels, 1)
        self.second = nn.Sequential(nn.Conv2d(channels, channels, 3, padding=1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = x + self.second(self.first(x))
        return nn.functional.relu(added)


def _conv(given: int, channels: int, stride: int | tuple[int, int]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(given, channels, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    )


def load_net(folder: Path) -> tuple[DigitNet, Geometry, Widths]:
    """The network of a released version, to go on from; its parameters are those of the ONNX file.

    Raises:
        KeyError: the folder's description is of another format.
        RuntimeError: the network in it has other parameters.
    """
    described = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    widths = Widths(**described["widths"])
    net = DigitNet(widths)
    graph = onnx.load(folder / MODEL_FILE).graph
    held = {one.name.removeprefix("net."): numpy_helper.to_array(one).copy() for one in graph.initializer}
    for node in graph.node:  # the exporter keeps equal parameters once and points the others to it
        if node.op_type == "Identity" and (given := node.input[0].removeprefix("net.")) in held:
            held[node.output[0].removeprefix("net.")] = held[given]
    state = {name: torch.from_numpy(held[name]) for name in net.state_dict() if name in held}
    missing = [name for name in net.load_state_dict(state, strict=False).missing_keys if "num_batches" not in name]
    if missing:
        raise RuntimeError(f"{folder} lacks the parameters {', '.join(missing)}")
    return net, geometry_of(described), widths


def export(net: DigitNet, geometry: Geometry, widths: Widths, folder: Path, described: Mapping[str, object]) -> None:
    """Writes the network as a folder that `models.digits.NumericReader` loads.

    Args:
        net: the network; stays in training mode if it is in it.
        geometry: what it was trained for.
        widths: its channels, for fine-tuning to rebuild it.
        folder: made where it is not there.
        described: what else the card says: data, commands, scores.
    """
    folder.mkdir(parents=True, exist_ok=True)
    training = net.training
    served = _Probabilities(net).eval().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    example = torch.zeros(2, 1, geometry.heights[0], geometry.widths[0])
    axes = {0: "crops", 2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            served,
            (example,),
            folder / MODEL_FILE,
            input_names=["pictures"],
            output_names=["kinds", "columns"],
            dynamic_axes={"pictures": axes, "kinds": {0: "crops"}, "columns": {0: "crops", 1: "columns"}},
            dynamo=False,
            opset_version=17,
            training=torch.onnx.TrainingMode.PRESERVE,  # keeps every parameter under its name, for `load_net`
            do_constant_folding=False,
        )
    net.train(training)
    described = {
        "format": 1,
        "characters": CHARACTERS,
        "kinds": KINDS,
        "geometry": asdict(geometry),
        "widths": asdict(widths),
        **described,
    }
    text = json.dumps(described, ensure_ascii=False, indent=1)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")
