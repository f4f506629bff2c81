from __future__ import annotations

from dataclasses import replace

import numpy as np

from models.text import Glyph, Line
from service.scan.print.ink import Blot
from service.scan.print.lines import Frame, InkLine
from service.scan.print.snips import Snip
from service.scan.reading.tokens import tokens_of

SHAPE = (100, 400)


def _snip(*inked: tuple[int, int]) -> Snip:
    """A line as the detector sees it, 30 pixels high and 400 wide, with ink in these columns."""
    picture = np.full((30, 400), 255, np.uint8)
    for x0, x1 in inked:
        picture[5:25, x0:x1] = 0
    return Snip(picture, 0, 40, Frame(0, 40, 400, 70))


def _line(**glyphs: float) -> Line:
    return Line(tuple(Glyph(text, x, 0.99) for text, x in glyphs.items()))


def _sides(snip: Snip, line: Line) -> list[tuple[str, int, int]]:
    tokens = tokens_of(snip, line, SHAPE, "reader")
    return [(t.text, round(t.box.x0 * SHAPE[1]), round(t.box.x1 * SHAPE[1])) for t in tokens]


def test_a_number_behind_words_begins_at_its_ink() -> None:
    snip = _snip((2, 26), (32, 56), (68, 82))
    assert _sides(snip, _line(申=14, 请=44, **{"0": 72}))[1:] == [("请", 29, 56), ("0", 68, 93)]


def test_cells_that_the_detector_ran_together_end_at_their_ink() -> None:
    snip = _snip((2, 26), (32, 56), (92, 116), (122, 146))
    assert _sides(snip, _line(结=14, 果=44, 总=104, 计=134))[1:3] == [("果", 29, 56), ("总", 92, 119)]


def test_words_that_stand_close_part_half_way() -> None:
    snip = _snip((2, 26), (40, 64), (70, 84), (90, 114))
    found = _sides(snip, _line(公=14, 开=52, **{"5": 77, "件": 102}))
    assert [x0 for _, x0, _ in found] == [0, 33, 64, 90]


def test_a_number_behind_a_label_in_one_cell_begins_at_its_ink() -> None:
    snip = _snip((2, 26), (32, 56), (68, 82))
    cell = replace(snip, line=InkLine((Blot(1, 2, 45, 82, 65, 900),)))
    assert _sides(cell, _line(申=14, 请=44, **{"0": 72}))[1][2] == 56
    assert _sides(cell, _line(申=14, 请=44, 人=72))[1][2] == 58


def test_a_line_is_as_high_as_its_ink() -> None:
    (token,) = tokens_of(_snip((10, 24)), _line(**{"0": 17}), SHAPE, "reader")
    assert [round(y * SHAPE[0]) for y in (token.box.y0, token.box.y1)] == [45, 65]
    dash = np.full((30, 400), 255, np.uint8)
    dash[14:17, 10:24] = 0
    (token,) = tokens_of(Snip(dash, 0, 40, Frame(0, 40, 400, 70)), _line(**{"-": 17}), SHAPE, "reader")
    assert [round(y * SHAPE[0]) for y in (token.box.y0, token.box.y1)] == [40, 70]


def test_digits_of_two_columns_are_two_numbers() -> None:
    assert [text for text, *_ in _sides(_snip((10, 24), (50, 64)), _line(**{"0": 17, "1": 57}))] == ["0", "1"]
    assert [text for text, *_ in _sides(_snip((10, 24), (28, 42)), _line(**{"0": 17, "1": 35}))] == ["01"]
