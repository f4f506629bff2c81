"""What is given to the recogniser: pictures of single lines, cut so that nothing else shows in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from models.text import TextBox
from service.scan.picture.clean import Gray
from service.scan.print.ink import Ink
from service.scan.print.lines import Frame, InkLine
from service.scan.print.marks import stroke_mark
from service.scan.print.signs import has_minus

Lane = tuple[int, str, int]
"""A row or column of one of the page's tables: (table, "row", 3) or (table, "column", 3)."""
Lanes = tuple[Lane, ...]
"""The row and the column that a cell stands in; not the one of which it spans several."""

_PAPER = 255


@dataclass(frozen=True)
class Snip:
    """One line of print, cut out."""

    picture: Gray
    x: int
    """Pixel column of the page at the snip's left edge; may be negative where paper was added."""
    y: int
    box: Frame
    """Where the line's ink stands on the page."""
    line: InkLine | None = None
    """Its ink, where it was found by its ink: in a cell."""
    digit: float = 20.0
    """Height of a digit in pixels."""
    lanes: Lanes = ()
    mark: tuple[str, float] | None = None
    """The stroke in the place of a number that its ink is by its shape: see `service.scan.print.marks`."""
    minus: bool = False
    """Whether its ink begins with the shape of a minus: see `service.scan.print.signs`."""
    whole: bool = False
    """Whether it shows more of a number than the inside of its cell does: see `service.scan.print.overhang`."""

    @cached_property
    def paper(self) -> float:
        """Grey level of the paper, found once for all characters of a line."""
        return float(np.median(self.picture))


def snip_ink_line(gray: Gray, ink: Ink, line: InkLine, frame: Frame, digit: float, lanes: Lanes = ()) -> Snip:
    """Cuts one line out of its cell; ink of other lines, rules, specks and strays becomes paper."""
    box = line.box
    tall = max(box.height, 1.0 * digit)
    pad_y = round((tall - box.height) / 2 + 0.2 * digit)
    pad_x = round(max(0.3 * digit, (0.8 * digit - box.width) / 2))
    outer = Frame(box.x0 - pad_x, box.y0 - pad_y, box.x1 + pad_x, box.y1 + pad_y)
    inner = Frame(max(outer.x0, frame.x0), max(outer.y0, frame.y0), min(outer.x1, frame.x1), min(outer.y1, frame.y1))
    shown = []
    if inner.width > 0 and inner.height > 0:
        part = (slice(inner.y0, inner.y1), slice(inner.x0, inner.x1))
        foreign = ink.mask[part] & ~ink.dots(line.blots, *part)
        shown.append((inner, np.where(foreign, _PAPER, gray[part]).astype(np.uint8)))
    mark, minus = stroke_mark(line, ink, digit), has_minus(line, ink, digit)
    return Snip(on_paper(outer, shown), outer.x0, outer.y0, box, line, digit, lanes, mark, minus=minus)


def on_paper(outer: Frame, parts: Iterable[tuple[Frame, Gray]]) -> Gray:
    """The picture of a frame that is paper but for these parts of the page, each with its dots, the later on top."""
    picture = np.full((outer.height, outer.width), _PAPER, np.uint8)
    for frame, dots in parts:
        x0, y0 = max(outer.x0, frame.x0), max(outer.y0, frame.y0)
        x1, y1 = max(x0, min(outer.x1, frame.x1)), max(y0, min(outer.y1, frame.y1))
        shown = dots[y0 - frame.y0 : y1 - frame.y0, x0 - frame.x0 : x1 - frame.x0]
        picture[y0 - outer.y0 : y1 - outer.y0, x0 - outer.x0 : x1 - outer.x0] = shown
    return picture


def snip_text_boxes(gray: Gray, boxes: Sequence[TextBox], digit: float) -> tuple[Snip, ...]:
    """Cuts out the lines that the detector saw, as they are."""
    height, width = gray.shape
    snips = []
    for box in boxes:
        frame = Frame(max(0, int(box.x0)), max(0, int(box.y0)), min(width, round(box.x1)), min(height, round(box.y1)))
        if frame.width >= 4 and frame.height >= 4:
            picture = gray[frame.y0 : frame.y1, frame.x0 : frame.x1]
            snips.append(Snip(picture, frame.x0, frame.y0, frame, None, digit))
    return tuple(snips)


def thickened(snip: Snip) -> Gray:
    """The same line with strokes a dot wider on all sides and softened: how a broken thin stroke reads best."""
    grown: NDArray[np.uint8] = np.asarray(cv2.erode(snip.picture, np.ones((3, 3), np.uint8)), np.uint8)
    return np.asarray(cv2.GaussianBlur(grown, (0, 0), 0.8), np.uint8)


def softened(snip: Snip) -> Gray:
    """The same line blurred by a tenth of a digit: the arcs of a zero that lost its top and bottom close again."""
    return np.asarray(cv2.GaussianBlur(snip.picture, (0, 0), 0.11 * snip.digit), np.uint8)
