"""Results as CSV, workbooks and equations."""

from __future__ import annotations

import csv
import io

from openpyxl import load_workbook

from service.export import FIELD_COLUMNS, doubts, equations, place, table_forms, to_csv
from service.results import Extraction, Identity, Issue, Reading
from service.workbook import to_xlsx
from tests.built import AMOUNT, BLANK, DOUBTFUL, MISSING, VIOLATED, build


def _rows(content: bytes) -> dict[str, dict[str, str]]:
    return {row["field"]: row for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))}


def test_every_doubt_has_its_reasons_and_nothing_else_is_doubtful() -> None:
    assert doubts(build()) == {MISSING: ("field-missing",), DOUBTFUL: ("doubtful-reading", "identity-violated")}
    assert doubts(build(clean=True)) == {}


def test_what_a_person_has_set_is_not_doubtful_and_what_is_only_told_is_not_either() -> None:
    extraction = build(clean=True)
    fields = extraction.fields | {DOUBTFUL: Reading(value=1, text="1", state="reviewed", confidence=0.2)}
    told = (Issue(code="note", severity="info", message="said", fields=(BLANK,)),)
    assert doubts(extraction.model_copy(update={"fields": fields, "issues": told})) == {}


def test_an_equation_shows_both_sides_and_their_difference() -> None:
    (broken,) = (e for e in equations(build()) if e.identity.status == "violated")
    assert (broken.identity.id, broken.table) == (VIOLATED, "applications")
    assert str(broken) == "0 + 0 + 0 + 0 + 0 + 0 ≠ 7"
    assert broken.difference == -7


def test_an_equation_tells_blank_from_missing_and_rids_differences_of_binary_noise() -> None:
    extraction = build(clean=True)
    person, firm = "applications.received.natural_person", "applications.received.business"
    fields = extraction.fields | {
        person: Reading(value=None, text="", state="blank", confidence=1),
        firm: Reading(value=None, text=None, state="missing", confidence=0),
    }
    unknown = Identity(id=VIOLATED, left=None, right=0, status="unknown")
    changed = extraction.model_copy(update={"fields": fields, "identities": (unknown,)})
    (equation,) = equations(changed)
    assert (str(equation), equation.difference) == ("_ + ? + 0 + 0 + 0 + 0 ≟ 0", None)
    noisy = Identity(id=VIOLATED, left=0.1 + 0.2, right=0.3, status="holds")
    (equation,) = equations(extraction.model_copy(update={"identities": (noisy,)}))
    assert equation.difference == 0


def test_each_table_follows_its_own_form() -> None:
    mixed = build().template.model_copy(update={"tables": {"proactive": "2021", "applications": "2019"}})
    tables = table_forms(build().model_copy(update={"template": mixed}))
    assert [(table.id, len(table.blocks) > 0) for table in tables] == [("proactive", True), ("applications", True)]
    ids = {spec.id for spec in tables[1].fields()}
    assert "applications.other.other.total" in ids
    assert "applications.other.fee_unpaid.total" not in ids


def test_csv_has_one_line_a_field_with_label_place_and_doubts() -> None:
    extraction = build("年报 一.pdf")
    content = to_csv([extraction])
    rows = _rows(content)
    assert list(rows) == list(extraction.fields)
    assert content.splitlines()[0].decode() == ",".join(FIELD_COLUMNS)
    doubtful = rows[DOUBTFUL]
    assert (doubtful["file"], doubtful["table"], doubtful["value"]) == ("年报 一.pdf", "applications", "7")
    assert (doubtful["state"], doubtful["confidence"], doubtful["doubts"]) == (
        "read",
        "0.41",
        "doubtful-reading identity-violated",
    )
    assert doubtful["label"].endswith(" > 总计")
    assert float(doubtful["x1"]) > float(doubtful["x0"])
    assert (rows[MISSING]["value"], rows[MISSING]["page"], rows[BLANK]["state"]) == ("", "", "blank")
    assert (rows[AMOUNT]["value"], rows[AMOUNT]["unit"]) == ("5.035", "万元")


def test_csv_runs_no_formula_and_leaves_numbers_alone() -> None:
    extraction = build()
    fields = extraction.fields | {BLANK: Reading(value=-18, text="-18", state="read", confidence=1)}
    rows = _rows(to_csv([extraction.model_copy(update={"fields": fields})]))
    assert rows[AMOUNT]["text"] == "'=5.035"
    assert (rows[BLANK]["value"], rows[BLANK]["text"]) == ("-18", "-18")


