"""Page picture -> ruled lines.

Which of the strokes of a page (`service.scan.ruling.traced`) are ruled lines: by what stands beside them, where they
end, and what they cross. Lengths are in units of the page's shorter side unless they say pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Rule
from service.scan.ruling.arcs import without_arcs
from service.scan.ruling.traced import MARGIN, SHORTEST_RUN, LineView, Piece, line_view, marked_at, trace

WORKING_WIDTH = 1700
"""Pixels to which the shorter side of larger pictures is scaled: 200 dpi on A4, where a hairline still has a pixel."""
DOTTED_RUN = 0.04
"""Unbroken run that begins a line of which a copier has left dots, which are run together first."""
SOUND = 0.9
"""A page whose longest lines are so well filled was not copied to pieces."""
LOOSE = 0.12
"""A horizontal line from this length on may stand alone; a shorter one must end at others, as strokes of text don't."""
LOOSE_DOWN = 0.08
"""The same for a vertical line."""
LONG = 0.3
"""Nothing but a line goes on for so long with nothing beside it, gaps or none."""
TOUCH = 0.009
"""How far a line may end from the line at which it ends ..."""
CLOSE_TOUCH = 0.0025
"""... and how far if it is no longer than a row is high, as the stems of large digits are."""
ONE_ROW = 0.045
UNBROKEN = 0.96
"""Share of the way between two crossing lines that a line must fill to be one whatever stands beside it."""
HALF = 0.5
"""Share of the way right behind a crossing line from which on a line goes on there."""
CLEAR = 0.2
"""Of a row's line so much may have something beside it: where the lines meet that it crosses."""
ROW_SIDES = 4
"""So many vertical lines that end level on a horizontal one are those of a row."""
STREAKED = 0.3
"""Share of the way beyond all else that is ruled on a page that a streak fills; a ruled line fills nothing of it."""
STREAKED_ONE_WAY = 0.7
"""The same where it can be seen above the table only, or below only: lines of prose fill nearly half of any way."""
STREAKED_SURELY = 0.8
"""The same where a line runs into a streak on one side, and leaves it on the other."""
DARKER = 50
"""Grey levels by which a ruled line is darker than a streak that runs along it."""
SLIVER = 0.008
"""Lines nearer than that are the two halves of a double one."""


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
    views = [line_view(gray, unit), line_view(np.ascontiguousarray(gray.T), unit)]
    traced = [_drawn_out(trace(view, 0.005, SHORTEST_RUN), view) for view in views]
    sound = _sound(traced[0], traced[1], unit)
    lines = [_unbroken(each, unit) if sound else _dotted(each, view) for each, view in zip(traced, views, strict=True)]
    kept = _anchored(lines[0], lines[1], unit)
    kept = _with_partners((kept[0], _with_cut_row(kept, lines[1], unit)), (lines[0], lines[1]), unit) if sound else kept
    kept = _without_streaks(kept[0], kept[1], views[0]), _without_streaks(kept[1], kept[0], views[1])
    across = [part for line in kept[0] for part in _without_gaps(line, kept[1], views[0], sound)]
    down = [part for line in kept[1] for part in _without_gaps(line, kept[0], views[1], sound)]
    for _ in range(2):
        more = _spanning(traced[0], down, across, views[0]), _spanning(traced[1], across, down, views[1])
        across = _without_streaks(across + more[0], down, views[0])
        down = _without_streaks(down + more[1], across, views[1])
    across, down = _carried_on(across, down, views[0]), _carried_on(down, across, views[1])
    across, down = _without_streaks(across, down, views[0]), _without_streaks(down, across, views[1])
    across, down = without_arcs(across, views[0]), without_arcs(down, views[1])
    rules = [Rule(p.x0 / width, p.y(p.x0) / height, p.x1 / width, p.y(p.x1) / height) for p in across]
    rules += [Rule(p.y(p.x0) / width, p.x0 / height, p.y(p.x1) / width, p.x1 / height) for p in down]
    return tuple(rules)


def _sound(across: Sequence[Piece], down: Sequence[Piece], unit: int) -> bool:
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


