"""The evaluation counts what it should: right, wrong, silent, false alarms, failures."""

import json
from pathlib import Path

import pytest

from service.errors import DamagedFile
from service.results import Extraction, Reading, Report, Source, Template
from training.evaluate import evaluate, failures, inputs, report_lines, same_value, scores

_VALUES = {"a": 3, "b": None, "c": 5.5}


def _extraction(values: dict[str, float | None], status: str) -> Extraction:
    return Extraction(
        source=Source(name="x", sha256="0", media_type="application/pdf", pages=1),
        template=Template(id="cn-disclosure-2021", confidence=1, tables={}),
        report=Report(title=None, agency=None, year=None),
        sections=(),
        fields={name: Reading(value=value, text=None, state="read", confidence=1) for name, value in values.items()},
        identities=(),
        issues=(),
        status=status,  # type: ignore[arg-type]
    )


_RESULTS = {
    b"right": _extraction(dict(_VALUES), "reconciled"),
    b"careful": _extraction(dict(_VALUES), "needs_review"),
    b"silent": _extraction({**_VALUES, "b": 0}, "reconciled"),
    b"lacking": _extraction({"a": 3, "b": None}, "needs_review"),
}


def _extract(name: str, data: bytes) -> Extraction:
    if data == b"broken":
        raise DamagedFile("the file is cut off")
    return _RESULTS[data]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, violated in (("one", []), ("two", ["row:x"])):
        truth = {"template": "2021", "values": _VALUES, "violated": violated}
        (tmp_path / f"{name}.truth.json").write_text(json.dumps(truth))
    contents = {"one.clean": b"right", "one.copy": b"silent", "one.phone": b"broken", "one": b"careful"}
    contents |= {"two.clean": b"right", "two.copy": b"lacking", "three.clean": b"right"}
    for name, content in contents.items():
        (tmp_path / f"{name}.pdf").write_bytes(content)
    return tmp_path


def test_inputs_are_those_with_truth(folder: Path) -> None:
    found = [(path.name, quality) for path, _, quality in inputs(folder)]
    assert ("three.clean.pdf", "clean") not in found
    assert ("one.pdf", "plain") in found
    assert len(found) == 6
    assert [quality for _, _, quality in inputs(folder, ["copy"])] == ["copy", "copy"]


def test_scores_count_each_kind_of_failure(folder: Path) -> None:
    outcomes = evaluate(folder, _extract)
    by_quality = {score.quality: score for score in scores(outcomes)}
    clean, copy, phone = by_quality["clean"], by_quality["copy"], by_quality["phone"]
    assert (clean.fields_right, clean.count("exact"), clean.count("silent")) == (1, 2, 0)
    assert clean.count("missed_violation") == 1
    assert copy.fields_right == pytest.approx(4 / 6)
    assert (copy.count("exact"), copy.count("silent"), copy.count("reconciled")) == (0, 1, 1)
    assert (phone.fields_right, phone.count("error"), phone.count("exact")) == (0, 1, 0)
    assert by_quality["plain"].count("false_alarm") == 1
    assert len(by_quality["all"].outcomes) == 6


def test_lines_name_wrong_fields_and_errors(folder: Path) -> None:
    lines = report_lines(evaluate(folder, _extract), show=5)
    assert "one.copy.pdf\tb\tgot 0\twant None" in lines
    assert "two.copy.pdf\tc\tgot None\twant 5.5" in lines
    assert "one.phone.pdf\tthe file is cut off" in lines


def test_values_compare_as_numbers() -> None:
    assert same_value(3, 3.0)
    assert same_value(None, {"any": [None, 0]}) and same_value(0, {"any": [None, 0]})
    assert same_value(2, "2笔")
    assert same_value(251000.0, "251000元")
    assert same_value(None, None)


def test_zero_is_not_nothing() -> None:
    assert not same_value(0, None)
    assert not same_value(None, 0)
    assert not same_value(1, {"any": [None, 0]})
    assert not same_value(0.5, 0.51)


def test_what_must_not_be_is_a_failure(folder: Path) -> None:
    outcomes = evaluate(folder, _extract)
    wrongly = ["one.copy.pdf is reconciled and must not be", "two.clean.pdf is reconciled and must not be"]
    assert failures(outcomes, {}) == wrongly
    assert failures(outcomes, {"clean": 100, "copy": 66}) == wrongly
    assert failures(outcomes, {"copy": 67, "office": 1})[2:] == [
        "copy: 66.667 % of the fields are right, not 67 %",
        "office: nothing was measured",
    ]
