"""Data sets of the numeric reader: pages drawn, scanned and cut from seeds, kept as compressed shards.

A data set is a folder of `train-NNNNNN.npz` and `held-out-NNNNNN.npz`, one shard for every few drawings. Held-out pages
have seeds, faces and wear that training pages never have (see `training.synthesize.split`).
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Picture
from service.files import whole
from service.scan.print.lines import Frame
from training.digits.crops import Crop, page_crops
from training.digits.printed import choose_habit, print_cell
from training.digits.sheets import draw_sheet
from training.evaluate.spread import spread
from training.synthesize.draw import draw_page
from training.synthesize.effects import QUALITIES, Quality, Scan, drawing_dpi, scan_page
from training.synthesize.invent import invent_report
from training.synthesize.layout import lay_out
from training.synthesize.pages import DrawnPage
from training.synthesize.prose import invent_agency
from training.synthesize.seal import draw_seal, stamp
from training.synthesize.split import Split, split_seed
from training.synthesize.style import choose_style
from training.synthesize.wear import wear_page

_PAGES = 8
"""Drawings (a sheet, or the tables of a report) of one shard."""
_FIRST_SEED = 700_000_000
"""Far from the seeds of the reports that others draw."""
_FIRST_AMOUNTS = 800_000_000
"""The same of sheets of amounts."""
_SHARES = {"clean": 0.2, "office": 0.25, "copy": 0.35, "phone": 0.2}
"""How often each quality is drawn: the hardest most."""
_SHEETS = 0.65
"""Share of drawings that are sheets of numbers; the others are the tables of a report."""
_SEALED, _SEALED_TWICE = 0.6, 0.2
_FOUND = 0.4
"""Share of pages that are cut at the rules found."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A crop with the quality of its scan."""

    crop: Crop
    quality: Quality


def write_shards(
    folder: Path,
    split: Split,
    count: int,
    *,
    first: int = 0,
    processes: int = 1,
    amounts: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Path]:
    """Draws `count` shards (some 2,500 crops each) in parallel; those that are there already are kept.

    The same split and number give the same shard on any machine with the same fonts. Shards of `amounts` hold mostly
    decimals, parted thousands, units and signs, and want a folder of their own. `progress` is told how many there are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{split}-{number:06d}.npz" for number in range(first, first + count)]
    missing = [path for path in paths if not path.exists()]
    for number, _ in enumerate(spread(partial(_write_shard, split, amounts), missing, processes), start=1):
        progress(count - len(missing) + number)
    return paths


def take_shards(drawn: Path, folder: Path, split: Split, count: int) -> None:
    """Takes over what another run has drawn of these shards, as links: what is not there is drawn by `write_shards`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in (f"{split}-{number:06d}.npz" for number in range(count)):
        with suppress(OSError):  # not there, taken already, or on another disk
            os.link(drawn / name, folder / name)


def _write_shard(split: Split, amounts: bool, path: Path) -> None:
    cv2.setNumThreads(1)
    first = (_FIRST_AMOUNTS if amounts else _FIRST_SEED) + int(path.stem.rpartition("-")[2]) * _PAGES
    drawn = [one for page in range(_PAGES) for one in draw_crops(first + page, split, amounts=amounts)]
    save_shard(path, drawn)


def draw_crops(seed: int, split: Split, *, amounts: bool = False) -> Iterator[Labelled]:
    """The crops of one drawing: a sheet of numbers, or the tables of a report with all kinds of numbers in them.

    With `amounts` always a sheet, and most of its cells hold one.
    """
    seed = split_seed(seed, split)
    rng = np.random.default_rng([seed, 7])
    quality = QUALITIES[int(rng.choice(len(QUALITIES), p=[_SHARES[one] for one in QUALITIES]))]
    beyond = float(rng.uniform(1.0, 1.6)) if split == "train" else float(rng.uniform(1.0, 1.25))
    sheet = bool(rng.random() < _SHEETS)
    for page in [draw_sheet(seed, split, amounts=True)] if amounts else _draw_pages(seed, split, sheet=sheet):
        scan = _scan(page, quality, split, rng, beyond)
        for crop in page_crops(page, scan, found=bool(rng.random() < _FOUND)):
            yield Labelled(crop, quality)


