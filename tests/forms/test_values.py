from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.documents.model import Alternative, Box, Cell, Place
from service.forms.catalogue import load_vocabulary
from service.forms.values import as_value, parse_value

WORDS = load_vocabulary()


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("0", 0, None),
        ("９８４３６１元", 984361, "元"),
        ("2笔", 2, "笔"),
        ("5.035 万元", 5.035, "万元"),
        ("22（其中修订16件）", 22, None),
        ("减3", -3, None),
        ("-18", -18, None),
        ("－18", -18, None),
        ("增 5", 5, None),
        ("+5", 5, None),
        ("1,234,567", 1234567, None),
        ("1，234", 1234, None),
        ("24252.311082", 24252.311082, None),
        ("１２", 12, None),
        (" 7 ", 7, None),
        ("251000元", 251000, "元"),
        ("0.0000", 0, None),
    ],
)
def test_numbers_as_printed(text, value, unit):
    parsed = parse_value(text, WORDS)
    assert (parsed.kind, parsed.value, parsed.unit, parsed.certainty) == ("number", value, unit, 1.0)


@pytest.mark.parametrize(
    "text", ["/", "-", "—", "——", "／", "－", "无", "空", " / ", "−", "‐", "━", "╱", "暂无", "不涉及", "N/A"]
)
def test_strokes_stand_for_nothing(text):
    assert parse_value(text, WORDS).kind == "mark"


@pytest.mark.parametrize("text", ["", "  ", "\u3000", "\n"])
def test_blank(text):
    assert parse_value(text, WORDS).kind == "blank"


@pytest.mark.parametrize(
    "text", ["①", "1.属于国家秘密", "总计", "12.3%", "3-4", "一", "1/2", "(3)", "O", "l", "1,23", "2021年"]
)
def test_what_is_no_value(text):
    assert parse_value(text, WORDS).kind == "text"


@pytest.mark.parametrize(("text", "value"), [("/0", 0), ("12/", 12), ("0 /", 0)])
def test_stroke_beside_a_number_is_dirt_only_where_ink_is_ocr(text, value):
    parsed = parse_value(text, WORDS, ocr=True)
    assert (parsed.kind, parsed.value) == ("number", value)
    assert parsed.certainty < 0.5
    assert parse_value(text, WORDS).kind == "text"


@pytest.mark.parametrize("text", ["1/2", "//0", "/0/", "/总"])
def test_strokes_within_a_text_or_around_it_are_no_dirt(text):
    assert parse_value(text, WORDS, ocr=True).kind == "text"


def _cell(text, *others, confidence=0.3, ink=True):
    place = Place(page=1, box=Box(0, 0, 1, 1))
    return Cell(0, 0, text, place, confidence=confidence, reader="ocr", ink=ink, alternatives=others)


NINE, NONE = Alternative("9", 0.4, "digits"), Alternative("", 0.35, "digits")


def test_words_in_the_place_of_a_value_are_its_likeliest_reading_that_is_one():
    cell = as_value(_cell("民政", NONE, NINE, confidence=0.99), WORDS)
    assert (cell.text, cell.confidence, cell.reader) == ("9", 0.4, "digits")
    assert cell.alternatives == (NONE,)
    assert as_value(_cell("民政", replace(NINE, confidence=0.3), NONE), WORDS).text == ""


def test_ink_that_reads_as_nothing_is_the_likeliest_reading_of_it():
    assert as_value(_cell("", NINE), WORDS).text == "9"
    blank = as_value(_cell("", NINE, confidence=0.45), WORDS)
    assert (blank.text, blank.confidence, blank.ink) == ("", 0.45, False)


@pytest.mark.parametrize(
    "cell",
    [
        _cell("民政"),
        _cell("民政", replace(NINE, confidence=0.05)),
        _cell("民政", Alternative("民", 0.5, "ocr")),
        _cell("7", NINE),
        _cell("/", NINE),
        _cell("", NINE, ink=False),
    ],
)
def test_cell_stays_as_it_is_where_it_is_a_value_or_no_reader_names_one(cell):
    assert as_value(cell, WORDS) == cell


@pytest.mark.parametrize(("text", "value"), [("O", 0), ("l2", 12), ("1O", 10)])
def test_letters_for_digits_only_where_ink_is_ocr(text, value):
    parsed = parse_value(text, WORDS, ocr=True)
    assert (parsed.kind, parsed.value) == ("number", value)
    assert parsed.certainty < 1


def test_a_chinese_one_is_a_dash_only_where_ink_is_ocr():
    assert parse_value("一", WORDS, ocr=True).kind == "mark"


@pytest.mark.parametrize("text", ["5.", "00", "007", "12 34"])
def test_doubtful_numbers_say_so(text):
    assert parse_value(text, WORDS).certainty < 0.9


@given(st.integers(-(10**9), 10**9))
def test_every_integer_is_itself(number):
    assert parse_value(str(number), WORDS).value == number


@given(st.integers(0, 10**12))
def test_thousands_separators_do_not_count(number):
    assert parse_value(f"{number:,}", WORDS).value == number


@given(st.text(max_size=12))
def test_never_fails_and_never_invents_digits(text):
    parsed = parse_value(text, WORDS)
    if parsed.kind == "number":
        assert any(char.isdigit() for char in text)
