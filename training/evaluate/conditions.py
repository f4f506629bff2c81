"""What an evaluation depends on besides its inputs: the models that read, and the threshold of a sure reading."""

from __future__ import annotations

from importlib.metadata import version

from models.registry import MODELS, served
from service.reconcile import SURE


def sure_threshold() -> float:
    """Confidence from which a reading needs no person, as the pipeline has it."""
    return SURE


def what_reads() -> dict[str, str]:
    """The version of gouji, and of each of its own models that is served; raises MissingModel for altered ones."""
    found = {model: served(model) for model in MODELS}
    return {"gouji": version("gouji"), **{model: one.version if one else "none" for model, one in found.items()}}
