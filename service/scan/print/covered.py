"""Numbers that a black seal or a streak runs over: where they stand is told by their row and their column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from service.scan.picture.clean import Gray
from service.scan.print.ink import Ink
from service.scan.print.lines import NO_SEAMS, CellInk, Frame
from service.scan.print.regions import CellFrame
from service.scan.print.snips import Lane, Snip, on_paper

_MATES = 3
"""Plain numbers in a column, and in a row, from which on they tell a place."""
_STEADY = 0.25
"""How far these may lie from each other (median deviation), in heights of a digit."""
_ASIDE, _ABOVE = 1.8, 0.5
"""How much is shown beside such a place, so that a number of four digits is whole, and above and below, in heights."""


def windows(
    gray: Gray, ink: Ink, places: Sequence[CellFrame], cells: Sequence[CellInk], digit: float
) -> Mapping[int, Snip]:
    """For every cell whose ink is no plain line of print: its picture where a lone digit of its column stands.

    Args:
        gray: the cleaned page.
        ink: the page's ink.
        places: the cells of all tables.
        cells: what stands in each of them.
        digit: height of a digit in pixels.

    Returns:
        A snip by the index of its cell; only where row and column tell the place and there is ink.
    """
    plain = {i: cell.lines[0].box for i, cell in enumerate(cells) if _is_plain(cell, digit)}
    levels = _lanes(places, {i: (box.y0, box.y1) for i, box in plain.items()}, "row", digit)
    ones = {i: (box.x0, box.x1) for i, box in plain.items() if box.width < 1.1 * digit}
    sides = _lanes(places, ones, "column", digit)
    found = {}
    for i, place in enumerate(places):
        rows = [levels[lane] for lane in place.lanes if lane in levels]
        columns = [sides[lane] for lane in place.lanes if lane in sides]
        if i in plain or place.seams != NO_SEAMS or not rows or not columns:
            continue
        box = Frame(columns[0][0], rows[0][0], columns[0][1], rows[0][1])
        if np.count_nonzero(ink.labels[box.y0 : box.y1, box.x0 : box.x1]) > 0.1 * digit * digit:
            found[i] = _snip(gray, box, place, digit)
    return found


def surroundings(box: Frame, cell: Frame, digit: float) -> Frame:
    """What the numeric reader sees of a cell whose number other ink runs over: where it stands, not the whole seal.

    Args:
        box: where a lone digit of the column stands.
        cell: the inside of the cell.
        digit: height of a digit in pixels.
    """
    aside, above = round(_ASIDE * digit), round(_ABOVE * digit)
    return Frame(
        max(cell.x0, box.x0 - aside),
        max(cell.y0, box.y0 - above),
        min(cell.x1, box.x1 + aside),
        min(cell.y1, box.y1 + above),
    )


def _is_plain(cell: CellInk, digit: float) -> bool:
    """Whether a cell holds one line, no higher than a number."""
    return len(cell.lines) == 1 and cell.lines[0].box.height < 1.5 * digit


def _lanes(
    places: Sequence[CellFrame], spans: Mapping[int, tuple[int, int]], kind: str, digit: float
) -> dict[Lane, tuple[int, int]]:
    """From where to where plain numbers reach in each lane of a kind, where they agree on it."""
    members: defaultdict[Lane, list[tuple[int, int]]] = defaultdict(list)
    for i, span in spans.items():
        for lane in places[i].lanes:
            if lane[1] == kind:
                members[lane].append(span)
    result = {}
    for lane, several in members.items():
        both = np.array(several)
        middle = np.median(both, axis=0)
        if len(several) >= _MATES and float(np.median(np.abs(both - middle), axis=0).max()) <= _STEADY * digit:
            result[lane] = (round(float(middle[0])), round(float(middle[1])))
    return result


def _snip(gray: Gray, box: Frame, place: CellFrame, digit: float) -> Snip:
    pad = round(0.2 * digit)
    outer = Frame(box.x0 - pad, box.y0 - pad, box.x1 + pad, box.y1 + pad)
    inner = place.frame
    picture = on_paper(outer, [(inner, gray[inner.y0 : inner.y1, inner.x0 : inner.x1])])
    return Snip(picture, outer.x0, outer.y0, box, None, digit, place.lanes)
