"""Labels: what is printed in each field of one report, and where; from gouji's results and truths, and to truths.

Places are rounded to a millionth of the page, so that what is written and read again is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from service.documents.model import Box
from service.errors import InvalidLabels
from service.forms.catalogue import load_forms, load_vocabulary
from service.forms.values import parse_value
from service.results import Extraction, Number
from training.synthesize.numbers import table_identities, violations
from training.synthesize.report import FormYear, print_value
from training.synthesize.shapes import forms_by_year

DECIMALS = 6
"""To which places are rounded, as fractions of the page: a hundredth of a pixel on a scan of 300 dpi."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is printed in one field."""

    text: str
    """As printed; empty for a blank cell."""
    page: int | None = None
    """From 1; None where the place is not known or the file has no pages."""
    box: Box | None = None
    """Fractions of the page, origin top left, rounded to `DECIMALS`."""

    @property
    def value(self) -> Number | None:
        """The number as printed; None for a blank or a stroke.

        Raises:
            InvalidLabels: the text is neither.
        """
        parsed = parse_value(self.text, load_vocabulary())
        if parsed.kind == "text":
            raise InvalidLabels(f"“{self.text}” is neither a number, nor blank, nor a stroke.")
        return parsed.value


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one report."""

    file: str
    """Name of the report's file, or all of it before a dot."""
    table_forms: Mapping[str, FormYear]
    """Form of each table: `proactive`, `applications`, `disputes`."""
    fields: Mapping[str, Label]
    year: int | None = None
    title: str | None = None
    agency: str | None = None
    sizes: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Width and height in pixels of the page pictures that were labelled, where known."""
    sha256: str | None = None
    """Of the report's file, where the labels tell it."""


def checked(labels: Labels) -> Labels:
    """The labels, if the forms allow them.

    Raises:
        InvalidLabels: a form or field is unknown, a text is no value, or a box lies outside of its page.
    """
    known = {form.year: {spec.id for table in form.tables for spec in table.fields()} for form in load_forms()}
    ids = set().union(*(known[year] for year in set(labels.table_forms.values())))
    for name, label in labels.fields.items():
        if name not in ids:
            raise InvalidLabels(f"{labels.file}: the forms have no field {name}.")
        try:
            label.value  # noqa: B018  # raises where the text is no value
        except InvalidLabels as error:
            raise InvalidLabels(f"{labels.file}: {name}: {error}") from error
        if label.box is not None and not (
            0 <= label.box.x0 < label.box.x1 <= 1 and 0 <= label.box.y0 < label.box.y1 <= 1
        ):
            raise InvalidLabels(f"{labels.file}: the box of {name} is empty or lies outside of its page.")
    return labels


def rounded(box: tuple[float, float, float, float]) -> Box:
    """A box as labels hold it."""
    return Box(*(round(share, DECIMALS) for share in box))


def from_result(result: Extraction) -> Labels:
    """The labels that a result holds, once a person has found it right; missing fields have none.

    A field whose value was repaired or reviewed has that value as its text, for the text first read was wrong.
    """
    fields = {
        name: Label(
            _text(reading.text, reading.value),
            reading.page,
            None if reading.bbox is None else rounded(reading.bbox),
        )
        for name, reading in result.fields.items()
        if reading.state != "missing"
    }
    report = result.report
    forms = _years(result.template.tables)
    made = Labels(result.source.name, forms, fields, report.year, report.title, report.agency)
    return checked(replace(made, sha256=result.source.sha256))


def from_truth(truth: Mapping[str, Any], file: str) -> Labels:
    """The labels of a truth file; of a value that may be read in several ways, the first."""
    try:
        places: Mapping[str, Any] = truth.get("places") or {}
        printed: Mapping[str, str] = truth.get("printed") or {}
        template = str(truth["template"]).rpartition("-")[2]
        forms = _years(truth.get("table_forms") or dict.fromkeys(("proactive", "applications", "disputes"), template))
        fields = {
            name: _label(value, printed.get(name), places.get(name, {})) for name, value in truth["values"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InvalidLabels(f"{file}: the truth lacks something or holds something strange: {error}.") from error
    return checked(Labels(file, forms, fields, truth.get("year"), truth.get("title"), truth.get("agency")))


def to_truth(labels: Labels) -> dict[str, Any]:
    """The labels as a truth file holds them, with the texts under `printed` and the places under `places`."""
    values = {name: label.value for name, label in labels.fields.items()}
    # An identity can be told to break only where all of its fields are labelled.
    identities = [
        one for one in table_identities(forms_by_year(), labels.table_forms) if {*one.left, *one.right} <= values.keys()
    ]
    return {
        "template": labels.table_forms["proactive"],
        "table_forms": dict(labels.table_forms),
        "year": labels.year,
        "title": labels.title,
        "agency": labels.agency,
        "values": values,
        "violated": list(violations(identities, values)),
        "printed": {name: label.text for name, label in labels.fields.items()},
        "places": {
            name: {"page": label.page, "bbox": None if label.box is None else list(label.box)}
            for name, label in labels.fields.items()
            if label.page is not None
        },
    }


def _label(value: object, text: str | None, place: Mapping[str, Any]) -> Label:
    box = place.get("bbox")
    return Label(_text(text, print_value(value).value), place.get("page"), rounded(box) if box else None)


def _text(text: str | None, value: Number | None) -> str:
    """The text as printed where it says the value, else the value as it would be printed."""
    parsed = parse_value(text or "", load_vocabulary())
    if parsed.kind != "text" and parsed.value == value:
        return text or ""
    return print_value(value).text


def _years(forms: Mapping[str, str]) -> dict[str, FormYear]:
    years = {str(year): year for year in get_args(FormYear)}
    unknown = set(forms.values()) - years.keys()
    if unknown:
        raise InvalidLabels(f"The labels name a form that does not exist: {min(unknown)}.")
    return {table: years[name] for table, name in forms.items()}
