"""`gouji train` as its users run it, as far as it needs no PyTorch."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.registry import read_registry
from service.cli import app
from service.errors import BadRequest, GoujiError, InvalidDataset, InvalidLabels, MissingExtra, UnreadableInput
from tests.built import build
from training.datasets.manifest import Drawn, Imported, Reviewed, add_entries, add_report, read_manifest, verify
from training.datasets.orders import Order
from training.loop import cli
from training.loop.gold import make_gold, read_gold
from training.loop.weights import install

IMPORTED = Imported(tool="a test", file="none", when="2026-01-02T03:04:05Z")


def run(*words: str, fails: type[GoujiError] | None = None) -> str:
    result = CliRunner().invoke(app, ["train", *words])
    if fails is not None:
        assert isinstance(result.exception, fails), result.output
        return str(result.exception)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    run("synthesize", str(tmp_path / "set"), "--count", "2", "--quality", "plain", "--format", "docx", "--seed", "5")
    return tmp_path / "set"


def test_a_drawn_dataset_tells_how_it_was_drawn_and_is_drawn_alike_again(drawn: Path, tmp_path: Path):
    first, second = verify(drawn).entries
    assert isinstance(first.provenance, Drawn)
    assert (first.provenance.seed, first.provenance.split, first.format) == (5, "train", "docx")
    assert "gouji train synthesize --count 2 --seed 5" in first.provenance.command
    truth = json.loads((drawn / str(second.truth)).read_text(encoding="utf-8"))
    assert truth["printed"].keys() == truth["values"].keys()
    run("synthesize", str(tmp_path / "again"), "--count", "1", "--quality", "plain", "--format", "docx", "--seed", "6")
    assert verify(tmp_path / "again").entries[0].sha256 == second.sha256


def test_what_was_drawn_already_is_kept(drawn: Path):
    before = (drawn / "manifest.json").stat().st_mtime_ns, [entry.sha256 for entry in read_manifest(drawn).entries]
    run("synthesize", str(drawn), "--count", "3", "--quality", "plain", "--format", "docx", "--seed", "5")
    assert [entry.sha256 for entry in read_manifest(drawn).entries][:2] == before[1]
    assert len(verify(drawn).entries) == 3


def test_a_drawing_that_was_stopped_goes_on(drawn: Path):
    """Killed, it has drawn reports that are not listed yet, and perhaps the half of another."""
    third = Order(7, quality="plain", format="docx").name
    (drawn / third).write_bytes(b"half")
    (drawn / f"{third}.truth.json").write_text("{", encoding="utf-8")
    (drawn / ".gouji-0123456789abcdef.tmp").write_bytes(b"a half manif")
    run("synthesize", str(drawn), "--count", "3", "--quality", "plain", "--format", "docx", "--seed", "5")
    assert [entry.file for entry in verify(drawn).entries][2] == third
    (drawn / "strange.docx").write_bytes(b"")
    words = ("--count", "3", "--quality", "plain", "--format", "docx", "--seed", "5")
    assert "strange.docx is not in the manifest" in run("synthesize", str(drawn), *words, fails=InvalidDataset)


def test_drawings_are_the_same_in_one_process_and_in_two(tmp_path: Path):
    words = ("--count", "2", "--seed", "3", "--quality", "plain", "--format", "txt", "--jobs")
    for jobs in ("1", "2"):
        run("synthesize", str(tmp_path / jobs), *words, jobs)
    one, two = ([(e.file, e.sha256, e.truth_sha256) for e in verify(tmp_path / jobs).entries] for jobs in ("1", "2"))
    assert len(one) == 2
    assert one == two


def test_the_splits_share_no_report(tmp_path: Path):
    for split in ("train", "held-out"):
        words = ("--count", "1", "--quality", "plain", "--format", "txt", "--split", split)
        run("synthesize", str(tmp_path / split), *words)
    one, other = (verify(tmp_path / split).entries[0] for split in ("train", "held-out"))
    assert one.truth_sha256 != other.truth_sha256


def test_labels_are_imported_with_who_reviewed_them(drawn: Path, tmp_path: Path):
    entry = verify(drawn).entries[0]
    file, truth = drawn / entry.file, drawn / str(entry.truth)
    run("import", str(file), "--labels", str(truth), "--dataset", str(tmp_path / "ours"), "--reviewer", "Li")
    (made,) = verify(tmp_path / "ours").entries
    assert isinstance(made.provenance, Reviewed)
    assert (made.provenance.who, made.provenance.result) == ("Li", truth.name)
    values = [
        json.loads(path.read_text(encoding="utf-8"))["values"] for path in (truth, tmp_path / "ours" / str(made.truth))
    ]
    assert values[0] == values[1]
    other = drawn / verify(drawn).entries[1].file
    run("import", str(other), "--labels", str(truth), "--dataset", str(tmp_path / "x"), fails=InvalidLabels)


def test_no_report_takes_the_labels_of_another(drawn: Path, tmp_path: Path):
    entry = verify(drawn).entries[0]
    data, truth = (drawn / entry.file).read_bytes(), (drawn / str(entry.truth)).read_bytes()
    mine, other, labels = (tmp_path / name for name in ("1.A.docx", "1.B.docx", "1.A.truth.json"))
    mine.write_bytes(data)
    other.write_bytes(data)
    labels.write_bytes(truth)
    words = ("--labels", str(labels), "--dataset", str(tmp_path / "ours"))
    assert (
        "no label file has labels for 1.b.docx"
        in run("import", str(mine), str(other), *words, fails=InvalidLabels).lower()
    )
    assert not (tmp_path / "ours").exists()
    assert run("import", str(mine), *words).endswith("1 report\n")
    again = (*words, "--labels", str(labels))
    assert "both label 1.A" in run("import", str(mine), *again, fails=InvalidLabels)
    (tmp_path / "sub").mkdir()
    shutil.copy(mine, tmp_path / "sub")
    twice = ("import", str(mine), str(tmp_path / "sub" / mine.name), *words)
    assert "have the same name" in run(*twice, fails=UnreadableInput)
    assert "no such file" in run("import", str(tmp_path / "1.A.pdf"), *words, fails=UnreadableInput)
    assert "--quality is one of" in run("import", str(mine), *words, "--quality", "pink", fails=BadRequest)


def test_a_result_labels_only_the_file_that_it_was_read_from(tmp_path: Path):
    result, report = tmp_path / "result.json", tmp_path / "report.pdf"
    report.write_bytes(b"the file")
    read = build(clean=True)
    source = read.source.model_copy(update={"name": report.name, "sha256": hashlib.sha256(b"the file").hexdigest()})
    result.write_text(read.model_copy(update={"source": source}).model_dump_json(), encoding="utf-8")
    words = ("import", str(report), "--labels", str(result), "--dataset", str(tmp_path / "ours"))
    run(*words)
    assert verify(tmp_path / "ours").entries[0].sha256 == source.sha256
    report.write_bytes(b"another")
    assert "the SHA-256 differs" in run(*words, fails=InvalidLabels)


def test_suggestions_that_nobody_has_accepted_are_no_labels(tmp_path: Path):
    made = Order(7, quality="clean")
    data, truth = made.load()
    add_entries(tmp_path, [add_report(tmp_path, made.name, data, truth, IMPORTED, "clean")])
    run("export", str(tmp_path), "--output", str(tmp_path / "out"), "--predictions")
    words = ("--labels", str(tmp_path / "out" / "tasks.json"), "--dataset", str(tmp_path / "ours"))
    assert "no label for any field" in run("import", str(tmp_path / made.name), *words, fails=InvalidLabels)


def test_an_altered_dataset_is_not_evaluated(drawn: Path):
    (drawn / str(verify(drawn).entries[0].truth)).write_text("{", encoding="utf-8")
    assert "has been altered" in run("evaluate", str(drawn), fails=InvalidDataset)


def test_an_evaluation_fails_where_fewer_fields_are_right_than_asked(drawn: Path):
    told = run("evaluate", str(drawn), "--least", "plain=100")
    assert "FAILED" not in told
    entry = verify(drawn).entries[0]
    truth = json.loads((drawn / str(entry.truth)).read_text(encoding="utf-8"))
    truth["values"]["applications.received.total"] += 1
    add_entries(drawn, [add_report(drawn, entry.file, (drawn / entry.file).read_bytes(), truth, IMPORTED, "plain")])
    result = CliRunner().invoke(app, ["train", "evaluate", str(drawn), "--least", "plain=100"])
    assert result.exit_code == 1
    assert "FAILED plain:" in result.output
    assert "holds no report of the quality copy" in run("evaluate", str(drawn), "--quality", "copy", fails=BadRequest)
    assert "QUALITY=PERCENT" in run("evaluate", str(drawn), "--least", "plain=many", fails=BadRequest)


def test_a_dataset_without_pages_cannot_be_shown_in_label_studio(drawn: Path, tmp_path: Path):
    words = ("export", str(drawn), "--output", str(tmp_path / "out"))
    assert "no page pictures" in run(*words, fails=InvalidLabels)
    assert not (tmp_path / "out" / "tasks.json").exists()
    run("synthesize", str(drawn), "--count", "1", "--quality", "plain", "--format", "pdf", "--seed", "5")
    told = run(*words)
    assert told.count("is left out") == 2
    tasks = json.loads((tmp_path / "out" / "tasks.json").read_text(encoding="utf-8"))
    assert {task["data"]["file"] for task in tasks} == {verify(drawn).entries[2].file}


def test_status_finds_altered_files(drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    weights = tmp_path / "weights"
    monkeypatch.setenv("GOUJI_WEIGHTS", str(weights))
    fitted = tmp_path / "fitted"
    fitted.mkdir()
    (fitted / "model.json").write_text("{}", encoding="utf-8")
    install("calibration", fitted, weights)
    install("calibration", fitted, weights)
    words = ("status", str(drawn), "--runs", str(tmp_path / "runs"))
    told = run(*words)
    assert "calibration: calibration-2 is served, before it calibration-1" in told
    assert "digits: none served" in told
    assert "2 files, 0 faults" in told
    run("rollback", "calibration")
    assert read_registry(weights)["calibration"].served == "1"
    assert "No version of calibration was served" in run("rollback", "calibration", fails=BadRequest)
    (weights / "calibration" / "1" / "model.json").write_text("{ }", encoding="utf-8")
    result = CliRunner().invoke(app, ["train", *words])
    assert result.exit_code == 1
    assert "calibration-1: The model calibration-1 has been altered" in result.output


def test_without_the_extra_one_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "_NEEDED", ("torch", "no_such_package"))
    for words in ((), ("fit", "cells"), ("evaluate", "gold", "--html", "x.html"), ("calibrate",)):
        told = run(*words, fails=MissingExtra)
        assert "pip install 'gouji[train]'" in told
        assert "\n" not in told


def test_one_model_is_resumed_at_a_time(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(cli, "_NEEDED", ())
    assert "name digits or cells" in run("fit", "all", "--resume", fails=BadRequest)


@pytest.mark.parametrize("words", [("--quality", "pink"), ("--case", "odd"), ("--split", "gold"), ("--format", "xls")])
def test_unknown_kinds_are_refused(tmp_path: Path, words: tuple[str, str]):
    assert f"{words[0]} is one of" in run("synthesize", str(tmp_path / "x"), *words, fails=BadRequest)
    assert not (tmp_path / "x").exists()


def test_a_hard_case_without_pages_is_refused(tmp_path: Path):
    words = ("--case", "no-rules", "--quality", "plain", "--format", "docx")
    assert "not as docx" in run("synthesize", str(tmp_path / "x"), *words, fails=BadRequest)


def test_the_gold_set_is_drawn_as_it_was_listed(tmp_path: Path):
    samples = read_gold()
    assert len({sample.name for sample in samples}) == len(samples) > 40
    assert {sample.quality for sample in samples} == {"clean", "office", "copy", "phone", "plain"}
    for sample in samples:
        if sample.listed.format in ("docx", "html", "txt"):
            content, truth = sample.load()
            assert content
            assert len(truth["values"]) > 150
    with pytest.raises(ValueError, match="held-out"):
        make_gold(tmp_path / "gold.json", [Order(1, "train", "plain", "plain", "txt")], "x")


def test_a_gold_set_that_is_not_there_is_one_plain_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GOUJI_WEIGHTS", str(tmp_path / "weights"))
    fitted = tmp_path / "calibration"
    fitted.mkdir()
    (fitted / "model.json").write_text("{}", encoding="utf-8")
    words = ("promote", str(fitted), "--gold", str(tmp_path / "nowhere.json"), "--runs", str(tmp_path / "runs"))
    assert "nowhere.json cannot be read" in run(*words, fails=InvalidDataset)
    assert read_registry(tmp_path / "weights") == {}


def test_a_gold_report_with_other_numbers_is_refused(tmp_path: Path):
    made = make_gold(tmp_path / "gold.json", [Order(1, "held-out", "plain", "plain", "txt")], "x")
    text = (tmp_path / "gold.json").read_text(encoding="utf-8")
    (tmp_path / "gold.json").write_text(text.replace(made.reports[0].values_sha256, "0" * 64), encoding="utf-8")
    (sample,) = read_gold(tmp_path / "gold.json")
    with pytest.raises(GoujiError, match="other numbers"):
        sample.load()
