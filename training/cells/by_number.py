"""The truth of cells of drawn texts, web pages and DOCX files: every field is printed with a number of its own.

What the pipeline makes of the file then shows by itself which field each value cell is, however the layout mixed
them. Labels and headings are told by the values beside and below them, and by their words. Afterwards each number
is exchanged for what the report prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

from models.cells import NONE
from service.forms.catalogue import Form, TableForm
from service.forms.cell_inputs import InputCell
from service.forms.lines import Item, Kind, Layout, Line
from service.forms.normalise import label_key
from training.cells.classes import Position, column_class, positions, row_class
from training.cells.examples import NOBODY_KNOWS, OTHER, LabelledCell, Truth
from training.synthesize.report import DrawnReport
from training.synthesize.shapes import forms_by_year

_FIRST, _DIGITS = 61_001, 5
_CODE = re.compile(rf"\d{{{_DIGITS}}}")
_STRIP = 3
"""A text so short that is part of labels may be of any of them."""


def number_fields(report: DrawnReport) -> DrawnReport:
    """The report with a number of its own, of five digits, in every field."""
    codes = {field: _FIRST + number for number, field in enumerate(report.printed)}
    printed = {field: str(code) for field, code in codes.items()}
    return replace(report, printed=printed, values=dict(codes), units={})


def label_numbered(
    cells: Sequence[InputCell], lines: Sequence[Line], report: DrawnReport, written: Mapping[str, str]
) -> tuple[LabelledCell, ...]:
    """The cells of a numbered report with their truth, and with what is printed instead of the numbers.

    Args:
        cells: of the numbered report's file.
        lines: that the cells come from.
        report: as numbered.
        written: field -> what is to be printed, as `CellInput.text` has it; an empty cell that would leave no trace in
            its line shows a zero instead.
    """
    fields = {str(code): field for field, code in report.values.items()}
    found = [[fields[code] for code in _codes(cell.cell.text) if code in fields] for cell in cells]
    beside: dict[int, list[Position]] = {}
    for cell, held in zip(cells, found, strict=True):
        beside.setdefault(cell.line, []).extend(positions()[field] for field in held)
    words = FormWords(tuple(forms_by_year()[year].table(table) for table, year in report.table_forms.items()))
    below = _columns_below(cells, lines, found)
    labelled = []
    for index, (cell, held) in enumerate(zip(cells, found, strict=True)):
        item, line = lines[cell.line].items[cell.item], lines[cell.line]
        if held:
            truth = _value_truth([positions()[field] for field in held])
        elif item.kind is not Kind.TEXT:
            truth = OTHER
        elif line.layout is Layout.GRID:
            truth = _grid_text(item, beside[cell.line], below[index], words)
        else:
            truth = _text_in_line(item, beside[cell.line], words)
        text = _exchanged(cell.cell.text, held, written) if held else cell.cell.text
        if held and not text and line.layout in (Layout.SPACES, Layout.RUN):
            text = "0"
        labelled.append(LabelledCell(replace(cell.cell, text=text), truth, is_placed(line)))
    return tuple(labelled)


def is_placed(line: Line) -> bool:
    """Whether a cell of the line keeps its place when it is empty."""
    return line.layout in (Layout.GRID, Layout.TABS)


def _codes(text: str) -> list[str]:
    """The numbers of fields in a cell, also where they have run together."""
    if not text or text.strip("0123456789 "):
        return []
    return [code for word in text.split() if len(word) % _DIGITS == 0 for code in _CODE.findall(word)]


def _exchanged(text: str, held: Sequence[str], written: Mapping[str, str]) -> str:
    prints = [written[field] for field in held]
    if len(held) == 1:
        return prints[0]
    apart = " " if " " in text else ""
    return apart.join(one or "0" for one in prints)


def _value_truth(held: Sequence[Position]) -> Truth:
    rows, columns = {row for row, _ in held}, {column for _, column in held}
    return Truth("value", _only(rows), _only(columns))


def _only(found: Iterable[str]) -> str | None:
    different = set(found)
    return different.pop() if len(different) == 1 else None


def _grid_text(item: Item, beside: Sequence[Position], below: str, words: FormWords) -> Truth:
    """A text of a grid: beside values a label, else a heading over them."""
    if not beside:
        return Truth("heading", NONE, below) if words.knows(item.key) else OTHER
    row = _only(row for row, _ in beside)
    if item.cell.row_span > 1 or row is None:
        return Truth("label", NONE if item.cell.row_span > 1 else None, NONE)
    if item.key in words.groups and item.key not in words.of_row(row):
        return Truth("label", NONE, NONE)
    return Truth("label", row, NONE)


def _text_in_line(item: Item, beside: Sequence[Position], words: FormWords) -> Truth:
    """A text of a text line: a label where it stands beside values or says so, else told by its words alone."""
    row = _only(row for row, _ in beside)
    if row is not None:
        if item.key in words.groups and item.key not in words.of_row(row):
            return Truth("label", NONE, NONE)
        own = any(item.key in key for key in words.of_row(row)) and len(item.key) > 1
        return Truth("label", row if own else None, NONE)
    return words.truth(item.key)


def _columns_below(cells: Sequence[InputCell], lines: Sequence[Line], found: Sequence[Sequence[str]]) -> list[str]:
    """For each cell of a grid, the column of the values below it, up to where the next headings come; else `NONE`."""
    by_line = {number: list(group) for number, group in groupby(range(len(cells)), key=lambda one: cells[one].line)}
    below = [NONE] * len(cells)
    numbers = list(by_line)
    for at, number in enumerate(numbers):
        if lines[number].layout is not Layout.GRID or any(found[one] for one in by_line[number]):
            continue
        body: list[int] = []
        for later in numbers[at + 1 :]:
            valued = any(found[one] for one in by_line[later])
            if lines[later].block != lines[number].block or (body and not valued):
                break
            body += by_line[later] if valued else []
        labels = [_columns(cells[one], lines) for one in body if not found[one]]
        for one in by_line[number]:
            start, end = _columns(cells[one], lines)
            over = {
                positions()[field][1]
                for other in body
                for field in found[other]
                for first, last in (_columns(cells[other], lines),)
                if start <= first and last <= end
            }
            if not any(start < last and first < end for first, last in labels):
                below[one] = _only(over) or NONE
    return below


def _columns(cell: InputCell, lines: Sequence[Line]) -> tuple[int, int]:
    grid = lines[cell.line].items[cell.item].cell
    return grid.column, grid.column + grid.column_span


@dataclass(frozen=True)
class FormWords:
    """What is printed in a report's tables, as labels are compared."""

    tables: tuple[TableForm, ...]

    @classmethod
    def of_forms(cls, forms: Sequence[Form]) -> FormWords:
        """The words of every form."""
        return cls(tuple(table for form in forms for table in form.tables))

    @cached_property
    def rows(self) -> Mapping[str, frozenset[str]]:
        """Label -> the rows that have it."""
        return _index(
            (label_key(label), row_class(spec))
            for table in self.tables
            for spec in table.fields()
            for label in spec.row.labels
        )

    @cached_property
    def columns(self) -> Mapping[str, frozenset[str]]:
        """Label -> the columns that have it."""
        return _index(
            (label_key(label), column_class(spec))
            for table in self.tables
            for spec in table.fields()
            for label in spec.column.labels
        )

    @cached_property
    def groups(self) -> frozenset[str]:
        """The labels over several rows."""
        blocks = [block for table in self.tables for block in table.blocks]
        return frozenset(label_key(text) for block in blocks for row in block.rows for text in row.groups)

    @cached_property
    def headings(self) -> frozenset[str]:
        """The headings over several columns, and in the corner."""
        blocks = [block for table in self.tables for block in table.blocks]
        texts = [text for block in blocks for text in (*block.headings, block.corner or "")]
        texts += [text for block in blocks for column in block.columns for text in column.groups]
        return frozenset(label_key(text) for text in texts if text)

    def of_row(self, row: str) -> list[str]:
        """The labels of a row."""
        return [key for key, owners in self.rows.items() if row in owners]

    def knows(self, key: str) -> bool:
        """Whether a text is a label, or a part of one."""
        return any(key in known for known in (*self.rows, *self.columns, *self.groups, *self.headings))

    def truth(self, key: str) -> Truth:
        """What a text by itself is, as far as its words tell."""
        rows, columns = self.rows.get(key), self.columns.get(key)
        group, heading = key in self.groups, key in self.headings
        if sum((rows is not None, columns is not None, group, heading)) == 1:
            if rows:
                return Truth("label", _only(rows), NONE)
            if columns:
                return Truth("heading", NONE, _only(columns))
            return Truth("label" if group else "heading", NONE, NONE)
        if rows or columns or group or heading:
            return NOBODY_KNOWS
        return self._piece(key)

    def _piece(self, key: str) -> Truth:
        """A part of a label, or several of them in one."""
        within = {row for known, owners in self.rows.items() if key in known for row in owners}
        over = any(key in known for known in (*self.columns, *self.headings))
        if len(key) > _STRIP and within and not over:
            return Truth("label", _only(within), NONE)
        if len(key) > _STRIP and over and not within:
            return Truth("heading", NONE, None)
        characters = set("".join((*self.rows, *self.columns, *self.groups, *self.headings)))
        strange = sum(character not in characters for character in key)
        return OTHER if within == set() and not over and strange > 0.2 * len(key) else NOBODY_KNOWS


def _index(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for key, owner in pairs:
        if key:
            found.setdefault(key, set()).add(owner)
    return {key: frozenset(owners) for key, owners in found.items()}
