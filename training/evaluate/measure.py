"""Many inputs read, in one process or several; outcomes are kept as they come, so that a stopped run goes on."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import IO, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from service.errors import BadRequest
from service.results import Extraction
from training.evaluate.judging import Extract, Sample, judge
from training.evaluate.outcome import Outcome, load_conditions, load_outcomes, write_outcome

_THREADS_OF_LIBRARIES = "OMP_NUM_THREADS"


def measure(
    samples: Sequence[Sample],
    *,
    extract: Extract | None = None,
    jobs: int = 1,
    save: Path | None = None,
    conditions: Mapping[str, Any] | None = None,
) -> list[Outcome]:
    """Judge every sample; progress goes to standard error where that is a terminal.

    Args:
        samples: what to read; names are unique.
        extract: how to read; None for the pipeline with the served models.
        jobs: processes. One reads here, with two threads; of several each has one thread.
        save: file of outcomes (see `load_outcomes`), to which each is appended as soon as it is there. Samples that
            the file has already are not read again.
        conditions: what the outcomes depend on, besides the samples; kept in the file.

    Returns:
        One outcome a sample, in the order of the samples.

    Raises:
        BadRequest: the file's outcomes were measured under other conditions.
    """
    made = _resumed(save, conditions or {})
    left = [sample for sample in samples if sample.name not in made]
    with _kept(save) as file, _progress(len(samples), len(samples) - len(left)) as advance:
        for outcome in _judged(left, extract, jobs):
            made[outcome.name] = outcome
            if file:
                file.write(write_outcome(outcome) + "\n")
                file.flush()
            advance(outcome)
    return [made[sample.name] for sample in samples]


def default_extract(threads: int) -> Extract:
    """The pipeline; its models are loaded when the first scanned page comes."""
    # Imported here: what only evaluates outcomes must not wait for the model libraries.
    from models.readers import load_readers
    from service.extract import extract

    return partial(extract, readers=cache(partial(load_readers, threads)))


def _judged(samples: Sequence[Sample], extract: Extract | None, jobs: int) -> Iterator[Outcome]:
    if jobs <= 1 or len(samples) <= 1:
        reader = extract or default_extract(2)
        yield from (judge(sample, reader) for sample in samples)
        return
    # Threads of the numeric libraries are set when these are loaded, so in the environment of the new processes.
    before = os.environ.get(_THREADS_OF_LIBRARIES)
    os.environ[_THREADS_OF_LIBRARIES] = "1"
    try:
        with ProcessPoolExecutor(min(jobs, len(samples)), mp_context=get_context("spawn")) as pool:
            futures = [pool.submit(_judge_apart, sample, extract) for sample in samples]
            try:
                for future in as_completed(futures):
                    yield future.result()
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
    finally:
        os.environ.pop(_THREADS_OF_LIBRARIES)
        if before is not None:
            os.environ[_THREADS_OF_LIBRARIES] = before


def _judge_apart(sample: Sample, extract: Extract | None) -> Outcome:
    return judge(sample, extract or _extract_here)


@cache
def _pipeline() -> Extract:
    return default_extract(1)


def _extract_here(name: str, data: bytes) -> Extraction:
    return _pipeline()(name, data)


def _resumed(save: Path | None, conditions: Mapping[str, Any]) -> dict[str, Outcome]:
    """The outcomes that a file has; a new file gets its line of conditions."""
    if save is None:
        return {}
    if not save.exists() or not save.stat().st_size:
        save.parent.mkdir(parents=True, exist_ok=True)
        save.write_text(json.dumps({"measured": dict(conditions)}, ensure_ascii=False) + "\n", encoding="utf-8")
        return {}
    if load_conditions(save) != json.loads(json.dumps(dict(conditions))):
        raise BadRequest(f"{save} was measured with other models; name another file or delete it")
    outcomes = load_outcomes(save)
    _cut_half_line(save)
    return {one.name: one for one in outcomes}


def _cut_half_line(path: Path) -> None:
    """Cut off what a kill left of the last line, so that the next one starts on a line of its own."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        path.write_bytes(whole)


def _kept(save: Path | None) -> IO[str] | nullcontext[None]:
    return save.open("a", encoding="utf-8") if save else nullcontext()


@contextmanager
def _progress(total: int, done: int) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    clocks = (TimeElapsedColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, *clocks, console=console, disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("reading", total=total, completed=done)
        wrong = 0

        def advance(outcome: Outcome) -> None:
            nonlocal wrong
            wrong += len(outcome.wrong)
            progress.update(task, advance=1, description=f"reading, {wrong} fields wrong")

        yield advance
