"""Numbers among the characters of a black seal: they stand on the level of their row and in line with their column.

On a copy a seal is as black as print. Its rim is a circle still; where one is, ink in a cell that is as tall as the
page's numbers, level with its row and in line with its column is shown to the readers without the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from service.scan.picture.clean import Gray
from service.scan.picture.rims import PAPER, STEP, Circle, find_rims
from service.scan.print.ink import Blot, Ink
from service.scan.print.lines import CellInk, Frame, InkLine, around
from service.scan.print.regions import CellFrame
from service.scan.print.snips import Lane, Snip, snip_ink_line

_LARGE, _FULL = 3.0, 0.35
"""Ink so wide or high at least, in heights of a digit, that fills no more of its place than this, may be of a rim."""
_RIM, _INK = 8, 0.25
"""Pixels to both sides of its circle in which a rim may be, which is as broad as more than this share of it is ink."""
_PLAIN, _NUMBER = 1.5, 3.0
"""A line of print is no higher than this, in heights of a digit, and a number no wider, in heights of its own."""
_FEW = 3
"""So many numbers tell how tall the page's are."""
_TALL = (0.8, 1.3)
"""Height of a number, or a slash, at least and at most, in heights of the page's numbers, as all that follow."""
_LEVEL, _IN_LINE = 0.2, 0.6
"""How far its middle lies from the level of its row, and its left end, middle or right end from its column's."""
_GAP, _WIDEST = 0.6, 5.0
"""Widest gap between its digits, and its width at most."""
_BESIDE, _DIGIT = 0.4, 0.45
"""How near its points and its sign are, and other ink that may be a digit of it, so much of which is level with it."""
_MARK = 0.3
"""Height or width of foreign ink that is worth being taken out, at least, and both of a character beyond the seal."""
_UPRIGHT, _EDGE = 0.75, 4
"""Share of the height of a number that ink beside it fills where a one could stand in it, and pixels along the sides of
a cell where its own rules do."""
_JOINED = (3, 5)
"""Pixels down and across: what is closer together is one piece. Less than elsewhere, where the arcs of a worn zero must
not fall apart: characters of the seal stand near."""


@dataclass(frozen=True, slots=True)
class _Lanes:
    """Where the numbers of the rows and columns stand that no seal touches; pixels."""

    level: Mapping[Lane, float]
    sides: Mapping[Lane, NDArray[np.float64]]
    """Left end, middle, and right end."""


def among_seals(
    gray: Gray, ink: Ink, places: Sequence[CellFrame], cells: Sequence[CellInk], digit: float
) -> Mapping[int, Snip]:
    """The numbers that stand among other ink of a black seal, cut out without that.

    Args:
        gray: the cleaned page.
        ink: the page's ink.
        places: the cells of all tables.
        cells: what stands in each of them.
        digit: height of a digit in pixels.

    Returns:
        A snip by the index of its cell; none of cells that hold other ink beyond the seal, too, which are labels, and
        of numbers that the rim touches.
    """
    single = {i: cell.lines[0].box for i, cell in enumerate(cells) if len(cell.lines) == 1}
    plain = {i: box for i, box in single.items() if box.height < _PLAIN * digit}
    rims = _black_rims(gray, ink, digit) if len(plain) >= _FEW else []
    plain = {i: box for i, box in plain.items() if not any(_reaches(rim, box) for rim in rims)}
    numbers = {i: box for i, box in plain.items() if box.width < _NUMBER * box.height}
    if not rims or len(numbers) < _FEW:
        return {}
    tall = float(np.median([box.height for box in numbers.values()]))
    lanes = _lanes(places, plain, numbers)
    found = {}
    for i, place in enumerate(places):
        near = [rim for rim in rims if i not in plain and _reaches(rim, place.frame)]
        number = _number(_CellPrint.of(gray, ink, place.frame, near), place, lanes, tall) if near else None
        if number is not None:
            found[i] = number
    return found


