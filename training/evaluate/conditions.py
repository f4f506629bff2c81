"""What an evaluation depends on besides its inputs: the models that read, and the threshold of a sure reading."""

from __future__ import annotations

from importlib.metadata import version

from models.calibration import load_calibration
from models.registry import MODELS, served
from service.reconcile import SURE


def sure_threshold() -> float:
    """Confidence below which a scanned reading always needs a person: as calibrated, else a fixed number."""
    calibration = load_calibration()
    return 1 - calibration.sure["report"] if calibration else SURE


def what_reads() -> dict[str, str]:
    """The version of gouji, and of each of its own models that is served; raises MissingModel for altered ones."""
    found = {model: served(model) for model in MODELS}
    return {"gouji": version("gouji"), **{model: one.version if one else "none" for model, one in found.items()}}