def _draw_pages(seed: int, split: Split, *, sheet: bool) -> Sequence[DrawnPage]:
    if sheet:
        return [draw_sheet(seed, split)]
    rng = random.Random(f"digit report {seed}")
    report = invent_report(seed)
    if rng.random() < 0.7:
        habit = choose_habit(rng)
        report = replace(report, printed={name: print_cell(habit, rng) for name in report.printed})
    pages = lay_out(report, seed, style=choose_style(seed, hard=0.3, split=split), prose=False)
    return [page for page in pages if sum(cell.field is not None for cell in page.cells) >= 10]


def _scan(page: DrawnPage, quality: Quality, split: Split, rng: np.random.Generator, beyond: float) -> Scan:
    """Scans a page with wear and seals; in training a part is fainter than any wear makes it.

    Not so copies: black and white they keep nothing of faint ink, and nobody could tell what was there.
    """
    picture = wear_page(draw_page(page, drawing_dpi(quality)), quality, split, rng, beyond)
    if split == "train" and quality != "copy" and rng.random() < 0.2:
        _fade(picture, rng)
    agency = invent_agency(random.Random(int(rng.integers(2**32)))).name
    if rng.random() < _SEALED_TWICE:
        ink = draw_seal(agency, int(rng.uniform(36, 46) / 25.4 * drawing_dpi(quality)), rng)
        colour = (40, 40, 40) if quality == "copy" else (50, 40, 200)
        x, y = (rng.uniform(0.1, 0.7, 2) * [picture.shape[1], picture.shape[0]]).astype(int)
        stamp(picture, ink * np.float32(rng.uniform(0.6, 1)), int(x), int(y), colour)
    at = (float(rng.uniform(0.15, 0.85)), float(rng.uniform(0.15, 0.85)))
    sealed = bool(rng.random() < _SEALED)
    return scan_page(picture, quality, rng, agency=agency if sealed else None, seal_at=at, beyond=beyond)


def _fade(picture: Picture, rng: np.random.Generator) -> None:
    """Light toner: ink keeps a part of its darkness, alike all over the page or here more and there less."""
    least = rng.uniform(0.25, 0.7)
    small = rng.uniform(least, 1, (4, 4)) if rng.random() < 0.5 else np.full((4, 4), least + 0.15)
    kept = cv2.resize(small.astype(np.float32), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    picture[:] = (255 - (255 - picture.astype(np.float32)) * kept[..., None]).astype(np.uint8)


def save_shard(path: Path, crops: Sequence[Labelled]) -> None:
    """Writes a shard."""
    pictures = [one.crop.picture for one in crops]
    with whole(path) as file:
        np.savez_compressed(
            file,
            pixels=np.concatenate([picture.ravel() for picture in pictures]),
            shapes=np.array([picture.shape for picture in pictures], np.int16).reshape(-1, 2),
            frames=np.array([_numbers(one.crop.frame) for one in crops], np.int16).reshape(-1, 4),
            inks=np.array([_numbers(one.crop.ink) for one in crops], np.int16).reshape(-1, 4),
            digits=np.array([one.crop.digit for one in crops], np.float32),
            qualities=np.array([QUALITIES.index(one.quality) for one in crops], np.int8),
            texts=np.array([one.crop.text for one in crops], np.str_),
        )


def load_shards(paths: Iterable[Path]) -> list[Labelled]:
    """Reads shards, in the order given."""
    result = []
    for path in paths:
        with np.load(path) as shard:
            arrays: dict[str, NDArray[np.generic]] = {name: shard[name] for name in shard.files}
        end = 0
        for i, (height, width) in enumerate(arrays["shapes"].tolist()):
            start, end = end, end + height * width
            picture = np.asarray(arrays["pixels"][start:end], np.uint8).reshape(height, width)
            frame, ink = (Frame(*arrays[name][i].tolist()) for name in ("frames", "inks"))
            crop = Crop(picture, frame, ink, float(arrays["digits"][i].item()), str(arrays["texts"][i]))
            result.append(Labelled(crop, QUALITIES[int(arrays["qualities"][i].item())]))
    return result


def _numbers(frame: Frame) -> tuple[int, int, int, int]:
    return frame.x0, frame.y0, frame.x1, frame.y1
