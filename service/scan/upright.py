"""Which way up a scanned page lies, without false flips."""

from __future__ import annotations

import cv2
import numpy as np

from models.readers import Readers
from service.documents.model import Picture
from service.scan.clean import as_colour, clean

_LONG_SIDE = 1280
_SAMPLE = 10
"""Lines that are read to compare two ways up."""


def quarter_turns(picture: Picture, readers: Readers) -> int:
    """Quarter turns counter-clockwise that put a page upright: 0 to 3.

    The orientation model proposes; a page that it finds upright stays. Before a page is turned, a few lines must read
    better turned than not; where the direction of the lines contradicts the model, every way up is tried.
    """
    probabilities = readers.orientation.probabilities(picture)
    proposed = max(probabilities, key=lambda degrees: probabilities[degrees])
    if proposed == 0:
        return 0
    small = _small(picture)
    candidates = [proposed // 90, 0]
    if _lines_run_down(small) != (proposed in (90, 270)):
        candidates = [0, 1, 2, 3]
    return max(candidates, key=lambda turns: _legibility(np.rot90(small, turns), readers))


def _small(picture: Picture) -> Picture:
    scale = min(1.0, _LONG_SIDE / max(picture.shape[:2]))
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return as_colour(clean(small, reach=40))


def _lines_run_down(small: Picture) -> bool:
    """Whether lines of text run down the picture: their profile across is then the sharper one, rules left out."""
    ink = (small[..., 0] < 170).astype(np.uint8)
    rules = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, 30), np.uint8))
    rules |= cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((30, 1), np.uint8))
    print_only = (ink & ~cv2.dilate(rules, np.ones((3, 3), np.uint8))).astype(np.float64)
    across, down = print_only.sum(axis=1), print_only.sum(axis=0)
    return bool(np.square(np.diff(down)).sum() / len(down) > np.square(np.diff(across)).sum() / len(across))


def _legibility(picture: Picture, readers: Readers) -> float:
    """How well the longest lines read: characters weighted by their probability."""
    picture = np.ascontiguousarray(picture)
    boxes = sorted(readers.detector.detect(picture), key=lambda box: box.x0 - box.x1)[:_SAMPLE]
    crops = [picture[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)] for box in boxes]
    return sum(glyph.confidence**2 for line in readers.recogniser.read(crops) for glyph in line.glyphs)
