"""The classes of the token classifier and its vocabulary: both from the forms' data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from models.cells import NONE, SHAPES, CellClasses
from service.forms.catalogue import FieldSpec, Form, load_forms
from service.forms.normalise import label_key
from training.synthesize import alter, prose

Position = tuple[str, str]
"""The row and the column of a field, as classes."""


def row_class(spec: FieldSpec) -> str:
    """The class of a field's row: `table.row`, or the table where its only row has no id."""
    return ".".join(part for part in (spec.table, spec.row.id) if part)


def column_class(spec: FieldSpec) -> str:
    """The class of a field's column: `table.column`."""
    return ".".join(part for part in (spec.table, spec.column.id) if part)


def build_classes(forms: Sequence[Form]) -> CellClasses:
    """The classes of all forms together, in printed order, `NONE` first."""
    specs = [spec for form in forms for spec in form.fields()]
    rows = dict.fromkeys([NONE, *map(row_class, specs)])
    columns = dict.fromkeys([NONE, *map(column_class, specs)])
    return CellClasses(tuple(rows), tuple(columns))


@cache
def positions() -> Mapping[str, Position]:
    """Field id -> its row and column; a field has the same ones in every form."""
    return {spec.id: (row_class(spec), column_class(spec)) for form in load_forms() for spec in form.fields()}


def build_vocabulary(forms: Sequence[Form]) -> tuple[str, ...]:
    """`SHAPES`, then the characters of the forms' labels, of what these are mistaken for, and of drawn prose."""
    texts: list[str] = ["0123456789abcdefghijklmnopqrstuvwxyz"]
    texts += form_texts(forms)
    texts += _strings(vars(alter).values())
    texts += _strings(vars(prose).values())
    characters = dict.fromkeys(character for text in texts for character in label_key(text))
    return (*SHAPES, *sorted(characters))


def form_texts(forms: Iterable[Form]) -> list[str]:
    """Every label, heading and alias of the forms, chapters included."""
    found: list[str] = []
    for form in forms:
        for chapter in form.chapters:
            found += [chapter.label, *chapter.aliases]
        for table in form.tables:
            for block in table.blocks:
                found += [*block.headings, block.corner or ""]
                for line in (*block.rows, *block.columns):
                    found += [*line.labels, *line.groups]
    return [text for text in found if text]


def _strings(values: Iterable[object]) -> list[str]:
    """The texts among values and in their sequences, as far down as they go."""
    found: list[str] = []
    for value in values:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, tuple | list):
            found += _strings(value)
    return found
