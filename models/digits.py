"""The numeric reader: what number, if any, is printed in a cell, read from the cell's picture.

A small convolutional network, trained here (see the card beside its weights), sees the cell's inside as it is, with
rests of rules, seals and neighbours' ink. It answers two questions apart: whether the cell holds nothing, a number, or
something foreign; and, by connectionist temporal classification (Graves et al. 2006), which characters the number has.
That nothing is printed is thus a reading with a probability of its own, and not what is left when nothing was found.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.engine import batches, load_runner
from models.registry import served
from service.errors import MissingModel

NOTHING = ""
"""The text of a crop in which nothing is printed."""
FOREIGN = "?"
"""The text of a crop that holds something that is no number: labels, remarks."""
UNITS = "万元笔件个"
"""Characters of the units that may stand behind a number."""
CHARACTERS = "0123456789.,-/" + UNITS
"""What numbers are read of; every dash is "-", every slash "/"."""
KINDS = ("nothing", "number", "foreign")

MODEL_FILE = "model.onnx"
CARD_FILE = "model.json"

_NUMBER = re.compile(rf"[-/]|-?\d[\d,]*(\.\d+)?[{UNITS}]{{0,2}}")
_CANDIDATES = 8
_SURE = 0.98
"""Probability of the first candidate from which one look at a crop is enough. Of 27,600 cells of drawn scans digits-2
alone was that sure of 24,400, and of these four were misread."""
_MAGNIFIED = (1.1, 1.4)
"""How much larger other crops are looked at again. Of 3,800 such crops, of faces never trained on, digits-2 misreads
17.6 % at one look, and names what is printed in 60 % of these; the mean of all looks misreads 15.1 %, and names 76 %.
To magnify does more than to blur, to sharpen, to slant, to lighten or to darken."""
_BEAM = 8
"""Prefixes that the search keeps at each column."""
_TRIED = 4
"""Characters that are tried at each column."""
_LEAST = 1e-4
"""Probability below which a character is not tried at a column."""
_INK = 200
"""Grey level below which a dot is ink, whatever else is there."""
_BATCH = 8
"""Crops that run through the network at once, at most: more are no faster, and cost memory (see `batches`)."""

Gray = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class NumericCrop:
    """One cell to read."""

    picture: Gray
    """Height x width, 0 ink, 255 paper: the cell's inside, with whatever stands there."""
    digit: float
    """Height of a digit on this page, in pixels."""


@dataclass(frozen=True, slots=True)
class NumericReading:
    """What a crop holds."""

    candidates: tuple[tuple[str, float], ...]
    """(text, probability), best first, at most eight, together at most 1; NOTHING and FOREIGN are ordinary texts.
    None for a crop without area."""


@dataclass(frozen=True, slots=True)
class Geometry:
    """The network's view of a crop; all in pixels of the network's input."""

    digit: int = 16
    """Height that digits are scaled to."""
    margin: float = 0.8
    """Paper that stays around ink, in heights of a digit."""
    heights: tuple[int, ...] = (32, 48, 64, 96, 128)
    widths: tuple[int, ...] = (32, 48, 64, 80, 112, 160, 256)
    """Sizes that crops are padded to, so that few shapes occur."""
    outside: float = -0.25
    """Value around the crop; paper is 0, ink 1."""


