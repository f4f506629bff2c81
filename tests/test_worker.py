"""Worker processes: they survive what files do to them, and end when told."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import DamagedFile, GoujiError, MissingModel, TimeLimitExceeded, WorkerLost
from service.results import Extraction
from service.worker import WorkerPlan, Workers, call_extractor
from tests.api.fakes import scripted, without_models


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(WorkerPlan(scripted, seconds_per_file=1.5)) as running:
        yield running


def _pid(workers: Workers) -> int:
    return int(workers.submit("x", b"pid").result(30).source.name)


def test_a_result_comes_back_whole(workers: Workers) -> None:
    result = workers.submit("年报 一.pdf", b"fine").result(30)
    assert result.source.name == "年报 一.pdf"
    assert result.status == "reconciled"


def test_one_process_serves_many_files(workers: Workers) -> None:
    assert _pid(workers) == _pid(workers) != os.getpid()


def test_an_error_of_the_tree_comes_back_as_itself(workers: Workers) -> None:
    with pytest.raises(DamagedFile, match=r"The file is cut off\."):
        workers.submit("x", b"damaged").result(30)


def test_an_unforeseen_error_becomes_an_internal_one_with_its_traceback_as_a_note(workers: Workers) -> None:
    with pytest.raises(GoujiError) as caught:
        workers.submit("x", b"bug").result(30)
    assert type(caught.value) is GoujiError
    assert str(caught.value) == "internal error (ZeroDivisionError)"
    assert "secret of the machine" in caught.value.__notes__[0]


def test_a_worker_that_dies_fails_its_file_only(workers: Workers) -> None:
    dies, next_one = workers.submit("x", b"die"), workers.submit("x", b"fine")
    with pytest.raises(WorkerLost):
        dies.result(30)
    assert next_one.result(30).status == "reconciled"


def test_a_worker_killed_while_idle_is_replaced_unseen(workers: Workers) -> None:
    pid = _pid(workers)
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert _pid(workers) != pid


def test_a_file_that_takes_too_long_is_stopped_and_its_process_ended(workers: Workers) -> None:
    pid = _pid(workers)
    with pytest.raises(TimeLimitExceeded, match=r"1\.5 seconds"):
        workers.submit("x", b"sleep 60").result(30)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert workers.submit("x", b"fine").result(30).status == "reconciled"


def test_a_dead_worker_is_started_again_before_the_next_file_comes(workers: Workers) -> None:
    with pytest.raises(WorkerLost):
        workers.submit("x", b"die").result(30)
    for _ in range(200):
        if workers.alive:
            break
        time.sleep(0.05)
    assert workers.alive == 1


def test_a_worker_counts_as_alive_only_once_it_is_loaded() -> None:
    with Workers(WorkerPlan(scripted)) as workers:
        assert workers.alive == 0
        starts = workers.start()
        assert workers.start() is starts
        starts[0].result(30)
        assert workers.alive == 1


def test_a_process_is_replaced_after_its_share_of_files() -> None:
    with Workers(WorkerPlan(scripted, files_per_process=2)) as workers:
        first, second, third = _pid(workers), _pid(workers), _pid(workers)
    assert first == second != third


def test_a_worker_that_cannot_be_built_says_why() -> None:
    with Workers(WorkerPlan(without_models)) as workers:
        for _ in range(2):
            with pytest.raises(MissingModel):
                workers.submit("x", b"fine").result(30)
        assert workers.alive == 0


def test_closing_ends_busy_processes_at_once() -> None:
    workers = Workers(WorkerPlan(scripted))
    pid = _pid(workers)
    busy = workers.submit("x", b"sleep 60")
    queued = workers.submit("x", b"fine")
    time.sleep(0.2)
    began = time.monotonic()
    workers.close()
    assert time.monotonic() - began < 5
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert isinstance(busy.exception(5), WorkerLost)
    assert queued.cancelled()


def _resident() -> int:
    """MB of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc")
def test_memory_that_a_file_took_is_given_back_though_something_behind_it_stays() -> None:
    kept = []

    def extractor(name: str, data: bytes) -> Extraction:
        pieces = [bytearray(b"x" * 100_000) for _ in range(2000)]
        kept.append(pieces[-1])
        del pieces
        taken.append(_resident())
        raise DamagedFile("torn")

    taken: list[int] = []
    assert isinstance(call_extractor(extractor, "x", b""), DamagedFile)
    assert _resident() < taken[0] - 100
