"""Lay a statutory table out over pages: column widths, row heights, page breaks, text and rules of every cell."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from service.documents.model import Box
from training.synthesize import fonts
from training.synthesize.pages import DrawnCell, Fill, Glyph, set_line, text_width, wrap
from training.synthesize.ruling import rule_cells
from training.synthesize.shapes import ShapeCell, TableShape
from training.synthesize.style import NumberLook, TableStyle

_LABEL_FLOOR = 1.25
"""Least width of a column in characters."""
_INNER_LABEL_FLOOR = 2.3
"""Least width of the innermost label column, whose labels are the longest."""


@dataclass(frozen=True, slots=True)
class Band:
    """A row, or the part of a row, on one page; y in points."""

    row: int
    top: float
    bottom: float
    part: int = 0


@dataclass(frozen=True, slots=True)
class Segment:
    """The rows of a table that stand on one page."""

    bands: tuple[Band, ...]
    repeated: tuple[Band, ...] = ()
    """The heading's rows, printed again."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A table with its columns placed and its texts broken into lines."""

    shape: TableShape
    style: TableStyle
    edges: tuple[float, ...]
    """x of the column boundaries."""
    heights: tuple[float, ...]
    """Height that each row needs."""


def frame_table(shape: TableShape, style: TableStyle, left: float, width: float, rng: random.Random) -> Frame:
    """Place the columns of a table between `left` and `left + width`, and measure its rows."""
    total = width * style.width_share
    start = left + (width - total) / 2
    style = _fit_numbers(shape, style, total)
    widths = _column_widths(shape, style, total, rng)
    edges = [start]
    for one in widths:
        edges.append(edges[-1] + one)
    return Frame(shape, style, tuple(edges), _row_heights(shape, style, edges))


def _fit_numbers(shape: TableShape, style: TableStyle, total: float) -> TableStyle:
    """Shrink the numbers until each fits into half of the space that its columns could get."""
    room = 0.9 * total / len(shape.weights)
    widest = max(_number_width(cell.text, style) / cell.column_span for cell in shape.cells if _is_number(cell))
    needed = widest + 2 * style.padding[0]
    if needed <= room:
        return style
    return replace(
        style, number_size=max(4.5, style.number_size * (room - 2) / needed), padding=(1.0, style.padding[1])
    )


def _column_widths(shape: TableShape, style: TableStyle, total: float, rng: random.Random) -> list[float]:
    share = style.label_share if shape.label_columns > 1 else max(0.6, style.label_share)
    weights = [
        weight * (share if column < shape.label_columns else 1) * rng.uniform(1 - style.jitter, 1 + style.jitter)
        for column, weight in enumerate(shape.weights)
    ]
    floors = _column_floors(shape, style)
    if style.vertical_labels and shape.label_columns > 1:
        weights[0] = 0.01
    return _share_out(weights, floors, total)


def _column_floors(shape: TableShape, style: TableStyle) -> list[float]:
    padding = 2 * style.padding[0]
    floors = [_LABEL_FLOOR * style.size + padding] * len(shape.weights)
    if shape.label_columns:
        floors[shape.label_columns - 1] = _INNER_LABEL_FLOOR * style.size + padding
    for cell in shape.cells:
        if _is_number(cell):
            wide = (_number_width(cell.text, style) + padding + 0.5) / cell.column_span
            for column in range(cell.column, cell.column + cell.column_span):
                floors[column] = max(floors[column], wide)
    return floors


def _number_width(text: str, style: TableStyle) -> float:
    """Width that a number may take, in points, in whichever face it comes."""
    look = style.look
    width = max(
        text_width(text, face, style.number_size) for face in (style.number_face, *(look.faces if look else ()))
    )
    return width * (1 + 0.5 * look.swell) if look else width


def _share_out(weights: Sequence[float], floors: Sequence[float], total: float) -> list[float]:
    """Share a width out by weight, giving each at least its floor."""
    fixed: set[int] = set()
    while True:
        left = total - sum(floors[one] for one in fixed)
        unit = left / (sum(weight for one, weight in enumerate(weights) if one not in fixed) or 1)
        short = {one for one, weight in enumerate(weights) if one not in fixed and weight * unit < floors[one]}
        if not short or len(fixed | short) == len(weights):
            return [floors[one] if one in fixed else max(weight * unit, 1) for one, weight in enumerate(weights)]
        fixed |= short


def _row_heights(shape: TableShape, style: TableStyle, edges: Sequence[float]) -> tuple[float, ...]:
    heights = [style.size * style.leading + 2 * style.padding[1] + style.extra_height] * shape.rows
    for cell in sorted(shape.cells, key=lambda one: one.row_span):
        lines = cell_lines(cell, style, edges)
        needed = len(lines) * _size(cell, style) * style.leading + 2 * style.padding[1] + style.extra_height * 0.5
        spanned = range(cell.row, cell.row + cell.row_span)
        missing = needed - sum(heights[row] for row in spanned)
        if missing > 0:
            for row in spanned:
                heights[row] += missing / cell.row_span
    return tuple(heights)


