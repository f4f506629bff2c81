"""The evaluation counts what it should: right, wrong, silent, false alarms, failures."""

import json
from pathlib import Path

import pytest

from service.errors import BadRequest, DamagedFile, InvalidDataset, UnreadableInput
from service.results import AlternativeValue, Extraction, Issue, Reading, Report, Source, Template
from training.evaluate import (
    Outcome,
    failures,
    find_samples,
    load_outcomes,
    measure,
    report_lines,
    same_value,
    scores,
)

_VALUES = {"a": 3, "b": None, "c": 5.5}


def extraction(values: dict[str, float | None], status: str, doubtful: tuple[str, ...] = ()) -> Extraction:
    fields = {
        name: Reading(
            value=value,
            text=None,
            state="read" if value is not None else "blank",
            confidence=1,
            alternatives=(AlternativeValue(value=None, confidence=0.1),),
        )
        for name, value in values.items()
    }
    return Extraction(
        source=Source(name="x", sha256="0", media_type="application/pdf", pages=1),
        template=Template(id="cn-disclosure-2021", confidence=1, tables={}),
        report=Report(title=None, agency=None, year=None),
        sections=(),
        fields=fields,
        identities=(),
        issues=(Issue(code="doubtful-reading", severity="warning", message="", fields=doubtful),),
        status=status,  # type: ignore[arg-type]
    )


_RESULTS = {
    b"right": extraction(dict(_VALUES), "reconciled"),
    b"careful": extraction(dict(_VALUES), "needs_review"),
    b"silent": extraction({**_VALUES, "b": 0}, "reconciled"),
    b"lacking": extraction({"a": 3, "b": None}, "needs_review"),
    b"doubtful": extraction({**_VALUES, "a": 8}, "needs_review", doubtful=("a",)),
}


def read(name: str, data: bytes) -> Extraction:
    if data == b"broken":
        raise DamagedFile("the file is cut off")
    return _RESULTS[data]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, violated in (("one", []), ("two", ["row:x"])):
        truth = {"template": "2021", "values": _VALUES, "violated": violated}
        (tmp_path / f"{name}.truth.json").write_text(json.dumps(truth))
    contents = {"one.clean": b"right", "one.copy": b"silent", "one.phone": b"broken", "one": b"careful"}
    contents |= {"two.clean": b"right", "two.copy": b"lacking", "three.clean": b"right", "two": b"doubtful"}
    for name, content in contents.items():
        (tmp_path / f"{name}.pdf").write_bytes(content)
    return tmp_path


@pytest.fixture
def outcomes(folder: Path) -> list[Outcome]:
    return measure(find_samples(folder), extract=read)


def test_inputs_are_those_with_truth(folder: Path) -> None:
    found = [(sample.name, sample.quality) for sample in find_samples(folder)]
    assert ("three.clean.pdf", "clean") not in found
    assert ("one.pdf", "plain") in found
    assert len(found) == 7
    assert [quality for _, quality in found].count("copy") == 2
    (folder / "one.copy.pdf.truth.json").write_text("{}")
    assert (
        next(one.truth.name for one in find_samples(folder) if one.name == "one.copy.pdf") == "one.copy.pdf.truth.json"
    )


def test_nothing_to_measure_is_an_error_and_not_all_right(tmp_path: Path) -> None:
    with pytest.raises(InvalidDataset, match="holds no report"):
        find_samples(tmp_path / "nowhere")


@pytest.mark.parametrize("truth", ["{", "[]", '{"values": {}}'])
def test_a_truth_that_is_none_is_an_error(folder: Path, truth: str) -> None:
    (folder / "one.truth.json").write_text(truth)
    with pytest.raises(InvalidDataset, match=r"one\.truth\.json"):
        measure(find_samples(folder), extract=read)


def test_scores_count_each_kind_of_failure(outcomes: list[Outcome]) -> None:
    by_quality = {score.group: score for score in scores(outcomes)}
    clean, copy, phone = by_quality["clean"], by_quality["copy"], by_quality["phone"]
    assert (clean.fields_right, clean.count("exact"), clean.count("silent")) == (1, 2, 0)
    assert clean.count("missed_violation") == 1
    assert copy.fields_right == pytest.approx(4 / 6)
    assert (copy.count("exact"), copy.count("silent"), copy.count("reconciled")) == (0, 1, 1)
    assert (phone.fields_right, phone.count("error"), phone.count("exact")) == (0, 1, 0)
    assert by_quality["plain"].count("false_alarm") == 1
    assert len(by_quality["all"].outcomes) == 7


