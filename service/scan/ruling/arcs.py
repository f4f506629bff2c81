"""Pieces of the rims of seals, that look like short ruled lines: their ink goes on, bent, beyond both of their ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.scan.ruling.traced import THICKEST, LineView, Piece

_LONGEST = 0.08
"""A rim is straight enough for a line over less than this, in units of the page's shorter side, as all below."""
_REACH = 0.018
"""So far beyond its ends it is followed ..."""
_BENT = 0.0025
"""... and so far it bends away from the line there, at both ends to the same side."""
_BLIND = 0.006
"""Longest way without an edge of its own: across a ruled line, or where a copier has left a gap."""
_OPEN = 0.003
"""Longest way where nothing is drawn: text keeps further off a line than that, and is no rim that goes on behind it."""


def without_arcs(lines: Sequence[Piece], view: LineView) -> list[Piece]:
    """The lines that are no pieces of the rim of a seal."""
    return [line for line in lines if line.length >= _LONGEST * view.unit or not _is_arc(line, view)]


def _is_arc(line: Piece, view: LineView) -> bool:
    first, second = _bend(line, view, line.x0, -1), _bend(line, view, line.x1, 1)
    return first * second > 0 and min(abs(first), abs(second)) >= _BENT * view.unit


def _bend(line: Piece, view: LineView, end: float, step: int) -> float:
    """By how much the ink that goes on beyond an end of a line leaves its way, in pixels; 0 where it does not go on.

    It is followed from the line's middle: a rim that was taken for a longer line has left it before the end.
    """
    thick, blind, bare = int(1.5 * THICKEST * view.unit), 0, 0
    y = line.middle
    for x in range(int(line.x0 + line.x1) // 2, int(end) + step * int(_REACH * view.unit), step):
        if not 0 <= x < view.dark.shape[1]:
            return 0.0
        top = max(0, round(y) - thick)
        dark = view.dark[top : round(y) + thick + 1, x]
        found = _stroke(dark, y - top, thick)
        blind = blind + 1 if found is None else 0
        bare = 0 if dark.any() else bare + 1
        if blind > _BLIND * view.unit or bare > _OPEN * view.unit:
            return 0.0
        y = y if found is None else top + found
    return y - line.y(end + step * _REACH * view.unit)


def _stroke(dark: NDArray[np.bool_], at: float, thick: int) -> float | None:
    """The middle of the stroke that passes a place of a row of dots, or passes beside it; None where none that thin."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], dark, [False]]).astype(np.int8)))
    for low, high in edges.reshape(-1, 2).tolist():
        if low - 3 <= at <= high + 2:
            return (low + high - 1) / 2 if high - low <= thick else None
    return None
