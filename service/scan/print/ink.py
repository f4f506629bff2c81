"""Ink on a cleaned page: which dark dots belong together, and which are rules, specks or streaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Rule
from service.scan.picture.clean import Gray

_REACH, _CORE = 35, 60
"""Grey levels below the paper's: a stroke reaches as far as the first, and has dots darker than the second ..."""
_NOISE_REACH, _NOISE_CORE = 4, 7
"""... but no less than so many standard deviations of the paper's own noise."""
_STREAK, _BROAD = 51, 8
"""Pixels: least length of a streak, and the width from which on a dark band is none."""
_RULE_REACH = 5
"""Pixels to each side of a rule in which its own ink is looked for."""


class Sized:
    """What has a place on the page, in pixels; x1 and y1 lie outside."""

    __slots__ = ()
    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def width(self) -> int:
        """In pixels."""
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        """In pixels."""
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True)
class Blot(Sized):
    """Ink that hangs together, or nearly so."""

    label: int
    x0: int
    y0: int
    x1: int
    y1: int
    area: int
    """Dark dots."""


@dataclass(frozen=True, slots=True)
class Ink:
    """All blots of a page without its rules."""

    mask: NDArray[np.bool_]
    """Height x width: every dark dot, rules included."""
    labels: NDArray[np.int32]
    """Height x width: the label of the dot's blot; 0 for paper, rules and dots too faint."""
    blots: tuple[Blot, ...]

    def dots(self, blots: Sequence[Blot], rows: slice, columns: slice) -> NDArray[np.bool_]:
        """Which dots of a part of the page are of these blots."""
        labels, own = self.labels[rows, columns], [blot.label for blot in blots]
        if len(own) == 1:
            return np.asarray(labels == own[0], np.bool_)
        chosen = np.zeros(max(int(labels.max(initial=0)), *own) + 1, np.bool_)
        chosen[own] = True
        return np.asarray(chosen[labels], np.bool_)


def find_ink(gray: Gray, rules: Sequence[Rule]) -> Ink:
    """Finds the ink of an evenly lit page (see `clean.clean`).

    Dots that are a few pixels apart sideways belong to one blot, for on a dark copy a zero falls into two arcs;
    downwards hardly any distance is bridged, or the lines of a narrow label would run together.
    """
    reach, core = _thresholds(gray)
    mask = gray < reach
    print_only = mask & ~_rule_mask(mask, rules) & ~_streaks(mask)
    joined = cv2.dilate(print_only.astype(np.uint8), np.ones((3, 7), np.uint8))
    count, regions = cv2.connectedComponents(joined, connectivity=8, ltype=cv2.CV_32S)
    dots = np.flatnonzero(print_only)  # few of a page's pixels: the rest need not be looked at
    of = regions.ravel()[dots]
    strong = np.bincount(of[gray.ravel()[dots] < core], minlength=count) > 0
    of[~strong[of]] = 0
    labels = np.zeros(gray.shape, np.int32)
    labels.ravel()[dots] = of
    return Ink(mask, labels, _blots(*np.divmod(dots, gray.shape[1]), of, strong))


def _thresholds(gray: Gray) -> tuple[float, float]:
    """Below which grey level a dot may be part of a stroke, and below which one there must be some dot of it."""
    counts = np.bincount(gray[::3, ::3].ravel(), minlength=256)
    levels = np.arange(256)
    paper = _median(levels, counts)
    light = levels > paper - 30
    noise = 1.5 * _median(np.abs(levels[light] - paper), counts[light])
    return paper - max(_REACH, _NOISE_REACH * noise), paper - max(_CORE, _NOISE_CORE * noise)


def _median(values: NDArray[Any], counts: NDArray[np.intp]) -> float:
    """The median of values each of which is there so many times."""
    order = values.argsort()
    up_to = counts[order].cumsum()
    middle = np.array([(up_to[-1] - 1) // 2, up_to[-1] // 2])
    return float(values[order][up_to.searchsorted(middle, "right")].mean())


def _blots(
    y: NDArray[np.intp], x: NDArray[np.intp], of: NDArray[np.int32], present: NDArray[np.bool_]
) -> tuple[Blot, ...]:
    """The blots that are present, from the rows and columns of all dots and their labels."""
    count = len(present)
    area = np.bincount(of, minlength=count)
    x0, y0 = np.full(count, 1 << 30), np.full(count, 1 << 30)
    x1, y1 = np.zeros(count, int), np.zeros(count, int)
    np.minimum.at(x0, of, x)
    np.minimum.at(y0, of, y)
    np.maximum.at(x1, of, x)
    np.maximum.at(y1, of, y)
    edges = np.column_stack([np.arange(count), x0, y0, x1 + 1, y1 + 1, area])[present]
    return tuple(Blot(*row) for row in edges.tolist())


def _streaks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Thin lines down the page, longer than any character is tall: what dirt on a copier's glass leaves."""
    dots = mask.astype(np.uint8)
    bridged = cv2.dilate(dots, np.ones((1, 3), np.uint8))  # a streak that leans is a staircase
    runs = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((_STREAK, 1), np.uint8))
    broad = cv2.morphologyEx(runs, cv2.MORPH_OPEN, np.ones((1, _BROAD), np.uint8))
    return np.asarray(((runs & ~broad) > 0) & mask, np.bool_)


def _rule_mask(mask: NDArray[np.bool_], rules: Sequence[Rule]) -> NDArray[np.bool_]:
    """The dots that belong to the rules: those on them, and long runs beside them."""
    height, width = mask.shape
    near, on = np.zeros(mask.shape, np.uint8), np.zeros(mask.shape, np.uint8)
    for rule in rules:
        start = (round(rule.x0 * width), round(rule.y0 * height))
        end = (round(rule.x1 * width), round(rule.y1 * height))
        cv2.line(near, start, end, 1, 2 * _RULE_REACH + 1)
        cv2.line(on, start, end, 1, 3)
    dots = mask.astype(np.uint8) & near
    runs = cv2.morphologyEx(dots, cv2.MORPH_OPEN, np.ones((1, 25), np.uint8))
    runs |= cv2.morphologyEx(dots, cv2.MORPH_OPEN, np.ones((25, 1), np.uint8))
    grown = cv2.dilate(runs, np.ones((3, 3), np.uint8)) & near
    return np.asarray(((grown | on) > 0) & mask, np.bool_)
