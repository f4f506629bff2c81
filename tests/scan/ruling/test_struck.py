from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.text import TextBox
from service.documents.model import Rule
from service.scan.ruling.struck import parted_by_text, without_struck

SHAPE = (1000, 800)
PROSE = [TextBox(80, y, 720, y + 30, 1.0) for y in (100, 150, 200)]
FRAME = [Rule(0.1, 0.3, 0.9, 0.3), Rule(0.1, 0.5, 0.9, 0.5), Rule(0.1, 0.3, 0.1, 0.5), Rule(0.9, 0.3, 0.9, 0.5)]


def test_lines_through_prose_go_and_all_that_stands_on_them() -> None:
    through = [Rule(0.15, 0.115, 0.8, 0.115), Rule(0.15, 0.166, 0.8, 0.166)]
    between = [Rule(0.3, 0.115, 0.3, 0.166), Rule(0.3, 0.14, 0.4, 0.14)]
    assert without_struck([*through, *FRAME, *between], PROSE, SHAPE) == tuple(FRAME)


def test_lines_between_lines_of_text_stay() -> None:
    rules = [Rule(0.1, 0.14, 0.9, 0.14), Rule(0.1, 0.19, 0.9, 0.19), *FRAME]
    inside = [TextBox(100, 360, 300, 380, 1.0), TextBox(96, 305, 118, 495, 1.0)]
    assert without_struck(rules, [*PROSE, *inside], SHAPE) == tuple(rules)


def test_a_table_outlives_one_line_of_text_across_its_rule() -> None:
    rules = [*FRAME, Rule(0.1, 0.4, 0.2, 0.4)]
    tall = TextBox(85, 320, 155, 480, 1.0)
    wide = TextBox(85, 385, 185, 415, 1.0)
    assert without_struck(rules, [tall], SHAPE) == tuple(rules)
    assert without_struck(rules, [wide], SHAPE) == tuple(FRAME)


HEADING = TextBox(150, 600, 650, 630, 1.0)
DOWN = [Rule(x / 800, 0.3, x / 800, 0.9) for x in (200, 300, 400, 500, 600)]
ACROSS = [Rule(0.1, y, 0.9, y) for y in (0.3, 0.57, 0.7, 0.9)]


def _printed(strokes: Sequence[int]) -> NDArray[np.uint8]:
    """A page with the heading's strokes across these places, 40 pixels long."""
    gray = np.full(SHAPE, 255, np.uint8)
    for x in strokes:
        gray[614:617, x - 20 : x + 20] = 0
    return gray


def test_lines_down_through_the_heading_between_two_tables_end_above_and_below_it() -> None:
    parted = parted_by_text([*ACROSS, *DOWN], [HEADING], _printed((200, 300, 400, 600)))
    assert [rule for rule in parted if rule.horizontal] == ACROSS
    down = sorted((rule.x0, rule.y0, rule.y1) for rule in parted if not rule.horizontal)
    assert down == [(x, *ends) for x in (0.25, 0.375, 0.5, 0.625, 0.75) for ends in ((0.3, 0.57), (0.63, 0.9))]


def test_lines_down_between_texts_that_the_detector_saw_as_one_stay() -> None:
    gray = _printed((250, 350, 450, 550))
    assert parted_by_text([*ACROSS, *DOWN], [HEADING], gray) == (*ACROSS, *DOWN)


def test_a_line_or_two_through_a_text_may_be_a_seal_on_it_and_stay() -> None:
    gray = _printed((200, 300, 400))
    assert parted_by_text([*ACROSS, *DOWN[:3]], [HEADING], gray) == (*ACROSS, *DOWN[:3])


def test_a_border_beside_such_a_heading_ends_there_too_unless_it_is_drawn() -> None:
    border, gray = Rule(0.1, 0.3, 0.1, 0.9), _printed((200, 300, 400, 600))
    assert border not in parted_by_text([*ACROSS, *DOWN, border], [HEADING], gray)
    gray[300:900, 79:82] = 0
    assert border in parted_by_text([*ACROSS, *DOWN, border], [HEADING], gray)
