"""What is served is what was registered: by version, by sum, from the folder that the environment names."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from models.registry import MODELS, WEIGHTS, read_registry, served, verified, weights_folder
from service.errors import MissingModel


def _weights(folder: Path, *versions: str, chosen: str | None) -> Path:
    listed: dict[str, object] = {}
    before = None
    for version in versions:
        place = folder / "digits" / version
        place.mkdir(parents=True)
        (place / "model.onnx").write_bytes(version.encode())
        sums = {"model.onnx": hashlib.sha256(version.encode()).hexdigest()}
        listed[version] = {"follows": before, "sha256": sums}
        before = version
    registry = {"digits": {"served": chosen, "versions": listed}}
    (folder / "registry.json").write_text(json.dumps(registry), encoding="utf-8")
    return folder


def test_the_served_version_is_named_with_its_folder(tmp_path: Path):
    weights = _weights(tmp_path, "1", "2", chosen="2")
    found = served("digits", weights)
    assert found is not None
    assert (found.name, found.version, found.folder) == ("digits-2", "2", tmp_path / "digits" / "2")
    assert read_registry(weights)["digits"].previous == "1"
    assert verified("digits", "1", weights).name == "digits-1"


def test_nothing_is_served_without_a_registry_a_model_or_a_version(tmp_path: Path):
    assert served("digits", tmp_path) is None
    assert served("cells", _weights(tmp_path / "a", "1", chosen="1")) is None
    assert served("digits", _weights(tmp_path / "b", "1", chosen=None)) is None


def test_an_altered_or_absent_file_is_refused(tmp_path: Path):
    weights = _weights(tmp_path, "1", chosen="1")
    file = weights / "digits" / "1" / "model.onnx"
    file.write_bytes(b"1 ")
    with pytest.raises(MissingModel, match="digits-1 has been altered"):
        served("digits", weights)
    file.unlink()
    with pytest.raises(MissingModel, match="not complete"):
        served("digits", weights)
    with pytest.raises(MissingModel, match="no version 7"):
        verified("digits", "7", weights)


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "[]",
        '{"digits": 1}',
        '{"digits": {"served": "1", "versions": {}}}',
        '{"digits": {"served": "1", "versions": {"1": {"follows": null, "sha256": {}}}}}',
        '{"digits": {"served": "1", "versions": {"1": {"follows": "0", "sha256": {"model.onnx": "a"}}}}}',
        '{"digits": {"served": "1", "versions": {"1": {"follows": null, "sha256": {"../model.onnx": "a"}}}}}',
    ],
)
def test_a_damaged_registry_is_one_plain_error(tmp_path: Path, text: str):
    (tmp_path / "registry.json").write_text(text, encoding="utf-8")
    with pytest.raises(MissingModel, match="is damaged"):
        served("digits", tmp_path)


def test_the_environment_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GOUJI_WEIGHTS", raising=False)
    assert weights_folder() == WEIGHTS
    weights = _weights(tmp_path, "1", chosen="1")
    monkeypatch.setenv("GOUJI_WEIGHTS", str(weights))
    found = served("digits")
    assert found is not None
    assert found.folder.is_relative_to(tmp_path)


def test_the_weights_that_come_with_gouji_are_whole():
    registry = read_registry(WEIGHTS)
    assert set(registry) <= set(MODELS)
    for model, record in registry.items():
        for version in record.versions:
            assert verified(model, version, WEIGHTS).folder.is_dir()
