"""What the routes are given: the service's parts, each as an Annotated dependency."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

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
