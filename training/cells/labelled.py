"""Labelled reports -> examples: cells are told by their places, or by the numbers that the truth says are printed.

Nothing is asked of labels, which are what is to be learned. Where the truth has no places, one alignment over the
whole document finds the rows, for these stand in printed order; columns that the form does not have never fit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.cells import NONE, shape_of
from service.documents import open_document
from service.documents.model import Box, Document, Page, Place
from service.errors import InvalidDataset
from service.forms.cell_inputs import InputCell
from service.forms.lines import Kind, Line
from service.tables import build_blocks
from training.cells.by_number import FormWords, is_placed
from training.cells.by_place import same_cell, without_echoes
from training.cells.classes import column_class, positions, row_class
from training.cells.dataset import cells_of
from training.cells.examples import NOBODY_KNOWS, OTHER, Example, LabelledCell, Truth
from training.datasets.manifest import verify
from training.synthesize.report import print_value
from training.synthesize.shapes import forms_by_year

_FIT = 0.75
"""Share of a row's cells that a line must hold as the truth has them; OCR may misread the others."""
_NOTHING, _NUMBER = 0.3, 1.0
"""What a cell that fits counts for: zeros and blanks fit anywhere."""
_MOST_EXTRA = 3
"""Most columns beside the form's."""
_Positions = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the truth: what is printed in each column, as `CellInput.text` has it, "" for any kind of nothing."""

    name: str
    columns: tuple[str, ...]
    texts: tuple[str, ...]


def labelled_examples(data: Path) -> Iterator[Example]:
    """The examples of a dataset's reports; scanned ones are read by OCR first, some seconds a page.

    Raises:
        InvalidDataset: the files are not those of the manifest, or a truth cannot be understood.
    """
    for entry in verify(data).entries:
        if entry.truth is None:
            continue
        try:
            truth = json.loads((data / entry.truth).read_text(encoding="utf-8"))
            rows = truth_rows(truth)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InvalidDataset(f"The truth {entry.truth} cannot be understood.") from error
        document = open_document(entry.file, (data / entry.file).read_bytes())
        blocks = document.blocks or build_blocks(_read(document))
        lines, cells = cells_of(blocks)
        labelled = label_by_rows(lines, cells, rows)
        places = _places(truth)
        yield Example("labelled", entry.format, label_by_places(lines, cells, labelled, places) if places else labelled)


def _read(document: Document) -> tuple[Page, ...]:
    if not any(page.scanned for page in document.pages):
        return document.pages
    # Imported here: loading PaddleOCR takes seconds, and most labelled files need none.
    from models.readers import load_readers
    from service.scan import read_page

    readers = load_readers()
    return tuple(read_page(page, readers) if page.scanned and not page.problem else page for page in document.pages)


def truth_rows(truth: Mapping[str, Any]) -> list[Row]:
    """The rows of a report's tables in printed order."""
    forms = forms_by_year()
    named = truth.get("table_forms") or {}
    found: list[Row] = []
    for table in forms[str(truth["template"]).rpartition("-")[2]].tables:
        year = str(named.get(table.id, truth["template"])).rpartition("-")[2]
        specs = forms[year].table(table.id).fields()
        for name, group in groupby(specs, key=row_class):
            row = list(group)
            texts = tuple(_shown(truth["values"].get(spec.id)) for spec in row)
            found.append(Row(name, tuple(map(column_class, row)), texts))
    return found


def _shown(value: object) -> str:
    number = print_value(value).value
    if number is None:
        return ""
    return str(number) if isinstance(number, int) else f"{number:.8f}".rstrip("0").rstrip(".")


def label_by_rows(lines: Sequence[Line], cells: Sequence[InputCell], rows: Sequence[Row]) -> tuple[LabelledCell, ...]:
    """The cells with what they are, as far as the numbers tell."""
    by_line = {number: list(group) for number, group in groupby(range(len(cells)), key=lambda one: cells[one].line)}
    valued = [
        (number, [one for one in group if shape_of(cells[one].cell.text) is not None])
        for number, group in by_line.items()
    ]
    valued = [(number, values) for number, values in valued if values]
    texts = [
        ["" if cells[one].cell.text in ("/", "-") else cells[one].cell.text for one in values] for _, values in valued
    ]
    words = FormWords.of_forms(tuple(forms_by_year().values()))
    truths: dict[int, Truth] = {}
    for at, row, chosen in _aligned(texts, rows):
        number, values = valued[at]
        truths |= dict.fromkeys(values, OTHER)
        for place, column in zip(chosen, row.columns, strict=True):
            truths[values[place]] = Truth("value", row.name, column)
        named = [one for one in by_line[number] if lines[number].items[cells[one].item].kind is Kind.TEXT]
        truths |= dict.fromkeys(named, Truth("label", None, NONE))
        if named:
            truths[named[-1]] = Truth("label", row.name, NONE)
    return tuple(
        LabelledCell(
            cell.cell,
            truths.get(index) or _by_words(cell, lines, words),
            is_placed(lines[cell.line]),
        )
        for index, cell in enumerate(cells)
    )


