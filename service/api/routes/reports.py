"""Reports: send a file and get its result, or get a stored result."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Query, Response, UploadFile
from fastapi.concurrency import run_in_threadpool

from service.api.dependencies import Parts, ReportId, ServiceParts
from service.api.problems import problem_responses
from service.api.uploads import file_name, too_large
from service.errors import BadRequest, LimitExceeded, Overloaded
from service.results import Extraction

router = APIRouter(prefix="/v1/reports", tags=["reports"])

_LOCATION = {
    "Location": {"description": "Address of the stored result.", "schema": {"type": "string"}},
    "X-Report-Id": {"description": "Its id.", "schema": {"type": "string"}},
}


@router.post(
    "",
    response_model=Extraction,
    responses={
        200: {"description": "The result.", "headers": _LOCATION},
        **problem_responses(400, 413, 415, 422, 500, 503),
    },
)
async def read_report(
    parts: ServiceParts,
    file: Annotated[UploadFile, File(description="The report: PDF, picture, DOCX, HTML, OFD, text.")],
    wait: Annotated[bool, Query(description="Only true so far: the answer comes when the report is read.")] = True,
) -> Response:
    """Read one report and answer with its result, which is also stored.

    200 says that the file was read, not that its numbers are sure: look at `status`.
    """
    if not wait:
        raise BadRequest("wait=false is not offered yet: this service only answers when the report is read.")
    limit = parts.settings.limits.file_bytes
    if file.size is not None and file.size > limit:
        raise LimitExceeded(too_large(limit))
    extraction = await _extract(parts, file_name(file.filename), file)
    report_id = await run_in_threadpool(parts.store.save, extraction)
    headers = {"Location": f"{router.prefix}/{report_id}", "X-Report-Id": report_id}
    return Response(extraction.model_dump_json(), HTTPStatus.OK, headers, media_type="application/json")


@router.get("/{report_id}", response_model=Extraction, responses=problem_responses(404, 422, 500, 503))
def stored_report(parts: ServiceParts, report_id: ReportId) -> Response:
    """The stored result, byte for byte as it was first given."""
    return Response(parts.store.get(report_id).json, HTTPStatus.OK, media_type="application/json")


async def _extract(parts: Parts, name: str, file: UploadFile) -> Extraction:
    """Have a worker process read the file; raises GoujiError."""
    if parts.queue.taken >= parts.queue.length:
        raise Overloaded("The service is busy with other files; try again in a few seconds.")
    parts.queue.taken += 1
    try:
        return await asyncio.wrap_future(parts.workers.submit(name, await file.read()))
    finally:
        parts.queue.taken -= 1
