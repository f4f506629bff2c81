"""Older Office files (.doc, .wps, .xls, RTF), converted by LibreOffice where it is installed."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Literal

from service.documents.container import Container
from service.documents.docx import read_docx
from service.documents.flow import Flow
from service.documents.html import read_html
from service.errors import DamagedFile, EncryptedFile, LimitExceeded, UnsupportedFormat
from service.limits import Limits

OLE_MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
RTF_MAGIC = b"{\\rtf"
SECONDS = 60.0
"""Longest conversion; a report takes two to five seconds, the first start of LibreOffice included."""
_ENTRY = 128
"""Size of a directory entry of an OLE file ([MS-CFB] 2.6.1); entries begin at multiples of it."""
_WORD_ENCRYPTED = 0x0100
"""fEncrypted among the flags at byte 10 of a Word stream ([MS-DOC] 2.5.2)."""
_FILEPASS = 0x2F
"""The record that begins an encrypted Excel stream ([MS-XLS] 2.4.117)."""

Kind = Literal["doc", "xls", "rtf"]


def convert_legacy(data: bytes, limits: Limits, seconds: float = SECONDS) -> Flow:
    """Read an OLE or RTF file through LibreOffice: texts by way of DOCX, spreadsheets by way of HTML.

    Raises:
        UnsupportedFormat: LibreOffice is not installed, or the file is another kind of OLE file.
        EncryptedFile: it asks for a password.
        DamagedFile: LibreOffice can make nothing of it.
        LimitExceeded: it takes longer than `seconds`, or the result is larger than `limits` allow.

    """
    kind = _kind(data)
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise UnsupportedFormat("the file is in an older Office format; to read it, LibreOffice must be installed")
    target = "html" if kind == "xls" else "docx"
    result = _convert(program, data, kind, target, seconds, limits)
    return read_html(result) if target == "html" else read_docx(Container(result, limits))


def _kind(data: bytes) -> Kind:
    if data.startswith(RTF_MAGIC):
        return "rtf"
    if not data.startswith(OLE_MAGIC):
        raise UnsupportedFormat("the file is not in an older Office format")
    if _stream(data, "EncryptedPackage") is not None:
        raise EncryptedFile("the file is protected by a password")
    text = _stream(data, "WordDocument")
    if text is not None:
        if len(text) >= 12 and struct.unpack_from("<H", text, 10)[0] & _WORD_ENCRYPTED:
            raise EncryptedFile("the file is protected by a password")
        return "doc"
    sheet = next((stream for name in ("Workbook", "Book") if (stream := _stream(data, name)) is not None), None)
    if sheet is not None:
        if _FILEPASS in _first_records(sheet):
            raise EncryptedFile("the file is protected by a password")
        return "xls"
    raise UnsupportedFormat("the file is an older Office file, but neither a text nor a spreadsheet")


def _stream(data: bytes, name: str) -> bytes | None:
    """Return the beginning of a stream of an OLE file (to the end of its first sector); None if there is no such."""
    key = name.encode("utf-16-le") + b"\0\0"
    at = data.find(key)
    while at >= 0 and at % _ENTRY:
        at = data.find(key, at + 1)
    if at < 0 or at + _ENTRY > len(data):
        return None
    size = 1 << min(struct.unpack_from("<H", data, 30)[0], 12)
    start = (struct.unpack_from("<L", data, at + 116)[0] + 1) * size
    return data[start : start + size]


def _first_records(sheet: bytes) -> set[int]:
    """Return the types of the first few records of an Excel stream."""
    found: set[int] = set()
    at = 0
    while at + 4 <= len(sheet) and len(found) < 8:
        kind, length = struct.unpack_from("<HH", sheet, at)
        found.add(kind)
        at += 4 + length
    return found


def _convert(program: str, data: bytes, kind: str, target: str, seconds: float, limits: Limits) -> bytes:
    # A profile of its own lets conversions run side by side, and keeps the user's macros and settings out.
    with tempfile.TemporaryDirectory(prefix="gouji-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        source = home / f"source.{kind}"
        source.write_bytes(data)
        command = [
            program,
            "--headless",
            "--norestore",
            "--nologo",
            "--nodefault",
            f"-env:UserInstallation={(home / 'profile').as_uri()}",
            "--convert-to",
            target,
            "--outdir",
            str(home / "out"),
            str(source),
        ]
        _run(command, home, seconds)
        result = home / "out" / f"source.{target}"
        if not result.is_file():
            raise DamagedFile("the file is broken: LibreOffice cannot read it")
        if result.stat().st_size > limits.file_bytes:
            raise LimitExceeded("the file becomes larger than the limit when it is converted")
        return result.read_bytes()


def _run(command: list[str], home: Path, seconds: float) -> None:
    """Run a command to its end or for some seconds, with whatever it starts itself."""
    process = subprocess.Popen(
        command,
        cwd=home,
        env={**os.environ, "HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired as error:
        raise LimitExceeded(f"LibreOffice did not convert the file within {seconds:g} seconds") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # the whole group: soffice is a script that starts another
            process.wait()
