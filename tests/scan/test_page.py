from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import cv2
import numpy as np
import pytest

from models.digits import NumericReading
from models.pooling import PoolContext
from models.text import RECOGNISER
from service.documents.model import Box, Page, Picture, Token
from service.scan import is_worn, read_again, read_otherwise, read_page
from service.scan.page import are_stacked
from service.scan.picture.geometry import apply, from_row, scaling
from service.scan.picture.upright import quarter_turns
from service.scan.reading.readings import CellReadings
from tests.drawn import COLUMNS, HEIGHT, ROWS, WIDTH, cell_box, cell_middle, readers, table_page, turned, write

TEXTS = {
    **{(row, 0): str(1000 + 37 * row) for row in range(ROWS)},
    **{(row, column): "0" for row in range(1, ROWS) for column in range(1, COLUMNS)},
    (0, 1): "25", (0, 2): "7", (0, 3): "11", (0, 4): "408",
    (2, 2): "-", (3, 2): "-", (4, 3): "/", (5, 3): "1", (6, 4): "9",
}  # fmt: skip
BLANK = ((6, 1), (6, 2), (7, 3))
for place in BLANK:
    del TEXTS[place]


def _page(picture: Picture) -> Page:
    return Page(1, picture.shape[1], picture.shape[0], render=lambda: picture, scanned=True)


def _by_cell(page: Page, drawn_to_source: np.ndarray) -> dict[tuple[int, int], list[Token]]:
    """Tokens by the cell of the drawn page in which their middle lies, through `to_source` and back to the drawing."""
    back = np.linalg.inv(drawn_to_source) @ scaling(WIDTH, HEIGHT) @ from_row(page.to_source)
    cells = defaultdict(list)
    for token in page.tokens:
        middle = np.array([[(token.box.x0 + token.box.x1) / 2, (token.box.y0 + token.box.y1) / 2]])
        ((x, y),) = apply(back, middle) / [WIDTH, HEIGHT]
        for row in range(ROWS):
            for column in range(COLUMNS):
                box = cell_box(row, column)
                if box.x0 <= x < box.x1 and box.y0 <= y < box.y1:
                    cells[row, column].append(token)
    return cells


@pytest.mark.parametrize("degrees", [0.0, 1.4, -2.3])
def test_every_cell_is_read_in_its_place(degrees: float) -> None:
    picture, matrix = turned(table_page(TEXTS), degrees)
    cells = _by_cell(read_page(_page(picture), readers()), matrix)
    read = {cell: "".join(token.text for token in tokens).replace("—", "-") for cell, tokens in cells.items()}
    assert {cell: text for cell, text in read.items() if text} == TEXTS
    assert all([token.text for token in cells[cell]] == [""] for cell in BLANK)
    assert all(token.confidence > 0.99 for cell in BLANK for token in cells[cell])


def test_seal_shade_and_specks_neither_add_nor_take_numbers() -> None:
    drawn = table_page(TEXTS)
    x, y = 150 + 190 + 20, 300 + 6 * 80 + 15
    cv2.circle(drawn, (x, y), 2, (0, 0, 0), -1)  # a speck in the corner of a blank cell
    seal = drawn.copy()
    cv2.circle(seal, (720, 560), 160, (40, 30, 215), 8)
    drawn = np.minimum(drawn, seal)
    shade = np.linspace(1.0, 0.7, WIDTH)[None, :, None]
    picture, matrix = turned((drawn * shade).astype(np.uint8), 0.8)
    cells = _by_cell(read_page(_page(picture), readers()), matrix)
    read = {cell: "".join(token.text for token in tokens).replace("—", "-") for cell, tokens in cells.items()}
    wrong = {cell: read.get(cell) for cell in TEXTS if read.get(cell) != TEXTS[cell]}
    assert not wrong
    assert all(not token.text and token.confidence >= 0.8 for cell in BLANK for token in cells[cell])
    assert cells[6, 1]


def test_title_above_the_table_is_read_as_words() -> None:
    page = read_page(_page(table_page(TEXTS)), readers())
    assert "2024" in [token.text for token in page.tokens]
    words = [token for token in page.tokens if token.text.isalpha()]
    assert words
    assert all(token.reader == RECOGNISER for token in words)


def test_numbers_of_a_clean_page_are_read_by_both_readers() -> None:
    picture = table_page(TEXTS)
    cells = _by_cell(read_page(_page(picture), readers()), np.eye(3))
    read = {cell: "".join(token.text for token in tokens).replace("—", "-") for cell, tokens in cells.items()}
    assert {cell: text for cell, text in read.items() if text} == TEXTS
    both = [token for cell in TEXTS for token in cells[cell] if "+" in token.reader]
    assert len(both) > 0.9 * len(TEXTS)


def test_a_table_without_rules_is_read_cell_by_cell() -> None:
    drawn = np.full_like(table_page({}), 255)
    for row in range(ROWS):
        write(drawn, "request", 240, cell_middle(row, 0)[1])
        for column in range(1, COLUMNS):
            if (row, column) not in BLANK:
                write(drawn, TEXTS[row, column].replace("/", "0").replace("-", "0"), *cell_middle(row, column), 0.8)
    page = read_page(_page(drawn), readers())
    cells = _by_cell(page, np.eye(3))
    read = {cell: [(token.text, token.reader) for token in cells[cell]] for cell in cells if cell[1]}
    assert not page.rules
    assert {cell: held[0][0] for cell, held in read.items() if held[0][0]} == {
        cell: text.replace("/", "0").replace("-", "0") for cell, text in TEXTS.items() if cell[1]
    }
    assert all([token.text for token in cells[cell]] == [""] for cell in BLANK)
    assert all(token.confidence > 0.9 for cell in BLANK for token in cells[cell])


