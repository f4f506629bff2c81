"""Extraction in processes of its own, so that a file that hangs or crashes takes nothing else with it.

Each worker is one process with one pipe: it builds its extractor (loads its models) once, then answers one file after
the other. A worker that dies, or is killed for taking too long, fails only the file that it was at, and is started
again for the next one. Plain processes rather than a `ProcessPoolExecutor`: that one cannot stop a running call, and
fails every pending call when one process dies.
"""

from __future__ import annotations

import contextlib
import ctypes
import multiprocessing
import os
import queue
import signal
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING

from service.errors import GoujiError, TimeLimitExceeded, WorkerLost
from service.limits import Limits
from service.results import Extraction

if TYPE_CHECKING:
    from models.readers import Readers

Extractor = Callable[[str, bytes], Extraction]
"""A file's name and bytes -> its result; raises GoujiError."""

ExtractorFactory = Callable[[], Extractor]
"""Builds an extractor, loading whatever it needs; must be picklable, as a module's function or a partial of one."""

_START_SECONDS = 120.0
"""How long a worker may take to load its models; a cold disk needs some seconds."""
_LOST = "the process that read the file ended before it answered; try again"


def make_extractor(limits: Limits, threads: int, *, eager: bool = True) -> Extractor:
    """The whole pipeline as an extractor that loads its models once: now, or (not `eager`) for the first scanned page.

    Raises MissingModel when eager; else the extractor does.
    """
    # Imported here, for the imports alone cost more than the rest of a process that only hands files on.
    from service.extract import extract

    @cache
    def readers() -> Readers:
        from models.readers import load_readers

        return load_readers(threads)

    if eager:
        readers()
    return partial(extract, readers=readers, limits=limits)


@dataclass(frozen=True, slots=True)
class WorkerPlan:
    """How many workers, and what each may do."""

    factory: ExtractorFactory
    processes: int = 1
    seconds_per_file: float | None = None
    """Time limit of one file; None: none."""
    files_per_process: int | None = None
    """After so many files a process is replaced, so that memory that libraries leak comes back; None: never."""


def call_extractor(extractor: Extractor, name: str, data: bytes) -> Extraction | GoujiError:
    """The result, or what went wrong as a GoujiError; never raises."""
    try:
        return extractor(name, data)
    except Exception as error:
        return as_gouji_error(error)
    finally:
        _give_back_memory()