def _unbroken(lines: Sequence[Piece], unit: int) -> list[Piece]:
    """Leave out what has gaps: rows of strokes, and stems of digits that stop short of the lines above and below."""
    row, loose = ONE_ROW * unit, LOOSE_DOWN * unit
    kept = [p for p in lines if _stands_free(p) and p.fill >= (0.93 if p.length < row else 0.88)]
    bare = [p for p in lines if row < p.length < loose and max(p.above, p.below) <= 0.05]  # must end at other lines
    faint = [p for p in lines if p.length >= LONG * unit and max(p.above, p.below) <= 0.1]
    return kept + [p for p in bare if 0.78 <= p.fill < 0.88] + [p for p in faint if 0.7 <= p.fill < 0.88]


def _dotted(lines: Sequence[Piece], view: LineView) -> list[Piece]:
    """Keep lines with gaps as long as next to nothing is beside them, and look for rows of dots as well."""
    kept = [line for line in lines if _stands_alone(line) and not _of_digits(line, view)]
    dotted = [p for p in trace(view, 0.02, DOTTED_RUN) if p.length >= LOOSE_DOWN * view.unit and _stands_alone(p)]
    dotted = [p for p in dotted if not _of_digits(p, view)]
    return kept + [line for line in dotted if not _known(line, kept, view.unit)]


def _drawn_out(lines: Sequence[Piece], view: LineView) -> list[Piece]:
    """Lines to where their ink ends: blurred to be traced, they fade before others at which they end."""
    if not lines:
        return []
    reach, ways = int(TOUCH * view.unit), np.array([-1, 1])
    ends = np.array([(line.x0, line.x1) for line in lines])
    first, slopes = np.array([(line.y(0), line.slope) for line in lines]).T[..., None, None]
    xs = ends.astype(int)[..., None] + ways[:, None] * np.arange(1, reach + 1)
    on = marked_at(view.dark, xs.ravel(), (first + slopes * xs).ravel(), -1, 1).reshape(xs.shape)
    ends += ways * np.where(on.all(axis=2), reach, on.argmin(axis=2))
    return [_part(line, x0, x1) for line, (x0, x1) in zip(lines, ends.tolist(), strict=True)]


def _of_digits(line: Piece, view: LineView) -> bool:
    """Whether a line is made of the stems of digits above each other: strokes and gaps are both as long as those."""
    if line.fill >= 0.8:
        return False
    xs = np.arange(max(0, int(line.x0)), min(view.dark.shape[1], int(line.x1) + 1))
    on = marked_at(view.dark, xs, line.y(0) + line.slope * xs, -2, 2)
    steps = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(int)))
    strokes, gaps = steps[1::2] - steps[::2], steps[2::2] - steps[1:-1:2]
    if len(gaps) < 2:
        return False
    longest, stroke = 0.025 * view.unit, float((strokes**2).sum() / strokes.sum())
    gap = float((gaps**2).sum() / gaps.sum())
    return int(strokes.max()) < longest and stroke > 0.004 * view.unit and gap > 0.006 * view.unit


def _known(line: Piece, lines: Sequence[Piece], unit: int) -> bool:
    """Whether a line adds next to nothing to others."""
    on = [p for p in lines if abs(p.y((line.x0 + line.x1) / 2) - line.middle) < 5]
    return sum(max(0.0, min(p.x1, line.x1) - max(p.x0, line.x0)) for p in on) > line.length - 0.015 * unit


def _stands_free(line: Piece) -> bool:
    """Tell a line from strokes of a row of text: dark all along, or else with nothing beside it."""
    return (line.fill >= 0.75 and _beside(line) <= 0.35) or (line.fill >= 0.5 and _beside(line) <= 0.1)


def _stands_alone(line: Piece) -> bool:
    """Tell what a copier has left of a line from all else."""
    clear, busy = sorted((line.above, line.below))
    along_text = line.fill >= 0.65 and clear <= 0.06 and busy <= 0.5
    return line.fill >= 0.3 and (along_text or _beside(line) <= min(0.2, 0.4 * line.fill))


