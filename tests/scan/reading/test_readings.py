from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from models.digits import FOREIGN, NOTHING, NumericCrop, NumericReading
from models.pooling import PoolContext, uncalibrated
from models.readers import Readers
from models.text import RECOGNISER
from service.documents.model import Box, Page, Picture, Token
from service.scan import read_page
from service.scan.page import page_readings
from service.scan.print.lines import Frame, Seams
from service.scan.print.regions import CellFrame
from service.scan.reading.crops import parts, seen_of
from service.scan.reading.pooled import pooled_tokens
from service.scan.reading.readings import CellReadings, PageReadings, leaves_empty, legibility, of_one_page
from tests.drawn import COLUMNS, ROWS, cell_box, readers, table_page
from tests.pools import plain_pool

BOTH = f"{RECOGNISER}+digits-0"
TEXTS = {
    **{(row, column): str(10 * row + column) for row in range(1, ROWS) for column in range(COLUMNS)},
    (0, 0): "AB", (3, 2): "-", (4, 3): "/",
}  # fmt: skip
EMPTY = ((2, 1), (6, 4))
for _place in EMPTY:
    del TEXTS[_place]


class _Scripted:
    """A numeric reader that gives the readings it was told, and remembers what it was shown."""

    name = "digits-0"

    def __init__(self, script: Callable[[int], Sequence[tuple[str, float]]]) -> None:
        self.script = script
        self.seen: list[NumericCrop] = []

    def read(self, crops: Sequence[NumericCrop]) -> tuple[NumericReading, ...]:
        self.seen = list(crops)
        return tuple(NumericReading(tuple(self.script(i))) for i in range(len(crops)))


def _with(digits: _Scripted) -> Readers:
    return replace(readers(), digits=digits, pool=plain_pool)  # type: ignore[arg-type]


def _page(picture: Picture) -> Page:
    return Page(1, picture.shape[1], picture.shape[0], render=lambda: picture, scanned=True)


def _drawn() -> Picture:
    picture = table_page(TEXTS)
    x, y = int(cell_box(2, 1).x0 * picture.shape[1]) + 30, int(cell_box(2, 1).y0 * picture.shape[0]) + 20
    cv2.circle(picture, (x, y), 2, (0, 0, 0), -1)
    return picture


def _place(box: Box) -> tuple[int, int] | None:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    for row in range(ROWS):
        for column in range(COLUMNS):
            cell = cell_box(row, column)
            if cell.x0 <= x < cell.x1 and cell.y0 <= y < cell.y1:
                return row, column
    return None


@cache
def _readings() -> PageReadings:
    return page_readings(_page(_drawn()), _with(_Scripted(lambda _: [(NOTHING, 1.0)])))


def _told(changes: Mapping[tuple[int, int], Sequence[tuple[str, float]]]) -> dict[tuple[int, int] | None, list[Token]]:
    """Tokens by cell, where the numeric reader knows what is printed but for some cells."""
    places = [_place(cell.box) for cell in _readings().cells]

    def script(i: int) -> Sequence[tuple[str, float]]:
        place = places[i]
        if place is None or place == (0, 0):
            return [(FOREIGN, 0.99)]
        return changes.get(place, [(TEXTS.get(place, NOTHING), 0.99)])

    tokens: dict[tuple[int, int] | None, list[Token]] = {}
    for token in read_page(_page(_drawn()), _with(_Scripted(script))).tokens:
        tokens.setdefault(_place(token.box), []).append(token)
    return tokens


def test_every_cell_is_shown_to_the_numeric_reader_with_all_its_inside() -> None:
    cells = {_place(cell.box): cell for cell in _readings().cells if cell.context.framed}
    assert set(cells) == {(row, column) for row in range(ROWS) for column in range(COLUMNS)}
    box, drawn = cells[5, 3].box, cell_box(5, 3)
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx(tuple(drawn), abs=0.005)
    first = {place: cell.ocr[0][0] for place, cell in cells.items() if place and place[0]}
    assert first == {(row, column): TEXTS.get((row, column), "") for row in range(1, ROWS) for column in range(COLUMNS)}


