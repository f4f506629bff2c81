"""The template catalogue: the forms of the annual report, read from data/templates/*.yaml.

A form is data: its tables, blocks, rows, columns, labels with aliases, units and identities. Nothing else in gouji
knows a field id or a Chinese label.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from data import TEMPLATES
from service.errors import InvalidTemplate
from service.vocabulary import Vocabulary as Vocabulary
from service.vocabulary import load_vocabulary as load_vocabulary


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Line(_Strict):
    """A row or column of a block: its id within the field id, its printed label, and the headings above it."""

    id: str | None
    label: str = ""
    aliases: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    """Labels of the cells that span this line, outermost first."""
    unit: str | None = None
    amount: bool = False
    """An amount of money, which carries the unit printed beside it."""
    signed: bool = False
    """The column may hold negative numbers."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The printed label and its aliases."""
        return (self.label, *self.aliases) if self.label else self.aliases


class BlockForm(_Strict):
    """Rows under one set of column headings."""

    headings: tuple[str, ...]
    corner: str | None = None
    columns: tuple[Line, ...]
    rows: tuple[Line, ...]


class Chapter(_Strict):
    """One of the report's chapters."""

    id: str
    label: str
    aliases: tuple[str, ...] = ()


class IdentityRule(_Strict):
    """A family of identities: the same sum for each row, each column, or each group of columns of a table."""

    id: str
    table: str
    each: Literal["row", "column", "group"]
    left: tuple[str, ...]
    right: tuple[str, ...]


class TableForm(_Strict):
    """One statutory table."""

    id: str
    chapter: str
    blocks: tuple[BlockForm, ...]

    def fields(self) -> Iterator[FieldSpec]:
        """The table's fields in printed order."""
        for number, block in enumerate(self.blocks):
            for row in block.rows:
                for column in block.columns:
                    yield FieldSpec(self.id, number, row, column, block.headings[:1] if block.corner else ())


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field: where it stands in the form and what its path of labels is."""

    table: str
    block: int
    row: Line
    column: Line
    heading: tuple[str, ...]

    @property
    def id(self) -> str:
        """The contract's field id, `table.row.column`."""
        return ".".join(part for part in (self.table, self.row.id, self.column.id) if part)

    @property
    def label(self) -> str:
        """The path of printed labels, joined by ` > ` as in the contract's field list."""
        groups = self.row.groups if self.row.label else self.column.groups[-1:]
        path = (*self.heading, *groups, self.row.label, self.column.label)
        return " > ".join(part for part in path if part)

    @property
    def unit(self) -> str | None:
        """The unit that the form prints in the field's heading, if it does."""
        return self.column.unit


@dataclass(frozen=True, slots=True)
class IdentitySpec:
    """One identity: the sum of the left fields equals the sum of the right fields."""

    id: str
    left: tuple[str, ...]
    right: tuple[str, ...]


class Form(_Strict):
    """One version of the annual report form."""

    id: str
    year: str
    notice: str
    chapters: tuple[Chapter, ...]
    tables: tuple[TableForm, ...]
    identities: tuple[IdentityRule, ...]

    def table(self, table_id: str) -> TableForm:
        """The table of that id; raises KeyError."""
        for table in self.tables:
            if table.id == table_id:
                return table
        raise KeyError(table_id)

    def fields(self) -> tuple[FieldSpec, ...]:
        """Every field in printed order."""
        return tuple(spec for table in self.tables for spec in table.fields())

    def identity_specs(self, table_id: str) -> tuple[IdentitySpec, ...]:
        """The identities over one table's fields, in the contract's order."""
        return tuple(_expand_identities(self, self.table(table_id)))


def _expand_identities(form: Form, table: TableForm) -> Iterator[IdentitySpec]:
    rules = [rule for rule in form.identities if rule.table == table.id]
    block = table.blocks[0]
    for rule in rules:
        if rule.each == "row":
            for row in block.rows:
                yield _identity(
                    rule,
                    table,
                    {"row": row.id or ""},
                    [(row.id, side) for side in rule.left],
                    [(row.id, side) for side in rule.right],
                )
    # The contract lists the column identities column by column, not rule by rule.
    for column in block.columns:
        for rule in rules:
            if rule.each == "column":
                yield _identity(
                    rule,
                    table,
                    {"column": column.id or ""},
                    [(side, column.id) for side in rule.left],
                    [(side, column.id) for side in rule.right],
                )
    groups = dict.fromkeys((column.id or "").rpartition(".")[0] for column in block.columns)
    for rule in rules:
        if rule.each == "group":
            for group in groups:
                yield _identity(
                    rule,
                    table,
                    {"group": group},
                    [(None, f"{group}.{side}") for side in rule.left],
                    [(None, f"{group}.{side}") for side in rule.right],
                )


def _identity(
    rule: IdentityRule,
    table: TableForm,
    names: dict[str, str],
    left: list[tuple[str | None, str | None]],
    right: list[tuple[str | None, str | None]],
) -> IdentitySpec:
    def field(row: str | None, column: str | None) -> str:
        return ".".join(part for part in (table.id, row, column) if part)

    return IdentitySpec(
        rule.id.format(**names), tuple(field(*pair) for pair in left), tuple(field(*pair) for pair in right)
    )


def load_form(path: Path) -> Form:
    """Read and check one form file; raises InvalidTemplate with what is wrong."""
    try:
        form = Form.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise InvalidTemplate(f"{path.name}: {str(error).splitlines()[0]}") from error
    _check(form, path.name)
    return form


def _check(form: Form, name: str) -> None:
    """Ids are unique, chapters exist, and every identity speaks of fields that the form has."""
    ids = [spec.id for spec in form.fields()]
    repeated = sorted({field for field in ids if ids.count(field) > 1})
    if repeated:
        raise InvalidTemplate(f"{name}: field {repeated[0]} stands twice")
    known = set(ids)
    chapters = {chapter.id for chapter in form.chapters}
    for table in form.tables:
        if table.chapter not in chapters:
            raise InvalidTemplate(f"{name}: table {table.id} names an unknown chapter {table.chapter}")
        for identity in form.identity_specs(table.id):
            strange = [field for field in (*identity.left, *identity.right) if field not in known]
            if strange:
                raise InvalidTemplate(f"{name}: identity {identity.id} speaks of {strange[0]}, which the form has not")
    tables = {table.id for table in form.tables}
    for rule in form.identities:
        if rule.table not in tables:
            raise InvalidTemplate(f"{name}: identity {rule.id} names an unknown table {rule.table}")


@cache
def load_forms(folder: Path = TEMPLATES) -> tuple[Form, ...]:
    """Every form of the folder, oldest first; raises InvalidTemplate."""
    forms = tuple(load_form(path) for path in sorted(folder.glob("*.yaml")))
    if not forms:
        raise InvalidTemplate(f"{folder.name}: no form files")
    return forms
