"""Decisions: the issues of a stored result with what people have said of them, and a person's word on one."""

from __future__ import annotations

from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from service.api.dependencies import ReportId, ServiceParts
from service.api.problems import problem_responses
from service.decisions import cases, decide
from service.reconcile.fingerprints import Case
from service.results import Decision

router = APIRouter(prefix="/v1/reports/{report_id}", tags=["decisions"])

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class NewDecision(BaseModel):
    """What a person says of an issue."""

    model_config = ConfigDict(extra="forbid")

    fingerprint: str = Field(description="Of the issue.")
    action: Literal["accepted", "dismissed"] = Field(description="It is so, or it is nothing.")
    by: _Name = Field(description="Who says so.")
    note: str = Field(default="", max_length=2000)


@router.get("/issues", responses=problem_responses(404, 422, 500, 503))
def issues(parts: ServiceParts, report_id: ReportId) -> list[Case]:
    """The issues of the stored result: open, settled by a decision, or reopened since a value has changed."""
    return [*cases(parts.store, parts.store.get(report_id).extraction)]


@router.post("/decisions", status_code=HTTPStatus.CREATED, responses=problem_responses(400, 404, 413, 422, 500, 503))
def add_decision(parts: ServiceParts, report_id: ReportId, said: NewDecision) -> Case:
    """Keep a decision on an issue; it holds for every result of the same file, until a value changes.

    A later decision on the same issue counts instead. The result itself, its `status` included, stays as it is.
    """
    decision = Decision(when=datetime.now(UTC), **said.model_dump())
    return decide(parts.store, parts.store.get(report_id).extraction, decision)
