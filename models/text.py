"""Text detection and recognition: PaddleOCR's PP-OCRv6 small, run by OpenVINO where it is installed.

PaddleOCR keeps its pre- and post-processing; only the runner underneath is exchanged. OpenVINO computes in
bfloat16 where the processor does so natively, else in 32-bit floats; without it, ONNX Runtime stays.
"""

from __future__ import annotations

import hashlib
import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.engine import batches, load_runner
from models.vendor import MODEL_FILE, model_directory

os.environ["PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK"] = "True"  # before the import: no question about download sites
logging.getLogger("paddlex").setLevel(logging.ERROR)


@contextmanager
def _without(module: str) -> Iterator[None]:
    """Lets what imports this module meanwhile have an empty one, unless it is loaded already."""
    empty = ModuleType(module)
    sys.modules.setdefault(module, empty)
    try:
        yield
    finally:
        if sys.modules[module] is empty:
            del sys.modules[module]


with _without("modelscope"):  # which downloads models for PaddleX: never here. It loads PyTorch, too, if that is there
    from paddleocr import TextDetection, TextRecognition
from paddlex.inference.models.runners import InferenceRunner  # noqa: E402
from paddlex.inference.models.text_recognition.processors import CTCLabelDecode  # noqa: E402

Picture = NDArray[np.uint8]

DETECTOR = "PP-OCRv6_small_det"
RECOGNISER = "PP-OCRv6_small_rec"

NUMERIC = "0123456789.,-—/"
"""What a number is read of, where a number is expected."""

_LINE_HEIGHT = 48
"""Height in pixels that the recogniser scales every line to."""
_COLUMN = 8
"""Pixels of the scaled line that one output column of the recogniser stands for."""
_BUCKETS = (  # not less than 64: padded to 48, every tenth of 1,500 crops of cells had another reading, 0 as O
    *(64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 896, 1024),
    *(1152, 1280, 1440, 1600, 1800, 2048, 2560, 3200),
)
"""Widths that crops are padded to, so that the runner meets few shapes (each new one costs it a set-up)."""
_BATCH_PIXELS = 2048
"""Padded widths of one batch together: enough to keep two cores busy, small enough for the cache."""
_KNOWN = 4000
"""Crops that are remembered at most: those of some twenty pages, and 20 MB."""


@dataclass(frozen=True, slots=True)
class TextBox:
    """Where the detector saw a line of text: pixels of the picture, axis-parallel."""

    x0: float
    y0: float
    x1: float
    y1: float
    score: float


@dataclass(frozen=True, slots=True)
class Glyph:
    """One recognised character with its centre in pixels of the crop and its probability."""

    text: str
    x: float
    confidence: float
    second: tuple[str, float] = ("", 0.0)
    """The next probable character in its place, or none in it; only told of numbers."""


@dataclass(frozen=True, slots=True)
class Line:
    """What the recogniser read in one crop; no glyphs where it saw no text."""

    glyphs: tuple[Glyph, ...] = ()
    number: tuple[Glyph, ...] = ()
    """The same crop read as if it could hold only a number (`NUMERIC`); probabilities are among those characters."""

    @property
    def text(self) -> str:
        """The characters in order."""
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def confidence(self) -> float:
        """Probability of the least sure character; 0 where nothing was read."""
        return min((glyph.confidence for glyph in self.glyphs), default=0.0)


class TextDetector:
    """Finds lines of text in a page picture (PP-OCRv6 small detection).

    Args:
        threads: CPU threads to use at most.
        side: longer side in pixels that the page is scaled down to; 1280 finds 10-point text on A4.

    Raises:
        MissingModel: see `models.vendor.model_directory`.
    """

    name = DETECTOR

    def __init__(self, threads: int = 2, side: int = 1280) -> None:
        directory = model_directory(DETECTOR)
        settings = {"limit_side_len": side, "limit_type": "max"}
        self._model = _paddle_model(TextDetection, DETECTOR, directory, threads, **settings)
        self._model.paddlex_predictor.runner = _Runner(directory / MODEL_FILE, threads)

    def detect(self, picture: Picture) -> tuple[TextBox, ...]:
        """Boxes of the lines of text, in no order, in pixels of `picture` (height x width x 3, BGR)."""
        padded = _pad_to_shape(picture)
        found = self._model.predict(padded)[0]
        boxes = []
        for polygon, score in zip(found["dt_polys"], found["dt_scores"], strict=True):
            (x0, y0), (x1, y1) = np.min(polygon, axis=0), np.max(polygon, axis=0)
            boxes.append(TextBox(float(x0), float(y0), float(x1), float(y1), float(score)))
        return tuple(boxes)


