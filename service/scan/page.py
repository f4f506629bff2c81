"""The recipe by which a scanned page is read."""

from __future__ import annotations

from dataclasses import replace

from models.readers import Readers
from service.documents.model import Page, Token
from service.scan.pooled import pooled_tokens
from service.scan.readings import read_twice
from service.scan.recut import recut
from service.scan.single import read_single
from service.scan.unruled import unruled
from service.scan.view import PageView, view_page


def read_page(page: Page, readers: Readers) -> Page:
    """Reads a page that has only a picture.

    Args:
        page: with `render`; what else it holds is replaced.
        readers: see `models.readers.load_readers`.

    Returns:
        The page in the frame of its straightened picture: `rules`, `tokens` (a Chinese character each, a whole run of
        digits each), `to_source` and a `render` that draws the straightened, cleaned picture. In a cell of a ruled
        table that can hold a number one token says what is printed there, and one without text that nothing is, with
        the probability of it and other candidates: a cell without tokens was not read. A page without picture returns
        as it came.

    """
    if page.render is None:
        return page
    view = view_page(page, page.render, readers)
    tokens = _read(view, readers)
    for look_again in (recut, unruled):
        found = look_again(view, tokens)
        if found is not None:
            again, kept = found
            tokens = (*kept, *_read(again, readers))
            view = replace(view, tables=again.tables)
    return replace(view.page, tokens=tokens)


def _read(view: PageView, readers: Readers) -> tuple[Token, ...]:
    if readers.digits is None or readers.pool is None:
        return read_single(view, readers.recogniser)
    readings = read_twice(view, readers.recogniser, readers.digits)
    name = readers.digits.name
    numbers = [token for cell in readings.cells for token in pooled_tokens(cell, readers.pool, name)]
    return (*readings.text, *numbers)
