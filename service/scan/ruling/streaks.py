"""Streaks that dirt on a copier's glass draws over a page, and that pass for rules where they run through a table.

A streak runs straight down the whole page, though with breaks, and at a slant if the sheet lay askew. It is told where
nothing else stands: beyond all tables and text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.text import TextBox
from service.documents.model import Rule

_DARK = 170
_RUN = 0.03
"""So long, in units of the page's shorter side, is no stroke of a character and no speck."""
_LEAST = 0.08
"""So much of a streak is seen at least; a seal's rim is straight for less."""
_ROOM = 1.0
"""Around text, in heights of a line, nothing counts: the rules of its table may run there."""
_BEYOND = 0.012
"""Around what is ruled nothing counts either: rules reach a little beyond their crossings."""
_SLANTS = np.linspace(-0.04, 0.04, 81)
"""How far a streak may lean: 2.3 degrees."""
_EDGE = 0.09
"""So near the upper or the lower edge of the page, as a share of its height, no table goes, and a streak does."""
_MOST = 3
"""More than so many are none."""
_WIDE, _BESIDE = 7, 3
"""Pixels that a streak is wide at most, and that it may stand beside its line."""

_Gray = NDArray[np.uint8]


class Streak(NamedTuple):
    """Where a streak runs, in pixels: x = start + slope * y."""

    start: float
    slope: float


def find_streaks(gray: _Gray, boxes: Sequence[TextBox], rules: Sequence[Rule]) -> tuple[Streak, ...]:
    """The streaks down a page.

    Args:
        gray: the deskewed page, height x width, at about 200 dpi.
        boxes: the lines of text that the detector saw.
        rules: what is ruled, in fractions of the page.
    """
    unit = min(gray.shape)
    rows = _bare(gray.shape[0], unit, boxes, rules)
    wide = cv2.dilate((gray < _DARK).astype(np.uint8), np.ones((1, 3), np.uint8))
    # What is broad is a picture or a border: the slants of all its dots took 53 seconds of CPU on one dark page.
    broad = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((1, 2 * _WIDE + 1), np.uint8))
    wide[cv2.dilate(broad, np.ones((1, _WIDE), np.uint8)) > 0] = 0
    runs = cv2.morphologyEx(wide, cv2.MORPH_OPEN, np.ones((int(_RUN * unit), 1), np.uint8))
    runs[~rows] = 0
    places = cv2.findNonZero(runs)
    found: list[Streak] = []
    while places is not None and len(places) >= _LEAST * unit:
        xs, ys = places.reshape(-1, 2).T.astype(np.int64)
        lines = np.rint(xs - _SLANTS[:, None] * ys).astype(int)
        low = int(lines.min())
        counts = [np.bincount(line - low) for line in lines]
        best = int(np.argmax([count.max() for count in counts]))
        if counts[best].max() < _LEAST * unit:
            break
        streak = Streak(float(counts[best].argmax() + low), float(_SLANTS[best]))
        near = np.abs(xs - streak.start - streak.slope * ys) <= 2 * _WIDE
        if (np.abs(ys[near] / len(gray) - 0.5) > 0.5 - _EDGE).any():
            found.append(streak)
        places = places[~near]
    return tuple(found) if len(found) <= _MOST else ()


def _bare(height: int, unit: int, boxes: Sequence[TextBox], rules: Sequence[Rule]) -> NDArray[np.bool_]:
    """The rows of a page where there is neither text nor a table."""
    bare = np.ones(height, bool)
    for box in boxes:
        room = _ROOM * min(box.x1 - box.x0, box.y1 - box.y0)
        bare[max(0, int(box.y0 - room)) : max(0, int(box.y1 + room) + 1)] = False
    flat = [y * height for rule in rules if rule.horizontal for y in (rule.y0, rule.y1)]
    if flat:
        bare[max(0, int(min(flat) - _BEYOND * unit)) : int(max(flat) + _BEYOND * unit) + 1] = False
    return bare


def without_streaks(gray: _Gray, streaks: Sequence[Streak]) -> _Gray:
    """The page without its streaks; what is wider stays as it is, such as a line across."""
    clear = gray.copy()
    ys = np.arange(len(gray))
    for streak in streaks:
        xs = np.rint(streak.start + streak.slope * ys).astype(int)[:, None] + np.arange(-_WIDE, _WIDE + 1)
        xs = xs.clip(0, gray.shape[1] - 1)
        band = gray[ys[:, None], xs]
        thin = cv2.morphologyEx(band, cv2.MORPH_CLOSE, np.ones((1, _WIDE), np.uint8))
        near = slice(_WIDE - _BESIDE, _WIDE + _BESIDE + 1)
        clear[ys[:, None], xs[:, near]] = thin[:, near]
    return clear
