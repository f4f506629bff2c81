"""The one pipeline, from bytes to the contract's result, over files written here with known truth."""

from __future__ import annotations

import hashlib
import html
import io
import json

import pytest
from PIL import Image

from models.readers import Readers
from models.registry import served
from service.errors import DamagedFile, EmptyFile, LimitExceeded, NotAReport, UnreadableInput, UnsupportedFormat
from service.extract import extract
from service.limits import Limits
from service.reconcile import SURE
from service.results import Extraction
from tests.forms.written import (
    MIXTURES,
    Values,
    balanced,
    chapter,
    form,
    lines_by_table,
    numbered,
    printed,
    run_together,
    spaced_rows,
    tab_rows,
)
from training.synthesize.report import DrawnReport
from training.synthesize.shapes import shape_tables

TITLE = "青石县统计局2021年政府信息公开工作年度报告"
CHAPTERS = [(one.id, one.label) for one in form("2021").chapters]
WORDS = "本年度公开工作平稳有序。"

ANOTHER = {
    "proactive.regulations.issued": "81",
    "applications.received.natural_person": "82",
    "disputes.litigation_direct.upheld": "83",
}
"""Numbers of another report."""


def sound(year: str = "2021", changes: dict[str, str] | None = None) -> DrawnReport:
    """A report whose numbers balance; `changes` prints some cells otherwise."""
    values = balanced(year)
    texts = {field: str(value) for field, value in values.items()}
    report = printed(numbered(year), texts, values)
    return printed(report, changes, {field: _number(text) for field, text in changes.items()}) if changes else report


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def as_text(report: DrawnReport, writer=tab_rows, title: str = TITLE) -> bytes:
    tables = lines_by_table(report, writer)
    lines = [title]
    for name, label in CHAPTERS:
        lines += [label, WORDS, *(line for row in tables.get(name, ()) for line in row)]
    return "\n".join(lines).encode()


def as_html(report: DrawnReport, encoding: str = "utf-8") -> bytes:
    shapes = {shape.id: shape for shape in shape_tables(report)}
    parts = [f"<html><head><meta charset={encoding}></head><body><h1>{TITLE}</h1>"]
    for name, label in CHAPTERS:
        parts += [f"<p>{label}</p><p>{WORDS}</p>"]
        if shape := shapes.get(name):
            rows = [
                "".join(
                    f"<td rowspan={cell.row_span} colspan={cell.column_span}>{html.escape(cell.text)}</td>"
                    for cell in sorted(shape.cells, key=lambda cell: cell.column)
                    if cell.row == row
                )
                for row in range(shape.rows)
            ]
            parts.append("<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>")
    return "\n".join([*parts, "</body></html>"]).encode(encoding)


def values_of(result: Extraction) -> Values:
    return {field: one.value for field, one in result.fields.items()}


WAYS = {
    "tabs": as_text,
    "spaces": lambda report: as_text(report, spaced_rows),
    "html": as_html,
    "gb18030": lambda report: as_html(report, "gb18030"),
}


@pytest.mark.parametrize("year", ["2019", "2021"])
@pytest.mark.parametrize("way", WAYS)
def test_a_sound_report_is_reconciled(way, year):
    report = sound(year)
    data = WAYS[way](report)
    result = extract("任意 名称.bin", data)
    assert values_of(result) == dict(report.values)
    assert result.status == "reconciled"
    assert result.issues == ()
    assert {identity.status for identity in result.identities} == {"holds"}
    assert (result.report.title, result.report.agency, result.report.year) == (TITLE, "青石县统计局", 2021)
    assert [section.id for section in result.sections] == [name for name, _ in CHAPTERS]
    assert {section.text for section in result.sections} == {WORDS}
    assert result.source.sha256 == hashlib.sha256(data).hexdigest()
    assert (result.source.name, result.source.pages) == ("任意 名称.bin", 0)
    assert result.template.id == f"cn-disclosure-{year}"
    assert result.template.tables == dict.fromkeys(("proactive", "applications", "disputes"), year)


