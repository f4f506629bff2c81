"""Edges of rows and columns that no line marks any more: found by the gaps between what is printed.

Numbers side by side stand in different columns, numbers above each other in different rows. All lengths are those of
`service.tables.strokes`: page widths, straightened.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise

from service.documents.model import Box
from service.tables.bands import LabelLine, assign
from service.tables.printed import Printed

_WIDE = 0.3
"""Narrowest gap between two columns, in heights of a character."""
_LEVEL = 0.5
"""Numbers whose middles differ by less than this share of their height stand on one line."""

_BESIDE = 0.1
"""Share of its height by which a line of a label overlaps the number that stands beside it, or between two of them."""
_ABOVE = 0.002
"""What two lines of print may overlap."""
_TELLING = 0.15
"""Share of the rows in which a gap parts a number from a label at least: worn labels are read as numbers, too."""
_LONG = 4.0
"""Length of a heading, or of several beside each other, in heights of a character."""


def first_column(printed: Sequence[Printed], ys: Sequence[float], xs: Sequence[float]) -> int | None:
    """The first column of numbers: right of the last one that mostly has texts, or parts of them, beside numbers.

    Parts of a single text do not tell: it may be prose between two tables that names a number. Nor does a text with
    numbers on both sides: it is one of them that cannot be read.
    """
    rows: dict[int, list[Printed]] = {}
    for piece in printed:
        rows.setdefault(bisect_right(ys, piece.y), []).append(piece)
    balance = [0] * (len(xs) - 1)
    parts = [0] * (len(xs) - 1)
    for pieces in rows.values():
        numbers = [p.box for p in pieces if p.number]
        for piece in pieces:
            here = bisect_right(xs, piece.x) - 1
            if piece.number:
                balance[here] += 1
            elif any(_overlap(piece.box, box) > _BESIDE for box in numbers):
                sides = {_column(xs, box) < here for box in numbers if _column(xs, box) != here}
                balance[here] -= len(sides) < 2
                label = all(piece.box.x1 <= box.x0 for box in numbers)
                for column, (low, high) in enumerate(pairwise(xs)):
                    parts[column] += label and column != here and piece.box.x0 < (low + high) / 2 < piece.box.x1
    labels = [c for c, value in enumerate(balance) if value < 0 or (parts[c] > 1 and value < parts[c])]
    first = labels[-1] + 1 if labels else 0
    return first if any(value > 0 for value in balance[first:]) else None


def _column(xs: Sequence[float], box: Box) -> int:
    return bisect_right(xs, (box.x0 + box.x1) / 2) - 1


def _overlap(one: Box, other: Box) -> float:
    """What two boxes share of their heights, as a part of the lesser."""
    return (min(one.y1, other.y1) - max(one.y0, other.y0)) / min(one.y1 - one.y0, other.y1 - other.y0)


def column_gutters(printed: Sequence[Printed], ys: Sequence[float], xs: Sequence[float]) -> list[float]:
    """Where column edges are missing between `xs`."""
    first = first_column(printed, ys, xs)
    found: list[float] = []
    for column, (low, high) in enumerate(pairwise(xs)):
        strip = [p for p in printed if low < p.x < high]
        in_numbers = first is not None and column >= first
        found += _split([p for p in strip if p.box.x0 > low - 0.01 and p.box.x1 < high + 0.01], ys, in_numbers)
    return found


def _split(strip: list[Printed], ys: Sequence[float], headings: bool) -> list[float]:
    """The gaps in one strip; `headings` whether texts side by side tell as well."""
    if sum(p.number for p in strip) == 0 and not headings:
        return []
    gap = _gap(strip, ys, headings)
    if gap is None:
        return []
    at = sum(gap) / 2
    left = [p for p in strip if p.box.x1 <= at]
    right = [p for p in strip if p.box.x0 >= at]
    return [*_split(left, ys, headings), at, *_split(right, ys, headings)]


def _gap(strip: Sequence[Printed], ys: Sequence[float], headings: bool) -> tuple[float, float] | None:
    """The widest gap that parts a number from what stands left of it (or a heading from one), and that all keep clear.

    Only headings may run across it, in rows of their own.
    """
    rows: dict[int, list[Printed]] = {}
    for piece in strip:
        rows.setdefault(bisect_right(ys, piece.y), []).append(piece)
    best: tuple[float, float] | None = None
    for pieces in rows.values():
        for left in pieces:
            for right in pieces:
                if (
                    left.box.x1 < right.box.x0
                    and (right.number or (headings and not left.number))
                    and _overlap(left.box, right.box) > _BESIDE
                ):
                    gap = _cleared(left.box.x1, right.box.x0, rows.values())
                    size = min(left.box.y1 - left.box.y0, right.box.y1 - right.box.y0)
                    if gap and gap[1] - gap[0] > max(_WIDE * size, best[1] - best[0] if best else 0.0):
                        best = gap if _is_told(sum(gap) / 2, rows.values()) else best
    return best


def _is_told(at: float, rows: Collection[Sequence[Printed]]) -> bool:
    """Whether numbers stand on both sides of a gap, or behind it with labels before it; not in a row or two of many.

    Of text of the file a row is enough.
    """
    if all(piece.typed for pieces in rows for piece in pieces):
        return True
    behind = [any(p.number and p.x > at for p in pieces) for pieces in rows]
    if any(behind) and any(p.number and p.x < at for pieces in rows for p in pieces):
        return True
    parted = [told and any(p.x < at for p in pieces) for told, pieces in zip(behind, rows, strict=True)]
    return sum(parted) > _TELLING * len(parted)


def _cleared(low: float, high: float, rows: Iterable[Sequence[Printed]]) -> tuple[float, float] | None:
    """What is left of a gap after all rows have taken their share; None where a number stands in it."""
    centre = (low + high) / 2
    for pieces in rows:
        across = [p.box for p in pieces if p.box.x0 < high and p.box.x1 > low]
        numbers = any(p.number for p in pieces)
        parted = any(p.box.x1 <= centre for p in pieces) and any(p.box.x0 >= centre for p in pieces)
        if not numbers and (not parted or any(box.x0 <= low and box.x1 >= high for box in across)):
            continue  # a heading over both columns
        for box in across:
            if numbers and (box.x0 > low) == (box.x1 < high):
                return None
            if box.x0 - low >= high - box.x1:
                high = min(high, box.x0)
            else:
                low = max(low, box.x1)
            if low >= high:
                return None
    return low, high


def row_gutters(printed: Sequence[Printed], ys: Sequence[float], xs: Sequence[float]) -> list[float]:
    """Where row edges are missing between `ys`."""
    first = first_column(printed, ys, xs)
    if first is None:
        return []
    found: list[float] = []
    for low, high in pairwise(ys):
        band = [p for p in printed if low < p.y < high]
        numbers = [p for p in band if p.number and p.x > xs[first]]
        if not numbers:
            continue
        labels = [p for p in band if not p.number and p.x < xs[first]]
        inner = [p for p in labels if p.x > xs[max(0, first - 1)]] or labels
        lines = _apart(_levels(numbers))
        found += _between_lines(lines, _levels(inner))
        texts = [p.box for p in band if not p.number and p.x > xs[first]]
        top, bottom = min(p.box.y0 for p in lines[0]), max(p.box.y1 for p in lines[-1])
        above = [box for box in texts if box.y1 < top + _ABOVE]
        below = [box for box in texts if box.y0 > bottom - _ABOVE]
        found += [(max(box.y1 for box in above) + top) / 2] if _is_heading(above) else []
        found += [(min(box.y0 for box in below) + bottom) / 2] if _is_heading(below) else []
    return found


def _is_heading(texts: Sequence[Box]) -> bool:
    """Whether texts over or under numbers are as long as headings are together; a seal's characters stand alone."""
    return sum((box.x1 - box.x0) / (box.y1 - box.y0) for box in texts) >= _LONG


