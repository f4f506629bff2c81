from __future__ import annotations

import hashlib
import io

import pytest
from PIL import Image

from service.documents import open_document
from service.documents.model import Paragraph
from service.errors import DamagedFile, EmptyFile, LimitExceeded
from service.limits import Limits


def png() -> bytes:
    out = io.BytesIO()
    Image.new("L", (30, 40), 255).save(out, "PNG")
    return out.getvalue()


def test_a_wrong_extension_does_not_matter() -> None:
    data = png()
    document = open_document("年度 报告.pdf", data)
    assert (document.name, document.media_type) == ("年度 报告.pdf", "image/png")
    assert document.sha256 == hashlib.sha256(data).hexdigest()
    assert document.pages[0].scanned
    assert document.blocks == ()


def test_text_becomes_blocks() -> None:
    document = open_document("a.docx", "一、总体情况\n".encode("gb18030"))
    assert document.media_type == "text/plain"
    assert [block.text for block in document.blocks if isinstance(block, Paragraph)] == ["一、总体情况"]


def test_errors() -> None:
    with pytest.raises(EmptyFile):
        open_document("a.pdf", b"")
    with pytest.raises(LimitExceeded, match="bytes"):
        open_document("a.png", png(), Limits(file_bytes=10))
    with pytest.raises(DamagedFile):
        open_document("a.png", png()[:40])
