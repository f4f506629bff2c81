"""Ruled lines of a worn photocopy, of which only dots are left: found by how many stand in one line.

No piece of such a line is long enough to be told from a stroke. But thin remains lie at the line's height over the
whole width of the table, and nothing else does; and where the lines are, a few dots between two crossings tell
whether that piece of the line was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
"""Share of the page's width that the remains of a horizontal line cover at least ..."""
_WEAK_ROW_INK = 0.02
"""... and if it lies between others."""
_STROKE = 24
"""Pixels from which on a thin run is a remainder of a line whatever it touches; strokes of digits are shorter."""
_TALL_ROW = 2.2
"""A gap between rows that no line spans parts two tables if it is so many times higher than usual ..."""
_MOSTLY = 0.6
"""... or, if lines span so large a share of all gaps, ..."""
_TALLER_ROW = 1.25
"""... so many times higher than the lowest."""
_CROSSED = 0.6
"""Share of a table's rows on which a column has left its crossing, where of all else little is left ..."""
_CROSSINGS = 5
"""... and so many of them at least ..."""
_BY_CHANCE = 4.5
"""... and so many standard deviations more than dots elsewhere meet by chance."""
_COLUMN_INK = 0.12
"""The same for a vertical line and the table's height."""
_PROMINENCE = 1.8
"""How many times more remains a line has than the rows around it on average."""
_NEIGHBOURS = 61
"""Rows that a row is held against."""
_FEWEST = 2
"""So many lines with thin remains has a worn page at least."""
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
_BESIDE = 0.2
"""Share of a line's remains beside which, a little off, there is other ink at most: strokes of text have company."""
_LINKED = 0.15
"""Share of the way between two rows that upright remains cover where a line runs from one to the other."""
_HELD = 0.12
"""Share of the way to the next row that is covered on average at a table's columns if that row is the table's."""
_SPANNED = 0.1
"""The same for pieces of which both ends are left."""
_GAIN = 1.25
"""So many times more cells must the dots make than the whole lines; text makes some on any page."""

_NEAR = 0.004
"""How far a piece may lie from a whole line, in fractions of the page."""
_WHOLE = 0.86
"""Share of a table's lines from which on the whole lines are trusted more than dots."""

_Mask = NDArray[np.uint8]
_Piece = tuple[int, int, int]
"""A stretch of a line: from, line, to."""


@dataclass(frozen=True, slots=True)
class _Remains:
    """Where remains of lines lie, whole ones among them; 1 where some are within half a band across the line."""

    across: _Mask
    """Of horizontal lines: height x width."""
    along: _Mask
    """Of vertical lines: width x height."""
    ink: _Mask
    """All ink: height x width."""


def with_dotted_rules(rules: Sequence[Rule], gray: NDArray[np.uint8]) -> tuple[Rule, ...]:
    """The page's rules; on a worn page, inside its tables, those that the dots show instead of the whole ones.

    Args:
        rules: what `find_rules` found.
        gray: the deskewed page, height x width, at about 200 dpi.

    """
    found = tuple(rules)
    remains = _remains(rules, gray)
    if remains is None:
        return found
    shape = (gray.shape[0], gray.shape[1])
    for rows, columns in _tables(remains):
        inside, outside = _parted(found, rows, columns, shape)
        dotted = _ruled(remains, rows, columns)
        if _known(dotted, inside) < _WHOLE and _cells(dotted, shape) >= _GAIN * _cells(inside, shape):
            found = (*outside, *dotted)
    return found


def _remains(rules: Sequence[Rule], gray: NDArray[np.uint8]) -> _Remains | None:
    """What is left of lines; None on a page without thin remains in lines, which is not worn."""
    ink = cv2.compare(gray, 140, cv2.CMP_LT) & 1
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    flat = (stats[:, cv2.CC_STAT_HEIGHT] <= _THIN).astype(np.uint8)
    upright = (stats[:, cv2.CC_STAT_WIDTH] <= _THIN).astype(np.uint8)
    flat[0] = upright[0] = 0  # the paper
    across = flat[labels] | _long_and_thin(ink)
    if len(_lines(_band(across), _ROW_INK * gray.shape[1])) < _FEWEST:
        return None
    along = np.ascontiguousarray(upright[labels].T) | _long_and_thin(np.ascontiguousarray(ink.T))
    height, width = gray.shape
    for rule in rules:
        x0, y0, x1, y1 = (
            round(rule.x0 * width),
            round(rule.y0 * height),
            round(rule.x1 * width),
            round(rule.y1 * height),
        )
        if rule.horizontal:
            cv2.line(across, (x0, y0), (x1, y1), 1)
        else:
            cv2.line(along, (y0, x0), (y1, x1), 1)
    return _Remains(_band(across), _band(along), ink)


