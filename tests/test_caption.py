"""Sentences below page pictures."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from service.caption import Font, Sentence, broken, captioned, font, font_for
from service.forms.catalogue import load_forms

TEXT = "总计 (balance:total): 72 + 0 ≠ 69 + 1; （七）总计 / 总计 was read 69, the ink allows 71."


def _page(width: int = 600, height: int = 100) -> Image.Image:
    return Image.new("RGB", (width, height), (10, 20, 30))


def _shape(letters: Font, text: str) -> bytes:
    return bytes(letters.getmask(text))


def test_there_is_a_font_for_every_label_of_the_forms_and_every_sign_of_a_sentence() -> None:
    letters = font(20)
    unknown = _shape(letters, "\U000f0000")
    labels = {sign for form in load_forms() for spec in form.fields() for sign in spec.label if sign != " "}
    assert {sign for sign in labels | set("≠→…×_/") if _shape(letters, sign) == unknown} == set()
    assert _shape(font(20, chinese=False), "≠") == _shape(font(20, chinese=False), "→")  # why there are two


def test_latin_text_is_written_in_the_latin_font() -> None:
    assert font_for("total 7", 12).getname() == font(12, chinese=False).getname()
    assert font_for("69→71", 12).getname() == font(12).getname() != font(12, chinese=False).getname()


def test_a_picture_without_sentences_is_left_alone() -> None:
    page = _page()
    assert captioned(page, []) is page


def test_sentences_are_written_below_and_the_picture_stays_as_it_is() -> None:
    page = _page()
    whole = np.asarray(captioned(page, [Sentence(TEXT, (170, 0, 0), "1"), Sentence("Short.", (0, 0, 0))]))
    assert whole.shape[1] == 600
    assert (whole[:99] == (10, 20, 30)).all()
    strip = whole[104:]
    assert (strip == (170, 0, 0)).all(axis=2).any()  # the tag's box
    assert (strip.max(axis=2) < 100).any()  # black letters
    rows = np.flatnonzero((strip != 255).any(axis=(1, 2)))
    assert rows[0] > 0 and rows[-1] < len(strip) - 1  # nothing is cut off


def test_more_text_takes_more_room() -> None:
    one, three = (captioned(_page(), [Sentence(TEXT * times, (0, 0, 0))]).height for times in (1, 3))
    assert three > one > 100


@given(st.text(st.sampled_from("总计 （ab1+≠/"), max_size=80), st.integers(30, 300))
@settings(max_examples=60, deadline=None)
def test_lines_lose_no_sign_and_are_never_too_wide(text: str, width: int) -> None:
    letters = font(12)
    lines = list(broken(text, letters, width))
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert letters.getlength(line) <= width or " " not in line.strip()
