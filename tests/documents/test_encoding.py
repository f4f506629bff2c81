from __future__ import annotations

import codecs

import pytest

from service.documents.encoding import decode, plausibility

REPORT = "某市某局二〇二一年政府信息公开工作年度报告\r\n一、总体情况　本年新收12件，结转0件。"


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030", "gb2312", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", [REPORT.replace("〇", "零"), "年度报告", "12\t0\r\n规章 3", "<p>规章</p>" + "<br>" * 500]
)
def test_chinese(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_marked(encoding: str) -> None:
    assert decode(REPORT.encode(encoding)) == REPORT
    assert decode("7".encode(encoding)) == "7"


def test_mark_that_lies() -> None:
    assert decode(codecs.BOM_UTF8 + REPORT.encode("gb18030")) == REPORT


def test_bytes_valid_in_two_encodings() -> None:
    assert b"\xc1\xaa\xcd\xa8".decode("gbk") == decode("联通".encode("gbk")) == "联通"


def test_rare_name_within_common_text() -> None:
    text = REPORT + "联系人：龘䶮㙍𠮷"
    assert decode(text.encode("gb18030")) == text
    assert decode(text.encode()) == text


def test_ascii() -> None:
    assert decode(b"404 Not Found") == "404 Not Found"
    assert decode(b"") == ""


def test_single_broken_characters() -> None:
    data = (REPORT * 5).encode()
    broken = data[:100] + b"\xff" + data[100:]
    assert decode(broken).replace("\ufffd", "")[-40:] == (REPORT * 5)[-40:]
    assert decode(data[:-1]) == (REPORT * 5)[:-1]
    gbk = (REPORT * 5).encode("gb18030")
    assert decode(gbk + b"\x80\xff")[:40] == REPORT[:40]


def test_traditional_and_western() -> None:
    assert decode("政府資訊公開年報，本年度共受理申請十二件。".encode("big5")).startswith("政府資訊公開年報")
    assert decode("L'année dernière, le café était fermé.".encode("cp1252")).startswith("L'ann")


def test_plausibility_tells_wrong_encodings() -> None:
    assert plausibility(REPORT) > 0.9
    assert plausibility(REPORT.encode().decode("gb18030", "replace")) < 0.6
    assert plausibility(REPORT.encode("gb18030").decode("utf-8", "replace")) < 0.6
    assert plausibility("\ufffd" * 5) == 0
