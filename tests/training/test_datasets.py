"""A dataset is what its manifest says, or it is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.errors import InvalidDataset
from training.datasets.manifest import (
    Drawn,
    Reviewed,
    add_entries,
    add_report,
    faults,
    read_manifest,
    samples,
    verify,
)

DRAWN = Drawn(command="gouji train synthesize", seed=7, split="train", case="plain")
REVIEWED = Reviewed(who="a clerk", when="2026-01-02T03:04:05Z", result="a.json")


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    entries = [
        add_report(folder, "a.office.pdf", b"%PDF", {"values": {}}, DRAWN, "office"),
        add_report(folder, "b.TXT", b"text", {"values": {"x": 1}}, REVIEWED, "plain"),
    ]
    add_entries(folder, entries)
    return folder


def test_a_manifest_tells_files_and_where_they_come_from(dataset: Path):
    first, second = verify(dataset).entries
    assert (first.file, first.truth) == ("a.office.pdf", "a.office.pdf.truth.json")
    assert (first.format, first.quality) == ("pdf", "office")
    assert (second.format, second.provenance) == ("txt", REVIEWED)
    assert first.provenance == DRAWN
    assert list(faults(dataset)) == []


def test_altered_missing_and_strange_files_are_found(dataset: Path):
    (dataset / "a.office.pdf").write_bytes(b"%PDG")
    (dataset / "b.TXT.truth.json").unlink()
    (dataset / "c.txt").write_bytes(b"")
    assert list(faults(dataset)) == [
        "a.office.pdf has been altered",
        "b.TXT.truth.json is not there",
        "c.txt is not in the manifest",
    ]
    with pytest.raises(InvalidDataset, match=r"a\.office\.pdf has been altered, and 2 more"):
        verify(dataset)


def test_a_report_added_again_takes_its_own_place(dataset: Path):
    before = read_manifest(dataset)
    add_entries(dataset, [add_report(dataset, "a.office.pdf", b"%PDF-2", {"values": {}}, DRAWN, "office")])
    assert [entry.file for entry in verify(dataset).entries] == ["a.office.pdf", "b.TXT"]
    assert read_manifest(dataset) != before


def test_reports_whose_names_begin_alike_have_each_their_own_truth(dataset: Path):
    truths = {"1.A.pdf": {"values": {"x": 1}}, "1.B.pdf": {"values": {"x": 2}}, "1.A.docx": {"values": {"x": 3}}}
    add_entries(dataset, [add_report(dataset, n, b"", truth, REVIEWED, "plain") for n, truth in truths.items()])
    listed = {entry.file: entry.truth for entry in verify(dataset).entries}
    for name, truth in truths.items():
        assert json.loads((dataset / str(listed[name])).read_text(encoding="utf-8")) == truth


def test_what_is_evaluated_is_what_the_manifest_lists(dataset: Path):
    assert [(one.name, one.quality, one.truth.name) for one in samples(dataset)] == [
        ("a.office.pdf", "office", "a.office.pdf.truth.json"),
        ("b.TXT", "plain", "b.TXT.truth.json"),
    ]
    (dataset / "a.office.pdf.truth.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InvalidDataset, match="has been altered"):
        samples(dataset)


@pytest.mark.parametrize("spoil", ["", "[]", '{"entries": [{"file": "a"}]}', '{"schema_version": "9"}'])
def test_damaged_manifests_are_one_plain_error(dataset: Path, spoil: str):
    (dataset / "manifest.json").write_text(spoil, encoding="utf-8")
    with pytest.raises(InvalidDataset, match="cannot be understood"):
        read_manifest(dataset)


def test_a_manifest_names_no_file_outside_of_its_folder(dataset: Path):
    content = json.loads((dataset / "manifest.json").read_text(encoding="utf-8"))
    content["entries"][0]["file"] = "../a.pdf"
    (dataset / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(InvalidDataset, match="outside of its folder"):
        read_manifest(dataset)


def test_a_folder_without_manifest_is_no_dataset(tmp_path: Path):
    with pytest.raises(InvalidDataset, match="is no dataset"):
        read_manifest(tmp_path)
