"""What a piece of text looks like: a number, a page number, the beginning of an enumerated item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from service.vocabulary import load_vocabulary

_PAGE_NUMBER = re.compile(r"^[\s\-—–_·.~〜－第共页/／,，、|Pp]*\d{1,4}[\s\-—–_·.~〜－第共页/／,，、|\d]*$")
_NUMBER = re.compile(
    r"^[+\-－—增减]?\s*[\d０-９](?:[\d０-９\s,，.．]*[\d０-９])?\s*[^\d０-９.．、]{0,2}$|^[\s\-－—–/／＼\\]+$"
)
_ORDINAL = re.compile(r"^[\d０-９]{1,2}\s*[.．、]$")
_ENUMERATED = re.compile(
    r"^\s*(?:[（(]\s*[一二三四五六七八九十\d]{1,3}\s*[）)]|[一二三四五六七八九十]{1,3}\s*[、.．]|\d{1,2}\s*[.．、](?!\d))"
)


_OPENING = ("(", "（")
_UNIT = 2
"""Texts of a number and its unit."""


def before_remark(texts: Sequence[str]) -> int:
    """How many of a cell's texts, from left to right, are a number, with its unit maybe, before a remark in brackets.

    0 where there is no such remark.
    """
    opened = next((i for i, text in enumerate(texts) if text.startswith(_OPENING)), 0)
    return opened if opened <= _UNIT and texts and texts[0][-1:].isdecimal() else 0


def is_number(text: str) -> bool:
    """Whether a text is a number, with or without a short unit behind it, or a stroke in the place of one."""
    text = text.strip()
    return bool(_NUMBER.match(text)) and not is_ordinal(text)


def is_ordinal(text: str) -> bool:
    """Whether a text is the number of an item and no more, as `3.`."""
    return bool(_ORDINAL.match(text.strip()))


def has_digits(text: str) -> bool:
    """Whether a number is more than the stroke that stands for none, or before one."""
    return any(character.isdigit() for character in text)


def is_page_number(text: str) -> bool:
    """Whether a line may be a page number."""
    return bool(_PAGE_NUMBER.match(text))


def is_continuation_note(text: str) -> bool:
    """Whether a line only says that a table goes on."""
    return bool(_continued().match(text))


@cache
def _continued() -> re.Pattern[str]:
    notes = "|".join(map(re.escape, load_vocabulary().continuation_notes))
    return re.compile(rf"^[\s（(【\[]*(?:{notes})[\s\d）)】\]]*$")


def is_enumerated(text: str) -> bool:
    """Whether a text begins with a number of its own, as `（二）` or `3.`, and so begins something new."""
    return bool(_ENUMERATED.match(text))
