"""Scans of one bit that show greys by dots: blurred, they are grey again, and print has edges."""

from __future__ import annotations

import cv2
import numpy as np

from service.documents.model import Picture

_DOT = 6
"""Dark pixels that a dot of a raster has at most."""
_RASTER = 0.01
"""So many dots a pixel of the page are a raster. Drawn copies and faxes have at most 0.0008, and a scan full of specks,
whose numbers a blur spoils, 0.005; dithered and screened ones have 0.015 to 0.043."""
_SIGMA = 1.0
"""Pixels: standard deviation of the blur."""


def without_halftone(picture: Picture) -> Picture:
    """A page as it was scanned, without its raster where it has one: else the same."""
    height, width = picture.shape[:2]
    middle = picture[height // 4 : height - height // 4, width // 4 : width - width // 4]
    dark = np.asarray(cv2.cvtColor(middle, cv2.COLOR_BGR2GRAY) < 128, np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    dots = np.count_nonzero(stats[1:, cv2.CC_STAT_AREA] <= _DOT)
    if dots < _RASTER * dark.size:
        return picture
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _SIGMA), np.uint8)
