"""What an evaluation depends on besides its inputs: the models that read."""

from __future__ import annotations

from importlib.metadata import version

from models.registry import MODELS, served


def what_reads() -> dict[str, str]:
    """The version of gouji, and of each of its own models that is served; raises MissingModel for altered ones."""
    found = {model: served(model) for model in MODELS}
    return {"gouji": version("gouji"), **{model: one.version if one else "none" for model, one in found.items()}}
