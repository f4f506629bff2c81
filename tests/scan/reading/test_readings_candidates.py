from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from models.digits import FOREIGN, NOTHING
from models.text import Glyph, Line
from service.documents.model import Box, Token
from service.scan.print.lines import Frame
from service.scan.print.snips import Snip
from service.scan.reading.candidates import as_number, cell_candidates, surely_text, token_candidates
from tests.drawn import readers

PAPER = np.full((40, 60), 255, np.uint8)


def _glyphs(text: str, confidence: float, seconds: Sequence[tuple[str, float]] = ()) -> tuple[Glyph, ...]:
    return tuple(
        Glyph(character, 10.0 * i, confidence, seconds[i] if i < len(seconds) else ("", 0.0))
        for i, character in enumerate(text)
    )


def _candidates(*lines: Line) -> dict[str, float]:
    prints = [(Snip(PAPER, 0, 20 * i, Frame(5, 20 * i, 30, 20 * i + 18)), line) for i, line in enumerate(lines)]
    found = cell_candidates(prints).candidates
    assert [p for _, p in found] == sorted((p for _, p in found), reverse=True)
    assert sum(p for _, p in found) <= 1 + 1e-9
    return dict(found)


def test_cell_without_print_holds_nothing() -> None:
    assert _candidates() == {NOTHING: 1.0}


def test_number_read_twice_the_same_counts_by_the_surer_reading() -> None:
    assert _candidates(Line(_glyphs("27", 0.8), _glyphs("27", 0.99))) == {"27": 0.99}


def test_next_probable_characters_make_other_numbers() -> None:
    read = _candidates(Line(_glyphs("17", 0.6), _glyphs("17", 0.6, [("4", 0.3), ("", 0.06)])))
    assert list(read) == ["17", "47", "1"]
    assert read["47"] == pytest.approx(0.3)
    assert read["1"] == pytest.approx(0.06)


def test_look_alike_of_a_number_is_the_number_and_chinese_is_foreign() -> None:
    assert _candidates(Line(_glyphs("O", 0.9), _glyphs("0", 0.98))) == {"0": 0.98}
    read = _candidates(Line(_glyphs("口", 0.9), _glyphs("0", 0.8)))
    assert list(read) == [FOREIGN, "0"]
    assert read[FOREIGN] == 0.9
    assert read["0"] == pytest.approx(0.1)


def test_strokes_in_a_row_are_foreign() -> None:
    read = _candidates(Line(_glyphs("一一", 0.7), _glyphs("--", 0.5)))
    assert read[FOREIGN] == 0.7


def test_number_over_two_lines_is_one() -> None:
    read = _candidates(Line(_glyphs("123", 0.9), _glyphs("123", 0.9)), Line(_glyphs("45", 0.9), _glyphs("45", 0.9)))
    assert next(iter(read)) == "12345"
    assert read["12345"] == pytest.approx(0.81)
    assert {"123", "45"} < set(read)


def test_numbers_are_spelt_as_the_numeric_reader_spells_them() -> None:
    assert [as_number(text) for text in ("—", "／", "1，234", "12 笔", "５.０", "-18")] == [
        *("-", "/", "1,234", "12笔", "5.0", "-18")
    ]
    assert [as_number(text) for text in ("O", "1-2", "", "笔", "一件", "3°")] == [""] * 6


def test_text_is_sure_by_several_characters_or_one_sure_one() -> None:
    assert surely_text([Line(_glyphs("申请", 0.6))], 0.5, 0.93)
    assert not surely_text([Line(_glyphs("申请", 0.4))], 0.5, 0.93)
    assert not surely_text([Line(_glyphs("口", 0.9))], 0.5, 0.93)
    assert surely_text([Line(_glyphs("无", 0.95))], 0.5, 0.93)
    assert not surely_text([Line(_glyphs("12件", 0.99))], 0.5, 0.93)


def test_free_number_counts_as_its_token_and_unread_ink_is_half_nothing() -> None:
    line = Line(_glyphs("7", 0.9), _glyphs("7", 0.9))
    assert token_candidates(Token("7", Box(0, 0, 1, 1), 0.9), line).candidates == (("7", 0.9),)
    assert token_candidates(Token("", Box(0, 0, 1, 1), 0.0), Line()).candidates == ((NOTHING, 0.5),)


def test_recogniser_names_the_next_probable_digit() -> None:
    crop = np.full((48, 60, 3), 255, np.uint8)
    crop[8:40, 27:31] = 40
    (line,) = readers().recogniser.read([crop])
    assert all(glyph.second[1] <= glyph.confidence for glyph in line.number)
    assert any(glyph.second[1] > 0 for glyph in line.number)
    assert all(glyph.second == ("", 0.0) for glyph in line.glyphs)


def test_stroke_counts_by_its_shape_and_more_where_it_was_read_so() -> None:
    snip = Snip(PAPER, 0, 0, Frame(5, 0, 30, 18), mark=("—", 0.8))
    agreed = cell_candidates([(snip, Line(_glyphs("一", 0.9), _glyphs("-", 0.99)))])
    assert agreed.candidates == (("-", 0.9),)
    assert agreed.agreed
    disputed = cell_candidates([(snip, Line(_glyphs("1", 0.9), _glyphs("1", 0.9)))])
    assert [text for text, _ in disputed.candidates] == ["-", "1"]
    assert disputed.candidates[1][1] == pytest.approx(0.2)
    assert not disputed.agreed


def test_a_minus_that_is_seen_counts_where_the_recogniser_overlooks_it() -> None:
    snip = Snip(PAPER, 0, 0, Frame(5, 0, 30, 18), minus=True)
    found = cell_candidates([(snip, Line(_glyphs("3", 0.999), _glyphs("3", 0.999)))])
    assert found.minus
    assert dict(found.candidates)["3"] < 0.7
    assert dict(found.candidates)["-3"] > 0.3
