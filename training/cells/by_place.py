"""The truth of cells of drawn pages, by where they stand: the drawn cell that a cell of the pipeline covers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.cells import NONE
from service.documents.model import Box
from service.forms.cell_inputs import InputCell
from service.forms.lines import Item, Kind, Line
from training.cells.classes import positions
from training.cells.examples import NOBODY_KNOWS, OTHER, Truth
from training.synthesize.pages import DrawnCell, DrawnPage

_COVERED = 0.5
"""Share of the smaller of two boxes that the other covers where they are the same cell."""
_T = TypeVar("_T")


def truth_of_cells(cells: Sequence[InputCell], lines: Sequence[Line], pages: Sequence[DrawnPage]) -> tuple[Truth, ...]:
    """What each cell is; `lines` come from pages in the frame of the drawn ones."""
    known = DrawnTruth.of(pages)
    drawn = {number: _PageCells(page) for number, page in enumerate(pages, start=1)}
    truths: dict[int, Truth] = {}
    indexed = list(enumerate(cells))
    for _, group in groupby(indexed, key=lambda one: (one[1].line, _box_of(one[1], lines))):
        together = list(group)
        items = [lines[cell.line].items[cell.item] for _, cell in together]
        for (index, _), truth in zip(together, _together(items, drawn, known), strict=True):
            truths[index] = truth
    return without_echoes(cells, lines, [truths[index] for index in range(len(cells))])


def without_echoes(cells: Sequence[InputCell], lines: Sequence[Line], truths: Sequence[Truth]) -> tuple[Truth, ...]:
    """The truths, but an empty cell is no value of a field whose print stands in another cell."""
    blank = [lines[cell.line].items[cell.item].kind is Kind.BLANK for cell in cells]
    printed = {(one.row, one.column) for one, empty in zip(truths, blank, strict=True) if _is_field(one) and not empty}
    return tuple(
        Truth("other") if empty and _is_field(one) and (one.row, one.column) in printed else one
        for one, empty in zip(truths, blank, strict=True)
    )


def _is_field(truth: Truth) -> bool:
    return truth.role == "value" and truth.row is not None and truth.column is not None


def _box_of(cell: InputCell, lines: Sequence[Line]) -> tuple[int | None, Box | None]:
    place = lines[cell.line].items[cell.item].cell.place
    return place.page, place.box


@dataclass(frozen=True)
class _PageCells:
    """The drawn cells of a page with their boxes."""

    page: DrawnPage

    @cached_property
    def boxes(self) -> NDArray[np.float64]:
        """Boxes in fractions, cells x 4."""
        size = [self.page.width, self.page.height] * 2
        return np.array([cell.box for cell in self.page.cells], np.float64).reshape(-1, 4) / size

    def under(self, box: Box) -> list[DrawnCell]:
        """The drawn cells that a box is, or holds, or is a part of; from left to right."""
        boxes = self.boxes
        if not len(boxes):
            return []
        across = np.minimum(boxes[:, 2], box.x1) - np.maximum(boxes[:, 0], box.x0)
        down = np.minimum(boxes[:, 3], box.y1) - np.maximum(boxes[:, 1], box.y0)
        both = across.clip(0) * down.clip(0)
        sizes = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        least = np.minimum(sizes, (box.x1 - box.x0) * (box.y1 - box.y0))
        found = [self.page.cells[index] for index in np.flatnonzero(both > _COVERED * least)]
        return sorted(found, key=lambda cell: cell.box.x0)


def same_cell(one: Box, other: Box) -> bool:
    """Whether two boxes are the same cell, or one of them holds or is a part of the other."""
    across, down = min(one.x1, other.x1) - max(one.x0, other.x0), min(one.y1, other.y1) - max(one.y0, other.y0)
    least = min((box.x1 - box.x0) * (box.y1 - box.y0) for box in (one, other))
    return across > 0 and down > 0 and across * down > _COVERED * least


@dataclass(frozen=True)
class DrawnTruth:
    """What each cell of the drawn tables is, by table, row and column of the drawing."""

    truths: Mapping[tuple[str, int, int], Truth]

    @classmethod
    def of(cls, pages: Sequence[DrawnPage]) -> DrawnTruth:
        """The truth of all tables on the pages."""
        truths: dict[tuple[str, int, int], Truth] = {}
        every = sorted((cell for page in pages for cell in page.cells), key=lambda cell: cell.table)
        for table, group in groupby(every, key=lambda cell: cell.table):
            cells = {(cell.row, cell.column): cell for cell in group}
            fields = [cell for cell in cells.values() if cell.field]
            for (row, column), cell in cells.items():
                truths[table, row, column] = _truth(cell, fields)
        return cls(truths)

    def __getitem__(self, cell: DrawnCell) -> Truth:
        return self.truths[cell.table, cell.row, cell.column]


def _truth(cell: DrawnCell, fields: Sequence[DrawnCell]) -> Truth:
    if cell.field:
        row, column = positions()[cell.field]
        return Truth("value", row, column)
    if cell.role == "label":
        beside = [one for one in fields if cell.row <= one.row < cell.row + cell.row_span]
        return Truth("label", _only(positions()[str(one.field)][0] for one in beside) or NONE, NONE)
    if cell.role == "heading":
        return Truth("heading", NONE, _column_below(cell, fields))
    return OTHER


def _column_below(heading: DrawnCell, fields: Sequence[DrawnCell]) -> str:
    """The column that a heading stands over, in the block of rows that follows it; `NONE` for several or none."""
    rows = sorted({one.row for one in fields if one.row > heading.row})
    block = {row for number, row in enumerate(rows) if row == rows[0] + number}
    body = [one for one in fields if one.row in block]
    if not body or heading.column < min(one.column for one in body):
        return NONE
    last = heading.column + heading.column_span
    below = [one for one in body if heading.column <= one.column and one.column + one.column_span <= last]
    return _only(positions()[str(one.field)][1] for one in below) or NONE


def _only(found: Iterable[_T]) -> _T | None:
    """What all are, if they are all the same."""
    different = set(found)
    return different.pop() if len(different) == 1 else None


def _together(items: Sequence[Item], drawn: Mapping[int, _PageCells], known: DrawnTruth) -> list[Truth]:
    """What the items are that share one box: a cell, the pieces of one, or a whole line of text."""
    place = items[0].cell.place
    if place.page is None or place.box is None:
        return [NOBODY_KNOWS] * len(items)
    under = drawn[place.page].under(place.box)
    fields = [cell for cell in under if cell.field]
    named = [cell for cell in under if not cell.field and cell.holds_text]
    texts = [known[cell] for cell in named]
    values = [item for item in items if item.kind is not Kind.TEXT]
    shared = iter(_shared(values, fields, known))
    return [next(shared) if item.kind is not Kind.TEXT else _text_truth(texts, fields, known) for item in items]


def _shared(values: Sequence[Item], fields: Sequence[DrawnCell], known: DrawnTruth) -> list[Truth]:
    """Values from left to right, and the fields that they stand in."""
    filled = [cell for cell in fields if cell.text.strip() and cell.holds_text]
    inked = any(item.kind is Kind.VALUE for item in values)
    chosen = fields if len(fields) == len(values) or not inked else filled or fields
    truths = [known[cell] for cell in chosen]
    if len(truths) == len(values):
        return truths
    if not truths:
        return [OTHER] * len(values)
    row, column = _only(truth.row for truth in truths), _only(truth.column for truth in truths)
    return [Truth("value", row, column if len(values) == 1 else None)] * len(values)


def _text_truth(texts: Sequence[Truth], fields: Sequence[DrawnCell], known: DrawnTruth) -> Truth:
    """A text is the label or heading that stands there, or a value that was not read as one."""
    if texts:
        row, column = _only(truth.row for truth in texts), _only(truth.column for truth in texts)
        return Truth(_only(truth.role for truth in texts), row, column)
    if len(fields) == 1 and fields[0].text.strip():
        return known[fields[0]]
    return NOBODY_KNOWS if fields else OTHER
