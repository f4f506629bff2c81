"""`gouji forms`: the forms that gouji knows, and their fields."""

from __future__ import annotations

from typing import Annotated

import typer

from service.cli.terminal import print_listing
from service.forms.catalogue import Form, load_forms


def forms_command(
    form: Annotated[
        str | None, typer.Argument(metavar="FORM", help="Id or year of a form; none: list the forms.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List the forms, or one form's fields with their labels and units: a table on a terminal, else lines with tabs."""
    forms = load_forms()
    headings, rows = _fields(_find(forms, form)) if form is not None else _forms(forms)
    print_listing(headings, rows, as_json=as_json)


_Listing = tuple[tuple[str, ...], list[tuple[str, ...]]]


def _forms(forms: tuple[Form, ...]) -> _Listing:
    rows = [(form.id, form.year, str(len(form.fields())), form.notice) for form in forms]
    return ("id", "year", "fields", "notice"), [*rows]


def _fields(form: Form) -> _Listing:
    """Id, path of labels and printed unit (or nothing) of every field, in printed order."""
    return ("field", "label", "unit"), [(spec.id, spec.label, spec.unit or "") for spec in form.fields()]


def _find(forms: tuple[Form, ...], name: str) -> Form:
    for form in forms:
        if name in (form.id, form.year):
            return form
    known = ", ".join(form.id for form in forms)
    raise typer.BadParameter(f"there is no form {name}; there are {known}.", param_hint="FORM")
