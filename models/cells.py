"""The token classifier: cells of a document's tables -> role, row and column of the form, with probabilities.

A small LayoutLM over cells (trained in `training.cells`), served from ONNX. It sees a label's characters, but of a
number only its shape (how many digits, a point, a sign, a stroke, nothing), so that it cannot learn numbers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.registry import served
from service.errors import MissingModel

ROLES = ("value", "label", "heading", "other")
NONE = ""
"""The class of cells that belong to no row, or to no column."""
INPUTS = ("texts", "index", "boxes", "left", "right")
"""The inputs of the network, as `CellArrays` has them; all but `texts` with a batch axis in front."""
OUTPUTS = ("role", "row", "column")
"""Its outputs: logits, 1 x cells x classes."""

PAD, UNKNOWN, BLANK, MARK = "<pad>", "<unknown>", "<blank>", "<mark>"
_MOST_DIGITS, _MOST_NUMBERS = 8, 15
SHAPES = (
    PAD,
    UNKNOWN,
    BLANK,
    MARK,
    "<decimal>",
    "<negative>",
    *(f"<{digits} digits>" for digits in range(1, _MOST_DIGITS + 1)),
    *(f"<{count} numbers>" for count in range(2, _MOST_NUMBERS + 1)),
)
"""The tokens that are no characters; the first of every vocabulary. One of them stands for a whole value."""

_NUMBERS = re.compile(r"-?\d+(?:\.\d+)?(?:\s+(?:[-/]|-?\d+(?:\.\d+)?))*|[-/](?:\s+(?:[-/]|-?\d+(?:\.\d+)?))+")
_LONG_NUMBER = re.compile(r"\d{2,}")


@dataclass(frozen=True, slots=True)
class CellInput:
    """One cell, or piece of a text line that would be one.

    `service.forms.cell_inputs` makes them, for training and for serving alike.
    """

    text: str
    """"" blank, `/` a stroke or word for nothing, `12`, `5.035`, `-3` a number, `3 0 12` several in one cell; else text
    as labels are compared."""
    line: int
    """Rank of its line among those given, from 0."""
    x0: float
    """Where it begins across the table, 0 to 1."""
    x1: float
    """Where it ends."""


@dataclass(frozen=True, slots=True)
class CellClasses:
    """What a cell can be. The first row and the first column are `NONE`.

    A row is named `table.row` (the table alone where its only row has no id), a column `table.column`.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    roles: tuple[str, ...] = ROLES


@dataclass(frozen=True)
class CellProbabilities:
    """Probabilities of each cell's classes, in the order of `CellClasses`; every line sums to 1."""

    role: NDArray[np.float32]
    row: NDArray[np.float32]
    column: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class CellGeometry:
    """How cells become arrays; part of a model, for the network is trained on it."""

    head: int = 12
    """So many first characters of a text are seen, and, where it is longer, so many last ones:"""
    tail: int = 4
    steps: int = 256
    """Places across the table."""
    ranks: int = 24
    """Values of a line are counted so far, from the left and from the right."""
    window: int = 640
    """Most cells in one run of the network, and most lines."""


@dataclass(frozen=True)
class CellArrays:
    """Cells as the network takes them; n cells, of which m have texts of their own."""

    texts: NDArray[np.int64]
    """m x (head + tail): the vocabulary's index of each character, or one shape; 0 behind the end."""
    index: NDArray[np.int64]
    """n: which of `texts` each cell has."""
    boxes: NDArray[np.int64]
    """n x 4: x0, line, x1, line; x in steps, lines counted from the first one given."""
    left: NDArray[np.int64]
    """n: a value's rank in its line from the left, from 1; 0 for texts."""
    right: NDArray[np.int64]
    """n: the same from the right."""


