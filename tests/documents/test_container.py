from __future__ import annotations

import io
import random
import struct
import zipfile

import pytest

from service.documents.container import Container
from service.documents.xml import parse_xml
from service.errors import DamagedFile, EncryptedFile, LimitExceeded
from service.limits import Limits

LIMITS = Limits()


def pack(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target.getvalue()


def test_reads_parts_whatever_the_slashes_and_case() -> None:
    box = Container(pack({"word\\document.xml": b"<a/>", "/Doc_0/页.xml": b"x"}), LIMITS)
    assert box.names() == ("word/document.xml", "Doc_0/页.xml")
    assert box.read("/Word/Document.XML") == b"<a/>"
    assert box.read("Doc_0/页.xml") == b"x"
    assert "word/document.xml" in box
    assert "word/other.xml" not in box


def test_name_in_gbk_without_the_flag() -> None:
    data = pack({"aaaa.xml": b"x"}).replace(b"aaaa.xml", "图片".encode("gbk") + b".xml")
    assert Container(data, LIMITS).names() == ("图片.xml",)
    assert Container(data, LIMITS).read("图片.xml") == b"x"


def test_missing_part() -> None:
    with pytest.raises(DamagedFile, match="lacks its part b"):
        Container(pack({"a": b""}), LIMITS).read("b")


@pytest.mark.parametrize("keep", [4, 30, 200, -1, -30])
def test_cut_off(keep: int) -> None:
    data = pack({"a": random.Random(0).randbytes(500)})
    with pytest.raises(DamagedFile):
        Container(data[:keep], LIMITS)


def test_wrong_checksum() -> None:
    data = pack({"a": b"hello world"}, zipfile.ZIP_STORED).replace(b"hello", b"jello", 1)
    with pytest.raises(DamagedFile):
        Container(data, LIMITS).read("a")


def test_password() -> None:
    data = bytearray(pack({"a": b"x" * 50}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 8] |= 1
    with pytest.raises(EncryptedFile):
        Container(bytes(data), LIMITS)


def test_unusual_compression() -> None:
    with pytest.raises(DamagedFile, match="packed in a way"):
        Container(pack({"a": b"x" * 50}, zipfile.ZIP_LZMA), LIMITS)


def test_limits_on_sizes() -> None:
    data = pack({"a": random.Random(0).randbytes(3000), "b": random.Random(1).randbytes(3000)})
    assert len(Container(data, Limits(file_bytes=3000, unpacked_bytes=6000)).read("a")) == 3000
    with pytest.raises(LimitExceeded):
        Container(data, Limits(file_bytes=2999))
    with pytest.raises(LimitExceeded):
        Container(data, Limits(unpacked_bytes=5999))


def test_bomb_by_ratio() -> None:
    with pytest.raises(LimitExceeded, match="far more"):
        Container(pack({"a": bytes(20_000_000)}), LIMITS)
    assert len(Container(pack({"a": bytes(9_000_000)}), LIMITS).read("a")) == 9_000_000


def test_bomb_that_lies_about_its_size() -> None:
    data = pack({"a": bytes(50_000_000)})
    data = data.replace(struct.pack("<L", 50_000_000), struct.pack("<L", 1000))
    with pytest.raises((DamagedFile, LimitExceeded)):
        Container(data, LIMITS).read("a")


def test_too_many_parts() -> None:
    with pytest.raises(LimitExceeded, match="10001 parts"):
        Container(pack({str(i): b"" for i in range(10_001)}, zipfile.ZIP_STORED), LIMITS)


def test_parts_that_share_bytes() -> None:
    data = bytearray(pack({"aaaa": b"x" * 4000, "bbbb": b"x" * 4000}, zipfile.ZIP_STORED))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<L", 0)
    with pytest.raises(DamagedFile, match="overlap"):
        Container(bytes(data), LIMITS)


def test_xml_of_any_encoding() -> None:
    assert parse_xml('<?xml version="1.0" encoding="gb18030"?><a>年报</a>'.encode("gb18030")).text == "年报"
    assert parse_xml("<a>年<!-- no --><?no no?>报</a>".encode()).text == "年报"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<a>",
        "<a>&nbsp;</a>",
        "<!DOCTYPE a><a/>",
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>',
        '<?xml version="1.0" encoding="no-such"?><a/>',
        "<a>" * 300 + "</a>" * 300,
    ],
)
def test_xml_refused(text: str) -> None:
    with pytest.raises(DamagedFile):
        parse_xml(text.encode())
