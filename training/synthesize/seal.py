"""An invented official seal: a ring, a star and the agency's name around it, in uneven ink."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from service.documents.model import Picture
from training.synthesize import fonts

_FINE = 2
"""Supersampling of the drawn seal."""


def draw_seal(agency: str, diameter: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Draw a seal `diameter` pixels wide: ink coverage, 0 to 1, square, turned by a few degrees."""
    size = diameter * _FINE
    centre, radius = size / 2, size / 2 - 2
    mask = Image.new("L", (size, size), 0)
    pen = ImageDraw.Draw(mask)
    ring = max(3, int(size * rng.uniform(0.018, 0.032)))
    pen.ellipse((centre - radius, centre - radius, centre + radius, centre + radius), outline=255, width=ring)
    pen.polygon(_star(centre, radius * rng.uniform(0.27, 0.34)), fill=255)
    mask = _write_around(mask, agency[:18], radius, rng)
    turned = mask.rotate(float(rng.uniform(-12, 12)), resample=Image.Resampling.BILINEAR)
    small = cv2.resize(np.asarray(turned), (diameter, diameter), interpolation=cv2.INTER_AREA)
    ink: NDArray[np.float32] = (small.astype(np.float32) / 255) * _uneven((diameter, diameter), rng)
    return ink


def stamp(picture: Picture, ink: NDArray[np.float32], left: int, top: int, colour: tuple[int, int, int]) -> None:
    """Stamp a seal's ink on a page picture in place, with its top left corner at (left, top) pixels; colour BGR.

    Ink darkens what it covers, so text under it stays visible; what falls outside the picture is cut off.
    """
    height, width = picture.shape[:2]
    y0, x0 = max(top, 0), max(left, 0)
    y1, x1 = min(top + ink.shape[0], height), min(left + ink.shape[1], width)
    if y0 >= y1 or x0 >= x1:
        return
    share = ink[y0 - top : y1 - top, x0 - left : x1 - left, None]
    kept = 1 - share * (1 - np.asarray(colour, np.float32) / 255)
    picture[y0:y1, x0:x1] = (picture[y0:y1, x0:x1] * kept).astype(np.uint8)


def _star(centre: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for corner in range(10):
        reach = radius if corner % 2 == 0 else radius * 0.382
        angle = math.radians(36 * corner - 90)
        points.append((centre + reach * math.cos(angle), centre + reach * math.sin(angle)))
    return points


def _write_around(mask: Image.Image, text: str, radius: float, rng: np.random.Generator) -> Image.Image:
    """Write a text along the inside of the ring, over its upper part."""
    face = str(rng.choice(fonts.names("song", "hei")))
    arc = math.radians(min(270, 22 * len(text) + 20))
    size = min(radius * 0.3, arc * radius * 0.62 / max(len(text), 1))
    font = fonts.pixel_font(fonts.covering(face, text[0]) if text else face, round(size))
    centre = mask.width / 2
    for number, character in enumerate(text):
        angle = -arc / 2 + arc * (number + 0.5) / len(text)
        box = int(size * 1.6)
        tile = Image.new("L", (box, box), 0)
        ImageDraw.Draw(tile).text((box / 2, box / 2), character, fill=255, font=font, anchor="mm")
        tile = tile.rotate(-math.degrees(angle), resample=Image.Resampling.BICUBIC)
        x = centre + radius * 0.77 * math.sin(angle) - box / 2
        y = centre - radius * 0.77 * math.cos(angle) - box / 2
        corner = (round(x), round(y))
        area = (*corner, corner[0] + box, corner[1] + box)
        mask.paste(ImageChops.lighter(mask.crop(area), tile), corner)
    return mask


def _uneven(shape: tuple[int, int], rng: np.random.Generator) -> NDArray[np.float32]:
    """Ink density: a smooth part and a grainy one."""
    smooth = cv2.resize(rng.uniform(0.55, 1, (5, 5)).astype(np.float32), shape[::-1], interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(rng.normal(0, 1, shape).astype(np.float32), (0, 0), 0.9)
    floor = rng.uniform(0.65, 0.95)
    return np.asarray((smooth * np.where(grain > rng.uniform(0.3, 0.9), floor, 1.0)).clip(0, 1), np.float32)
