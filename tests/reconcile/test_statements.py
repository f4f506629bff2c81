"""The wordings as data: they fit the forms, and a file that is wrong says so."""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from data import STATEMENTS
from service.errors import InvalidTemplate
from service.forms.catalogue import load_forms
from service.reconcile.statements import load_statements, sums

FIELDS = {form.year: tuple(spec.id for spec in form.fields()) for form in load_forms()}


def test_every_pattern_of_field_ids_fits_a_form() -> None:
    kinds = {wording.kind.id: wording.kind for wording in load_statements().wordings}
    assert {"received", "carried_in", "carried_out", "concluded", "reconsideration", "litigation", "fees"} <= set(kinds)
    patterns = [(kind.id, name) for kind in kinds.values() for option in kind.options for name in option]
    known = [field for fields in FIELDS.values() for field in fields]
    unknown = [(kind, name) for kind, name in patterns if not any(fnmatchcase(field, name) for field in known)]
    assert unknown == []


def test_every_wording_has_one_of_its_kinds_keys() -> None:
    for wording in load_statements().wordings:
        assert any(key in wording.pattern.pattern for key in wording.kind.keys), wording.pattern.pattern


def test_every_rule_between_years_fits_the_form_of_2021() -> None:
    rules = load_statements().between_years
    assert {rule.id.partition(":")[0] for rule in rules} == {"carried", "in-force"}
    for rule in rules:
        for name in (*rule.last_year, *rule.plus, *rule.minus, rule.equals):
            assert any(fnmatchcase(field, name.replace("<part>", "*")) for field in FIELDS["2021"]), name


def test_sums_are_of_the_fields_that_the_form_has() -> None:
    (issued,) = {w.kind for w in load_statements().wordings if w.kind.id == "documents_issued"}
    assert sums(issued, FIELDS["2021"]) == (("proactive.normative_documents.issued",),)
    assert sums(issued, FIELDS["2019"]) == (
        ("proactive.normative_documents.made",),
        ("proactive.normative_documents.disclosed",),
    )
    assert sums(issued, ()) == ()


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": [{"id": "x", "keys": ["x"], "options": [["x"]], "patterns": ["<unheard>"]}]},
        {"kinds": [{"id": "x", "keys": ["x"], "options": [["x"]], "patterns": ["("]}]},
        {"kinds": [{"id": "x", "keys": ["x"], "options": [["x"]], "wordings": ["x"]}]},
        {"kinds": [{"id": "x", "keys": ["x"]}]},
        {"money": {"元": "one"}},
        {"unheard": []},
    ],
    ids=["unknown word", "broken pattern", "unknown key", "no options", "no number", "unknown part"],
)
def test_a_file_that_is_wrong_is_refused(change: dict[str, Any], tmp_path: Path) -> None:
    whole = yaml.safe_load(STATEMENTS.read_text(encoding="utf-8"))
    path = tmp_path / "statements.yaml"
    path.write_text(yaml.safe_dump({**whole, **change}, allow_unicode=True), encoding="utf-8")
    with pytest.raises(InvalidTemplate, match=r"^statements\.yaml: "):
        load_statements(path)


@pytest.mark.parametrize("content", ["", "[", "- 1"])
def test_a_file_that_is_no_such_file_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "statements.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidTemplate):
        load_statements(path)
