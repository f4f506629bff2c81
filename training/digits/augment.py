"""What is done to a crop each time it is seen: frames cut a little otherwise, sizes misjudged, ink worn."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from models.digits import NumericCrop
from service.scan.picture.clean import Gray
from service.scan.print.lines import Frame
from training.digits.crops import Crop


def as_cut(crop: Crop) -> NumericCrop:
    """The crop as serving cut it."""
    f = crop.frame
    return NumericCrop(crop.picture[f.y0 : f.y1, f.x0 : f.x1], crop.digit)


@dataclass(frozen=True, slots=True)
class Varied:
    """A crop as serving might have cut and seen it."""

    crop: NumericCrop
    left: int
    """Column of the drawn crop's picture at the left edge."""
    stretch: float
    """Columns for one of the drawn crop's picture."""


def vary(crop: Crop, rng: np.random.Generator) -> Varied:
    """Cuts and wears a crop anew."""
    (x0, y0, x1, y1), digit = _recut(crop, rng), crop.digit * float(np.exp(rng.normal(0, 0.12)))
    picture, stretch = crop.picture[y0:y1, x0:x1], 1.0
    if rng.random() < 0.3:
        picture = _stretched(picture, rng)
        stretch = picture.shape[1] / (x1 - x0)
    if rng.random() < 0.25:
        picture = _reinked(picture, rng)
    if rng.random() < 0.12:
        picture = _specked(picture, digit, crop.ink.y1 - y0 if any(map(str.isdigit, crop.text)) else None, rng)
    if rng.random() < 0.1:
        picture = _crossed(picture, digit, rng)
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(3, 16), picture.shape)
        picture = (picture + noise).clip(0, 255).astype(np.uint8)
    return Varied(NumericCrop(picture, digit), x0, stretch)


def _recut(crop: Crop, rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Another frame: mostly a little off, at times so far that rules and other ink come in; print stays whole."""
    frame, ink, (height, width) = crop.frame, crop.ink, crop.picture.shape
    if ink.width > 0 and rng.random() < 0.12:  # as a number is cut that stands in no cell
        by = round(float(rng.uniform(0.3, 0.6)) * crop.digit)
        frame = Frame(ink.x0 - by, ink.y0 - by, ink.x1 + by, ink.y1 + by)
    reach = 1.2 if rng.random() < 0.7 else 5.0
    x0, y0, x1, y1 = (
        edge + round(float(shift))
        for edge, shift in zip(
            (frame.x0, frame.y0, frame.x1, frame.y1), rng.normal(0, reach, 4).clip(-10, 10), strict=True
        )
    )
    if ink.width > 0:
        x0, y0, x1, y1 = min(x0, ink.x0 - 1), min(y0, ink.y0 - 1), max(x1, ink.x1 + 1), max(y1, ink.y1 + 1)
    x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, width), min(y1, height)
    if x1 - x0 < 4 or y1 - y0 < 4:
        x0, y0, x1, y1 = crop.frame.x0, crop.frame.y0, crop.frame.x1, crop.frame.y1
    return x0, y0, x1, y1


def _stretched(picture: Gray, rng: np.random.Generator) -> Gray:
    """Wider or narrower digits."""
    width = max(4, round(picture.shape[1] * float(np.exp(rng.normal(-0.03, 0.14)))))
    return np.asarray(cv2.resize(picture, (width, picture.shape[0]), interpolation=cv2.INTER_LINEAR), np.uint8)


def _reinked(picture: Gray, rng: np.random.Generator) -> Gray:
    """Thinner, thicker, softer or lighter strokes."""
    way = rng.integers(4)
    if way == 0:
        return np.asarray(cv2.dilate(picture, np.ones((2, 2), np.uint8)), np.uint8)
    if way == 1:
        return np.asarray(cv2.erode(picture, np.ones((2, 2), np.uint8)), np.uint8)
    if way == 2:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 1.6)), np.uint8)
    return np.asarray(255 - (255 - picture) * rng.uniform(0.35, 1), np.uint8)


def _specked(picture: Gray, digit: float, foot: int | None, rng: np.random.Generator) -> Gray:
    """Specks anywhere, the largest as large as a point, but single dots at the foot of a number.

    There nothing would tell a larger one of a point. Those that a scan has there stay, and of them it is learned how
    far a point on such a page is to be trusted.
    """
    result, (height, width) = picture.copy(), picture.shape
    for _ in range(rng.integers(1, 6)):
        centre = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (max(1, int(rng.uniform(0, 0.11) * digit)), max(1, int(rng.uniform(0, 0.11) * digit)))
        if foot is not None and -0.25 * digit < centre[1] - foot < 0.15 * digit:
            axes = (0, 0)
        cv2.ellipse(result, centre, axes, float(rng.uniform(0, 180)), 0, 360, int(rng.integers(0, 150)), -1)
    return result


def _crossed(picture: Gray, digit: float, rng: np.random.Generator) -> Gray:
    """A streak, the rest of a rule along an edge, or an arc of a seal."""
    result, (height, width) = picture.copy(), picture.shape
    dark, way = int(rng.integers(0, 140)), rng.integers(3)
    if way == 0:
        x, lean = int(rng.integers(width)), int(rng.integers(-2, 3))
        cv2.line(result, (x, -1), (x + lean, height), dark, int(rng.integers(1, 3)))
    elif way == 1:
        y = int(rng.choice([0, 1, 2, height - 3, height - 2, height - 1]))
        start = int(rng.integers(width))
        cv2.line(result, (start, y), (start + int(rng.uniform(0.2, 4) * digit), y), dark, int(rng.integers(1, 3)))
    else:
        radius = int(rng.uniform(6, 10) * digit)
        angle = rng.uniform(0, 2 * np.pi)
        to = (rng.uniform(0, width) + radius * np.cos(angle), rng.uniform(0, height) + radius * np.sin(angle))
        cv2.circle(result, (int(to[0]), int(to[1])), radius, dark, int(rng.integers(2, 6)), cv2.LINE_AA)
    return np.minimum(result, picture)
