"""Forms: the fields that a result may hold, with their printed labels."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from service.forms.catalogue import Form, load_forms

router = APIRouter(prefix="/v1/forms", tags=["forms"])


class FieldDescription(BaseModel):
    """One field of a form."""

    id: str
    label: str = Field(description="Path of printed labels, from heading to column.")
    unit: str | None = Field(description="The unit that the form prints, if it does.")


class FormDescription(BaseModel):
    """One form of the annual report."""

    id: str
    year: str
    notice: str
    tables: dict[str, list[FieldDescription]] = Field(description="Fields by table, in printed order.")


@router.get("")
async def forms() -> list[FormDescription]:
    """Every form that gouji knows, oldest first."""
    return [_describe(form) for form in load_forms()]


def _describe(form: Form) -> FormDescription:
    tables = {
        table.id: [FieldDescription(id=spec.id, label=spec.label, unit=spec.unit) for spec in table.fields()]
        for table in form.tables
    }
    return FormDescription(id=form.id, year=form.year, notice=form.notice, tables=tables)
