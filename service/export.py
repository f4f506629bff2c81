"""A result for other eyes than a program's: doubtful cells, identities as equations, CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from service.forms.catalogue import FieldSpec, IdentitySpec, TableForm, load_forms
from service.results import Extraction, Identity, Number, Reading

MISSING, UNREADABLE, UNSURE, REPAIRED = "field-missing", "unreadable-cell", "doubtful-reading", "repaired"
"""Reasons for doubt in a reading, by the codes that issues have for them."""
BROKEN = frozenset({"identity-violated", "blank-total"})
"""Codes of issues that say that an identity does not hold."""

FIELD_COLUMNS = (
    "file", "table", "field", "label", "value", "text", "unit", "state", "confidence",
    "page", "x0", "y0", "x1", "y1", "line", "cell", "reader", "doubts", "alternatives",
)  # fmt: skip
"""The columns of the CSV and of the workbook's sheet of fields; boxes are in fractions of the page."""

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"
_SIGNS = {"holds": "=", "violated": "≠", "unknown": "≟"}

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Term:
    """One field of an equation and what was read in it; a blank or struck-out cell counts as 0."""

    field: str
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class Equation:
    """An identity of the form together with what was read on both its sides."""

    identity: Identity
    table: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]

    @property
    def difference(self) -> Number | None:
        """Left less right, rid of the noise of binary fractions; None where a cell is missing."""
        if self.identity.left is None or self.identity.right is None:
            return None
        difference = round(self.identity.left - self.identity.right, 6)
        return int(difference) if difference == int(difference) else difference

    def __str__(self) -> str:
        """As `1 + _ ≠ 4`: blank and struck-out cells are `_`, missing ones `?`, and `≟` stands where one is missing."""
        return f"{_sum(self.left)} {_SIGNS[self.identity.status]} {_sum(self.right)}"


def table_forms(extraction: Extraction) -> tuple[TableForm, ...]:
    """The three tables, each in the form that the report's own follows, in printed order."""
    forms = {form.year: form for form in load_forms()}
    return tuple(forms[year].table(table) for table, year in extraction.template.tables.items() if year in forms)


def equations(extraction: Extraction) -> tuple[Equation, ...]:
    """The result's identities with what stands on both sides, in the result's order."""
    years = {form.year: form for form in load_forms()}
    specs: dict[str, tuple[str, IdentitySpec]] = {}
    for table, year in extraction.template.tables.items():
        if year in years:
            specs |= {spec.id: (table, spec) for spec in years[year].identity_specs(table)}

    def terms(fields: Sequence[str]) -> tuple[Term, ...]:
        return tuple(Term(field, extraction.fields.get(field)) for field in fields)

    return tuple(
        Equation(identity, specs[identity.id][0], terms(specs[identity.id][1].left), terms(specs[identity.id][1].right))
        for identity in extraction.identities
        if identity.id in specs
    )


def doubts(extraction: Extraction) -> dict[str, tuple[str, ...]]:
    """Why a person should look at a field, for each such field in printed order."""
    found: dict[str, list[str]] = {field: _own_doubts(reading) for field, reading in extraction.fields.items()}
    for issue in extraction.issues:
        if issue.severity != "info":
            for field in issue.fields:
                reasons = found.setdefault(field, [])
                if issue.code not in reasons:
                    reasons.append(issue.code)
    return {field: tuple(reasons) for field, reasons in found.items() if reasons}


def place(reading: Reading) -> str:
    """Where a reading stands, for people: `page 2`, `line 14`, `cell T2R5C3`, or `nowhere`."""
    if reading.page is not None:
        if reading.bbox is None:
            return f"page {reading.page}"
        x, y = (reading.bbox[0] + reading.bbox[2]) / 2, (reading.bbox[1] + reading.bbox[3]) / 2
        return f"page {reading.page}, {x:.0%} across, {y:.0%} down"
    if reading.line is not None:
        return f"line {reading.line}"
    return f"cell {reading.cell}" if reading.cell is not None else "nowhere"


def field_rows(extraction: Extraction) -> Iterator[tuple[Value, ...]]:
    """One row a field, as FIELD_COLUMNS has it."""
    labels = {spec.id: spec for table in table_forms(extraction) for spec in table.fields()}
    reasons = doubts(extraction)
    for field, reading in extraction.fields.items():
        spec: FieldSpec | None = labels.get(field)
        alternatives = "; ".join(f"{other.value} ({other.confidence:.3f})" for other in reading.alternatives)
        yield (
            *(extraction.source.name, field.partition(".")[0], field, spec.label if spec else None),
            *(reading.value, reading.text, reading.unit, reading.state, reading.confidence, reading.page),
            *(reading.bbox or (None,) * 4),
            *(reading.line, reading.cell, reading.reader, " ".join(reasons.get(field, ())), alternatives),
        )


def to_csv(extractions: Iterable[Extraction], *, headings: bool = True, bom: bool = False) -> bytes:
    """One line a field, under one line of headings if asked, UTF-8, lines ended by CR LF (RFC 4180).

    `bom` puts a byte order mark in front, without which Excel takes Chinese text for another encoding.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    if headings:
        writer.writerow(FIELD_COLUMNS)
    for extraction in extractions:
        writer.writerows([_harmless(value) for value in row] for row in field_rows(extraction))
    return ((_BOM if bom else "") + text.getvalue()).encode()


def _own_doubts(reading: Reading) -> list[str]:
    if reading.state == "missing":
        return [MISSING if reading.text is None else UNREADABLE]
    return [REPAIRED] if reading.state == "repaired" else []


def _sum(terms: Sequence[Term]) -> str:
    return " + ".join(_term(term) for term in terms)


def _term(term: Term) -> str:
    if term.reading is None or term.reading.state == "missing":
        return "?"
    return "_" if term.reading.value is None else str(term.reading.value)


def _harmless(value: Value) -> Value:
    """The value, or for a text that a spreadsheet would run as a formula, the text behind an apostrophe."""
    if isinstance(value, str) and len(value) > 1 and value.startswith(_FORMULA_SIGNS):
        try:
            float(value)
        except ValueError:
            return f"'{value}"
    return value
