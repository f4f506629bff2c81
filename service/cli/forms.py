"""`gouji forms`: the forms that gouji knows, and their fields."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from service.forms.catalogue import Form, load_forms


def forms_command(
    form: Annotated[
        str | None, typer.Argument(metavar="[FORM]", help="Id or year of a form; none: list the forms.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List the forms, or one form's fields in printed order with their labels and units."""
    forms = load_forms()
    if form is None:
        headings: tuple[str, ...] = ("id", "year", "fields", "notice")
        rows: list[tuple[str, ...]] = [
            (known.id, known.year, str(len(known.fields())), known.notice) for known in forms
        ]
    else:
        headings, rows = ("field", "label", "unit"), field_list(_find(forms, form))
    if as_json:
        typer.echo(json.dumps([dict(zip(headings, row, strict=True)) for row in rows], ensure_ascii=False, indent=2))
        return
    table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def field_list(form: Form) -> list[tuple[str, ...]]:
    """Id, path of labels and printed unit (or nothing) of every field, in printed order."""
    return [(spec.id, spec.label, spec.unit or "") for spec in form.fields()]


def _find(forms: tuple[Form, ...], name: str) -> Form:
    for form in forms:
        if name in (form.id, form.year):
            return form
    known = ", ".join(form.id for form in forms)
    raise typer.BadParameter(f"there is no form {name}; there are {known}.", param_hint="FORM")
