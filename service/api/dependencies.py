"""What the routes are given, each as an Annotated dependency: the service's parts, and the id of a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Path, Request

from service.api.settings import Settings
from service.store import Store
from service.worker import Workers


@dataclass(slots=True)
class Queue:
    """Counts the files at work and waiting; used in the event loop only, so it needs no lock."""

    length: int
    taken: int = field(default=0)


@dataclass(frozen=True, slots=True)
class Parts:
    """What one running service is made of."""

    settings: Settings
    store: Store
    workers: Workers
    queue: Queue


def parts_of(request: Request) -> Parts:
    """The parts that the app's lifespan has made."""
    parts = request.app.state.parts
    assert isinstance(parts, Parts)
    return parts


ServiceParts = Annotated[Parts, Depends(parts_of)]

ReportId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", description="As in X-Report-Id.")]
"""The id of a stored result, in the path."""
