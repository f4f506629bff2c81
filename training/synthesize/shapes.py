"""The statutory tables of a report as cells with spans, built from the form's data; every drawn format starts here."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from service.forms.catalogue import BlockForm, Form, Line, TableForm, load_forms
from training.synthesize.report import DrawnReport

Role = Literal["heading", "label", "value", "extra"]
"""`extra`: a cell of a column that the form does not have; it belongs to no field."""
Labels = Callable[[Line], str]
"""Chooses the label that is printed for a row or column: the form's own, or one of its aliases."""

_LABEL_WEIGHTS = (0.75, 0.92, 3.27)
"""Relative widths of the outer, middle and inner label column of the official form's tables."""
VALUE_WEIGHT = 0.685
"""The same of a column of values."""


@dataclass(frozen=True, slots=True)
class ShapeCell:
    """One cell: where it stands, what it spans, what is printed in it."""

    row: int
    column: int
    row_span: int
    column_span: int
    text: str
    role: Role
    field: str | None = None
    """Field id of a value cell."""


@dataclass(frozen=True, slots=True)
class TableShape:
    """A statutory table as a complete grid: every position belongs to exactly one cell."""

    id: str
    cells: tuple[ShapeCell, ...]
    rows: int
    heading_rows: int
    """Rows at the top that a continued table may repeat; 0 where the headings stand between the rows."""
    weights: tuple[float, ...]
    """Relative width of each column."""
    label_columns: int
    """How many columns at the left hold row labels."""


def forms_by_year() -> Mapping[str, Form]:
    """Return the catalogue's forms by their year."""
    return {form.year: form for form in load_forms()}


def shape_tables(report: DrawnReport, *, seed: int = 0, aliases: float = 0.0) -> tuple[TableShape, ...]:
    """Shape the report's tables in printed order; `aliases` is the probability that a label is printed otherwise."""
    forms = forms_by_year()
    rng = random.Random(f"labels {seed}")
    chosen: dict[str, str] = {}

    def label(line: Line) -> str:
        if line.label not in chosen:
            other = line.aliases and rng.random() < aliases
            chosen[line.label] = rng.choice(line.aliases) if other else line.label
        return chosen[line.label]

    return tuple(
        _shape_table(forms[year].table(name), report.printed, label, rng) for name, year in report.table_forms.items()
    )


def _shape_table(table: TableForm, printed: Mapping[str, str], label: Labels, rng: random.Random) -> TableShape:
    if table.blocks[0].corner:
        return _shape_blocks(table, printed, label, rng)
    return _shape_matrix(table, printed, label)


def _shape_blocks(table: TableForm, printed: Mapping[str, str], label: Labels, rng: random.Random) -> TableShape:
    """Blocks under each other, each with its heading over the whole width and its own columns."""
    width = 1 + max(len(block.columns) for block in table.blocks)
    cells: list[ShapeCell] = []
    row = 0
    for block in table.blocks:
        spans = _spread(len(block.columns), width - 1, rng)
        starts = [1 + sum(spans[:number]) for number in range(len(spans))]
        cells.append(ShapeCell(row, 0, 1, width, block.headings[0], "heading"))
        cells.append(ShapeCell(row + 1, 0, 1, 1, block.corner or "", "heading"))
        for column, start, span in zip(block.columns, starts, spans, strict=True):
            cells.append(ShapeCell(row + 1, start, 1, span, label(column), "heading"))
        for below, line in enumerate(block.rows, start=row + 2):
            cells.append(ShapeCell(below, 0, 1, 1, label(line), "label"))
            for column, start, span in zip(block.columns, starts, spans, strict=True):
                field = _field(table, line, column)
                cells.append(ShapeCell(below, start, 1, span, printed[field], "value", field))
        row += 2 + len(block.rows)
    return TableShape(table.id, tuple(cells), row, 0, (1.0,) * width, 1)


def _spread(columns: int, width: int, rng: random.Random) -> list[int]:
    """Spans of a block's columns over the table's: one takes all that are to spare."""
    spans = [1] * columns
    spans[rng.choice([0, columns - 1])] += width - columns
    return spans


def _shape_matrix(table: TableForm, printed: Mapping[str, str], label: Labels) -> TableShape:
    """Rows of labels in groups against columns under groups of headings."""
    block = table.blocks[0]
    labelled = any(line.label for line in block.rows)
    left = max(len(line.groups) for line in block.rows) + 1 if labelled else 0
    top = len(block.headings[:1]) + max(len(line.groups) for line in block.columns) + 1
    cells = [*_matrix_headings(block, left, top, label), *_matrix_labels(block.rows, left, top, label)]
    for row, line in enumerate(block.rows, start=top):
        for column, heading in enumerate(block.columns, start=left):
            field = _field(table, line, heading)
            cells.append(ShapeCell(row, column, 1, 1, printed[field], "value", field))
    weights = _LABEL_WEIGHTS[len(_LABEL_WEIGHTS) - left :] + (VALUE_WEIGHT,) * len(block.columns)
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return TableShape(table.id, tuple(cells), top + len(block.rows), top, weights, left)


def _matrix_headings(block: BlockForm, left: int, top: int, label: Labels) -> Iterator[ShapeCell]:
    first = len(block.headings[:1])
    if left:
        yield ShapeCell(0, 0, top, left, "".join(block.headings[1:2]), "heading")
    if first:
        yield ShapeCell(0, left, 1, len(block.columns), block.headings[0], "heading")
    yield from (
        ShapeCell(first + depth, left + start, 1, span, name, "heading")
        for depth, start, span, name in _groups(block.columns)
    )
    for column, line in enumerate(block.columns, start=left):
        depth = first + len(line.groups)
        yield ShapeCell(depth, column, top - depth, 1, label(line), "heading")


def _matrix_labels(rows: Sequence[Line], left: int, top: int, label: Labels) -> Iterator[ShapeCell]:
    if not left:
        return
    yield from (ShapeCell(top + start, depth, span, 1, name, "label") for depth, start, span, name in _groups(rows))
    for row, line in enumerate(rows, start=top):
        depth = len(line.groups)
        yield ShapeCell(row, depth, 1, left - depth, label(line), "label")


def _groups(lines: Sequence[Line]) -> Iterator[tuple[int, int, int, str]]:
    """Yield the runs of lines with the same group: depth, first line, number of lines, label."""
    for depth in range(max(len(line.groups) for line in lines)):
        start = 0
        for prefix, run in groupby(lines, key=lambda line: line.groups[: depth + 1]):
            span = len(list(run))
            if len(prefix) > depth:
                yield depth, start, span, prefix[depth]
            start += span


def _field(table: TableForm, row: Line, column: Line) -> str:
    return ".".join(part for part in (table.id, row.id, column.id) if part)
