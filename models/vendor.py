"""The models that others trained: what each must be, and where it lies on this machine.

`models/vendor.toml` names them with their sums; `models.fetch` puts them in place at set-up; nothing is fetched later.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from service.errors import MissingModel

MODEL_FILE = "inference.onnx"
CONFIG_FILE = "inference.yml"


@dataclass(frozen=True, slots=True)
class VendorModel:
    """One entry of vendor.toml."""

    name: str
    task: str
    wheel: str
    """Requirement of the wheel that carries it, as `rapidocr==3.10.0`."""
    member: str
    """Path of the ONNX file inside the wheel."""
    sha256: str
    licence: str
    source: str


def vendor_models() -> tuple[VendorModel, ...]:
    """Every model of vendor.toml, in its order."""
    listed = tomllib.loads(Path(__file__).with_name("vendor.toml").read_text(encoding="utf-8"))
    return tuple(VendorModel(**entry) for entry in listed["model"])


def models_folder() -> Path:
    """The folder of the model directories: GOUJI_MODELS, or models/vendor beside this file."""
    return Path(os.environ.get("GOUJI_MODELS") or Path(__file__).with_name("vendor"))


def model_directory(name: str, folder: Path | None = None) -> Path:
    """The directory of a model that is present and unaltered, in `folder` or else in `models_folder()`.

    Hashing the file costs some 10 ms for 20 MB, which is little beside loading it, so the sum is checked every time.

    Raises:
        MissingModel: the directory is not there, is incomplete, or its model is not the expected one.
        KeyError: vendor.toml has no model of that name.
    """
    expected = {model.name: model for model in vendor_models()}[name]
    directory = (folder or models_folder()) / name
    if not (directory / MODEL_FILE).is_file() or not (directory / CONFIG_FILE).is_file():
        raise MissingModel(f"The model {name} is not installed; run `make setup` (or `python -m models.fetch`).")
    if file_sha256(directory / MODEL_FILE) != expected.sha256:
        raise MissingModel(f"The model {name} has been altered; run `make setup` (or `python -m models.fetch`).")
    return directory


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
