import json
import random
from collections import Counter
from dataclasses import replace
from functools import cache
from itertools import pairwise

import pytest

pytest.importorskip("torch")

import torch

from models.cells import NONE, CellClassifier, CellEncoder, CellGeometry, CellInput
from service.documents.model import Cell, Place
from service.errors import InvalidDataset
from service.forms import load_forms
from service.forms.cell_inputs import InputCell
from service.forms.lines import Item, Kind, Layout, Line
from service.tables import build_blocks
from training.cells import augment, dataset
from training.cells.batches import IGNORED, Batches
from training.cells.by_number import label_numbered, number_fields
from training.cells.by_place import truth_of_cells
from training.cells.classes import build_classes, build_vocabulary, positions
from training.cells.dataset import cells_of, draw_example, draw_examples, flow_example, page_example, read_shards
from training.cells.examples import OTHER, Example, LabelledCell, Truth, read_examples, write_examples
from training.cells.fit import FitConfig, batch_loss, fit
from training.cells.labelled import label_by_rows, labelled_examples, truth_rows
from training.cells.model import NetworkSize
from training.cells.scores import score_examples
from training.cells.simulate import Noise, read_pages
from training.datasets.manifest import Imported, add_entries, add_report
from training.synthesize.cases import draw_case
from training.synthesize.flow import docx
from training.synthesize.flow.text import STYLES
from training.synthesize.invent import invent_report

TINY = NetworkSize(width=16, layers=1, heads=2, inner=16, characters=8)
IMPORTED = Imported(tool="by hand", file="labels.json", when="2026-01-01T00:00:00Z")


def fields_of(example):
    """How often each field's row and column was given to a value cell."""
    return Counter((one.truth.row, one.truth.column) for one in example.cells if one.truth.role == "value")


@cache
def page(case, seed=3):
    return page_example(case, seed, "train", Noise(), random.Random(seed))


def test_classes_come_from_the_forms_and_tell_every_field_apart():
    classes = build_classes(load_forms())
    assert classes.rows[0] == classes.columns[0] == NONE
    assert len(set(positions().values())) == len(positions())
    assert {row for row, _ in positions().values()} == set(classes.rows) - {NONE}
    assert {column for _, column in positions().values()} == set(classes.columns) - {NONE}


@pytest.mark.parametrize("case", ["plain", "no-headings", "page-break", "garbled-labels", "wrapped"])
def test_on_ruled_pages_every_field_is_found_by_its_place(case):
    report, _ = draw_case(case, 3, "train")
    found = fields_of(page(case))
    assert set(found) == {positions()[field] for field in report.printed}


def test_values_of_an_extra_column_belong_to_no_field():
    report, pages = draw_case("extra-column", 5, "train")
    extra = [cell for sheet in pages for cell in sheet.cells if cell.role == "extra" and cell.text]
    example = page("extra-column", 5)
    assert extra
    assert set(fields_of(example)) == {positions()[field] for field in report.printed}
    texts = Counter(one.cell.text for one in example.cells if one.truth == OTHER)
    assert all(texts[cell.text] for cell in extra if cell.text.isdigit())


def test_labels_and_headings_are_told_by_their_place_however_garbled():
    example = page("garbled-labels")
    rows = {one.truth.row for one in example.cells if one.truth.role == "label" and one.truth.row}
    columns = {one.truth.column for one in example.cells if one.truth.role == "heading" and one.truth.column}
    report, _ = draw_case("garbled-labels", 3, "train")
    wanted = [positions()[field] for field in report.printed]
    assert rows == {row for row, _ in wanted} - {"disputes"}
    assert columns == {column for _, column in wanted}


def test_noise_takes_characters_and_lines():
    _, pages = draw_case("plain", 3, "train")
    clean, *_ = read_pages(pages, Noise(), random.Random(0))
    bad, *_ = read_pages(pages, Noise(scanned=True, characters=0.3, lost_rules=0.3), random.Random(0))
    assert "".join(token.text for token in clean.tokens) == "".join(glyph.text for glyph in pages[0].glyphs)
    assert len(bad.rules) < 0.9 * len(clean.rules)
    same = sum(one.text == other.text for one, other in zip(clean.tokens, bad.tokens, strict=False))
    assert same < 0.9 * len(clean.tokens)
    assert bad.scanned and not clean.scanned


@pytest.mark.parametrize("style", sorted(set(STYLES) - {"flat"}))
def test_in_texts_every_field_is_found_by_its_number(style, monkeypatch):
    monkeypatch.setattr(dataset, "STYLES", {style: STYLES[style]})
    report = invent_report(5)
    found = fields_of(flow_example("text", report, random.Random(1)))
    assert found == Counter(positions()[field] for field in report.printed)


@pytest.mark.parametrize("kind", ["html", "docx"])
def test_grids_keep_their_empty_cells(kind):
    report = replace(invent_report(5), printed=dict.fromkeys(invent_report(5).printed, ""))
    report = replace(report, values=dict.fromkeys(report.printed))
    example = flow_example(kind, report, random.Random(1))
    assert set(fields_of(example)) == {positions()[field] for field in report.printed}
    assert {one.cell.text for one in example.cells if one.truth.role == "value"} == {""}


