"""Files of every kind that reports come in, opened as pages or blocks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

from service.documents import sniff as kinds
from service.documents.container import Container
from service.documents.docx import read_docx
from service.documents.flow import Flow
from service.documents.html import read_html
from service.documents.legacy import convert_legacy
from service.documents.markdown import read_markdown
from service.documents.mhtml import read_mhtml
from service.documents.model import Document, Page
from service.documents.ofd import read_ofd
from service.documents.pdf import read_pdf
from service.documents.picture import read_picture
from service.documents.plaintext import read_text
from service.errors import DamagedFile, LimitExceeded
from service.limits import Limits

__all__ = ["open_document"]

_Reader = Callable[[bytes, Limits], Flow | tuple[Page, ...]]

_READERS: dict[str, _Reader] = {
    kinds.PDF: read_pdf,
    kinds.OFD: read_ofd,
    **dict.fromkeys(kinds.PICTURES, read_picture),
    **dict.fromkeys(kinds.LEGACY, convert_legacy),
    kinds.DOCX: lambda data, limits: read_docx(Container(data, limits)),
    kinds.HTML: lambda data, _: read_html(data),
    kinds.MHTML: lambda data, _: read_mhtml(data),
    kinds.MARKDOWN: lambda data, _: read_markdown(data),
    kinds.TEXT: lambda data, _: read_text(data),
}


def open_document(name: str, data: bytes, limits: Limits | None = None) -> Document:
    """Open a file by its content; the name is only kept, so that a wrong extension does not matter.

    A text file that is nothing but pictures (a scan put into DOCX) becomes pages of those pictures.

    Raises:
        EmptyFile, UnsupportedFormat, DamagedFile, EncryptedFile, LimitExceeded: see `service.errors`.

    """
    limits = limits or Limits()
    if len(data) > limits.file_bytes:
        raise LimitExceeded(f"the file has {len(data)} bytes; at most {limits.file_bytes} are read")
    media_type = kinds.sniff(data, limits)
    digest = hashlib.sha256(data).hexdigest()
    content = _READERS[media_type](data, limits)
    if isinstance(content, tuple):
        return Document(name, digest, media_type, pages=content)
    if content.pictures:
        return Document(name, digest, media_type, pages=_pictured(content.pictures, limits), title=content.title)
    return Document(name, digest, media_type, blocks=content.blocks, title=content.title)


def _pictured(pictures: tuple[bytes, ...], limits: Limits) -> tuple[Page, ...]:
    """Return the pictures of a document as its pages; one that cannot be read is a page with a problem."""
    if len(pictures) > limits.pages:
        raise LimitExceeded(f"the file has {len(pictures)} pictures; at most {limits.pages} are read as pages")
    pages: list[Page] = []
    for picture in pictures:
        number = len(pages) + 1
        try:
            found = read_picture(picture, limits)
        except DamagedFile:
            pages.append(Page(number, 595.0, 842.0, problem=f"picture {number} of the file cannot be read"))
        else:
            pages += [replace(page, number=number + index) for index, page in enumerate(found)]
    if len(pages) > limits.pages:
        raise LimitExceeded(f"the pictures of the file are {len(pages)} pages; at most {limits.pages} are read")
    return tuple(pages)
