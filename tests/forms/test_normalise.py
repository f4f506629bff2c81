import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import RADICALS
from service.forms.normalise import label_characters, label_key, plain_text, value_text
from tests.forms.written import FORMS


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("（一）予以公开", "一予以公开"),
        ("1. 属于 国家秘密", "1属于国家秘密"),
        ("１、属于国家秘密", "1属于国家秘密"),
        ("3.危及“三安全一稳定”", "3危及三安全一稳定"),
        ("政府信息公開", "政府信息公开"),
        ("⼯作", "工作"),
        ("⼀、⾏政", "一行政"),
        ("行\n政\n复\n议", "行政复议"),
        ("本年增/减", "本年增减"),
        ("OCR", "ocr"),
        (" \u3000\t", ""),
        ("——", ""),
    ],
)
def test_labels_are_compared_without_script_radicals_spaces_and_punctuation(text, key):
    assert label_key(text) == key


def test_labels_that_differ_in_words_stay_different():
    labels = {row.label for form in FORMS for table in form.tables for block in table.blocks for row in block.rows}
    assert len({label_key(label) for label in labels}) == len(labels)


def test_every_radical_of_the_table_is_its_ideograph():
    for line in RADICALS.read_text(encoding="utf-8").splitlines():
        radical, ideograph = line.split("\t")
        assert label_key(radical) == label_key(ideograph)


@given(st.text(alphabet="一二三自然人公開信息⼯⾏，。（） \t1２a", max_size=20))
def test_the_characters_of_a_label_stand_where_they_came_from(text):
    characters = label_characters(text)
    assert [index for _, index in characters] == sorted(index for _, index in characters)
    for char, index in characters:
        assert char in label_key(text[index])


@given(st.text(max_size=20))
def test_a_key_has_neither_spaces_nor_signs_and_is_its_own_key(text):
    key = label_key(text)
    assert not any(unicodedata.category(char)[0] in "ZP" for char in key)
    assert label_key(key) == key


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("１２３", "123"),
        ("－１８", "-18"),
        ("１，２３４．５", "1,234.5"),
        ("／", "/"),
        ("減3", "减3"),
        ("5.035萬元", "5.035万元"),
        (" 7\u3000", "7"),
        ("①", "①"),
        ("22（其中修訂16件）", "22(其中修订16件)"),
    ],
)
def test_values_keep_everything_but_width_and_script(text, plain):
    assert value_text(text) == plain


def test_prose_keeps_its_script_and_loses_radicals_and_layout():
    assert plain_text("政府信息公開⼯作\n  年度\t報告 ") == "政府信息公開工作 年度 報告"
