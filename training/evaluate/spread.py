"""Work spread over processes, and how far it is."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_THREADS_OF_LIBRARIES = "OMP_NUM_THREADS"


def spread(work: Callable[[_Item], _Result], items: Sequence[_Item], jobs: int) -> Iterator[_Result]:
    """The results of `work` on every item, as they come.

    With one job in this process and in order; else in so many new processes, to which `work` and the items must be
    picklable. An error of one item ends the whole.
    """
    if jobs <= 1 or len(items) <= 1:
        yield from map(work, items)
        return
    with (
        _one_thread(),
        ProcessPoolExecutor(min(jobs, len(items)), mp_context=multiprocessing.get_context("spawn")) as pool,
    ):
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def threads_here() -> int:
    """How many threads a model may use: one in a process that `spread` made, two else."""
    return 1 if multiprocessing.parent_process() else 2


@contextmanager
def progress(words: str, total: int, done: int = 0) -> Iterator[Callable[[str], None]]:
    """Shows how far the work is, on standard error where that is a terminal.

    Gives a function to call after each item, with what to say.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    clocks = (TimeElapsedColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, *clocks, console=console, disable=not sys.stderr.isatty()) as shown:
        task = shown.add_task(words, total=total, completed=done)
        yield lambda said: shown.update(task, advance=1, description=f"{words} {said}".strip())


@contextmanager
def _one_thread() -> Iterator[None]:
    """New processes get one thread each: the numeric libraries ask the environment when they are loaded."""
    before = os.environ.get(_THREADS_OF_LIBRARIES)
    os.environ[_THREADS_OF_LIBRARIES] = "1"
    try:
        yield
    finally:
        del os.environ[_THREADS_OF_LIBRARIES]
        if before is not None:
            os.environ[_THREADS_OF_LIBRARIES] = before
