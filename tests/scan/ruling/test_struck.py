from __future__ import annotations

from models.text import TextBox
from service.documents.model import Rule
from service.scan.ruling.struck import without_struck

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
