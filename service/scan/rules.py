"""Page picture -> ruled lines.

Lines are looked for by their profile (dark between two lighter sides), not by a global threshold, so that shaded
cells, uneven light and faint lines make no difference. Lengths are in units of the page's shorter side unless they say
pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Rule

WORKING_WIDTH = 1700
"""Pixels to which the shorter side of larger pictures is scaled: 200 dpi on A4, where a hairline still has a pixel."""
THICKEST = 0.008
"""A broader band is a shadow or a shaded cell."""
SHORTEST_RUN = 0.018
"""Unbroken run that begins a line; the strokes of table text are shorter."""
DOTTED_RUN = 0.04
"""The same for a line of which a copier has left dots, which are run together first."""
SOUND = 0.9
"""A page whose longest lines are so well filled was not copied to pieces."""
BREAK = 0.008
"""A gap that is bridged without looking: no column is so narrow."""
LONG_BREAK = 0.03
"""A gap that is bridged when remains of the line are in it."""
LOOSE = 0.12
"""A horizontal line from this length on may stand alone; a shorter one must end at others, as strokes of text don't."""
LOOSE_DOWN = 0.08
"""The same for a vertical line."""
TOUCH = 0.009
"""How far a line may end from the line at which it ends ..."""
CLOSE_TOUCH = 0.0025
"""... and how far if it is no longer than a row is high, as the stems of large digits are."""
ONE_ROW = 0.045
UNBROKEN = 0.96
"""Share of the way between two crossing lines that a line must fill to be one whatever stands beside it."""
HALF = 0.5
"""Share of the way right behind a crossing line from which on a line goes on there."""
STREAKED = 0.3
"""Share of the way beyond all else that is ruled on a page that a streak fills; a ruled line fills nothing of it."""
STREAKED_ONE_WAY = 0.7
"""The same where it can be seen above the table only, or below only: lines of prose fill nearly half of any way."""
SLIVER = 0.008
"""Lines nearer than that are the two halves of a double one."""
MARGIN = 0.006
"""Nothing so near the edge of the page is a ruled line."""
STRIP = 0.1
"""Long lines are followed in pieces of this length, which are straight however the page is bent."""
SHORT_STRIP = 0.025
"""The same for what is not straight: where something else runs into a line, the rest of it is found."""


@dataclass(frozen=True, slots=True)
class _Piece:
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
        return self.x1 - self.x0

    def y(self, x: float) -> float:
        return self.middle + self.slope * (x - (self.x0 + self.x1) / 2)


@dataclass(frozen=True, slots=True)
class _View:
    """A picture in which lines run across, `unit` pixels to the page's shorter side, and its ink."""

    picture: NDArray[np.uint8]
    unit: int
    dark: NDArray[np.bool_]
    """What is clearly darker than its surroundings."""
    smeared: NDArray[np.bool_]
    """The same, smeared a little along the lines, so that what stands beside a line does so without gaps."""


