"""Plain text: every line as it stands, for its layout is understood floors above."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from service.documents.encoding import decode
from service.documents.flow import Flow, clean_text
from service.documents.model import Paragraph, Place
from service.errors import DamagedFile

_LINE_END = re.compile("\r\n|[\n\r\v\x85\u2028\u2029]")
_PAGE_END = "\f"
_WALLS = str.maketrans("│┃║｜", "||||")
_DRAWN = re.compile("(?=.*[┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝])[\u2500-\u257f\\s]+")
"""A line drawn between the rows of a table; one without corners may as well be strokes for nothing."""

_PAGES, _MOST = 3, 0.6
"""So many pages, and so many of all, show what stands on every page."""
_TITLE = 4
"""Fewest letters of a running title."""
_NUMBERS, _DIGITS, _LETTERS = 2, 4, 4
"""Most numbers, digits and letters of a page's number (page 3 of 12)."""


def read_text(data: bytes) -> Flow:
    r"""Read every line as one paragraph, tabs, pipes and spaces kept, numbered from 1; empty lines stay too.

    Walls drawn between cells become pipes, and lines drawn between rows become empty. Line ends are those of Unicode
    (UAX 14: LF, CR, CR LF, VT, FF, NEL, LS, PS), so that a form feed ends a line. What most of the pages between form
    feeds repeat or count at their edge becomes empty, too.

    Raises:
        DamagedFile: it holds NUL characters or is not text in any known encoding.

    """
    return Flow(tuple(Paragraph(line, Place(line=number)) for number, line in enumerate(read_lines(data), 1)))


def read_lines(data: bytes) -> list[str]:
    """The lines of `read_text`, those empty that pages repeat or count; it raises the same."""
    text = decode(data)
    if "\0" in text:
        raise DamagedFile("the file holds binary data, not text")
    pages = [[_plain(line) for line in _LINE_END.split(page)] for page in text.split(_PAGE_END)]
    lines = [line for page in _without_furniture(pages) for line in page]
    if lines[-1] == "":
        lines.pop()
    return lines


def _without_furniture(pages: list[list[str]]) -> list[list[str]]:
    """The pages, what stands at the top or at the foot of most of them empty: a page's number, a running title.

    Where a text puts one cell a line, a page's number is a cell more, and a title parts a row. The first title stays,
    for it may be the report's own.
    """
    for bottom in (True, False):
        ends = [_end(page, bottom) for page in pages]
        texts = [page[at].strip() if page else "" for page, at in zip(pages, ends, strict=True)]
        counted = [_counted(text, number) for number, text in enumerate(texts)]
        titles = [text if sum(map(str.isalpha, text)) >= _TITLE else None for text in texts]
        for number in (*_on_most(counted), *_on_most(titles)[1:]):
            pages[number][ends[number]] = ""
    return pages


def _end(page: Sequence[str], bottom: bool) -> int:
    """The first line of a page that is not empty, or the last one; 0 where all are."""
    filled = [at for at, line in enumerate(page) if line.strip()] or [0]
    return filled[-bottom]


def _counted(text: str, number: int) -> int | None:
    """By how much a page's number, if the line may be one, is ahead of its place among the pages."""
    numbers = re.findall(r"\d+", text)
    if not numbers or len(numbers) > _NUMBERS or len(numbers[0]) > _DIGITS or sum(map(str.isalpha, text)) > _LETTERS:
        return None
    return int(numbers[0]) - number


def _on_most(keys: Sequence[object]) -> list[int]:
    """The pages that have the most frequent key, if these are most pages."""
    (key, count), *_ = Counter(key for key in keys if key is not None).most_common(1) or [(None, 0)]
    return [at for at, one in enumerate(keys) if one == key] if count >= max(_PAGES, _MOST * len(keys)) else []


def _plain(line: str) -> str:
    text = clean_text(line)
    return "" if _DRAWN.fullmatch(text) else text.translate(_WALLS)
