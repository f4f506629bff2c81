"""Speed, memory and start-up, beside PaddleOCR on the same pages in the same run: `python -m training.bench`.

Prints what it measured and never fails by the clock: another machine, or a busy one, has other seconds but similar
ratios. Every measurement runs in a process of its own, so that memory and start-up are its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from data import SAMPLES
from models.text import DETECTOR, RECOGNISER
from models.vendor import CONFIG_FILE, MODEL_FILE, model_directory
from service.documents import open_document
from service.documents.model import Page, Picture

SCAN = "scan-office.pdf"
"""The sample whose pages every engine reads."""
OTHERS = ("text-layer.pdf", "word.docx", "page-rows.txt", "page-gbk.html", "pages.ofd")
"""Samples that need no OCR."""

_STOCK_WIDTH, _TUNED_WIDTH = 320, 64
"""Pixels to which PaddleOCR pads every line at least: as shipped, and as tuned."""

Measure = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print; `--repeat N` takes the best of N runs over the pages, `--threads N` caps every engine."""
    parser = argparse.ArgumentParser(prog="python -m training.bench", description=__doc__)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--only", choices=sorted(_TASKS), help="measure one thing and print it as JSON")
    chosen = parser.parse_args(arguments)
    if chosen.only:
        sys.stdout.write(json.dumps(_TASKS[chosen.only](chosen.repeat, chosen.threads)) + "\n")
        return
    console = Console()
    table = Table("what", "start-up s", "s/page, all", "s/page, big table", "peak MB")
    for name in _TASKS:
        if name == "others":
            continue
        measured = _apart(name, chosen.repeat, chosen.threads)
        figures = (measured.get(key) for key in ("startup", "page", "largest", "memory"))
        table.add_row(name, *("-" if figure is None else f"{figure:.2f}" for figure in figures))
    console.print(table)
    others = Table("file without OCR", "s")
    for file, seconds in _apart("others", chosen.repeat, chosen.threads).items():
        others.add_row(file, f"{seconds:.3f}")
    console.print(others)
    console.print(f"{os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, {chosen.threads} threads each engine")


def _apart(name: str, repeat: int, threads: int) -> Measure:
    """Run one measurement in a fresh process."""
    command = [sys.executable, "-m", "training.bench", "--only", name, "--repeat", str(repeat)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(
        [*command, "--threads", str(threads)], stdout=subprocess.PIPE, text=True, check=True, env=environment
    )
    result: Measure = json.loads(done.stdout.splitlines()[-1])
    return result


def _pages() -> list[Picture]:
    document = open_document(SCAN, (SAMPLES / SCAN).read_bytes())
    return [page.render() for page in document.pages if page.render is not None]


def _timed(read: Callable[[Picture], Any], startup: float, repeat: int) -> Measure:
    """Seconds a page, once warm, on average and for the page that takes longest, with the process's peak memory."""
    pages = _pages()
    rounds = [[_seconds(read, picture) for picture in pages] for _ in range(repeat + 1)]
    best = [min(times) for times in zip(*rounds[1:], strict=True)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"startup": startup, "page": sum(best) / len(best), "largest": max(best), "memory": memory}


def _seconds(read: Callable[[Picture], Any], picture: Picture) -> float:
    start = time.perf_counter()
    read(picture)
    return time.perf_counter() - start


def _gouji(repeat: int, threads: int) -> Measure:
    start = time.perf_counter()
    from models.readers import load_readers
    from service.scan import read_page
    from service.tables import build_blocks

    readers = load_readers(threads)
    startup = time.perf_counter() - start

    def read(picture: Picture) -> object:
        page = Page(1, picture.shape[1], picture.shape[0], render=lambda: picture, scanned=True)
        return build_blocks((read_page(page, readers),))

    return _timed(read, startup, repeat)


def _paddle(repeat: int, threads: int, *, tuned: bool) -> Measure:
    start = time.perf_counter()
    from paddleocr import PaddleOCR

    with tempfile.TemporaryDirectory() as folder:
        recogniser = _padded_to(_TUNED_WIDTH if tuned else _STOCK_WIDTH, Path(folder))
        settings: dict[str, Any] = {"text_recognition_batch_size": 16, "text_det_limit_side_len": 1280} if tuned else {}
        if tuned:
            settings["text_det_limit_type"] = "max"
        engine = PaddleOCR(
            text_detection_model_name=DETECTOR,
            text_detection_model_dir=str(model_directory(DETECTOR)),
            text_recognition_model_name=RECOGNISER,
            text_recognition_model_dir=str(recogniser),
            engine="onnxruntime",
            engine_config={"intra_op_num_threads": threads},
            device="cpu",
            use_doc_orientation_classify=False,
            use_doc_unwarping=False,
            use_textline_orientation=False,
            **settings,
        )
    startup = time.perf_counter() - start
    return _timed(lambda picture: engine.predict(picture, return_word_box=True), startup, repeat)


def _padded_to(width: int, folder: Path) -> Path:
    """A copy of the recogniser's directory whose lines are padded to `width` pixels."""
    source = model_directory(RECOGNISER)
    config = json.loads((source / CONFIG_FILE).read_text(encoding="utf-8"))
    for step in config["PreProcess"]["transform_ops"]:
        if "RecResizeImg" in step:
            step["RecResizeImg"]["image_shape"] = [3, 48, width]
    target = folder / RECOGNISER
    target.mkdir()
    shutil.copyfile(source / MODEL_FILE, target / MODEL_FILE)
    (target / CONFIG_FILE).write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    return target


def _others(repeat: int, threads: int) -> Measure:
    """Seconds for a whole extraction of each sample that needs no OCR, once warm."""
    del threads
    from service.extract import extract

    measured = {}
    for name in OTHERS:
        data = (SAMPLES / name).read_bytes()
        times = []
        for _ in range(repeat + 1):
            start = time.perf_counter()
            extract(name, data)
            times.append(time.perf_counter() - start)
        measured[name] = min(times[1:])
    return measured


_TASKS: dict[str, Callable[[int, int], Measure]] = {
    "gouji": _gouji,
    "paddleocr, defaults": lambda repeat, threads: _paddle(repeat, threads, tuned=False),
    "paddleocr, tuned": lambda repeat, threads: _paddle(repeat, threads, tuned=True),
    "others": _others,
}


if __name__ == "__main__":
    main()
