"""What the token classifier says of cells, gathered for whole lines and whole columns of one table."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.cells import CellClasses, CellInput, CellProbabilities
from service.forms.catalogue import Line as FormLine
from service.forms.catalogue import TableForm, Vocabulary
from service.forms.cell_inputs import cell_inputs
from service.forms.lines import Item, Kind, Line

Floats = NDArray[np.float64]
_VALUE, _LABEL, _OTHER = "value", "label", "other"
_LIKELY = 0.5
_OPEN = 0.8
"""Probability from which a cell by itself is a field that has no other."""


class Classifier(Protocol):
    """The token classifier, as `models.cells.CellClassifier` is one."""

    @property
    def classes(self) -> CellClasses:
        """What a cell can be."""

    def classify(self, cells: Sequence[CellInput]) -> CellProbabilities:
        """Probabilities of the cells' classes, in their order."""


@dataclass(frozen=True)
class TableEvidence:
    """What is said of the lines of one table, for one form of it."""

    rows: Floats
    """Lines x rows of the form, in printed order: probability that the line is the row."""
    columns: tuple[Mapping[int, Mapping[str, float]], ...]
    """For each line, for each grid column in which a value begins: column id -> probability."""

    def of_column(self, start: int, end: int, column: int, columns: Sequence[FormLine]) -> Floats:
        """For each column of the form the probability that it is the grid column; means over the lines' values."""
        cells = [cells[column] for cells in self.columns[start:end] if column in cells]
        if not cells:
            return np.zeros(len(columns))
        return np.array([np.mean([cell.get(form.id or "", 0.0) for cell in cells]) for form in columns])


@dataclass(frozen=True)
class Evidence:
    """What the classifier says of all lines of a document."""

    lines: tuple[Line, ...]
    classes: CellClasses
    cells: Mapping[tuple[int, int], int]
    """(line, item) -> its row in `said`."""
    said: CellProbabilities

    def tables(self, tables: Sequence[str]) -> Floats:
        """Tables x lines: the probability that the line is one of the table's.

        Cells that are nothing of a table (the gaps of a grid made of print alone) say little of their line.
        """
        owner = _owners(self.classes.rows)
        by_column = _owners(self.classes.columns)
        other = self.classes.roles.index(_OTHER)
        found = np.zeros((len(tables), len(self.lines)))
        for line, indices in _by_line(self.cells).items():
            speaking = [index for index in indices if self.said.role[index, other] < _LIKELY] or indices
            said_row = self.said.row[speaking].mean(axis=0)
            said_column = self.said.column[speaking].mean(axis=0)
            for number, table in enumerate(tables):
                mass = max(said_row[owner == table].sum(), said_column[by_column == table].sum())
                found[number, line] = float(mass)
        return found

    def of_table(self, span: tuple[int, int], table: TableForm) -> TableEvidence:
        """What is said of lines `span` (first, end excluded) for a table of a form."""
        rows = [row for block in table.blocks for row in block.rows]
        names = [f"{table.id}.{row.id}" if row.id else table.id for row in rows]
        known = {name: number for number, name in enumerate(self.classes.rows)}
        chosen = [known[name] for name in names]
        prefix = table.id + "."
        columns = {
            number: name.removeprefix(prefix)
            for number, name in enumerate(self.classes.columns)
            if name.startswith(prefix)
        }
        value, label = self.classes.roles.index(_VALUE), self.classes.roles.index(_LABEL)
        found = np.zeros((span[1] - span[0], len(rows)))
        below: list[dict[int, Mapping[str, float]]] = [{} for _ in range(*span)]
        by_line = _by_line(self.cells)
        for line in range(*span):
            indices = by_line.get(line, [])
            weights = self.said.role[indices][:, [value, label]].sum(axis=1) if indices else np.zeros(0)
            if weights.sum() > 0:
                found[line - span[0]] = weights @ self.said.row[indices][:, chosen] / weights.sum()
        for (line, item), index in self.cells.items():
            if span[0] <= line < span[1] and self.lines[line].items[item].kind is not Kind.TEXT:
                said = self.said.column[index]
                place = self.lines[line].items[item].cell.column
                below[line - span[0]][place] = {name: float(said[number]) for number, name in columns.items()}
        return TableEvidence(found, tuple(below))

    def fields(
        self, span: tuple[int, int], table: TableForm, taken: Collection[int]
    ) -> dict[str, tuple[tuple[Item, ...], float]]:
        """The fields of a table that cells of lines `span` are, each by itself.

        Args:
            span: first line and end (excluded).
            table: the table in one of its forms.
            taken: lines that are known to be rows.

        Returns:
            Field id -> item, probability. A field that two cells claim is none's.

        """
        told = self.of_table(span, table)
        value = self.classes.roles.index(_VALUE)
        rows = [(block, row) for block in table.blocks for row in block.rows]
        found: dict[str, list[tuple[tuple[Item, ...], float]]] = {}
        for (line, at), index in self.cells.items():
            item = self.lines[line].items[at]
            if not span[0] <= line < span[1] or line in taken or item.kind is Kind.TEXT:
                continue
            said = told.rows[line - span[0]]
            block, row = rows[int(said.argmax())]
            columns = told.columns[line - span[0]][item.cell.column]
            column = max(block.columns, key=lambda one: columns.get(one.id or "", 0.0))
            sure = float(self.said.role[index, value] * said.max()) * columns.get(column.id or "", 0.0)
            if sure >= _OPEN:
                field = ".".join(part for part in (table.id, row.id, column.id) if part)
                found.setdefault(field, []).append(((item,), sure))
        return {field: claims[0] for field, claims in found.items() if len(claims) == 1}


def gather(lines: Sequence[Line], classifier: Classifier, vocabulary: Vocabulary) -> Evidence:
    """Ask the classifier about all lines of a document."""
    inputs = cell_inputs(lines, vocabulary)
    said = classifier.classify([one.cell for one in inputs])
    cells = {(one.line, one.item): number for number, one in enumerate(inputs)}
    return Evidence(tuple(lines), classifier.classes, cells, said)


def most_probable_fields(evidence: Evidence) -> dict[str, tuple[tuple[Item, ...], float]]:
    """Each cell to the field that the classifier thinks most probable, the first cell of each field wins.

    This is the classifier without any decoding, to be measured against. Returns field id -> items, probability.
    """
    said, classes = evidence.said, evidence.classes
    placed: dict[str, tuple[tuple[Item, ...], float]] = {}
    for (line, item), index in evidence.cells.items():
        role, row, column = (int(one[index].argmax()) for one in (said.role, said.row, said.column))
        table, _, name = classes.columns[column].partition(".")
        if classes.roles[role] != _VALUE or not name or classes.rows[row].partition(".")[0] != table:
            continue
        probability = float(said.role[index, role] * said.row[index, row] * said.column[index, column])
        placed.setdefault(f"{classes.rows[row]}.{name}", ((evidence.lines[line].items[item],), probability))
    return placed


def _owners(names: Sequence[str]) -> NDArray[np.str_]:
    """The table of each row or column class."""
    return np.array([name.partition(".")[0] for name in names])


def _by_line(cells: Mapping[tuple[int, int], int]) -> dict[int, list[int]]:
    lines: dict[int, list[int]] = {}
    for (line, _), index in cells.items():
        lines.setdefault(line, []).append(index)
    return lines
