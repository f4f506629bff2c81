"""The scanned pages of a report: read by OCR, and read otherwise where much of the form was not found."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from service.documents.model import Block, Page
from service.errors import GoujiError
from service.forms import FormReading, merged
from service.reconcile import check_identities

if TYPE_CHECKING:
    from models.readers import Readers

_LOG = logging.getLogger(__name__)

_MUCH = 4
"""So many fields are not found, or more likely wrong than right, before pages are read otherwise."""
_MORE = 1.0
"""By so much more must another reading then be worth."""
_FAILING = 2.0
"""Right fields that an identity that fails outweighs: a row in another's place is as sure as one in its own, and only
the sums tell. Of 29 copies with 502 wrong fields as first read 237 remain with 2 or 3, 239 with 1.5, 249 with 1, and
259 without; 221 would if the truth chose."""
_POORER = 15.0
"""A reading by which so many fewer fields may be expected to be right tells nothing of the others."""


class Found(NamedTuple):
    """What was made of the pages of a report."""

    pages: tuple[Page, ...]
    blocks: tuple[Block, ...]
    form: FormReading

    @property
    def right(self) -> float:
        """How many fields may be expected to be right: those that were found, each as far as its reader is sure."""
        return sum(field.confidence for field in self.form.fields.values() if field.state != "missing")

    @property
    def failing(self) -> int:
        """How many identities fail over the fields as read."""
        checked = check_identities(self.form.identities, self.form.fields)
        return sum(identity.status == "violated" for identity in checked)

    @property
    def worth(self) -> float:
        """The more, the better a reading is than others of the same pages."""
        return self.right - _FAILING * self.failing

    @property
    def lost(self) -> int:
        """How many fields of tables that are there are not found, or more likely wrong than right."""
        there = [field for table in self.form.tables if table.found for field in table.fields.values()]
        return sum(field.state == "missing" or field.confidence < 0.5 for field in there)


def for_one_report(readers: Readers) -> Readers:
    """The readers, with a recogniser that remembers what it read: pages may be read with several choices of rules."""
    from models.text import Remembering

    return replace(readers, recogniser=Remembering(readers.recogniser))


def read_scanned(pages: Sequence[Page], readers: Readers) -> tuple[Page, ...]:
    """Scanned pages read by OCR, others as they are; a failing one is kept with its problem."""
    return tuple(_read_page(page, readers) if is_scan(page) else page for page in pages)


def is_scan(page: Page) -> bool:
    """Whether there is a picture to read."""
    return page.scanned and not page.problem


def _read_page(page: Page, readers: Readers) -> Page:
    from service.scan import read_page  # here: loading it takes seconds, for which a file without scans need not wait

    try:
        return read_page(page, readers)
    except GoujiError as error:
        return replace(page, tokens=(), rules=(), problem=str(error))
    except Exception:  # one page that cannot be read must not stop the others
        _LOG.exception("page %d could not be read", page.number)
        return replace(page, tokens=(), rules=(), problem="an internal error; the log has its details")


def read_better(
    sources: Sequence[Page], found: Found, readers: Readers, find: Callable[[tuple[Page, ...]], Found]
) -> Found:
    """Where not all of the form was found, its scanned pages are read anew.

    Where much was not, each is read otherwise, with other rules or smaller, as long as it is not found, and the better
    reading kept. Where worn pages still lack something, all are read once more, and what both readings tell is merged.

    Args:
        sources: the pages as they were before they were read.
        found: what was made of them.
        readers: what read them.
        find: makes it of pages that are read.

    Returns:
        What may be expected to have the most fields right, and whose identities do not fail for it.
    """
    return _confirmed(sources, _best(sources, found, readers, find), readers, find)


def _best(sources: Sequence[Page], found: Found, readers: Readers, find: Callable[[tuple[Page, ...]], Found]) -> Found:
    for index, source in enumerate(sources):
        if found.lost < _MUCH:
            break
        for other in _read_otherwise(source, found.pages[index], readers):
            tried = find((*found.pages[:index], other, *found.pages[index + 1 :]))
            found = tried if tried.worth >= found.worth + _MORE else found
    return found


def _read_otherwise(source: Page, known: Page, readers: Readers) -> Iterator[Page]:
    if not is_scan(source) or known.problem:
        return
    from service.scan import read_otherwise

    try:
        yield from read_otherwise(source, known, readers)
    except Exception:  # what was read already is there
        _LOG.exception("page %d could not be read otherwise", source.number)


def _confirmed(
    sources: Sequence[Page], found: Found, readers: Readers, find: Callable[[tuple[Page, ...]], Found]
) -> Found:
    from service.scan import is_worn

    if not found.lost or not any(is_scan(page) and is_worn(page) for page in found.pages):
        return found
    second = find(tuple(_read_again(source, page, readers) for source, page in zip(sources, found.pages, strict=True)))
    if second.right < found.right - _POORER:
        return found
    return found._replace(form=merged(found.form, second.form))


def _read_again(source: Page, known: Page, readers: Readers) -> Page:
    if not is_scan(source) or known.problem:
        return known
    from service.scan import read_again

    try:
        return read_again(source, known, readers)
    except Exception:  # what was read already is there
        _LOG.exception("page %d could not be read again", source.number)
        return known
