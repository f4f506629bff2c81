"""What a file is, by its content and never by its name."""

from __future__ import annotations

import re

from service.documents.container import Container
from service.documents.encoding import decode
from service.documents.legacy import OLE_MAGIC, RTF_MAGIC
from service.documents.xml import parse_xml
from service.errors import DamagedFile, EmptyFile, UnsupportedFormat
from service.limits import Limits

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
TIFF = "image/tiff"
WEBP = "image/webp"
BMP = "image/bmp"
PICTURES = frozenset({PNG, JPEG, TIFF, WEBP, BMP})
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
OFD = "application/ofd"
OLE = "application/x-ole-storage"
RTF = "application/rtf"
LEGACY = frozenset({OLE, RTF})
HTML = "text/html"
MHTML = "multipart/related"
MARKDOWN = "text/markdown"
TEXT = "text/plain"

_PDF_HEADER = 1024
"""Bytes within which a PDF's header may stand (ISO 32000-1, annex H.3.4.1)."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),
    (b"MM\0+", TIFF),
    (OLE_MAGIC, OLE),
    (RTF_MAGIC, RTF),
)

_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"Rar!", "it is a RAR archive; please unpack it"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7z archive; please unpack it"),
    (b"\x1f\x8b", "it is a gzip archive; please unpack it"),
    (b"GIF8", "it is a GIF picture; please save it as PNG"),
    (b"<?mso-application", "it is a Word XML file; please save it as DOCX"),
)

_TAG = re.compile(r"<\s*/?\s*(html|head|body|table|tbody|tr|td|div|p|span|meta|title|style|script|h[1-6]|font)\b", re.I)
_COMMENT = re.compile(r"<!--.*?-->|<\?.*?\?>", re.S)
_MARKDOWN = re.compile(r"^(#{1,6} \S|\s*\|?\s*:?-{3,}:?\s*\|)", re.M)
_HTML_TABLE = re.compile(r"</table\s*>", re.I)
_PAGE = re.compile(r"<(!doctype|html|head|body)\b", re.I)
_GOES_ON = re.compile(r"</html\s*>\s*[^\s<]", re.I)
"""Text behind the end of a page."""
_HEADING = re.compile(r"^#{1,6} \S", re.M)
_HEADINGS = 2
"""Headings of Markdown that say more than a tag at the beginning."""
_MHTML = re.compile(rb"\A\s*(?:[\w-]+:.*\r?\n(?:[ \t].*\r?\n)*)*?content-type:\s*multipart/related", re.I)
_HEAD = 65536
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1b")
_BINARY = 0.005
"""Share of control bytes from which on a file is not text."""


def sniff(data: bytes, limits: Limits) -> str:
    """Return the media type of a file that gouji reads.

    Raises:
        EmptyFile: there are no bytes, or only white space.
        UnsupportedFormat: it is something else.
        DamagedFile, EncryptedFile, LimitExceeded: a zip container that cannot be opened, or may not.

    """
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise EmptyFile("the file is empty")
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    if (
        data.startswith(b"BM")
        and len(data) >= 26
        and int.from_bytes(data[14:18], "little") in (12, 40, 52, 56, 108, 124)
    ):
        return BMP
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(data, limits)
    if b"%PDF-" in data[:_PDF_HEADER]:
        return PDF
    for magic, message in _FOREIGN:
        if data.startswith(magic) or (magic.startswith(b"<?") and magic in data[:_PDF_HEADER]):
            raise UnsupportedFormat(f"the file cannot be read: {message}")
    if data[4:8] == b"ftyp":
        raise UnsupportedFormat("the file cannot be read: it is an HEIC picture or a video; please save it as JPEG")
    return _text(data)


def _zip(data: bytes, limits: Limits) -> str:
    """Tell containers apart by their members."""
    container = Container(data, limits)
    if "OFD.xml" in container:
        return OFD
    if "word/document.xml" in container or _main_part(container):
        return DOCX
    names = container.names()
    if any(name.startswith("xl/") for name in names):
        raise UnsupportedFormat("the file is an Excel workbook, which is not read; please save it as PDF")
    if any(name.startswith("ppt/") for name in names):
        raise UnsupportedFormat("the file is a PowerPoint presentation, which is not read; please save it as PDF")
    if "mimetype" in container:
        raise UnsupportedFormat("the file is an OpenDocument or EPUB file, which is not read; please save it as DOCX")
    raise UnsupportedFormat("the file is a zip archive and not a document; please unpack it")


def _main_part(container: Container) -> bool:
    """Whether the content types name a main part of a text, wherever it may lie."""
    if "[Content_Types].xml" not in container:
        return False
    try:
        types = [element.get("ContentType", "") for element in parse_xml(container.read("[Content_Types].xml"))]
    except DamagedFile:
        return False
    return any("wordprocessingml.document.main" in kind or "document.macroEnabled.main" in kind for kind in types)


def _text(data: bytes) -> str:
    """Tell HTML, Markdown and plain text apart, in any encoding."""
    if _MHTML.match(data[:_HEAD]):
        return MHTML
    head = data[:_HEAD]
    # Half the bytes of UTF-16 text may be zeros, so that control bytes count only once it is decoded.
    wide = head.startswith((b"\xff\xfe", b"\xfe\xff")) or max(head[::2].count(0), head[1::2].count(0)) > len(head) // 8
    if not wide and len(head) - len(head.translate(None, _CONTROL)) > _BINARY * len(head):
        raise UnsupportedFormat("the file is of an unknown kind")
    try:
        text = decode(head)
    except DamagedFile as error:
        raise UnsupportedFormat("the file is of an unknown kind") from error
    if sum(character < " " and character not in "\t\n\v\f\r\x1b" for character in text) > _BINARY * len(text):
        raise UnsupportedFormat("the file is of an unknown kind")
    return _markup(text)


def _markup(text: str) -> str:
    body = _COMMENT.sub("", text).lstrip("\ufeff \t\r\n\u3000")
    headings = len(_HEADING.findall(body))
    if not _PAGE.match(body) and (headings >= (_HEADINGS if body.startswith("<") else 1) or _GOES_ON.search(body)):
        return MARKDOWN  # converters write its tables as HTML, some of them each as a page of its own
    if body[:9].lower() == "<!doctype" or _TAG.match(body) or re.search(r"<(html|body)\b", body, re.I):
        return HTML
    lines = [line for line in body.splitlines() if line.strip()]
    if len(_TAG.findall(body)) > 0.5 * len(lines) and sum(line.lstrip().startswith("<") for line in lines) * 2 > len(
        lines
    ):
        return HTML
    return MARKDOWN if _MARKDOWN.search(body) or _HTML_TABLE.search(body) else TEXT
