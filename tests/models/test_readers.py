from __future__ import annotations

from types import SimpleNamespace

import cv2
import layoutparser as lp
import numpy as np
import pytest

import models.engine
from models.text import Line, Remembering, TextRecogniser, _batches
from service.documents.model import Picture
from tests.drawn import cell_middle, readers, table_page, write

TEXTS = {(row, column): str(10 * row + column) for row in range(8) for column in range(5)}


def _crop(text: str, width: int) -> Picture:
    crop = np.full((48, width, 3), 255, np.uint8)
    write(crop, text, width // 2, 24)
    return crop


def test_recogniser_keeps_the_order_of_crops_of_all_widths() -> None:
    texts = ["7", "20708", "0", "1234567890", "42"]
    crops = [_crop(text, 30 + 22 * len(text)) for text in texts]
    assert [line.text for line in readers().recogniser.read(crops)] == texts


def test_recogniser_places_every_character() -> None:
    crop = np.full((48, 400, 3), 255, np.uint8)
    for x, digit in ((50, "3"), (200, "8"), (340, "5")):
        write(crop, digit, x, 24)
    (line,) = readers().recogniser.read([crop])
    digits = [glyph for glyph in line.glyphs if glyph.text.isdigit()]
    assert [glyph.text for glyph in digits] == ["3", "8", "5"]
    assert [glyph.x for glyph in digits] == pytest.approx([50, 200, 340], abs=14)
    assert all(glyph.confidence > 0.8 for glyph in digits)


def test_recogniser_reads_nothing_in_paper_or_in_no_crop() -> None:
    blank = np.full((48, 60, 3), 255, np.uint8)
    empty = np.zeros((0, 10, 3), np.uint8)
    lines = readers().recogniser.read([blank, empty])
    assert lines[1] == Line()
    assert lines[0].text == ""
    assert lines[0].confidence == 0
    assert readers().recogniser.read([]) == ()


def test_recogniser_reads_the_same_without_openvino(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models.engine, "openvino_installed", lambda: False)
    crops = [_crop("2070", 120), _crop("9", 50)]
    assert [line.text for line in TextRecogniser(2).read(crops)] == ["2070", "9"]


def test_recogniser_reads_a_crop_the_same_whatever_is_read_with_it() -> None:
    crops = [_crop(text, 120) for text in ("3171", "8062", "455", "90", "1286")]
    together = TextRecogniser(2).read(crops)
    assert together == tuple(TextRecogniser(2).read([crop])[0] for crop in crops)


def test_crops_of_the_same_pixels_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    recogniser = Remembering(readers().recogniser)
    crops = [_crop("3170", 120), _crop("64", 90), _crop("3170", 120)]
    first = recogniser.read(crops)
    assert [line.text for line in first] == ["3170", "64", "3170"]
    asked: list[Picture] = []

    def read(fresh: list[Picture]) -> tuple[Line, ...]:
        asked.extend(fresh)
        return (Line(),) * len(fresh)

    monkeypatch.setattr(recogniser, "_recogniser", SimpleNamespace(read=read))
    assert recogniser.read(crops) == first
    assert not asked
    changed = crops[0].copy()
    changed[0, 0] -= 1
    assert recogniser.read([crops[1], changed, crops[0].reshape(96, 60, 3)]) == (first[1], Line(), Line())
    assert [crop.shape for crop in asked] == [(48, 120, 3), (96, 60, 3)]


def test_narrow_crops_make_narrow_batches() -> None:
    crops = [np.zeros((48, width, 3), np.uint8) for width in (20, 60, 300, 30)]
    assert _batches(crops) == [(64, [0, 1]), (64, [3]), (320, [2])]


def test_recogniser_meets_few_shapes_whatever_the_pages_hold() -> None:
    crops = [np.zeros((48, width, 3), np.uint8) for width in range(10, 3300, 30)]
    pages = [[crop] * count for crop in crops for count in range(1, 60)]
    shapes = {(bucket, len(members)) for page in pages for bucket, members in _batches(page)}
    assert 20 < len({bucket for bucket, _ in shapes}) < len(shapes) < 70


@pytest.mark.parametrize(("count", "most"), [(0, 8), (1, 1), (5, 1), (13, 32), (64, 21), (100, 64)])
def test_batches_hold_everything_once_and_in_order(count: int, most: int) -> None:
    parts = [range(count)[part] for part in models.engine.batches(count, most)]
    assert [i for part in parts for i in part] == list(range(count))
    assert all(len(part) <= most and len(part).bit_count() == 1 for part in parts)


def test_detector_finds_each_number() -> None:
    boxes = readers().detector.detect(table_page({(2, 1): "36", (5, 3): "1408"}))
    for cell in ((2, 1), (5, 3)):
        x, y = cell_middle(*cell)
        assert any(box.x0 < x < box.x1 and box.y0 < y < box.y1 and box.x1 - box.x0 < 190 for box in boxes)


def test_layout_is_a_layoutparser_layout_with_the_table() -> None:
    layout = readers().layout.detect(table_page(TEXTS))
    assert isinstance(layout, lp.Layout)
    tables = [block for block in layout if block.type == "table"]
    assert tables
    x0, y0, x1, y1 = tables[0].coordinates
    assert (x0, x1) == pytest.approx((150, 1100), abs=60)
    assert (y0, y1) == pytest.approx((300, 940), abs=60)


def test_layout_of_a_grey_page_is_that_of_its_three_channels() -> None:
    grey = np.ascontiguousarray(table_page(TEXTS)[..., 0])
    found, expected = (readers().layout.detect(page) for page in (grey, cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)))
    assert [(block.type, block.score, block.coordinates) for block in found] == [
        (block.type, block.score, block.coordinates) for block in expected
    ]


def test_layout_of_paper_is_empty() -> None:
    assert list(readers().layout.detect(np.full((800, 608, 3), 255, np.uint8))) == []


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_orientation_counts_clockwise(turns: int) -> None:
    page = table_page(TEXTS)
    for y in range(1000, 1600, 60):
        write(page, "This report was written for the year 2024", 600, y, 1.1)
    clockwise = np.ascontiguousarray(np.rot90(page, -turns))
    probabilities = readers().orientation.probabilities(cv2.GaussianBlur(clockwise, (0, 0), 0.7))
    assert max(probabilities, key=lambda degrees: probabilities[degrees]) == 90 * turns
