"""Negatives: microfilm, faxes whose file says white where it means black, screens in dark mode."""

from __future__ import annotations

import cv2
import numpy as np

from service.documents.model import Picture

_STEP = 4
_MIDDLE = 128
"""Grey level that parts dark from light."""
_DARK = 0.6
"""Part of a negative that is dark, at least: print covers less than a fifth of a page."""
_PRINT = 0.005
"""Part of it that is light, at least: a page that is black all over shows nothing whichever way."""
_STROKE = 28
"""Pixels: strokes and rules are thinner, and so is print but for its largest characters."""
_BLANK = 0.02
"""Part of it that may be light over wider stretches. The sheet of paper on a dark desk is all of it."""


def positive(picture: Picture) -> Picture:
    """A picture whose print is light on dark turned into dark on light; any other as it is."""
    gray = cv2.cvtColor(np.ascontiguousarray(picture[::_STEP, ::_STEP]), cv2.COLOR_BGR2GRAY)
    light = np.asarray(gray > _MIDDLE, np.uint8)
    share = float(light.mean())
    if not _PRINT <= share <= 1 - _DARK:
        return picture
    wide = (_STROKE // _STEP,) * 2
    if float(cv2.morphologyEx(light, cv2.MORPH_OPEN, np.ones(wide, np.uint8)).mean()) > _BLANK:
        return picture
    return np.asarray(255 - picture, np.uint8)