def test_context_tells_ink_from_print() -> None:
    cells = {_place(cell.box): cell.context for cell in _readings().cells}
    speck, empty, number = cells[2, 1], cells[6, 4], cells[7, 3]
    assert (speck.lines, speck.printed) == (0, 0)
    assert speck.ink > 0.01
    assert (empty.lines, empty.ink) == (0, 0)
    assert number.lines == 1
    assert number.printed > 0.3
    assert all(cells[row, 2].expected and not cells[row, 2].covered for row in range(1, ROWS))
    assert 15 < number.digit < 40


def test_readings_that_agree_are_one_sure_token_of_both_readers() -> None:
    tokens = _told({})
    shown = {place: text.replace("-", "—") for place, text in TEXTS.items() if place != (0, 0)}
    for place, text in shown.items():
        (token,) = tokens[place]
        assert (token.text, token.reader) == (text, BOTH)
        assert token.confidence > 0.95
    (token,) = tokens[6, 4]
    assert (token.text, token.reader) == ("", BOTH)
    assert token.confidence > 0.95


def test_readings_that_differ_are_doubtful_and_keep_each_other() -> None:
    tokens = _told({(5, 2): [("82", 0.7), ("52", 0.2)], (5, 3): [("8", 0.6), ("53", 0.01)]})
    (token,) = tokens[5, 2]
    assert token.text == "52"
    assert token.confidence < 0.999
    (other,) = tokens[5, 3]
    assert 0.01 < other.confidence < 0.95
    assert {token.text, *(a.text for a in token.alternatives)} >= {"52", "82"}
    assert {other.text, *(a.text for a in other.alternatives)} >= {"53", "8"}


def test_number_that_the_ink_does_not_show_is_read_where_the_numeric_reader_sees_it() -> None:
    (token,) = _told({(6, 4): [("0", 0.98), (NOTHING, 0.02)]})[6, 4]
    assert {token.text, *(a.text for a in token.alternatives)} == {"", "0"}
    assert token.confidence < 0.95


def test_speck_is_nothing_with_the_probability_of_it() -> None:
    (token,) = _told({})[2, 1]
    assert token.text == ""
    assert token.confidence > 0.95
    (doubtful,) = _told({(2, 1): [(NOTHING, 0.6), ("1", 0.4)]})[2, 1]
    assert doubtful.text == ""
    assert doubtful.confidence < token.confidence
    assert [a.text for a in doubtful.alternatives] == ["1"]


def test_text_keeps_the_tokens_of_the_recogniser() -> None:
    (token,) = _told({})[0, 0]
    assert (token.text, token.reader) == ("AB", RECOGNISER)


def test_nothing_is_sure_without_calibration() -> None:
    readings = [_with(_Scripted(lambda _: [("5", 1.0)])), _with(_Scripted(lambda _: [(NOTHING, 1.0)]))]
    for one in readings:
        tokens = read_page(_page(_drawn()), replace(one, pool=uncalibrated)).tokens
        assert all(token.confidence <= 0.5 for token in tokens if token.reader != RECOGNISER)
    assert uncalibrated([("5", 0.9), ("6", 0.1)], NumericReading((("6", 0.9), ("5", 0.1))), CONTEXT)[0][1] == 0.25


def test_number_in_a_cell_of_something_else_is_no_surer_than_that_it_is_one() -> None:
    (token,) = _told({(7, 0): [(FOREIGN, 0.9999)]})[7, 0]
    assert token.text == "70"
    assert token.confidence < 0.5


CONTEXT = PoolContext(20, 1, 0, 0.4, 0.4, 1, False, True, True, True)
BARE = replace(CONTEXT, ink=0.0, printed=0.0, lines=0)


