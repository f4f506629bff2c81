"""The network of the token classifier, and its way to ONNX.

LayoutLM (Xu et al. 2020, arXiv:1912.13318) with one token a cell: what a cell says comes from a convolution over its
characters instead of a table of words, so that a document of 300 cells is 300 tokens and not 1,500. The line of a
cell is its y, its place across the table its x; a value's rank in its line, from the left and from the right, takes
the place of the position in the text and of the segment. Each cell is also told what the texts of its own line and
of the two around it say, which attention would have to find out first.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from transformers import LayoutLMConfig, LayoutLMModel

from models.cells import INPUTS, OUTPUTS, CellClasses, CellGeometry


@dataclass(frozen=True, slots=True)
class NetworkSize:
    """Sizes of the network."""

    width: int = 128
    layers: int = 4
    heads: int = 4
    inner: int = 384
    characters: int = 96
    """Width of a character's vector."""
    dropout: float = 0.1


class CellNetwork(nn.Module):
    """Cells -> logits of role, row and column."""

    def __init__(self, vocabulary: int, classes: CellClasses, geometry: CellGeometry, size: NetworkSize) -> None:
        super().__init__()
        self.characters = nn.Embedding(vocabulary, size.characters, padding_idx=0)
        self.near = nn.Conv1d(size.characters, size.width, 3, padding=1)
        self.far = nn.Conv1d(size.width, size.width, 3, padding=1)
        self.text = nn.Linear(size.width, size.width)
        self.around = nn.Linear(3 * size.width, size.width)
        self.layout = LayoutLMModel(
            LayoutLMConfig(
                vocab_size=1,
                hidden_size=size.width,
                num_hidden_layers=size.layers,
                num_attention_heads=size.heads,
                intermediate_size=size.inner,
                hidden_dropout_prob=size.dropout,
                attention_probs_dropout_prob=0.0,
                max_position_embeddings=geometry.ranks,
                type_vocab_size=geometry.ranks,
                max_2d_position_embeddings=max(geometry.steps, geometry.window),
            )
        )
        # Waves for lines and places let attention find what stands beside, above and below from the start.
        embeddings = self.layout.embeddings
        for places in (embeddings.x_position_embeddings, embeddings.y_position_embeddings):
            places.weight.data.copy_(0.3 * _waves(*places.weight.shape))
        self.role = nn.Linear(size.width, len(classes.roles))
        self.row = nn.Linear(size.width, len(classes.rows))
        self.column = nn.Linear(size.width, len(classes.columns))

    def forward(
        self, texts: Tensor, index: Tensor, boxes: Tensor, left: Tensor, right: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of role, row and column, each batch x cells x classes.

        Args:
            texts: m x characters, the vocabulary's indices, 0 behind the end.
            index: batch x cells, which of the texts a cell has.
            boxes: batch x cells x 4.
            left: batch x cells, rank in the line from the left.
            right: batch x cells, the same from the right.
            mask: batch x cells, 1 for cells and 0 for padding; None where there is no padding.
        """
        inked = (texts > 0).unsqueeze(1)
        features = self.characters(texts).transpose(1, 2)
        features = nn.functional.gelu(self.near(features)) * inked
        features = (features + nn.functional.gelu(self.far(features))) * inked
        # Features are above -0.2 by the activation, so an emptied place never wins against a used one by much.
        words = self.text(features.amax(dim=2))[index]
        hidden = self.layout(
            inputs_embeds=words + self.around(_around(words, boxes[:, :, 1], left, mask)),
            bbox=boxes,
            attention_mask=mask,
            position_ids=left,
            token_type_ids=right,
        ).last_hidden_state
        return self.role(hidden), self.row(hidden), self.column(hidden)


def _around(words: Tensor, lines: Tensor, left: Tensor, mask: Tensor | None) -> Tensor:
    """For each cell, the mean of the texts on the line above, on its own, and below: batch x cells x 3 widths."""
    text = (left == 0).to(words.dtype)
    if mask is not None:
        text = text * mask
    away = lines.unsqueeze(1) - lines.unsqueeze(2)
    means = []
    for offset in (-1, 0, 1):
        near = (away == offset).to(words.dtype) * text.unsqueeze(1)
        means.append(near @ words / near.sum(dim=2, keepdim=True).clamp(min=1.0))
    return torch.cat(means, dim=2)


def _waves(count: int, width: int) -> Tensor:
    """Sines and cosines of `count` places, count x width (Vaswani et al. 2017)."""
    place = torch.arange(count, dtype=torch.float32).unsqueeze(1)
    speed = torch.exp(torch.arange(0, width, 2, dtype=torch.float32) * (-math.log(1000.0) / width))
    waves = torch.zeros(count, width)
    waves[:, 0::2], waves[:, 1::2] = torch.sin(place * speed), torch.cos(place * speed)
    return waves


def export_onnx(network: CellNetwork, path: Path, *, texts: int) -> None:
    """Write the network for serving: one document a run, any number of cells; `texts`: tokens of a text.

    The weights of its products are written as 8-bit integers, which lost nothing where it was measured (the model's
    card) and makes the file smaller and the answer quicker.
    """
    network.eval()
    cells = 7
    whole = path.with_suffix(".float.onnx")
    example: Mapping[str, Tensor] = {
        "texts": torch.ones(5, texts, dtype=torch.long),
        "index": torch.zeros(1, cells, dtype=torch.long),
        "boxes": torch.zeros(1, cells, 4, dtype=torch.long),
        "left": torch.zeros(1, cells, dtype=torch.long),
        "right": torch.zeros(1, cells, dtype=torch.long),
    }
    axes: dict[str, Any] = {name: {1: "cells"} for name in (*INPUTS[1:], *OUTPUTS)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            tuple(example[name] for name in INPUTS),
            str(whole),
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={"texts": {0: "texts"}, **axes},
            opset_version=17,
            dynamo=False,
        )
        quantize_dynamic(whole, path, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm"])
    whole.unlink()
    network.eval()  # the exporter leaves the mode that it found, or training mode; serving needs the other
