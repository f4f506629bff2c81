"""How a page shows nothing, and what that makes of a cell in doubt."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.digits import FOREIGN, NOTHING, NumericReading
from models.pooling import Candidate, PoolContext
from service.documents.model import Box
from service.scan.reading.pooled import pooled_tokens
from service.scan.reading.readings import CellReadings, of_one_page
from service.scan.reading.usual import as_usual, usual_nothing

DOUBTED = NumericReading((("/", 0.6), ("0", 0.3)))
CANDIDATES: tuple[Candidate, ...] = (("/", 0.6), ("0", 0.3), ("7", 0.05))
PLACE = Box(0.4, 0.4, 0.6, 0.6)
CONTEXT = PoolContext(20, 0.97, 0, 0.1, 0.1, 1, False, True, True, True)


def _page(text: str, count: int) -> list[NumericReading]:
    return [NumericReading(((text, 0.92),))] * count


def _cell(numeric: NumericReading) -> CellReadings:
    return CellReadings(PLACE, PLACE, (), (("/", 0.6),), numeric, CONTEXT)


def test_only_what_surely_shows_nothing_tells_of_its_page() -> None:
    readings = [*_page("0", 2), *_page("12", 3), *_page(FOREIGN, 1), *_page(NOTHING, 1), DOUBTED, NumericReading(())]
    assert usual_nothing(readings) == {"0": 2, NOTHING: 1}


def test_what_is_left_of_a_zero_is_one_where_all_others_are() -> None:
    zeros = as_usual(CANDIDATES, DOUBTED, {"0": 40})
    assert zeros[0][0] == "0"
    assert 0.6 < zeros[0][1] <= 0.9
    slashes = as_usual(CANDIDATES, DOUBTED, {"/": 40})
    assert slashes[0] == ("/", 0.9)
    assert sum(p for _, p in slashes) <= 1


def test_a_page_of_which_nothing_is_known_changes_nothing() -> None:
    assert as_usual(CANDIDATES, DOUBTED, {}) == CANDIDATES
    itself = NumericReading((("/", 0.95),))
    assert as_usual(CANDIDATES, itself, {"/": 1}) == CANDIDATES


def test_a_page_makes_nothing_surer_than_it_was_but_what_is_in_doubt() -> None:
    sure = (("0", 0.97), ("6", 0.02))
    assert as_usual(sure, NumericReading((("0", 0.97),)), {"0": 100})[0] == ("0", 0.97)
    (first, *_) = as_usual(sure, NumericReading((("0", 0.97),)), {"0": 1, "/": 99})
    assert first[1] < 0.9


def test_a_cell_keeps_its_own_text_and_the_likelier_one_beside_it() -> None:
    (*_, cell) = of_one_page([*(_cell(one) for one in _page("0", 40)), _cell(DOUBTED)])
    (token,) = pooled_tokens(cell, lambda *_: CANDIDATES, "digits-0")
    assert (token.text, token.confidence) == ("/", 0.5)
    assert token.alternatives[0].text == "0"
    assert token.confidence < token.alternatives[0].confidence <= 0.9
    (alone,) = pooled_tokens(replace(cell, usual={}), lambda *_: CANDIDATES, "digits-0")
    assert (alone.confidence, alone.alternatives[0].confidence) == (0.6, pytest.approx(0.3))
    crisp = replace(cell, context=replace(cell.context, legibility=0.99))
    assert pooled_tokens(crisp, lambda *_: CANDIDATES, "digits-0") == (replace(alone, worn=False),)
