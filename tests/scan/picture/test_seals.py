from __future__ import annotations

import cv2
import numpy as np

from service.scan.picture.clean import Gray
from service.scan.picture.seals import without_grey_seals
from service.scan.ruling.rules import find_rules

SEAL, PRINT = 130, 20
X, Y, RADIUS = 500, 420, 150


def _page() -> Gray:
    """A table, with a number in each of its cells."""
    page = np.full((800, 1000), 255, np.uint8)
    for y in range(100, 701, 100):
        cv2.line(page, (100, y), (900, y), PRINT, 2)
    for x in range(100, 901, 200):
        cv2.line(page, (x, 100), (x, 700), PRINT, 2)
    for x in range(150, 900, 200):
        for y in range(160, 700, 100):
            cv2.putText(page, "108", (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.9, PRINT, 2)
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 0.6), np.uint8)


def _sealed(page: Gray, tone: int = SEAL, width: int = 6, degrees: int = 360) -> Gray:
    """The same with a seal's ink over it: a rim of that width, a star, and strokes of characters."""
    ink = np.full(page.shape, 255, np.uint8)
    cv2.ellipse(ink, (X, Y), (RADIUS, RADIUS), 0, 0, degrees, tone, width)
    angles = np.radians(np.arange(0, 720, 144) - 90)
    star = np.stack([X + 48 * np.cos(angles), Y + 48 * np.sin(angles)], axis=1)
    cv2.fillPoly(ink, [star.astype(np.int32)], tone)
    for angle in np.radians(range(160, 381, 20)):
        x, y = X + 112 * np.cos(angle), Y + 112 * np.sin(angle)
        cv2.rectangle(ink, (round(x) - 11, round(y) - 14), (round(x) + 11, round(y) + 14), tone, 3)
    ink = cv2.GaussianBlur(ink, (0, 0), 0.6).astype(np.uint8)
    return np.asarray(page * (ink / 255.0), np.uint8)


def _left(page: Gray, cleaned: Gray) -> int:
    """Dots of a seal that are still there, where the page without it is paper."""
    paper = cv2.erode(page, np.ones((9, 9), np.uint8)) > 250
    return int(np.count_nonzero(paper & (cleaned < 180)))


def test_seal_goes_with_its_characters() -> None:
    page = _page()
    for width in (6, 9):
        sealed = _sealed(page, width=width)
        assert _left(page, sealed) > 4000
        assert _left(page, without_grey_seals(sealed)) < 30


def test_print_under_a_seal_stays() -> None:
    page = _page()
    cleaned = without_grey_seals(_sealed(page))
    assert np.mean(cleaned[page < 100] < 130) > 0.995
    assert [len(find_rules(one)) for one in (page, cleaned)] == [12, 12]


def test_light_rule_under_a_seal_stays() -> None:
    page = _page()
    page[340:342, 110:890] = np.minimum(page[340:342, 110:890], 160)
    cleaned = without_grey_seals(_sealed(page))
    assert np.mean(cleaned[340:342, 350:650] < 200) > 0.75


def test_seal_that_reaches_over_the_edge_goes() -> None:
    page, sealed = _page()[:, X - 40 :], _sealed(_page())[:, X - 40 :]
    assert _left(page, without_grey_seals(sealed)) < 0.02 * _left(page, sealed)


def test_pale_print_stays_on_a_page_that_has_such_elsewhere() -> None:
    page = _page()
    for x in range(130, 900, 100):
        for y in range(115, 700, 50):
            cv2.line(page, (x, y), (x + 15, y + 12), 140, 2)
    cleaned = without_grey_seals(_sealed(page, tone=160))
    assert np.mean(cleaned[page == 140] < 200) > 0.9


def test_half_a_circle_is_no_seal() -> None:
    sealed = _sealed(_page(), degrees=180)
    assert (without_grey_seals(sealed) == sealed).all()


def test_seal_as_dark_as_print_stays() -> None:
    sealed = _sealed(_page(), tone=PRINT + 20)
    assert (without_grey_seals(sealed) == sealed).all()


def test_page_without_seal_stays_as_it_is() -> None:
    page = _page()
    cv2.putText(page, "REPORT", (220, 460), cv2.FONT_HERSHEY_SIMPLEX, 4, SEAL, 12)
    assert (without_grey_seals(page) == page).all()
