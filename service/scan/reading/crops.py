"""What the numeric reader is shown: the inside of a cell, or the surroundings of a number that stands free."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np

from models.digits import NumericCrop
from service.scan.picture.clean import Gray
from service.scan.print.lines import Frame
from service.scan.print.regions import CellFrame

_ACROSS = 4
"""Pixels that print reaches beyond a seam, on both sides, where it stands across it."""
_LEANS = 0.4
"""Seams closer than this, in heights of a digit, are of one line."""
_AROUND = 0.5
"""Heights of a digit that are shown around a number that stands free."""
_WIDE, _HIGH = 14.0, 7.0
"""Heights of a digit that the numeric reader can be shown at once without its making them smaller."""
_BESIDE = 2.0
"""Heights of a digit that are shown around the print of larger cells."""


def crop_at(gray: Gray, frame: Frame, digit: float) -> NumericCrop:
    """Cuts a frame out of the cleaned page."""
    return NumericCrop(gray[frame.y0 : frame.y1, frame.x0 : frame.x1], digit)


def widened(crop: NumericCrop, by: float) -> NumericCrop:
    """The same print so many times wider."""
    if not crop.picture.size:
        return crop
    picture = cv2.resize(crop.picture, None, fx=by, fy=1, interpolation=cv2.INTER_LINEAR)
    return replace(crop, picture=np.asarray(picture, np.uint8))


def seen_of(frame: Frame, place: Frame, digit: float) -> Frame:
    """What the numeric reader is shown of a cell: all of it, or of a large one the surroundings of its print.

    Specks far from a number would else have the reader look at both, and see the number too small.

    Args:
        frame: the inside of the cell.
        place: where print stands in it.
        digit: height of a digit in pixels.
    """
    by = round(_BESIDE * digit)
    if frame.width > _WIDE * digit:
        frame = replace(frame, x0=max(frame.x0, place.x0 - by), x1=min(frame.x1, place.x1 + by))
    if frame.height > _HIGH * digit:
        frame = replace(frame, y0=max(frame.y0, place.y0 - by), y1=min(frame.y1, place.y1 + by))
    return frame


def grown(box: Frame, digit: float, shape: tuple[int, int]) -> Frame:
    """The surroundings of a number that stands free, on a page of so many pixels (height, width)."""
    by = round(_AROUND * digit)
    return Frame(max(0, box.x0 - by), max(0, box.y0 - by), min(shape[1], box.x1 + by), min(shape[0], box.y1 + by))


def parts(
    place: CellFrame, boxes: Mapping[int, Frame], numbers: Collection[int], digit: float
) -> list[tuple[Frame, tuple[int, ...]]]:
    """The frames in each of which one number may stand, with the keys of the print in it.

    That is the whole cell. Where rules are lost several numbers may share one: it is cut where rules would run, for
    they run beside it and no print stands across; and between numbers on one line.

    Args:
        place: the cell.
        boxes: where its print stands, by any key.
        numbers: the keys of what reads as a number.
        digit: height of a digit in pixels.
    """
    frame = place.frame
    if not boxes:
        return [(frame, ())]
    down = _cuts(place.seams.x, frame.x0, frame.x1, digit)
    over = _cuts(place.seams.y, frame.y0, frame.y1, digit)
    xs = {x for x in down if not any(b.x0 < x - _ACROSS and b.x1 > x + _ACROSS for b in boxes.values())}
    ys = {y for y in over if not any(b.y0 < y - _ACROSS and b.y1 > y + _ACROSS for b in boxes.values())}
    xs = {_clear(x, boxes.values()) for x in xs}
    xs |= {x for x in _between([boxes[key] for key in numbers]) if not any(abs(x - seam) < digit for seam in xs)}
    found = []
    for y0, y1 in pairwise([frame.y0, *sorted(ys), frame.y1]):
        for x0, x1 in pairwise([frame.x0, *sorted(xs), frame.x1]):
            part = Frame(x0, y0, x1, y1)
            found.append((part, tuple(key for key, box in boxes.items() if _holds_middle(part, box))))
    return found


def _clear(seam: int, boxes: Iterable[Frame]) -> int:
    """A seam moved to the nearer side of the print that reaches a little beyond it."""
    over = next((box for box in boxes if box.x0 < seam < box.x1), None)
    return seam if over is None else over.x0 if seam - over.x0 < over.x1 - seam else over.x1


def _cuts(seams: Sequence[int], low: int, high: int, digit: float) -> list[int]:
    """Where lines of the table run well inside a cell; one that leans has a seam for each of its rows or columns."""
    groups: list[list[int]] = []
    for seam in sorted(seams):
        if groups and seam - groups[-1][-1] < _LEANS * digit:
            groups[-1].append(seam)
        else:
            groups.append([seam])
    cuts = [group[len(group) // 2] for group in groups]
    return [cut for cut in cuts if cut - low > digit and high - cut > digit]


def _between(numbers: Sequence[Frame]) -> list[int]:
    """The middles of the gaps between numbers that stand beside each other."""
    ordered = sorted(numbers, key=lambda box: box.x0)
    return [(a.x1 + b.x0) // 2 for a, b in pairwise(ordered) if a.x1 < b.x0 and min(a.y1, b.y1) > max(a.y0, b.y0)]


def _holds_middle(part: Frame, box: Frame) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return part.x0 <= x < part.x1 and part.y0 <= y < part.y1