def label_by_places(
    lines: Sequence[Line], cells: Sequence[InputCell], labelled: Sequence[LabelledCell], places: Mapping[str, Place]
) -> tuple[LabelledCell, ...]:
    """The cells with the values told by where the fields are, as fractions of the source's pages."""
    truths = [
        _placed(lines[cell.line].items[cell.item].cell.place, one.truth, places)
        if shape_of(cell.cell.text) is not None
        else one.truth
        for cell, one in zip(cells, labelled, strict=True)
    ]
    settled = without_echoes(cells, lines, truths)
    return tuple(replace(one, truth=truth) for one, truth in zip(labelled, settled, strict=True))


def _placed(place: Place, guessed: Truth, places: Mapping[str, Place]) -> Truth:
    if place.box is None:
        return guessed
    on_page = {field: one.box for field, one in places.items() if one.page == place.page and one.box is not None}
    held = [positions()[field] for field, box in on_page.items() if same_cell(place.box, box)]
    if not held:
        return OTHER
    rows, columns = {row for row, _ in held}, {column for _, column in held}
    return Truth("value", rows.pop() if len(rows) == 1 else None, columns.pop() if len(columns) == 1 else None)


def _places(truth: Mapping[str, Any]) -> dict[str, Place]:
    found = truth.get("places") or {}
    return {
        field: Place(page=one["page"], box=Box(*one["bbox"]))
        for field, one in found.items()
        if one.get("bbox") and field in positions()
    }


def _by_words(cell: InputCell, lines: Sequence[Line], words: FormWords) -> Truth:
    item = lines[cell.line].items[cell.item]
    return words.truth(item.key) if item.kind is Kind.TEXT and item.key else NOBODY_KNOWS


def _aligned(texts: Sequence[Sequence[str]], rows: Sequence[Row]) -> list[tuple[int, Row, _Positions]]:
    """Lines and the rows that they are, in order: the alignment in which most numbers fit."""
    chosen = _which_values(texts, rows)
    gains = np.full((len(texts), len(rows)), -1.0)
    for line, shown in enumerate(texts):
        for number, row in enumerate(rows):
            places = chosen.get((len(shown), len(row.columns)))
            if places is not None:
                gains[line, number] = _gain([shown[place] for place in places], row.texts)
    best = np.zeros((len(texts) + 1, len(rows) + 1))
    for line in range(len(texts) - 1, -1, -1):
        for number in range(len(rows) - 1, -1, -1):
            taken = best[line + 1, number + 1] + gains[line, number] if gains[line, number] > 0 else -1.0
            best[line, number] = max(best[line + 1, number], best[line, number + 1], taken)
    found: list[tuple[int, Row, _Positions]] = []
    line = number = 0
    while line < len(texts) and number < len(rows):
        gain = gains[line, number]
        if gain > 0 and best[line, number] == best[line + 1, number + 1] + gain:
            row = rows[number]
            found.append((line, row, chosen[len(texts[line]), len(row.columns)]))
            line, number = line + 1, number + 1
        elif best[line, number] == best[line, number + 1]:
            number += 1
        else:
            line += 1
    return list(_unambiguous(found, gains, rows))


def _unambiguous(
    found: Sequence[tuple[int, Row, _Positions]], gains: NDArray[np.float64], rows: Sequence[Row]
) -> Iterator[tuple[int, Row, _Positions]]:
    """The rows that a number holds, and those between them that have no other line to be.

    Rows of blanks or zeros fit any line of the kind; the lines of a wrapped label have such cells too.
    """
    held = [any(text not in ("", "0") for text in row.texts) for _, row, _ in found]
    taken = {line for line, _, _ in found}
    numbers = {row.name: number for number, row in enumerate(rows)}
    for at, (line, row, places) in enumerate(found):
        before = max((found[one][0] for one in range(at) if held[one]), default=-1)
        after = min((found[one][0] for one in range(at + 1, len(found)) if held[one]), default=len(gains))
        spare = [one for one in range(before + 1, after) if one not in taken and gains[one, numbers[row.name]] > 0]
        if held[at] or not spare:
            yield line, row, places


def _gain(shown: Sequence[str], expected: Sequence[str]) -> float:
    """How much a line speaks for a row; negative where it does not."""
    fits = [one == other for one, other in zip(shown, expected, strict=True)]
    if sum(fits) < _FIT * len(fits):
        return -1.0
    return sum(_NUMBER if text not in ("", "0") else _NOTHING for text, fit in zip(expected, fits, strict=True) if fit)


def _which_values(texts: Sequence[Sequence[str]], rows: Sequence[Row]) -> dict[tuple[int, int], _Positions]:
    """For lines of so many values and rows of so many columns: which values the columns are, the same for all."""
    found: dict[tuple[int, int], _Positions] = {}
    for columns in {len(row.columns) for row in rows}:
        expected = [row.texts for row in rows if len(row.columns) == columns]
        for count in {len(shown) for shown in texts if columns <= len(shown) <= columns + _MOST_EXTRA}:
            lines = [shown for shown in texts if len(shown) == count]
            found[count, columns] = max(
                combinations(range(count), columns),
                key=lambda places: sum(
                    max(_gain([shown[place] for place in places], one) for one in expected) for shown in lines
                ),
            )
    return found
