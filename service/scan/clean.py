"""What is print on a page, apart from seals, shade and paper."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Picture

_WARM_PAPER = 10
"""Grey levels by which red may exceed green beyond the paper's own warmth before it counts as red ink."""
_LIFT = 1.0
"""How much a dot of red ink is lightened, by how much redder than green it is."""

_LIGHTER = 50
"""Grey levels by which a seal on a grey scan is lighter than the page's print."""
_TONE = 220
"""Grey level from which on a dot is paper, however grey."""
_BROAD, _BESIDE = 5, 11
"""Pixels: strokes of print are narrower than the rim of a seal, and how far around it may lie what it runs over."""
_GAP, _LEAST, _MOST = 25, 200, 600
"""Pixels: how far apart dots of the rim of a seal may lie, and how wide and high some large part of it is."""
_ROUND = 1.5
"""Such a part is at most so many times wider than high, or higher than wide: a line or a word is more."""
_BEYOND = 120
"""Pixels around such a part within which the others may lie."""
_LONG = 12
"""Least length in pixels of a piece of its rim or its star."""
_INKED, _HOLLOW = 0.01, 0.5
"""Share of it that has a tone: of the pale strokes of blurred text less has, and what has one all over is a picture."""

Gray = NDArray[np.uint8]
"""Height x width, 0 black ink, 255 paper."""


def clean(picture: Picture, reach: int = 60) -> Gray:
    """The print of a page alone: red seals faded, shade and tints divided away, paper white.

    The red channel sees a red seal nearly as paper and black ink under it as ink; what is left of the seal is lifted by
    how red it is. The local brightness of the paper is taken before that, for lifted dots outshine it. On a grey scan
    a seal is told from print by its tone.

    Args:
        picture: the page.
        reach: pixels within which some paper shows; strokes and rules are thinner.
    """
    base = np.maximum(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), picture[..., 2])
    redness = cv2.subtract(picture[..., 2], picture[..., 1])  # saturates at 0
    redness = cv2.subtract(redness, float(np.median(redness[::8, ::8])) + _WARM_PAPER)
    # JPEG smears colour over the edges of thin strokes, so a dot is as red as the reddest beside it.
    lifted = cv2.addWeighted(base, 1.0, cv2.dilate(redness, np.ones((3, 3), np.uint8)), _LIFT, 0.0)
    return _without_grey_seal(np.asarray(cv2.divide(lifted, _paper(base, reach), scale=255), np.uint8))


def _without_grey_seal(gray: Gray) -> Gray:
    """An evenly lit page without the rims and stars of seals, where they are lighter than its print.

    The ink of a seal lets light through, so that it is to the print on it what paper is: its tone is divided away.
    """
    sample = gray[::4, ::4]
    print_ = sample[sample < 128]
    if not print_.size:
        return gray
    kernel = np.ones((_BROAD, _BROAD), np.uint8)
    lighter = cv2.erode(gray, kernel) > float(np.percentile(print_, 10)) + _LIGHTER
    seal = _seals(np.asarray(lighter & (cv2.dilate(gray, kernel) < _TONE), np.uint8))
    if not seal.any():
        return gray
    beside = cv2.dilate(seal, np.ones((_BESIDE, _BESIDE), np.uint8)) > 0
    window = (2 * _BESIDE + 1, 2 * _BESIDE + 1)
    share = cv2.blur(seal.astype(np.float32), window)
    tone = cv2.blur(gray * seal.astype(np.float32), window)[beside] / share[beside]
    cleaned = gray.copy()
    cleaned[beside] = np.minimum(255, gray[beside] * (255 / tone))
    return cleaned


def _seals(broad: Gray) -> Gray:
    """Of these dots those of seals: where some hang together, or nearly so, far and wide around paper, all pieces."""
    bridged = cv2.dilate(broad, np.ones((_GAP, _GAP), np.uint8))
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(bridged)
    dots = np.bincount(labels[broad > 0], minlength=count)
    around = np.zeros(broad.shape, np.uint8)
    for (x, y, width, height, _), inked in zip(boxes[1:].tolist(), dots[1:].tolist(), strict=True):
        short, long = sorted((width, height))
        if _LEAST <= short <= long <= min(_MOST, _ROUND * short) and _INKED < inked / (width * height) < _HOLLOW:
            around[max(0, y - _BEYOND) : y + height + _BEYOND, max(0, x - _BEYOND) : x + width + _BEYOND] = 1
    if not around.any():
        return around
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(cv2.dilate(broad, np.ones((3, 3), np.uint8)))
    large = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1) >= _LONG
    return np.asarray(around * (broad & large[labels]), np.uint8)


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
