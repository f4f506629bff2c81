"""Inputs to results, one by one in this process or side by side in several."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from service.cli.files import Input, read_input
from service.errors import GoujiError
from service.limits import Limits
from service.results import Extraction
from service.worker import Extractor, ExtractorFactory, WorkerPlan, Workers, call_extractor


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one input."""

    input: Input
    data: bytes
    """Empty when the file could not be read."""
    result: Extraction | GoujiError


def outcomes(
    inputs: Sequence[Input], jobs: int, factory: ExtractorFactory, begin: Callable[[str], None]
) -> Iterator[Outcome]:
    """What becomes of every input, in their order; `begin` is told the name of each before it is waited for."""
    limits = Limits()
    if min(jobs, len(inputs)) == 1:
        yield from _one_by_one(inputs, limits, factory, begin)
    else:
        yield from _side_by_side(inputs, limits, WorkerPlan(factory, min(jobs, len(inputs))), begin)


def _read(item: Input, limits: Limits) -> bytes | GoujiError:
    try:
        return read_input(item.path, limits)
    except GoujiError as error:
        return error


def _one_by_one(
    inputs: Sequence[Input], limits: Limits, factory: ExtractorFactory, begin: Callable[[str], None]
) -> Iterator[Outcome]:
    extractor: Extractor | None = None
    for item in inputs:
        begin(item.shown)
        data = _read(item, limits)
        if isinstance(data, GoujiError):
            yield Outcome(item, b"", data)
            continue
        # Built for the first file that can be read: a misspelt name need not wait for models.
        extractor = extractor or factory()
        yield Outcome(item, data, call_extractor(extractor, item.name, data))


def _side_by_side(
    inputs: Sequence[Input], limits: Limits, plan: WorkerPlan, begin: Callable[[str], None]
) -> Iterator[Outcome]:
    """In worker processes, a few files ahead of the one that is waited for, so that memory stays bounded."""
    waiting: deque[tuple[Input, bytes, Future[Extraction] | GoujiError]] = deque()

    def next_outcome() -> Outcome:
        item, data, answer = waiting.popleft()
        begin(item.shown)
        if isinstance(answer, GoujiError):
            return Outcome(item, data, answer)
        try:
            return Outcome(item, data, answer.result())
        except GoujiError as error:
            return Outcome(item, data, error)

    with Workers(plan) as workers:
        for item in inputs:
            data = _read(item, limits)
            if isinstance(data, GoujiError):
                waiting.append((item, b"", data))
            else:
                waiting.append((item, data, workers.submit(item.name, data)))
            if len(waiting) > 2 * plan.processes:
                yield next_outcome()
        while waiting:
            yield next_outcome()