def _beside(line: Piece) -> float:
    """How much stands beside a line; a side that is dark all along is another line or a shaded cell, and no text."""
    above, below = (0.0 if side > 0.85 else side for side in (line.above, line.below))
    return (above + below) / 2


def _without_gaps(line: Piece, crossing: Sequence[Piece], view: LineView, sound: bool) -> list[Piece]:
    """Split a line where it is not drawn from one crossing to the next, and cut off what text adds to its ends.

    On a page copied to pieces only what is far below the line's own share of ink is a gap.
    """
    xs = np.arange(int(line.x0), int(np.ceil(line.x1)))
    on = marked_at(view.dark, xs, line.y(0) + line.slope * xs, -2, 2)
    touch = TOUCH * view.unit
    stops = sorted(o.y(line.middle) for o in crossing if o.x0 - touch <= line.y(o.y(line.middle)) <= o.x1 + touch)
    stops = [line.x0, *(x for x in stops if line.x0 + touch < x < line.x1 - touch), line.x1]
    limit = (0.9 if sound else 0.5) * line.fill
    parts: list[Piece] = []
    for a, b in pairwise(stops):
        inner = on[int(a - line.x0 + min(3, (b - a) / 4)) : int(b - line.x0 - min(3, (b - a) / 4))]
        if len(inner) and float(inner.mean()) < limit:
            continue
        begin = parts.pop().x0 if parts and parts[-1].x1 == a else a
        parts.append(_part(line, begin, b))
    return parts


def _spanning(lines: Sequence[Piece], crossing: Sequence[Piece], known: Sequence[Piece], view: LineView) -> list[Piece]:
    """Find the parts of lines that run unbroken from one crossing line to the next, whatever stands beside them.

    Text keeps off the lines above and below it, so only a ruled line does that. `known` lines of the same direction
    are not found again; where two of them end, a table that goes on overleaf ends, as at a crossing line.
    """
    unit, touch = view.unit, CLOSE_TOUCH * view.unit
    long = [o for o in crossing if o.length >= ONE_ROW * unit and any(_meets(o, k, touch) for k in known)]
    ends = sorted(x for k in known if k.length >= ONE_ROW * unit for x in (k.x0, k.x1))
    level = np.array([a for a, b in pairwise(ends) if b - a <= touch])
    found: list[Piece] = []
    for line, met in _met([line for line in lines if line.length >= SLIVER * unit], long, touch):
        stops = [x for x, o in met if o.x0 - touch <= line.y(x) <= o.x1 + touch]
        stops += level[(np.abs(level - line.x0) <= touch) | (np.abs(level - line.x1) <= touch)].tolist()
        ways = [(a, b) for a, b in pairwise(sorted(stops)) if b - a >= SLIVER * unit]
        if any(k.x0 <= line.x0 + touch and k.x1 >= line.x1 - touch and _on(k, line) for k in known):
            continue
        drawn = [way for way in ways if _share(view, line, way[0] + 1, way[1]) >= UNBROKEN]
        if len(drawn) == 1 and _goes_on(view, line, drawn[0], touch):
            drawn = [way for way in drawn if any(_on(k, line) for k in known)]  # or it may be the arc of a seal
        found += [_part(line, a, b) for a, b in _united(drawn)]
    return found


def _met(
    lines: Sequence[Piece], crossing: Sequence[Piece], touch: float
) -> list[tuple[Piece, list[tuple[float, Piece]]]]:
    """Lines with those of the other direction that, carried on, cross them or nearly so, and where; not without any."""
    if not lines or not crossing:
        return []
    x0, x1, at = np.array([(p.x0 - touch, p.x1 + touch, p.middle) for p in lines]).T[..., None]
    middle, slope, centre = np.array([(o.middle, o.slope, (o.x0 + o.x1) / 2) for o in crossing]).T
    places = middle + slope * (at - centre)
    near = (x0 <= places) & (places <= x1)
    return [
        (lines[i], [(float(places[i, j]), crossing[j]) for j in np.flatnonzero(near[i])])
        for i in np.flatnonzero(near.any(axis=1))
    ]