def test_csv_begins_with_a_mark_only_if_asked_and_can_go_on_without_headings() -> None:
    extraction = build()
    assert to_csv([extraction], bom=True).startswith(b"\xef\xbb\xbffile,")
    assert to_csv([extraction]).startswith(b"file,")
    assert to_csv([extraction, extraction]) == to_csv([extraction]) + to_csv([extraction], headings=False)


def test_a_workbook_holds_fields_identities_and_issues() -> None:
    extraction = build("年报 一.pdf")
    book = load_workbook(io.BytesIO(to_xlsx(extraction)))
    assert book.sheetnames == ["report", "fields", "identities", "issues"]
    head = dict(book["report"].iter_rows(values_only=True))
    assert (head["file"], head["year"], head["status"]) == ("年报 一.pdf", 2021, "needs_review")
    fields = {row[2].value: row for row in book["fields"].iter_rows(min_row=2)}
    assert list(fields) == list(extraction.fields)
    assert fields[DOUBTFUL][4].value == 7
    assert (fields[DOUBTFUL][0].fill.patternType, fields[BLANK][0].fill.patternType) == ("solid", None)
    broken = [row for row in book["identities"].iter_rows(values_only=True, min_row=2) if row[2] == "violated"]
    assert broken == [(VIOLATED, "applications", "violated", 0, 7, -7, "0 + 0 + 0 + 0 + 0 + 0 ≠ 7", None, None)]
    doubt, issue = book["issues"].iter_rows(values_only=True, min_row=2)
    assert doubt[:2] == ("warning", "doubtful-reading")
    assert issue[:2] == ("error", "identity-violated")
    assert issue[4:6] == (DOUBTFUL, 0)


def test_a_workbook_tells_verdicts_with_their_sentences_and_fingerprints() -> None:
    extraction = build()
    identities = [
        one.model_copy(update={"verdict": "undecided", "explanation": "0 ≠ 7; look."}) if one.id == VIOLATED else one
        for one in extraction.identities
    ]
    issues = [one.model_copy(update={"fingerprint": "1-2"}) for one in extraction.issues]
    changed = extraction.model_copy(update={"identities": tuple(identities), "issues": tuple(issues)})
    book = load_workbook(io.BytesIO(to_xlsx(changed)))
    (broken,) = [row for row in book["identities"].iter_rows(values_only=True, min_row=2) if row[2] == "violated"]
    assert broken[7:] == ("undecided", "0 ≠ 7; look.")
    assert {row[7] for row in book["issues"].iter_rows(values_only=True, min_row=2)} == {"1-2"}


def test_a_workbook_keeps_texts_texts_and_drops_what_excel_cannot_hold() -> None:
    extraction = build()
    fields = extraction.fields | {BLANK: Reading(value=1, text="1\x0b\x00", state="read", confidence=1)}
    book = load_workbook(io.BytesIO(to_xlsx(extraction.model_copy(update={"fields": fields}))))
    cells = {row[2].value: row[5] for row in book["fields"].iter_rows(min_row=2)}
    assert (cells[AMOUNT].value, cells[AMOUNT].data_type) == ("=5.035", "s")
    assert cells[BLANK].value == "1"


def test_a_clean_workbook_has_an_empty_sheet_of_issues() -> None:
    book = load_workbook(io.BytesIO(to_xlsx(build(clean=True))))
    assert book["issues"].max_row == 1


def test_places_are_told_in_the_words_of_their_input() -> None:
    def reading(**where: object) -> Reading:
        return Reading.model_validate({"value": 1, "text": "1", "state": "read", "confidence": 1} | where)

    assert place(reading(page=2, bbox=(0.2, 0.1, 0.4, 0.3))) == "page 2, 30% across, 20% down"
    assert place(reading(page=2)) == "page 2"
    assert place(reading(line=14)) == "line 14"
    assert place(reading(cell="T2R5C3")) == "cell T2R5C3"
    assert place(reading()) == "nowhere"


def test_a_result_of_an_unknown_form_is_still_exported() -> None:
    template = build().template.model_copy(update={"id": "future", "tables": {"proactive": "2031"}})
    extraction: Extraction = build().model_copy(update={"template": template})
    assert list(_rows(to_csv([extraction]))) == list(extraction.fields)
    assert equations(extraction) == ()
