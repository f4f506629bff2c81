"""Page picture -> strokes that may be ruled lines, or parts of such.

They are looked for by their profile (dark between two lighter sides), not by a global threshold, so that shaded cells,
uneven light and faint lines make no difference. Lengths are in units of the page's shorter side unless they say pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

THICKEST = 0.008
"""A broader band is a shadow or a shaded cell."""
SHORTEST_RUN = 0.018
"""Unbroken run that begins a line; the strokes of table text are shorter."""
BREAK = 0.008
"""A gap that is bridged without looking: no column is so narrow."""
LONG_BREAK = 0.03
"""A gap that is bridged when remains of the line are in it."""
MARGIN = 0.006
"""Nothing so near the edge of the page is a ruled line."""
STRIP = 0.1
"""Long lines are followed in pieces of this length, which are straight however the page is bent."""
SHORT_STRIP = 0.025
"""The same for what is not straight: where something else runs into a line, the rest of it is found."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A nearly horizontal stroke in pixels: y = middle + slope * (x - (x0 + x1) / 2)."""

    x0: float
    x1: float
    middle: float
    slope: float
    fill: float
    """Share of its length that is dark."""
    above: float
    """Share of its length beside which, just above, something else is dark."""
    below: float

    @property
    def length(self) -> float:
        """In pixels."""
        return self.x1 - self.x0

    def y(self, x: float) -> float:
        """Where the stroke, carried on as far as need be, stands at `x`."""
        return self.middle + self.slope * (x - (self.x0 + self.x1) / 2)


@dataclass(frozen=True, slots=True)
class LineView:
    """A picture in which lines run across, `unit` pixels to the page's shorter side, and its ink."""

    picture: NDArray[np.uint8]
    unit: int
    dark: NDArray[np.bool_]
    """What is clearly darker than its surroundings."""
    smeared: NDArray[np.bool_]
    """The same, smeared a little along the lines, so that what stands beside a line does so without gaps."""


def line_view(picture: NDArray[np.uint8], unit: int) -> LineView:
    """Tell the ink of a grey picture (height x width) from its paper."""
    smeared = cv2.blur(picture, (_odd(0.005 * unit), 1))
    mean = cv2.blur(picture, (_odd(0.03 * unit),) * 2)
    noise = cv2.absdiff(smeared, picture)[::4, ::4]
    level = 12 + 3 * float(np.median(noise))
    dark, smear = (_above(cv2.subtract(mean, each), level).view(np.bool_) for each in (picture, smeared))
    return LineView(picture, unit, dark, smear)


def trace(view: LineView, blur: float, run: float) -> list[Piece]:
    """Trace what is darker than its two sides over at least `run`, once blurred along its way over `blur`."""
    unit = view.unit
    smooth = cv2.blur(view.picture, (_odd(blur * unit), 1))
    tall = np.ones((_odd(1.5 * THICKEST * unit, 7), 1), np.uint8)
    response = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, tall)
    level = 12 + 3 * float(np.median(response[::4, ::4]))
    marks = _above(response, level)
    runs = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((1, int(run * unit)), np.uint8))
    found, bent = _pieces(runs, view, int(STRIP * unit))
    found += _pieces(bent, view, int(SHORT_STRIP * unit))[0]
    margin = MARGIN * unit
    pieces = [p for p in found if margin < p.middle < view.picture.shape[0] - margin]
    return _linked(pieces, marks, unit)


