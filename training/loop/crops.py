"""Labelled scans -> crops for the numeric reader, cut where the labels say that the cells are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.readers import Readers, load_readers
from service.documents import open_document
from service.documents.model import Box, Page
from service.scan.picture.clean import Gray, clean
from service.scan.picture.geometry import apply
from service.scan.picture.straighten import straighten
from service.scan.picture.upright import quarter_turns
from service.scan.print.ink import find_ink
from service.scan.print.lines import Frame, digit_height
from service.scan.ruling.rules import find_rules
from training.datasets.labels import Label, from_truth
from training.datasets.manifest import Entry, verify
from training.digits.crops import Crop, cut_out
from training.digits.data import Labelled
from training.digits.printed import spell
from training.synthesize.effects import QUALITIES, Quality
from training.synthesize.invent import read_truth

_INSET = 2
"""Pixels between a cell's edge and its inside."""
_LEAST, _LARGEST = 6, 420
"""Pixels of a side within which a frame is a cell of a number."""


def labelled_crops(folder: Path) -> Iterator[Labelled]:
    """The crops of all labelled cells on the scanned pages of a dataset.

    Raises:
        InvalidDataset: the dataset's files are not those of its manifest.
        InvalidLabels: a truth says what the forms do not allow.
    """
    for entry in verify(folder).entries:
        if entry.truth is None:
            continue
        labels = from_truth(read_truth(folder / entry.truth), entry.file).fields
        for page in open_document(entry.file, (folder / entry.file).read_bytes()).pages:
            on_page = {name: one for name, one in labels.items() if one.page == page.number and one.box is not None}
            if page.scanned and on_page:
                yield from (Labelled(crop, _quality(entry)) for crop in _page_crops(page, on_page))


def _quality(entry: Entry) -> Quality:
    return next((quality for quality in QUALITIES if quality == entry.quality), "office")


def _page_crops(page: Page, labels: Mapping[str, Label]) -> Iterator[Crop]:
    if page.render is None:
        return
    picture = page.render()
    straight = straighten(picture, quarter_turns(picture, _readers()))
    gray = clean(straight.picture)
    onto = np.diag([gray.shape[1], gray.shape[0], 1.0]) @ np.linalg.inv(straight.to_source)
    placed = [(_frame(one.box, onto, gray), one.text) for one in labels.values() if one.box is not None]
    digit = _digit([frame for frame, _ in placed], gray)
    for frame, text in placed:
        crop = _cut(gray, frame, spell(text), digit)
        if crop is not None:
            yield crop


@cache
def _readers() -> Readers:
    return load_readers(1)


def _frame(box: Box, onto: NDArray[np.float64], gray: Gray) -> Frame:
    """The inside of a cell on the straightened page: between the middles of where its corners come to lie."""
    x0, y0, x1, y1 = box
    corners = apply(onto, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
    left, right = sorted((corners[[0, 3], 0].mean(), corners[[1, 2], 0].mean()))
    top, bottom = sorted((corners[[0, 1], 1].mean(), corners[[2, 3], 1].mean()))
    height, width = gray.shape
    return Frame(
        max(0, round(left) + _INSET),
        max(0, round(top) + _INSET),
        min(width, round(right) - _INSET + 1),
        min(height, round(bottom) - _INSET + 1),
    )


def _digit(frames: Sequence[Frame], gray: Gray) -> float:
    return digit_height([frame for frame in frames if _is_cell(frame)], find_ink(gray, find_rules(gray)))


def _is_cell(frame: Frame) -> bool:
    return _LEAST <= frame.width <= _LARGEST and _LEAST <= frame.height <= _LARGEST


def _cut(gray: Gray, frame: Frame, text: str | None, digit: float) -> Crop | None:
    """None for what is no cell of a number, or whose text the reader has no spelling for."""
    if text is None or not _is_cell(frame):
        return None
    picture, inner = cut_out(gray, frame)
    # Where in the cell the print stands is not labelled: all of the inside must stay in view.
    ink = Frame(inner.x0 + 1, inner.y0 + 1, inner.x1 - 1, inner.y1 - 1) if text else Frame(0, 0, 0, 0)
    return Crop(picture, inner, ink, digit, text)
