"""Speed, memory and start-up, beside PaddleOCR on the same pages in the same run: `python -m training.bench`.

Prints what it measured, beside the bars where there are some, and never fails by the clock: another machine, or a busy
one, has other seconds but similar ratios. Everything is measured in a process of its own, one after the other, so that
memory and start-up are its own.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from training.bench.parts import PARTS, Part, Seconds
from training.bench.whole import ENGINES, GOUJI, SCAN, Measure, files

_FILES = "files"
_TASKS = {**ENGINES, _FILES: files, **{name: part.measure for name, part in PARTS.items()}}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, in some four minutes on two idle cores."""
    parser = argparse.ArgumentParser(prog="python -m training.bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--repeat", type=int, default=2, help="runs over the pages, of which the best counts")
    parser.add_argument("--threads", type=int, default=2, help="threads of each engine at most")
    parser.add_argument("--only", choices=sorted(_TASKS), help="measure one thing and print it as JSON")
    chosen = parser.parse_args(arguments)
    if chosen.only:
        sys.stdout.write(json.dumps(_TASKS[chosen.only](chosen.repeat, chosen.threads)) + "\n")
        return
    console = Console()
    console.print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, {chosen.threads} threads each engine")
    console.print(engine_table({name: _apart(name, chosen.repeat, chosen.threads) for name in ENGINES}))
    others = Table("file without OCR", "s", title="gouji, the whole file")
    for file, seconds in _apart(_FILES, chosen.repeat, chosen.threads).items():
        others.add_row(file, f"{seconds:.3f}")
    console.print(others)
    console.print(part_table({name: _apart(name, chosen.repeat, chosen.threads) for name in PARTS}))


def engine_table(engines: Mapping[str, Measure]) -> Table:
    """One line an engine; the last column says how many times longer than gouji it takes for the big table."""
    table = Table("engine", "start-up s", "s/page, all", "s/page, big table", "peak MB", "of gouji", title=SCAN)
    whole = engines[GOUJI]["big_table"]
    for name, measured in engines.items():
        figures = [f"{measured[key]:.2f}" for key in ("startup", "page", "big_table")]
        table.add_row(name, *figures, f"{measured['memory']:.0f}", f"{measured['big_table'] / whole:.1f} x")
    return table


def part_table(measured: Mapping[str, Seconds], parts: Mapping[str, Part] = PARTS) -> Table:
    """One line for each thing that was measured of a part, its median and worst beside their bars."""
    table = Table("part", "measured", "median ms", "bar", "worst ms", "bar", title="gouji, its parts")
    for name, things in measured.items():
        part = parts[name]
        for thing, seconds in things.items():
            figures = [(statistics.median(seconds), part.median), (max(seconds), part.worst)]
            cells = [f"{1000 * one:.0f}" for pair in figures for one in pair]
            table.add_row(thing, str(len(seconds)), *cells)
    return table


def _apart(name: str, repeat: int, threads: int) -> Any:
    """Run one measurement in a fresh process."""
    command = [sys.executable, "-m", "training.bench", "--only", name, "--repeat", str(repeat)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        [*command, "--threads", str(threads)], stdout=subprocess.PIPE, text=True, check=True, env=environment
    )
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    main()
