"""Numbers, words and rules printed in red, orange or gold, which would else fade with the seals."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

_RED, _REDDISH = 45, 20
"""Grey levels that red print loses at least where red ink is faded, and that its thin strokes do: JPEG keeps colour at
half the size. Office's gold loses 66, its red 140; pale seals lose less than the first."""
_FEW = 150
"""Dots of red ink on a page that is not looked at further."""
_STROKE = 11
"""Pixels: strokes of print are thinner; what a highlighter draws is not."""
_HIGH = (10, 45)
"""Pixels that a line of red print is high, at least and at most."""
_APART = 13
"""Pixels between two characters of a line are fewer."""
_SEAL = 70
"""Pixels that red ink which hangs together is wide and high at least where it is a seal, and not a line of print."""
_TOGETHER = 6
"""Dots, `_STEP` times smaller, between two pieces of a seal are fewer; between two rows of numbers there are about as
many, but a column of them is narrow."""
_STEP = 4
_MARGIN = 6
"""Pixels around a line of red print that are taken as they are: its thinnest strokes show no red at all."""
_BESIDE = 30
"""Pixels beside red ink in which other ink makes it a mark on that: a tick, a correction, a fringe of the scanner."""
_DARK = 120
"""Grey level below which a dot that is not red is ink."""
_RULE = 250
"""Pixels that a red rule is long at least, and `_RULES` of them a table's; a letterhead has one or two."""
_RULES = 6
_PIECE = 40
"""Pixels: straight pieces so long belong to such a table's rules, too."""

_Gray = NDArray[np.uint8]
_Mask = NDArray[np.bool_]


def printed_red(gray: _Gray, base: _Gray) -> _Mask | None:
    """Where a page is printed in red, as against stamped or marked; None where nothing is.

    Args:
        gray: the page, all ink dark, height x width.
        base: the same, black ink dark and red ink faded.
    """
    glance = cv2.subtract(base[::2, ::2], gray[::2, ::2])
    paper = float(np.median(glance[::4, ::4]))
    if np.count_nonzero(glance >= paper + _RED) < _FEW / 4:
        return None
    redness = np.asarray(cv2.subtract(cv2.subtract(base, gray), paper), np.uint8)
    red = cv2.morphologyEx(np.asarray(redness >= _REDDISH, np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    rules = _straight(red, _PIECE) if _tabular(red) else np.zeros_like(red)
    kept = cv2.dilate(rules, np.ones((3, 3), np.uint8)) > 0
    for line in _lines(red & (1 - rules), redness, base):
        kept[line] = True
    return kept if kept.any() else None


def _straight(dots: _Gray, length: int) -> _Gray:
    """What stands on strokes across or down that are so long."""
    kernels = (np.ones((1, length), np.uint8), np.ones((length, 1), np.uint8))
    return np.asarray(np.maximum(*(cv2.morphologyEx(dots, cv2.MORPH_OPEN, kernel) for kernel in kernels)), np.uint8)


def _tabular(red: _Gray) -> bool:
    kernels = (np.ones((1, _RULE), np.uint8), np.ones((_RULE, 1), np.uint8))
    found = [cv2.connectedComponents(cv2.morphologyEx(red, cv2.MORPH_OPEN, kernel))[0] - 1 for kernel in kernels]
    return bool(sum(found) >= _RULES)


def _lines(red: _Gray, redness: _Gray, base: _Gray) -> Iterator[tuple[slice, slice]]:
    """Rows and columns of each line of red print, with what is around it."""
    seals = _seals(red)
    strong = np.asarray(redness >= _RED, np.uint8)
    broad = cv2.morphologyEx(strong, cv2.MORPH_OPEN, np.ones((_STROKE, _STROKE), np.uint8))
    dark = np.asarray((base < _DARK) & (red == 0), np.uint8)
    dark &= 1 - _straight(dark, _PIECE)  # the rules of its cell stand beside a number
    joined = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((1, _APART), np.uint8))
    for left, top, wide, high, _ in cv2.connectedComponentsWithStats(joined)[2][1:].tolist():
        window = np.s_[top : top + high, left : left + wide]
        beside = np.s_[top : top + high, max(0, left - _BESIDE) : left + wide + _BESIDE]
        if not _HIGH[0] <= high <= _HIGH[1] or strong[window].sum() < _HIGH[0]:
            continue
        if not (seals[window].any() or broad[window].any() or dark[beside].any()):
            rows = slice(max(0, top - _MARGIN), top + high + _MARGIN)
            yield rows, slice(max(0, left - _MARGIN), left + wide + _MARGIN)


def _seals(red: _Gray) -> _Mask:
    """The rectangles around red ink that is no line of print."""
    small = cv2.resize(red * np.uint8(255), None, fx=1 / _STEP, fy=1 / _STEP, interpolation=cv2.INTER_AREA)
    joined = cv2.morphologyEx(np.asarray(small > 0, np.uint8), cv2.MORPH_CLOSE, np.ones((_TOGETHER,) * 2, np.uint8))
    seals = np.zeros(red.shape, np.bool_)
    for left, top, wide, high, _ in cv2.connectedComponentsWithStats(joined)[2][1:].tolist():
        if min(wide, high) * _STEP >= _SEAL:
            seals[top * _STEP : (top + high) * _STEP, left * _STEP : (left + wide) * _STEP] = True
    return seals
