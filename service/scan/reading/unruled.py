"""Tables without rules, read cell by cell: their rows and columns are known from what was read of them first.

The detector overlooks lone digits and dashes, runs a label and the number beside it together, and a recogniser that
expects words takes a zero for a character. Between the rows and columns that the rest of a table shows, its numbers are
read like those of a ruled table, and a place without ink is proven empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from service.documents.model import Box, Token
from service.scan.print.lines import Frame, digit_height
from service.scan.print.regions import CellFrame
from service.scan.reading.recut import Again, narrowed
from service.scan.reading.texts import has_chinese
from service.scan.reading.tokens import box_of
from service.scan.view import PageView
from service.tables.aligned import find_aligned

_CLOSE = 1.3
"""The middles of two characters of a word are no further apart than so many heights of its line."""


def unruled(view: PageView, tokens: Sequence[Token]) -> Again | None:
    """What is to be read again; None where no table goes without rules.

    Args:
        view: a page as it was read.
        tokens: what was read on it.
    """
    outside = [token for token in tokens if not any(table.box.holds(token.box) for table in view.tables)]
    places = tuple(
        CellFrame(_frame(place.box, view.shape), ((number, "row", place.row), (number, "column", place.column)))
        for number, (table, _) in enumerate(find_aligned(outside, view.page.rules, view.page), len(view.tables))
        for place in table.numbers
    )
    places = tuple(place for place in places if not _holds_words(place, tokens, view.shape))
    if not places:
        return None
    gone = tuple(box_of(place.frame, view.shape) for place in places)
    digit = digit_height([place.frame for place in places], view.ink)
    return Again(narrowed(replace(view, digit=digit), places), gone)


def _holds_words(place: CellFrame, tokens: Sequence[Token], shape: tuple[int, int]) -> bool:
    """Whether words were read in a place, or it has no room for any: it is none of a number.

    A character that stands by itself is a misread digit.
    """
    if place.frame.width <= 2 or place.frame.height <= 2:
        return True
    box = box_of(place.frame, shape)
    held = sorted(token.box for token in tokens if has_chinese(token.text) and box.holds(token.box))
    tall, wide = shape
    return any((b.x0 + b.x1 - a.x0 - a.x1) / 2 * wide < _CLOSE * (b.y1 - b.y0) * tall for a, b in pairwise(held))


def _frame(box: Box, shape: tuple[int, int]) -> Frame:
    height, width = shape
    return Frame(round(box.x0 * width), round(box.y0 * height), round(box.x1 * width), round(box.y1 * height))
