"""The recipe by which a scanned page is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from models.readers import Readers
from service.documents.model import Box, Page, Token
from service.scan.reading.pooled import pooled_tokens
from service.scan.reading.readings import PageReadings, of_one_page, read_twice
from service.scan.reading.recut import recut
from service.scan.reading.unruled import unruled
from service.scan.view import PageView, see_page, view_by, view_page


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
    """Reads a page with the rules that `read_page` did not choose, the likeliest first.

    Args:
        page: with `render`.
        known: what `read_page` made of it.
        readers: the same.
    """
    if page.render is None or not known.other_rules:
        return
    sight = see_page(page, page.render, readers)
    for rules in known.other_rules:
        yield _told(_read(view_by(sight, rules), readers), readers)


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
        again = look_again(view, _tokens(readings, readers))
        if again is not None:
            readings = _joined(readings, again.gone, read_twice(again.view, readers.recogniser, readers.digits))
            view = replace(view, tables=again.view.tables)
    return readings


def _told(readings: PageReadings, readers: Readers) -> Page:
    return replace(readings.page, tokens=_tokens(readings, readers))


def _tokens(readings: PageReadings, readers: Readers) -> tuple[Token, ...]:
    name = readers.digits.name
    numbers = [token for cell in readings.cells for token in pooled_tokens(cell, readers.pool, name)]
    return (*readings.text, *numbers)


def _joined(before: PageReadings, gone: Sequence[Box], again: PageReadings) -> PageReadings:
    """What stands outside these boxes as it was read before, and what was read again."""
    text = tuple(token for token in before.text if not any(box.holds(token.box) for box in gone))
    cells = tuple(cell for cell in before.cells if not any(box.holds(cell.place) for box in gone))
    return replace(before, text=(*text, *again.text), cells=of_one_page((*cells, *again.cells)))
