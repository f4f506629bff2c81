"""Speed, memory and start-up, beside PaddleOCR on the same pages in the same run: `python -m training.bench`.

Prints what it measured and never fails by the clock: another machine, or a busy one, has other seconds but similar
ratios. Every engine runs in a process of its own, one after the other, so that memory and start-up are its own.

PaddleOCR gives lines of text and no tables. Its defaults are those of PP-OCRv6 small, the model that gouji uses, by
ONNX Runtime; tuned, detection sees 1280 pixels and short lines are not padded to long ones. gouji's time is the whole
way from the page picture to fields and identities.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
from rich.console import Console
from rich.table import Table

from data import SAMPLES
from models.text import DETECTOR, RECOGNISER
from models.vendor import CONFIG_FILE, MODEL_FILE, model_directory
from service.documents import open_document
from service.documents.model import Picture
from service.errors import NotAReport

SCAN = "scan-office.pdf"
"""The sample whose pages every engine reads."""
BIG_TABLE = 2
"""The page of it, from 1, that holds the large table (that of the applications)."""
OTHERS = ("text-layer.pdf", "word.docx", "page-rows.txt", "page-gbk.html", "pages.ofd")
"""Samples that need no OCR."""

_STOCK_WIDTH, _TUNED_WIDTH = 320, 64
"""Pixels to which PaddleOCR pads every line at least: as shipped, and as tuned."""

Measure = dict[str, float]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print, in some three minutes on two idle cores."""
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
    engines = {name: _apart(name, chosen.repeat, chosen.threads) for name in _ENGINES}
    console.print(_engine_table(engines))
    others = Table("file without OCR", "s", title="gouji, the whole file")
    for file, seconds in _apart(_OTHERS, chosen.repeat, chosen.threads).items():
        others.add_row(file, f"{seconds:.3f}")
    console.print(others)


def _engine_table(engines: Mapping[str, Measure]) -> Table:
    """One line an engine; the last column says how many times longer than gouji it takes for the big table."""
    table = Table("engine", "start-up s", "s/page, all", "s/page, big table", "peak MB", "of gouji", title=SCAN)
    whole = engines[_GOUJI]["big_table"]
    for name, measured in engines.items():
        figures = [f"{measured[key]:.2f}" for key in ("startup", "page", "big_table")]
        table.add_row(name, *figures, f"{measured['memory']:.0f}", f"{measured['big_table'] / whole:.1f} x")
    return table


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
    """Seconds a page once warm, on average and for the page of the big table, with the process's peak memory in MB."""
    pages = _pages()
    read(pages[0])
    rounds = [[_seconds(read, picture) for picture in pages] for _ in range(repeat)]
    best = [min(times) for times in zip(*rounds, strict=True)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"startup": startup, "page": sum(best) / len(best), "big_table": best[BIG_TABLE - 1], "memory": memory}


def _seconds(read: Callable[[Picture], Any], picture: Picture) -> float:
    start = time.perf_counter()
    read(picture)
    return time.perf_counter() - start


def _gouji(repeat: int, threads: int) -> Measure:
    start = time.perf_counter()
    from models.readers import load_readers
    from service.extract import extract

    readers = load_readers(threads)
    startup = time.perf_counter() - start

    def read(picture: Picture) -> object:
        # A bitmap is packed and unpacked in milliseconds, so that a page goes the way of a file.
        bitmap = cv2.imencode(".bmp", picture)[1].tobytes()
        with contextlib.suppress(NotAReport):  # a page of prose only; it has been read all the same
            return extract("page.bmp", bitmap, readers=readers)
        return None

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


_GOUJI, _OTHERS = "gouji", "others"
_ENGINES: dict[str, Callable[[int, int], Measure]] = {
    _GOUJI: _gouji,
    "paddleocr, defaults": lambda repeat, threads: _paddle(repeat, threads, tuned=False),
    "paddleocr, tuned": lambda repeat, threads: _paddle(repeat, threads, tuned=True),
}
_TASKS = {**_ENGINES, _OTHERS: _others}


if __name__ == "__main__":
    main()
