"""The rims of seals: circles along which there is paper next to nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

PAPER = 220
"""Grey level from which on a dot is paper, however grey."""
STEP = 4
"""Rims are looked for in a picture so many times smaller ..."""
_DOTS, _VOTES, _TRIED = 40, 14, 10
"""... and has so many dots, or there are none; circles with so many votes are tried, the best so many."""
_LEAST, _LARGEST = 100, 300
"""Pixels: radius of a seal."""
_DRAWN, _WITHIN = 0.85, 0.45
"""Share of a rim that is no paper, at least, and how much of it lies on the page."""
_NEAR, _PROMISING = 8, 0.6
"""Pixels around a circle in which a rim is, and share of the circle beside which there is then no paper. On six pages
of drawn copies the four rims had 0.77 and more, and of 38 other circles all but one at most 0.58 (that had 0.71); to
move ten circles to where most is drawn takes a tenth of a second."""

Gray = NDArray[np.uint8]
"""Height x width, 0 black ink, 255 paper."""


@dataclass(frozen=True, slots=True)
class Circle:
    """A circle on the page, in pixels."""

    x: float
    y: float
    radius: float

    def ring(self, gray: Gray, away: Iterable[int]) -> NDArray[np.float64]:
        """The dots that lie so far from it, a row each, at each of 360 degrees; nan beyond the page."""
        return np.asarray(_rings([self], gray, away)[0], np.float64)


def _rings(circles: Sequence[Circle], gray: Gray, away: Iterable[int]) -> NDArray[np.float64]:
    """The rings of several circles."""
    angles, given = np.radians(np.arange(360)), np.array([(one.x, one.y, one.radius) for one in circles])
    middle_x, middle_y, radius = given.T[..., None, None]
    radii = radius + np.array(list(away))[:, None]
    x, y = np.rint(middle_x + radii * np.cos(angles)), np.rint(middle_y + radii * np.sin(angles))
    height, width = gray.shape
    dots = gray[y.clip(0, height - 1).astype(int), x.clip(0, width - 1).astype(int)].astype(np.float64)
    return np.where((x >= 0) & (x < width) & (y >= 0) & (y < height), dots, np.nan)


def _drawn(circles: Sequence[Circle], gray: Gray) -> NDArray[np.float64]:
    """The share of each circle on the page that is no paper; 0 where too little lies on the page."""
    rings = _rings(circles, gray, (-1, 0, 1)).max(axis=1)
    there, seen = ~np.isnan(rings), rings < PAPER
    shares = seen.sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    return np.where(there.mean(axis=1) >= _WITHIN, shares, 0.0)


def find_rims(gray: Gray, dots: Gray) -> list[Circle]:
    """The rims of seals on an evenly lit page.

    Args:
        gray: the page.
        dots: what may be of a rim, 255, else 0; `STEP` times smaller than the page.
    """
    if np.count_nonzero(dots) < _DOTS:
        return []
    least, largest = _LEAST // STEP, _LARGEST // STEP
    found = cv2.HoughCircles(
        dots, cv2.HOUGH_GRADIENT, 1, least, param1=100, param2=_VOTES, minRadius=least, maxRadius=largest
    )
    circles = [] if found is None else [Circle(*(STEP * one).tolist()) for one in found[0, :_TRIED]]
    settled = dict.fromkeys(_settled(circle, gray) for circle in circles if _is_promising(circle, gray))
    return [circle for circle in settled if _drawn([circle], gray)[0] >= _DRAWN]


def _is_promising(circle: Circle, gray: Gray) -> bool:
    ring = circle.ring(gray, range(-_NEAR, _NEAR + 1, 2)).min(axis=0)
    there = ~np.isnan(ring)
    return bool(there.any()) and float((ring[there] < PAPER).mean()) >= _PROMISING


def _settled(circle: Circle, gray: Gray) -> Circle:
    """The circle near this one of which most is drawn."""
    share = float(_drawn([circle], gray)[0])
    for step in (4, 2, 1):
        better = True
        while better:
            near = [
                Circle(circle.x + x * step, circle.y + y * step, circle.radius + r * step)
                for x, y, r in product((-1, 0, 1), repeat=3)
            ]
            shares = _drawn(near, gray)
            best = int(shares.argmax())
            better = bool(shares[best] > share)
            circle, share = (near[best], float(shares[best])) if better else (circle, share)
    return circle
