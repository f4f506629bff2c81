"""Numbers that reach over a side of their cell: a digit that stands on the rule there is print, and no rule.

Typed into a printed form, or too wide for its cell, a number may run onto the rule beside it. A one can vanish in that
rule, and what is left reads surely as another number. On the level of a number the rule is therefore held against what
it is like above and below: ink as tall as a digit that it has there only belongs to the number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from service.scan.picture.clean import Gray
from service.scan.print.lines import CellInk, Frame, InkLine, around
from service.scan.print.regions import CellFrame
from service.scan.print.snips import Snip, on_paper

_NEAR = 0.6
"""Widest gap between a number and a digit on the rule beside it, in heights of a digit, as all that follow."""
_BEYOND = 1.2
"""How far beyond the side of its cell a digit is looked for."""
_ALONG = 2.0
"""How far above and below its cell a rule is looked at."""
_TALL, _TALLEST = 0.7, 1.4
"""Height of a line of digits, at least and at most."""
_PART, _AREA = 0.3, 0.03
"""Height of the part of it that was overlooked, at least, and its area in squares of a digit's height."""
_TOUCH = 1
"""Pixels from the side within which a digit looks like a rest of the rule where the cell is cut out."""
_LEVEL = 0.15
"""How far the upper and the lower end of a digit may lie from those of the others; a piece of a rule ends anywhere."""
_PAD = 0.4
"""Paper around the number."""
_INK = 60
"""Grey levels by which print is darker than the paper, or than the rule that it stands on."""
_USUAL = 80
"""Percent of a rule's dots that are no darker than it usually is: lines that cross it may be, and print on it."""
_RULE = 6
"""Pixels from the side of a cell within which its rule lies."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Of a number what reaches beyond a side of its cell; pixels of the page."""

    ink: Frame
    """Where it stands."""
    patch: Frame
    """The same with the rule and with the rows above and below ..."""
    picture: Gray
    """... and the dots there without the rule."""
    foreign: float
    """Share of its ink that stands on the other side of the rule."""


def overhangs(gray: Gray, places: Sequence[CellFrame], cells: Sequence[CellInk], digit: float) -> Mapping[int, Snip]:
    """The numbers that stand partly on a rule beside their cell, cut out whole and without that rule.

    Args:
        gray: the cleaned page.
        places: the cells of all tables.
        cells: what stands in each of them.
        digit: height of a digit in pixels.

    Returns:
        A snip by the index of its cell; none of cells with several lines, which hold labels.
    """
    boxes = [line.box for cell in cells for line in cell.lines]
    found = {}
    for i, (place, cell) in enumerate(zip(places, cells, strict=True)):
        if len(cell.lines) != 1 or not _TALL * digit <= cell.lines[0].box.height <= _TALLEST * digit:
            continue
        parts = _parts(gray, place.frame, cell.lines[0].box, digit)
        parts = [part for part in parts if not _is_of_another(part, cell.lines[0].box, boxes)]
        if parts:
            found[i] = _whole(gray, place, cell.lines[0], parts, digit)
    return found


def _parts(gray: Gray, frame: Frame, box: Frame, digit: float) -> list[_Part]:
    """What of a line of print stands on the rules left and right of its cell."""
    found = [_beyond_left(gray, frame, box, digit)]
    width = gray.shape[1]
    right = _beyond_left(gray[:, ::-1], _mirrored(frame, width), _mirrored(box, width), digit)
    if right is not None:
        ink, patch = _mirrored(right.ink, width), _mirrored(right.patch, width)
        found.append(replace(right, ink=ink, patch=patch, picture=right.picture[:, ::-1]))
    return [part for part in found if part is not None]


