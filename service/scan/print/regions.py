"""What is read how: ruled tables cell by cell, the rest of the page by lines.

The layout model and the ruled grid check each other. A lattice stands where the model sees a table or where its grid
is closed; a frame around prose, which the model sees as text, is read as text. Without lattice a table is read by
lines as well, for it has no cells to cut at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import layoutparser as lp
import numpy as np

from models.text import TextBox
from service.documents.model import Box, Rule
from service.scan.print.ink import Blot
from service.scan.print.lines import NO_SEAMS, Frame, Seams
from service.scan.print.snips import Lanes
from service.tables.lattice import Lattice

_TABULAR = frozenset({"table", "figure"})
_INSET = 2
"""Pixels between a cell's edge and what counts as its inside."""


_OPEN = 0.03
"""Height of a row, in fractions of the page, that a table may have before its first rule or after its last one."""
_THIN, _LEVEL = 0.25, 2
"""Height of a piece of a rule at most, in heights of a line, and pixels that it stands above or below another."""
_PIECES, _UNEVEN = 5, 0.45
"""So many pieces are left of a rule at least, and their lengths deviate by such a share of the mean."""
_DASH, _LIKE = 0.15, 2.0
"""Length of a dash at least, in heights of the line beside it, and how much longer than another of its row it may be:
the rests of a rule across that are left where rules down cross it are shorter, and those of others differ more."""
_SHORT, _LONE = 2.5, 4
"""A detected line no wider than so many times its height may be a number; so many of them make no page of prose."""


def ruled_tables(layout: lp.Layout, lattices: Sequence[Lattice], shape: tuple[int, int]) -> tuple[Lattice, ...]:
    """The lattices that are tables.

    Args:
        layout: the model's blocks in pixels.
        lattices: what the rules enclose.
        shape: (height, width) of the page in pixels.

    """
    tables = [_box(block, shape) for block in layout if block.type in _TABULAR]
    prose = [_box(block, shape) for block in layout if block.type not in _TABULAR]
    return tuple(lattice for lattice in lattices if _is_table(lattice, tables, prose))


def _is_table(lattice: Lattice, tables: Sequence[Box], prose: Sequence[Box]) -> bool:
    if len(lattice.cells) >= 4:
        return True
    seen = max((_shared(lattice.box, table) for table in tables), default=0.0)
    other = max((_shared(lattice.box, text) for text in prose), default=0.0)
    return seen >= other and len(lattice.cells) > 1


@dataclass(frozen=True, slots=True)
class CellFrame:
    """The inside of a cell in pixels, with the row and the column that it stands in."""

    frame: Frame
    lanes: Lanes
    seams: Seams = NO_SEAMS


def cell_frames(tables: Iterable[Lattice], shape: tuple[int, int]) -> tuple[CellFrame, ...]:
    """The insides of all cells."""
    height, width = shape
    frames = []
    for number, table in enumerate(tables):
        across = sorted({round(y * height) for cell in table.cells for y in (cell.box.y0, cell.box.y1)})
        down = sorted({round(x * width) for cell in table.cells for x in (cell.box.x0, cell.box.x1)})
        for cell in table.cells:
            box = cell.box
            frame = Frame(
                max(0, round(box.x0 * width) + _INSET),
                max(0, round(box.y0 * height) + _INSET),
                min(width, round(box.x1 * width) - _INSET + 1),
                min(height, round(box.y1 * height) - _INSET + 1),
            )
            if frame.width > 2 and frame.height > 2:
                row = ((number, "row", cell.row),) if cell.row_span == 1 else ()
                column = ((number, "column", cell.column),) if cell.column_span == 1 else ()
                seams = Seams(
                    tuple(x for x in down if frame.x0 + _INSET < x < frame.x1 - _INSET),
                    tuple(y for y in across if frame.y0 + _INSET < y < frame.y1 - _INSET),
                )
                frames.append(CellFrame(frame, (*row, *column), seams))
    return tuple(frames)


def outside_tables(boxes: Sequence[TextBox], tables: Sequence[Lattice], shape: tuple[int, int]) -> tuple[TextBox, ...]:
    """The detected lines whose middle lies in no ruled table."""
    height, width = shape
    kept = []
    for box in boxes:
        x, y = (box.x0 + box.x1) / 2 / width, (box.y0 + box.y1) / 2 / height
        if not any(_holds(table.box, x, y) for table in tables):
            kept.append(box)
    return tuple(kept)