def _levels(pieces: Iterable[Printed]) -> list[list[Printed]]:
    """Pieces by the lines they stand on, from top to bottom."""
    lines: list[list[Printed]] = []
    for piece in sorted(pieces, key=lambda p: p.y):
        y, size = piece.y, piece.box.y1 - piece.box.y0
        if lines and y - lines[-1][-1].y < _LEVEL * size:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return lines


def _apart(lines: Sequence[list[Printed]]) -> list[list[Printed]]:
    """Unite lines that overlap: those of a number that is wrapped, and the numbers beside it."""
    united: list[list[Printed]] = []
    for line in lines:
        if united and min(p.box.y0 for p in line) < max(p.box.y1 for p in united[-1]):
            united[-1] = [*united[-1], *line]
        else:
            united.append(line)
    return united


def _between_lines(lines: Sequence[Sequence[Printed]], labels: Sequence[Sequence[Printed]]) -> list[float]:
    """Heights between lines of numbers, each with the lines of label that are centred on it.

    Numbers above each other with one label for both are one number, wrapped.
    """
    if len(lines) < 2 or len(labels) < len(lines):
        return []
    heights = [_height(line) for line in lines]
    size = max(p.box.y1 - p.box.y0 for line in lines for p in line)
    bands = assign([LabelLine(_height(line), any(p.enumerated for p in line)) for line in labels], heights, (), size)
    spans: list[tuple[float, float]] = []
    for band in bands:
        boxes = [p.box for i in band.labels for p in labels[i]]
        boxes += [p.box for p in lines[band.anchor]] if band.anchor is not None else []
        spans.append((min(b.y0 for b in boxes), max(b.y1 for b in boxes)))
    return [(above[1] + below[0]) / 2 for above, below in pairwise(spans)]


def _height(line: Sequence[Printed]) -> float:
    return sum(p.y for p in line) / len(line)
