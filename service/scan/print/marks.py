"""Strokes that stand for nothing - dashes and slashes - told by the shape of their ink.

A recogniser knows characters and takes a lone dash for a Chinese one and a lone slash for a digit one; shape
does not err so.
"""

from __future__ import annotations

import numpy as np

from service.scan.print.ink import Ink
from service.scan.print.lines import InkLine

DASHES = frozenset("-—–－―‐‑‒─━_ˉ¯~一")
SLASHES = frozenset("/／╱∕⁄")
DASH, SLASH = "—", "/"

_STRUCK = 0.99
"""Probability of a dash that many cells have at the same place (see `service.scan.print.hyphens`)."""
_THICK = 0.2
"""Thickness of a straight stroke at most, as a part of its length (both as standard deviations of its dots)."""
_LEAN = 9
"""Degrees from upright from which on a straight stroke is a slash; a digit one stands upright."""


def stroke_mark(line: InkLine, ink: Ink, digit: float) -> tuple[str, float] | None:
    """The mark that a line of ink is by its shape, with a probability; None where it is none.

    Args:
        line: all ink of one line.
        ink: the page's ink.
        digit: height of a digit in pixels.

    """
    if line.struck:
        return DASH, _STRUCK
    box = line.box
    flatness = box.width / box.height
    if box.height <= 0.32 * digit and box.width >= 0.3 * digit and flatness >= 1.5:
        return DASH, float(np.clip(0.7 + 0.15 * (flatness - 1.5), 0.7, 0.99))
    if len(line.blots) > 1 or box.height < 0.7 * digit:
        return None
    return _slash(line, ink)


def _slash(line: InkLine, ink: Ink) -> tuple[str, float] | None:
    """A slash is one straight stroke that leans clearly to the right."""
    box = line.box
    y, x = np.nonzero(ink.labels[box.y0 : box.y1, box.x0 : box.x1] == line.blots[0].label)
    if len(x) < 8:
        return None
    dx, dy = x - x.mean(), y - y.mean()
    across, down, both = float(dx @ dx), float(dy @ dy), float(dx @ dy)
    half, apart = (across + down) / 2, float(np.hypot((across - down) / 2, both))  # eigenvalues: half +- apart
    thin = float(np.sqrt(max(half - apart, 0.0) / (half + apart)))
    lean = float(np.degrees(np.arctan2(-2 * both, down - across))) / 2
    if thin > _THICK or not _LEAN <= lean <= 65:
        return None
    return SLASH, float(np.clip(0.75 + (lean - _LEAN) / 30, 0.75, 0.98))