def _beyond_left(gray: Gray, frame: Frame, box: Frame, digit: float) -> _Part | None:
    """What of a line of print stands on the rule left of its cell."""
    if box.x0 - frame.x0 > _NEAR * digit:
        return None
    x0, x1 = max(0, frame.x0 - round(_BEYOND * digit)), min(frame.x1, box.x0 + round(digit))
    around_level = round(2 * _LEVEL * digit)
    y0, y1 = max(frame.y0, box.y0 - around_level), min(frame.y1, box.y1 + around_level)
    bare, rule = _without_rule(gray, frame, Frame(x0, y0, x1, y1), digit)
    _, labels, stats, _ = cv2.connectedComponentsWithStats((bare >= _INK).astype(np.uint8), connectivity=8)
    inside = frame.x0 - x0
    seen = max(inside, box.x0 - x0)
    chosen = np.zeros(labels.shape, np.bool_)
    for label, (left, top, width, height, _) in enumerate(stats.tolist()[1:], 1):
        overlooked = labels[:, :seen] == label
        large = np.count_nonzero(overlooked.any(axis=1)) >= _PART * digit
        large = large and np.count_nonzero(overlooked) >= _AREA * digit * digit
        on_rule = rule[0] <= left + width and left <= rule[1] + 1
        near = box.x0 - x0 - (left + width) <= _NEAR * digit
        level = max(abs(y0 + top - box.y0), abs(y0 + top + height - box.y1)) <= _LEVEL * digit
        if on_rule and near and level and (large or left <= inside + _TOUCH):
            chosen |= labels == label
    if not chosen.any():
        return None
    rows, columns = np.flatnonzero(chosen.any(axis=1)), np.flatnonzero(chosen.any(axis=0))
    ink = Frame(x0 + int(columns[0]), y0 + int(rows[0]), x0 + int(columns[-1]) + 1, y0 + int(rows[-1]) + 1)
    patch = Frame(max(x0, ink.x0 - 1), y0, x0 + max(inside, rule[1]), y1)
    picture = np.asarray(255 - bare[:, patch.x0 - x0 : patch.x1 - x0], np.uint8)
    return _Part(ink, patch, picture, np.count_nonzero(chosen[:, : rule[0]]) / np.count_nonzero(chosen))


def _without_rule(gray: Gray, frame: Frame, window: Frame, digit: float) -> tuple[Gray, tuple[int, int]]:
    """How dark a window on the left side of a cell is without the rule there, and from where to where that lies."""
    y0 = max(0, frame.y0 - round(_ALONG * digit))
    dark = 255 - gray[y0 : frame.y1 + round(_ALONG * digit), window.x0 : window.x1]
    level = slice(window.y0 - y0, window.y1 - y0)
    usual = _percentile(np.concatenate([dark[: level.start], dark[level.stop :]]), _USUAL)
    side = frame.x0 - window.x0
    first = max(0, side - _RULE)
    on = first + np.flatnonzero(usual[first : side + _RULE] >= _INK)
    start, stop = (int(on[0]) - 1, int(on[-1]) + 2) if len(on) else (side - _RULE // 2, side)
    start, stop = max(0, start), min(stop, dark.shape[1])
    bare = dark[level].copy()
    more = np.clip(bare[:, start:stop] - usual[start:stop], 0, 255)
    bare[:, start:stop] = np.where(more >= _INK, bare[:, start:stop], more)
    # On a rule as black as print a stroke that crosses it has left a gap.
    closed = cv2.morphologyEx(bare, cv2.MORPH_CLOSE, np.ones((1, stop - start + 1), np.uint8))
    bare[:, start:stop] = closed[:, start:stop]
    return bare, (start, stop)


def _percentile(dots: Gray, percent: float) -> NDArray[np.float64]:
    """Of each column, as `np.percentile` has it, which takes some ten times as long for so few."""
    at = percent / 100 * (len(dots) - 1)
    below, above = int(at), min(int(at) + 1, len(dots) - 1)
    low, high = np.partition(dots, (below, above), axis=0)[[below, above]].astype(np.float64)
    return np.asarray(low + (high - low) * (at - below), np.float64)


def _is_of_another(part: _Part, own: Frame, boxes: Sequence[Frame]) -> bool:
    """Whether it is the end of a neighbour's number, which touches the rule from the other side."""
    return part.foreign > 0.5 and any(
        box != own
        and min(box.y1, part.ink.y1) - max(box.y0, part.ink.y0) > 0.5 * part.ink.height
        and box.x0 < part.ink.x1
        and box.x1 > part.ink.x0
        for box in boxes
    )


def _whole(gray: Gray, place: CellFrame, line: InkLine, parts: Sequence[_Part], digit: float) -> Snip:
    """The number cut out with these parts of it."""
    box, pad = around([line.box, *(part.ink for part in parts)]), round(_PAD * digit)
    outer = Frame(box.x0 - pad, box.y0 - pad, box.x1 + pad, box.y1 + pad)
    inner = place.frame
    inside = gray[inner.y0 : inner.y1, inner.x0 : inner.x1]
    page = on_paper(outer, [(inner, inside), *((part.patch, part.picture) for part in parts)])
    # By its box it is told which cell it stands in.
    return Snip(page, outer.x0, outer.y0, line.box, line, digit, place.lanes, whole=True)


def _mirrored(frame: Frame, width: int) -> Frame:
    """The same frame on a page of such a width seen from behind."""
    return Frame(width - frame.x1, frame.y0, width - frame.x0, frame.y1)