def test_the_result_is_the_contracts_json():
    content = json.loads(extract("report.txt", as_text(sound())).model_dump_json())
    assert list(content) == [
        "schema_version", "source", "template", "report", "sections", "fields", "identities", "issues", "status",
        "models",
    ]  # fmt: skip
    found = served("cells")
    assert content["models"] == ({"cells": found.name} if found else {})
    assert list(content["fields"]) == [spec.id for spec in form("2021").fields()]
    reading = content["fields"]["proactive.regulations.issued"]
    assert {"value", "text", "state", "confidence", "page", "bbox", "unit", "alternatives"} <= reading.keys()
    assert (reading["page"], reading["bbox"]) == (None, None)
    assert reading["line"] is not None
    assert Extraction.model_validate(content).model_dump(mode="json") == content


@pytest.mark.parametrize(("year", "applications"), MIXTURES)
def test_each_table_has_the_fields_and_identities_of_its_own_form(year, applications):
    result = extract("report.txt", as_text(numbered(year, applications)))
    forms = {"proactive": year, "applications": applications or year, "disputes": year}
    fields = [spec.id for table, of in forms.items() for spec in form(of).table(table).fields()]
    identities = [spec.id for table, of in forms.items() for spec in form(of).identity_specs(table)]
    assert list(result.fields) == fields
    assert [identity.id for identity in result.identities] == identities
    assert result.template.id == f"cn-disclosure-{year}"
    assert result.template.tables["applications"] == (applications or year)


def test_a_printed_sum_that_is_wrong_stays_as_printed_and_is_reported():
    field = "applications.granted.total"
    right = balanced("2021")[field]
    result = extract("report.txt", as_text(sound(changes={field: "77"})))
    assert result.fields[field].value == 77
    assert result.fields[field].state == "read"
    assert {one.id for one in result.identities if one.status == "violated"} == {"row:granted", "results:total"}
    (row,) = [one for one in result.identities if one.id == "row:granted"]
    assert (row.left, row.right) == (right, 77)
    (issue,) = result.issues
    assert (issue.code, issue.roots) == ("identity-violated", (field,))
    assert f"≠ 77 ({right} against 77, difference {right - 77}); the report itself does not balance" in issue.message
    assert (row.verdict, row.explanation[:20]) == ("unbalanced", issue.message.partition(": ")[2][:20])
    assert result.status == "needs_review"


def test_a_blank_total_is_kept_blank_and_its_sum_suggested():
    field = "applications.granted.total"
    result = extract("report.html", as_html(sound(changes={field: ""})))
    assert (result.fields[field].value, result.fields[field].state) == (None, "blank")
    (suggestion,) = [issue.suggestion for issue in result.issues if issue.suggestion]
    assert (suggestion.field, suggestion.value) == (field, balanced("2021")[field])
    assert result.status == "needs_review"


def test_a_missing_row_makes_its_identities_unknown():
    data = as_text(sound())
    gone = "\n".join(line for line in data.decode().split("\n") if "三安全" not in line).encode()
    result = extract("report.txt", gone)
    row = {field for field in result.fields if field.startswith("applications.refused.endangers_security.")}
    assert {field for field, one in result.fields.items() if one.state == "missing"} == row
    unknown = {one.id for one in result.identities if one.status == "unknown"}
    assert "row:refused.endangers_security" in unknown
    assert {one for one in unknown if one.startswith("results:")} == {
        one.id for one in result.identities if one.id.startswith("results:")
    }
    assert not any(one.status == "violated" for one in result.identities)
    assert result.status == "needs_review"


def test_a_missing_table_needs_review_and_keeps_the_others():
    report = sound()
    text = as_text(report).decode()
    start, end = text.index(chapter("disputes")), text.index(CHAPTERS[4][1])
    result = extract("report.txt", (text[:start] + text[end:]).encode())
    lost = {field for field, one in result.fields.items() if one.state == "missing"}
    assert lost == {field for field in report.values if field.startswith("disputes.")}
    assert result.status == "needs_review"


