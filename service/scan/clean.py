"""What is print on a page, apart from seals, shade and paper."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Picture

Gray = NDArray[np.uint8]
"""Height x width, 0 black ink, 255 paper."""


def without_seal(picture: Picture) -> Gray:
    """Grey as the red channel sees it, and lighter the redder it is: a seal fades, black ink under it stays."""
    red = picture[..., 2]
    redness = cv2.subtract(red, picture[..., 1])  # saturates at 0
    faded = cv2.addWeighted(red, 1.0, redness, 0.5, 0.0)
    return np.maximum(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), faded)


def even_light(gray: Gray, reach: int = 60) -> Gray:
    """Divides by the local brightness of the paper, so that shade, falling light and tinted cells become white.

    Args:
        gray: the page.
        reach: pixels within which some paper shows; strokes and rules are thinner.

    """
    step = 4
    small = cv2.resize(gray, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    size = reach // step | 1
    paper = cv2.dilate(small, np.ones((size, size), np.uint8))
    paper = cv2.erode(paper, np.ones((size, size), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), size / 3)
    paper = cv2.resize(np.maximum(paper, 40), gray.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(gray, paper, scale=255), np.uint8)


def more_contrast(gray: Gray) -> Gray:
    """Median-filtered, and stretched between the darkest ink and the paper: for layout and labels.

    It hurts single digits slightly, so those are read from the picture before it.
    """
    smooth = cv2.medianBlur(gray, 3)
    dark, light = np.percentile(smooth[::4, ::4], [0.5, 60])
    span = max(float(light) - float(dark), 40.0)
    return np.asarray(np.clip((smooth.astype(np.float32) - dark) * (255 / span), 0, 255), np.uint8)


def as_colour(gray: Gray) -> Picture:
    """The same in three channels, as the models take it."""
    return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)
