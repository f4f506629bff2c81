"""Labelled cells: what the token classifier learns from, and how they are kept."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from models.cells import NONE, CellInput
from service.errors import InvalidDataset
from service.files import whole

UNKNOWN = None
"""A class that nobody can tell; it is left out of the loss."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a cell is; None where that cannot be told."""

    role: str | None = UNKNOWN
    row: str | None = UNKNOWN
    column: str | None = UNKNOWN


OTHER = Truth("other", NONE, NONE)
"""What belongs to no table, or to none of its rows and columns."""
NOBODY_KNOWS = Truth()


@dataclass(frozen=True, slots=True)
class LabelledCell:
    """A cell as the classifier sees it, and what it is."""

    cell: CellInput
    truth: Truth
    placed: bool
    """Whether the cell keeps its place when it is empty: in a grid, and between tab stops."""


@dataclass(frozen=True, slots=True)
class Example:
    """All cells of one document, line by line from left to right."""

    case: str
    """Which difficulty it was drawn with, or `reviewed`."""
    kind: str
    """`page`, `text`, `html`, `docx`."""
    cells: tuple[LabelledCell, ...]


def write_examples(path: Path, examples: Iterable[Example]) -> int:
    """Write a shard, one example a line (gzip of JSON); returns how many. A reader sees all of it or nothing."""
    count = 0
    with whole(path) as place, gzip.open(place, "wt", encoding="utf-8", compresslevel=4) as file:
        for example in examples:
            file.write(json.dumps(_packed(example), ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return count


def read_examples(path: Path) -> Iterator[Example]:
    """The examples of a shard.

    Raises:
        InvalidDataset: the file is none.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield _unpacked(json.loads(line))
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise InvalidDataset(f"{path.name} holds no labelled cells that can be read.") from error


def _packed(example: Example) -> dict[str, object]:
    cells = [
        [
            one.cell.text,
            one.cell.line,
            round(one.cell.x0, 4),
            round(one.cell.x1, 4),
            one.truth.role,
            one.truth.row,
            one.truth.column,
            int(one.placed),
        ]
        for one in example.cells
    ]
    return {"case": example.case, "kind": example.kind, "cells": cells}


def _unpacked(packed: dict[str, object]) -> Example:
    cells = tuple(
        LabelledCell(CellInput(text, line, x0, x1), Truth(role, row, column), bool(placed))
        for text, line, x0, x1, role, row, column, placed in packed["cells"]  # type: ignore[attr-defined]
    )
    return Example(str(packed["case"]), str(packed["kind"]), cells)
