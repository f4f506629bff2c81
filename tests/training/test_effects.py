"""Scan effects: the recorded homography is true, qualities are what they claim, seeds repeat."""

import cv2
import numpy as np
import pytest

from service.documents.model import Picture
from training.synthesize.effects import QUALITIES, Quality, drawing_dpi, scan_page
from training.synthesize.seal import draw_seal, stamp

_SPOTS = ((0.2, 0.15), (0.8, 0.3), (0.3, 0.85), (0.75, 0.75))


def _page(quality: Quality) -> Picture:
    """A white A4 page with black squares at known places."""
    dpi = drawing_dpi(quality)
    page = np.full((round(11.69 * dpi), round(8.27 * dpi), 3), 255, np.uint8)
    for x, y in _SPOTS:
        middle = int(x * page.shape[1]), int(y * page.shape[0])
        page[middle[1] - 20 : middle[1] + 20, middle[0] - 20 : middle[0] + 20] = 0
    return page


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("quality", QUALITIES)
def test_the_transform_says_where_things_went(quality: Quality, rotation: int) -> None:
    scan = scan_page(_page(quality), quality, np.random.default_rng(rotation), rotation=rotation)
    grey = cv2.cvtColor(scan.picture(), cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    points = cv2.perspectiveTransform(np.array([_SPOTS]), np.array(scan.transform).reshape(3, 3))[0]
    for x, y in points * [width, height]:
        near = grey[int(y) - 40 : int(y) + 40, int(x) - 40 : int(x) + 40]
        rows, columns = np.nonzero(near < near.max() * 0.4)
        assert abs(columns.mean() - 40) < 3
        assert abs(rows.mean() - 40) < 3


def test_the_same_seed_gives_the_same_bytes() -> None:
    page = np.full((500, 400, 3), 255, np.uint8)
    for quality in QUALITIES:
        first, again, other = (
            scan_page(page, quality, np.random.default_rng(seed), agency="云川县水利局") for seed in (1, 1, 2)
        )
        assert first.encoded == again.encoded
        assert first.encoded != other.encoded


def test_copies_have_lost_grey_and_resolution() -> None:
    page = _page("copy")
    page[1000:1200, 400:1200] = 225
    scan = scan_page(page, "copy", np.random.default_rng(4))
    assert 130 <= scan.dpi <= 160
    grey = cv2.cvtColor(scan.picture(), cv2.COLOR_BGR2GRAY)
    assert np.mean((grey > 40) & (grey < 215)) < 0.05


def _kept(page: Picture, seed: int) -> float:
    """Share of the page's dark ink that a copy shows, within a pixel."""
    scan = scan_page(page, "copy", np.random.default_rng(seed))
    grey = cv2.erode(cv2.cvtColor(scan.picture(), cv2.COLOR_BGR2GRAY), np.ones((3, 3), np.uint8))
    (height, width), (tall, wide) = page.shape[:2], grey.shape
    rows, columns = np.nonzero(page[..., 0] < 140)
    points = np.stack([columns / width, rows / height], axis=1)[None].astype(float)
    x, y = (cv2.perspectiveTransform(points, np.array(scan.transform).reshape(3, 3))[0] * [wide, tall]).T.astype(int)
    return float((grey[y.clip(0, tall - 1), x.clip(0, wide - 1)] < 140).mean())


def test_no_copy_loses_so_much_ink_that_nothing_could_be_read() -> None:
    page = np.full((1200, 1000, 3), 255, np.uint8)
    for x in range(60, 960, 12):
        page[100:1100, x] = 100  # thin strokes of grey toner: the first to go
    assert all(_kept(page, seed) > 0.4 for seed in range(6))


def test_clean_scans_keep_their_size_and_stay_light() -> None:
    scan = scan_page(_page("clean"), "clean", np.random.default_rng(4))
    assert scan.picture().shape == _page("clean").shape
    assert np.median(scan.picture()) > 230


def test_photographs_have_a_border_and_shade() -> None:
    scan = scan_page(_page("phone"), "phone", np.random.default_rng(4))
    picture = scan.picture().astype(float)
    blue, _, red = picture[picture.shape[0] // 2 - 50 : picture.shape[0] // 2 + 50, 700:800].mean((0, 1))
    assert red > blue
    assert picture.shape[0] > _page("phone").shape[0]


def test_a_seal_darkens_and_never_hides() -> None:
    ink = draw_seal("云川县水利局", 200, np.random.default_rng(0))
    assert ink.shape == (200, 200)
    assert ink.min() >= 0 and ink.max() <= 1
    page = np.full((300, 300, 3), 255, np.uint8)
    page[140:160] = 0
    stamp(page, ink, 150, 150, (40, 40, 210))
    assert (page[140:160] == 0).all()
    assert (page[160:, 150:, 0] < 120).any()
    stamp(page, ink, 900, -900, (40, 40, 210))  # off the page: nothing happens


def test_a_seal_is_put_where_asked() -> None:
    blank = np.full((2339, 1654, 3), 255, np.uint8)
    scan = scan_page(blank, "office", np.random.default_rng(1), agency="云川县水利局", seal_at=(0.25, 0.75))
    picture = scan.picture().astype(int)
    rows, columns = np.nonzero(picture[..., 2] - picture[..., 0] > 70)
    assert abs(columns.mean() / picture.shape[1] - 0.25) < 0.03
    assert abs(rows.mean() / picture.shape[0] - 0.75) < 0.03