class TextRecogniser:
    """Reads crops of one line each (PP-OCRv6 small recognition), with the place and probability of every character.

    Args:
        threads: CPU threads to use at most.

    Raises:
        MissingModel: see `models.vendor.model_directory`.
    """

    name = RECOGNISER

    def __init__(self, threads: int = 2) -> None:
        directory = model_directory(RECOGNISER)
        self._model = _paddle_model(TextRecognition, RECOGNISER, directory, threads)
        predictor = self._model.paddlex_predictor
        decode = _GlyphDecode(predictor.post_op)
        predictor.runner = _Runner(directory / MODEL_FILE, threads, decode.subset)
        predictor.post_op = decode
        self._resize = predictor.pre_tfs["ReisizeNorm"]

    def read(self, crops: Sequence[Picture]) -> tuple[Line, ...]:
        """Reads each crop (height x width x 3, BGR), in the order given; crops without area read as empty lines.

        What a crop reads as depends, to the last bit, on nothing but its pixels.
        """
        lines = [Line()] * len(crops)
        for width, batch in _batches(crops):
            self._resize.rec_image_shape = [3, _LINE_HEIGHT, width]
            results = self._model.predict([np.ascontiguousarray(crops[i]) for i in batch], batch_size=len(batch))
            for i, result in zip(batch, results, strict=True):
                scale = crops[i].shape[0] / _LINE_HEIGHT
                lines[i] = Line(*(_placed(decoded, scale) for decoded in result["rec_text"]))
        return tuple(lines)


class Remembering(TextRecogniser):
    """A recogniser that reads no crop of the same pixels again, for as long as a report is read.

    A third of its work on a worn copy, whose pages were read with three choices of rules, was such crops. It is for one
    report: who measures a recogniser on the same pages twice would measure nothing.
    """

    def __init__(self, recogniser: TextRecogniser) -> None:
        self._recogniser = recogniser
        self._known: dict[tuple[tuple[int, ...], bytes], Line] = {}

    def read(self, crops: Sequence[Picture]) -> tuple[Line, ...]:
        """See `TextRecogniser.read`."""
        keys = [(crop.shape, hashlib.sha256(crop.tobytes()).digest()) for crop in crops]
        fresh = {key: crop for key, crop in zip(keys, crops, strict=True) if key not in self._known}
        self._known.update(zip(fresh, self._recogniser.read(list(fresh.values())), strict=True))
        lines = tuple(self._known[key] for key in keys)
        for key in list(self._known)[: max(0, len(self._known) - _KNOWN)]:
            del self._known[key]
        return lines


class _Runner(InferenceRunner):  # type: ignore[misc]
    """Stands in for PaddleX's own runner; outputs as `models.engine.load_runner` says."""

    def __init__(self, onnx: Path, threads: int, subset: Sequence[int] = ()) -> None:
        super().__init__()
        self._run = load_runner(onnx, threads, half=True, subset=subset)

    def __call__(self, x: Any = None, **_: Any) -> list[NDArray[Any]]:
        """Runs one batch; `x` is the array, or a list of that one array."""
        return self._run(x if isinstance(x, np.ndarray) else x[0])

    def close(self) -> None:
        """Nothing to release: the compiled model goes with its runner."""


_Decoded = tuple[str, float, float, tuple[str, float]]
"""A character, its output column, its probability, and the next probable one with its own."""


