"""Page layout: the CDLA model (Chinese document layout, ten classes) as a layoutparser model."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import cv2
import layoutparser as lp
import numpy as np
from layoutparser.models.base_layoutmodel import BaseLayoutModel
from numpy.typing import NDArray

from models.engine import load_runner
from models.vendor import CONFIG_FILE, MODEL_FILE, model_directory

LAYOUT = "layout_cdla"

_HEIGHT, _WIDTH = 800, 608
_STRIDES = (8, 16, 32, 64)
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
_VALUES = ((np.arange(256, dtype=np.float32)[:, None] / 255 - _MEAN) / _DEVIATION).T.copy()
"""What the model is given for each grey level of each channel."""


class CdlaLayoutModel(BaseLayoutModel):  # type: ignore[misc]
    """Finds text, title, table and other blocks on a page (PicoDet trained on CDLA; boxes as in GFL, arXiv 2006.04388).

    Args:
        threads: CPU threads to use at most.
        threshold: least score of a block.
        overlap: boxes of one class that share more than this part of their union count as one.

    Raises:
        MissingModel: see `models.vendor.model_directory`.
    """

    DEPENDENCIES: ClassVar[list[str]] = []
    DETECTOR_NAME = "cdla-onnx"
    MODEL_CATALOG: ClassVar[dict[str, dict[str, str]]] = {}
    name = LAYOUT

    def __init__(self, threads: int = 2, threshold: float = 0.4, overlap: float = 0.5) -> None:
        directory = model_directory(LAYOUT)
        self.labels: list[str] = json.loads((directory / CONFIG_FILE).read_text(encoding="utf-8"))["labels"]
        self._run = load_runner(directory / MODEL_FILE, threads, half=True)
        self._threshold = threshold
        self._overlap = overlap

    def detect(self, image: Any) -> lp.Layout:
        """The blocks of a page picture (height x width, grey, or x 3, BGR; or PIL) in its pixels, by falling score.

        Every block is an `lp.TextBlock` with `type` (text, title, figure, figure_caption, table, table_caption, header,
        footer, reference or equation) and `score`.
        """
        picture = self.image_loader(image)
        outputs = self._run(_normalise(picture))
        boxes, scores = _decode(outputs, self._threshold)
        boxes *= np.tile([picture.shape[1] / _WIDTH, picture.shape[0] / _HEIGHT], 2)
        return lp.Layout(self._blocks(boxes, scores))

    def image_loader(self, image: Any) -> NDArray[np.uint8]:
        """The picture as a BGR array; PIL images are converted."""
        if isinstance(image, np.ndarray):
            return image
        return np.asarray(image.convert("RGB"))[..., ::-1].copy()

    def _blocks(self, boxes: NDArray[np.float64], scores: NDArray[np.float32]) -> list[lp.TextBlock]:
        blocks = []
        for kind, label in enumerate(self.labels):
            likely = scores[:, kind] >= self._threshold
            edges, chances = boxes[likely], scores[likely, kind]
            sized = np.concatenate([edges[:, :2], edges[:, 2:] - edges[:, :2]], axis=1)
            kept = cv2.dnn.NMSBoxes(sized.tolist(), chances.tolist(), self._threshold, self._overlap)
            for i in np.array(kept, int).flatten():
                place = lp.Rectangle(*(float(edge) for edge in edges[i]))
                blocks.append(lp.TextBlock(place, type=label, score=float(chances[i])))
        return sorted(blocks, key=lambda block: -block.score)


def _normalise(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The model's input: 1 x 3 x 800 x 608."""
    small = cv2.resize(picture, (_WIDTH, _HEIGHT), interpolation=cv2.INTER_AREA)
    channels = cv2.split(small) if small.ndim == 3 else (small,) * 3
    return np.stack([values.take(channel) for values, channel in zip(_VALUES, channels, strict=True)])[None]


def _decode(outputs: list[NDArray[np.float32]], least: float) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Boxes (n x 4, pixels of the model's input) and class scores (n x 10) of all four feature maps.

    Only of cells that have a class with the least score: one in some hundreds.

    The first half of the outputs are scores, the second half distances: for each side a distribution over 0 to 7
    strides, whose mean is the distance of that side from the cell's centre.
    """
    boxes, scores = [], []
    for stride, score, sides in zip(_STRIDES, outputs[:4], outputs[4:], strict=True):
        likely = np.flatnonzero(score[0].max(axis=1) >= least)
        y, x = np.divmod(likely, -(-_WIDTH // stride))
        centres = (np.stack([x, y, x, y], axis=1) + 0.5) * stride
        weights = np.exp(sides[0][likely].reshape(-1, 4, 8))
        distances = (weights * np.arange(8)).sum(axis=2) / weights.sum(axis=2) * stride
        boxes.append(centres + distances * [-1, -1, 1, 1])
        scores.append(score[0][likely])
    edges = np.concatenate(boxes).clip(0, [_WIDTH, _HEIGHT, _WIDTH, _HEIGHT])
    return edges, np.concatenate(scores)
