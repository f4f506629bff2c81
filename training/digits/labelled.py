"""Labelled scans -> crops for the numeric reader, cut where the labels say that the cells are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from models.readers import Readers, load_readers
from service.documents import open_document
from service.documents.model import Page
from service.scan.picture.clean import Gray, clean
from service.scan.picture.straighten import straighten
from service.scan.picture.upright import quarter_turns
from service.scan.print.ink import find_ink
from service.scan.print.lines import Frame, digit_height
from service.scan.ruling.rules import find_rules
from training.datasets.labels import Label, from_truth
from training.datasets.manifest import Entry, verify
from training.digits.crops import Crop, cut_out, inside, is_cell, moved
from training.digits.data import Labelled
from training.digits.printed import spell
from training.synthesize.effects import QUALITIES, Quality
from training.synthesize.invent import read_truth


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
    placed = [(inside(moved(one.box, onto), gray), one.text) for one in labels.values() if one.box is not None]
    digit = _digit([frame for frame, _ in placed], gray)
    for frame, text in placed:
        crop = _cut(gray, frame, spell(text), digit)
        if crop is not None:
            yield crop


@cache
def _readers() -> Readers:
    return load_readers(1)


def _digit(frames: Sequence[Frame], gray: Gray) -> float:
    return digit_height([frame for frame in frames if is_cell(frame)], find_ink(gray, find_rules(gray)))


def _cut(gray: Gray, frame: Frame, text: str | None, digit: float) -> Crop | None:
    """None for what is no cell of a number, or whose text the reader has no spelling for."""
    if text is None or not is_cell(frame):
        return None
    picture, inner = cut_out(gray, frame)
    # Where in the cell the print stands is not labelled: all of the inside must stay in view.
    ink = Frame(inner.x0 + 1, inner.y0 + 1, inner.x1 - 1, inner.y1 - 1) if text else Frame(0, 0, 0, 0)
    return Crop(picture, inner, ink, digit, text)
