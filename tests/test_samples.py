"""The shipped samples: complete, up to date, and read as their truth says."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from data import SAMPLES as FOLDER
from models.readers import Readers, load_readers
from service.extract import extract
from training.synthesize.samples import SAMPLES, Sample, describe


@cache
def _readers() -> Readers:
    return load_readers()


def _truth(sample: Sample) -> dict[str, Any]:
    truth: dict[str, Any] = json.loads((FOLDER / sample.truth).read_text(encoding="utf-8"))
    return truth


def _content(data: bytes) -> dict[str, bytes] | bytes:
    """What a file says: the parts of a zip, for compression differs between machines, or the bytes."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_folder_holds_the_samples_and_nothing_else() -> None:
    wanted = {"README.md"} | {name for sample in SAMPLES for name in (sample.name, sample.truth)}
    assert {path.name for path in FOLDER.iterdir()} == wanted
    assert len({sample.truth for sample in SAMPLES}) == len(SAMPLES) >= 10
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 15_000_000


def test_the_list_names_every_sample() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert text == describe()
    assert all(f"`{sample.name}`" in text for sample in SAMPLES)


def test_the_samples_show_both_forms_a_mixture_and_broken_sums() -> None:
    truths = [_truth(sample) for sample in SAMPLES]
    assert {tuple(truth["table_forms"].values()) for truth in truths} >= {
        ("2019", "2019", "2019"),
        ("2021", "2021", "2021"),
        ("2021", "2019", "2019"),
    }
    assert sum(bool(truth["violated"]) for truth in truths) >= 2
    assert {Path(sample.name).suffix for sample in SAMPLES} >= {
        ".pdf", ".jpg", ".tiff", ".docx", ".html", ".ofd", ".txt", ".md",
    }  # fmt: skip


@pytest.mark.parametrize("sample", [one for one in SAMPLES if not one.fonts], ids=lambda sample: sample.name)
def test_drawing_anew_gives_the_same(sample: Sample, tmp_path: Path) -> None:
    data, report = sample.make(sample.seed)
    assert _content(data) == _content((FOLDER / sample.name).read_bytes()), "run python -m training.synthesize.samples"
    report.write_truth(tmp_path / "truth.json")
    assert (tmp_path / "truth.json").read_text(encoding="utf-8") == (FOLDER / sample.truth).read_text(encoding="utf-8")


COPY = "scan-copy.pdf"
"""Its digits are worn to dots in places: there a field may be missing, but not be wrong and pass."""


def test_a_dark_copy_is_read_for_the_most_part_and_never_passes_wrong() -> None:
    sample = next(one for one in SAMPLES if one.name == COPY)
    truth = _truth(sample)
    result = extract(sample.name, (FOLDER / sample.name).read_bytes(), readers=_readers)
    right = [result.fields[field].value == value for field, value in truth["values"].items()]
    assert sum(right) >= 0.95 * len(right)
    assert all(right) or result.status == "needs_review"


@pytest.mark.parametrize("sample", [one for one in SAMPLES if one.name != COPY], ids=lambda sample: sample.name)
def test_extraction_is_the_truth(sample: Sample) -> None:
    truth = _truth(sample)
    result = extract(sample.name, (FOLDER / sample.name).read_bytes(), readers=_readers)
    values = {field: reading.value for field, reading in result.fields.items()}
    assert {
        field: (values.get(field), value) for field, value in truth["values"].items() if values.get(field) != value
    } == {}
    assert values.keys() == truth["values"].keys()
    assert result.template.id == f"cn-disclosure-{truth['template']}"
    # The disputes table is the same in both forms, so that only the other two can tell.
    told = ("proactive", "applications")
    assert {name: result.template.tables[name] for name in told} == {name: truth["table_forms"][name] for name in told}
    assert (result.report.year, result.report.title, result.report.agency) == tuple(
        truth[key] for key in ("year", "title", "agency")
    )
    assert {one.id for one in result.identities if one.status == "violated"} == set(truth["violated"])
    assert not any(one.status == "unknown" for one in result.identities)
    if truth["violated"]:
        assert result.status == "needs_review"
    elif not sample.name.startswith("scan-"):  # a doubtful reading of a scan may well be sent to a person
        assert result.status == "reconciled"