def find_rules(gray: NDArray[np.uint8]) -> tuple[Rule, ...]:
    """Find the horizontal and vertical ruled lines of a page picture.

    `gray` is height x width, 8 bits, dark on light, at 135 dpi or more and straightened to about 0.7 degrees.
    Returns lines in fractions of the page, each with its own remaining slant. Strokes of text, dashes, arcs of seals
    and shadows at the page's edge are left out; breaks of photocopied lines are bridged.
    """
    height, width = gray.shape[:2]
    if min(height, width) < 64:
        return ()
    if min(height, width) > WORKING_WIDTH:
        scale = WORKING_WIDTH / min(height, width)
        size = (max(64, round(width * scale)), max(64, round(height * scale)))
        gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    height, width = gray.shape[:2]
    unit = min(height, width)
    views = [_view(gray, unit), _view(np.ascontiguousarray(gray.T), unit)]
    traced = [_traced(view, 0.005, SHORTEST_RUN) for view in views]
    sound = _sound(traced[0], traced[1], unit)
    lines = [_unbroken(each, unit) if sound else _dotted(each, view) for each, view in zip(traced, views, strict=True)]
    kept = _anchored(lines[0], lines[1], unit)
    kept = _without_streaks(kept[0], kept[1], views[0]), _without_streaks(kept[1], kept[0], views[1])
    across = [part for line in kept[0] for part in _without_gaps(line, kept[1], views[0], sound)]
    down = [part for line in kept[1] for part in _without_gaps(line, kept[0], views[1], sound)]
    for _ in range(2):
        more = _spanning(traced[0], down, across, views[0]), _spanning(traced[1], across, down, views[1])
        across = _without_streaks(across + more[0], down, views[0])
        down = _without_streaks(down + more[1], across, views[1])
    across, down = _carried_on(across, down, views[0]), _carried_on(down, across, views[1])
    rules = [Rule(p.x0 / width, p.y(p.x0) / height, p.x1 / width, p.y(p.x1) / height) for p in across]
    rules += [Rule(p.y(p.x0) / width, p.x0 / height, p.y(p.x1) / width, p.x1 / height) for p in down]
    return tuple(rules)


def _odd(pixels: float, least: int = 3) -> int:
    return max(least, int(pixels) // 2 * 2 + 1)


def _view(picture: NDArray[np.uint8], unit: int) -> _View:
    smeared = cv2.blur(picture, (_odd(0.005 * unit), 1))
    mean = cv2.blur(picture, (_odd(0.03 * unit),) * 2)
    noise = cv2.absdiff(smeared, picture)[::4, ::4]
    level = 12 + 3 * float(np.median(noise))
    return _View(picture, unit, cv2.subtract(mean, picture) > level, cv2.subtract(mean, smeared) > level)


def _sound(across: Sequence[_Piece], down: Sequence[_Piece], unit: int) -> bool:
    """Whether the longest lines of a page are unbroken; then gaps tell strokes of text from lines.

    Columns of digits look like broken vertical lines, so the horizontal ones decide where they are beyond doubt.
    """
    fills = []
    for lines in (across, down):
        long = [line for line in lines if line.length >= LOOSE * unit and _stands_free(line)]
        longest = sorted(long, key=lambda line: -line.length)[:8]
        fills.append(float(np.median([line.fill for line in longest])) if len(longest) >= 2 else None)
    first, second = fills
    if first is None:
        return second is not None and second >= SOUND
    return first >= SOUND and (second is None or second >= SOUND or first >= 0.985)


def _unbroken(lines: Sequence[_Piece], unit: int) -> list[_Piece]:
    """Leave out what has gaps: rows of strokes, and stems of digits that stop short of the lines above and below."""
    row, loose = ONE_ROW * unit, LOOSE_DOWN * unit
    kept = [p for p in lines if _stands_free(p) and p.fill >= (0.93 if p.length < row else 0.88)]
    bare = [p for p in lines if row < p.length < loose and max(p.above, p.below) <= 0.05]  # must end at other lines
    return kept + [p for p in bare if 0.78 <= p.fill < 0.88]


def _dotted(lines: Sequence[_Piece], view: _View) -> list[_Piece]:
    """Keep lines with gaps as long as next to nothing is beside them, and look for rows of dots as well."""
    kept = [line for line in lines if _stands_alone(line) and not _of_digits(line, view)]
    dotted = [p for p in _traced(view, 0.02, DOTTED_RUN) if p.length >= LOOSE_DOWN * view.unit and _stands_alone(p)]
    dotted = [p for p in dotted if not _of_digits(p, view)]
    return kept + [line for line in dotted if not _known(line, kept, view.unit)]


def _of_digits(line: _Piece, view: _View) -> bool:
    """Whether a line is made of the stems of digits above each other: strokes and gaps are both as long as those."""
    if line.fill >= 0.8:
        return False
    xs = np.arange(max(0, int(line.x0)), min(view.dark.shape[1], int(line.x1) + 1))
    two = np.full(len(xs), 2)
    on = _along(view.dark, xs, line.y(0) + line.slope * xs, -two, two)
    steps = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(int)))
    strokes, gaps = steps[1::2] - steps[::2], steps[2::2] - steps[1:-1:2]
    if len(gaps) < 2:
        return False
    longest, stroke = 0.025 * view.unit, float((strokes**2).sum() / strokes.sum())
    gap = float((gaps**2).sum() / gaps.sum())
    return int(strokes.max()) < longest and stroke > 0.004 * view.unit and gap > 0.006 * view.unit