def test_silent_fields_are_wrong_and_sure_and_were_found(outcomes: list[Outcome]) -> None:
    by_name = {one.name: one for one in outcomes}
    assert [one.field for one in by_name["one.copy.pdf"].silent_fields] == ["b"]
    assert by_name["two.copy.pdf"].wrong and not by_name["two.copy.pdf"].silent_fields  # its wrong field is missing
    assert by_name["two.pdf"].wrong and not by_name["two.pdf"].silent_fields  # it is called doubtful
    assert by_name["one.phone.pdf"].silent_fields == ()


def test_outcomes_keep_what_the_truth_and_the_reading_say(outcomes: list[Outcome]) -> None:
    by_name = {one.name: one for one in outcomes}
    silent = by_name["one.copy.pdf"]
    assert (silent.quality, silent.format, silent.case) == ("copy", "pdf", "plain")
    assert silent.correct == {"a": True, "b": False, "c": True}
    assert [one.wanted for one in silent.fields] == ["number", "nothing", "number"]
    assert [one.among for one in silent.fields] == [False, True, False]  # `b` has the true value beside the wrong one


def test_lines_name_wrong_fields_and_errors(outcomes: list[Outcome]) -> None:
    lines = report_lines(outcomes, show=5)
    assert "one.copy.pdf\tb\tgot 0\twant None\tread 1.000" in lines
    assert "two.copy.pdf\tc\tgot None\twant 5.5\tmissing 0.000" in lines
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


def test_what_must_not_be_is_a_failure(outcomes: list[Outcome]) -> None:
    wrongly = ["one.copy.pdf is reconciled and must not be", "two.clean.pdf is reconciled and must not be"]
    assert failures(outcomes, {}) == wrongly
    assert failures(outcomes, {"clean": 100, "copy": 66}) == wrongly
    assert failures(outcomes, {"copy": 67, "office": 1})[2:] == [
        "copy: 66.667 % of the fields are right, not 67 %",
        "office: nothing was measured",
    ]


def test_saved_outcomes_come_back_as_they_were(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "saved" / "outcomes.jsonl"
    outcomes = measure(find_samples(folder), extract=read, save=file, conditions={"cells": "cells-1"})
    assert load_outcomes(file) == tuple(sorted(outcomes, key=lambda one: one.name))


def test_a_stopped_evaluation_goes_on_where_it_was(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    samples = find_samples(folder)
    whole = measure(samples, extract=read)
    measure(samples[:4], extract=read, save=file)
    cut = file.read_bytes()[:-9]  # a kill in the middle of a line
    file.write_bytes(cut)
    names: list[str] = []

    def noted(name: str, data: bytes) -> Extraction:
        names.append(name)
        return read(name, data)

    again = measure(samples, extract=noted, save=file)
    assert names == [sample.name for sample in samples[3:]]
    assert [(one.name, one.correct) for one in again] == [(one.name, one.correct) for one in whole]
    assert len(load_outcomes(file)) == 7


def test_outcomes_of_other_models_are_not_mixed(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "outcomes.jsonl"
    measure(find_samples(folder)[:1], extract=read, save=file, conditions={"cells": "cells-1"})
    with pytest.raises(BadRequest, match="other models"):
        measure(find_samples(folder), extract=read, save=file, conditions={"cells": "cells-2"})


@pytest.mark.parametrize("content", ["", "{}\n", "no JSON\n", '{"measured": {}}\n{"name": "x"}\n{"name": "y"}\n'])
def test_a_file_that_holds_no_outcomes_is_rejected(tmp_path: Path, content: str) -> None:
    file = tmp_path / "outcomes.jsonl"
    file.write_text(content)
    with pytest.raises(UnreadableInput, match="outcome"):
        load_outcomes(file)


def test_several_processes_find_the_same(folder: Path, outcomes: list[Outcome]) -> None:
    apart = measure(find_samples(folder), extract=read, jobs=2)
    assert [(one.name, one.fields, one.error) for one in apart] == [
        (one.name, one.fields, one.error) for one in outcomes
    ]
