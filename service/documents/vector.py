"""Plane geometry that PDF and OFD share: affine maps, and ruled lines out of drawn paths.

Everything here is in points (1/72 inch) of the page as a person sees it, origin top left, y downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from service.documents.model import Box, Rule

THIN = 3.0
"""A drawn bar up to this thickness is a ruled line; the lowest table rows are more than twice as high."""

SLANT = 0.6
"""How far the ends of a line may differ across its direction and still be a horizontal or vertical line."""

OFFSET = 2.0
"""Parallel lines nearer than this are one line: the strokes of a double rule, or the borders of two touching cells."""

GAP = 3.0
"""Pieces on one line that are not farther apart than this are one line: borders drawn cell by cell, or dashes."""

SHORTEST = 5.0
"""What is shorter than this after joining is not a rule but a dot, a tick or a piece of a glyph."""


class Affine(NamedTuple):
    """The map x' = a x + c y + e, y' = b x + d y + f, in the order of PDF and OFD matrices."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def then(self, after: Affine) -> Affine:
        """Return the map that applies this one first and `after` second."""
        return Affine(
            self.a * after.a + self.b * after.c,
            self.a * after.b + self.b * after.d,
            self.c * after.a + self.d * after.c,
            self.c * after.b + self.d * after.d,
            self.e * after.a + self.f * after.c + after.e,
            self.e * after.b + self.f * after.d + after.f,
        )

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return the image of one point."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """Return the upright box around the image of a box."""
        corners = (self.point(x0, y0), self.point(x1, y0), self.point(x0, y1), self.point(x1, y1))
        xs, ys = [x for x, _ in corners], [y for _, y in corners]
        return Box(min(xs), min(ys), max(xs), max(ys))

    @property
    def scale(self) -> float:
        """The mean length to which a unit is stretched."""
        return sqrt(abs(self.a * self.d - self.b * self.c))


@dataclass(frozen=True, slots=True)
class Outline:
    """One subpath of a drawn path: its corners, and whether it has curves."""

    points: tuple[tuple[float, float], ...]
    curved: bool = False

    @property
    def bounds(self) -> Box:
        """The upright box around the corners."""
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        return Box(min(xs), min(ys), max(xs), max(ys))


def overlap(a: Box, b: Box) -> float:
    """Return the area that two boxes share."""
    return max(min(a.x1, b.x1) - max(a.x0, b.x0), 0.0) * max(min(a.y1, b.y1) - max(a.y0, b.y0), 0.0)


def bar(box: Box) -> Rule | None:
    """Return the middle line of a thin box, or None for a box that is thick or no longer than thick."""
    width, height = box.x1 - box.x0, box.y1 - box.y0
    if height <= THIN and width > height:
        middle = (box.y0 + box.y1) / 2
        return Rule(box.x0, middle, box.x1, middle)
    if width <= THIN and height > width:
        middle = (box.x0 + box.x1) / 2
        return Rule(middle, box.y0, middle, box.y1)
    return None


def stroked(outline: Outline, thickness: float) -> list[Rule]:
    """Return the horizontal and vertical lines of a stroked subpath; slanted and thick strokes give none."""
    found = []
    for (x0, y0), (x1, y1) in zip(outline.points, outline.points[1:], strict=False):
        if min(abs(x1 - x0), abs(y1 - y0)) > SLANT:
            continue
        # Painted area of the stroke: some programs draw a long rule as a short stroke of great thickness.
        half = thickness / 2
        across = (0.0, half) if abs(x1 - x0) >= abs(y1 - y0) else (half, 0.0)
        painted = Box(
            min(x0, x1) - across[0], min(y0, y1) - across[1], max(x0, x1) + across[0], max(y0, y1) + across[1]
        )
        if (rule := bar(painted)) is not None:
            found.append(rule)
    return found


def filled(outlines: Sequence[Outline]) -> list[Rule]:
    """Return the lines of a filled path: thin bars of any shape, and frames filled between two nested rectangles."""
    boxes = [outline.bounds for outline in outlines]
    found = [rule for box in boxes if (rule := bar(box)) is not None]
    thick = [box for box in boxes if bar(box) is None]
    if len(thick) == 2 and len(boxes) == 2:
        outer, inner = sorted(thick, key=lambda box: box.x0 - box.x1)
        margins = (inner.x0 - outer.x0, inner.y0 - outer.y0, outer.x1 - inner.x1, outer.y1 - inner.y1)
        if all(0 <= margin <= THIN for margin in margins):
            found += edges(outer)
    return found


def edges(box: Box) -> list[Rule]:
    """Return the four sides of a box as rules."""
    x0, y0, x1, y1 = box
    return [Rule(x0, y0, x1, y0), Rule(x0, y1, x1, y1), Rule(x0, y0, x0, y1), Rule(x1, y0, x1, y1)]


def merge_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Join what a person sees as one line: pieces end to end, dashes, double lines, borders drawn twice.

    Returns horizontal rules first, top to bottom, then vertical ones, left to right; exactly parallel to the axes.
    """
    every = list(rules)
    flat = _merge((r.y0 + r.y1, min(r.x0, r.x1), max(r.x0, r.x1)) for r in every if r.horizontal)
    upright = _merge((r.x0 + r.x1, min(r.y0, r.y1), max(r.y0, r.y1)) for r in every if not r.horizontal)
    return [Rule(a, at, b, at) for at, a, b in flat] + [Rule(at, a, at, b) for at, a, b in upright]


def _merge(pieces: Iterable[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Join pieces given as (twice the place across, start, end) into (place across, start, end)."""
    bands: list[list[tuple[float, float, float]]] = []
    for piece in sorted((double / 2, start, end) for double, start, end in pieces):
        if bands and piece[0] - bands[-1][0][0] <= OFFSET:
            bands[-1].append(piece)
        else:
            bands.append([piece])
    return [line for band in bands for line in _join(band) if line[2] - line[1] >= SHORTEST]


def _join(band: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Join the pieces of one band along its direction; the place across is their mean, weighted by length."""
    joined: list[tuple[float, float, float]] = []
    weight = 0.0
    for at, start, end in sorted(band, key=lambda piece: piece[1]):
        length = max(end - start, 1e-6)
        if joined and start - joined[-1][2] <= GAP:
            mean, first, last = joined[-1]
            joined[-1] = ((mean * weight + at * length) / (weight + length), first, max(last, end))
            weight += length
        else:
            joined.append((at, start, end))
            weight = length
    return joined


def to_fractions(rule: Rule, width: float, height: float) -> Rule:
    """Return a rule in points as a rule in fractions of its page, cut off at the page's edges."""

    def cut(value: float, whole: float) -> float:
        return min(max(value / whole, 0.0), 1.0)

    return Rule(cut(rule.x0, width), cut(rule.y0, height), cut(rule.x1, width), cut(rule.y1, height))
