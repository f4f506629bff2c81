"""Lines down that are lost over the whole height of a table, told by the evenness of its columns.

A column that is blank, or whose text cannot be read, has nothing in it that tells it from the one beside it. But where
a row is cut into many cells of one width, and one of them is twice as wide, the line between two is lost: worn away, or
covered by the rim of a seal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Box, Rule
from service.tables.lattice import Lattice, find_lattices

_EVEN = 0.08
"""Share by which two cells of one width differ at most; the lines of worn copies are found within so much."""
_TWICE = 0.15
"""The same for a cell of two, in widths of one."""
_MANY = 5
"""Cells of one width that a row has at least besides. Of 1,116 tables of copies and of drawn pages with lost rules some
two dozen have so wide a cell in such a row, those of clean pages none; of eight looked at all had lost the line there.
"""
_CLEAR = 0.03
"""So near to a line, in widths of a cell, no character stands; one in the middle of a truly wide cell does."""
_DARK = 140
_SPECK, _TALL = 6, 0.9
"""What is not so many pixels wide and tall is a speck or left of a line; what is as tall as so much of a row a rim."""
_SIDE = 4
"""Pixels inside the sides of a cell that its lines take."""

_Gray = NDArray[np.uint8]


def with_halves(rules: Sequence[Rule], gray: _Gray) -> tuple[Rule, ...]:
    """The rules, and what is lost of those down between two cells of a row of even ones.

    Args:
        rules: in fractions of the page.
        gray: the deskewed page, height x width, at about 200 dpi.
    """
    height, width = gray.shape
    found = list(rules)
    for lattice in find_lattices(rules, height / width):
        wide = list(_wide(lattice))
        barred = [_middle(box) for box in wide if _is_barred(box, gray)]
        reach = _TWICE * min((box.x1 - box.x0 for box in wide), default=0.0)
        for box in wide:
            x = _middle(box)
            if not any(abs(x - other) < reach for other in barred):
                found.append(Rule(x, box.y0, x, box.y1))
    return tuple(found)


def _middle(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def _wide(lattice: Lattice) -> Iterator[Box]:
    """The cells that are twice as wide as those beside them and most of their row."""
    seen = set()
    for row in range(lattice.rows):
        cells = sorted((c for c in lattice.cells if c.row <= row < c.row + c.row_span), key=lambda c: c.column)
        widths = [cell.box.x1 - cell.box.x0 for cell in cells]
        for i in range(1, len(widths) - 1):
            one = (widths[i - 1] + widths[i + 1]) / 2
            even = sum(abs(width - one) <= _EVEN * one for width in widths)
            beside = abs(widths[i - 1] - widths[i + 1]) <= _EVEN * one
            if beside and even >= _MANY and abs(widths[i] - 2 * one) <= _TWICE * one and cells[i] not in seen:
                seen.add(cells[i])
                yield cells[i].box


def _is_barred(box: Box, gray: _Gray) -> bool:
    """Whether a character stands in the middle of a cell, or so near to it that no line was there."""
    height, width = gray.shape
    top, bottom = round(box.y0 * height) + _SIDE, round(box.y1 * height) - _SIDE
    left, right = round(box.x0 * width) + _SIDE, round(box.x1 * width) - _SIDE
    if bottom - top <= _SPECK or right <= left:
        return False
    ink = (gray[top:bottom, left:right] < _DARK).astype(np.uint8)
    middle, near = _middle(box) * width - left, _CLEAR * (box.x1 - box.x0) * width / 2
    _, _, blobs, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    return any(
        min(broad, tall) >= _SPECK
        and tall < _TALL * (bottom - top)
        and 0 < y < bottom - top - tall
        and x - near < middle < x + broad + near
        for x, y, broad, tall, _ in blobs[1:].tolist()
    )
