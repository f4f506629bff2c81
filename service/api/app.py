"""The app factory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool

from service.api.dependencies import Parts, Queue
from service.api.problems import Problem, add_problem_handlers
from service.api.routes import decisions, forms, health, reports
from service.api.settings import Settings
from service.api.uploads import UploadLimit
from service.store import Store
from service.worker import ExtractorFactory, WorkerPlan, Workers, make_extractor

_DESCRIPTION = (
    "Reads Chinese government information disclosure annual reports and reconciles the numbers of their three tables."
)


def create_app(settings: Settings | None = None, factory: ExtractorFactory | None = None) -> FastAPI:
    """The service as an ASGI app; store and worker processes live as long as its lifespan.

    `factory` builds what the workers extract with (tests give their own); by default the whole pipeline.
    """
    settings = settings or Settings()
    plan = WorkerPlan(
        factory=factory or partial(make_extractor, settings.limits, settings.threads),
        processes=settings.workers,
        seconds_per_file=settings.seconds_per_file,
        files_per_process=settings.files_per_process,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = await run_in_threadpool(Store, settings.store_url)
        workers = Workers(plan)
        workers.start()
        app.state.parts = Parts(settings, store, workers, Queue(settings.queue))
        try:
            yield
        finally:
            await run_in_threadpool(workers.close)
            store.close()

    app = FastAPI(
        title="gouji",
        version=version("gouji"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.add_middleware(UploadLimit, file_bytes=settings.limits.file_bytes)
    add_problem_handlers(app)
    for router in (reports.router, decisions.router, forms.router, health.router):
        app.include_router(router)
    # FastAPI's way to describe what it cannot see: every error is a Problem.
    app.openapi = partial(_openapi, app)  # type: ignore[method-assign]
    return app


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(problem.pop("$defs", {}))
        schemas["Problem"] = problem
        app.openapi_schema = schema
    return app.openapi_schema
