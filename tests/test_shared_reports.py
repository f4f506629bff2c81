"""Real reports beside the checkout, each with its truth; skipped where there are none."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from service.errors import NotAReport
from service.extract import extract
from service.results import Extraction

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "reports"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real reports are not on this machine")
TRUTHS = sorted(FOLDER.glob("*.truth.json"))
SOUND = [path for path in TRUTHS if not path.name.startswith(".") and "_flat." not in path.name]
FLAT = [path for path in TRUTHS if "_flat." in path.name]


def name_of(path: Path) -> str:
    return path.name.removesuffix(".truth.json")


@cache
def read(path: Path) -> tuple[dict[str, Any], Extraction]:
    """The truth, and what gouji makes of its file."""
    (file,) = [one for one in FOLDER.glob(f"{name_of(path)}.*") if one not in TRUTHS]
    return json.loads(path.read_text(encoding="utf-8")), extract(file.name, file.read_bytes())


def same(found: float | None, truth: object) -> bool:
    """Whether a value is the truth: a number, None, a number with its unit, or any of several."""
    if isinstance(truth, dict):
        return any(same(found, one) for one in truth["any"])
    if isinstance(truth, str):
        return found is not None and truth.startswith(f"{found:g}" if found < 10**6 else str(found))
    if truth is None or found is None:
        return truth is None and found is None
    return abs(float(found) - float(truth)) < 1e-9  # type: ignore[arg-type]


def wrong(truth: dict[str, Any], result: Extraction) -> dict[str, tuple[object, object]]:
    """Fields whose value is not the truth."""
    found = {field: one.value for field, one in result.fields.items()}
    return {
        field: (found.get(field), value)
        for field, value in truth["values"].items()
        if not same(found.get(field), value)
    }


def of_status(result: Extraction, status: str) -> set[str]:
    return {one.id for one in result.identities if one.status == status}


@pytest.mark.parametrize("path", SOUND, ids=name_of)
def test_every_value_is_right(path: Path) -> None:
    truth, result = read(path)
    assert wrong(truth, result) == {}
    assert result.template.id == f"cn-disclosure-{truth['template']}"
    assert {table: result.template.tables[table] for table in truth["table_forms"]} == truth["table_forms"]
    assert result.report.year == truth["year"]


@pytest.mark.parametrize("path", TRUTHS, ids=name_of)
def test_nothing_wrong_or_broken_is_reconciled(path: Path) -> None:
    truth, result = read(path)
    if result.status == "reconciled":
        assert wrong(truth, result) == {}
        assert truth["violated"] == []
        assert of_status(result, "holds") == {one.id for one in result.identities}
        assert not any(one.state == "missing" for one in result.fields.values())


@pytest.mark.parametrize("path", SOUND, ids=name_of)
def test_broken_identities_are_reported_and_no_others(path: Path) -> None:
    truth, result = read(path)
    assert of_status(result, "violated") == set(truth["violated"])
    told = " ".join(issue.message for issue in result.issues if issue.severity == "error")
    assert all(identity in told for identity in truth["violated"])


@pytest.mark.parametrize("path", FLAT, ids=name_of)
def test_a_broken_identity_of_a_flat_text_is_never_said_to_hold(path: Path) -> None:
    truth, result = read(path)
    assert not of_status(result, "holds") & set(truth["violated"])
    sure = {field for field, one in result.fields.items() if one.state != "missing" and one.confidence >= 0.95}
    assert sure.isdisjoint(wrong(truth, result))


@pytest.mark.parametrize("path", FLAT, ids=name_of)
def test_a_flat_text_is_right_but_for_digits_that_are_said_to_part_in_several_ways(path: Path) -> None:
    truth, result = read(path)
    several = {field for issue in result.issues if issue.code == "several-ways" for field in issue.fields}
    assert wrong(truth, result).keys() <= several
    assert {field for field, one in result.fields.items() if one.state == "missing"} <= several


def test_a_report_without_its_tables_is_refused() -> None:
    (path,) = FOLDER.glob("*_title_only.txt")
    with pytest.raises(NotAReport) as error:
        extract(path.name, path.read_bytes())
    assert "\n" not in str(error.value)
    assert path.name not in str(error.value)


def test_a_page_without_truth_is_refused_or_sent_to_review() -> None:
    stems = {name_of(path) for path in TRUTHS}
    for path in FOLDER.iterdir():
        if path.name.partition(".")[0] not in stems:
            try:
                assert extract(path.name, path.read_bytes()).status == "needs_review"
            except NotAReport as error:
                assert path.name not in str(error)