@pytest.mark.parametrize("context", [BARE, CONTEXT])
def test_an_empty_cell_says_how_surely_it_is_empty(context: PoolContext) -> None:
    empty, inside = NumericReading(((NOTHING, 1.0),)), Box(0.8, 0.2, 0.99, 0.3)
    cell = CellReadings(inside, inside, (), ((NOTHING, 1.0),), empty, context)
    (token,) = pooled_tokens(cell, lambda *_: ((NOTHING, 0.9999), ("0", 0.0001)), "digits-0")
    assert (token.text, token.confidence, token.box) == ("", 0.9999, cell.box)


@pytest.mark.parametrize("cut", [Box(0.8, 0.2, 1, 0.3), Box(0.8, 0.97, 0.9, 0.999), Box(0, 0.2, 0.1, 0.3)])
def test_a_cell_that_the_edge_of_the_picture_cuts_off_is_not_proven_empty(cut: Box) -> None:
    cell = CellReadings(cut, cut, (), ((NOTHING, 1.0),), NumericReading(((NOTHING, 1.0),)), BARE)
    (token,) = pooled_tokens(cell, lambda *_: ((NOTHING, 0.9999), ("0", 0.0001)), "digits-0")
    assert (token.text, token.confidence) == ("", 0.5)
    (read,) = pooled_tokens(cell, lambda *_: (("12", 0.999), (NOTHING, 0.001)), "digits-0")
    assert (read.text, read.confidence) == ("12", 0.999)


def test_a_cell_too_low_for_a_digit_is_not_proven_empty() -> None:
    inside, empty = Box(0.8, 0.2, 0.9, 0.205), NumericReading(((NOTHING, 1.0),))
    cell = CellReadings(inside, inside, (), ((NOTHING, 1.0),), empty, replace(BARE, cramped=True))
    (token,) = pooled_tokens(cell, lambda *_: ((NOTHING, 0.9999), ("0", 0.0001)), "digits-0")
    assert (token.text, token.confidence) == ("", 0.5)


@pytest.mark.parametrize(("legible", "worn"), [(0.979, True), (0.981, False)])
def test_numbers_of_a_page_that_reads_badly_may_have_lost_their_sign(legible: float, worn: bool) -> None:
    inside, number = Box(0.8, 0.2, 0.9, 0.3), NumericReading((("2", 1.0),))
    cell = CellReadings(inside, inside, (), (("2", 1.0),), number, replace(CONTEXT, legibility=legible))
    (token,) = pooled_tokens(cell, lambda *_: (("2", 0.9999),), "digits-0")
    assert token.worn is worn


def test_ink_that_is_foreign_and_unread_is_not_proven_empty() -> None:
    cell = CellReadings(
        Box(0, 0, 1, 1), Box(0, 0, 1, 1), (), ((NOTHING, 1.0),), NumericReading(((FOREIGN, 1.0),)), CONTEXT
    )

    def foreign_first(*_: object) -> tuple[tuple[str, float], ...]:
        return ((FOREIGN, 0.7), (NOTHING, 0.3))

    (token,) = pooled_tokens(cell, foreign_first, "digits-0")
    assert (token.text, token.confidence) == ("", 0.3)


def _foreign(probability: float, *words: str) -> tuple[Token, ...]:
    """The tokens of a cell that reads as these words, and as 7 with half of what they leave."""
    place = Box(0.4, 0.4, 0.6, 0.6)
    tokens = tuple(Token(word, place, 0.9, RECOGNISER) for word in words)
    cell = CellReadings(place, place, tokens, ((FOREIGN, 1.0),), NumericReading(((FOREIGN, 0.5), ("7", 0.5))), CONTEXT)
    return pooled_tokens(cell, lambda *_: ((FOREIGN, probability), ("7", (1 - probability) / 2)), "digits-0")


def test_word_keeps_the_number_that_it_may_hide_with_no_more_than_half_of_the_probability() -> None:
    (token,) = _foreign(0.9, "AB")
    assert (token.text, token.confidence) == ("AB", 0.9)
    assert [(other.text, other.reader) for other in token.alternatives] == [("7", "digits-0")]
    assert token.alternatives[0].confidence == pytest.approx(0.25)
    assert _foreign(0.999, "AB")[0].alternatives[0].confidence == pytest.approx(0.005)
    assert _foreign(1.0, "AB")[0].alternatives == ()