def test_page_keeps_its_number_and_draws_itself_straight() -> None:
    picture, _ = turned(table_page(TEXTS), 2.0)
    read = read_page(Page(7, 595, 842, render=lambda: picture, scanned=True), readers())
    assert read.number == 7
    assert read.rules
    assert read.render is not None
    straight = read.render()
    assert straight.shape[:2] == (read.height, read.width)
    across = [rule for rule in read.rules if rule.horizontal]
    assert max(abs(rule.y1 - rule.y0) for rule in across) < 0.002


def test_page_without_picture_comes_back_as_it_was() -> None:
    page = Page(3, 595, 842)
    assert read_page(page, readers()) is page


def test_white_page_has_no_tokens() -> None:
    blank = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    assert read_page(_page(blank), readers()).tokens == ()


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_page_is_put_upright(turns: int) -> None:
    drawn = table_page(TEXTS)
    for y in range(1050, 1600, 60):
        write(drawn, "All requests were answered within the time set", 620, y, 1.1)
    assert quarter_turns(np.ascontiguousarray(np.rot90(drawn, -turns)), readers()) == turns


def test_a_worn_page_with_rules_is_read_again_smaller_and_its_numbers_stand_where_they_are_printed() -> None:
    page = _page(table_page(TEXTS))
    sure = replace(read_page(page, readers()), other_rules=())
    assert list(read_otherwise(page, sure, readers())) == []
    unsure = [replace(token, confidence=0.8) for token in sure.tokens[::10]]
    known = replace(sure, tokens=(*sure.tokens, *unsure))
    (smaller,) = read_otherwise(page, known, readers())
    assert smaller.width == pytest.approx(0.95 * known.width, abs=1)
    cells = _by_cell(smaller, np.eye(3))
    read = {cell: "".join(token.text for token in tokens).replace("—", "-") for cell, tokens in cells.items()}
    assert {cell: text for cell, text in read.items() if text} == TEXTS
    assert smaller.render is not None
    assert smaller.render().shape[:2] == (smaller.height, smaller.width)


def test_a_worn_page_is_read_smaller_with_each_choice_of_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    page = _page(table_page(TEXTS))
    read = read_page(page, readers())
    unsure = [replace(token, confidence=0.8) for token in read.tokens]
    known = replace(read, tokens=tuple(unsure), other_rules=())
    choices = (read.rules, ())
    monkeypatch.setattr("service.scan.page.find_rulings", lambda gray, boxes: choices)
    assert tuple(one.rules for one in read_otherwise(page, known, readers())) == choices


def test_a_page_is_read_again_larger_and_its_numbers_stand_where_they_are_printed() -> None:
    page = _page(table_page(TEXTS))
    known = read_page(page, readers())
    larger = read_again(page, known, readers())
    assert larger.width == pytest.approx(1.06 * known.width, abs=1)
    cells = _by_cell(larger, np.eye(3))
    read = {cell: "".join(token.text for token in tokens).replace("—", "-") for cell, tokens in cells.items()}
    assert {cell: text for cell, text in read.items() if text} == TEXTS
    without = replace(known, rules=())
    assert read_again(page, without, readers()) is without


@pytest.mark.parametrize(("unsure", "worn"), [(4, False), (6, True)])
def test_a_page_is_worn_where_more_than_a_twentieth_of_what_stands_on_it_is_not_sure(unsure: int, worn: bool) -> None:
    sure = [0.8] * unsure + [0.95] * (100 - unsure)
    tokens = [Token("3", Box(0, 0, 1, 1), one) for one in sure] + [Token("", Box(0, 0, 1, 1), 0.1)] * 50
    assert is_worn(Page(1, 1.0, 1.0, tokens=tuple(tokens))) is worn


def test_a_page_whose_rules_leave_no_choice_is_not_looked_at_again():
    def render():
        raise AssertionError("drawn again")

    page = Page(1, 100.0, 100.0, render=render, scanned=True)
    assert list(read_otherwise(page, page, readers())) == []
    with pytest.raises(AssertionError):
        list(read_otherwise(page, replace(page, other_rules=((),)), readers()))


def _cell(*texts: str, step: float = 0.02, width: float = 0.008) -> CellReadings:
    """A cell a tenth of the page wide with these texts below each other, each a hundredth of the page high."""
    tokens = tuple(
        Token(text, Box(0.54, 0.5 + step * i, 0.54 + width, 0.51 + step * i), 0.9, "ocr")
        for i, text in enumerate(texts)
    )
    context = PoolContext(
        20.0, 0.98, 0.0, 1.0, 1.0, len(texts), covered=False, expected=True, agreed=False, framed=True
    )
    box = Box(0.5, 0.49, 0.6, 0.6)
    return CellReadings(box, box, tokens, (), NumericReading(()), context)


@pytest.mark.parametrize(
    ("cell", "stacked"),
    [
        (_cell("2", "/", "/"), True),
        (_cell("2"), False),
        (_cell("2", "予"), False),
        (_cell("12345", "67", step=0.013, width=0.09), False),  # wrapped: without a gap, and as wide as the cell
        (_cell("12345", "67", width=0.09), False),
        (_cell("2", "4", step=0.013), False),
    ],
)
def test_numbers_below_each_other_in_a_cell_are_those_of_several_rows_unless_one_is_wrapped(cell, stacked):
    assert are_stacked(cell, (2000.0, 1400.0)) == stacked


def test_what_is_flat_among_them_may_be_left_of_a_rule():
    cell = _cell("2", "-")
    flat = replace(cell.tokens[1], box=Box(0.54, 0.525, 0.548, 0.527))
    assert not are_stacked(replace(cell, tokens=(cell.tokens[0], flat)), (2000.0, 1400.0))