def cell_lines(cell: ShapeCell, style: TableStyle, edges: Sequence[float]) -> list[str]:
    """Break the text of a cell into its printed lines."""
    if not cell.text:
        return []
    width = edges[cell.column + cell.column_span] - edges[cell.column] - 2 * style.padding[0]
    return wrap(cell.text, width, _face(cell, style), _size(cell, style))


def _face(cell: ShapeCell, style: TableStyle) -> str:
    return {"heading": style.heading_face, "label": style.face, "value": style.number_face, "extra": style.number_face}[
        cell.role
    ]


def _size(cell: ShapeCell, style: TableStyle) -> float:
    return style.number_size if _is_number(cell) else style.size


def _is_number(cell: ShapeCell) -> bool:
    """Whether it is set as a number: a value, or a number of a column that the form does not have."""
    return cell.role == "value" or (cell.role == "extra" and cell.text.isascii())


def break_rows(
    frame: Frame, top: float, page_top: float, page_bottom: float, first_bottom: float | None = None
) -> list[Segment]:
    """Distribute the rows over pages: from `top` on the first, from `page_top` on the next ones.

    The first page ends at `first_bottom`, if it is given, the others at `page_bottom`.
    """
    segments: list[Segment] = []
    bands: list[Band] = []
    repeated: list[Band] = []
    y, foot = top, page_bottom if first_bottom is None else min(first_bottom, page_bottom)
    for row, height in enumerate(frame.heights):
        part, left = 0, min(height, page_bottom - page_top - sum(b.bottom - b.top for b in repeated) - 1)
        while y + left > foot + 0.01:
            room = foot - y
            if _may_cut(frame, room, left):
                bands.append(Band(row, y, foot, part))
                # A line that does not fit above the break leaves its space there empty.
                left, part = max(left - room + frame.style.size * frame.style.leading, _least(frame)), part + 1
            segments.append(Segment(tuple(bands), tuple(repeated)))
            bands, y, foot = [], page_top, page_bottom
            repeated = _repeat(frame, page_top) if frame.style.repeat_heading and row > frame.shape.heading_rows else []
            y = repeated[-1].bottom if repeated else page_top
        bands.append(Band(row, y, y + left, part))
        y += left
    segments.append(Segment(tuple(bands), tuple(repeated)))
    return [one for one in segments if one.bands or one.repeated]


def _least(frame: Frame) -> float:
    return frame.style.size * frame.style.leading + 2 * frame.style.padding[1]


def _may_cut(frame: Frame, room: float, height: float) -> bool:
    least = _least(frame)
    return frame.style.cut_rows and room >= least + 1 and (height - room >= 0.3 * least)


def _repeat(frame: Frame, top: float) -> list[Band]:
    bands = []
    for row in range(frame.shape.heading_rows):
        bands.append(Band(row, top, top + frame.heights[row]))
        top = bands[-1].bottom
    return bands


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """What a table puts on one page."""

    cells: tuple[DrawnCell, ...]
    glyphs: tuple[Glyph, ...]
    fills: tuple[Fill, ...]


def place_segments(frame: Frame, segments: Sequence[Segment], rng: random.Random) -> list[PlacedTable]:
    """Place every cell's box and text, page by page."""
    cells: list[list[DrawnCell]] = [[] for _ in segments]
    glyphs: list[list[Glyph]] = [[] for _ in segments]
    style = frame.style
    late_rows = {row for row in range(frame.shape.rows) if rng.random() < 0.2}
    for cell in frame.shape.cells:
        parts = list(_parts(cell, segments))
        shares = _share_lines(cell, frame, [bottom - top for _, top, bottom in parts], cell.row in late_rows)
        for part, ((page, top, bottom), lines) in enumerate(zip(parts, shares, strict=True)):
            cells[page].append(_drawn(cell, frame, top, bottom, part, lines))
            set_ = _set_cell(cell, frame, top, bottom, lines)
            glyphs[page].extend(_by_hand(set_, style.look, rng) if style.look and _is_number(cell) else set_)
    for page, segment in enumerate(segments):
        for cell in frame.shape.cells if segment.repeated else ():
            if cell.row < frame.shape.heading_rows:
                top = segment.repeated[cell.row].top
                bottom = segment.repeated[cell.row + cell.row_span - 1].bottom
                lines = cell_lines(cell, frame.style, frame.edges)
                cells[page].append(_drawn(cell, frame, top, bottom, 0, lines))
                glyphs[page].extend(_set_cell(cell, frame, top, bottom, lines))
    return [PlacedTable(tuple(c), tuple(g), _fills(c, frame.style)) for c, g in zip(cells, glyphs, strict=True)]


