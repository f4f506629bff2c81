from __future__ import annotations

import io
import zipfile

import pytest
from PIL import Image

from service.documents import sniff as kinds
from service.documents.sniff import sniff
from service.errors import DamagedFile, EmptyFile, UnsupportedFormat
from service.limits import Limits

LIMITS = Limits()
CHINESE = "一、总体情况\n本机关主动公开政府信息，依申请公开有序推进。\n"


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, kind)
    return out.getvalue()


def container(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "<a/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"%PDF-1.7\n...", kinds.PDF),
        (b"junk before\n%PDF-1.4\n...", kinds.PDF),
        (picture("PNG"), kinds.PNG),
        (picture("JPEG"), kinds.JPEG),
        (picture("TIFF"), kinds.TIFF),
        (picture("WEBP"), kinds.WEBP),
        (picture("BMP"), kinds.BMP),
        (container("[Content_Types].xml", "word/document.xml"), kinds.DOCX),
        (container("OFD.xml", "Doc_0/Document.xml"), kinds.OFD),
        (bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600), kinds.OLE),
        (b"{\\rtf1 x}", kinds.RTF),
        (f"\n<!-- x --><!DOCTYPE html><html><body>{CHINESE}</body></html>".encode("gb18030"), kinds.HTML),
        (f"<table><tr><td>{CHINESE}</td></tr></table>".encode("utf-16"), kinds.HTML),
        (f"# 年度报告\n{CHINESE}".encode(), kinds.MARKDOWN),
        (f"{CHINESE}| 行政许可 | 1 |\n|---|---|\n| <br> | 2 |\n".encode(), kinds.MARKDOWN),
        (
            f"# 年报\n{CHINESE}# 二\n<html><body><table><tr><td>1</td></tr></table></body></html>".encode(),
            kinds.MARKDOWN,
        ),
        ((CHINESE * 3 + "<table><tr><td>1</td></tr></table>\n").encode(), kinds.MARKDOWN),
        (f"<html><body>\n## 一\n## 二\n{CHINESE}</body></html>".encode(), kinds.HTML),
        (f"{CHINESE}<html><body><table></table></body></html>\n{CHINESE}".encode(), kinds.MARKDOWN),
        (f"{CHINESE}<html><body>{CHINESE}</body></html>\n<script></script>".encode(), kinds.HTML),
        ("# 年报\n<div><html><body><table></table></body></html></div>".encode(), kinds.MARKDOWN),
        (CHINESE.encode(), kinds.TEXT),
        (CHINESE.encode("gb18030"), kinds.TEXT),
        (CHINESE.encode("utf-16"), kinds.TEXT),
        (b"BMW and others\n", kinds.TEXT),
        ("一、a<b 且 c>d\n".encode(), kinds.TEXT),
    ],
)
def test_kind_by_content(data: bytes, expected: str) -> None:
    assert sniff(data, LIMITS) == expected


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\xef\xbb\xbf\n", bytes(1000)])
def test_empty(data: bytes) -> None:
    with pytest.raises(EmptyFile):
        sniff(data, LIMITS)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (container("xl/workbook.xml"), "Excel"),
        (container("ppt/presentation.xml"), "PowerPoint"),
        (container("a.pdf"), "zip archive"),
        (b"Rar!\x1a\x07\0", "RAR"),
        (b"GIF89a...", "GIF"),
        (b"\0\0\0\x18ftypheic....", "HEIC"),
        (bytes(range(256)) * 40, "unknown kind"),
        (b"\x7fELF\x02\x01\x01" + bytes(60) + b"\x03\x3e", "unknown kind"),
    ],
)
def test_what_is_not_read(data: bytes, message: str) -> None:
    with pytest.raises(UnsupportedFormat, match=message):
        sniff(data, LIMITS)


def test_zip_cut_off() -> None:
    with pytest.raises(DamagedFile):
        sniff(container("word/document.xml")[:-30], LIMITS)