def _black_rims(gray: Gray, ink: Ink, digit: float) -> list[Circle]:
    """The rims of seals that are as black as print."""
    large = [
        blot.label
        for blot in ink.blots
        if max(blot.width, blot.height) >= _LARGE * digit and blot.area <= _FULL * blot.width * blot.height
    ]
    if not large:
        return []
    shown = np.zeros(int(ink.labels.max()) + 1, np.uint8)
    shown[large] = 255
    small = cv2.resize(shown[ink.labels], None, fx=1 / STEP, fy=1 / STEP, interpolation=cv2.INTER_AREA)
    return find_rims(gray, np.asarray((small > 0) * 255, np.uint8))


def _breadth(rim: Circle, gray: Gray) -> tuple[int, int]:
    """Pixels from its circle to which a rim reaches inwards, as a negative number, and outwards."""
    shares = np.nanmean(rim.ring(gray, range(-_RIM, _RIM + 1)) < PAPER, axis=1)
    thin = np.flatnonzero(shares <= _INK) - _RIM
    return int(max(thin[thin < 0], default=-_RIM - 1)) + 1, int(min(thin[thin > 0], default=_RIM + 1)) - 1


def _reaches(rim: Circle, box: Frame) -> bool:
    """Whether a seal reaches into a frame."""
    x, y = min(max(rim.x, box.x0), box.x1), min(max(rim.y, box.y0), box.y1)
    return float(np.hypot(x - rim.x, y - rim.y)) <= rim.radius + _RIM


def _lanes(places: Sequence[CellFrame], plain: Mapping[int, Frame], numbers: Mapping[int, Frame]) -> _Lanes:
    levels: defaultdict[Lane, list[float]] = defaultdict(list)
    sides: defaultdict[Lane, list[tuple[float, float, float]]] = defaultdict(list)
    for i, box in plain.items():
        for lane in places[i].lanes:
            if lane[1] == "row":
                levels[lane].append((box.y0 + box.y1) / 2)
            elif i in numbers:
                sides[lane].append((box.x0, (box.x0 + box.x1) / 2, box.x1))
    return _Lanes(
        {lane: float(np.median(several)) for lane, several in levels.items()},
        {lane: np.median(several, axis=0) for lane, several in sides.items()},
    )


