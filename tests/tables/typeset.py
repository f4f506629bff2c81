"""Text set as tokens, for the tests: one token a Chinese character, one a run of letters or digits."""

from __future__ import annotations

import re

from service.documents.model import Box, Page, Rule, Token
from tests.tables.drawn import ASPECT, Drawn, long_lines

SIZE = 0.012
"""Height of a line of text, in page widths; a Chinese character is as wide, a digit half so."""


def line(text: str, x: float, y: float, *, centred: bool = False, confidence: float = 1.0) -> list[Token]:
    """Set one line whose left side (or middle) is at x, and whose middle height is y, both in fractions."""
    runs = re.findall(r"[0-9A-Za-z.\-]+|.", text)
    widths = [SIZE / 2 * len(run) if run.isascii() else SIZE for run in runs]
    x -= sum(widths) / 2 if centred else 0
    tokens = []
    half = SIZE / 2 / ASPECT
    for run, width in zip(runs, widths, strict=True):
        if run.strip():
            tokens.append(Token(run, Box(x, y - half, x + width, y + half), confidence))
        x += width
    return tokens


def cell_text(text: str, box: tuple[float, float, float, float]) -> list[Token]:
    """Set the lines of a text in the middle of a box."""
    parts = text.split("\n")
    pitch = 1.25 * SIZE / ASPECT
    middle = (box[1] + box[3]) / 2 - pitch * (len(parts) - 1) / 2
    return [
        token
        for n, part in enumerate(parts)
        for token in line(part, (box[0] + box[2]) / 2, middle + n * pitch, centred=True)
    ]


def table_tokens(table: Drawn, texts: dict[tuple[int, int], str]) -> list[Token]:
    """Set texts (by the row and column where their cells begin) into a drawn table."""
    tokens = []
    for row, column, rows, columns in table.spans:
        box = (table.xs[column], table.ys[row], table.xs[column + columns], table.ys[row + rows])
        tokens += cell_text(texts.get((row, column), ""), box) if texts.get((row, column)) else []
    return tokens


def page(tokens: list[Token], rules: list[Rule] | None = None, number: int = 1, *, scanned: bool = False) -> Page:
    return Page(number, 595, 595 * ASPECT, tuple(tokens), tuple(long_lines(rules or [])), scanned=scanned)
