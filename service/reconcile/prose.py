"""Prose made comparable: paragraphs, sentences and clauses, each character in its place; numbers in either script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from service.forms.normalise import value_text
from service.reconcile.statements import Numerals

_WRAPPED = 18
"""A line of so many characters without a stop at its end is a line of a paragraph that goes on in the next."""
_CLAUSE_END = re.compile(r"(?<!\d),|,(?!\d{3}(?!\d))|[;:()!?]|\.(?!\d)")
_LINE_STOPS = tuple("。！？；：.!?;:")


def paragraphs(text: str) -> Iterator[str]:
    """The paragraphs of a chapter without white space; lines that a page has wrapped are joined."""
    joined = ""
    for line in text.splitlines():
        words = "".join(line.split())
        joined += words
        if len(words) < _WRAPPED or words.endswith(_LINE_STOPS):
            if joined:
                yield joined
            joined = ""
    if joined:
        yield joined


def sentences(paragraph: str, ends: Sequence[str]) -> Iterator[str]:
    """The sentences of a paragraph, without the stops at their ends."""
    yield from filter(None, re.split("|".join(map(re.escape, ends)), paragraph))


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a sentence between two commas or the like."""

    text: str
    """As compared: simplified script, ASCII digits and signs."""
    as_printed: str
    """Of the same length."""
    after: str
    """What follows it in its sentence, as compared."""
    aside: bool
    """It stands in parentheses."""


def clauses(sentence: str) -> Iterator[Clause]:
    """The clauses of a sentence, in order."""
    compared = value_text(sentence)
    if len(compared) != len(sentence):
        compared = "".join(value_text(char)[:1] or char for char in sentence)
    start, aside = 0, False
    for end in _CLAUSE_END.finditer(compared):
        if start < end.start():
            at = end.start()
            yield Clause(compared[start:at], sentence[start:at], compared[at:], aside)
        aside = end[0] == "(" or (aside and end[0] != ")")
        start = end.end()
    if start < len(compared):
        yield Clause(compared[start:], sentence[start:], "", aside)


def parse_number(text: str, numerals: Numerals) -> Fraction | None:
    """The number that the text is: `1,641`, `1.2万`, `三十二`, `一百零五`, `二〇`; None where it is none."""
    arabic = re.fullmatch(r"(\d[\d,]*(?:\.\d+)?)(\D?)", text)
    if arabic:
        return Fraction(arabic[1].replace(",", "")) * numerals.myriads.get(arabic[2], 1)
    if all(char in numerals.digits for char in text):
        return Fraction("".join(str(numerals.digits[char]) for char in text))
    return _chinese(text, numerals)


def _chinese(text: str, numerals: Numerals) -> Fraction | None:
    whole = part = digit = 0
    for char in text:
        if char in numerals.digits:
            digit = numerals.digits[char]
        elif char in numerals.tens:
            part += (digit or 1) * numerals.tens[char]
            digit = 0
        elif char in numerals.myriads and (part or digit):
            whole += (part + digit) * numerals.myriads[char]
            part = digit = 0
        else:
            return None
    return Fraction(whole + part + digit)
