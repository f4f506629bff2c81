"""Positioned tokens -> lines -> text."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise

from service.documents.model import Box, Page, Place, Token


def union(boxes: Iterable[Box]) -> Box:
    """Smallest box that holds all of them; at least one is needed."""
    every = list(boxes)
    return Box(min(b.x0 for b in every), min(b.y0 for b in every), max(b.x1 for b in every), max(b.y1 for b in every))


def lines_of(tokens: Iterable[Token]) -> list[list[Token]]:
    """Put tokens that stand beside one another on lines: lines from top to bottom, tokens from left to right.

    A token is held against the last one of a line, so that slanting lines stay whole.
    """
    lines: list[list[Token]] = []
    for token in sorted(tokens, key=lambda t: (t.box.x0, t.box.y0)):
        best, most = None, 0.5
        for line in lines:
            share = _beside(line, token)
            if share > most:
                best, most = line, share
        if best is None:
            lines.append([token])
        else:
            best.append(token)
    return sorted(lines, key=lambda line: (_middle(line), line[0].box.x0))


def _beside(line: Sequence[Token], token: Token) -> float:
    """Common height of a token and the tallest of the last tokens of a line, over the lesser of their heights."""
    last = max(line[-3:], key=lambda t: t.box.y1 - t.box.y0).box
    box = token.box
    common = min(last.y1, box.y1) - max(last.y0, box.y0)
    return common / max(1e-9, min(last.y1 - last.y0, box.y1 - box.y0))


def _middle(line: Sequence[Token]) -> float:
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
    return math.prod(token.confidence for token in tokens)


def reader(tokens: Sequence[Token]) -> str:
    """Name who read a text: the reader of its least sure token."""
    return min(tokens, key=lambda t: t.confidence).reader if tokens else "text-layer"


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
