from __future__ import annotations

import cv2
import numpy as np
from PIL import Image

from service.documents.model import Picture
from service.scan.picture.clean import as_colour
from service.scan.picture.halftone import without_halftone


def _page(paper: int) -> Picture:
    page = np.full((600, 800), paper, np.uint8)
    for y in range(60, 600, 60):
        cv2.putText(page, "108 2457 36 0 9154", (60, y), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 20, 2)
    return as_colour(page)


def _dithered(page: Picture) -> Picture:
    return as_colour(np.asarray(Image.fromarray(page).convert("1").convert("L"), np.uint8))


def test_dithered_page_is_grey_again() -> None:
    page = _page(235)
    scanned = _dithered(page)
    smooth = without_halftone(scanned)
    # A dot of a raster is black upon white paper; blurred, only print is dark.
    paper = cv2.erode(page[..., 0], np.ones((9, 9), np.uint8)) > 200
    assert np.count_nonzero(scanned[..., 0][paper] < 128) > 5000
    assert not np.count_nonzero(smooth[..., 0][paper] < 128)
    assert np.mean(smooth[..., 0][page[..., 0] < 100] < 160) > 0.95


def test_pages_without_a_raster_stay_as_they_are() -> None:
    specks = _dithered(_page(255))
    rng = np.random.default_rng(7)
    spots = rng.integers(0, [600, 800], (1500, 2))
    specks[spots[:, 0], spots[:, 1]] = 0
    for page in (_page(255), _page(200), specks):
        assert without_halftone(page) is page