def overlooked(
    blots: Iterable[Blot],
    boxes: Sequence[TextBox],
    tables: Sequence[Lattice],
    rules: Sequence[Rule],
    shape: tuple[int, int],
) -> tuple[Blot, ...]:
    """Ink that the detector did not see, where a table without cells may stand: the lone zeros and dashes of it.

    Args:
        blots: the page's ink.
        boxes: what the detector saw.
        tables: what is read cell by cell.
        rules: the page's rules; two above each other show an open table, and so do lone numbers where nothing is ruled.
            Dashes beside a line of text show a row anywhere.
        shape: (height, width) of the page in pixels.
    """
    seen = np.zeros(shape, bool)
    for box in boxes:
        seen[max(0, int(box.y0)) : int(box.y1) + 1, max(0, int(box.x0)) : int(box.x1) + 1] = True
    for table in tables:
        b, (height, width) = table.box, shape
        top, left = max(0, int(b.y0 * height)), max(0, int(b.x0 * width))  # a cut-off table begins outside of the page
        seen[top : max(0, int(b.y1 * height) + 1), left : max(0, int(b.x1 * width) + 1)] = True
    unseen = [blot for blot in blots if not seen[(blot.y0 + blot.y1) // 2, (blot.x0 + blot.x1) // 2]]
    area = _between_rules(rules, shape) or (None if tables else _beside_text(boxes))
    inside = [] if area is None else [blot for blot in unseen if _lies_in(blot, area)]
    kept = _without_rests(inside, _line(boxes))
    return tuple(dict.fromkeys((*kept, *(blot for box in boxes for blot in _dashes_beside(box, unseen)))))


def _lies_in(blot: Blot, area: Box) -> bool:
    return blot.y0 > area.y0 and blot.y1 < area.y1 and blot.x0 > area.x0 and blot.x1 < area.x1


def _dashes_beside(box: TextBox, blots: Sequence[Blot]) -> list[Blot]:
    """A row of dashes right of a line of text and on its level, as long as each other and far apart; else nothing."""
    line, middle = box.y1 - box.y0, (box.y0 + box.y1) / 2
    row = [
        blot
        for blot in sorted(blots, key=lambda blot: blot.x0)
        if blot.x0 > box.x1
        and abs((blot.y0 + blot.y1) / 2 - middle) < _THIN * line
        and _DASH * line < blot.width > 1.5 * blot.height
        and blot.height < _THIN * line
    ]
    if len(row) < _PIECES or min(right.x0 - left.x1 for left, right in pairwise(row)) < line:
        return []
    widths = [blot.width for blot in row]
    return row if max(widths) < _LIKE * min(widths) else []


def _without_rests(blots: Sequence[Blot], line: float) -> list[Blot]:
    """Ink without what is left of worn rules across: thin pieces on one level, some long, some short.

    Dashes that stand for numbers are as long as each other.
    """
    kept = [blot for blot in blots if blot.height > _THIN * line]
    thin = [blot for blot in blots if blot.height <= _THIN * line]
    level: list[Blot] = []
    for blot in sorted(thin, key=lambda blot: blot.y0 + blot.y1):
        if level and blot.y0 + blot.y1 - level[0].y0 - level[0].y1 > 2 * _LEVEL:
            kept += [] if _is_rest(level) else level
            level = []
        level.append(blot)
    return kept + ([] if _is_rest(level) else level)


def _is_rest(level: Sequence[Blot]) -> bool:
    widths = np.array([blot.width for blot in level], float)
    return len(level) >= _PIECES and float(widths.std()) > _UNEVEN * float(widths.mean())


def _line(boxes: Sequence[TextBox]) -> float:
    """Height of a line of text."""
    return float(np.median([min(box.y1 - box.y0, box.x1 - box.x0) for box in boxes])) if boxes else 0.0


def _between_rules(rules: Sequence[Rule], shape: tuple[int, int]) -> Box | None:
    """From the first long rule across to the last one, in pixels; None without two of them apart."""
    height, width = shape
    across = [rule for rule in rules if rule.horizontal and rule.x1 - rule.x0 > 0.2]
    if len(across) < 2:
        return None
    top, bottom = min(rule.y0 for rule in across) - _OPEN, max(rule.y0 for rule in across) + _OPEN
    if bottom - top < 3 * _OPEN:
        return None  # strokes of one line of text
    left, right = min(rule.x0 for rule in across), max(rule.x1 for rule in across)
    return Box(left * width, top * height, right * width, bottom * height)


def _beside_text(boxes: Sequence[TextBox]) -> Box | None:
    """Where the detector saw text, with a line above and below, in pixels; None where hardly any is short."""
    short = [box for box in boxes if box.x1 - box.x0 < _SHORT * (box.y1 - box.y0)]
    if len(short) < _LONE:
        return None
    line = _line(boxes)
    return Box(
        min(box.x0 for box in boxes) - line,
        min(box.y0 for box in boxes) - line,
        max(box.x1 for box in boxes) + line,
        max(box.y1 for box in boxes) + line,
    )


def _holds(box: Box, x: float, y: float) -> bool:
    return box.x0 <= x <= box.x1 and box.y0 <= y <= box.y1


def _box(block: lp.TextBlock, shape: tuple[int, int]) -> Box:
    height, width = shape
    x0, y0, x1, y1 = block.coordinates
    return Box(x0 / width, y0 / height, x1 / width, y1 / height)


def _shared(a: Box, b: Box) -> float:
    """The part of `a` that `b` covers."""
    width, height = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
    area = (a.x1 - a.x0) * (a.y1 - a.y0)
    return max(0.0, width) * max(0.0, height) / area if area > 0 else 0.0
