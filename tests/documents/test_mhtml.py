from __future__ import annotations

import base64

import pytest

from service.documents.mhtml import read_mhtml
from service.documents.model import Grid
from service.errors import DamagedFile

HEAD = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'


def test_page_of_an_archive() -> None:
    page = base64.encodebytes("<table><tr><td>规章<td>7</table>".encode("gbk"))
    part = b'--b\r\nContent-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + page
    picture = b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n"
    (block,) = read_mhtml(HEAD + picture + part + b"\r\n--b--\r\n").blocks
    assert isinstance(block, Grid)
    assert [cell.text for cell in block.cells] == ["规章", "7"]


@pytest.mark.parametrize("data", [HEAD, b"", b"\xff\x00", HEAD + b"--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--"])
def test_archive_without_a_page(data: bytes) -> None:
    with pytest.raises(DamagedFile):
        read_mhtml(data)
