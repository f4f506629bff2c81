"""Plain text: every line as it stands, for its layout is understood floors above."""

from __future__ import annotations

import re

from service.documents.encoding import decode
from service.documents.flow import Flow, clean_text
from service.documents.model import Paragraph, Place
from service.errors import DamagedFile

_LINE_END = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_WALLS = str.maketrans("│┃║｜", "||||")
_DRAWN = re.compile("(?=.*[┌┬┐├┼┤└┴┘┏┳┓┣╋┫┗┻┛╔╦╗╠╬╣╚╩╝])[\u2500-\u257f\\s]+")
"""A line drawn between the rows of a table; one without corners may as well be strokes for nothing."""


def read_text(data: bytes) -> Flow:
    r"""Read every line as one paragraph, tabs, pipes and spaces kept, numbered from 1; empty lines stay too.

    Walls drawn between cells become pipes, and lines drawn between rows become empty. Line ends are those of Unicode
    (UAX 14: LF, CR, CR LF, VT, FF, NEL, LS, PS), so that a form feed ends a line.

    Raises:
        DamagedFile: it holds NUL characters or is not text in any known encoding.

    """
    return Flow(tuple(Paragraph(line, Place(line=number)) for number, line in enumerate(read_lines(data), 1)))


def read_lines(data: bytes) -> list[str]:
    """The lines of `read_text`; it raises the same."""
    text = decode(data)
    if "\0" in text:
        raise DamagedFile("the file holds binary data, not text")
    lines = _LINE_END.split(text)
    if lines[-1] == "":
        lines.pop()
    return [_plain(line) for line in lines]


def _plain(line: str) -> str:
    text = clean_text(line)
    return "" if _DRAWN.fullmatch(text) else text.translate(_WALLS)
