"""Positioned tokens -> lines -> text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Protocol, TypeVar

from service.documents.model import Alternative, Box, Page, Place, Token
from service.tables.marks import before_remark


class Boxed(Protocol):
    """Something with a place on the page."""

    @property
    def box(self) -> Box:
        """Where it stands."""


_Boxed = TypeVar("_Boxed", bound=Boxed)
_EMPTY = 0.9
"""Probability of nothing from which a place is clearly empty."""


def union(boxes: Iterable[Box]) -> Box:
    """Smallest box that holds all of them; at least one is needed."""
    every = list(boxes)
    return Box(min(b.x0 for b in every), min(b.y0 for b in every), max(b.x1 for b in every), max(b.y1 for b in every))


def lines_of(tokens: Iterable[_Boxed], least: float = 0.5) -> list[list[_Boxed]]:
    """Put what stands beside one another on lines: lines from top to bottom, tokens (or chunks) from left to right.

    They share more than `least` of the lower one's height. A token is held against the last ones of a line (of these,
    the one of middle height), so that slanting lines stay whole and an odd mark draws nothing to it.
    """
    lines: list[list[_Boxed]] = []
    reach: list[tuple[float, float]] = []
    for token in sorted(tokens, key=lambda t: (t.box.x0, t.box.y0)):
        y0, y1 = token.box.y0, token.box.y1
        best, most = -1, least
        for i, (low, high) in enumerate(reach):
            if low < y1 and y0 < high:
                share = (min(high, y1) - max(low, y0)) / max(1e-9, min(high - low, y1 - y0))
                if share > most:
                    best, most = i, share
        if best < 0:
            lines.append([token])
            reach.append((y0, y1))
        else:
            lines[best].append(token)
            last = sorted((t.box for t in lines[best][-5:]), key=lambda b: b.y1 - b.y0)
            reach[best] = (last[len(last) // 2].y0, last[len(last) // 2].y1)
    return sorted(lines, key=lambda line: (_middle(line), line[0].box.x0))


def _middle(line: Sequence[Boxed]) -> float:
    return sum((t.box.y0 + t.box.y1) / 2 for t in line) / len(line)


def line_text(line: Sequence[Token], aspect: float) -> str:
    """Text of a line's tokens; spaces stand where the gap says so, as many as it is wide for wide ones.

    Between Latin letters or digits a quarter of the type size is a gap, elsewhere a full one.
    """
    inked = [t for t in line if t.text]
    if not inked:
        return ""
    size = sorted(t.box.y1 - t.box.y0 for t in inked)[len(inked) // 2] * aspect
    text = inked[0].text
    for before, token in pairwise(inked):
        gap = token.box.x0 - before.box.x1
        narrow = before.text[-1].isascii() and token.text[0].isascii()
        if size > 0 and gap > (0.25 if narrow else 1.0) * size:
            text += " " * min(40, max(1, math.floor(gap / size)))
        text += token.text
    return text


def tokens_text(tokens: Iterable[Token], aspect: float) -> str:
    """Text of the tokens of one cell: its lines from top to bottom, with newlines between them."""
    return "\n".join(text for text in (line_text(line, aspect) for line in lines_of(tokens)) if text)


def confidence(tokens: Iterable[Token]) -> float:
    """Probability that a text is right: the product of its tokens'.

    Tokens are read one by one, so their errors are taken as independent; a text is right only if all of them are.
    A token without text is ink that may be nothing, and its confidence the probability that it is nothing.
    """
    return math.prod(token.confidence for token in _telling(tokens))


def reader(tokens: Sequence[Token]) -> str:
    """Name who read a text: the reader of its least sure token."""
    return min(_telling(tokens), key=lambda t: t.confidence).reader if tokens else "text-layer"


def alternatives(tokens: Sequence[Token]) -> tuple[Alternative, ...]:
    """Other readings of a text of one token; those of several are not put together."""
    telling = _telling(tokens)
    return telling[0].alternatives if len(telling) == 1 else ()


def worn(tokens: Iterable[Token]) -> bool:
    """Whether a short stroke or a dot of a text may have worn off."""
    return any(token.worn for token in _telling(tokens))


def _telling(tokens: Iterable[Token]) -> list[Token]:
    """The tokens that a cell's value hangs on: beside one that reads something, clearly empty places say nothing.

    A cell that is merged from several holds one value, and is read in as many places; that a value be lost in an empty
    one is what their confidences fear, and here it stands in another. Nor does a remark in brackets behind a number
    say anything of it.
    """
    every = list(tokens)
    printed = any(token.text for token in every)
    telling = [token for token in every if token.text or not printed or token.confidence < _EMPTY]
    shown = [token for line in lines_of(telling) for token in line if token.text]
    return shown[: before_remark([token.text for token in shown])] or telling


def shows_ink(tokens: Sequence[Token]) -> bool:
    """Whether something is printed in a cell, more likely than not: a token without text may say that nothing is."""
    return any(token.text or token.confidence < 0.5 for token in tokens)


def place(page: Page, box: Box) -> Place:
    """Place of a box of a page in the source, where it is the box around its four moved corners, kept on the page."""
    if page.to_source is None:
        return Place(page=page.number, box=box)
    a, b, c, d, e, f, g, h, i = page.to_source
    moved = []
    for x, y in ((box.x0, box.y0), (box.x1, box.y0), (box.x0, box.y1), (box.x1, box.y1)):
        w = g * x + h * y + i
        if w == 0:
            return Place(page=page.number)
        moved.append(((a * x + b * y + c) / w, (d * x + e * y + f) / w))
    xs, ys = [min(1.0, max(0.0, x)) for x, _ in moved], [min(1.0, max(0.0, y)) for _, y in moved]
    return Place(page=page.number, box=Box(min(xs), min(ys), max(xs), max(ys)))
