"""Which version of each of gouji's own models is served: `registry.json` beside the weights.

    models/weights/registry.json
    models/weights/digits/1/{model.onnx, model.json, CARD.md}

The registry holds, for each model, the served version and all versions with the SHA-256 of their files:

    {"digits": {"served": "1", "versions": {"1": {"follows": null, "sha256": {"model.onnx": "..."}}}}}

`follows` is the version that was served before and to which a rollback returns. Only `gouji train promote` and
`gouji train rollback` write here; reading a report only asks `served`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.vendor import file_sha256
from service.errors import MissingModel

MODELS = ("digits", "cells", "calibration")
"""The models that are trained here, in the order in which each is built on those before."""

WEIGHTS = Path(__file__).with_name("weights")
"""The weights that come with gouji."""

REGISTRY = "registry.json"


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a model, as the registry holds it."""

    follows: str | None
    """The version that was served before this one; None for a first one."""
    sha256: dict[str, str]
    """Of each file that is loaded, by its name in the version's folder."""


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """All versions of one model, and which of them is served."""

    served: str | None
    versions: dict[str, Version]

    @property
    def previous(self) -> str | None:
        """The version to which a rollback returns, if any."""
        return self.versions[self.served].follows if self.served is not None else None


@dataclass(frozen=True, slots=True)
class Served:
    """A version whose files are present and unaltered."""

    model: str
    version: str
    folder: Path

    @property
    def name(self) -> str:
        """As results name it: `digits-1`."""
        return f"{self.model}-{self.version}"


def weights_folder() -> Path:
    """The folder of the weights: GOUJI_WEIGHTS, or those that come with gouji."""
    return Path(os.environ.get("GOUJI_WEIGHTS") or WEIGHTS)


def served(model: str, weights: Path | None = None) -> Served | None:
    """The served version of a model, its files checked; None where no version is served yet.

    Hashing the few megabytes of a model costs milliseconds, so the sums are checked every time.

    Args:
        model: one of `MODELS`.
        weights: the folder of the weights; None takes `weights_folder()`.

    Raises:
        MissingModel: a file of the served version is absent or altered, or the registry cannot be read.
    """
    weights = weights or weights_folder()
    record = read_registry(weights).get(model)
    if record is None or record.served is None:
        return None
    return verified(model, record.served, weights)


def verified(model: str, version: str, weights: Path) -> Served:
    """That version of a model, its files checked.

    Raises:
        MissingModel: the version is not in the registry, or one of its files is absent or altered.
    """
    record = read_registry(weights).get(model)
    if record is None or version not in record.versions:
        raise MissingModel(f"The registry of models knows no version {version} of {model}.")
    found = Served(model, version, weights / model / version)
    for name, expected in record.versions[version].sha256.items():
        path = found.folder / name
        if not path.is_file():
            raise MissingModel(f"The model {found.name} is not complete: its file {name} is not there.")
        if file_sha256(path) != expected:
            raise MissingModel(f"The model {found.name} has been altered: its file {name} is not the registered one.")
    return found


def read_registry(weights: Path) -> dict[str, ModelRecord]:
    """What the registry of a weights folder holds, by model; empty where there is none yet.

    Raises:
        MissingModel: the file is there and cannot be understood.
    """
    path = weights / REGISTRY
    if not path.is_file():
        return {}
    try:
        return {model: _record(entry) for model, entry in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise MissingModel("The registry of models cannot be read: registry.json is damaged.") from error


def _record(entry: dict[str, Any]) -> ModelRecord:
    versions = {name: _version(listed) for name, listed in entry["versions"].items()}
    chosen = entry["served"]
    pointed = {chosen, *(version.follows for version in versions.values())} - {None}
    if not pointed <= versions.keys():
        raise ValueError("a version is named that is not listed")
    return ModelRecord(chosen, versions)


def _version(listed: dict[str, Any]) -> Version:
    sums = {str(name): str(value) for name, value in listed["sha256"].items()}
    if not sums or any(Path(name).name != name for name in sums):
        raise ValueError("a version lists no file, or one outside of its folder")
    return Version(listed["follows"], sums)
