"""Light print on dark ground: heading rows and label columns of office and web tables."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Picture

_STEP = 2
"""Ground is told from print on the page at half its size."""
_DARK = 0.68
"""Ground so much darker than the page, as a part of its brightness, is dark. On lighter ground print is dark itself."""
_SOLID = 16
"""Pixels that dark ground shows in one piece somewhere; strokes and rules are thinner."""
_GROUND = 29
"""Pixels: more than half of a window so wide is the ground that it stands on."""
_WIDE, _LOW = 38, 18
"""Pixels that a cell of dark ground is wide and high, at least."""
_LIGHTER = 45
"""Grey levels by which print differs from its ground."""
_PRINT = (0.01, 0.45)
"""Part of a dark ground that is light print, at least and at most."""
_LONG = 160
"""Pixels that a dark ground is wide or high: a row or a column of headings is, the star of a seal has some 110."""
_CLOSED = 0.8
"""Part of the rim of a dark ground that is dark: that of dense print is open."""
_FAR = 4
"""So many times more of it must be lighter than the ground than darker."""
_AROUND = 64
"""Pixels around all solid dark ground that are looked at with it: what touches their edge touches the page's."""
_EDGE = 2
"""Pixels of a dark ground that stay dark around it: its edge is where its cells end."""

_Gray = NDArray[np.uint8]


def without_plates(picture: Picture) -> Picture:
    """A page whose light print on dark ground is dark print on white: else the same.

    Args:
        picture: the page, straightened, height x width x 3, BGR.
    """
    step = _SOLID // 4
    glance = cv2.cvtColor(np.ascontiguousarray(picture[::step, ::step]), cv2.COLOR_BGR2GRAY)
    paper = float(np.median(glance))
    solid = cv2.erode(np.asarray(glance < _DARK * paper, np.uint8), np.ones((4, 4), np.uint8))
    left, top, wide, high = (step * edge for edge in cv2.boundingRect(solid))
    if not wide:
        return picture
    window = np.s_[max(0, top - _AROUND) : top + high + _AROUND, max(0, left - _AROUND) : left + wide + _AROUND]
    turned = _turned(picture[window], paper)
    if turned is None:
        return picture
    whole = picture.copy()
    whole[window] = turned
    return whole


def _turned(picture: Picture, paper: float) -> Picture | None:
    """A part of a page, of such brightness, with all its dark ground; None where that bears no light print."""
    gray = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)
    small = np.asarray(cv2.resize(gray, None, fx=1 / _STEP, fy=1 / _STEP, interpolation=cv2.INTER_AREA), np.uint8)
    plates = _plates(small, _DARK * paper)
    if not plates.any():
        return None
    ground = cv2.medianBlur(small, _GROUND // _STEP | 1)
    size = gray.shape[::-1]
    inside = cv2.resize(plates, size, interpolation=cv2.INTER_NEAREST) > 0
    tone = cv2.resize(ground, size, interpolation=cv2.INTER_LINEAR)[inside].astype(np.float32)
    light = (gray[inside] - tone) / np.maximum(paper - tone, 1)
    turned = picture.copy()
    turned[inside] = np.clip(255 * (1 - light), 0, 255).astype(np.uint8)[:, None]
    return turned


def _plates(small: _Gray, level: float) -> _Gray:
    """1 on dark ground that bears light print, without its edge; of the page at half its size."""
    dark = np.asarray(small < level, np.uint8)
    ground = _cells(dark)
    height, width = small.shape
    found, labels, boxes, _ = cv2.connectedComponentsWithStats(ground, connectivity=4)
    kept = np.zeros(found, np.uint8)
    edge = np.ones((2 * (_EDGE // _STEP) + 1,) * 2, np.uint8)
    inside = cv2.erode(ground, edge)
    rim = inside - cv2.erode(inside, edge)
    for label in range(1, found):
        left, top, wide, high = (int(value) for value in boxes[label][:4])
        if left <= 1 or top <= 1 or left + wide >= width - 1 or top + high >= height - 1:
            continue  # what a scanner or a camera saw beside the paper
        if max(wide, high) * _STEP < _LONG:
            continue
        window = np.s_[top : top + high, left : left + wide]
        tones, own = small[window], labels[window] == label
        closed = np.mean(tones[own & (rim[window] > 0)] < level) >= _CLOSED
        kept[label] = closed and _bears_light_print(tones[own & (inside[window] > 0)], level)
    return np.asarray(kept[labels] & inside, np.uint8)


def _cells(dark: _Gray) -> _Gray:
    """1 where most of what is around is dark, within edges that run straight: print beside them does not."""
    window = np.ones((_GROUND // _STEP | 1,) * 2, np.uint8)
    low, wide = _LOW // _STEP | 1, _WIDE // _STEP | 1
    near = cv2.dilate(cv2.medianBlur(dark, window.shape[0]), window)
    straight = [cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(size, np.uint8)) for size in ((1, wide), (wide, 1))]
    whole = cv2.morphologyEx(np.maximum(*straight) & near, cv2.MORPH_CLOSE, window)
    return np.asarray(cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((low, wide), np.uint8)), np.uint8)


def _bears_light_print(tones: _Gray, level: float) -> bool:
    ground = float(np.median(tones[tones < level]))
    lighter, darker = np.mean(tones > ground + _LIGHTER), np.mean(tones < ground - _LIGHTER)
    return bool(_PRINT[0] <= lighter <= _PRINT[1] and lighter >= _FAR * darker)