class NumericReader:
    """Reads cells (see the module).

    Args:
        folder: a version's folder, with the network and what it was trained for.
        threads: CPU threads to use at most.

    Raises:
        MissingModel: the folder holds no numeric reader of this format.
    """

    name: str
    """Model and version, as `digits-1`."""

    def __init__(self, folder: Path, threads: int) -> None:
        described = _describe(folder)
        self.name = f"digits-{folder.name}"
        self.geometry = geometry_of(described)
        self._run = load_runner(folder / MODEL_FILE, threads)

    def read(self, crops: Sequence[NumericCrop]) -> tuple[NumericReading, ...]:
        """Reads each crop, in the order given; 280 cells take some 0.2 s on two threads.

        What one look does not read surely is looked at again, larger, and has the mean probabilities of all looks.
        """
        looks = self._look(crops)
        unsure = [i for i, look in enumerate(looks) if look and max(look.values()) < _SURE]
        again = [self._look([crops[i] for i in unsure], magnified) for magnified in _MAGNIFIED]
        for i, *larger in zip(unsure, *again, strict=True):
            looks[i] = _mean([looks[i], *larger])
        return tuple(NumericReading(_ranked(look)) for look in looks)

    def _look(self, crops: Sequence[NumericCrop], magnified: float = 1.0) -> list[Mapping[str, float]]:
        """The texts that one look at each crop finds, with their probabilities; none for a crop without area."""
        found: list[Mapping[str, float]] = [{}] * len(crops)
        shapes: defaultdict[tuple[int, int], list[tuple[int, Floats]]] = defaultdict(list)
        for i, crop in enumerate(crops):
            if crop.picture.size:
                view = normalise(crop, self.geometry, magnified).pixels
                shapes[canvas_shape(view, self.geometry)].append((i, view))
        for shape, members in shapes.items():
            for part in (members[chosen] for chosen in batches(len(members), _BATCH)):
                kinds, columns = self._run(canvases([view for _, view in part], shape, self.geometry))
                for (i, _), kind, column in zip(part, kinds, columns, strict=True):
                    found[i] = _texts(kind, column)
        return found


def load_digits(threads: int = 1) -> NumericReader:
    """The served numeric reader.

    Raises:
        MissingModel: none is served, or its files are absent or altered.
    """
    found = served("digits")
    if found is None:
        raise MissingModel("No numeric reader is served: fit and promote one first.")
    return NumericReader(found.folder, threads)


def geometry_of(described: Mapping[str, object]) -> Geometry:
    """The geometry that a model's description states; raises KeyError or TypeError where it states none."""
    stated = described["geometry"]
    if not isinstance(stated, Mapping):
        raise TypeError("geometry must be a mapping")
    return Geometry(
        int(stated["digit"]),
        float(stated["margin"]),
        tuple(stated["heights"]),
        tuple(stated["widths"]),
        float(stated["outside"]),
    )


@dataclass(frozen=True, slots=True)
class View:
    """A crop as the network sees it."""

    pixels: Floats
    """Height x width, digits of the geometry's height, paper 0, ink 1."""
    left: int
    """Column of the crop at the view's left edge."""
    scale: float
    """Pixels of the view for one of the crop."""