def test_several_words_keep_no_number_for_it_is_none_of_theirs() -> None:
    assert [(token.text, token.alternatives) for token in _foreign(0.9, "AB", "CD")] == [("AB", ()), ("CD", ())]


def test_number_that_is_taken_for_a_word_is_no_other_reading_of_itself() -> None:
    (token,) = _foreign(0.9, "7")
    assert (token.text, token.alternatives) == ("7", ())


PLACE = CellFrame(Frame(0, 0, 200, 60), (), Seams(x=(100,)))


def test_cell_of_two_columns_is_cut_at_the_lost_rule_between_its_numbers() -> None:
    cut = parts(PLACE, {0: Frame(40, 20, 60, 40)}, [0], 20)
    assert [(frame.x0, frame.x1, keys) for frame, keys in cut] == [(0, 100, (0,)), (100, 200, ())]


def test_line_that_leans_is_one_and_one_at_the_edge_is_none() -> None:
    place = replace(PLACE, seams=Seams(x=(4, 8, 98, 100, 102, 195), y=(3,)))
    assert [frame.x0 for frame, _ in parts(place, {0: Frame(40, 20, 60, 40)}, [0], 20)] == [0, 100]


def test_cut_goes_beside_print_that_reaches_a_little_beyond_a_seam() -> None:
    assert parts(PLACE, {0: Frame(40, 20, 103, 40)}, [0], 20)[0] == (replace(PLACE.frame, x1=103), (0,))
    assert parts(PLACE, {0: Frame(97, 20, 130, 40)}, [0], 20)[1][0].x0 == 97


def test_cell_is_not_cut_where_print_stands_across() -> None:
    assert parts(PLACE, {0: Frame(80, 20, 130, 40)}, [0], 20) == [(PLACE.frame, (0,))]


def test_numbers_on_one_line_without_any_rule_are_cut_apart_and_print_beside_a_number_is_not() -> None:
    place = replace(PLACE, seams=Seams())
    boxes = {0: Frame(10, 20, 30, 40), 1: Frame(150, 20, 170, 40)}
    assert [frame.x1 for frame, _ in parts(place, boxes, [0, 1], 20)] == [90, 200]
    assert parts(place, boxes, [0], 20) == [(place.frame, (0, 1))]
    above = {0: Frame(10, 5, 30, 25), 1: Frame(150, 30, 170, 50)}
    assert parts(place, above, [0, 1], 20) == [(place.frame, (0, 1))]


def test_crop_is_a_part_of_the_cleaned_page() -> None:
    digits = _Scripted(lambda _: [(NOTHING, 1.0)])
    page_readings(_page(_drawn()), _with(digits))
    assert all(crop.picture.dtype == np.uint8 and crop.picture.ndim == 2 for crop in digits.seen)


def test_of_a_cell_that_a_ring_runs_through_the_numeric_reader_sees_the_place_of_its_number() -> None:
    picture = table_page({(row, column): "5" for row in range(ROWS) for column in range(COLUMNS)})
    x, y = int(cell_box(4, 2).x0 * picture.shape[1]), int(cell_box(4, 2).y0 * picture.shape[0])
    cv2.circle(picture, (x + 95, y + 55), 52, (20, 20, 20), 6)
    digits = _Scripted(lambda _: [(NOTHING, 1.0)])
    cells = page_readings(_page(picture), _with(digits)).cells
    shown = {_place(cell.box): (cell, crop.picture) for cell, crop in zip(cells, digits.seen, strict=True)}
    covered, narrow = shown[4, 2]
    plain, whole = shown[2, 2]
    assert covered.context.covered and not plain.context.covered
    assert narrow.shape[1] < 0.8 * whole.shape[1]
    assert covered.box.x1 - covered.box.x0 == pytest.approx(plain.box.x1 - plain.box.x0, abs=0.005)


