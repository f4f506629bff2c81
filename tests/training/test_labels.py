"""Labels come out of every kind of file as they went in, and nothing else passes."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.errors import InvalidLabels
from service.forms.catalogue import load_forms
from tests.built import AMOUNT, BLANK, DOUBTFUL, MISSING, build
from training.datasets.label_files import read_labels
from training.datasets.label_studio import from_tasks, labelling_config, to_tasks
from training.datasets.labels import Label, Labels, from_result, from_truth, rounded, to_truth
from training.synthesize.invent import invent_report

FORMS = {"proactive": "2021", "applications": "2021", "disputes": "2021"}
FIELDS = [spec.id for form in load_forms() if form.year == "2021" for spec in form.fields()]
PICTURES = {1: "page-1.png", 2: "page-2.png"}
SIZES = {1: (1654, 2339), 2: (2339, 1654)}

share = st.floats(0, 1, allow_nan=False)


@st.composite
def labels(draw: st.DrawFn) -> Labels:
    fields = {}
    for name in draw(st.lists(st.sampled_from(FIELDS), unique=True, max_size=8)):
        text = draw(st.sampled_from(["0", "12", "1,234", "5.035", "2笔", "", "/", "－", "０"]))
        if draw(st.booleans()):
            fields[name] = Label(text)
            continue
        left, top = draw(st.floats(0, 0.9)), draw(st.floats(0, 0.9))
        box = rounded((left, top, draw(st.floats(left + 0.001, 1)), draw(st.floats(top + 0.001, 1))))
        fields[name] = Label(text, draw(st.sampled_from([1, 2])), box)
    return Labels("report.pdf", FORMS, fields, draw(st.sampled_from([None, 2021])), "题目", None, SIZES)


@settings(max_examples=60, deadline=None)
@given(labels())
def test_label_studio_gives_back_what_it_got(made: Labels):
    tasks = json.loads(json.dumps(to_tasks(made, PICTURES)))
    assert [task["data"]["image"] for task in tasks] == ["page-1.png", "page-2.png"]
    (back,) = from_tasks(tasks)
    assert back.fields == made.fields
    assert (back.file, back.table_forms, back.year, back.title) == ("report.pdf", FORMS, made.year, "题目")


@settings(max_examples=60, deadline=None)
@given(labels())
def test_a_truth_file_gives_back_what_it_got(made: Labels):
    back = from_truth(json.loads(json.dumps(to_truth(made))), "report.pdf")
    assert back.fields == made.fields


def test_a_result_becomes_labels_without_its_missing_fields():
    made = from_result(build())
    assert MISSING not in made.fields
    assert len(made.fields) == len(FIELDS) - 1
    assert made.fields[DOUBTFUL].value == 7
    assert made.fields[BLANK] == Label("", *_place(BLANK))
    assert made.fields[AMOUNT].value == 5.035
    assert made.fields[AMOUNT].text == "5.035"  # “=5.035” is how it was read, and no value


def _place(field: str) -> tuple[int | None, Any]:
    reading = build().fields[field]
    assert reading.bbox is not None
    return reading.page, rounded(reading.bbox)


def test_a_repaired_value_is_the_text_of_its_label():
    result = build(clean=True)
    repaired = result.fields[DOUBTFUL].model_copy(update={"value": 9, "text": "0", "state": "repaired"})
    made = from_result(result.model_copy(update={"fields": {**result.fields, DOUBTFUL: repaired}}))
    assert made.fields[DOUBTFUL].text == "9"


def test_a_drawn_truth_keeps_its_values_and_broken_identities():
    for seed in range(40):
        report = invent_report(seed)
        again = to_truth(from_truth(report.truth(), "x"))
        assert again["values"] == dict(report.values)
        assert again["violated"] == list(report.violated)
        assert again["table_forms"] == dict(report.table_forms)


def test_an_identity_with_an_unlabelled_field_is_not_called_broken():
    report = next(report for report in map(invent_report, range(200)) if report.violated)
    truth = report.truth()
    assert to_truth(from_truth(truth, "x"))["violated"]
    few = {name: truth["values"][name] for name in list(truth["values"])[:1]}
    assert to_truth(from_truth({**truth, "values": few}, "x"))["violated"] == []


def test_the_three_kinds_of_file_are_told_by_their_content(tmp_path: Path):
    result, truth, tasks = tmp_path / "a.json", tmp_path / "b.truth.json", tmp_path / "c.json"
    result.write_text(build(clean=True).model_dump_json(), encoding="utf-8")
    (made,) = read_labels(result)
    truth.write_text(json.dumps(to_truth(made)), encoding="utf-8")
    sized = Labels(made.file, made.table_forms, made.fields, made.year, made.title, made.agency, SIZES)
    tasks.write_text(json.dumps(to_tasks(sized, PICTURES)), encoding="utf-8")
    assert read_labels(truth)[0].fields == made.fields
    assert read_labels(tasks)[0].fields == made.fields
    assert read_labels(truth)[0].file == "b"


@pytest.mark.parametrize("text", ["", "{}", "7", '{"schema_version": "1"}', '{"values": 1}', '[{"data": {}}]'])
def test_other_files_are_refused(tmp_path: Path, text: str):
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidLabels):
        read_labels(path)


def _tasks() -> list[dict[str, Any]]:
    made = from_result(build(clean=True, pages=1))
    sized = Labels(made.file, made.table_forms, dict(list(made.fields.items())[:3]), sizes={1: (1000, 1414)})
    return to_tasks(sized, {1: "page-1.png"})


def _regions(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    regions: list[dict[str, Any]] = tasks[0]["annotations"][0]["result"]
    return regions


def _unknown_field(tasks: list[dict[str, Any]]) -> None:
    _regions(tasks)[0]["value"]["rectanglelabels"] = ["proactive.no.such"]


def _words(tasks: list[dict[str, Any]]) -> None:
    _regions(tasks)[1]["value"]["text"] = ["twelve"]


def _twice(tasks: list[dict[str, Any]]) -> None:
    _regions(tasks)[2]["value"]["rectanglelabels"] = _regions(tasks)[0]["value"]["rectanglelabels"]


def _outside(tasks: list[dict[str, Any]]) -> None:
    _regions(tasks)[0]["value"]["x"] = 99.0


def _no_size(tasks: list[dict[str, Any]]) -> None:
    del _regions(tasks)[0]["original_width"]


def _no_form(tasks: list[dict[str, Any]]) -> None:
    tasks[0]["data"]["table_forms"] = {"proactive": "1066"}


@pytest.mark.parametrize("spoil", [_unknown_field, _words, _twice, _outside, _no_size, _no_form])
def test_wrong_label_studio_tasks_are_refused(spoil: Callable[[list[dict[str, Any]]], None]):
    tasks = _tasks()
    assert len(from_tasks(tasks)[0].fields) == 3
    spoil(tasks)
    with pytest.raises(InvalidLabels):
        from_tasks(tasks)


def test_only_the_last_annotation_that_stands_counts():
    tasks = _tasks()
    first = copy.deepcopy(_regions(tasks))
    first[1]["value"]["text"] = ["31"]
    tasks[0]["annotations"] = [tasks[0]["annotations"][0], {"result": first}, {"result": [], "was_cancelled": True}]
    (made,) = from_tasks(tasks)
    assert made.fields[first[0]["id"]].value == 31
    tasks[0]["predictions"] = tasks[0].pop("annotations")
    assert from_tasks(tasks)[0].fields == {}


def test_a_region_turned_by_a_hand_keeps_its_box_nearly():
    tasks = _tasks()
    (upright,) = from_tasks(tasks)
    region = _regions(tasks)[0]
    region["value"]["rotation"] = 1.0
    (turned,) = from_tasks(tasks)
    straight, other = upright.fields[region["id"]].box, turned.fields[region["id"]].box
    assert straight is not None
    assert other is not None
    assert other != straight
    assert other == pytest.approx(straight, abs=0.004)


def test_pages_without_pictures_cannot_be_exported():
    made = from_result(build(clean=True, pages=0))
    with pytest.raises(InvalidLabels, match="no page pictures"):
        to_tasks(made, {})
    with pytest.raises(InvalidLabels, match="without a picture"):
        to_tasks(from_result(build(clean=True, pages=2)), {1: "page-1.png"})


def test_the_labelling_configuration_offers_every_field():
    offered = [label.get("value") for label in ElementTree.fromstring(labelling_config()).iter("Label")]
    assert len(offered) == len(set(offered))
    assert {spec.id for form in load_forms() for spec in form.fields()} == set(offered)
