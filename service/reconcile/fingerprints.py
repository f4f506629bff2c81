"""Fingerprints of issues, by which a person's decision finds its issue again when a report is read anew.

A fingerprint is two hashes, `SUBJECT-STATE`. The first is of what an issue is about, the second of the values it was
found over; the same subject in another state is an old question with a new answer. Neither knows the report: decisions
are kept by report.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from service.reconcile.wording import number
from service.results import Decision, Issue, Reading

_DIGITS = 8
"""Hexadecimal digits of each half: 32 bits, for the few issues of one report."""


@dataclass(frozen=True, slots=True)
class Case:
    """An issue, and what a person has said of it."""

    issue: Issue
    standing: Literal["open", "settled", "reopened"]
    """settled: decided, over these very values; reopened: decided over other values, and to be decided again."""
    decision: Decision | None = None


def fingerprint(code: str, about: Iterable[str], values: Mapping[str, str]) -> str:
    """The fingerprint of an issue, whatever the order of what is given.

    Args:
        code: of the issue.
        about: ids of identities or fields; they stay when a value changes.
        values: what it was found over, by field or other name.

    """
    return f"{_digest([code, *sorted(about)])}-{_digest([code, sorted(values.items())])}"


def printed(reading: Reading) -> str:
    """What is printed in a cell: its number with its unit, its unreadable text, or its state; not how it was read."""
    if reading.value is None:
        return reading.text if reading.state == "missing" and reading.text else reading.state
    return f"{number(reading.value)}{reading.unit or ''}"


def fingerprinted(issues: Iterable[Issue], fields: Mapping[str, Reading]) -> tuple[Issue, ...]:
    """The issues, each with a fingerprint: its own, or else one over its fields (its message where it names none)."""
    return tuple(issue if issue.fingerprint else _with_fingerprint(issue, fields) for issue in issues)


def settle(issues: Iterable[Issue], decisions: Iterable[Decision]) -> tuple[Case, ...]:
    """Which issues are settled by a decision, in the order of the issues; the newest decision counts.

    A decision holds for its own fingerprint. One whose fingerprint no longer occurs reopens the issue that is about the
    same with other values.
    """
    issues = tuple(issues)
    now = {issue.fingerprint for issue in issues}
    ordered = sorted(decisions, key=lambda decision: decision.when)
    settled = {decision.fingerprint: decision for decision in ordered}
    lapsed = {_subject(one.fingerprint): one for one in ordered if one.fingerprint not in now}
    return tuple(_case(issue, settled, lapsed) for issue in issues)


def _case(issue: Issue, settled: Mapping[str, Decision], lapsed: Mapping[str, Decision]) -> Case:
    if issue.fingerprint is None:
        return Case(issue, "open")
    if decision := settled.get(issue.fingerprint):
        return Case(issue, "settled", decision)
    if decision := lapsed.get(_subject(issue.fingerprint)):
        return Case(issue, "reopened", decision)
    return Case(issue, "open")


def _with_fingerprint(issue: Issue, fields: Mapping[str, Reading]) -> Issue:
    values = {name: printed(fields[name]) for name in issue.fields if name in fields}
    mark = fingerprint(issue.code, issue.fields, values or {"message": issue.message})
    return issue.model_copy(update={"fingerprint": mark})


def _subject(mark: str) -> str:
    return mark.partition("-")[0]


def _digest(what: object) -> str:
    return hashlib.sha256(json.dumps(what, ensure_ascii=False).encode()).hexdigest()[:_DIGITS]
