"""Whole pages by gouji and by PaddleOCR, each engine in a process of its own, and files that need no OCR.

PaddleOCR gives lines of text and no tables. Its defaults are those of PP-OCRv6 small, the model that gouji uses, by
ONNX Runtime; tuned, detection sees 1280 pixels and short lines are not padded to long ones. gouji's time is the whole
way from the page picture to fields and identities.
"""

from __future__ import annotations

import contextlib
import json
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import cv2

from data import SAMPLES
from models.vendor import CONFIG_FILE, MODEL_FILE, model_directory
from service.documents import open_document
from service.documents.model import Picture
from service.errors import NotAReport

SCAN = "scan-office.pdf"
"""The sample whose pages every engine reads."""
BIG_TABLE = 2
"""The page of it, from 1, that holds the large table (that of the applications)."""
FILES = ("text-layer.pdf", "word.docx", "page-rows.txt", "page-gbk.html", "pages.ofd")
"""Samples that need no OCR."""

_STOCK_WIDTH, _TUNED_WIDTH = 320, 64
"""Pixels to which PaddleOCR pads every line at least: as shipped, and as tuned."""

Measure = dict[str, float]
"""Seconds, and MB of memory, by what was measured."""


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

    from models.text import DETECTOR, RECOGNISER

    with tempfile.TemporaryDirectory() as folder:
        recogniser = _padded_to(RECOGNISER, _TUNED_WIDTH if tuned else _STOCK_WIDTH, Path(folder))
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


def _padded_to(recogniser: str, width: int, folder: Path) -> Path:
    """A copy of a recogniser's directory whose lines are padded to `width` pixels."""
    source = model_directory(recogniser)
    config = json.loads((source / CONFIG_FILE).read_text(encoding="utf-8"))
    for step in config["PreProcess"]["transform_ops"]:
        if "RecResizeImg" in step:
            step["RecResizeImg"]["image_shape"] = [3, 48, width]
    target = folder / recogniser
    target.mkdir()
    shutil.copyfile(source / MODEL_FILE, target / MODEL_FILE)
    (target / CONFIG_FILE).write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    return target


def files(repeat: int, threads: int) -> Measure:
    """Seconds for a whole extraction of each sample that needs no OCR, once warm."""
    del threads
    from service.extract import extract

    contents = {file: (SAMPLES / file).read_bytes() for file in FILES}
    return {file: min(runs(partial(extract, file, data), repeat)) for file, data in contents.items()}


def runs(work: Callable[[], object], repeat: int) -> list[float]:
    """Seconds of each run but the first, which has what is loaded once in it."""
    times = []
    for _ in range(repeat + 1):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times[1:]


GOUJI = "gouji"
ENGINES: Mapping[str, Callable[[int, int], Measure]] = {
    GOUJI: _gouji,
    "paddleocr, defaults": partial(_paddle, tuned=False),
    "paddleocr, tuned": partial(_paddle, tuned=True),
}
"""What reads whole pages; each takes how many runs over the pages, of which the best counts, and threads."""