@pytest.mark.parametrize(("changes", "told"), [(ANOTHER, True), ({}, False)], ids=["another", "the same"])
@pytest.mark.parametrize("way", [as_text, as_html])
def test_a_second_report_in_the_file_is_not_passed_over_in_silence(way, changes, told):
    first, second = way(sound()), way(sound(changes=changes))
    result = extract("both", first + b"\n" + second)
    alone = extract("one", first)
    assert (values_of(result), result.sections[-1]) == (values_of(alone), alone.sections[-1])
    begin = f"Only the first report is read; another begins at {TITLE!r}. Send it by itself."
    assert [issue.message for issue in result.issues] == ([begin] if told else [])
    assert result.status == ("needs_review" if told else "reconciled")


def test_run_together_digits_are_never_reconciled_unseen():
    result = extract("flat.txt", as_text(sound(), run_together).replace(b" ", b""))
    wrong = {field for field, value in values_of(result).items() if value != sound().values[field]}
    assert result.status == "needs_review"
    assert all(result.fields[field].confidence < SURE for field in wrong)


def test_a_form_is_not_chosen_against_its_headings():
    dropped = {
        "规章": "1 2 3", "行政许可": "7", "其他对外管理服务事项": "", "行政处罚": "4", "行政强制": "3",
        "行政事业性收费": "8", "政府集中采购": "",
    }  # fmt: skip
    lines = as_text(sound("2019"), spaced_rows).decode().split("\n")
    words = [line.split()[0] if line else "" for line in lines]
    changed = [
        f"{word} {dropped[word]}".strip() if word in dropped else line for word, line in zip(words, lines, strict=True)
    ]
    assert changed != lines
    result = extract("report.txt", "\n".join(changed).encode())
    assert result.status == "needs_review"


@pytest.mark.parametrize(
    "text",
    [
        f"{TITLE}\n",
        f"{TITLE}\n一、总体情况\n本年度公开工作平稳有序。\n二、其他\n无。\n",
        "会议通知\n请各单位于3月5日前报送材料。\n",
        "<html><body><h1>404 Not Found</h1><p>nginx</p></body></html>",
        "姓名\t年龄\t总计\n张三\t34\t34\n李四\t45\t45\n",
        "本年度收到申请12件，其中予以公开5件，部分公开3件，属于国家秘密0件，均已按期答复申请人。" * 3,
    ],
)
def test_what_has_none_of_the_tables_is_not_a_report(text):
    with pytest.raises(NotAReport) as error:
        extract("secret-name.txt", text.encode())
    message = str(error.value)
    assert message and "\n" not in message and "secret-name" not in message


def test_tables_without_any_value_are_not_a_report():
    labels = "\n".join(
        row.label for table in form("2021").tables for block in table.blocks for row in (*block.columns, *block.rows)
    )
    with pytest.raises(NotAReport):
        extract("labels.txt", f"{TITLE}\n{labels}\n".encode())


def test_an_empty_form_is_read_and_needs_review():
    blank = sound(changes=dict.fromkeys(sound().printed, ""))
    result = extract("blank.html", as_html(blank))
    assert {one.state for one in result.fields.values()} == {"blank"}
    assert {one.status for one in result.identities} == {"holds"}
    assert [issue.code for issue in result.issues] == ["empty-form"]
    assert result.status == "needs_review"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", EmptyFile),
        (b"PK\x03\x04" + b"\x00" * 40, DamagedFile),
        (bytes(range(256)) * 20, UnsupportedFormat),
    ],
    ids=["empty", "cut zip", "noise"],
)
def test_what_cannot_be_opened_raises_its_own_error(data, error):
    with pytest.raises(UnreadableInput) as raised:
        extract("report.txt", data)
    assert isinstance(raised.value, error)
    assert "\n" not in str(raised.value)


def test_limits_hold():
    with pytest.raises(LimitExceeded):
        extract("report.txt", as_text(sound()), limits=Limits(file_bytes=100))


def test_a_scan_that_cannot_be_read_says_so():
    picture = io.BytesIO()
    Image.new("L", (400, 560), 255).save(picture, "PNG")
    with pytest.raises(NotAReport, match="none of its pages could be read"):
        extract("scan.png", picture.getvalue(), readers=Readers(*(None,) * 5))  # type: ignore[arg-type]


def test_readers_are_not_loaded_for_a_file_without_scanned_pages():
    def never():
        raise AssertionError("loaded")

    assert extract("report.txt", as_text(sound()), readers=never).status == "reconciled"
