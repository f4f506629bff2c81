"""Page picture -> ruled lines.

Lines are looked for by their profile (dark between two lighter sides), not by a global threshold, so that shaded
cells, uneven light and faint lines make no difference. Lengths are in page widths unless they say pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Rule

WORKING_WIDTH = 1700
"""Pixels to which wider pictures are scaled down: 200 dpi on A4, where a hairline still has a pixel."""
THICKEST = 0.008
"""A broader band is a shadow or a shaded cell."""
SHORTEST_RUN = 0.018
"""Unbroken run that begins a line; the strokes of table text are shorter."""
BREAK = 0.008
"""A gap that is bridged without looking: no column is so narrow."""
LONG_BREAK = 0.03
"""A gap that is bridged when remains of the line are in it."""
LOOSE = 0.12
"""A horizontal line from this length on may stand alone; a shorter one must end at others, as strokes of text do not."""
LOOSE_DOWN = 0.08
"""The same for a vertical line."""
TOUCH = 0.008
MARGIN = 0.006
"""Nothing so near the edge of the page is a ruled line."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A nearly horizontal stroke in pixels: y = middle + slope * (x - (x0 + x1) / 2)."""

    x0: float
    x1: float
    middle: float
    slope: float
    thickness: float

    def y(self, x: float) -> float:
        return self.middle + self.slope * (x - (self.x0 + self.x1) / 2)


def find_rules(gray: NDArray[np.uint8]) -> tuple[Rule, ...]:
    """Find the horizontal and vertical ruled lines of a page picture.

    `gray` is height x width, 8 bits, dark on light, at 135 dpi or more and straightened to about 0.7 degrees.
    Returns lines in fractions of the page, each with its own remaining slant. Strokes of text, dashes, arcs of seals and
    shadows at the page's edge are left out; breaks of photocopied lines are bridged.
    """
    height, width = gray.shape[:2]
    if min(height, width) < 64:
        return ()
    if width > WORKING_WIDTH:
        size = (WORKING_WIDTH, max(64, round(height * WORKING_WIDTH / width)))
        gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    height, width = gray.shape[:2]
    across = _lines(gray, width)
    down = _lines(np.ascontiguousarray(gray.T), width)
    across, down = _anchored(across, down, width)
    rules = [Rule(p.x0 / width, p.y(p.x0) / height, p.x1 / width, p.y(p.x1) / height) for p in across]
    rules += [Rule(p.y(p.x0) / width, p.x0 / height, p.y(p.x1) / width, p.x1 / height) for p in down]
    return tuple(rules)


def _odd(pixels: float, least: int = 3) -> int:
    return max(least, int(pixels) // 2 * 2 + 1)


def _lines(picture: NDArray[np.uint8], unit: int) -> list[_Piece]:
    """Find the nearly horizontal lines of a picture; `unit` is the page width in pixels."""
    smooth = cv2.blur(picture, (_odd(0.005 * unit), 1))
    tall = np.ones((_odd(1.5 * THICKEST * unit, 7), 1), np.uint8)
    response = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, tall)
    level = 12 + 3 * float(np.median(response[::4, ::4]))
    marks = np.asarray(response > level, dtype=np.uint8)
    runs = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((1, int(SHORTEST_RUN * unit)), np.uint8))
    pieces = [p for p in _pieces(runs) if p.thickness <= THICKEST * unit and abs(p.slope) < 0.05]
    margin = MARGIN * unit
    pieces = [p for p in pieces if margin < p.middle < picture.shape[0] - margin]
    lines = _linked(pieces, marks, unit)
    dark = _ink(picture, unit)
    return [line for line in lines if _stands_free(line, dark, unit)]


def _ink(picture: NDArray[np.uint8], unit: int) -> NDArray[np.uint8]:
    """Mark (1) what is clearly darker than its surroundings."""
    around = _odd(0.03 * unit)
    mean = cv2.blur(picture, (around, around))
    return np.asarray(cv2.subtract(mean, picture) > 12, dtype=np.uint8)


def _pieces(runs: NDArray[Any]) -> list[_Piece]:
    """Fit a straight line to every connected set of marked pixels."""
    count, labels = cv2.connectedComponents(runs, connectivity=8, ltype=cv2.CV_32S)
    ys, xs = np.nonzero(runs)
    of = labels[ys, xs]
    n = np.bincount(of, minlength=count).astype(float)
    low = np.full(count, np.iinfo(np.int64).max)
    high = np.zeros(count, np.int64)
    np.minimum.at(low, of, xs)
    np.maximum.at(high, of, xs)
    pieces = []
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x, mean_y = np.bincount(of, xs, count) / n, np.bincount(of, ys, count) / n
        dx, dy = xs - mean_x[of], ys - mean_y[of]
        slopes = np.bincount(of, dx * dy, count) / np.bincount(of, dx * dx, count)
    for i in range(1, count):
        x0, x1 = float(low[i]), float(high[i] + 1)
        middle = float(mean_y[i] + slopes[i] * ((x0 + x1) / 2 - mean_x[i])) + 0.5
        pieces.append(_Piece(x0, x1, middle, float(slopes[i]), float(n[i]) / (x1 - x0)))
    return pieces


