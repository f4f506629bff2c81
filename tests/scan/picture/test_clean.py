from __future__ import annotations

import cv2
import numpy as np

from service.documents.model import Picture
from service.scan.picture.clean import Gray, clean

SEAL, PRINT = 120, 20


def _page(tone: int = SEAL) -> Picture:
    """A grey page with a seal's rim of that tone, and on it a zero, a hyphen and a rule."""
    picture = np.full((600, 600, 3), 250, np.uint8)
    cv2.circle(picture, (300, 300), 150, (tone,) * 3, 7)
    cv2.ellipse(picture, (150, 300), (6, 10), 0, 0, 360, (PRINT,) * 3, 2)
    cv2.line(picture, (440, 300), (460, 300), (PRINT,) * 3, 2)
    for y in (20, 40, 60, 180, 560, 580):
        cv2.line(picture, (20, y), (580, y), (PRINT,) * 3, 3)
    return picture


def _rim(gray: Gray) -> Gray:
    """The tones along the rim where nothing else stands."""
    angles = np.radians([*range(200, 230, 5), *range(60, 120, 5)])
    rim: Gray = gray[(300 + 150 * np.sin(angles)).astype(int), (300 + 150 * np.cos(angles)).astype(int)]
    return rim


def test_rim_of_a_seal_on_a_grey_scan_is_paper() -> None:
    assert _rim(clean(_page())).min() > 230


def test_print_under_the_rim_stays() -> None:
    gray = clean(_page())
    assert gray[290, 150] < 80
    assert gray[310, 150] < 80
    assert gray[299:302, 445:456].min(axis=0).max() < 80
    assert gray[180, 60:540].max() < 80


def test_seal_as_dark_as_print_stays() -> None:
    assert _rim(clean(_page(tone=PRINT + 20))).max() < 120


def test_grey_line_of_broad_print_is_no_seal() -> None:
    picture = _page(tone=250)
    cv2.putText(picture, "REPORT 2021", (60, 130), cv2.FONT_HERSHEY_SIMPLEX, 2, (SEAL,) * 3, 9)
    before = int((picture[80:140, :, 0] < 150).sum())
    assert int((clean(picture)[80:140] < 180).sum()) > 0.9 * before


def test_pale_strokes_of_blurred_print_are_no_seal() -> None:
    for width, height, pitch in ((540, 170, 20), (340, 340, 34)):  # a paragraph, and pale pieces of a table
        picture = _page(tone=250)
        for y in range(200, 200 + height, pitch):
            for x in range(30, 30 + width, pitch):
                length = 14 if pitch == 20 else 8
                cv2.line(picture, (x, y), (x + length, y), (SEAL,) * 3, 7 if pitch == 20 else 6)
        before = int((picture[190:, :, 0] < 150).sum())
        assert int((clean(picture)[190:] < 180).sum()) > 0.9 * before


def test_page_without_print_has_no_seal() -> None:
    assert clean(np.full((300, 300, 3), 250, np.uint8)).min() > 240