def _give_back_memory() -> None:
    """Gives the system back what this process has freed, where it can (glibc).

    Text is detected in pages of many shapes, each with some hundred MB of its own for a moment; glibc keeps these, in
    pieces that the next shape does not fit into, so that a process grows with every shape that it meets.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


def as_gouji_error(error: Exception) -> GoujiError:
    """An error of the tree as it is; one that nobody foresaw as a plain GoujiError with its traceback as a note.

    The note (`__notes__`) travels through a pipe where the exception itself might not.
    """
    if isinstance(error, GoujiError):
        return error
    unforeseen = GoujiError(f"internal error ({type(error).__name__})")
    unforeseen.add_note("".join(traceback.format_exception(error)))
    return unforeseen


def _serve(pipe: Connection, factory: ExtractorFactory) -> None:
    """The worker's life: build, say so, answer; ends when the parent's end of the pipe is closed."""
    # A group of its own, so that a kill takes helpers (a converter) with it, and Ctrl-C is left to the parent.
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        extractor = factory()
    except Exception as error:
        pipe.send(as_gouji_error(error))
        return
    try:
        pipe.send(None)
        while True:
            name, data = pipe.recv()
            pipe.send(call_extractor(extractor, name, data))
    except (EOFError, BrokenPipeError):
        return


class _Worker:
    """One process and the parent's end of its pipe; used by one thread at a time."""

    def __init__(self, plan: WorkerPlan):
        self._plan = plan
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._done = 0
        self.loaded = False
        """Whether the process that was started last had come up, be it gone by now."""

    @property
    def alive(self) -> bool:
        """Whether there is a process, and it has loaded what it needs."""
        process = self._process
        try:
            return self.loaded and process is not None and process.is_alive()
        except ValueError:  # closed by the thread that uses this worker
            return False

    def start(self) -> Connection:
        """The pipe of a running, loaded process; raises MissingModel, or WorkerLost when it does not come up."""
        if self._pipe is not None and self.alive:
            return self._pipe
        self.stop()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._plan.factory), daemon=True)
        self._process.start()
        theirs.close()
        self._done, self.loaded = 0, False
        try:
            failure = self._answer(self._pipe, _START_SECONDS)
        except TimeLimitExceeded as error:
            raise WorkerLost("the worker process did not start in time") from error
        if isinstance(failure, GoujiError):
            self.stop()
            raise failure
        self.loaded = True
        return self._pipe

    def extract(self, name: str, data: bytes) -> Extraction:
        """One file; raises GoujiError, TimeLimitExceeded and WorkerLost among them."""
        pipe = self.start()
        try:
            pipe.send((name, data))
        except BrokenPipeError as error:
            self.stop()
            raise WorkerLost(_LOST) from error
        answer = self._answer(pipe, self._plan.seconds_per_file)
        self._done += 1
        if self._plan.files_per_process is not None and self._done >= self._plan.files_per_process:
            self.stop()
        if isinstance(answer, GoujiError):
            raise answer
        assert isinstance(answer, Extraction)
        return answer

    def _answer(self, pipe: Connection, seconds: float | None) -> Extraction | GoujiError | None:
        try:
            if not pipe.poll(seconds):
                self.stop()
                raise TimeLimitExceeded(f"takes longer than the {seconds:g} seconds allowed")
            answer: Extraction | GoujiError | None = pipe.recv()
            return answer
        except (EOFError, ConnectionResetError) as error:
            self.stop()
            raise WorkerLost(_LOST) from error

    def kill(self) -> None:
        """End the process, whatever it is doing, and what it has started; the one method for other threads."""
        process = self._process
        # ProcessLookupError: gone already. ValueError: the thread that uses this worker has just closed it.
        with contextlib.suppress(ProcessLookupError, ValueError):
            if process is not None and process.pid is not None and process.is_alive():
                if os.getpgid(process.pid) == process.pid:
                    os.killpg(process.pid, signal.SIGKILL)
                process.kill()

    def stop(self) -> None:
        """Kill the process and give back what it held."""
        self.kill()
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if self._process is not None:
            self._process.join()
            self._process.close()
            self._process = None


class Workers:
    """A fixed number of workers behind one queue; safe to use from many threads. Close it, or use it in `with`."""

    def __init__(self, plan: WorkerPlan):
        self._workers = tuple(_Worker(plan) for _ in range(plan.processes))
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        # One thread a worker: each waits on its process's pipe, so the queue of the executor is the queue of files.
        self._threads = ThreadPoolExecutor(plan.processes, thread_name_prefix="gouji-worker")
        self._starts: list[Future[None]] = []

    def start(self) -> list[Future[None]]:
        """Bring the processes up (again) in the background; each future raises what hindered its worker."""
        if all(start.done() for start in self._starts):
            self._starts = [self._threads.submit(self._start_one) for _ in self._workers]
        return self._starts

    def submit(self, name: str, data: bytes) -> Future[Extraction]:
        """Queue one file; the future raises GoujiError."""
        return self._threads.submit(self._extract, name, data)

    @property
    def alive(self) -> int:
        """How many processes are running."""
        return sum(worker.alive for worker in self._workers)

    def close(self) -> None:
        """Drop what is queued, end the processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for _ in self._workers:
            self._reclaim().stop()

    def _reclaim(self) -> _Worker:
        """An idle worker; kills what the busy ones do until one is idle (again: one may just be starting)."""
        while True:
            try:
                return self._idle.get(timeout=0.1)
            except queue.Empty:
                for worker in self._workers:
                    worker.kill()

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start_one(self) -> None:
        worker = self._idle.get()
        try:
            worker.start()
        finally:
            self._idle.put(worker)

    def _extract(self, name: str, data: bytes) -> Extraction:
        worker = self._idle.get()
        try:
            return worker.extract(name, data)
        finally:
            gone = worker.loaded and not worker.alive
            self._idle.put(worker)
            if gone:  # Replaced, stopped or dead: the next file should not have to wait for the models.
                with contextlib.suppress(RuntimeError):  # closing down
                    self._threads.submit(self._start_one)
