"""Tables without rules, read cell by cell: their rows and columns are known from what was read of them first.

The detector overlooks lone digits and dashes, runs a label and the number beside it together, and a recogniser that
expects words takes a zero for a character. Between the rows and columns that the rest of a table shows, its numbers are
read like those of a ruled table, and a place without ink is proven empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service.documents.model import Box, Token
from service.scan.lines import Frame, digit_height
from service.scan.recut import narrowed
from service.scan.regions import CellFrame
from service.scan.tokens import box_of
from service.scan.view import PageView
from service.tables.aligned import find_aligned


def unruled(view: PageView, tokens: Sequence[Token]) -> tuple[PageView, tuple[Token, ...]] | None:
    """What is to be read again, and the tokens that stay; None where no table goes without rules.

    Args:
        view: a page as it was read.
        tokens: what was read on it.
    """
    outside = [token for token in tokens if not any(_holds(table.box, token.box) for table in view.tables)]
    places = tuple(
        CellFrame(_frame(place.box, view.shape), ((number, "row", place.row), (number, "column", place.column)))
        for number, (table, _) in enumerate(find_aligned(outside, view.page.rules, view.page), len(view.tables))
        for place in table.numbers
    )
    places = tuple(place for place in places if place.frame.width > 2 and place.frame.height > 2)
    if not places:
        return None
    boxes = [box_of(place.frame, view.shape) for place in places]
    kept = tuple(token for token in tokens if not any(_holds(box, token.box) for box in boxes))
    digit = digit_height([place.frame for place in places], view.ink)
    return narrowed(replace(view, digit=digit), places), kept


def _frame(box: Box, shape: tuple[int, int]) -> Frame:
    height, width = shape
    return Frame(round(box.x0 * width), round(box.y0 * height), round(box.x1 * width), round(box.y1 * height))


def _holds(box: Box, other: Box) -> bool:
    """Whether the middle of another box lies in a box."""
    x, y = (other.x0 + other.x1) / 2, (other.y0 + other.y1) / 2
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1