def _goes_on(view: LineView, line: Piece, way: tuple[float, float], touch: float) -> bool:
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


def _meets(one: Piece, other: Piece, touch: float) -> bool:
    """Whether a line meets one of the other direction, whose x is its y."""
    x, y = other.y(one.middle), one.y(other.middle)
    return one.x0 - touch <= x <= one.x1 + touch and other.x0 - touch <= y <= other.x1 + touch


def _part(line: Piece, x0: float, x1: float) -> Piece:
    return Piece(x0, x1, line.y((x0 + x1) / 2), line.slope, line.fill, line.above, line.below)


def _share(view: LineView, line: Piece, x0: float, x1: float) -> float:
    """Share of the way from `x0` to `x1` along which a line, carried on as far as that, is dark."""
    xs = np.arange(max(0, int(x0)), min(view.dark.shape[1], int(x1)))
    if not len(xs):
        return 0.0
    return float(marked_at(view.dark, xs, line.y(0) + line.slope * xs, -2, 2).mean())


def _on(one: Piece, other: Piece) -> bool:
    """Whether one line, carried on, passes through the middle of another."""
    return abs(one.y((other.x0 + other.x1) / 2) - other.middle) < 4


def _carried_on(lines: Sequence[Piece], crossing: Sequence[Piece], view: LineView) -> list[Piece]:
    """Carry lines on to the next crossing line, as long as all of the way there is dark.

    Where the rim of a seal runs along a line, the two together are no thin stroke any more and were not traced.
    """
    touch = TOUCH * view.unit
    done: list[Piece] = []
    for line in lines:
        stops = [o.y(line.middle) for o in crossing if o.x0 - touch <= line.y(o.y(line.middle)) <= o.x1 + touch]
        begin, end = line.x0, line.x1
        for stop in sorted(x for x in stops if x > line.x1 + touch):
            end = stop if min(_share(view, line, x, stop) for x in (line.x1, end)) >= UNBROKEN else end
        for stop in sorted((x for x in stops if x < line.x0 - touch), reverse=True):
            begin = stop if min(_share(view, line, stop, x) for x in (line.x0, begin)) >= UNBROKEN else begin
        done.append(_part(line, begin, end))
    return done


def _without_streaks(lines: list[Piece], crossing: Sequence[Piece], view: LineView) -> list[Piece]:
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
        shares = [_share(view, line, a, b) for a, b in ways]
        least = STREAKED if len(ways) > 1 else STREAKED_ONE_WAY
        if ways and (min(shares) >= least or max(shares) >= STREAKED_SURELY):
            slanted = _slant(line, others) * (last - first) > SLIVER * unit  # a streak, and no line of this table
            ruled = [] if slanted else _darker(line, ways[int(np.argmax(shares))], crossing, view)
            return _without_streaks([o for o in others if o is not line], crossing, view) + ruled
    return lines


def _slant(line: Piece, others: Sequence[Piece]) -> float:
    """By how much the slope of a line differs from that of others, each by its length."""
    lengths = sum(o.length for o in others)
    return abs(line.slope - sum(o.slope * o.length for o in others) / lengths) if lengths else 0.0


def _darker(line: Piece, streak: tuple[float, float], crossing: Sequence[Piece], view: LineView) -> list[Piece]:
    """The parts of a line, from one crossing to the next, that are far darker than the streak that it lies on."""
    level = _grey(view, line, *streak)
    stops = sorted(o.y(line.middle) for o in crossing if line.x0 <= o.y(line.middle) <= line.x1)
    ways = [(a, b) for a, b in pairwise(stops) if b - a >= SLIVER * view.unit]
    return [_part(line, a, b) for a, b in _united([way for way in ways if _grey(view, line, *way) < level - DARKER])]


def _grey(view: LineView, line: Piece, x0: float, x1: float) -> float:
    """How dark a line is, by most of the points between two."""
    xs = np.arange(max(0, int(x0)), min(view.picture.shape[1], int(x1)))
    rows = np.rint(line.y(0) + line.slope * xs).astype(int)[None] + np.arange(-2, 3)[:, None]
    return float(np.median(view.picture[rows.clip(0, view.picture.shape[0] - 1), xs].min(axis=0)))