def shape_of(text: str) -> str | None:
    """The shape of a value, one of `SHAPES`; None for a text."""
    if not text:
        return BLANK
    if text in ("/", "-"):
        return MARK
    if not _NUMBERS.fullmatch(text):
        return None
    numbers = text.split()
    if len(numbers) > 1:
        return f"<{min(len(numbers), _MOST_NUMBERS)} numbers>"
    if text.startswith("-"):
        return "<negative>"
    return "<decimal>" if "." in text else f"<{min(len(text), _MOST_DIGITS)} digits>"


class CellEncoder:
    """Turns cells into arrays."""

    def __init__(self, vocabulary: Sequence[str], geometry: CellGeometry) -> None:
        """`vocabulary`: `SHAPES`, then characters."""
        self.vocabulary = tuple(vocabulary)
        self.geometry = geometry
        self._known: Mapping[str, int] = {token: number for number, token in enumerate(self.vocabulary)}

    def encode(self, cells: Sequence[CellInput]) -> CellArrays:
        """The arrays of cells given line by line, from left to right; at most `window` of them."""
        geometry = self.geometry
        numbers: dict[str, int] = {}
        index = np.array([numbers.setdefault(self._seen(cell.text), len(numbers)) for cell in cells], np.int64)
        texts = np.zeros((len(numbers), geometry.head + geometry.tail), np.int64)
        for text, number in numbers.items():
            tokens = self._tokens(text)
            texts[number, : len(tokens)] = tokens
        steps = geometry.steps - 1
        places = np.array([(cell.x0, cell.x1) for cell in cells], np.float64).reshape(-1, 2)
        across = np.rint(np.clip(places, 0, 1) * steps).astype(np.int64)
        lines = _dense([cell.line for cell in cells])
        boxes = np.stack([across[:, 0], lines, np.maximum(across[:, 0], across[:, 1]), lines], axis=1)
        left, right = self._ranks(cells)
        return CellArrays(texts, index, boxes, left, right)

    def _seen(self, text: str) -> str:
        """What the network sees of a text: the shape of a value, no number of several digits, not all of a long one."""
        shape = shape_of(text)
        if shape is not None:
            return shape
        seen = _LONG_NUMBER.sub("0", text)
        head, tail = self.geometry.head, self.geometry.tail
        return seen if len(seen) <= head + tail else seen[:head] + seen[-tail:]

    def _tokens(self, seen: str) -> list[int]:
        if seen in SHAPES:
            return [self._known[seen]]
        unknown = self._known[UNKNOWN]
        return [self._known.get(character, unknown) for character in seen] or [unknown]

    def _ranks(self, cells: Sequence[CellInput]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        left, right = np.zeros(len(cells), np.int64), np.zeros(len(cells), np.int64)
        most = self.geometry.ranks - 1
        for _, group in groupby(range(len(cells)), key=lambda number: cells[number].line):
            values = [number for number in group if shape_of(cells[number].text) is not None]
            ranks = np.arange(1, len(values) + 1)
            left[values] = np.minimum(ranks, most)
            right[values] = np.minimum(ranks[::-1], most)
        return left, right


def _dense(lines: Sequence[int]) -> NDArray[np.int64]:
    """Ranks of line numbers, from 0 and without gaps."""
    if not lines:
        return np.zeros(0, np.int64)
    return np.unique(np.asarray(lines, np.int64), return_inverse=True)[1].reshape(-1).astype(np.int64)


def windows(cells: Sequence[CellInput], size: int) -> Iterator[tuple[int, int, int, int]]:
    """Cuts cells into overlapping runs: start, end, and from where to where its answers are taken.

    A run holds `size` cells at most and begins and ends between lines, unless a line alone is longer. The answers of
    all runs together are those of all cells, each from the run in whose middle it stands.
    """
    count = len(cells)
    if count <= size:
        yield 0, count, 0, count
        return
    starts = [0]
    while starts[-1] + size < count:
        starts.append(_line_start(cells, starts[-1] + 1, starts[-1] + size // 2))
    ends = [_line_end(cells, start, min(start + size, count)) for start in starts]
    cuts = [0]
    for start, end in zip(starts[1:], ends[:-1], strict=True):
        cuts.append(min(max((start + end) // 2, start), end))
    cuts.append(count)
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        yield start, end, cuts[number], cuts[number + 1]


def _line_start(cells: Sequence[CellInput], least: int, at: int) -> int:
    """The start of the line at `at`, if it is not before `least`; else `at`."""
    start = at
    while start > least and cells[start - 1].line == cells[at].line:
        start -= 1
    return start if cells[start - 1].line != cells[start].line else at


def _line_end(cells: Sequence[CellInput], start: int, at: int) -> int:
    """The end of the last line that ends at or before `at`; `at` where a line fills more than half of the run."""
    if at == len(cells):
        return at
    end = at
    while end > start and cells[end - 1].line == cells[end].line:
        end -= 1
    return end if end > (start + at) // 2 else at


class CellClassifier:
    """A served version of the token classifier."""

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Loads `model.onnx` and `model.json` (some 50 ms).

        Raises:
            MissingModel: a file is absent or not of this kind.
        """
        import onnxruntime

        description = read_description(folder)
        self.classes = CellClasses(
            tuple(description["rows"]), tuple(description["columns"]), tuple(description["roles"])
        )
        self.name = f"{description['model']}-{folder.name}"
        self._encoder = CellEncoder(description["vocabulary"], CellGeometry(**description["geometry"]))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # ONNX Runtime's errors have no common class of their own
            raise MissingModel(f"The model {self.name} cannot be loaded: {str(error).splitlines()[0]}") from error

    def classify(self, cells: Sequence[CellInput]) -> CellProbabilities:
        """Probabilities of the cells' classes, in their order; cells are given line by line, from left to right."""
        sizes = (len(self.classes.roles), len(self.classes.rows), len(self.classes.columns))
        answers = tuple(np.zeros((len(cells), size), np.float32) for size in sizes)
        for start, end, first, last in windows(cells, self._encoder.geometry.window) if cells else ():
            for answer, found in zip(answers, self._run(cells[start:end]), strict=True):
                answer[first:last] = found[first - start : last - start]
        return CellProbabilities(*answers)

    def _run(self, cells: Sequence[CellInput]) -> list[NDArray[np.float32]]:
        arrays = self._encoder.encode(cells)
        feed = {name: getattr(arrays, name) for name in INPUTS}
        feed |= {name: feed[name][None] for name in INPUTS[1:]}
        return [_softmax(logits[0]) for logits in self._session.run(list(OUTPUTS), feed)]


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=-1, keepdims=True), np.float32)


def read_description(folder: Path) -> dict[str, Any]:
    """What `model.json` says: model, version, rows, columns, roles, vocabulary, geometry, and how it was trained.

    Raises:
        MissingModel: it is absent or cannot be understood.
    """
    try:
        description: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        CellGeometry(**description["geometry"])
        if not {"model", "version", "rows", "columns", "roles", "vocabulary"} <= description.keys():
            raise ValueError("a part is missing")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MissingModel(f"The token classifier in {folder.name} has no readable model.json.") from error
    return description


def describe(
    version: str, classes: CellClasses, vocabulary: Sequence[str], geometry: CellGeometry, **training: Any
) -> dict[str, Any]:
    """The content of `model.json`; `training` is what else is to be kept: data, seed, commands, scores."""
    return {
        "model": "cells",
        "version": version,
        "roles": list(classes.roles),
        "rows": list(classes.rows),
        "columns": list(classes.columns),
        "vocabulary": list(vocabulary),
        "geometry": asdict(geometry),
        **training,
    }


def load_classifier(threads: int = 1) -> CellClassifier | None:
    """The served classifier, loaded once; None where no version is there.

    Raises:
        MissingModel: the served version is incomplete or altered.
    """
    found = served("cells")
    return _load(found.folder, threads) if found else None


@lru_cache(maxsize=2)
def _load(folder: Path, threads: int) -> CellClassifier:
    return CellClassifier(folder, threads)
