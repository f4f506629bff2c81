"""Every error as an RFC 9457 problem document (application/problem+json)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, cast

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from service.errors import GoujiError, LimitExceeded

PROBLEM_MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = "5"

log = logging.getLogger(__name__)


class InvalidPart(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(description="Place in the request, as `body/file`.")
    message: str


class Problem(BaseModel):
    """An error, as RFC 9457 has it, with the code of gouji's own error tree."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="`urn:gouji:error:CODE`, or `about:blank` where the status says it all.")
    title: str
    status: int
    detail: str = Field(description="What went wrong, in one sentence.")
    code: str | None = Field(default=None, description="As `damaged-file`; stable, for programs.")
    errors: list[InvalidPart] | None = Field(default=None, description="What is wrong with the request, part by part.")
    checks: dict[str, str] | None = Field(default=None, description="What /readyz has found.")


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of the problem documents with which a route may answer."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def problem_response(problem: Problem, headers: dict[str, str] | None = None) -> Response:
    """The problem as a response; one that may pass by itself (503) says when to come again."""
    headers = dict(headers or {})
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", _RETRY_SECONDS)
    content = problem.model_dump_json(exclude_none=True)
    return Response(content, problem.status, headers, media_type=PROBLEM_MEDIA_TYPE)


def gouji_problem(error: GoujiError) -> Problem:
    """The problem that stands for an error of gouji's tree."""
    title = error.code.replace("-", " ").capitalize()
    detail = str(error) or title
    return Problem(
        type=f"urn:gouji:error:{error.code}", title=title, status=error.http_status, detail=detail, code=error.code
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Let the app answer every error with a problem document."""
    app.add_exception_handler(GoujiError, _on_gouji_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(Exception, _on_unforeseen)


async def _on_gouji_error(_: Request, error: Exception) -> Response:
    error = cast(GoujiError, error)
    if error.http_status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # The notes hold the traceback of the worker process; it is for the log, never for the caller.
        log.error("%s: %s\n%s", error.code, error, "\n".join(getattr(error, "__notes__", ())))
    return problem_response(gouji_problem(error))


async def _on_invalid_request(_: Request, error: Exception) -> Response:
    parts = [
        InvalidPart(where="/".join(str(step) for step in part["loc"]), message=str(part["msg"]))
        for part in cast(RequestValidationError, error).errors()
    ]
    detail = "; ".join(f"{part.where}: {part.message}" for part in parts)
    return problem_response(
        Problem(
            type="urn:gouji:error:invalid-request",
            title="Invalid request",
            status=HTTPStatus.UNPROCESSABLE_ENTITY,
            detail=detail,
            code="invalid-request",
            errors=parts,
        )
    )


async def _on_http_error(_: Request, error: Exception) -> Response:
    error = cast(HTTPException, error)
    if error.status_code == LimitExceeded.http_status:
        problem = gouji_problem(LimitExceeded(error.detail))
    else:
        title = HTTPStatus(error.status_code).phrase
        problem = Problem(type="about:blank", title=title, status=error.status_code, detail=str(error.detail))
    return problem_response(problem, dict(error.headers or {}))


async def _on_unforeseen(_: Request, error: Exception) -> Response:
    return problem_response(gouji_problem(GoujiError("Something unforeseen went wrong; it has been logged.")))
