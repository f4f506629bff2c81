"""The whole training loop, small, with its promises held: `python -m training.loop.smoke [FOLDER]`.

Draws, imports labels, fits both models from nothing for a handful of steps, fine-tunes the released classifier,
calibrates, evaluates, promotes into a weights folder of its own, rolls back, and spoils files to see them refused.
Every step is a command of `gouji train`, run as its user would run it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from models.registry import WEIGHTS, read_registry, served
from service.errors import MissingModel
from training.datasets.orders import Order
from training.loop.gold import FIRST_SEED, make_gold
from training.loop.runs import Run
from training.loop.weights import copy_served

_DIGITS = ("shards=1", "held_out=0", "batch=8", "crops=800")
_CELLS = ("steps=30", "warmup=5", "drawn=64", "held_out=0", "cells=800")
_TOUCHED = ("steps=2", "warmup=1", "drawn=64", "held_out=0", "cells=800", "rate=0.0000001")
"""So little of the released classifier changes that it reads as before."""
_POOL = ("reports=5", "qualities=clean", "texts=1")


class Broken(Exception):
    """The loop did not do what it promises."""


class Loop:
    """`gouji train` in a folder, with weights of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.weights = folder / "weights"
        self._began = time.monotonic()

    def run(self, *words: str, fails: str | None = None) -> str:
        """Run a command; its output. Raises Broken when it fails, or does not fail with the words of `fails`."""
        environment = {**os.environ, "GOUJI_WEIGHTS": str(self.weights)}
        gouji = [sys.executable, "-c", "from service.cli import main; main()", "train"]
        done = subprocess.run(
            [*gouji, *words], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        told = f"gouji train {' '.join(words[:2])} ...: {time.monotonic() - self._began:.0f} s\n"
        sys.stdout.write(told)
        sys.stdout.flush()
        if (done.returncode != 0) != (fails is not None):
            raise Broken(f"gouji train {' '.join(words)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        if fails is not None and fails not in done.stdout + done.stderr:
            raise Broken(f"gouji train {' '.join(words)} says nothing of “{fails}”:\n{done.stdout}{done.stderr}")
        return done.stdout

    def fit(self, *words: str, settings: Sequence[str]) -> Run:
        """Fit a model; its run."""
        changes = [word for setting in settings for word in ("--set", setting)]
        return Run(self.folder / self.run(*words, *changes).strip().splitlines()[-1])


def smoke(folder: Path) -> None:
    """Go round the loop once; raises Broken where it does not hold."""
    loop = Loop(folder)
    copy_served(WEIGHTS, loop.weights)
    released = served("cells", loop.weights)
    _datasets(loop)
    with ThreadPoolExecutor(2) as both:
        reader = both.submit(loop.fit, "fit", "digits", settings=_DIGITS)
        cells = loop.fit("fit", "cells", settings=_CELLS)
        again = loop.fit("fit", "cells", "--from", "released", settings=_TOUCHED) if released else cells
        digits = reader.result()
    for run in (digits, cells):
        _check_run(run)
    pool = loop.fit("calibrate", "--with", str(digits.folder), "--jobs", "2", settings=_POOL)
    _check((pool.folder / "model" / "model.json").is_file(), "no calibration was written")
    gold = folder / "gold.json"
    orders = [
        Order(FIRST_SEED, "held-out", "plain", "clean"),
        *(Order(FIRST_SEED, "held-out", "plain", "plain", one) for one in ("docx", "html", "txt")),
    ]
    make_gold(gold, orders, "training.loop.smoke")
    loop.run("promote", str(again.folder), "--gold", str(gold))
    _promoted(loop, released.version if released else None)


def _datasets(loop: Loop) -> None:
    """Draw, import what was drawn as labels, and see an altered file refused."""
    loop.run("synthesize", "drawn", "--count", "1", "--quality", "clean")
    files = sorted((loop.folder / "drawn").glob("*.pdf"))
    labels = [word for file in files for word in ("--labels", f"drawn/{file.name}.truth.json")]
    loop.run("import", *(f"drawn/{file.name}" for file in files), *labels, "--dataset", "ours", "--reviewer", "nobody")
    loop.run("export", "ours", "--output", "studio")
    tasks = json.loads((loop.folder / "studio" / "tasks.json").read_text(encoding="utf-8"))
    _check(sum(len(task["annotations"][0]["result"]) for task in tasks) > 350, "labels were lost on their way out")
    loop.run("import", *(f"drawn/{file.name}" for file in files), "--labels", "studio/tasks.json", "--dataset", "back")
    for file in files:
        name = f"{file.name}.truth.json"
        ours, back = (json.loads((loop.folder / one / name).read_text(encoding="utf-8")) for one in ("ours", "back"))
        _check(ours == back, f"{name} came back from Label Studio otherwise")
    loop.run("status", "ours", "back")
    with _spoilt(loop.folder / "ours" / files[0].name):
        loop.run("status", "ours", fails="has been altered")
        loop.run("fit", "cells", "ours", fails="has been altered")


def _check_run(run: Run) -> None:
    metrics = run.metrics or {}
    first, last = metrics["first"], metrics["last"]
    _check(bool(first) and all(last[name] < first[name] for name in first), f"{run.folder.name}: the loss did not fall")
    for name in ("loss.png", "config.json", "log.jsonl", "model/model.onnx", "model/model.json"):
        _check((run.folder / name).is_file(), f"{run.folder.name} lacks {name}")
    _check(len(run.config["commit"]) >= len("unknown"), f"{run.folder.name} does not tell its commit")


def _promoted(loop: Loop, before: str | None) -> None:
    """The promoted version is served, evaluated by, taken back, and refused when altered."""
    found = served("cells", loop.weights)
    _check(found is not None and found.version == str(int(before or 0) + 1), "the promoted version is not served")
    if found is None:
        return
    _check((found.folder / "CARD.md").read_text(encoding="utf-8").find("## Promotion") >= 0, "no card was written")
    told = loop.run("evaluate", "drawn", "--html", "page.html")
    _check("clean" in told, "the evaluation does not tell the quality")
    _check((loop.folder / "page.html").stat().st_size > 10_000, "the evaluation wrote no page")
    _check(found.name in loop.run("status"), "the status does not name what is served")
    if before is not None:
        loop.run("rollback", "cells")
        _check(read_registry(loop.weights)["cells"].served == before, "the rollback did not go back")
    loop.run("rollback", "cells", fails="No version of cells was served before")
    with _spoilt(loop.weights / "cells" / (before or "1") / "model.onnx"):
        loop.run("status", fails="has been altered")
        try:
            served("cells", loop.weights)
        except MissingModel:
            return
    raise Broken("an altered model was served")


@contextmanager
def _spoilt(path: Path) -> Iterator[None]:
    """The file with one byte changed, for a while."""
    kept = path.read_bytes()
    path.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    yield
    path.write_bytes(kept)


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


def main(arguments: Sequence[str] | None = None) -> int:
    """Go round in a folder, or in one that is forgotten afterwards; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.loop.smoke", description=main.__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="folder to keep; default one that is forgotten")
    kept: Path | None = parser.parse_args(arguments).folder
    folder = kept.resolve() if kept else Path(tempfile.mkdtemp(prefix="gouji-smoke-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        smoke(folder)
    except Broken as error:
        sys.stdout.write(f"train-smoke: {error}\n")
        return 1
    finally:
        if kept is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write("train-smoke: the loop holds\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
