"""Extractors that stand in for the pipeline; module functions, so that worker processes can import them."""

from __future__ import annotations

import os
import signal
import time

from service.errors import DamagedFile, MissingModel
from service.results import Extraction
from service.worker import Extractor
from tests.built import build


def scripted() -> Extractor:
    """Does what the file says."""
    return _follow


def without_models() -> Extractor:
    """Cannot be built."""
    raise MissingModel("The model is not installed.")


def _follow(name: str, data: bytes) -> Extraction:
    match data.split():
        case [b"sleep", seconds]:
            time.sleep(float(seconds))
        case [b"die"]:
            os.kill(os.getpid(), signal.SIGKILL)
        case [b"damaged"]:
            raise DamagedFile("The file is cut off.")
        case [b"bug"]:
            raise ZeroDivisionError("secret of the machine")
        case [b"pid"]:
            name = str(os.getpid())
    return build(name, data, clean=True)
