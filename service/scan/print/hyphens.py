"""Dashes that strike many cells out, told by their common place: a short one by itself may as well be a speck.

The hyphen of a narrow face is a fifth of a digit wide, no more than dirt is. Dirt falls anywhere, print stands at the
same place of every cell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from service.scan.print.ink import Blot, Ink
from service.scan.print.lines import CellInk, Frame, InkLine, blots_by_frame, cut_lines
from service.scan.print.regions import CellFrame

_SHORT, _LOW = 0.2, 0.32
"""Least width and greatest height of a dash, in heights of a digit."""
_MATES = 5
"""So many cells tell the place."""
_MOST = 0.5
"""Share of all lone flat blots that stand at it, or it is chance."""
_PLACE, _LEVEL, _SIZE = 0.2, 0.3, 0.1
"""How far, in heights of a digit, one may stand from where the others do, and from the middle between the lines above
and below; how much wider or narrower than they it may be."""
_WORN = 0.5
"""Share of their width that is left of one at their place."""
_ASIDE: tuple[Callable[[Blot, Frame], float], ...] = (
    lambda blot, frame: (blot.x0 + blot.x1 - frame.x0 - frame.x1) / 2,
    lambda blot, frame: blot.x0 - frame.x0,
    lambda blot, frame: frame.x1 - blot.x1,
)
"""Where in its cell a blot stands, in columns that are centred, or aligned left or right."""


def cut_cells(places: Sequence[CellFrame], ink: Ink, digit: float) -> tuple[CellInk, ...]:
    """What stands in each cell.

    Args:
        places: the cells, which must not overlap.
        ink: the page's ink.
        digit: height of a digit in pixels.
    """
    held = zip(places, blots_by_frame([place.frame for place in places], ink), strict=True)
    cells = [cut_lines(place.frame, blots, digit, place.seams) for place, blots in held]
    return with_hyphens([place.frame for place in places], cells, digit)


def with_hyphens(frames: Sequence[Frame], cells: Sequence[CellInk], digit: float) -> tuple[CellInk, ...]:
    """The cells, with lone specks of the shape of a hyphen as their print where many stand at the same place.

    Args:
        frames: the insides of the cells.
        cells: what stands in each of them.
        digit: height of a digit in pixels.
    """
    lone = {i: blot for i, cell in enumerate(cells) if (blot := _lone(cell, frames[i], digit)) is not None}
    if sum(_is_flat(blot, digit) for blot in lone.values()) < _MATES:
        return tuple(cells)
    found = max((_at_one_place(lone, frames, aside, digit) for aside in _ASIDE), key=len)
    return tuple(_struck(cell, lone[i]) if i in found else cell for i, cell in enumerate(cells))


def _lone(cell: CellInk, frame: Frame, digit: float) -> Blot | None:
    """The one low blot of a cell, half-way between the lines above and below; nothing but smaller dirt beside it."""
    blots = sorted((*cell.specks, *(blot for line in cell.lines for blot in line.blots)), key=lambda blot: -blot.area)
    if not blots or any(2 * other.area > blots[0].area for other in blots[1:]):
        return None
    blot = blots[0]
    off = (blot.y0 + blot.y1 - frame.y0 - frame.y1) / 2
    return blot if blot.height <= _LOW * digit and abs(off) <= _LEVEL * digit else None


def _is_flat(blot: Blot, digit: float) -> bool:
    return _SHORT * digit <= blot.width > blot.height


def _at_one_place(
    lone: Mapping[int, Blot], frames: Sequence[Frame], aside: Callable[[Blot, Frame], float], digit: float
) -> frozenset[int]:
    """The cells whose blot stands where most flat ones do and is no wider; none where these stand at many places."""
    flat = [i for i, blot in lone.items() if _is_flat(blot, digit)]
    places = {i: aside(blot, frames[i]) for i, blot in lone.items()}
    place, width = np.median([(places[i], lone[i].width) for i in flat], axis=0)
    near = {i for i in lone if abs(places[i] - place) <= _PLACE * digit and lone[i].width <= width + _SIZE * digit}
    mates = [i for i in flat if i in near and lone[i].width >= width - _SIZE * digit]
    if len(mates) < max(_MATES, _MOST * len(flat)):
        return frozenset()
    return frozenset(i for i in near if lone[i].width >= _WORN * width)


def _struck(cell: CellInk, blot: Blot) -> CellInk:
    """The cell with this dash as all its print."""
    specks = tuple(speck for speck in cell.specks if speck is not blot)
    return replace(cell, lines=(InkLine((blot,), struck=True),), specks=specks)
