"""Writing a weights folder: a version put in, a version taken back; the registry is replaced whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from models.registry import MODELS, REGISTRY, ModelRecord, Served, Version, read_registry, verified
from models.vendor import file_sha256
from service.errors import BadRequest, MissingModel, NotPromoted, OutputFailed
from service.files import write_whole
from training.loop.runs import METRICS

CARD = "CARD.md"
WHOLE = "whole"
_KEPT = (".onnx", ".json", ".safetensors")
"""Kinds of files that belong to a version: what serving loads, and what a later fit starts from."""


def install(model: str, folder: Path, weights: Path, card: str | None = None) -> Served:
    """Serve one fitted model: as `install_together`."""
    (found,) = install_together({model: folder}, weights, {} if card is None else {model: card})
    return found


def install_together(candidates: Mapping[str, Path], weights: Path, cards: Mapping[str, str]) -> list[Served]:
    """Copy fitted models into a weights folder as their next versions, and serve all of them from one moment on.

    The older versions are kept.

    Args:
        candidates: by model (see `models.registry.MODELS`) a folder with `model.json`, mostly `model.onnx`, and perhaps
            CARD.md.
        weights: the weights folder; made where it is absent.
        cards: by model the text of its card, where it is not to be the folder's own.

    Raises:
        NotPromoted: a folder holds no such model; nothing is changed.
        OutputFailed: the weights folder cannot be written.
    """
    files = {model: _files(model, folder) for model, folder in candidates.items()}
    registry = dict(read_registry(weights))
    made = {}
    try:
        for model, folder in candidates.items():
            record = registry.get(model, ModelRecord(None, {}))
            made[model] = version = _next_version(record, weights / model)
            place = weights / model / version
            partial = place.with_name(f".{version}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            for path in [*files[model], *folder.glob(CARD)]:
                shutil.copyfile(path, partial / path.name)
            if model in cards:
                (partial / CARD).write_text(cards[model], encoding="utf-8")
            sums = {path.name: file_sha256(partial / path.name) for path in files[model]}
            partial.replace(place)
            registry[model] = ModelRecord(version, {**record.versions, version: Version(record.served, sums)})
        write_registry(weights, registry)
    except OSError as error:
        raise OutputFailed(f"The weights folder {weights} cannot be written: {error.strerror}.") from error
    return [verified(model, version, weights) for model, version in made.items()]


def _files(model: str, folder: Path) -> list[Path]:
    """The files of a fitted model that belong to a version; raises NotPromoted where there is no such model."""
    found = sorted(path for path in folder.glob("*") if path.suffix in _KEPT and path.name != METRICS)
    needed = {"model.json"} if model == "calibration" else {"model.json", "model.onnx"}
    if model not in MODELS or not needed <= {path.name for path in found}:
        raise NotPromoted(f"{folder} holds no model that could be served as {model}.")
    return found


def roll_back(model: str, weights: Path) -> Served:
    """Serve the version again that was served before; the newer one is kept, and can be promoted once more.

    Raises:
        BadRequest: there is none before it.
        MissingModel: its files are absent or altered; the newer one is still served.
    """
    registry = read_registry(weights)
    record = registry.get(model)
    if record is None or record.previous is None:
        raise BadRequest(f"No version of {model} was served before the one that is served now.")
    found = verified(model, record.previous, weights)
    write_registry(weights, {**registry, model: ModelRecord(record.previous, record.versions)})
    return found


def copy_served(weights: Path, into: Path) -> None:
    """Copy what a weights folder serves, files and registry, into a new folder; older versions stay behind."""
    registry = read_registry(weights)
    kept = {}
    for model, record in registry.items():
        if record.served is None:
            continue
        found = verified(model, record.served, weights)
        shutil.copytree(found.folder, into / model / found.version)
        kept[model] = ModelRecord(found.version, {found.version: Version(None, record.versions[found.version].sha256)})
    into.mkdir(parents=True, exist_ok=True)
    write_registry(into, kept)


def write_registry(weights: Path, registry: Mapping[str, ModelRecord]) -> None:
    """Write the registry; whoever loads a model meanwhile sees the old one or the new one."""
    listed = {
        model: {
            "served": record.served,
            "versions": {
                name: {"follows": version.follows, "sha256": dict(version.sha256)}
                for name, version in record.versions.items()
            },
        }
        for model, record in registry.items()
    }
    write_whole(weights / REGISTRY, json.dumps(listed, indent=1) + "\n")


def state_of(model: str, version: str, weights: Path) -> str:
    """`whole`, or what is wrong with a version's files."""
    try:
        verified(model, version, weights)
    except MissingModel as error:
        return str(error)
    return WHOLE


def _next_version(record: ModelRecord, folder: Path) -> str:
    """One more than every number that was ever given, also to a version whose registration was cut off."""
    there = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return str(1 + max((int(name) for name in (*record.versions, *there) if name.isdigit()), default=0))
