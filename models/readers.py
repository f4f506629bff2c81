"""All that is needed to read a scanned page, loaded once by the caller and handed down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2

from models.calibration import load_calibration
from models.cells import CellClassifier, load_classifier
from models.digits import NumericReader, load_digits
from models.layout import CdlaLayoutModel
from models.orientation import OrientationModel
from models.pooling import Pool, uncalibrated
from models.text import TextDetector, TextRecogniser


@dataclass(frozen=True, slots=True)
class Readers:
    """The models of the scan path; they hold no state between pages."""

    detector: TextDetector
    recogniser: TextRecogniser
    layout: CdlaLayoutModel
    orientation: OrientationModel
    digits: NumericReader
    """Reads every number a second time."""
    pool: Pool = uncalibrated
    """Makes one of the two readings of a number, with a calibrated probability."""
    cells: CellClassifier | None = None
    """Tells cells' roles, rows and columns; None while no version of it is served."""
    calibration: str | None = None
    """Name of the calibration that the pool comes from, if any."""

    @property
    def names(self) -> dict[str, str]:
        """What reads a scanned page, by its task, as results name it."""
        found = {
            "text": self.recogniser.name,
            "digits": self.digits.name,
            "calibration": self.calibration,
        }
        return {task: name for task, name in found.items() if name}


def load_readers(threads: int = 2) -> Readers:
    """Loads every model of the scan path (one to three seconds, some 500 MB), as many at a time as there are threads.

    Args:
        threads: CPU threads that each model uses at most, and OpenCV in this process.

    Raises:
        MissingModel: a model is absent or altered.
    """
    cv2.setNumThreads(threads)
    calibration = load_calibration()
    with ThreadPoolExecutor(threads) as pool:
        recogniser = pool.submit(TextRecogniser, threads)  # first, for it takes as long as all others
        detector, layout = pool.submit(TextDetector, threads), pool.submit(CdlaLayoutModel, threads)
        orientation, digits = pool.submit(OrientationModel, threads), pool.submit(load_digits, threads)
        return Readers(
            detector.result(),
            recogniser.result(),
            layout.result(),
            orientation.result(),
            digits=digits.result(),
            pool=calibration.pool if calibration else uncalibrated,
            cells=load_classifier(),
            calibration=calibration.name if calibration else None,
        )