def _long_and_thin(ink: _Mask) -> _Mask:
    """The ink in long runs across the mask that is nowhere thick."""
    runs = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, _STROKE), np.uint8))
    thick = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((_THIN + 1, 1), np.uint8))
    return np.asarray(runs & ~thick, np.uint8)


def _tables(remains: _Remains) -> list[tuple[list[int], list[int]]]:
    """The rows and columns of every table on the page, from the top down."""
    rows = _rows(remains)
    if len(rows) < 3:
        return []
    linked = [_linked(remains.along, a, b) for a, b in pairwise(rows)]
    gaps = np.diff(rows)
    mostly = sum(linked) >= _MOSTLY * len(linked)
    tall = _TALLER_ROW * float(gaps.min()) if mostly else _TALL_ROW * float(np.median(gaps))
    blocks: list[list[int]] = [rows[:1]]
    for y, link in zip(rows[1:], linked, strict=True):
        if link or y - blocks[-1][-1] < tall:
            blocks[-1].append(y)
        else:
            blocks.append([y])
    tables: list[tuple[list[int], list[int]]] = []
    for block in blocks:
        columns = _columns(remains, block, rows)
        if len(columns) >= 3 and not (tables and block[0] <= tables[-1][0][-1]):
            whole = _extended(remains.along, block, columns, rows, tables[-1][0][-1] if tables else -1)
            tables.append((whole, _columns(remains, whole, rows)))
    return [(block, columns) for block, columns in tables if len(block) >= 3 and len(columns) >= 3]


def _rows(remains: _Remains) -> list[int]:
    """The heights of all horizontal lines."""
    width = remains.across.shape[1]
    company = {y: _company(remains.ink, remains.across, y) for y in _lines(remains.across, _WEAK_ROW_INK * width)}
    strong = [y for y in company if company[y] <= _BESIDE and remains.across[y].mean() >= _ROW_INK]
    weak = [
        y
        for y in company
        if company[y] <= _BESIDE / 2
        and strong
        and strong[0] < y < strong[-1]
        and min(abs(y - s) for s in strong) > 3 * _APART
    ]
    return sorted({*strong, *weak})


def _company(ink: _Mask, band: _Mask, at: int) -> float:
    """Share of a line's remains beside which something is printed, as it is along strokes of text."""
    above, below = ink[max(0, at - 9) : max(0, at - 4)], ink[at + 5 : at + 10]
    beside = np.vstack([above, below])[:, band[at] > 0].max(axis=0, initial=0)
    return float(beside.mean()) if len(beside) else 1.0