def _anchored(across: list[Piece], down: list[Piece], unit: int) -> tuple[list[Piece], list[Piece]]:
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


def _with_partners(
    kept: tuple[list[Piece], list[Piece]], lines: tuple[list[Piece], list[Piece]], unit: int
) -> tuple[list[Piece], list[Piece]]:
    """Add short lines that end at each other, or level with a line of the table that has lost the piece there.

    Strokes of text end at each other as well: only what hangs together with the kept lines is of their table.
    """
    known = {id(p) for each in kept for p in each}
    loose = [[p for p in each if id(p) not in known and p.fill >= UNBROKEN] for each in lines]
    while True:
        told = [[p for p in loose[i] if _is_told(p, kept[1 - i], loose[1 - i], unit)] for i in (0, 1)]
        if told == loose:
            break
        loose = told
    more = [[p for p in loose[i] if _hangs_on(p, kept[1 - i], unit)] for i in (0, 1)]
    return _with_partners((kept[0] + more[0], kept[1] + more[1]), lines, unit) if any(more) else kept


def _with_cut_row(kept: tuple[list[Piece], list[Piece]], down: Sequence[Piece], unit: int) -> list[Piece]:
    """The kept vertical lines, and those of a row that stands alone on its page, one of its horizontal lines lost.

    Short lines with nothing beside them stand on the other one, or hang from it, and end level: `ROW_SIDES` of them or
    more, one at its end.
    """
    touch, known = CLOSE_TOUCH * unit, {id(p) for p in kept[1]}
    loose = [p for p in down if id(p) not in known and p.fill >= UNBROKEN and max(p.above, p.below) <= CLEAR]
    more: list[Piece] = []
    for line in kept[0]:
        for side in (0, 1):
            met = [p for p in loose if abs((p.x0, p.x1)[side] - line.y(p.middle)) <= touch]
            met = [p for p in met if line.x0 - touch <= p.middle <= line.x1 + touch]
            ends = [(p.x1, p.x0)[side] for p in met]
            row = [p for p, end in zip(met, ends, strict=True) if sum(abs(end - x) <= touch for x in ends) >= ROW_SIDES]
            if any(abs(p.middle - end) <= touch for p in row for end in (line.x0, line.x1)):
                more += [p for p in row if not any(p is m for m in more)]
    return kept[1] + more


def _is_told(piece: Piece, kept: Sequence[Piece], loose: Sequence[Piece], unit: int) -> bool:
    """Whether both ends of a line are at kept lines of the other direction, carried on, or at loose ones."""
    touch = CLOSE_TOUCH * unit
    stops = [o.y(piece.middle) for o in kept]
    stops += [o.y(piece.middle) for o in loose if o.x0 - touch <= piece.middle <= o.x1 + touch]
    return all(any(abs(stop - end) <= touch for stop in stops) for end in (piece.x0, piece.x1))


def _hangs_on(piece: Piece, others: Sequence[Piece], unit: int) -> bool:
    """Whether one end of a line meets a line of the other direction."""
    touch = CLOSE_TOUCH * unit
    met = [o.y(piece.middle) for o in others if o.x0 - touch <= piece.middle <= o.x1 + touch]
    return any(abs(stop - end) <= touch for stop in met for end in (piece.x0, piece.x1))


def _ends_at(piece: Piece, others: Sequence[Piece], unit: int) -> bool:
    """Whether both ends of a line meet lines of the other direction (whose x is its y), or run a little beyond."""
    touch = (CLOSE_TOUCH if piece.length < ONE_ROW * unit else TOUCH) * unit
    beyond = 0.3 * piece.length
    met = [o.y(piece.middle) for o in others if o.x0 - touch <= piece.middle <= o.x1 + touch]
    at_begin = any(piece.x0 - touch <= x <= piece.x0 + beyond for x in met)
    return at_begin and any(piece.x1 - beyond <= x <= piece.x1 + touch for x in met)
