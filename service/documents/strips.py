"""Pictures that are much taller than a page: a whole report on one long screenshot, cut into pages."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Picture

TALL = 2.0
"""A picture that is taller than so many times its width is no page: paper has up to 1.65, a phone's photograph 1.78."""
_PAGE = (0.6, 1.8)
"""Heights, as parts of the width, of which the pages are to be: A4 has 1.41."""
_DIFFERS = 24
"""Grey levels by which print differs from what it stands on, after JPEG."""
_EMPTY = 0.006
"""Part of a row of pixels that may differ from the rest of it where nothing is printed: a frame at both sides does."""
_RULE = 0.4
"""Part of a row of pixels that is at least as dark as a rule where one runs across a table."""
_GAP = 0.004
"""Least height, as a part of the width, of what is empty between two lines of print."""
_HIGH = 0.7
"""Gaps are as good as the highest one if they have this part of its height; of those a page of `_A4` decides."""
_A4 = 1.41


class Strip(NamedTuple):
    """The rows of a picture that make a page; `bottom` lies outside."""

    top: int
    bottom: int


def strips(picture: Picture) -> tuple[Strip, ...]:
    """The pages of a picture, of its height x width x 3: itself, or those that it is cut into.

    It is cut where nothing is printed, in the highest gap that leaves a page of a page's height; where a table fills a
    page, along one of its rules, which both pages have then. A photograph has neither, and is left whole.
    """
    height, width = picture.shape[:2]
    if height <= TALL * width:
        return (Strip(0, height),)
    empty, ruled = _rows(picture)
    cuts: list[Strip] = []
    found = [Strip(0, height)]
    while found[-1].bottom - found[-1].top > _PAGE[1] * width:
        top = found[-1].top
        window = Strip(top + round(_PAGE[0] * width), min(top + round(_PAGE[1] * width), height - 1))
        cut = _gap(empty, window, width) or _rule(ruled, window)
        if cut is None:
            return (Strip(0, height),)
        cuts.append(cut)
        found[-1:] = [Strip(top, cut.bottom), Strip(cut.top, height)]
    return tuple(found)


def _rows(picture: Picture) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """For each row of pixels, whether nothing is printed there, and whether a rule runs there."""
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    usual = np.median(gray[:, ::4], axis=1).astype(np.int16)
    paper = float(np.median(usual))
    differs = np.mean(np.abs(gray.astype(np.int16) - usual[:, None]) > _DIFFERS, axis=1)
    dark = np.mean(gray < paper - _DIFFERS, axis=1)
    return (differs <= _EMPTY) & (np.abs(usual - paper) <= _DIFFERS), dark >= _RULE


def _runs(rows: NDArray[np.bool_], window: Strip) -> list[Strip]:
    """The stretches of such rows within the window."""
    edges = np.flatnonzero(np.diff(rows[window.top : window.bottom].astype(np.int8), prepend=0, append=0))
    return [Strip(int(a) + window.top, int(b) + window.top) for a, b in edges.reshape(-1, 2)]


def _gap(empty: NDArray[np.bool_], window: Strip, width: int) -> Strip | None:
    """The middle of one of the highest gaps: of that which leaves a page most like paper."""
    gaps = [gap for gap in _runs(empty, window) if gap.bottom - gap.top >= max(3, _GAP * width)]
    if not gaps:
        return None
    least = _HIGH * max(gap.bottom - gap.top for gap in gaps)
    paper = window.top + (_A4 - _PAGE[0]) * width
    middles = [(gap.top + gap.bottom) // 2 for gap in gaps if gap.bottom - gap.top >= least]
    middle = min(middles, key=lambda middle: abs(middle - paper))
    return Strip(middle, middle)


def _rule(ruled: NDArray[np.bool_], window: Strip) -> Strip | None:
    """The lowest rule, all of it, with the pixels beside it."""
    runs = [run for run in _runs(ruled, window) if run.bottom - run.top < (window.bottom - window.top) // 50]
    return None if not runs else Strip(runs[-1].top - 2, runs[-1].bottom + 2)
