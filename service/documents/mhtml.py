"""Web archives (MHTML, RFC 2557), which some systems export under the name of a Word document."""

from __future__ import annotations

from email import message_from_bytes
from email.errors import MessageError

from service.documents.flow import Flow
from service.documents.html import read_html
from service.errors import DamagedFile


def read_mhtml(data: bytes) -> Flow:
    """Read the first HTML part of a multipart message.

    Raises:
        DamagedFile: it has none.

    """
    return read_html(page_of(data))


def page_of(data: bytes) -> bytes:
    """The first HTML part of a multipart message; it raises the same."""
    try:
        parts = [part for part in message_from_bytes(data).walk() if part.get_content_type() == "text/html"]
        page = parts[0].get_payload(decode=True) if parts else None
    except (MessageError, ValueError, LookupError) as error:
        raise DamagedFile("the file is a broken web archive") from error
    if not isinstance(page, bytes):
        raise DamagedFile("the file is a web archive without a page")
    return page
