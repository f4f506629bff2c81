"""What happens to paper and on the way to the picture beyond the four qualities: some for training, others held out.

Every change keeps the page's geometry, so the true places stay true. Training sees folds, bleed-through, punch holes,
dark and light toner, low resolution; only held-out drawings have dithering, fax bands, motion blur, moire, vignetting
and staples.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Picture
from training.synthesize.effects import Quality
from training.synthesize.split import Split

Change = Callable[[Picture, np.random.Generator, float], Picture]
"""Changes a page picture (BGR, about 200 dpi); the last argument is how strong, 1 as usual."""

_Floats = NDArray[np.float32]
_SHARE = 0.16
"""Probability of each effect on a page."""


def wear_page(
    picture: Picture, quality: Quality, split: Split, rng: np.random.Generator, strength: float = 1.0
) -> Picture:
    """Put a drawn page (BGR) through some of the split's effects before it is scanned, each seldom."""
    for change in CHANGES[split][quality]:
        if rng.random() < _SHARE:
            picture = change(picture, rng, strength)
    return picture


def fold(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Creases down or across the page: a bright or dark line with a shadow to one side."""
    light = np.ones(picture.shape[:2], np.float32)
    for _ in range(int(rng.integers(1, 3))):
        across = bool(rng.integers(2))
        length = picture.shape[0 if across else 1]
        distance = np.arange(length, dtype=np.float32) - np.float32(rng.choice([1 / 3, 1 / 2, 2 / 3]) * length)
        distance += np.float32(rng.normal(0, 12))
        side = np.where(distance * rng.choice([-1, 1]) > 0, 1.0, 0.25)
        shade = 1 - strength * rng.uniform(0.04, 0.14) * side * np.exp(-np.abs(distance) / rng.uniform(15, 120))
        shade += strength * rng.uniform(-0.3, 0.1) * np.exp(-((distance / rng.uniform(0.7, 1.6)) ** 2))
        light *= (shade[:, None] if across else shade[None, :]).astype(np.float32)
    return _lit(picture, light)


def bleed_through(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """The back of the sheet shines through: the page itself, mirrored and moved, faint and blurred."""
    back = cv2.flip(picture, 1)
    move = np.array([[1, 0, rng.uniform(-40, 40)], [0, 1, rng.uniform(-60, 60)]], np.float32)
    back = cv2.warpAffine(back, move, back.shape[1::-1], borderValue=(255, 255, 255))
    small = cv2.resize(back, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    blurred = cv2.resize(cv2.GaussianBlur(small, (0, 0), rng.uniform(0.8, 2)), picture.shape[1::-1])
    faint = 255 - (255 - blurred.astype(np.float32)) * np.float32(strength * rng.uniform(0.05, 0.2))
    return np.asarray(np.minimum(picture, faint.astype(np.uint8)), np.uint8)


def punch_holes(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Two or four holes along a side, dark where the lid behind them is dark."""
    del strength
    out = picture.copy()
    height, width = out.shape[:2]
    radius = round(height * rng.uniform(0.008, 0.012))
    edge = width * rng.uniform(0.025, 0.045)
    x = round(edge if rng.random() < 0.8 else width - edge)
    grey = int(rng.choice([20, 60, 120, 190, 225]))
    count = int(rng.choice([2, 2, 4]))
    for number in range(count):
        y = round(height * (0.5 + (number - (count - 1) / 2) * 0.27 / (count / 2)))
        cv2.circle(out, (x, y), radius, (grey, grey, grey), -1, cv2.LINE_AA)
        cv2.circle(out, (x, y), radius, (grey // 2,) * 3, 1, cv2.LINE_AA)
    return out


def dark_toner(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Ink that has spread: strokes thicker."""
    spread = (
        cv2.erode(picture, np.ones((2, 2), np.uint8)) if rng.random() < 0.5 else cv2.GaussianBlur(picture, (0, 0), 0.8)
    )
    return _powered(cv2.addWeighted(picture, 0.4, spread, 0.6, 0), 1 + strength * rng.uniform(0.2, 0.8))


def light_toner(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Too little ink: strokes grey, paler in stripes down the page where the drum is worn."""
    width = picture.shape[1]
    stripes = cv2.resize(rng.uniform(0.5, 1, (1, int(rng.integers(3, 12)))).astype(np.float32), (width, 1))
    keep = 1 - strength * rng.uniform(0.15, 0.5) * stripes
    return _bytes(255 - (255 - picture.astype(np.float32)) * keep.clip(0.2, 1)[..., None])


def coarse(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Scanned once at a low resolution and brought back to the other."""
    height, width = picture.shape[:2]
    factor = 1 - rng.uniform(0.15, 0.42) * min(strength, 1.3)
    small = cv2.resize(picture, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)
    return _bytes(
        cv2.resize(small, (width, height), interpolation=int(rng.choice([cv2.INTER_LINEAR, cv2.INTER_CUBIC])))
    )


def dither(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """An ordered screen laid over what is grey, as printers make it, partly blurred away again."""
    del strength
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) * 16 + 8
    height, width = picture.shape[:2]
    screen = np.tile(bayer, (height // 4 + 1, width // 4 + 1))[:height, :width, None]
    dots = np.where(picture > screen, np.float32(255), np.float32(0))
    share = np.float32(rng.uniform(0.3, 0.7))
    return _bytes(cv2.GaussianBlur(picture + (dots - picture) * share, (0, 0), 0.5))


def fax_bands(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Lines that the line noise of a fax has lost or doubled, a few pixels high at most."""
    out = picture.copy()
    height, width = out.shape[:2]
    for _ in range(int(rng.integers(2, round(3 + 6 * strength)))):
        y = int(rng.integers(0, height - 4))
        start, end = sorted(rng.integers(0, width, 2))
        high = int(rng.integers(1, 3))
        out[y : y + high, start:end] = 255 if rng.random() < 0.5 else out[y + high : y + high + 1, start:end]
    return out


def motion_blur(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """The paper or the hand has moved by two pixels or three."""
    reach = rng.uniform(1, 2.6) * min(strength, 1.2)
    angle = rng.uniform(0, math.pi)
    kernel = np.zeros((7, 7), np.float32)
    for step in np.linspace(-reach / 2, reach / 2, 25):
        x, y = 3 + step * math.cos(angle), 3 + step * math.sin(angle)
        kernel[round(y), round(x)] += 1 / 25
    return np.asarray(cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REPLICATE), np.uint8)


def moire(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Beats between two fine screens: faint waves over the page, each colour a little out of step."""
    y, x = np.ogrid[0 : picture.shape[0], 0 : picture.shape[1]]
    angle, length = rng.uniform(0, math.pi), rng.uniform(5, 40)
    phase = (2 * math.pi / length * (math.cos(angle) * x + math.sin(angle) * y)).astype(np.float32)
    depth = np.float32(strength * rng.uniform(0.02, 0.07))
    waves = [1 - depth * (1 + np.sin(phase + np.float32(shift))) / 2 for shift in (0, 0.7, 1.4)]
    return _bytes(picture * cv2.merge(waves))


def vignette(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """Dark corners, about a point near the middle."""
    height, width = picture.shape[:2]
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    away = (x - rng.uniform(-0.2, 0.2)) ** 2 + (y - rng.uniform(-0.2, 0.2)) ** 2
    return _lit(picture, (1 - strength * rng.uniform(0.06, 0.2) * (away / 2) ** 1.5).clip(0.4, 1).astype(np.float32))


def staple(picture: Picture, rng: np.random.Generator, strength: float) -> Picture:
    """A staple in the upper left corner, its shadow, and the corner's crease."""
    out = picture.copy()
    height, width = out.shape[:2]
    x, y, long = width * rng.uniform(0.03, 0.08), height * rng.uniform(0.02, 0.05), width * 0.055
    angle = rng.uniform(-0.2, 1.0)
    end = (round(x + long * math.cos(angle)), round(y + long * math.sin(angle)))
    reach = round(width * rng.uniform(0.1, 0.2))
    shadow = np.full((2 * reach, 2 * reach, 3), 255, np.uint8)
    cv2.line(shadow, (round(x) + 4, round(y) + 6), (end[0] + 4, end[1] + 6), (120, 120, 120), 9, cv2.LINE_AA)
    cv2.line(shadow, (0, reach), (reach, 0), (150, 150, 150), 3, cv2.LINE_AA)
    corner = out[: 2 * reach, : 2 * reach]
    np.minimum(corner, cv2.GaussianBlur(shadow, (0, 0), 4 * strength), out=corner)
    cv2.line(out, (round(x), round(y)), end, (90, 90, 90), 4, cv2.LINE_AA)
    return out


CHANGES: Mapping[Split, Mapping[Quality, tuple[Change, ...]]] = {
    "train": {
        "clean": (bleed_through, punch_holes, light_toner),
        "office": (fold, bleed_through, dark_toner, light_toner, coarse, punch_holes),
        "copy": (fold, dark_toner, bleed_through, punch_holes),
        "phone": (fold, bleed_through, dark_toner, light_toner, punch_holes),
    },
    "held-out": {
        "clean": (dither, staple),
        "office": (motion_blur, vignette, staple, dither),
        "copy": (fax_bands, motion_blur, staple),
        "phone": (moire, vignette, motion_blur, staple),
    },
}
"""What each split may have in each quality."""


def _lit(picture: Picture, light: _Floats) -> Picture:
    return _bytes(picture * light[..., None])


def _powered(picture: Picture, power: float) -> Picture:
    """Darken greys by a power of their lightness."""
    table = (255 * (np.arange(256) / 255) ** power).astype(np.uint8)
    return np.asarray(cv2.LUT(picture, table), np.uint8)


def _bytes(image: NDArray[np.generic]) -> Picture:
    return np.asarray(image).clip(0, 255).astype(np.uint8)
