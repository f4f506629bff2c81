"""What is print on a page, apart from seals, shade and paper."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Picture
from service.scan.picture.plates import without_plates
from service.scan.picture.redprint import printed_red
from service.scan.picture.seals import without_grey_seals

_WARM_PAPER = 10
"""Grey levels by which red may exceed green beyond the paper's own warmth before it counts as red ink."""
_LIFT = 1.0
"""How much a dot of red ink is lightened, by how much redder than green it is."""

Gray = NDArray[np.uint8]
"""Height x width, 0 black ink, 255 paper."""


def clean(picture: Picture, reach: int = 60) -> Gray:
    """The print of a page alone: red seals and marks faded, shade and tints divided away, paper white.

    The red channel sees a red seal nearly as paper and black ink under it as ink; what is left of the seal is lifted by
    how red it is. The local brightness of the paper is taken before that, for lifted dots outshine it. On a grey scan
    seals are told by their rims (`service.scan.picture.seals`). Light print on dark ground has been turned into its
    negative before (`service.scan.picture.plates`).

    Args:
        picture: the page.
        reach: pixels within which some paper shows; strokes and rules are thinner.
    """
    picture = without_plates(picture)
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    base = np.maximum(gray, picture[..., 2])
    redness = cv2.subtract(picture[..., 2], picture[..., 1])  # saturates at 0
    redness = cv2.subtract(redness, float(np.median(redness[::8, ::8])) + _WARM_PAPER)
    if (print_ := printed_red(gray, base)) is not None:
        base, redness = np.where(print_, gray, base), np.where(print_, np.uint8(0), redness)
    # JPEG smears colour over the edges of thin strokes, so a dot is as red as the reddest beside it.
    lifted = cv2.addWeighted(base, 1.0, cv2.dilate(redness, np.ones((3, 3), np.uint8)), _LIFT, 0.0)
    return without_grey_seals(np.asarray(cv2.divide(lifted, _paper(base, reach), scale=255), np.uint8))


def _paper(gray: Gray, reach: int) -> Gray:
    """The local brightness of the paper: what is left when everything thinner than `reach` is closed."""
    step = 4
    small = cv2.resize(gray, None, fx=1 / step, fy=1 / step, interpolation=cv2.INTER_AREA)
    size = reach // step | 1
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((size, size), np.uint8))
    paper = np.maximum(cv2.GaussianBlur(paper, (0, 0), size / 3), 40)
    return np.asarray(cv2.resize(paper, gray.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)


def more_contrast(gray: Gray) -> Gray:
    """Median-filtered, and stretched between the darkest ink and the paper: for layout and labels.

    It hurts single digits slightly, so those are read from the picture before it.
    """
    smooth = cv2.medianBlur(gray, 3)
    dark, light = np.percentile(smooth[::4, ::4], [0.5, 60])
    span = max(float(light) - float(dark), 40.0)
    stretched = np.clip((np.arange(256, dtype=np.float32) - dark) * (255 / span), 0, 255)
    return np.asarray(cv2.LUT(smooth, stretched.astype(np.uint8)), np.uint8)


def as_colour(gray: Gray) -> Picture:
    """The same in three channels, as the models take it."""
    return np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)
