"""How sure the text of a cell is that is read in several places."""

from dataclasses import replace

import pytest

from service.documents.model import Alternative, Box, Token
from service.tables.text import alternatives, confidence, reader, worn

NUMBER = Token("5", Box(0.1, 0, 0.2, 1), 0.99, "both", (Alternative("6", 0.01, "one"),))


def empty(sure: float) -> Token:
    return Token("", Box(0.3, 0, 0.4, 1), sure, "other")


def test_clearly_empty_places_of_a_merged_cell_say_nothing_beside_its_number():
    tokens = [empty(0.97), NUMBER, empty(0.98)]
    assert confidence(tokens) == 0.99
    assert reader(tokens) == "both"
    assert alternatives(tokens) == NUMBER.alternatives


def test_ink_that_may_be_nothing_counts_beside_a_number():
    tokens = [empty(0.6), NUMBER]
    assert confidence(tokens) == pytest.approx(0.6 * 0.99)
    assert reader(tokens) == "other"
    assert alternatives(tokens) == ()


def test_an_empty_cell_is_as_sure_as_all_its_places():
    assert confidence([empty(0.97), empty(0.98)]) == pytest.approx(0.97 * 0.98)


def test_two_numbers_are_right_only_if_both_are():
    assert confidence([NUMBER, NUMBER]) == pytest.approx(0.99**2)
    assert alternatives([NUMBER, NUMBER]) == ()


def test_a_remark_in_brackets_says_nothing_of_the_number_before_it():
    remark = [Token(text, Box(0.3 + 0.1 * i, 0, 0.4 + 0.1 * i, 1), 0.5, "other") for i, text in enumerate("（其中3）")]
    assert confidence([*remark, NUMBER]) == 0.99
    assert alternatives([*remark, NUMBER]) == NUMBER.alternatives
    unit = Token("件", Box(0.21, 0, 0.29, 1), 0.9, "other")
    assert confidence([NUMBER, unit, *remark]) == pytest.approx(0.9 * 0.99)
    assert confidence(remark) == pytest.approx(0.5**5)
    word = Token("共", Box(0.0, 0, 0.05, 1), 0.9, "other")
    assert confidence([word, *remark]) == pytest.approx(0.9 * 0.5**5)


def test_a_text_is_worn_where_a_token_that_tells_of_it_is():
    faded = replace(NUMBER, worn=True)
    assert worn([NUMBER, faded])
    assert not worn([NUMBER])
    assert not worn([NUMBER, replace(faded, text="", confidence=1.0)])