def _traced(view: _View, blur: float, run: float) -> list[_Piece]:
    """Trace what is darker than its two sides over at least `run`, once blurred along its way over `blur`."""
    unit = view.unit
    smooth = cv2.blur(view.picture, (_odd(blur * unit), 1))
    tall = np.ones((_odd(1.5 * THICKEST * unit, 7), 1), np.uint8)
    response = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, tall)
    level = 12 + 3 * float(np.median(response[::4, ::4]))
    marks = np.asarray(response > level, dtype=np.uint8)
    runs = cv2.morphologyEx(marks, cv2.MORPH_OPEN, np.ones((1, int(run * unit)), np.uint8))
    found, bent = _pieces(runs, view, int(STRIP * unit))
    found += _pieces(bent, view, int(SHORT_STRIP * unit))[0]
    margin = MARGIN * unit
    pieces = [p for p in found if margin < p.middle < view.picture.shape[0] - margin]
    return _linked(pieces, marks, unit)


def _known(line: _Piece, lines: Sequence[_Piece], unit: int) -> bool:
    """Whether a line adds next to nothing to others."""
    on = [p for p in lines if abs(p.y((line.x0 + line.x1) / 2) - line.middle) < 5]
    return sum(max(0.0, min(p.x1, line.x1) - max(p.x0, line.x0)) for p in on) > line.length - 0.015 * unit


def _pieces(runs: NDArray[Any], view: _View, strip: int) -> tuple[list[_Piece], NDArray[Any]]:
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
    bent = np.where(straight[labels] | (labels == 0), 0, runs)
    good = np.flatnonzero((thickness <= THICKEST * unit) & straight & (x1 > x0))
    if not len(good):
        return [], bent
    widths = x1[good] - x0[good]
    which = np.repeat(np.arange(len(good)), widths)
    along = np.arange(int(widths.sum())) - np.repeat(np.cumsum(widths) - widths, widths) + np.repeat(x0[good], widths)
    line = good[which]
    down = mean_y[line] + slope[line] * (along - mean_x[line])
    half = np.ceil(thickness[line] / 2).astype(int)
    on = _along(view.dark, along, down, -half, half)
    beside = max(3, int(0.003 * unit))
    above = _along(view.smeared, along, down, -half - 1 - beside, -half - 2)
    below = _along(view.smeared, along, down, half + 2, half + 1 + beside)
    first, last = _ends(which[on], along[on], len(good))
    shares = [np.bincount(which, values, len(good)) for values in (on, above, below)]
    pieces = []
    for i, k in enumerate(good):
        a, b = float(first[i]), float(last[i])
        cut = int(x0[k]) % strip == 1 or int(x1[k]) % strip == 0
        if b - a >= (2 if cut else 0.8 * SHORTEST_RUN * unit) and shares[0][i] >= 0.25 * widths[i]:
            middle = float(mean_y[k] + slope[k] * ((a + b) / 2 - mean_x[k])) + 0.5
            fill, over, under = (float(share[i]) / widths[i] for share in shares)
            pieces.append(_Piece(a, b, middle, float(slope[k]), min(1.0, fill * widths[i] / (b - a)), over, under))
    return pieces, bent


