"""Positioned characters to tokens: one token a Chinese character, one token a whole number or word.

Shared by PDF and OFD. Coordinates are points of the page as a person sees it, origin top left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from service.documents.model import Box, Rule, Token

JOIN = 0.2
"""Characters of one number stand nearer to each other than this share of their size; a space is wider (0.25 and up)."""
APART = 0.07
"""Digits so much further apart, as a share of their size, than most on the page are of two numbers, or may be."""

LINE = 0.35
"""Characters of one line differ in the height of their middles by less than this share of their height."""

_LETTERS = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_WORD = set("0123456789.,%-+/:_@&=?#~") | _LETTERS
# Full-width comma, colon and the like are Chinese punctuation and part numbers instead of joining them.
_WORD |= {chr(ord(character) + 0xFEE0) for character in _WORD if character.isalnum() or character in ".%-/"}


@dataclass(frozen=True, slots=True)
class Glyph:
    """One printed character and its em box."""

    text: str
    box: Box
    visible: bool = True
    """False for text that is there to be searched and not to be seen (an OCR layer beneath or upon a picture)."""
    turn: int = 0
    """Quarter turns clockwise in which the character stands on the page; -1 for a slanting one (a watermark)."""
    broken: bool = False
    """The file does not say which character this is."""


def join_glyphs(glyphs: Iterable[Glyph], rules: Sequence[Rule], width: float, height: float) -> tuple[Token, ...]:
    """Return the tokens of a page, boxes in fractions of it, in the order in which the file has them.

    Digits, letters and their signs are joined by where they stand, not by the order of the file, for some programs
    write the digits of one number one by one and out of order. An upright rule always parts two numbers.
    """
    kept = _once(glyph for glyph in glyphs if glyph.text.strip())
    words = [index for index, glyph in enumerate(kept) if glyph.text in _WORD]
    uprights = [rule for rule in rules if not rule.horizontal]
    joined = [run for line in _lines(kept, words) for run in _runs(kept, line, uprights)]
    runs = {run[0]: run for run in _even(kept, joined)}
    inside = {index for run in runs.values() for index in run}
    tokens = []
    for index, glyph in enumerate(kept):
        if index in runs:
            members = [kept[member] for member in runs[index]]
            tokens.append(_token("".join(member.text for member in members), _hull(members), width, height))
        elif index not in inside:
            tokens.append(_token(glyph.text, glyph.box, width, height))
    return tuple(tokens)


def _token(text: str, box: Box, width: float, height: float) -> Token:
    def cut(value: float, whole: float) -> float:
        return min(max(value / whole, 0.0), 1.0)

    return Token(text, Box(cut(box.x0, width), cut(box.y0, height), cut(box.x1, width), cut(box.y1, height)))


def _hull(glyphs: Sequence[Glyph]) -> Box:
    return Box(
        min(glyph.box.x0 for glyph in glyphs),
        min(glyph.box.y0 for glyph in glyphs),
        max(glyph.box.x1 for glyph in glyphs),
        max(glyph.box.y1 for glyph in glyphs),
    )


def _once(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Drop the second drawing of a character upon itself, by which some programs imitate bold."""
    kept: list[Glyph] = []
    seen: dict[tuple[str, int, int], list[Glyph]] = {}
    for glyph in glyphs:
        x, y, size = glyph.box.x0, glyph.box.y0, max(glyph.box.y1 - glyph.box.y0, 1.0)
        column, row = int(x // 8), int(y // 8)
        near = (
            other
            for i in (column - 1, column, column + 1)
            for j in (row - 1, row, row + 1)
            for other in seen.get((glyph.text, i, j), ())
        )
        if any(abs(other.box.x0 - x) < 0.15 * size and abs(other.box.y0 - y) < 0.15 * size for other in near):
            continue
        seen.setdefault((glyph.text, column, row), []).append(glyph)
        kept.append(glyph)
    return kept


def _lines(glyphs: Sequence[Glyph], indices: Iterable[int]) -> list[list[int]]:
    """Group characters by the line that they stand on, each line from left to right."""
    lines: list[list[int]] = []
    middle = 0.0
    for index in sorted(indices, key=lambda i: glyphs[i].box.y0 + glyphs[i].box.y1):
        box = glyphs[index].box
        centre = (box.y0 + box.y1) / 2
        if lines and centre - middle <= LINE * (box.y1 - box.y0):
            lines[-1].append(index)
            # The mean moves on with the line, so that a sloping line stays together.
            middle += (centre - middle) / len(lines[-1])
        else:
            lines.append([index])
            middle = centre
    return [sorted(line, key=lambda i: glyphs[i].box.x0) for line in lines]


def _runs(glyphs: Sequence[Glyph], line: Sequence[int], uprights: Sequence[Rule]) -> list[list[int]]:
    """Cut a line where a gap or an upright rule parts two characters."""
    runs: list[list[int]] = []
    for index in line:
        if runs and _adjoin(glyphs[runs[-1][-1]].box, glyphs[index].box, uprights):
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _even(glyphs: Sequence[Glyph], runs: Sequence[Sequence[int]]) -> Iterator[Sequence[int]]:
    """Cut runs between digits that stand further apart than the page's digits do: numbers of two narrow columns.

    Whether they are, the table tells; digits that are spaced out evenly stay together.
    """
    gaps = {
        (a, b): _gap(glyphs[a].box, glyphs[b].box)
        for run in runs
        for a, b in pairwise(run)
        if glyphs[a].text not in _LETTERS and glyphs[b].text not in _LETTERS
    }
    usual = median(gaps.values()) if gaps else 0.0
    for run in runs:
        ends = [i for i, pair in enumerate(pairwise(run), 1) if gaps.get(pair, usual) > usual + APART]
        yield from (run[a:b] for a, b in pairwise([0, *ends, len(run)]))


def _gap(left: Box, right: Box) -> float:
    """The space between two characters, as a share of their size."""
    # Digits are half as wide as the type is large; some fonts claim far more height than that.
    size = min(left.y1 - left.y0, right.y1 - right.y0, 2.2 * max(left.x1 - left.x0, right.x1 - right.x0))
    return (right.x0 - left.x1) / max(size, 1e-6)


def _adjoin(left: Box, right: Box, uprights: Sequence[Rule]) -> bool:
    if _gap(left, right) > JOIN:
        return False
    a, b = (left.x0 + left.x1) / 2, (right.x0 + right.x1) / 2
    middle = (left.y0 + left.y1) / 2
    return not any(a < rule.x0 < b and rule.y0 <= middle <= rule.y1 for rule in uprights)
