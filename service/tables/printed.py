"""What is printed, in pieces: texts whose characters stand close together, and numbers each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from service.documents.model import DIGITAL_READERS, Box, Rule, Token
from service.tables.marks import has_digits, is_enumerated, is_number
from service.tables.text import lines_of, union

CLOSE = 0.35
"""Widest gap between the characters of one text, in heights of a character."""

_ASTRIDE = 0.25
"""A rule that cuts off more than this share of a character runs through the text, and parts nothing."""
_HAIR, _READ = 0.2, 0.5
"""What is so much narrower than high, and not read with such a probability, is a rest of a rule or of a seal's rim."""


_LEGIBLE = 0.3
"""Probability of one character at least of what is a number; the rests of worn labels are read as digits, too."""


class Printed(NamedTuple):
    """A piece of text whose characters stand close together."""

    box: Box
    number: bool
    """Whether it is a number, or looks like one."""
    enumerated: bool = False
    """Whether it begins with a number of its own, as `（二）` or `3.`, and so begins something new."""
    typed: bool = False
    """Whether it is text of the file: nobody took it for what it is not."""
    legible: bool = True
    """Whether any character of it is likely enough to be what it reads as; else it may be the rest of a rule or seal.
    """

    @property
    def x(self) -> float:
        """Middle between its sides."""
        return (self.box.x0 + self.box.x1) / 2

    @property
    def y(self) -> float:
        """Height of its middle."""
        return (self.box.y0 + self.box.y1) / 2

    @property
    def height(self) -> float:
        """Height of its box."""
        return self.box.y1 - self.box.y0


def pieces(tokens: Sequence[Token], rules: Sequence[Rule], aspect: float) -> list[Printed]:
    """Return the pieces of a page's text; `rules` part them, `aspect` is page height / page width.

    Rests of rules and seals that were read as a digit are none.
    """
    walls = [rule for rule in rules if not rule.horizontal]
    found: list[Printed] = []
    for line in lines_of(token for token in tokens if token.text and not _is_hair(token, aspect)):
        begin = 0
        for end in range(1, len(line) + 1):
            if end == len(line) or not _goes_on(line[end - 1], line[end], walls, aspect):
                found.append(_piece(line[begin:end]))
                begin = end
    return found


def _is_hair(token: Token, aspect: float) -> bool:
    return token.confidence < _READ and token.box.x1 - token.box.x0 < _HAIR * (token.box.y1 - token.box.y0) * aspect


def _goes_on(before: Token, token: Token, walls: Sequence[Rule], aspect: float) -> bool:
    size = max(before.box.y1 - before.box.y0, token.box.y1 - token.box.y0) * aspect
    if token.box.x0 - before.box.x1 > CLOSE * size:
        return False
    if is_number(before.text) and is_number(token.text) and has_digits(before.text):
        return False
    y = (token.box.y0 + token.box.y1) / 2
    low = before.box.x1 - _ASTRIDE * (before.box.x1 - before.box.x0)
    high = token.box.x0 + _ASTRIDE * (token.box.x1 - token.box.x0)
    return not any(wall.y0 <= y <= wall.y1 and low < (wall.x0 + wall.x1) / 2 < high for wall in walls)


def _piece(tokens: Sequence[Token]) -> Printed:
    text = "".join(token.text for token in tokens)
    legible = max(token.confidence for token in tokens) >= _LEGIBLE
    typed = all(token.reader in DIGITAL_READERS for token in tokens)
    box = union(token.box for token in tokens)
    return Printed(box, legible and is_number(text), is_enumerated(text), typed, legible)
