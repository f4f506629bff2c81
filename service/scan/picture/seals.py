"""Seals on grey scans: found by their round rim, and told from print by their tone.

Red seals are faded by their colour before (`service.scan.picture.clean`). In grey the ink of a seal lets light through:
it is to the print on it what paper is, and lighter than all but the thinnest print.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.scan.picture.rims import PAPER, STEP, Circle, Gray, find_rims

_LIGHTER = 50
"""Grey levels by which a seal is lighter than the page's print."""
_INK = 200
"""Grey level below which a dot is surely ink."""
_FINE, _BROAD = 3, 5
"""Pixels: what is so wide and of a tone may be of a rim; strokes of print are narrower than the broad parts of one."""
_BESIDE = 9
"""Pixels around what is of a seal in which its tone is divided away."""
_NEAR = 7
"""Pixels: width of the window around a dark dot of print in which the thinner ink is print as well."""
_MOST = 98
"""Percent of a page's ink that such a window shows to be print."""
_UNEVEN = 30
"""Grey levels by which a seal may be darker than its rim is in the same direction."""
_AROUND = 12
"""Degrees to both sides over which the tone of the rim is told."""
_RIM = 6
"""Pixels by which a rim may reach beyond its circle, on both sides."""
_RULED = 1.0
"""Strokes across or down as long as so many radii are rules, however light: the rim has none so long."""
_LONG = 12
"""Pieces of dots of a tone, in a picture `STEP` times smaller, that are so wide or high at least may be of a rim: what
is smaller are edges of print."""


def without_grey_seals(gray: Gray) -> Gray:
    """An evenly lit page without its seals, where they are lighter than its print.

    The tone of a rim and of a star is divided away, with print on them kept. Of what else is inside the rim that stays
    which is darker than the rim, beside such, or a rule.
    """
    sample = gray[::4, ::4]
    print_ = sample[sample < 128]
    if not print_.size:
        return gray
    dark = float(np.percentile(print_, 10)) + _LIGHTER
    for rim in _rims(gray, dark):
        gray = _without(rim, gray, dark)
    return gray


def _rims(gray: Gray, dark: float) -> list[Circle]:
    """The rims of seals that are lighter than print."""
    dots = _of_a_tone(gray, _FINE, dark)
    small = cv2.resize(dots, None, fx=1 / STEP, fy=1 / STEP, interpolation=cv2.INTER_AREA)
    return find_rims(gray, _long(np.asarray((small > 0) * 255, np.uint8)))


def _long(dots: Gray) -> Gray:
    """Dots without the small pieces that they come in: looking for circles in all costs half a second a page."""
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(dots)
    kept = boxes[:, 2:4].max(axis=1) >= _LONG
    kept[0] = False  # paper
    return np.asarray(kept[labels] * 255, np.uint8)


def _of_a_tone(gray: Gray, size: int, dark: float) -> Gray:
    """255 where all dots of a window so many pixels wide are neither print nor paper, else 0."""
    kernel = np.ones((size, size), np.uint8)
    # Compared as bytes: NumPy makes 64-bit floats of a page to compare it with one.
    tone = (cv2.erode(gray, kernel) > np.uint8(min(255, int(dark)))) & (cv2.dilate(gray, kernel) < np.uint8(PAPER))
    return np.asarray(tone.view(np.uint8) * np.uint8(255), np.uint8)


def _window(rim: Circle, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """The rows and columns of the page that hold a seal, and enough around for rules to be told."""
    reach = rim.radius * (1 + _RULED)
    rows = slice(max(0, int(rim.y - reach)), min(shape[0], int(rim.y + reach) + 1))
    return rows, slice(max(0, int(rim.x - reach)), min(shape[1], int(rim.x + reach) + 1))


def _tones(rim: Circle, gray: Gray) -> NDArray[np.float64]:
    """How dark a rim is at each of 360 degrees: as most of it around there, for print may run over it."""
    ring = np.nan_to_num(rim.ring(gray, range(-_RIM, _RIM + 1)), nan=255.0).min(axis=0)
    around = [np.roll(ring, by) for by in range(-_AROUND, _AROUND + 1)]
    return np.asarray(np.median(around, axis=0), np.float64)


def _without(rim: Circle, gray: Gray, dark: float) -> Gray:
    """The page without the seal that has this rim."""
    rows, columns = _window(rim, gray.shape)
    seen = gray[rows, columns]
    x, y = np.arange(columns.start, columns.stop) - rim.x, np.arange(rows.start, rows.stop)[:, None] - rim.y
    beyond = np.hypot(x, y) - rim.radius
    inside = beyond <= _RIM
    direction = np.rint(np.degrees(np.arctan2(y, x))).astype(int) % 360
    near = np.ones((_NEAR, _NEAR), np.uint8)
    ruled = _ruled(gray, round(_RULED * rim.radius))
    elsewhere = (gray < _INK) & ~ruled
    elsewhere[rows, columns] = False
    darkest = np.maximum(_tones(rim, gray) - _UNEVEN, max(dark, _told_by(gray, elsewhere)))
    printed = cv2.dilate(np.asarray(seen <= darkest[direction], np.uint8), near) > 0
    divided = _divided(seen, inside, dark)
    lines = np.where(np.abs(beyond) <= _RIM, divided, seen)  # along a rule the rim looks like one
    cleaned = gray.copy()
    cleaned[rows, columns] = np.where(ruled[rows, columns], lines, np.where(printed | ~inside, divided, 255))
    return cleaned


def _told_by(gray: Gray, ink: NDArray[np.bool_]) -> float:
    """The tone that most of this ink has, or has near by."""
    cores = cv2.erode(gray, np.ones((_NEAR, _NEAR), np.uint8))
    return float(np.percentile(cores[ink], _MOST)) if ink.any() else _INK


def _divided(gray: Gray, inside: NDArray[np.bool_], dark: float) -> Gray:
    """A part of the page with the tone of its broad pieces divided away, where they are inside."""
    broad = np.asarray(inside & (_of_a_tone(gray, _BROAD, dark) > 0), np.float32)
    beside = cv2.dilate(broad, np.ones((_BESIDE, _BESIDE), np.uint8)) > 0
    window = (2 * _BESIDE + 1, 2 * _BESIDE + 1)
    tone = cv2.blur(gray * broad, window)[beside] / cv2.blur(broad, window)[beside]
    divided = gray.copy()
    divided[beside] = np.minimum(255, gray[beside] * (255 / tone))
    return divided


def _ruled(gray: Gray, length: int) -> NDArray[np.bool_]:
    """What stands on strokes across or down that are so long, or beside them."""
    ink = cv2.copyMakeBorder(np.asarray(gray < PAPER, np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    strokes = [cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(by, np.uint8)) for by in ((1, length), (length, 1))]
    return np.asarray(cv2.dilate(np.maximum(*strokes), np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0)