class _GlyphDecode(CTCLabelDecode):  # type: ignore[misc]
    """PaddleOCR's greedy CTC decoding, which also tells each character's output column and probability.

    Every crop is decoded twice: over all characters, and over those of numbers alone.
    """

    def __init__(self, stock: Any) -> None:
        self.character: list[str] = stock.character
        known = [self.character.index(character) for character in NUMERIC if character in self.character]
        self.subset: tuple[int, ...] = (0, *known)
        """Classes of the blank and of the characters of numbers."""

    def __call__(self, pred: Any, **_: Any) -> tuple[list[tuple[list[_Decoded], list[_Decoded]]], list[float]]:
        """Decodes a batch: for each crop both readings, and the least probability of the first."""
        texts, scores = [], []
        numeric = [self.character[i] for i in self.subset]
        for best, index, chosen in zip(*pred, strict=True):
            open_reading = _decode(best[..., 0], index[..., 0], self.character)
            among = chosen / np.maximum(chosen.sum(axis=-1, keepdims=True), 1e-9)
            number = _decode(among.max(axis=-1), among.argmax(axis=-1), numeric, among)
            texts.append((open_reading, number))
            scores.append(min((p for _, _, p, _ in open_reading), default=0.0))
        return texts, scores


def _decode(
    probability: NDArray[np.float32],
    index: NDArray[np.intp],
    characters: Sequence[str],
    among: NDArray[np.float32] | None = None,
) -> list[_Decoded]:
    """Greedy CTC: runs of one class are one character, class 0 is the blank between them.

    `among`, where given, holds the probabilities of all characters at each column.
    """
    glyphs = []
    for start in np.flatnonzero((index != 0) & (np.diff(index, prepend=0) != 0)):
        end = start
        while end + 1 < len(index) and index[end + 1] == index[start]:
            end += 1
        peak = int(start + probability[start : end + 1].argmax())
        second = _second(among[peak], characters) if among is not None else ("", 0.0)
        glyphs.append((characters[index[start]], (int(start) + int(end)) / 2, float(probability[peak]), second))
    return glyphs


def _second(probabilities: NDArray[np.float32], characters: Sequence[str]) -> tuple[str, float]:
    """The second most probable character of a column, or no character, with its probability."""
    index = int(np.argpartition(probabilities, -2)[-2])
    return characters[index] if index else "", float(probabilities[index])


def _placed(decoded: list[_Decoded], scale: float) -> tuple[Glyph, ...]:
    """Decoded characters as glyphs: columns become pixels of the crop, which was scaled down by `scale`."""
    return tuple(
        Glyph(text, (column + 0.5) * _COLUMN * scale, probability, second)
        for text, column, probability, second in decoded
    )


def _paddle_model(kind: Any, name: str, directory: Path, threads: int, **settings: Any) -> Any:
    # The session that PaddleX makes is thrown away at once, so it need not be optimised.
    engine = {"intra_op_num_threads": threads, "inter_op_num_threads": 1, "graph_optimization_level": 0}
    return kind(
        model_name=name, model_dir=str(directory), engine="onnxruntime", engine_config=engine, device="cpu", **settings
    )


def _batches(crops: Sequence[Picture]) -> list[tuple[int, list[int]]]:
    """Groups crops of like width: (padded width, their indices); empty crops are left out."""
    buckets: dict[int, list[int]] = {}
    for i, crop in enumerate(crops):
        height, width = crop.shape[:2]
        if height and width:
            scaled = width * _LINE_HEIGHT / height
            bucket = next((bucket for bucket in _BUCKETS if scaled <= bucket), _BUCKETS[-1])
            buckets.setdefault(bucket, []).append(i)
    result: list[tuple[int, list[int]]] = []
    for width, members in sorted(buckets.items()):
        most = max(1, _BATCH_PIXELS // width)
        result.extend((width, members[part]) for part in batches(len(members), most))
    return result


def _pad_to_shape(picture: Picture, step: float = 1 / 16) -> Picture:
    """Pads the shorter side with white to a multiple of `step` of the longer one, so that pages share few shapes."""
    height, width = picture.shape[:2]
    unit = max(height, width) * step
    pad_width = max(0, round(-(-width // unit) * unit) - width) if width < height else 0
    pad_height = max(0, round(-(-height // unit) * unit) - height) if height < width else 0
    if not pad_width and not pad_height:
        return picture
    padded = cv2.copyMakeBorder(picture, 0, pad_height, 0, pad_width, cv2.BORDER_CONSTANT, value=(255, 255, 255))
    return np.asarray(padded, np.uint8)