def test_numbers_of_a_report_do_not_reach_the_examples():
    report = number_fields(invent_report(5))
    lines, cells = cells_of(build_blocks(()))
    assert label_numbered(cells, lines, report, report.printed) == ()
    example = flow_example("docx", invent_report(5), random.Random(1))
    assert not {one.cell.text for one in example.cells} & set(report.printed.values())


def test_examples_are_kept_as_they_are(tmp_path):
    example = page("plain")
    path = tmp_path / "one.jsonl.gz"
    assert write_examples(path, [example, example]) == 2
    (read, again) = read_examples(path)
    assert read == again
    assert [one.truth for one in read.cells] == [one.truth for one in example.cells]
    assert [one.cell.text for one in read.cells] == [one.cell.text for one in example.cells]
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InvalidDataset):
        list(read_examples(path))


def test_shards_are_drawn_once_and_always_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "_SHARD", 2)
    paths = draw_examples(tmp_path, 4, seed=0, split="train")
    before = [path.stat().st_mtime_ns for path in paths]
    assert draw_examples(tmp_path, 4, seed=0, split="train") == paths
    assert [path.stat().st_mtime_ns for path in paths] == before
    drawn = list(read_shards(paths))
    assert [one.case for one in drawn] == [draw_example(seed, "train").case for seed in range(4)]


def cell(text, line, truth, placed=True):
    return LabelledCell(CellInput(text, line, 0.0, 1.0), truth, placed)


VALUE = Truth("value", "applications.granted", "applications.total")
ROW = [
    cell("总计", 0, Truth("heading", NONE, "applications.total")),
    cell("予以公开", 1, Truth("label", "applications.granted", NONE)),
    cell("12", 1, VALUE),
]


@pytest.mark.parametrize("change", [change for change, _ in augment._CHANGES], ids=lambda change: change.__name__)
def test_changes_keep_what_is_true(change):
    example = page("plain")
    lines = {}
    for one in example.cells:
        if one.truth.role == "value":
            lines.setdefault(one.truth.row, set()).add(one.truth.column)
    for seed in range(2):
        changed = change(list(example.cells), random.Random(seed))
        assert changed
        assert all(one.cell.line <= other.cell.line for one, other in pairwise(changed))
        for one in changed:
            if one.truth.role == "value" and one.truth.row:
                assert one.truth.column in lines[one.truth.row]


def test_what_changes_change():
    rng = random.Random(1)
    assert not any(one.truth.role == "heading" for one in augment.drop_headings(ROW, random.Random(4)))
    assert augment.drop_rows(ROW, rng) == ROW[:1]
    lost = augment.lose_values([replace(one, placed=False) for one in ROW] * 40, rng)
    assert len(lost) < 120 and Counter(one.truth.role for one in lost)["label"] == 40
    strange = augment.strange_label(list(ROW), rng)
    assert Counter(one.truth.row for one in strange if one.truth.role == "value") == {
        "applications.granted": 1,
        NONE: 1,
    }
    assert [one.cell.text for one in augment.garble_texts(ROW, random.Random(0))][2] == "12"


def batches(examples, **changes):
    forms = load_forms()
    encoder = CellEncoder(build_vocabulary(forms), CellGeometry(**changes))
    return Batches(examples, encoder, build_classes(forms), cells=900, seed=4)


def test_batches_come_again_the_same_and_hold_the_truth():
    examples = [page("plain"), page("page-break"), Example("tiny", "text", tuple(ROW))]
    one, other = batches(examples), batches(examples)
    later = other[7]
    for name, tensor in one[7].inputs.items():
        assert torch.equal(tensor, later.inputs[name])
    batch = one.collate([Example("tiny", "text", (*ROW, cell("3", 2, Truth("value", None, "applications.total"))))])
    classes = build_classes(load_forms())
    assert batch.targets["row"][0].tolist()[1:] == [
        classes.rows.index("applications.granted"),
        classes.rows.index("applications.granted"),
        IGNORED,
    ]
    assert batch.inputs["index"].shape == (1, 4)


def test_padding_and_unknown_truth_count_nothing():
    tiny = Example("tiny", "text", tuple(ROW))
    both = batches([tiny]).collate([tiny, Example("one", "text", (cell("5", 0, Truth()),))])
    alone = batches([tiny]).collate([tiny])
    sizes = {"role": 4, "row": 40, "column": 40}
    torch.manual_seed(0)
    logits = {name: torch.randn(2, 3, size) for name, size in sizes.items()}
    expected = batch_loss({name: one[:1] for name, one in logits.items()}, alone)
    assert batch_loss(logits, both).item() == pytest.approx(expected.item(), rel=1e-5)


