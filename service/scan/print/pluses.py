"""Numbers with a plus before them: both readers are shown the number alone, for they know no plus and read a four."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from service.scan.picture.clean import Gray
from service.scan.print.ink import Ink
from service.scan.print.lines import CellInk, Frame
from service.scan.print.regions import CellFrame
from service.scan.print.signs import plus_width
from service.scan.print.snips import Snip, on_paper

_PAD = 0.4
"""Paper around the number, in heights of a digit."""
_WIDE = 8.0
"""What is wider, in heights of a digit, is no number."""


def without_plus(
    gray: Gray, ink: Ink, places: Sequence[CellFrame], cells: Sequence[CellInk], digit: float
) -> Mapping[int, Snip]:
    """The numbers that begin with a plus, cut out without it.

    Args:
        gray: the cleaned page.
        ink: the page's ink.
        places: the cells of all tables.
        cells: what stands in each of them.
        digit: height of a digit in pixels.

    Returns:
        A snip by the index of its cell.
    """
    found = {}
    for i, (place, cell) in enumerate(zip(places, cells, strict=True)):
        if len(cell.lines) == 1 and cell.lines[0].box.width <= _WIDE * digit:
            line = cell.lines[0]
            plus = plus_width(line, ink, digit)
            if plus:
                picture, x, y = _number(gray, place.frame, line.box, plus, digit)
                found[i] = Snip(picture, x, y, line.box, line, digit, place.lanes, whole=True)
    return found


def _number(gray: Gray, frame: Frame, box: Frame, plus: int, digit: float) -> tuple[Gray, int, int]:
    """The picture of a number without its first columns, and where on the page its upper left corner lies."""
    pad = round(_PAD * digit)
    outer = Frame(box.x0 + plus - pad, box.y0 - pad, box.x1 + pad, box.y1 + pad)
    behind = replace(frame, x0=box.x0 + plus - 1)
    picture = on_paper(outer, [(behind, gray[behind.y0 : behind.y1, behind.x0 : behind.x1])])
    return picture, outer.x0, outer.y0
