"""Dust on a copier's glass: solid round blots that stand by themselves, which readers take for zeros and sixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from service.scan.picture.clean import Gray
from service.scan.print.ink import Blot, Ink
from service.scan.print.lines import CellInk

_SMALL, _LARGE = 0.22, 0.62
"""Least and greatest width and height, in heights of a digit: larger than a point, smaller than any digit."""
_ROUND = 1.25
"""How much wider than high, or higher than wide, at most: a short dash is flatter."""
_SOLID = 0.5
"""Share of its frame that is ink, at least: of a disc it is 0.79, of a diamond 0.5."""
_CORE = 6
"""This part of its size to each side of its middle, all is ink; print of that size is hollow there."""
_ALONE = 0.5
"""Heights of a digit around it that hold no other ink: points, and worn signs and strokes, stand closer to print ..."""
_NOTHING = 0.02
"""... but for specks of that much, in squares of the height of a digit."""
_FEW = 3
"""Blots of a line, at most, of which one may be dust: longer ones are labels, with points and commas of their own."""
_PAPER = 255


def without_dust(gray: Gray, ink: Ink, cells: Sequence[CellInk], digit: float) -> tuple[Gray, Ink] | None:
    """The page and its ink without the dust in the cells of tables; None where there is none.

    Of 360 drawn scans, 300 cells of copies hold such a blot, and hardly one of others. Of empty ones readers mostly say
    with 0.4 to 0.9 that they are empty, and with 0.9 to 0.99 without it; zeros beside it gain as much.

    Args:
        gray: the cleaned page.
        ink: its ink.
        cells: what stands in each cell.
        digit: height of a digit in pixels.
    """
    short = (line for cell in cells for line in cell.lines if len(line.blots) <= _FEW and not line.struck)
    loose = [*(blot for cell in cells for blot in cell.specks), *(blot for line in short for blot in line.blots)]
    dust = [blot for blot in loose if _is_dust(blot, ink, digit)]
    if not dust:
        return None
    gray, labels = gray.copy(), ink.labels.copy()
    for blot in dust:
        part = (slice(max(0, blot.y0 - 2), blot.y1 + 2), slice(max(0, blot.x0 - 2), blot.x1 + 2))
        own = labels[part] == blot.label
        gray[part][cv2.dilate(own.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0] = _PAPER
        labels[part][own] = 0
    gone = {blot.label for blot in dust}
    return gray, replace(ink, labels=labels, blots=tuple(blot for blot in ink.blots if blot.label not in gone))


def _is_dust(blot: Blot, ink: Ink, digit: float) -> bool:
    low, high = sorted((blot.width, blot.height))
    if low < _SMALL * digit or high > _LARGE * digit or high > _ROUND * low or blot.area < _SOLID * low * high:
        return False
    y, x, core = (blot.y0 + blot.y1) // 2, (blot.x0 + blot.x1) // 2, max(1, high // _CORE)
    if not (ink.labels[y - core : y + core + 1, x - core : x + core + 1] == blot.label).all():
        return False
    by = round(_ALONE * digit)
    near = ink.labels[max(0, blot.y0 - by) : blot.y1 + by, max(0, blot.x0 - by) : blot.x1 + by]
    return bool(np.count_nonzero((near != 0) & (near != blot.label)) <= _NOTHING * digit * digit)