def config(**changes):
    few = {"drawn": 4, "held_out": 2, "steps": 4, "warmup": 1, "cells": 900, "checkpoint_every": 2, "size": TINY}
    return FitConfig(**{**few, **changes})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A tiny network after four steps."""
    run = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset, "_SHARD", 2)
        seen = []
        model = fit(None, run, config=config(), progress=seen.append)
    return run, model, seen


def test_a_fit_leaves_a_model_that_serves(trained):
    run, model, seen = trained
    classifier = CellClassifier(model)
    scores = score_examples(classifier, read_shards(sorted((run / "held-out").iterdir())))
    described = json.loads((model / "model.json").read_text(encoding="utf-8"))
    assert described["scores"]["all"]["field"] == pytest.approx(scores["all"].field, abs=1e-4)
    assert described["trained"]["config"]["steps"] == 4
    drawn = [row for row in seen if "drawn" in row]
    assert drawn == seen[: len(drawn)] and drawn[-1]["drawn"] >= drawn[-1]["of"] > 0
    first = seen[len(drawn)]
    assert first["step"] == 0 and first["loss"] > 0 and "field all" in seen[-1]


def test_an_interrupted_fit_ends_where_an_uninterrupted_one_does(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "_SHARD", 2)
    run, model, _ = trained
    (tmp_path / "drawn").symlink_to(run / "drawn")
    (tmp_path / "held-out").symlink_to(run / "held-out")

    def stop(now):
        if now["step"] >= 0 and interrupted and now["step"] + 1 >= 3:
            raise KeyboardInterrupt

    interrupted = True
    monkeypatch.setattr("training.cells.fit._REPORT_EVERY", 1)
    with pytest.raises(KeyboardInterrupt):
        fit(None, tmp_path, config=config(), progress=stop)
    interrupted = False
    again = fit(None, tmp_path, config=config(), resume=True, progress=stop)
    assert (again / "network.safetensors").read_bytes() == (model / "network.safetensors").read_bytes()


def test_a_fit_goes_on_from_released_weights(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(dataset, "_SHARD", 2)
    run, model, _ = trained
    (tmp_path / "drawn").symlink_to(run / "drawn")
    (tmp_path / "held-out").symlink_to(run / "held-out")
    again = fit(None, tmp_path, config=config(steps=1, warmup=1, rate=1e-9), start=model)
    first, later = CellClassifier(model), CellClassifier(again)
    cells = [one.cell for one in page("plain").cells]
    assert abs(first.classify(cells).row - later.classify(cells).row).max() < 0.01
    with pytest.raises(InvalidDataset):
        fit(None, tmp_path / "wider", config=config(size=replace(TINY, width=32)), start=model)


def labelled_dataset(folder, report, seed=1):
    data = docx.write_docx(report, docx.choose_style(seed), seed)
    add_entries(folder, [add_report(folder, "one.docx", data, report.truth(), IMPORTED, "plain")])
    return folder


def test_labelled_reports_become_examples(tmp_path):
    report = invent_report(11)
    (example,) = labelled_examples(labelled_dataset(tmp_path, report))
    assert fields_of(example) == Counter(positions()[field] for field in report.printed)
    assert example.kind == "docx"


def test_a_truth_that_is_of_another_report_labels_little(tmp_path):
    report = invent_report(15)
    busy = {field: 1000 + number for number, field in enumerate(report.printed)}
    (example,) = labelled_examples(labelled_dataset(tmp_path, replace(report, values=busy)))
    assert not fields_of(example)


@pytest.mark.parametrize("case", ["plain", "garbled-labels", "no-headings"])
def test_rows_of_numbers_tell_what_places_tell(case):
    report, pages = draw_case(case, 12, "train")
    lines, cells = cells_of(build_blocks(read_pages(pages, Noise(), random.Random(1))))
    by_place = truth_of_cells(cells, lines, pages)
    by_rows = [one.truth for one in label_by_rows(lines, cells, truth_rows(report.truth()))]
    values = [(one, other) for one, other in zip(by_place, by_rows, strict=True) if one.role == "value"]
    assert len(values) >= len(report.printed)
    assert all(one == other for one, other in values)


def test_a_fit_without_anything_to_learn_from_says_so(tmp_path):
    with pytest.raises(InvalidDataset):
        fit(None, tmp_path, config=config(drawn=0))


def test_rows_without_numbers_are_labelled_only_where_nothing_else_fits(tmp_path):
    report = invent_report(11)
    blank = dict.fromkeys(report.printed)
    some = {field: 1000 + number for number, field in enumerate(report.printed) if "received" in field}
    truth = {**report.truth(), "values": {**blank, **some}}
    filled = [CellInput(str(value), 0, 0.0, 1.0) for value in some.values()]
    empty = [CellInput("", line, 0.0, 1.0) for line in range(1, 60) for _ in filled]
    lines = tuple(grid_line([one.text for one in (*filled, *empty) if one.line == line]) for line in range(60))
    cells = [InputCell(one, one.line, at % len(filled)) for at, one in enumerate((*filled, *empty))]
    labelled = label_by_rows(lines, cells, truth_rows(truth))
    assert [one.truth.row for one in labelled[: len(filled)]] == ["applications.received"] * len(filled)
    assert {one.truth for one in labelled[len(filled) :]} == {Truth()}


def grid_line(texts):
    cells = [Cell(0, column, text, Place()) for column, text in enumerate(texts)]
    return Line(tuple(Item(Kind.VALUE if one.text else Kind.BLANK, one, "") for one in cells), Layout.GRID, 0)
