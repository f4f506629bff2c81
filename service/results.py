"""The result types: the contract's JSON, schema version 1."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1"

State = Literal["read", "blank", "marked", "repaired", "missing", "reviewed"]
"""read: printed and read; blank: the cell is there and empty; marked: a stroke stands for nothing; repaired: replaced
by another reading of the same ink; missing: no such cell was found; reviewed: a person set it."""

IdentityStatus = Literal["holds", "violated", "unknown"]
Verdict = Literal["misread", "unbalanced", "undecided"]
"""Why an identity failed as read. misread: a cell was read wrongly, and is repaired; unbalanced: what is printed does
not add up; undecided: a person must look."""
ReportStatus = Literal["reconciled", "needs_review"]
Severity = Literal["error", "warning", "info"]
Number = int | float


class Frozen(BaseModel):
    """Base of every result type: immutable, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Frozen):
    """The file that was read."""

    name: str
    sha256: str
    media_type: str
    pages: int
    """Number of pages; 0 for inputs without pages."""


class Template(Frozen):
    """The form that the tables follow."""

    id: str
    confidence: float = Field(ge=0, le=1)
    tables: dict[str, str]
    """Year of the form of each table, as `{"proactive": "2021", ...}`."""


class Report(Frozen):
    """What the report says of itself."""

    title: str | None
    agency: str | None
    year: int | None


class Section(Frozen):
    """One of the six chapters, without its tables."""

    id: str
    title: str
    text: str


class AlternativeValue(Frozen):
    """Another reading of the same cell."""

    value: Number | None
    confidence: float = Field(ge=0, le=1)
    text: str | None = None
    reader: str | None = None


class Reading(Frozen):
    """One field: its number as printed, with its place and how sure it is."""

    value: Number | None
    text: str | None
    """As printed, white space folded; None where the cell is missing."""
    state: State
    confidence: float = Field(ge=0, le=1)
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    """Fractions of page width and height, origin top left: x0, y0, x1, y1."""
    line: int | None = None
    cell: str | None = None
    unit: str | None = None
    reader: str | None = None
    alternatives: tuple[AlternativeValue, ...] = ()


class Identity(Frozen):
    """One reconciliation identity (勾稽关系) of the form, with the sums of both sides."""

    id: str
    left: Number | None
    right: Number | None
    status: IdentityStatus
    verdict: Verdict | None = None
    """Why it failed as it was read at first; None where it held, or where a cell is missing."""
    explanation: str | None = None
    """The verdict in one sentence, as an equation with both sides and the difference."""


class Suggestion(Frozen):
    """A value that would settle an issue; never applied by itself."""

    field: str
    value: Number
    reason: str


class Issue(Frozen):
    """Something that a person should know before trusting the result."""

    code: str
    severity: Severity
    message: str
    fields: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    """The first of `fields`: those that it comes down to, where that is known."""
    suggestion: Suggestion | None = None
    fingerprint: str | None = None
    """The same for the same finding over the same values in another run; another as soon as a value changes."""


class Decision(Frozen):
    """What a person has said of an issue: that it is so, or that it is nothing."""

    fingerprint: str
    """Of the issue."""
    action: Literal["accepted", "dismissed"]
    by: str
    when: AwareDatetime
    note: str = ""


class Extraction(Frozen):
    """The result of reading one file."""

    schema_version: str = SCHEMA_VERSION
    source: Source
    template: Template
    report: Report
    sections: tuple[Section, ...]
    fields: dict[str, Reading]
    identities: tuple[Identity, ...]
    issues: tuple[Issue, ...]
    status: ReportStatus
    models: dict[str, str] = Field(default_factory=dict)
    """What read the file, by task, as `{"text": "PP-OCRv6_small_rec", "digits": "digits-1", "cells": "cells-1"}`."""