def _above(picture: NDArray[Any], level: float) -> NDArray[np.uint8]:
    """1 where a picture is brighter than that, else 0; NumPy would compare as 64-bit floats."""
    return np.asarray(cv2.threshold(picture, level, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _pieces(runs: NDArray[Any], view: LineView, strip: int) -> tuple[list[Piece], NDArray[Any]]:
    """Fit a straight line to every connected set of marked pixels, and measure the ink on it and beside it.

    `runs` is cut into strips first. Returns the pieces, and the marks of sets that are not one straight stroke: the rim
    of a seal that runs into a line, for instance.
    """
    unit = view.unit
    runs[:, ::strip] = 0
    count, labels = cv2.connectedComponents(runs, connectivity=8, ltype=cv2.CV_32S)
    places = cv2.findNonZero(runs)
    if places is None:
        return [], runs
    xs, ys = places[:, 0].T.astype(np.int64)
    of = labels[ys, xs]
    n = np.bincount(of, minlength=count).astype(float)
    n[0] = 1
    mean_x, mean_y = np.bincount(of, xs, count) / n, np.bincount(of, ys, count) / n
    dx, dy = xs - mean_x[of], ys - mean_y[of]
    slope = np.bincount(of, dx * dy, count) / np.maximum(np.bincount(of, dx * dx, count), 1)
    x0, x1 = _ends(of, xs, count)
    slope[x1 - x0 < 0.006 * unit] = 0  # so short a remainder of a strip tells no slope
    thickness = n / np.maximum(x1 - x0, 1)
    spread = np.bincount(of, (dy - slope[of] * dx) ** 2, count) / n
    straight = (np.abs(slope) < 0.05) & (spread <= thickness**2 / 6 + 2)
    bent, rest = np.zeros_like(runs), ~straight[of]
    bent[ys[rest], xs[rest]] = 1
    good = np.flatnonzero((thickness <= THICKEST * unit) & straight & (x1 > x0))
    if not len(good):
        return [], bent
    widths = x1[good] - x0[good]
    which = np.repeat(np.arange(len(good)), widths)
    along = np.arange(int(widths.sum())) - np.repeat(np.cumsum(widths) - widths, widths) + np.repeat(x0[good], widths)
    line = good[which]
    down = mean_y[line] + slope[line] * (along - mean_x[line])
    half = np.ceil(thickness[line] / 2).astype(int)
    seen = np.zeros((3, len(along)), bool)
    for thick in np.unique(half):  # by far the most are thin, and there is little to look at beside those
        those = half == thick
        seen[:, those] = _seen(view, along[those], down[those], int(thick))
    on = seen[0]
    first, last = _ends(which[on], along[on], len(good))
    shares = np.stack([np.bincount(which, values, len(good)) for values in seen]) / widths
    cut = (x0[good] % strip == 1) | (x1[good] % strip == 0)
    kept = (last - first >= np.where(cut, 2, 0.8 * SHORTEST_RUN * unit)) & (shares[0] >= 0.25)
    good, a, b, widths, (fill, over, under) = good[kept], first[kept], last[kept], widths[kept], shares[:, kept]
    middle = mean_y[good] + slope[good] * ((a + b) / 2 - mean_x[good]) + 0.5
    fill = np.minimum(1.0, fill * widths / (b - a))
    rows = np.column_stack([a, b, middle, slope[good], fill, over, under])
    return [Piece(*row) for row in rows.tolist()], bent


def _seen(view: LineView, xs: NDArray[Any], ys: NDArray[Any], half: int) -> NDArray[np.bool_]:
    """Tell for every point of strokes, `half` of whose thickness is given, whether ink is on it, above, and below."""
    reach = max(3, int(0.003 * view.unit))
    on = marked_at(view.dark, xs, ys, -half, half)
    above = marked_at(view.smeared, xs, ys, -half - 1 - reach, -half - 2)
    return np.stack([on, above, marked_at(view.smeared, xs, ys, half + 2, half + 1 + reach)])


def _ends(of: NDArray[Any], xs: NDArray[Any], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last position (plus one) of every label; the first lies after the last where none is."""
    low, high = np.full(count, np.iinfo(np.int64).max // 2), np.zeros(count, np.int64)
    np.minimum.at(low, of, xs)
    np.maximum.at(high, of, xs + 1)
    return low, high


def _linked(pieces: Sequence[Piece], marks: NDArray[np.uint8], unit: int) -> list[Piece]:
    """Unite the pieces of one line over its breaks, from left to right."""
    band, bands = 0.01 * unit, dict[int, list[list[Piece]]]()
    done: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.x0, p.middle)):
        level, fitting = int(piece.middle / band), list[list[Piece]]()
        for near in (level - 1, level, level + 1):
            lines = bands.setdefault(near, [])
            if not lines:
                continue
            done += [line for line in lines if piece.x0 - line[-1].x1 > LONG_BREAK * unit]
            bands[near] = [line for line in lines if piece.x0 - line[-1].x1 <= LONG_BREAK * unit]
            fitting += [line for line in bands[near] if _continues(line[-1], piece, marks, unit)]
        line = min(fitting, key=lambda line: abs(line[-1].y(piece.x0) - piece.y(piece.x0)), default=[])
        if line:
            bands[int(line[-1].middle / band)].remove(line)
        bands[level].append([*line, piece])
    return [_fitted(line) for line in [*done, *(line for lines in bands.values() for line in lines)]]


def _continues(last: Piece, piece: Piece, marks: NDArray[np.uint8], unit: int) -> bool:
    if abs(last.middle - piece.middle) > 0.01 * unit:
        return False
    gap = piece.x0 - last.x1
    here, there = last.y(last.x1), piece.y(piece.x0)
    if abs(here - there) > 0.0025 * unit + 0.015 * max(gap, 0.0) or gap < -2 * BREAK * unit:
        return False
    return gap <= BREAK * unit or _remains(marks, (last.x1, here), (piece.x0, there)) >= 0.4


def _remains(marks: NDArray[np.uint8], begin: tuple[float, float], end: tuple[float, float]) -> float:
    """Share of the way between two points along which marks stand on the line, within two pixels."""
    xs = np.arange(int(begin[0]), max(int(end[0]), int(begin[0]) + 1))
    ys = np.interp(xs, [begin[0], end[0]], [begin[1], end[1]])
    return float(marked_at(marks, xs, ys, -2, 2).mean())


def marked_at(marks: NDArray[Any], xs: NDArray[Any], ys: NDArray[Any], first: int, last: int) -> NDArray[np.bool_]:
    """Tell for every point whether a mark stands from `first` to `last` pixels below it."""
    height, width = marks.shape
    steps = np.arange(first, last + 1)[:, None]
    # np.clip takes ten times as long for a few points
    rows = np.minimum(np.maximum(np.rint(ys).astype(int) + steps, 0), height - 1)
    return np.asarray(marks[rows, np.minimum(np.maximum(xs, 0), width - 1)].any(axis=0), np.bool_)


def _fitted(line: Sequence[Piece]) -> Piece:
    """Fit one straight line to its pieces, the long ones counting more."""
    if len(line) == 1:
        return line[0]
    x = np.array([v for p in line for v in (p.x0, p.x1)])
    y = np.array([v for p in line for v in (p.y(p.x0), p.y(p.x1))])
    lengths = np.array([p.length for p in line])
    weight, total = np.repeat(lengths, 2), float(2 * lengths.sum())
    x0, x1 = float(x.min()), float(x.max())
    mean_x, mean_y = float((x * weight).sum()) / total, float((y * weight).sum()) / total
    spread = float((weight * (x - mean_x) ** 2).sum())
    slope = float((weight * (x - mean_x) * (y - mean_y)).sum()) / spread if spread else 0.0
    middle = mean_y + slope * ((x0 + x1) / 2 - mean_x)
    fill, above, below = (
        float((lengths * [getattr(p, name) for p in line]).sum()) for name in ("fill", "above", "below")
    )
    return Piece(x0, x1, middle, slope, min(1.0, fill / (x1 - x0)), above / lengths.sum(), below / lengths.sum())


def _odd(pixels: float, least: int = 3) -> int:
    return max(least, int(pixels) // 2 * 2 + 1)
