from __future__ import annotations

import shutil
import struct
import time
from pathlib import Path

import pytest

from service.documents.legacy import OLE_MAGIC, convert_legacy
from service.documents.model import Grid, Paragraph
from service.errors import DamagedFile, EncryptedFile, LimitExceeded, UnsupportedFormat
from service.limits import Limits
from tests.documents.test_docx import docx, paragraph

RTF = rb"{\rtf1\ansi\ansicpg936 \'c4\'ea\'b1\'a8\par 7\par}"


def ole(stream: str, content: bytes = b"") -> bytes:
    """Just as much of an OLE file as tells its kind: header, one sector of content, one directory sector."""
    header = bytearray(OLE_MAGIC.ljust(512, b"\0"))
    struct.pack_into("<H", header, 30, 9)
    entry = bytearray(stream.encode("utf-16-le").ljust(128, b"\0"))
    struct.pack_into("<L", entry, 116, 0)
    return bytes(header) + content.ljust(512, b"\0") + bytes(entry).ljust(512, b"\0")


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Put a program called soffice, and nothing else of that kind, on the path."""
    program = folder / "soffice"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


COPY = """
echo "$@" > {log}
while [ $# -gt 1 ]; do
  case "$1" in --convert-to) kind=$2;; --outdir) out=$2;; esac
  shift
done
mkdir -p "$out"
cp {made} "$out/$(basename "${{1%.*}}").$kind"
"""


def test_without_libreoffice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for data in (RTF, ole("WordDocument"), ole("Workbook"), ole("Book")):
        with pytest.raises(UnsupportedFormat, match="LibreOffice must be installed"):
            convert_legacy(data, Limits())


@pytest.mark.parametrize(("data", "source"), [(RTF, "source.rtf"), (ole("WordDocument"), "source.doc")])
def test_text_comes_as_docx(data: bytes, source: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(docx(paragraph("年报")))
    install(tmp_path, monkeypatch, COPY.format(log=tmp_path / "log", made=tmp_path / "made"))
    (block,) = convert_legacy(data, Limits()).blocks
    assert isinstance(block, Paragraph)
    assert block.text == "年报"
    words = (tmp_path / "log").read_text().split()
    assert words[-1].endswith(source)
    assert "--headless" in words
    assert not Path(words[-1]).exists()


def test_spreadsheet_comes_as_html(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "made").write_text("<table><tr><td>规章<td>7<tr><td>其他<td>8</table>", "utf-8")
    install(tmp_path, monkeypatch, COPY.format(log=tmp_path / "log", made=tmp_path / "made"))
    (block,) = convert_legacy(ole("Workbook"), Limits()).blocks
    assert isinstance(block, Grid)
    assert [cell.text for cell in block.cells] == ["规章", "7", "其他", "8"]


def test_converter_that_makes_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(tmp_path, monkeypatch, "exit 0")
    with pytest.raises(DamagedFile, match="LibreOffice cannot read it"):
        convert_legacy(RTF, Limits())


def test_converter_that_hangs_is_ended_with_its_children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(tmp_path, monkeypatch, f"(sleep 1; touch {tmp_path}/survived) & wait")
    start = time.monotonic()
    with pytest.raises(LimitExceeded, match="did not convert"):
        convert_legacy(RTF, Limits(), seconds=0.3)
    assert time.monotonic() - start < 1
    time.sleep(1.2)
    assert not (tmp_path / "survived").exists()


def test_result_too_large(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "made").write_bytes(bytes(2000))
    install(tmp_path, monkeypatch, COPY.format(log=tmp_path / "log", made=tmp_path / "made"))
    with pytest.raises(LimitExceeded):
        convert_legacy(RTF, Limits(file_bytes=1000))


@pytest.mark.parametrize(
    "data",
    [
        ole("EncryptedPackage"),
        ole("WordDocument", bytes(10) + b"\x00\x01"),
        ole("Workbook", struct.pack("<HH4sHH", 0x809, 4, b"", 0x2F, 0)),
    ],
)
def test_password(data: bytes) -> None:
    with pytest.raises(EncryptedFile):
        convert_legacy(data, Limits())


def test_other_kinds() -> None:
    for data in (ole("PowerPoint Document"), b"hello", OLE_MAGIC):
        with pytest.raises(UnsupportedFormat):
            convert_legacy(data, Limits())


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_real_libreoffice() -> None:
    texts = [block.text for block in convert_legacy(RTF, Limits()).blocks if isinstance(block, Paragraph)]
    assert texts == ["年报", "7"]
