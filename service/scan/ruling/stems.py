"""Lines down that are strokes of numbers: ones, slashes, or sides of zeros that chance to lie below each other.

A column of numbers stands on them. In most rows no line is drawn there and a number, or a heading, lies across; in the
few rows where one is, nothing is printed on either side: the line is the number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from service.documents.model import Rule
from service.tables.lattice import Lattice, LatticeCell, find_lattices

_FEW = 1 / 3
"""Share of a table's rows in which such a line is drawn at most ..."""
_ASTRIDE = 3
"""... and in how many others print lies across it at least."""
_EMPTY = 0.75
"""Share of the rows with the line in which nothing else is printed on either side: a rim or speck may be, in one."""
_DARK = 140
_RIM = 5
"""Pixels along the sides of a cell in which its own rules, or what is left of them, may lie."""
_STROKE, _PRINT, _BESIDE = 8, 4, 16
"""Pixels on both sides of a line: of its own ink at most, of print across it, and where other print begins."""
_INK = 10
"""Dots of ink from which on there is print: half a worn slash."""
_LEAN = 3
"""What has ink so near both ends of a cell, and leans by no more pixels, runs through it: a streak, or a rule."""


def without_stems(rules: Sequence[Rule], gray: NDArray[np.uint8]) -> tuple[Rule, ...]:
    """The rules but for the strokes of numbers among them.

    Args:
        rules: in fractions of the page.
        gray: the page, height x width.
    """
    height, width = gray.shape
    gone: set[int] = set()
    for table in find_lattices(rules, height / width):
        for edge in range(1, table.columns):
            drawn = _drawn(table, edge, gray)
            gone |= {i for i, rule in enumerate(rules) if any(_lies_in(rule, *cells, gray.shape) for cells in drawn)}
    return tuple(rule for i, rule in enumerate(rules) if i not in gone)


def _drawn(table: Lattice, edge: int, gray: NDArray[np.uint8]) -> list[tuple[LatticeCell, LatticeCell]]:
    """The cells left and right of an inner column edge in all rows where it is drawn; none if it is one."""
    left = {c.row: c for c in table.cells if c.column + c.column_span == edge and c.row_span == 1}
    right = {c.row: c for c in table.cells if c.column == edge and c.row_span == 1}
    across = [c for c in table.cells if c.column < edge < c.column + c.column_span]
    drawn = sorted(left.keys() & right.keys())
    if not drawn or len(drawn) > _FEW * table.rows:
        return []
    x = round((left[drawn[0]].box.x1 + right[drawn[0]].box.x0) / 2 * gray.shape[1])
    if sum(_is_printed(c, x - _PRINT, x + _PRINT, gray) for c in across) < _ASTRIDE:
        return []
    pairs = [(left[row], right[row]) for row in drawn]
    empty = sum(
        not _is_printed(a, 0, x - _BESIDE, gray) and not _is_printed(b, x + _BESIDE, gray.shape[1], gray)
        for a, b in pairs
    )
    return pairs if empty >= _EMPTY * len(pairs) else []


def _is_printed(cell: LatticeCell, x0: int, x1: int, gray: NDArray[np.uint8]) -> bool:
    """Whether print stands in a cell between two places across the page, in pixels; what runs through it is none."""
    height, width = gray.shape
    left, right = max(x0, round(cell.box.x0 * width) + _RIM), min(x1, round(cell.box.x1 * width) - _RIM)
    top, bottom = max(0, round(cell.box.y0 * height) + _RIM), round(cell.box.y1 * height) - _RIM
    if left >= right or top >= bottom:
        return False
    dark = gray[top:bottom, left:right] < _DARK
    beside = np.ones(2 * _LEAN + 1)
    ends = (np.convolve(end.any(axis=0), beside, "same") > 0 for end in (dark[:_LEAN], dark[-_LEAN:]))
    return int(np.count_nonzero(dark[:, ~np.logical_and(*ends)])) >= _INK


def _lies_in(rule: Rule, left: LatticeCell, right: LatticeCell, shape: tuple[int, int]) -> bool:
    """Whether a rule runs down between two cells."""
    between = abs(rule.x0 + rule.x1 - left.box.x1 - right.box.x0) / 2 * shape[1] <= _STROKE
    shared = min(rule.y1, left.box.y1) - max(rule.y0, left.box.y0)
    return not rule.horizontal and between and 2 * shared > min(rule.y1 - rule.y0, left.box.y1 - left.box.y0)
