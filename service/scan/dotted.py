"""Ruled lines of a worn photocopy, of which only dots are left: found by how many stand in one line.

No piece of such a line is long enough to be told from a stroke. But thin remains lie at the line's height over the
whole width of the table, and nothing else does; and where the lines are, a few dots between two crossings tell
whether that piece of the line was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Rule
from service.tables.lattice import find_lattices

_THIN = 5
"""Most pixels across that remains of a line have (200 dpi)."""
_REACH = 5
"""Height in pixels of the band that remains of one line lie in."""
_ROW_INK = 0.04
"""Share of the page's width that the remains of a horizontal line cover at least."""
_COLUMN_INK = 0.12
"""The same for a vertical line and the table's height."""
_PROMINENCE = 1.8
"""How many times more remains a line has than the rows around it on average."""
_NEIGHBOURS = 61
"""Rows that a row is held against."""
_APART = 8
"""Fewest pixels between two lines."""
_PIECE = 0.03
"""Share of a piece between two crossings that its remains cover at least."""
_DOT = 0.008
"""The same beside a piece that is there."""
_BRIDGED = 2
"""So many pieces without remains between two with them are taken for worn away."""
_EXTENT = 0.3
"""Share of the table's height that a vertical line runs over at least; brackets below each other run over less."""
_SPANNED = 0.1
"""The same for pieces of which both ends are left."""
_GAIN = 1.45
"""So many times more cells must the dots make than the whole lines; text makes some on any page."""

_Mask = NDArray[np.uint8]
_Band = NDArray[np.float32]
_Piece = tuple[int, int, int]
"""A stretch of a line: from, line, to."""


def with_dotted_rules(rules: Sequence[Rule], gray: NDArray[np.uint8]) -> tuple[Rule, ...]:
    """The page's rules; on a worn page, inside its table, those that the dots show instead of the whole ones.

    Args:
        rules: what `find_rules` found.
        gray: the deskewed page, height x width, at about 200 dpi.

    """
    height, width = shape = (gray.shape[0], gray.shape[1])
    across, along = _thin_remains(gray)
    rows = _lines(across, _ROW_INK * width)
    if len(rows) < 4:
        return tuple(rules)
    tall = rows[-1] - rows[0]
    columns = [
        x
        for x in _lines(along[:, rows[0] : rows[-1] + 1], _COLUMN_INK * tall)
        if not _goes_on(along[x], rows[0], rows[-1])
    ]
    run = {x: sum(y1 - y0 for y0, _, y1 in _pieces(along, [x], rows)) for x in columns}
    columns = [x for x in columns if run[x] >= _EXTENT * tall and _spanned(along[x], rows) >= _SPANNED]
    if len(columns) < 3:
        return tuple(rules)
    dotted = [
        *(Rule(x0 / width, y / height, x1 / width, y / height) for x0, y, x1 in _pieces(across, rows, columns)),
        *(Rule(x / width, y0 / height, x / width, y1 / height) for y0, x, y1 in _pieces(along, columns, rows)),
    ]
    x0, x1 = (columns[0] - _APART) / width, (columns[-1] + _APART) / width
    y0, y1 = (rows[0] - _APART) / height, (rows[-1] + _APART) / height
    outside = [
        rule for rule in rules if not (x0 <= (rule.x0 + rule.x1) / 2 <= x1 and y0 <= (rule.y0 + rule.y1) / 2 <= y1)
    ]
    found = (*outside, *dotted)
    return found if _cells(found, shape) >= _GAIN * _cells(rules, shape) else tuple(rules)


def _cells(rules: Sequence[Rule], shape: tuple[int, int]) -> int:
    """How many cells the rules enclose."""
    return sum(len(lattice.cells) for lattice in find_lattices(rules, shape[0] / shape[1]))


def _thin_remains(gray: NDArray[np.uint8]) -> tuple[_Band, _Band]:
    """Where thin remains lie: of horizontal lines (height x width), and of vertical ones (width x height)."""
    ink = (gray < 140).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    flat = stats[:, cv2.CC_STAT_HEIGHT] <= _THIN
    upright = stats[:, cv2.CC_STAT_WIDTH] <= _THIN
    flat[0] = upright[0] = False  # the paper
    return _band(flat[labels].astype(np.uint8)), _band(np.ascontiguousarray(upright[labels].T).astype(np.uint8))


def _band(mask: _Mask) -> _Band:
    """1 where some ink of the mask lies within half a band above or below, else 0 or a share."""
    spread: _Band = np.asarray(cv2.blur(mask.astype(np.float32), (1, _REACH)), np.float32)
    return np.minimum(spread * _REACH, np.float32(1.0))


def _lines(band: _Band, least: float) -> list[int]:
    """The rows of the band that stand out by how much of them is covered."""
    covered = band.sum(axis=1)
    usual = cv2.blur(covered.reshape(-1, 1), (1, _NEIGHBOURS)).ravel()
    found: list[int] = []
    for y in np.flatnonzero((covered >= least) & (covered > _PROMINENCE * usual)).tolist():
        if covered[y] < covered[max(0, y - _APART) : y + _APART + 1].max():
            continue
        if not found or y - found[-1] >= _APART:
            found.append(y)
    return found


def _goes_on(remains: _Band, start: int, end: int) -> bool:
    """Whether a line goes on beyond the table, as the streak of a scratched drum does."""
    beyond = np.concatenate([remains[: max(0, start - 4 * _APART)], remains[end + 4 * _APART :]])
    return len(beyond) > 0 and float(beyond.mean()) > 0.5 * float(remains[start:end].mean())


def _pieces(band: _Band, lines: Sequence[int], crossings: Sequence[int]) -> list[_Piece]:
    """The stretches of each line between crossing lines over which remains are left."""
    found = []
    for line in lines:
        shares = [float(band[line, a + 4 : b - 3].mean()) for a, b in pairwise(crossings)]
        for start, end in _runs(_bridge(shares)):
            found.append((crossings[start], line, crossings[end]))
    return found


def _spanned(remains: _Band, crossings: Sequence[int]) -> float:
    """Share of the way between the crossings where remains lie near both ends of a piece; text stays clear of them."""
    spanned = 0
    for a, b in pairwise(crossings):
        zone = max(2, (b - a) // 4)
        if remains[a + 3 : a + 3 + zone].any() and remains[b - 2 - zone : b - 2].any():
            spanned += b - a
    return spanned / max(1, crossings[-1] - crossings[0])


def _bridge(shares: Sequence[float]) -> list[bool]:
    """Which pieces are there: those with remains, short gaps between them, and pieces beside them with a dot or two."""
    there = [share >= _PIECE for share in shares]
    filled = list(there)
    for (_, end), (start, _) in pairwise(_runs(there)):
        if start - end <= _BRIDGED:
            filled[end:start] = [True] * (start - end)
    for order in (range(len(shares)), range(len(shares) - 1, -1, -1)):
        before = False
        for index in order:
            filled[index] = filled[index] or (before and shares[index] >= _DOT)
            before = filled[index]
    return filled


def _runs(there: Sequence[bool]) -> list[tuple[int, int]]:
    """Start and end (excluded) of each run of True."""
    edges = np.flatnonzero(np.diff([False, *there, False]))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
