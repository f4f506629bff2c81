"""All that is needed to read a scanned page, loaded once by the caller and handed down."""

from __future__ import annotations

from dataclasses import dataclass

import cv2

from models.layout import CdlaLayoutModel
from models.orientation import OrientationModel
from models.text import TextDetector, TextRecogniser


@dataclass(frozen=True, slots=True)
class Readers:
    """The models of the scan path; they hold no state between pages."""

    detector: TextDetector
    recogniser: TextRecogniser
    layout: CdlaLayoutModel
    orientation: OrientationModel


def load_readers(threads: int = 2) -> Readers:
    """Loads every model of the scan path (one to three seconds, some 500 MB).

    Args:
        threads: CPU threads that each model uses at most, and OpenCV in this process.

    Raises:
        MissingModel: a model is absent or altered.
    """
    cv2.setNumThreads(threads)
    return Readers(TextDetector(threads), TextRecogniser(threads), CdlaLayoutModel(threads), OrientationModel(threads))
