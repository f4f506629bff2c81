"""The recipe by which a scanned page is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from models.readers import Readers
from service.documents.model import Box, Page, Token
from service.scan.reading.pooled import pooled_tokens
from service.scan.reading.readings import CellReadings, PageReadings, of_one_page, read_twice
from service.scan.reading.recut import recut
from service.scan.reading.unruled import unruled
from service.scan.ruling.choice import find_rulings
from service.scan.view import PageView, see_page, view_by, view_page
from service.tables.marks import is_number

_HIGH, _CLEAR, _ROOM = 0.5, 0.5, 1.5
"""Heights of a digit that numbers below each other have at least, and that are empty between and beside them."""
_SMALLER = 0.95
"""Part of its usual size at which a page is read once more."""
_LARGER = 1.06
"""And the size at which one is read for comparison: neither as large nor as small as what it is compared to."""
_SURE, _UNSURE = 0.9, 0.05
"""Of a worn page more than this share of what stands on it is less sure. Of ruled pages of clean and office scans half
have 0.012 or less; of the ten pages of copies that were better read smaller none had less than 0.099."""


def read_page(page: Page, readers: Readers) -> Page:
    """Reads a page that has only a picture.

    Args:
        page: with `render`; what else it holds is replaced.
        readers: see `models.readers.load_readers`.

    Returns:
        The page in the frame of its straightened picture: `rules`, `other_rules`, `tokens` (a Chinese character each, a
        whole run of digits each), `to_source` and a `render` that draws the straightened, cleaned picture. In a cell of
        a ruled table that can hold a number one token says what is printed there, and one without text that nothing is,
        with the probability of it and other candidates: a cell without tokens was not read. A page without picture
        returns as it came.

    """
    if page.render is None:
        return page
    return _told(page_readings(page, readers), readers)


def read_otherwise(page: Page, known: Page, readers: Readers) -> Iterator[Page]:
    """Reads a page with the rules that `read_page` did not choose, likeliest first, and a worn one also smaller.

    What is left of worn rules and print falls otherwise on the dots of a smaller picture, and more or less of a table
    is found: with each choice of rules that it has.

    Args:
        page: with `render`.
        known: what `read_page` made of it.
        readers: the same.
    """
    if page.render is None:
        return
    if known.other_rules:
        sight = see_page(page, page.render, readers)
        for rules in known.other_rules:
            yield _told(_read(view_by(sight, rules), readers), readers)
    if known.rules and is_worn(known):
        sight = see_page(page, page.render, readers, _SMALLER)
        for rules in find_rulings(sight.gray, sight.boxes):
            yield _told(_read(view_by(sight, rules), readers), readers)


def read_again(page: Page, known: Page, readers: Readers) -> Page:
    """Reads a ruled page a little larger, so that what is worn falls otherwise on the dots; others are as `known`.

    Args:
        page: with `render`.
        known: what was made of it, at another size.
        readers: see `read_page`.
    """
    if page.render is None or not known.rules:
        return known
    return _told(_read(view_page(page, page.render, readers, _LARGER), readers), readers)


def is_worn(page: Page) -> bool:
    """Whether much of what stands on a page that was read is not sure."""
    sure = [token.confidence >= _SURE for token in page.tokens if token.text]
    return sum(sure) < (1 - _UNSURE) * len(sure)


def page_readings(page: Page, readers: Readers) -> PageReadings:
    """Reads every number of a scanned page twice, with what cells that had lost their rules turned out to hold.

    Args:
        page: with `render`.
        readers: see `models.readers.load_readers`.

    Raises:
        ValueError: the page has no picture.
    """
    if page.render is None:
        raise ValueError("a picture is needed")
    return _read(view_page(page, page.render, readers), readers)


def _read(view: PageView, readers: Readers) -> PageReadings:
    readings = read_twice(view, readers.recogniser, readers.digits)
    for look_again in (recut, unruled):
        again = look_again(view, _tokens(readings, readers, apart=True))
        if again is not None:
            readings = _joined(readings, again.gone, read_twice(again.view, readers.recogniser, readers.digits))
            view = replace(view, tables=again.view.tables)
    return readings


def _told(readings: PageReadings, readers: Readers) -> Page:
    return replace(readings.page, tokens=_tokens(readings, readers))


def _tokens(readings: PageReadings, readers: Readers, *, apart: bool = False) -> tuple[Token, ...]:
    """What stands on a page; of a cell with several numbers below each other, if these are told apart, each."""
    name, shape = readers.digits.name, (readings.page.height, readings.page.width)
    numbers = [
        token
        for cell in readings.cells
        for token in (cell.tokens if apart and are_stacked(cell, shape) else pooled_tokens(cell, readers.pool, name))
    ]
    return (*readings.text, *numbers)


def are_stacked(cell: CellReadings, shape: tuple[float, float]) -> bool:
    """Whether several numbers stand below each other in a cell: those of rows whose rules are lost.

    The lines of one number that is wrapped stand closely, and all but the last fill the cell; and what is flat may be
    left of a rule.

    Args:
        cell: as it was read.
        shape: (height, width) of the page in pixels.
    """
    height, width = shape
    boxes = sorted((token.box for token in cell.tokens if token.text), key=lambda box: box.y0)
    if len(boxes) < 2 or not all(is_number(token.text) for token in cell.tokens if token.text):
        return False
    if min(box.y1 - box.y0 for box in boxes) * height < _HIGH * cell.context.digit:
        return False
    clear = min(below.y0 - above.y1 for above, below in pairwise(boxes)) * height
    room = (cell.box.x1 - cell.box.x0 - max(box.x1 - box.x0 for box in boxes)) * width
    return clear >= _CLEAR * cell.context.digit and room >= _ROOM * cell.context.digit


def _joined(before: PageReadings, gone: Sequence[Box], again: PageReadings) -> PageReadings:
    """What stands outside these boxes as it was read before, and what was read again."""
    text = tuple(token for token in before.text if not any(box.holds(token.box) for box in gone))
    cells = tuple(cell for cell in before.cells if not any(box.holds(cell.place) for box in gone))
    return replace(before, text=(*text, *again.text), cells=of_one_page((*cells, *again.cells)))
