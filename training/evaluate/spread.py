"""Work spread over processes, and how far it is."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_THREADS_OF_LIBRARIES = "OMP_NUM_THREADS"
"""The numeric libraries ask for it when they are loaded."""


def spread(
    work: Callable[[_Item], _Result], items: Sequence[_Item], jobs: int, *, ordered: bool = False
) -> Iterator[_Result]:
    """The results of `work` on every item, as they come, or in the order of the items.

    With one job in this process and in order; else in so many new processes, to which `work` and the items must be
    picklable. They end with this process, even when it is killed. An error of one item ends the whole.
    """
    if jobs <= 1 or len(items) <= 1:
        yield from map(work, items)
        return
    with _environment({_THREADS_OF_LIBRARIES: "1"}), _pool(min(jobs, len(items))) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in futures if ordered else as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def apart(work: Callable[[], _Result], environment: Mapping[str, str]) -> _Result:
    """The result of `work` in a new process that has these variables, too, and ends with this one.

    Raises BrokenProcessPool when that process is ended from outside.
    """
    with _environment(environment), _pool(1) as pool:
        return pool.submit(work).result()


def _pool(processes: int) -> ProcessPoolExecutor:
    # Not forked: a process that has used threads cannot be forked safely.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(processes, mp_context=context, initializer=_watch_parent)


def _watch_parent() -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Ends this process when the one that started it was killed: a next run must not meet it at the same work."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def threads_here() -> int:
    """How many threads a model may use: one in a process that `spread` made, two else."""
    return 1 if os.environ.get(_THREADS_OF_LIBRARIES) == "1" else 2


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
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """New processes get these variables."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