def _linked(along: _Mask, a: int, b: int) -> bool:
    """Whether at least two vertical lines run from one row to the next."""
    zone = max(2, min(12, (b - a) // 4))
    ends = along[:, a + 3 : a + 3 + zone].any(axis=1) & along[:, b - 2 - zone : b - 2].any(axis=1)
    at = np.flatnonzero(ends & (along[:, a + 4 : b - 3].mean(axis=1) >= _LINKED))
    return len(at) > 0 and bool(at[-1] - at[0] > _APART)


def _extended(along: _Mask, block: list[int], columns: Sequence[int], rows: Sequence[int], after: int) -> list[int]:
    """A table's rows with those above (below the row `after`) and below to which its columns go on."""

    def held(a: int, b: int) -> bool:
        return float(np.mean([along[x, a + 4 : b - 3].mean() for x in columns])) >= _HELD

    block = list(block)
    for y in reversed([y for y in rows if after < y < block[0]]):
        if not held(y, block[0]):
            break
        block.insert(0, y)
    for y in [y for y in rows if y > block[-1]]:
        if not held(block[-1], y):
            break
        block.append(y)
    return block


def _columns(remains: _Remains, block: Sequence[int], rows: Sequence[int]) -> list[int]:
    """The columns' edges of a table with these rows, among all of the page's."""
    along, top, bottom = remains.along, block[0], block[-1]
    tall = bottom - top
    if len(block) < 2:
        return []
    candidates = _lines(along[:, top : bottom + 1], _COLUMN_INK * tall)
    run = {x: sum(y1 - y0 for y0, _, y1 in _pieces(along, [x], block)) for x in candidates}
    found = [x for x in candidates if run[x] >= _EXTENT * tall and _spanned(along[x], block) >= _SPANNED]
    found += [x for x in _crossed(remains, block) if all(abs(x - other) >= _APART for other in found)]
    return sorted(x for x in found if not _goes_on(along[x], rows[0], rows[-1]))


def _crossed(remains: _Remains, block: Sequence[int]) -> list[int]:
    """Columns of which the crossings with most rows are left: there the ink of two lines came together."""
    on = remains.across[block].mean(axis=0, dtype=np.float32)
    near = cv2.blur(on.reshape(1, -1), (3, 1)).ravel()
    usual = cv2.blur(on.reshape(1, -1), (_NEIGHBOURS, 1)).ravel()
    chance = usual + _BY_CHANCE * np.sqrt(usual * (1 - usual) / len(block))
    least = np.maximum(chance, max(_CROSSED, _CROSSINGS / len(block)))
    found: list[int] = []
    for x in np.flatnonzero((near >= least) & (near > 2 * usual)).tolist():
        if near[x] >= near[max(0, x - _APART) : x + _APART + 1].max() and not (found and x - found[-1] < _APART):
            found.append(x)
    return found


def _ruled(remains: _Remains, rows: Sequence[int], columns: Sequence[int]) -> list[Rule]:
    """The pieces of a table's lines."""
    height, width = remains.across.shape
    return [
        *(Rule(x0 / width, y / height, x1 / width, y / height) for x0, y, x1 in _pieces(remains.across, rows, columns)),
        *(Rule(x / width, y0 / height, x / width, y1 / height) for y0, x, y1 in _pieces(remains.along, columns, rows)),
    ]


def _parted(
    rules: Sequence[Rule], rows: Sequence[int], columns: Sequence[int], shape: tuple[int, int]
) -> tuple[list[Rule], list[Rule]]:
    """The rules inside a table, and all others."""
    height, width = shape
    x0, x1 = (columns[0] - _APART) / width, (columns[-1] + _APART) / width
    y0, y1 = (rows[0] - _APART) / height, (rows[-1] + _APART) / height
    inside = [r for r in rules if x0 <= (r.x0 + r.x1) / 2 <= x1 and y0 <= (r.y0 + r.y1) / 2 <= y1]
    return inside, [rule for rule in rules if rule not in inside]


def _known(dotted: Sequence[Rule], whole: Sequence[Rule]) -> float:
    """Share of the dotted pieces, by length, whose middle lies on a whole line."""
    known = total = 0.0
    for rule in dotted:
        x, y, length = (rule.x0 + rule.x1) / 2, (rule.y0 + rule.y1) / 2, rule.x1 - rule.x0 + rule.y1 - rule.y0
        total += length
        if any(
            other.horizontal == rule.horizontal
            and other.x0 - _NEAR <= x <= other.x1 + _NEAR
            and other.y0 - _NEAR <= y <= other.y1 + _NEAR
            for other in whole
        ):
            known += length
    return known / total if total else 1.0


def _cells(rules: Sequence[Rule], shape: tuple[int, int]) -> int:
    """How many cells the rules enclose."""
    return sum(len(lattice.cells) for lattice in find_lattices(rules, shape[0] / shape[1]))


def _band(mask: _Mask) -> _Mask:
    """1 where some ink of the mask lies within half a band above or below."""
    return np.asarray(cv2.dilate(mask, np.ones((_REACH, 1), np.uint8)), np.uint8)


def _lines(band: _Mask, least: float) -> list[int]:
    """The rows of the band that stand out by how much of them is covered."""
    covered = band.sum(axis=1, dtype=np.float32)
    usual = cv2.blur(covered.reshape(-1, 1), (1, _NEIGHBOURS)).ravel()
    found: list[int] = []
    for y in np.flatnonzero((covered >= least) & (covered > _PROMINENCE * usual)).tolist():
        if covered[y] < covered[max(0, y - _APART) : y + _APART + 1].max():
            continue
        if not found or y - found[-1] >= _APART:
            found.append(y)
    return found


def _goes_on(remains: _Mask, start: int, end: int) -> bool:
    """Whether a line goes on beyond the table, as the streak of a scratched drum does."""
    beyond = np.concatenate([remains[: max(0, start - 4 * _APART)], remains[end + 4 * _APART :]])
    return len(beyond) > 0 and float(beyond.mean()) > max(0.12, 0.5 * float(remains[start:end].mean()))


def _pieces(band: _Mask, lines: Sequence[int], crossings: Sequence[int]) -> list[_Piece]:
    """The stretches of each line between crossing lines over which remains are left."""
    found = []
    for line in lines:
        shares = [float(band[line, a + 4 : b - 3].mean()) for a, b in pairwise(crossings)]
        for start, end in _runs(_bridge(shares)):
            found.append((crossings[start], line, crossings[end]))
    return found


def _spanned(remains: _Mask, crossings: Sequence[int]) -> float:
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