def normalise(crop: NumericCrop, geometry: Geometry, magnified: float = 1.0) -> View:
    """Cuts and scales a crop for the network; digits are `magnified` times as high as the geometry has them.

    Paper around the ink is cut off beyond the height of a digit, with what rests of rules stand there along the crop's
    edge; how far ink is from a near edge stays to be seen, for that tells a dash from the rest of a rule. A crop that
    is still larger than the largest canvas is made smaller.
    """
    digit = float(np.clip(crop.digit, 6, 120))
    rows, columns = _with_ink(crop.picture, round(0.2 * digit), round(geometry.margin * digit))
    picture = crop.picture[rows, columns]
    height, width = picture.shape
    scale = min(magnified * geometry.digit / digit, geometry.heights[-1] / height, geometry.widths[-1] / width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = cv2.resize(picture, size, interpolation=method)
    return View(np.asarray(1 - scaled.astype(np.float32) / 255, np.float32), columns.start, scale)


def _with_ink(picture: Gray, rim: int, margin: int) -> tuple[slice, slice]:
    """The rows and columns of a picture's ink with `margin` pixels around; what lies within `rim` of its edge is none.

    In a picture without dark ink whatever is half as dark as its darkest dot counts as ink, so none is lost.
    """
    height, width = picture.shape
    inner = picture[rim : height - rim, rim : width - rim]
    if not inner.size:
        return slice(0, height), slice(0, width)
    ink = inner < max(_INK, 128 + int(inner.min()) // 2)
    parts = []
    for axis, length in enumerate((height, width)):
        at = np.flatnonzero(ink.any(axis=1 - axis))
        first, last = (rim + int(at[0]), rim + int(at[-1]) + 1) if len(at) else (length // 2, length // 2)
        parts.append(slice(max(0, first - margin), min(length, last + margin)))
    return parts[0], parts[1]


def canvas_shape(view: Floats, geometry: Geometry) -> tuple[int, int]:
    """The smallest canvas that holds a view: (height, width)."""
    height = next((one for one in geometry.heights if one >= view.shape[0]), geometry.heights[-1])
    return height, next((one for one in geometry.widths if one >= view.shape[1]), geometry.widths[-1])


def canvases(views: Sequence[Floats], shape: tuple[int, int], geometry: Geometry) -> Floats:
    """Puts views in the middle of canvases of one shape: n x 1 x height x width, the network's input."""
    batch = np.full((len(views), 1, *shape), geometry.outside, np.float32)
    for canvas, view in zip(batch, views, strict=True):
        top, left = (shape[0] - view.shape[0]) // 2, (shape[1] - view.shape[1]) // 2
        canvas[0, top : top + view.shape[0], left : left + view.shape[1]] = view
    return batch


def _texts(kinds: Floats, columns: Floats) -> dict[str, float]:
    """Texts with their probabilities, from those of `KINDS` and of (blank, *CHARACTERS) at each column."""
    nothing, number, foreign = (float(one) for one in kinds)
    found = {NOTHING: nothing, FOREIGN: foreign}
    if number > _LEAST:
        texts = prefix_search(columns)
        printed = 1 - texts.pop(NOTHING, 0.0)
        found |= {text: number * p / max(printed, 1e-6) for text, p in texts.items() if _NUMBER.fullmatch(text)}
    return found


def _mean(looks: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean probability of each text over several looks; what a look does not find has none in it."""
    texts = dict.fromkeys(text for look in looks for text in look)
    return {text: sum(look.get(text, 0.0) for look in looks) / len(looks) for text in texts}


def _ranked(texts: Mapping[str, float]) -> tuple[tuple[str, float], ...]:
    """The best texts, as a reading has them."""
    best = sorted(texts.items(), key=lambda one: -one[1])[:_CANDIDATES]
    return tuple((text, min(p, 1.0)) for text, p in best if p > _LEAST)


def prefix_search(columns: Floats) -> dict[str, float]:
    """The most probable texts of a CTC output and their probabilities, summed over the paths that are kept.

    Args:
        columns: columns x (1 + len(CHARACTERS)), probabilities, the blank first.
    """
    # (prefix, probability of the paths that end in a blank, of those that end in its last character)
    beam = [("", 1.0, 0.0)]
    probabilities = columns.astype(np.float64)
    empty = probabilities[:, 1:].max(axis=1) <= _LEAST
    for column, is_empty in zip(probabilities.tolist(), empty.tolist(), strict=True):
        if is_empty:  # most columns
            beam = [(text, (blank + own) * column[0], 0.0) for text, blank, own in beam]
            continue
        likely = [(CHARACTERS[i - 1], p) for i, p in enumerate(column) if i and p > _LEAST]
        likely = sorted(likely, key=lambda one: -one[1])[:_TRIED]
        grown: defaultdict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for text, blank, own in beam:
            last, both = text[-1:], blank + own
            grown[text][0] += both * column[0]
            for character, p in likely:
                if character == last:
                    grown[text][1] += own * p
                    grown[text + character][1] += blank * p
                else:
                    grown[text + character][1] += both * p
        found = [(text, blank, own) for text, (blank, own) in grown.items()]
        beam = sorted(found, key=lambda one: -(one[1] + one[2]))[:_BEAM]
    return {text: blank + own for text, blank, own in beam}


def _describe(folder: Path) -> Mapping[str, object]:
    try:
        described = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
        if described["characters"] != CHARACTERS or tuple(described["kinds"]) != KINDS:
            raise ValueError("other classes")
        geometry_of(described)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MissingModel(f"The numeric reader in {folder.name} is incomplete or of another format.") from error
    if not isinstance(described, Mapping) or not (folder / MODEL_FILE).is_file():
        raise MissingModel(f"The numeric reader in {folder.name} has no network.")
    return described