def _ends(of: NDArray[Any], xs: NDArray[Any], count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the first and the last position (plus one) of every label; the first lies after the last where none is."""
    low, high = np.full(count, np.iinfo(np.int64).max // 2), np.zeros(count, np.int64)
    np.minimum.at(low, of, xs)
    np.maximum.at(high, of, xs + 1)
    return low, high


def _linked(pieces: Sequence[_Piece], marks: NDArray[np.uint8], unit: int) -> list[_Piece]:
    """Unite the pieces of one line over its breaks, from left to right."""
    band, bands = 0.01 * unit, dict[int, list[list[_Piece]]]()
    done: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.x0, p.middle)):
        level, fitting = int(piece.middle / band), list[list[_Piece]]()
        for near in (level - 1, level, level + 1):
            lines = bands.get(near, [])
            done += [line for line in lines if piece.x0 - line[-1].x1 > LONG_BREAK * unit]
            bands[near] = [line for line in lines if piece.x0 - line[-1].x1 <= LONG_BREAK * unit]
            fitting += [line for line in bands[near] if _continues(line[-1], piece, marks, unit)]
        line = min(fitting, key=lambda line: abs(line[-1].y(piece.x0) - piece.y(piece.x0)), default=[])
        if line:
            bands[int(line[-1].middle / band)].remove(line)
        bands[level].append([*line, piece])
    return [_fitted(line) for line in [*done, *(line for lines in bands.values() for line in lines)]]


def _continues(last: _Piece, piece: _Piece, marks: NDArray[np.uint8], unit: int) -> bool:
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
    two = np.full(len(xs), 2)
    return float(_along(marks, xs, ys, -two, two).mean())


def _along(
    marks: NDArray[Any], xs: NDArray[Any], ys: NDArray[Any], first: NDArray[Any], last: NDArray[Any]
) -> NDArray[np.bool_]:
    """Tell for every point whether a mark stands from `first` to `last` pixels below it."""
    height, width = marks.shape
    columns, rows = np.clip(xs, 0, width - 1), np.rint(ys).astype(int)
    found = np.zeros(len(xs), bool)
    for step in range(int(first.min()), int(last.max()) + 1):
        at = np.minimum(np.maximum(rows + step, 0), height - 1)  # np.clip takes ten times as long for a few points
        found |= marks[at, columns].astype(bool) & (first <= step) & (step <= last)
    return found


def _fitted(line: Sequence[_Piece]) -> _Piece:
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
    return _Piece(x0, x1, middle, slope, min(1.0, fill / (x1 - x0)), above / lengths.sum(), below / lengths.sum())


def _stands_free(line: _Piece) -> bool:
    """Tell a line from strokes of a row of text: dark all along, or else with nothing beside it."""
    return (line.fill >= 0.75 and _beside(line) <= 0.35) or (line.fill >= 0.5 and _beside(line) <= 0.1)


def _stands_alone(line: _Piece) -> bool:
    """Tell what a copier has left of a line from all else."""
    clear, busy = sorted((line.above, line.below))
    along_text = line.fill >= 0.65 and clear <= 0.06 and busy <= 0.5
    return line.fill >= 0.3 and (along_text or _beside(line) <= min(0.2, 0.4 * line.fill))


def _beside(line: _Piece) -> float:
    """How much stands beside a line; a side that is dark all along is another line or a shaded cell, and no text."""
    above, below = (0.0 if side > 0.85 else side for side in (line.above, line.below))
    return (above + below) / 2


def _without_gaps(line: _Piece, crossing: Sequence[_Piece], view: _View, sound: bool) -> list[_Piece]:
    """Split a line where it is not drawn from one crossing to the next, and cut off what text adds to its ends.

    On a page copied to pieces only what is far below the line's own share of ink is a gap.
    """
    xs = np.arange(int(line.x0), int(np.ceil(line.x1)))
    on = _along(view.dark, xs, line.y(0) + line.slope * xs, np.full(len(xs), -2), np.full(len(xs), 2))
    touch = TOUCH * view.unit
    stops = sorted(o.y(line.middle) for o in crossing if o.x0 - touch <= line.y(o.y(line.middle)) <= o.x1 + touch)
    stops = [line.x0, *(x for x in stops if line.x0 + touch < x < line.x1 - touch), line.x1]
    limit = (0.9 if sound else 0.5) * line.fill
    parts: list[_Piece] = []
    for a, b in pairwise(stops):
        inner = on[int(a - line.x0 + min(3, (b - a) / 4)) : int(b - line.x0 - min(3, (b - a) / 4))]
        if len(inner) and float(inner.mean()) < limit:
            continue
        begin = parts.pop().x0 if parts and parts[-1].x1 == a else a
        parts.append(_part(line, begin, b))
    return parts


def _spanning(
    lines: Sequence[_Piece], crossing: Sequence[_Piece], known: Sequence[_Piece], view: _View
) -> list[_Piece]:
    """Find the parts of lines that run unbroken from one crossing line to the next, whatever stands beside them.

    Text keeps off the lines above and below it, so only a ruled line does that. `known` lines of the same direction
    are not found again; where two of them end, a table that goes on overleaf ends, as at a crossing line.
    """
    unit, touch = view.unit, CLOSE_TOUCH * view.unit
    long = [o for o in crossing if o.length >= ONE_ROW * unit and any(_meets(o, k, touch) for k in known)]
    ends = sorted(x for k in known if k.length >= ONE_ROW * unit for x in (k.x0, k.x1))
    ends = [a for a, b in pairwise(ends) if b - a <= touch]
    found: list[_Piece] = []
    for line in lines:
        if line.length < SLIVER * unit:
            continue
        met = [(o.y(line.middle), o) for o in long]
        met = [(x, o) for x, o in met if line.x0 - touch <= x <= line.x1 + touch]
        if not met:
            continue
        stops = [x for x, o in met if o.x0 - touch <= line.y(x) <= o.x1 + touch]
        stops = sorted(stops + [x for x in ends if min(abs(x - line.x0), abs(x - line.x1)) <= touch])
        ways = [(a, b) for a, b in pairwise(stops) if b - a >= SLIVER * unit]
        if any(k.x0 <= line.x0 + touch and k.x1 >= line.x1 - touch and _on(k, line) for k in known):
            continue
        drawn = [way for way in ways if _share(view, line, way[0] + 1, way[1]) >= UNBROKEN]
        if len(drawn) == 1 and _goes_on(view, line, drawn[0], touch):
            drawn = [way for way in drawn if any(_on(k, line) for k in known)]  # or it may be the arc of a seal
        found += [_part(line, a, b) for a, b in _united(drawn)]
    return found


def _goes_on(view: _View, line: _Piece, way: tuple[float, float], touch: float) -> bool:
    """Whether a line is drawn on right behind one of these two ends; a stroke of text beyond it leaves a gap there."""
    before, after = (way[0] - 4 * touch, way[0] - touch), (way[1] + touch, way[1] + 4 * touch)
    return (line.x0 < way[0] - 2 * touch and _share(view, line, *before) >= HALF) or (
        line.x1 > way[1] + 2 * touch and _share(view, line, *after) >= HALF
    )


def _united(ways: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Unite ways of which one begins where the last ends."""
    united: list[tuple[float, float]] = []
    for a, b in ways:
        begin = united.pop()[0] if united and united[-1][1] == a else a
        united.append((begin, b))
    return united


def _meets(one: _Piece, other: _Piece, touch: float) -> bool:
    """Whether a line meets one of the other direction, whose x is its y."""
    x, y = other.y(one.middle), one.y(other.middle)
    return one.x0 - touch <= x <= one.x1 + touch and other.x0 - touch <= y <= other.x1 + touch


def _part(line: _Piece, x0: float, x1: float) -> _Piece:
    return replace(line, x0=x0, x1=x1, middle=line.y((x0 + x1) / 2))


def _share(view: _View, line: _Piece, x0: float, x1: float) -> float:
    """Share of the way from `x0` to `x1` along which a line, carried on as far as that, is dark."""
    xs = np.arange(max(0, int(x0)), min(view.dark.shape[1], int(x1)))
    if not len(xs):
        return 0.0
    two = np.full(len(xs), 2)
    return float(_along(view.dark, xs, line.y(0) + line.slope * xs, -two, two).mean())


def _on(one: _Piece, other: _Piece) -> bool:
    """Whether one line, carried on, passes through the middle of another."""
    return abs(one.y((other.x0 + other.x1) / 2) - other.middle) < 4


def _carried_on(lines: Sequence[_Piece], crossing: Sequence[_Piece], view: _View) -> list[_Piece]:
    """Carry lines on to the next crossing line, as long as all of the way there is dark.

    Where the rim of a seal runs along a line, the two together are no thin stroke any more and were not traced.
    """
    touch = TOUCH * view.unit
    done: list[_Piece] = []
    for line in lines:
        stops = [o.y(line.middle) for o in crossing if o.x0 - touch <= line.y(o.y(line.middle)) <= o.x1 + touch]
        begin, end = line.x0, line.x1
        for stop in sorted(x for x in stops if x > line.x1 + touch):
            end = stop if _share(view, line, line.x1, stop) >= UNBROKEN else end
        for stop in sorted((x for x in stops if x < line.x0 - touch), reverse=True):
            begin = stop if _share(view, line, stop, line.x0) >= UNBROKEN else begin
        done.append(_part(line, begin, end))
    return done


def _without_streaks(lines: list[_Piece], crossing: Sequence[_Piece], view: _View) -> list[_Piece]:
    """Leave out what lies on a streak, the line that dirt on a copier's glass draws over the entire page.

    A streak goes on, with breaks, above and below all else that is ruled.
    """
    unit, end = view.unit, view.dark.shape[1]
    for line in [each for each in lines if each.length >= LOOSE_DOWN * unit]:
        others = [o for o in lines if not _on(line, o)]
        first = min([o.middle for o in crossing] + [o.x0 for o in others], default=0.0)
        last = max([o.middle for o in crossing] + [o.x1 for o in others], default=float(end))
        ways = [(MARGIN * unit, first - 2 * TOUCH * unit), (last + 2 * TOUCH * unit, end - MARGIN * unit)]
        ways = [(a, b) for a, b in ways if b - a > ONE_ROW * unit]
        least = STREAKED if len(ways) > 1 else STREAKED_ONE_WAY
        if ways and min(_share(view, line, a, b) for a, b in ways) >= least:
            return _without_streaks([o for o in others if o is not line], crossing, view)
    return lines


def _anchored(across: list[_Piece], down: list[_Piece], unit: int) -> tuple[list[_Piece], list[_Piece]]:
    """Keep long lines, and of the short ones those that end at kept lines on both sides."""
    kept_across = [p for p in across if p.length >= LOOSE * unit]
    kept_down = [p for p in down if p.length >= LOOSE_DOWN * unit]
    short_across = [p for p in across if p.length < LOOSE * unit]
    short_down = [p for p in down if p.length < LOOSE_DOWN * unit]
    while True:
        more_across = [p for p in short_across if _ends_at(p, kept_down, unit)]
        more_down = [p for p in short_down if _ends_at(p, kept_across, unit)]
        if not more_across and not more_down:
            return kept_across, kept_down
        kept_across, kept_down = kept_across + more_across, kept_down + more_down
        short_across = [p for p in short_across if not any(p is m for m in more_across)]
        short_down = [p for p in short_down if not any(p is m for m in more_down)]


def _ends_at(piece: _Piece, others: Sequence[_Piece], unit: int) -> bool:
    """Whether both ends of a line meet lines of the other direction (whose x is its y), or run a little beyond."""
    touch = (CLOSE_TOUCH if piece.length < ONE_ROW * unit else TOUCH) * unit
    beyond = 0.3 * piece.length
    met = [o.y(piece.middle) for o in others if o.x0 - touch <= piece.middle <= o.x1 + touch]
    at_begin = any(piece.x0 - touch <= x <= piece.x0 + beyond for x in met)
    return at_begin and any(piece.x1 - beyond <= x <= piece.x1 + touch for x in met)