@dataclass(frozen=True, slots=True, eq=False)
class _CellPrint:
    """The inside of a cell that a seal reaches into, without its rim. Blots are in pixels of this cut-out."""

    frame: Frame
    gray: Gray
    ink: Ink
    within: tuple[bool, ...]
    """Of each blot, whether it lies within a seal, at least in part."""
    gone: NDArray[np.bool_]
    """Height x width: the ink that is no print: the rim, rules and streaks."""
    cut: tuple[bool, ...]
    """Of each blot, whether it touches a rim or what is no print, which may have taken a part of it along."""

    @classmethod
    def of(cls, gray: Gray, ink: Ink, frame: Frame, rims: Sequence[Circle]) -> _CellPrint:
        """Cut out; ink that a page's rims and characters join falls into smaller pieces."""
        part = (slice(frame.y0, frame.y1), slice(frame.x0, frame.x1))
        x, y = np.arange(frame.x0, frame.x1), np.arange(frame.y0, frame.y1)[:, None]
        dark = ink.labels[part] > 0
        inside, on_rim = np.zeros(dark.shape, np.bool_), np.zeros(dark.shape, np.bool_)
        for rim in rims:
            away = np.hypot(x - rim.x, y - rim.y) - rim.radius
            low, high = _breadth(rim, gray)
            inside |= away < 0
            on_rim |= (away > low - 1) & (away < high + 1)
        own = np.asarray(dark & ~on_rim, np.uint8)
        gone = np.asarray((dark | ink.mask[part]) & (own == 0), np.bool_)
        beside = cv2.dilate(gone.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
        joined = cv2.dilate(own, np.ones(_JOINED, np.uint8))
        _, regions = cv2.connectedComponents(joined, connectivity=8, ltype=cv2.CV_32S)
        labels = np.asarray(regions * own, np.int32)
        blots, within, cut = [], [], []
        for label in range(1, int(labels.max(initial=0)) + 1):
            rows, columns = np.nonzero(labels == label)
            if len(rows):
                box = (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)
                blots.append(Blot(label, *box, len(rows)))
                within.append(bool(inside[rows, columns].any()))
                cut.append(bool(beside[rows, columns].any()))
        return cls(frame, gray[part], Ink(ink.mask[part], labels, tuple(blots)), tuple(within), gone, tuple(cut))


def _number(cell: _CellPrint, place: CellFrame, lanes: _Lanes, tall: float) -> Snip | None:
    """The number of a cell, where one is told by its place, and other ink stands beside it."""
    level = next((lanes.level[lane] for lane in place.lanes if lane in lanes.level), None)
    if level is None:
        return None
    level -= place.frame.y0
    fit = [
        blot
        for blot in cell.ink.blots
        if _TALL[0] * tall <= blot.height <= _TALL[1] * tall and abs(blot.y0 + blot.y1 - 2 * level) <= 2 * _LEVEL * tall
    ]
    sides = next((lanes.sides[lane] - place.frame.x0 for lane in place.lanes if lane in lanes.sides), None)
    groups = [group for group in _groups(fit, tall) if _is_in_line(around(group), sides, tall)]
    if len(groups) != 1:
        return None
    number = frozenset(blot.label for blot in groups[0])
    told = list(zip(cell.ink.blots, cell.within, cell.cut, strict=True))
    others = [(blot, within) for blot, within, _ in told if blot.label not in number]
    foreign = any(max(blot.width, blot.height) >= _MARK * tall for blot, _ in others)
    beyond = any(min(blot.width, blot.height) >= _MARK * tall for blot, within in others if not within)
    cut = any(cut for blot, _, cut in told if blot.label in number)
    box = around(groups[0])
    if not foreign or beyond or cut or _may_go_on(cell, box, tall):
        return None
    near = [blot for blot, _ in others if _is_beside(blot, box, _BESIDE * tall)]
    if any(min(blot.y1, box.y1) - max(blot.y0, box.y0) >= _DIGIT * tall for blot in near):
        return None
    signs = [blot for blot in near if blot.height < _DIGIT * tall]
    return _snip(cell, [*groups[0], *signs], place, tall)


def _groups(blots: Sequence[Blot], tall: float) -> list[list[Blot]]:
    """Digits that stand beside each other."""
    groups: list[list[Blot]] = []
    for blot in sorted(blots, key=lambda one: one.x0):
        if groups and blot.x0 - groups[-1][-1].x1 <= _GAP * tall:
            groups[-1].append(blot)
        else:
            groups.append([blot])
    return groups


def _is_in_line(box: Frame, sides: NDArray[np.float64] | None, tall: float) -> bool:
    """Whether a number may be of a column, of which nothing may be known."""
    if box.width > _WIDEST * tall:
        return False
    own = np.array([box.x0, (box.x0 + box.x1) / 2, box.x1])
    return sides is None or float(np.abs(own - sides).min()) <= _IN_LINE * tall


def _is_beside(blot: Blot, box: Frame, reach: float) -> bool:
    """Whether ink stands on the level of a number and as near as one of its digits, its point or its sign would."""
    level = min(blot.y1, box.y1) > max(blot.y0, box.y0)
    return level and blot.x0 - box.x1 <= reach and box.x0 - blot.x1 <= reach


def _may_go_on(cell: _CellPrint, box: Frame, tall: float) -> bool:
    """Whether ink that is no print stands upright beside a number, and may have a digit in it."""
    reach = round(_GAP * tall)
    x0, x1 = max(_EDGE, box.x0 - reach), min(cell.frame.width - _EDGE, box.x1 + reach)
    upright = np.count_nonzero(cell.gone[box.y0 : box.y1, x0:x1], axis=0)
    return bool((upright >= _UPRIGHT * box.height).any())


def _snip(cell: _CellPrint, number: Sequence[Blot], place: CellFrame, tall: float) -> Snip:
    """The number cut out of its cell, in its place on the page."""
    frame = cell.frame
    inside = Frame(0, 0, frame.width, frame.height)
    snip = snip_ink_line(cell.gray, cell.ink, InkLine(tuple(number)), inside, tall, place.lanes)
    box = snip.box
    on_page = Frame(box.x0 + frame.x0, box.y0 + frame.y0, box.x1 + frame.x0, box.y1 + frame.y0)
    return replace(snip, x=snip.x + frame.x0, y=snip.y + frame.y0, box=on_page, whole=True)