def _parts(cell: ShapeCell, segments: Sequence[Segment]) -> Iterator[tuple[int, float, float]]:
    """The pages that a cell stands on, with its top and bottom there."""
    for page, segment in enumerate(segments):
        bands = [band for band in segment.bands if cell.row <= band.row < cell.row + cell.row_span]
        if bands:
            yield page, bands[0].top, bands[-1].bottom


def _share_lines(cell: ShapeCell, frame: Frame, heights: Sequence[float], late: bool) -> list[list[str]]:
    """Which of a cell's lines stand in which of its parts."""
    style = frame.style
    lines = cell_lines(cell, style, frame.edges)
    pitch = _size(cell, style) * style.leading
    capacity = [int((height - style.padding[1] + 0.1) / pitch) for height in heights]
    chosen = 0
    if style.span_text == "largest" or (late and cell.row_span == 1):
        chosen = (
            max(range(len(heights)), key=lambda part: (heights[part], -part)) if cell.row_span > 1 else len(heights) - 1
        )
    if style.span_text != "flow" and len(lines) <= capacity[chosen]:
        return [lines if part == chosen else [] for part in range(len(heights))]
    shares = []
    for part, room in enumerate(capacity):
        last = part == len(capacity) - 1
        take = len(lines) if last else min(room, len(lines))
        shares.append(lines[:take])
        lines = lines[take:]
    return shares


def _drawn(cell: ShapeCell, frame: Frame, top: float, bottom: float, part: int, lines: Sequence[str]) -> DrawnCell:
    box = Box(frame.edges[cell.column], top, frame.edges[cell.column + cell.column_span], bottom)
    return DrawnCell(
        frame.shape.id,
        cell.row,
        cell.column,
        cell.row_span,
        cell.column_span,
        box,
        cell.text,
        cell.role,
        cell.field,
        part,
        bool(lines),
    )


def _set_cell(cell: ShapeCell, frame: Frame, top: float, bottom: float, lines: Sequence[str]) -> list[Glyph]:
    style, face, size = frame.style, _face(cell, frame.style), _size(cell, frame.style)
    left = frame.edges[cell.column] + style.padding[0]
    right = frame.edges[cell.column + cell.column_span] - style.padding[0]
    pitch = size * style.leading
    height = len(lines) * pitch
    spare = {
        "top": style.padding[1],
        "middle": (bottom - top - height) / 2,
        "bottom": bottom - top - height - style.padding[1],
    }
    y = top + max(spare[style.vertical_align if cell.role != "heading" else "middle"], 0.3)
    glyphs: list[Glyph] = []
    for number, line in enumerate(lines):
        slack = right - left - text_width(line, face, size)
        x = left + {"left": 0.0, "centre": slack / 2, "right": slack}[_align(cell, frame, len(lines))]
        baseline = y + number * pitch + pitch / 2 + 0.38 * size
        glyphs.extend(set_line(line, x, baseline, face, size))
    return glyphs


def _by_hand(number: Sequence[Glyph], look: NumberLook, rng: random.Random) -> list[Glyph]:
    """Set a number again, in the same place, as it looks when someone filled it in."""
    if not number:
        return []
    face, size = rng.choice(look.faces), number[0].size * (1 + look.swell * rng.uniform(-1, 0.5))
    wide = sum(fonts.advance(fonts.covering(face, one.text), one.text) for one in number) * size
    tilt = look.tilt * rng.uniform(-1, 1)
    slope = math.tan(math.radians(tilt))
    x, y = (number[0].x + number[-1].box.x1 - wide) / 2, number[0].y + look.shift * size * rng.uniform(-0.6, 0.6)
    start, glyphs = x, []
    for one in number:
        one_face = fonts.covering(face, one.text)
        bump = 0.2 * look.shift * size * rng.uniform(-1, 1)
        glyphs.append(Glyph(one.text, x, y - (x - start) * slope + bump, size, one_face, tilt, look.pen * size))
        x += fonts.advance(one_face, one.text) * size
    return glyphs


def _align(cell: ShapeCell, frame: Frame, lines: int) -> str:
    if _is_number(cell):
        return frame.style.number_align
    narrow = frame.edges[cell.column + cell.column_span] - frame.edges[cell.column] < 4 * frame.style.size
    if cell.role == "heading" or narrow or cell.row_span > 1:
        return "centre" if lines < 3 or narrow else "left"
    return "left"


def _fills(cells: Sequence[DrawnCell], style: TableStyle) -> tuple[Fill, ...]:
    if style.shade is None:
        return ()
    return tuple(Fill(cell.box, style.shade) for cell in cells if cell.role == "heading")


__all__ = ["Frame", "PlacedTable", "Segment", "break_rows", "frame_table", "place_segments", "rule_cells"]
