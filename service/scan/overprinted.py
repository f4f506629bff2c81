"""Numbers that paler print runs over: the characters of a seal on a grey scan, told from the number by their tone.

What both readers see of such a cell is words. Without what is clearly paler than its darkest ink it is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from service.documents.model import Token
from service.scan.clean import Gray
from service.scan.ink import find_ink
from service.scan.reading import has_chinese
from service.scan.recut import Again, framed_box, narrowed
from service.scan.regions import cell_frames
from service.scan.tokens import box_of
from service.scan.view import PageView

_INK, _PALER = 200, 50
"""Grey level below which a dot is ink, and by how many levels what runs over a number is paler than its darkest dots
(`service.scan.clean` tells seals from print by as much)."""
_DARKEST = 5
"""So many dots are darker still: noise."""
_SKIRT = 5
"""Pixels, odd: the width of what blur leaves around a dark dot and is part of its stroke."""
_MOSTLY = 0.5
"""Share of a cell's ink that is paler where something runs over its print. Of thin strokes of labels 0.4 may be."""
_RIM = 3
"""Pixels along a cell's edge where rules have left ink."""


def overprinted(view: PageView, tokens: Sequence[Token]) -> Again | None:
    """The cells that hold words most of which are paler than their darkest ink; None where there are none.

    Args:
        view: a page as it was read.
        tokens: what was read on it.
    """
    words = [token.box for token in tokens if has_chinese(token.text)]
    gray = view.gray.copy()
    places = []
    for place in cell_frames(view.tables, view.shape):
        frame = place.frame
        inside = (slice(frame.y0 + _RIM, frame.y1 - _RIM), slice(frame.x0 + _RIM, frame.x1 - _RIM))
        darker = without_paler(view.gray[inside])
        box = box_of(frame, view.shape)
        if darker is not None and any(box.holds(word) for word in words):
            gray[inside] = darker
            places.append(place)
    if not places:
        return None
    gone = tuple(framed_box(place.frame, view.shape) for place in places)
    return Again(narrowed(replace(view, gray=gray, ink=find_ink(gray, view.page.rules)), tuple(places)), gone)


def without_paler(picture: Gray) -> Gray | None:
    """A cell's picture with its darkest print alone; None where most of its ink is as dark."""
    ink = picture < _INK
    tones = picture[ink]
    if len(tones) <= _DARKEST:
        return None
    darkest = int(np.partition(tones, _DARKEST)[_DARKEST])
    own = cv2.dilate((picture < darkest + _PALER).astype(np.uint8), np.ones((_SKIRT, _SKIRT), np.uint8)) > 0
    if np.count_nonzero(ink & ~own) < _MOSTLY * len(tones):
        return None
    return np.asarray(np.where(own, picture, 255), np.uint8)
