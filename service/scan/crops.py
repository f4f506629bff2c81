"""What the numeric reader is shown: the inside of a cell, or the surroundings of a number that stands free."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from models.digits import NumericCrop
from service.scan.clean import Gray
from service.scan.lines import Frame
from service.scan.regions import CellFrame

_ACROSS = 4
"""Pixels that print reaches beyond a seam, on both sides, where it stands across it."""
_AROUND = 0.5
"""Heights of a digit that are shown around a number that stands free."""


def crop_at(gray: Gray, frame: Frame, digit: float) -> NumericCrop:
    """Cuts a frame out of the cleaned page."""
    return NumericCrop(gray[frame.y0 : frame.y1, frame.x0 : frame.x1], digit)


def grown(box: Frame, digit: float, shape: tuple[int, int]) -> Frame:
    """The surroundings of a number that stands free, on a page of so many pixels (height, width)."""
    by = round(_AROUND * digit)
    return Frame(max(0, box.x0 - by), max(0, box.y0 - by), min(shape[1], box.x1 + by), min(shape[0], box.y1 + by))


def parts(place: CellFrame, boxes: Mapping[int, Frame]) -> list[tuple[Frame, tuple[int, ...]]]:
    """The frames in each of which one number may stand, with the keys of the print in it.

    That is the whole cell; one that spans several rows or columns, for the rules between them are lost, is cut where
    these would run and no print stands across.

    Args:
        place: the cell.
        boxes: where its print stands, by any key.
    """
    frame = place.frame
    if not boxes or not (place.seams.x or place.seams.y):
        return [(frame, tuple(boxes))]
    xs = [x for x in place.seams.x if not any(b.x0 < x - _ACROSS and b.x1 > x + _ACROSS for b in boxes.values())]
    ys = [y for y in place.seams.y if not any(b.y0 < y - _ACROSS and b.y1 > y + _ACROSS for b in boxes.values())]
    found = []
    for y0, y1 in pairwise([frame.y0, *ys, frame.y1]):
        for x0, x1 in pairwise([frame.x0, *xs, frame.x1]):
            part = Frame(x0, y0, x1, y1)
            found.append((part, tuple(key for key, box in boxes.items() if _holds_middle(part, box))))
    return found


def _holds_middle(part: Frame, box: Frame) -> bool:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    return part.x0 <= x < part.x1 and part.y0 <= y < part.y1