def test_a_page_is_as_legible_as_its_numbers_read_and_few_numbers_tell_little() -> None:
    assert legibility([]) == pytest.approx(0.98)
    assert legibility([NumericReading((("7", 1.0),))] * 95) == pytest.approx((95 + 4.9) / 100)
    assert legibility([NumericReading((("7", 0.5), ("1", 0.4)))]) == pytest.approx(5.4 / 6)
    assert legibility([NumericReading(())] * 5) == pytest.approx(0.49)


def _page_of(**counts: int) -> list[NumericReading]:
    texts = {"empty": NOTHING, "zeros": "0", "dashes": "-", "slashes": "/", "numbers": "12", "words": FOREIGN}
    return [NumericReading(((texts[name], 0.95),)) for name, count in counts.items() for _ in range(count)]


def test_cells_of_a_page_were_left_empty_where_no_zero_is_read_or_the_print_has_lasted() -> None:
    unsure = [NumericReading((("0", 0.89),))]
    assert leaves_empty(_page_of(empty=60, dashes=1, words=5))
    assert leaves_empty([*_page_of(empty=60), NumericReading((("7", 0.4),)), NumericReading(())])
    assert leaves_empty([*_page_of(empty=60, zeros=5, numbers=2), *unsure * 3])
    assert not leaves_empty([*_page_of(empty=60, zeros=4, numbers=2), *unsure * 3])
    assert not leaves_empty([*_page_of(empty=60, words=20), *unsure])  # neither what is empty nor words are numbers


def test_cells_read_apart_are_of_one_page() -> None:
    def cell(reading: NumericReading) -> CellReadings:
        return CellReadings(Box(0, 0, 1, 1), Box(0, 0, 1, 1), (), (), reading, BARE)

    unsure = [NumericReading((("0", 0.5),))]
    assert all(one.context.left_empty for one in of_one_page(list(map(cell, _page_of(empty=40, zeros=40)))))
    assert not any(one.context.left_empty for one in of_one_page(list(map(cell, [*_page_of(empty=40), *unsure]))))


def test_a_false_rule_leaves_cramped_cells() -> None:
    whole = page_readings(_page(_drawn()), _with(_Scripted(lambda _: [(NOTHING, 1.0)]))).cells
    assert not any(cell.context.cramped for cell in whole)
    picture = _drawn()
    height, width = picture.shape[:2]
    row = cell_box(2, 0)
    y = round(row.y1 * height) - 18
    cv2.line(picture, (round(row.x0 * width), y), (round(cell_box(2, COLUMNS - 1).x1 * width), y), (0, 0, 0), 2)
    cut = page_readings(_page(picture), _with(_Scripted(lambda _: [(NOTHING, 1.0)]))).cells
    assert sum(cell.context.cramped for cell in cut) >= COLUMNS


def test_number_in_a_wide_cell_is_shown_without_specks_far_from_it() -> None:
    frame = Frame(100, 100, 900, 150)
    assert seen_of(frame, Frame(600, 110, 640, 130), 20.0) == Frame(560, 100, 680, 150)
    assert seen_of(replace(frame, y1=400), Frame(110, 110, 150, 130), 20.0) == Frame(100, 100, 190, 170)


def test_cell_of_usual_size_is_shown_whole() -> None:
    frame = Frame(100, 100, 300, 200)
    assert seen_of(frame, Frame(110, 110, 120, 130), 20.0) == frame


def test_a_number_behind_a_legible_word_is_as_sure_as_it_was_read_where_both_are_surely_no_number() -> None:
    assert [(token.text, token.confidence) for token in _foreign(0.99, "减", "4")] == [("减", 0.9), ("4", 0.9)]


def test_a_number_beside_what_may_be_a_number_or_is_no_word_is_no_surer_than_both_readers_make_it() -> None:
    assert [token.confidence for token in _foreign(0.9, "减", "4")] == [0.9, 0.0]
    assert [token.confidence for token in _foreign(0.99, "AB", "4")] == [0.9, 0.0]
