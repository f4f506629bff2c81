"""Health: whether the service lives, and whether it can do its work."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from models.vendor import model_directory, vendor_models
from service.api.dependencies import ServiceParts
from service.api.problems import gouji_problem, problem_response, problem_responses
from service.errors import GoujiError, NotReady
from service.worker import Workers

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """The service lives."""

    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    """The service can do its work."""

    status: Literal["ready"] = "ready"
    checks: dict[str, str]


@router.get("/healthz")
async def healthz() -> Health:
    """Whether the service answers at all, whatever it is busy with."""
    return Health()


@router.get("/readyz", response_model=Readiness, responses=problem_responses(503))
def readyz(parts: ServiceParts) -> Response:
    """Whether models, store and workers are there; 503 names what is not."""
    probes: dict[str, Callable[[], None]] = {
        "models": _models_present,
        "store": parts.store.ping,
        "workers": lambda: _workers_alive(parts.workers),
    }
    checks = {name: _outcome(probe) for name, probe in probes.items()}
    failing = [name for name, outcome in checks.items() if outcome != "ok"]
    if not failing:
        return Response(Readiness(checks=checks).model_dump_json(), HTTPStatus.OK, media_type="application/json")
    problem = gouji_problem(NotReady(f"Not ready: {', '.join(failing)}."))
    return problem_response(problem.model_copy(update={"checks": checks}))


def _outcome(probe: Callable[[], None]) -> str:
    try:
        probe()
    except GoujiError as error:
        return str(error)
    return "ok"


def _models_present() -> None:
    for model in vendor_models():
        model_directory(model.name)


def _workers_alive(workers: Workers) -> None:
    if workers.alive == 0:
        workers.start()  # So that the next probe finds one, should it have died while nobody sent a file.
        raise NotReady("no worker process is running; one is being started")
