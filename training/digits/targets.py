"""What the network shall give for a crop: its kind, its characters, and at first also where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.digits import CHARACTERS, FOREIGN, KINDS, NOTHING, UNITS, View
from training.digits.augment import Varied
from training.digits.crops import Crop

UNKNOWN = -1
"""The class of a column of which nothing is known."""
_KIND = {NOTHING: KINDS.index("nothing"), FOREIGN: KINDS.index("foreign")}
_WIDTHS = {**dict.fromkeys(".,", 0.5), **dict.fromkeys("-/", 0.8), **dict.fromkeys(UNITS, 1.8)}
"""Widths of characters in those of a digit, about."""
_HELD = 0.25
"""Share of a character's width to each side of its middle that is surely its own."""
_DARK = {True: 0.045, False: 0.012}
"""Mean darkness of the place of a number (of a lone stroke) below which so much ink is lost that nobody reads it."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be learned from a crop."""

    kind: int
    text: tuple[int, ...]
    """Classes of its characters; empty where it holds no number, or one that cannot be read."""
    columns: NDArray[np.int64]
    """The class of each two pixels of the view, from its left edge on; `UNKNOWN` where that is not known."""


def target(crop: Crop, varied: Varied, view: View) -> Target:
    """The target of a crop, seen like this.

    A number of which hardly any ink is left stays a number: that it is not nothing can be learned, its digits cannot.
    """
    kind = _KIND.get(crop.text, KINDS.index("number"))
    columns = np.full(-(-view.pixels.shape[1] // 2), UNKNOWN, np.int64)
    if crop.text in _KIND or not is_legible(crop):
        return Target(kind, (), columns)
    text = tuple(CHARACTERS.index(character) + 1 for character in crop.text)
    if crop.ink.height < 1.6 * crop.digit:  # one line
        _place(columns, crop, varied, view)
    return Target(kind, text, columns)


def is_legible(crop: Crop) -> bool:
    """Whether enough of a number's ink is left."""
    ink = crop.ink
    place = crop.picture[max(ink.y0, 0) : ink.y1, max(ink.x0, 0) : ink.x1]
    return bool(place.size) and 1 - float(place.mean()) / 255 >= _DARK[any(c.isdigit() for c in crop.text)]


def _place(columns: NDArray[np.int64], crop: Crop, varied: Varied, view: View) -> None:
    """Marks where each character stands, by their usual widths, and that nothing stands before and behind them."""

    def column(x: float) -> float:
        return ((x - varied.left) * varied.stretch - view.left) * view.scale / 2

    widths = np.array([_WIDTHS.get(character, 1.0) for character in crop.text])
    ends = crop.ink.x0 + np.cumsum(widths) / widths.sum() * crop.ink.width
    for character, width, end in zip(crop.text, widths / widths.sum() * crop.ink.width, ends, strict=True):
        middle, reach = column(float(end - width / 2)), _HELD * float(width) * varied.stretch * view.scale / 2
        first = max(0, round(middle - reach))
        columns[first : max(round(middle + reach), first) + 1] = CHARACTERS.index(character) + 1
    columns[: max(0, int(column(crop.ink.x0 - 0.2 * crop.digit)))] = 0
    columns[max(0, int(column(crop.ink.x1 + 0.2 * crop.digit)) + 1) :] = 0
