"""Plain text and Markdown: every line as it stands, for its layout is understood floors above."""

from __future__ import annotations

import re

from service.documents.encoding import decode
from service.documents.flow import Flow
from service.documents.model import Paragraph, Place
from service.errors import DamagedFile

_LINE_END = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")


def read_text(data: bytes) -> Flow:
    r"""Read every line as one paragraph, tabs, pipes and spaces kept, numbered from 1; empty lines stay too.

    Line ends are those of Unicode (UAX 14: LF, CR, CR LF, VT, FF, NEL, LS, PS), so that a form feed ends a line.

    Raises:
        DamagedFile: it holds NUL characters or is not text in any known encoding.

    """
    text = decode(data)
    if "\0" in text:
        raise DamagedFile("the file holds binary data, not text")
    lines = _LINE_END.split(text)
    if lines[-1] == "":
        lines.pop()
    return Flow(tuple(Paragraph(line, Place(line=number)) for number, line in enumerate(lines, 1)))
