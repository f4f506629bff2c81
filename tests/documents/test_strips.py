from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from service.documents.negative import positive
from service.documents.pdf import read_pdf
from service.documents.picture import read_picture
from service.documents.strips import strips
from service.errors import LimitExceeded
from service.limits import Limits

WIDTH = 600


def _long(rows: int, *, ruled: bool = True, frame: bool = True) -> Image.Image:
    """Lines of print, one table of so many rows, lines of print again: one below the other."""
    image = Image.new("RGB", (WIDTH, 900 + 30 * rows + 600), "white")
    draw = ImageDraw.Draw(image)
    if frame:
        draw.rectangle((2, 2, WIDTH - 3, image.height - 3), outline="gray")
    for y in (*range(20, 880, 30), *range(930 + 30 * rows, image.height - 30, 30)):
        draw.rectangle((30, y, WIDTH - 30, y + 18), fill="black")
    for row in range(rows + 1):
        y = 900 + 30 * row
        draw.line((30, y, WIDTH - 30, y), fill="black", width=1 if ruled else 0)
        if row < rows:
            draw.text((60, y + 8), f"row {row}", fill="black")
            draw.text((400, y + 8), str(row), fill="black")
    for x in (30, 200, 350, 470, WIDTH - 30):
        draw.line((x, 900, x, 900 + 30 * rows), fill="black", width=1)
    return image


def _picture(image: Image.Image) -> np.ndarray:
    return np.asarray(image)[..., ::-1]


def test_a_page_is_left_whole() -> None:
    picture = _picture(_long(10).crop((0, 0, WIDTH, 1190)))
    assert strips(picture) == ((0, 1190),)


def test_a_table_that_fits_a_page_is_not_cut() -> None:
    found = strips(_picture(_long(20)))
    assert found[0].top == 0
    assert found[-1].bottom == 900 + 600 + 600
    assert [one.bottom for one in found[:-1]] == [one.top for one in found[1:]]
    assert max(one.bottom - one.top for one in found) <= 1.8 * WIDTH
    assert not any(900 <= one.top <= 1500 for one in found)


def test_lines_of_print_are_not_cut() -> None:
    picture = _picture(_long(20))
    for one in strips(picture)[1:]:
        assert picture[one.top, 10:-10].min() > 250


def test_a_table_that_fills_pages_is_cut_along_rules_which_both_pages_have() -> None:
    picture = _picture(_long(100))
    found = strips(picture)
    inside = [(one, following) for one, following in pairwise(found) if 900 < following.top < 3900]
    assert inside
    for one, following in inside:
        assert picture[one.bottom - 8 : one.bottom, 40:180].max(axis=1).min() < 100
        assert picture[following.top : following.top + 8, 40:180].max(axis=1).min() < 100


def test_a_tall_photograph_is_left_whole() -> None:
    noise = np.random.default_rng(0).integers(0, 255, (1400, WIDTH, 3)).astype(np.uint8)
    assert strips(noise) == ((0, 1400),)


def test_pages_of_a_long_picture_draw_its_parts() -> None:
    image = _long(20)
    out = io.BytesIO()
    image.save(out, "PNG")
    pages = read_picture(out.getvalue(), Limits())
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert len(pages) > 1
    parts = [page.render() for page in pages if page.render is not None]
    assert [part.shape[0] for part in parts] == [page.height for page in pages]
    assert (np.concatenate(parts) == _picture(image)).all()


def _pdf(*pictures: Image.Image) -> bytes:
    out = io.BytesIO()
    pen = canvas.Canvas(out)
    for picture in pictures:
        size = (picture.width / 2, picture.height / 2)
        pen.setPageSize(size)
        pen.drawImage(ImageReader(picture), 0, 0, *size)
        pen.showPage()
    pen.save()
    return out.getvalue()


def test_long_page_of_a_pdf_becomes_pages() -> None:
    usual = _long(10).crop((0, 0, WIDTH, 850))
    pages = read_pdf(_pdf(usual, _long(20), usual), Limits())
    assert [page.number for page in pages] == list(range(1, len(pages) + 1))
    assert len(pages) > 3
    assert all(page.scanned and page.height <= 1.8 * page.width for page in pages)
    for page in pages:
        assert page.render is not None
        height, width = page.render().shape[:2]
        assert abs(height / width - page.height / page.width) < 0.01
    assert abs(sum(page.height for page in pages) - (850 + 2100 + 850) / 2) < 2
    with pytest.raises(LimitExceeded, match="pages"):
        read_pdf(_pdf(usual, _long(20)), Limits(pages=2))


def test_negative_page_of_a_pdf_is_turned() -> None:
    (page,) = read_pdf(_pdf(ImageOps.invert(_long(20).crop((0, 890, WIDTH, 1510)))), Limits())
    assert page.render is not None
    assert np.median(page.render()) > 200


def test_print_that_is_light_on_dark_is_turned() -> None:
    page = _picture(_long(20).crop((0, 880, WIDTH, 1600)))
    for dark in (np.uint8(0), np.uint8(40)):
        assert (positive(np.maximum(255 - page, dark)) > 200).mean() > 0.7
    assert positive(page) is page


def test_a_sheet_on_a_dark_desk_and_a_black_page_are_no_negatives() -> None:
    desk = np.full((900, 700, 3), 30, np.uint8)
    desk[200:600, 200:500] = 240
    assert positive(desk) is desk
    black = np.full((900, 700, 3), 20, np.uint8)
    black[100, 100] = 255
    assert positive(black) is black
