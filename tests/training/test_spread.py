"""Work that is spread over processes comes back, in order where that is asked for, and ends with who asked for it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from training.evaluate.spread import apart, spread

ENDLESS = """
import os, sys, time
from training.evaluate.spread import spread

def work(path):
    with open(path, "w") as file:
        file.write(str(os.getpid()))
    time.sleep(600)

if __name__ == "__main__":
    list(spread(work, sys.argv[1:], 2))
"""


def _late_first(number: int) -> int:
    time.sleep(0 if number else 1)
    return number


def _variable() -> tuple[str | None, int]:
    return os.environ.get("GOUJI_OF_A_TEST"), os.getpid()


def test_results_come_in_the_order_of_the_items_where_that_is_asked_for() -> None:
    assert list(spread(_late_first, range(3), 2, ordered=True)) == [0, 1, 2]
    assert sorted(spread(_late_first, range(3), 2)) == [0, 1, 2]


def test_a_process_of_its_own_has_variables_of_its_own() -> None:
    value, process = apart(_variable, {"GOUJI_OF_A_TEST": "here"})
    assert value == "here"
    assert process != os.getpid()
    assert "GOUJI_OF_A_TEST" not in os.environ


def test_no_process_outlives_the_one_that_was_killed(tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(ENDLESS, encoding="utf-8")
    told = [tmp_path / "one", tmp_path / "two"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    parent = subprocess.Popen([sys.executable, str(tmp_path / "endless.py"), *map(str, told)], env=environment)
    try:
        assert _soon(lambda: all(path.is_file() and path.read_text(encoding="utf-8") for path in told))
    finally:
        parent.kill()
        parent.wait()
    workers = [int(path.read_text(encoding="utf-8")) for path in told]
    assert _soon(lambda: not any(_lives(worker) for worker in workers))


def _soon(holds: Callable[[], bool]) -> bool:
    """Whether it holds within a minute."""
    for _ in range(600):
        if holds():
            return True
        time.sleep(0.1)
    return False


def _lives(process: int) -> bool:
    """Whether it runs; one that nobody has asked about yet is dead, too."""
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2][:4]
    except OSError:
        return False
