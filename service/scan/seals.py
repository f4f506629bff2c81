"""Seals on grey scans: found by their round rim, and told from print by their tone.

Red seals are faded by their colour before (`service.scan.clean`). In grey the ink of a seal lets light through: it is
to the print on it what paper is, and lighter than all but the thinnest print.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

_LIGHTER = 50
"""Grey levels by which a seal is lighter than the page's print."""
_TONE = 220
"""Grey level from which on a dot is paper, however grey."""
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
_LEAST, _LARGEST = 100, 300
"""Pixels: radius of a seal."""
_RULED = 1.0
"""Strokes across or down as long as so many radii are rules, however light: the rim has none so long."""
_DRAWN, _WITHIN = 0.85, 0.45
"""Share of a rim that is no paper, at least, and how much of it lies on the page."""
_STEP = 4
"""Rims are looked for in a picture so many times smaller ..."""
_LONG = 12
"""... in whose dots of a tone, pieces so wide or high at least may be of one: what is smaller are edges of print ..."""
_DOTS, _VOTES, _TRIED = 40, 14, 10
"""... and has so many such dots, or they are none; circles with so many votes are tried, the best so many."""

Gray = NDArray[np.uint8]
"""Height x width, 0 black ink, 255 paper."""


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


@dataclass(frozen=True, slots=True)
class _Circle:
    """A circle on the page, in pixels."""

    x: float
    y: float
    radius: float

    def window(self, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """The rows and columns of the page that hold it, and enough around for rules to be told."""
        reach = self.radius * (1 + _RULED)
        rows = slice(max(0, int(self.y - reach)), min(shape[0], int(self.y + reach) + 1))
        return rows, slice(max(0, int(self.x - reach)), min(shape[1], int(self.x + reach) + 1))

    def drawn(self, gray: Gray) -> float:
        """Share of it on the page that is no paper; 0 where too little lies on the page."""
        ring = self._ring(gray, (-1, 0, 1)).max(axis=0)
        there = ~np.isnan(ring)
        return float((ring[there] < _TONE).mean()) if there.mean() >= _WITHIN else 0.0

    def tones(self, gray: Gray) -> NDArray[np.float64]:
        """How dark it is at each of 360 degrees: as most of it around there, for print may run over it."""
        ring = np.nan_to_num(self._ring(gray, range(-_RIM, _RIM + 1)), nan=255.0).min(axis=0)
        around = [np.roll(ring, by) for by in range(-_AROUND, _AROUND + 1)]
        return np.asarray(np.median(around, axis=0), np.float64)

    def _ring(self, gray: Gray, away: Iterable[int]) -> NDArray[np.float64]:
        """The dots that lie so far from it, a row each, at each of 360 degrees; nan beyond the page."""
        angles, radii = np.radians(np.arange(360)), self.radius + np.array(list(away))[:, None]
        x, y = np.rint(self.x + radii * np.cos(angles)), np.rint(self.y + radii * np.sin(angles))
        height, width = gray.shape
        dots = gray[y.clip(0, height - 1).astype(int), x.clip(0, width - 1).astype(int)].astype(np.float64)
        return np.where((x >= 0) & (x < width) & (y >= 0) & (y < height), dots, np.nan)


def _rims(gray: Gray, dark: float) -> list[_Circle]:
    """The rims of seals on a page: circles along which there is paper next to nowhere."""
    small = cv2.resize(_of_a_tone(gray, _FINE, dark), None, fx=1 / _STEP, fy=1 / _STEP, interpolation=cv2.INTER_AREA)
    dots = _long(np.asarray((small > 0) * 255, np.uint8))
    if np.count_nonzero(dots) < _DOTS:
        return []
    least, largest = _LEAST // _STEP, _LARGEST // _STEP
    found = cv2.HoughCircles(
        dots, cv2.HOUGH_GRADIENT, 1, least, param1=100, param2=_VOTES, minRadius=least, maxRadius=largest
    )
    circles = [] if found is None else [_Circle(*(_STEP * one).tolist()) for one in found[0, :_TRIED]]
    settled = dict.fromkeys(_settled(circle, gray) for circle in circles)
    return [circle for circle in settled if circle.drawn(gray) >= _DRAWN]


def _long(dots: Gray) -> Gray:
    """Dots without the small pieces that they come in: looking for circles in all costs half a second a page."""
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(dots)
    kept = boxes[:, 2:4].max(axis=1) >= _LONG
    kept[0] = False  # paper
    return np.asarray(kept[labels] * 255, np.uint8)


def _of_a_tone(gray: Gray, size: int, dark: float) -> Gray:
    """255 where all dots of a window so many pixels wide are neither print nor paper, else 0."""
    kernel = np.ones((size, size), np.uint8)
    return np.asarray(255 * ((cv2.erode(gray, kernel) > dark) & (cv2.dilate(gray, kernel) < _TONE)), np.uint8)


def _settled(circle: _Circle, gray: Gray) -> _Circle:
    """The circle near this one of which most is drawn."""
    share = circle.drawn(gray)
    for step in (4, 2, 1):
        better = True
        while better:
            near = [
                _Circle(circle.x + x * step, circle.y + y * step, circle.radius + r * step)
                for x, y, r in product((-1, 0, 1), repeat=3)
            ]
            best, reached = max(((one, one.drawn(gray)) for one in near), key=lambda found: found[1])
            better = reached > share
            circle, share = (best, reached) if better else (circle, share)
    return circle


def _without(rim: _Circle, gray: Gray, dark: float) -> Gray:
    """The page without the seal that has this rim."""
    rows, columns = rim.window(gray.shape)
    seen = gray[rows, columns]
    x, y = np.arange(columns.start, columns.stop) - rim.x, np.arange(rows.start, rows.stop)[:, None] - rim.y
    beyond = np.hypot(x, y) - rim.radius
    inside = beyond <= _RIM
    direction = np.rint(np.degrees(np.arctan2(y, x))).astype(int) % 360
    near = np.ones((_NEAR, _NEAR), np.uint8)
    ruled = _ruled(gray, round(_RULED * rim.radius))
    elsewhere = (gray < _INK) & ~ruled
    elsewhere[rows, columns] = False
    darkest = np.maximum(rim.tones(gray) - _UNEVEN, max(dark, _told_by(gray, elsewhere)))
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
    ink = cv2.copyMakeBorder(np.asarray(gray < _TONE, np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    strokes = [cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones(by, np.uint8)) for by in ((1, length), (length, 1))]
    return np.asarray(cv2.dilate(np.maximum(*strokes), np.ones((3, 3), np.uint8))[1:-1, 1:-1] > 0)
