"""Whole invented reports: numbers, agency, title and prose from a seed, or prose around given numbers."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.synthesize.numbers import draw_numbers, table_identities, table_specs, violations
from training.synthesize.prose import invent_agency, invent_title, write_prose
from training.synthesize.report import DrawnReport, FormYear, from_values
from training.synthesize.shapes import forms_by_year


def invent_report(seed: int, *, table_forms: Mapping[str, FormYear] | None = None, longer: int = 0) -> DrawnReport:
    """Invent a report with its numbers; without `table_forms`, in one of the mixtures of forms that are met.

    `longer` as in `numbers.draw_numbers`.
    """
    rng = random.Random(f"report {seed}")
    forms = forms_by_year()
    numbers = draw_numbers(forms, seed, table_forms, longer)
    oldest = 2019 if numbers.table_forms["proactive"] == "2019" else 2021
    year = rng.randint(oldest, oldest + 2 if oldest == 2019 else 2025)
    agency = invent_agency(rng)
    identities = table_identities(forms, numbers.table_forms)
    form = forms[numbers.table_forms["proactive"]]
    prose = write_prose(form, agency, year, numbers.values, identities, rng)
    return DrawnReport(
        title=invent_title(agency.name, year, rng),
        agency=agency.name,
        year=year,
        table_forms=numbers.table_forms,
        printed=numbers.printed,
        values=numbers.values,
        sections=prose.sections,
        units=numbers.units,
        violated=numbers.violated,
        preamble=prose.preamble,
    )


def redraw_report(truth: Mapping[str, Any], seed: int) -> DrawnReport:
    """Put invented prose, and an invented agency and title, around the numbers of a truth file.

    What the truth calls blank is printed blank, or, from the seed, as the stroke that this redrawing uses for nothing.
    Fields that the truth lacks are blank as well. Raises KeyError when the truth names no form.
    """
    rng = random.Random(f"redraw {seed}")
    forms = forms_by_year()
    named: Mapping[str, FormYear] = truth["table_forms"]
    table_forms: dict[str, FormYear] = {
        table.id: named.get(table.id, truth["template"]) for table in forms[truth["template"]].tables
    }
    fields = {spec.id: truth["values"].get(spec.id) for spec in table_specs(forms, table_forms)}
    agency = invent_agency(rng)
    year = int(truth["year"] or 2021)
    identities = table_identities(forms, table_forms)
    # The prose states numbers, so these are settled before it is written.
    bare = from_values(fields, title="", agency="", year=year, table_forms=table_forms, sections={})
    prose = write_prose(forms[truth["template"]], agency, year, bare.values, identities, rng)
    return from_values(
        fields,
        title=invent_title(agency.name, year, rng),
        agency=agency.name,
        year=year,
        table_forms=table_forms,
        sections=prose.sections,
        preamble=prose.preamble,
        violated=violations(identities, bare.values),
        blank=rng.choices(["", "/", "-"], [8, 1, 1])[0],
    )


def read_truth(path: Path) -> dict[str, Any]:
    """Read a truth file."""
    truth: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return truth
