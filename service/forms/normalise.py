"""Text made comparable: labels and values apart, so that no row marker becomes a number and no number a label."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

import opencc

from data import RADICALS

_SIGNS = str.maketrans("，．。：；／＼－＋（）％｜　\u00a0", ",..:;/\\-+()%|  ")
_FULL_WIDTH_DIGITS = {ord("０") + digit: str(digit) for digit in range(10)}


@cache
def _radicals() -> dict[int, str]:
    """Kangxi and CJK radicals to unified ideographs (Unicode's EquivalentUnifiedIdeograph)."""
    lines = RADICALS.read_text(encoding="utf-8").splitlines()
    return {ord(radical): ideograph for radical, ideograph in (line.split("\t") for line in lines)}


@cache
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


@lru_cache(maxsize=65536)
def label_key(text: str) -> str:
    """The text as labels are compared: unified ideographs, simplified script, without white space and punctuation."""
    kept = _comparable(text)
    return str(_simplifier().convert(kept)).lower() if kept else ""


@lru_cache(maxsize=4096)
def label_characters(text: str) -> tuple[tuple[str, int], ...]:
    """The characters of `label_key` one by one, each with its index in `text`."""
    parts = [(char, index) for index, original in enumerate(text) for char in _comparable(original)]
    whole = str(_simplifier().convert("".join(char for char, _ in parts))).lower()
    if len(whole) == len(parts):  # word by word, as `label_key` does; a character by itself may have another form
        return tuple((char, index) for char, (_, index) in zip(whole, parts, strict=True))
    return tuple((label_key(char), index) for char, index in parts)


def _comparable(text: str) -> str:
    unified = unicodedata.normalize("NFKC", text.translate(_radicals()))
    return "".join(char for char in unified if char.isalnum())


def numberless(key: str, numerals: frozenset[str]) -> str:
    """A label's key without the number that it begins with: chapters are numbered anew in some reports."""
    return key.lstrip("".join(numerals)) or key


def value_text(text: str) -> str:
    """The text as values are parsed: simplified script, full-width digits and signs to ASCII.

    Circled numbers stay what they are: they mark rows.
    """
    plain = text.translate(_FULL_WIDTH_DIGITS).translate(_SIGNS).strip()
    return plain if plain.isascii() else str(_simplifier().convert(plain))


def plain_text(text: str) -> str:
    """Prose with radicals unified and runs of white space folded; the script stays as printed."""
    return " ".join(text.translate(_radicals()).split())