def _linked(pieces: Sequence[_Piece], marks: NDArray[np.uint8], unit: int) -> list[_Piece]:
    """Unite the pieces of one line over its breaks, from left to right."""
    lines: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.x0, p.middle)):
        fitting = [line for line in lines if _continues(line[-1], piece, marks, unit)]
        if fitting:
            min(fitting, key=lambda line: abs(line[-1].y(piece.x0) - piece.y(piece.x0))).append(piece)
        else:
            lines.append([piece])
    return [_fitted(line) for line in lines]


def _continues(last: _Piece, piece: _Piece, marks: NDArray[np.uint8], unit: int) -> bool:
    gap = piece.x0 - last.x1
    if not -2 * BREAK * unit <= gap <= LONG_BREAK * unit:
        return False
    here, there = last.y(last.x1), piece.y(piece.x0)
    step = abs(here - there) if gap >= 0 else abs(last.y(piece.x0) - there)
    if step > 0.0025 * unit + 0.015 * max(gap, 0.0):
        return False
    return gap <= BREAK * unit or _remains(marks, (last.x1, here), (piece.x0, there)) >= 0.4


def _remains(marks: NDArray[np.uint8], begin: tuple[float, float], end: tuple[float, float]) -> float:
    """Share of the way between two points along which marks stand on the line, within two pixels."""
    xs = np.arange(int(begin[0]), max(int(end[0]), int(begin[0]) + 1))
    ys = np.interp(xs, [begin[0], end[0]], [begin[1], end[1]])
    return float(_along(marks, xs, ys, -2, 2).mean())


def _along(marks: NDArray[np.uint8], xs: NDArray[Any], ys: NDArray[Any], first: int, last: int) -> NDArray[Any]:
    """Tell for every point whether a mark stands from `first` to `last` pixels below it."""
    height, width = marks.shape
    columns = np.clip(xs, 0, width - 1)
    rows = np.floor(ys).astype(int)[None, :] + np.arange(first, last + 1)[:, None]
    return np.asarray(marks[np.clip(rows, 0, height - 1), columns[None, :]].any(axis=0))


def _fitted(line: Sequence[_Piece]) -> _Piece:
    """Fit one straight line to the ends of its pieces, the long ones counting more."""
    if len(line) == 1:
        return line[0]
    x = np.array([v for p in line for v in (p.x0, p.x1)])
    y = np.array([v for p in line for v in (p.y(p.x0), p.y(p.x1))])
    weight = np.array([p.x1 - p.x0 for p in line for _ in range(2)])
    x0, x1, total = float(x.min()), float(x.max()), float(weight.sum())
    mean_x, mean_y = float((x * weight).sum()) / total, float((y * weight).sum()) / total
    spread = float((weight * (x - mean_x) ** 2).sum())
    slope = float((weight * (x - mean_x) * (y - mean_y)).sum()) / spread if spread else 0.0
    middle = mean_y + slope * ((x0 + x1) / 2 - mean_x)
    thickness = float(np.median([p.thickness for p in line]))
    return _Piece(x0, x1, middle, slope, thickness)


def _stands_free(line: _Piece, dark: NDArray[np.uint8], unit: int) -> bool:
    """Tell a line from a row of text: it is dark along its way, and its one side at least is mostly clear."""
    xs = np.arange(int(line.x0), int(line.x1))
    ys = np.array([line.y(x) for x in (xs[0], xs[-1])])
    ys = np.interp(xs, [xs[0], xs[-1]], ys)
    bend = max(2, int(0.0015 * unit))
    fill = float(_along(dark, xs, ys, -bend, bend).mean())
    near, far = bend + int(line.thickness / 2) + 1, bend + int(line.thickness / 2) + max(3, int(0.003 * unit))
    sides = [float(_along(dark, xs, ys, -far, -near).mean()), float(_along(dark, xs, ys, near, far).mean())]
    return fill >= 0.5 and min(sides) <= 0.4 * fill


def _anchored(across: list[_Piece], down: list[_Piece], unit: int) -> tuple[list[_Piece], list[_Piece]]:
    """Keep long lines, and of the short ones those that end at kept lines on both sides."""
    kept_across = [p for p in across if p.x1 - p.x0 >= LOOSE * unit]
    kept_down = [p for p in down if p.x1 - p.x0 >= LOOSE_DOWN * unit]
    short_across = [p for p in across if p.x1 - p.x0 < LOOSE * unit]
    short_down = [p for p in down if p.x1 - p.x0 < LOOSE_DOWN * unit]
    while True:
        more_across = [p for p in short_across if _ends_at(p, kept_down, TOUCH * unit)]
        more_down = [p for p in short_down if _ends_at(p, kept_across, TOUCH * unit)]
        if not more_across and not more_down:
            return kept_across, kept_down
        kept_across, kept_down = kept_across + more_across, kept_down + more_down
        short_across = [p for p in short_across if not any(p is m for m in more_across)]
        short_down = [p for p in short_down if not any(p is m for m in more_down)]


def _ends_at(piece: _Piece, others: Sequence[_Piece], touch: float) -> bool:
    """Whether both ends of a line meet lines of the other direction (whose x is its y)."""
    return all(
        any(o.x0 - touch <= piece.y(x) <= o.x1 + touch and abs(o.y(piece.y(x)) - x) <= touch for o in others)
        for x in (piece.x0, piece.x1)
    )
