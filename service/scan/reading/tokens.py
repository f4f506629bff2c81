"""Readings -> tokens with their places; lone strokes are checked against their shape."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.text import Glyph, Line
from service.documents.model import Box, Token
from service.scan.print.lines import Frame
from service.scan.print.marks import DASH, DASHES, SLASHES
from service.scan.print.snips import Snip

_BESIDE = 0.6
"""Highest probability of a stroke beside other print in its cell: more often the rest of a rule that was not found."""

_GAP, _GAP_BEFORE_NUMBER = 0.5, 0.25
"""Widest gap, in heights of a line, between what belongs together, and between words and a number behind them."""
_PITCH = 1.1
"""Widest distance between the middles of digits of one number, in heights of a line as the detector sees it."""
_INK = 60
"""Grey levels below the paper's from which on a dot is ink."""


def tokens_of(snip: Snip, line: Line, shape: tuple[int, int], reader: str) -> list[Token]:
    """The tokens of one snip: a Chinese character each, a whole run of digits and letters each.

    Args:
        snip: what was read.
        line: the reading.
        shape: (height, width) of the page in pixels.
        reader: name of the recogniser.
    """
    if snip.mark is not None:
        return [_marked(snip, line, snip.mark, shape, reader)]
    reach = 1.4 * max(snip.box.height, snip.digit) if snip.line is not None else _PITCH * snip.box.height
    runs = _runs(line.glyphs, reach)
    if not runs:
        return [nothing_token(snip.box, 0.0, shape, reader)] if snip.line is not None else []
    level = _level(snip) if snip.line is None else (snip.box.y0, snip.box.y1)
    return [_token(snip, runs, i, level, shape, reader) for i in range(len(runs))]


def covered_token(snip: Snip, line: Line, shape: tuple[int, int], reader: str) -> Token:
    """What a number reads as that something else runs over."""
    confidence = min((glyph.confidence for glyph in line.number), default=0.0)
    return Token("".join(glyph.text for glyph in line.number), box_of(snip.box, shape), confidence, reader)


def nothing_token(frame: Frame, probability: float, shape: tuple[int, int], reader: str) -> Token:
    """Ink that was not read as anything, with the probability that nothing is printed there."""
    return Token("", box_of(frame, shape), probability, reader)


def box_of(frame: Frame, shape: tuple[int, int]) -> Box:
    """A frame in fractions of a page of so many pixels (height, width)."""
    height, width = shape
    return Box(frame.x0 / width, frame.y0 / height, frame.x1 / width, frame.y1 / height)


def _marked(snip: Snip, line: Line, mark: tuple[str, float], shape: tuple[int, int], reader: str) -> Token:
    """A lone stroke: by its shape, and surer where the recogniser agrees."""
    kind, probability = mark
    agreed = line.text in (DASHES if kind == DASH else SLASHES)
    place = nothing_token(snip.box, 0.0, shape, reader).box
    confidence = max(probability, line.confidence) if agreed else probability
    if snip.line is not None and not snip.line.alone:
        confidence = min(confidence, _BESIDE)
    return Token(kind, place, confidence, reader)


def _runs(glyphs: Sequence[Glyph], gap: float) -> list[tuple[Glyph, ...]]:
    """Splits a line into tokens' glyphs; digits further apart than `gap` pixels are no number."""
    runs: list[list[Glyph]] = []
    for glyph in glyphs:
        if glyph.text.isspace():
            runs.append([])
        elif runs and runs[-1] and _belong(runs[-1][-1], glyph, gap):
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    return [tuple(run) for run in runs if run]


def _belong(before: Glyph, after: Glyph, gap: float) -> bool:
    return _joins(before.text) and _joins(after.text) and after.x - before.x <= gap


def _joins(text: str) -> bool:
    """Whether a character is part of a number or of a Latin word."""
    return (text.isascii() and text.isalnum()) or text in ".,%-+/:％，．－＋" or text.isdecimal()


def _token(
    snip: Snip, runs: list[tuple[Glyph, ...]], i: int, level: tuple[int, int], shape: tuple[int, int], reader: str
) -> Token:
    """One run with its place: as far as the bounds to its neighbours, and no further than a character's width."""
    run, box = runs[i], snip.box
    reach = 0.7 * box.height
    left = max(snip.x + run[0].x - reach, box.x0)
    right = min(snip.x + run[-1].x + reach, box.x1)
    if i > 0:
        left = max(left, _bounds(snip, runs, i)[1])
    if i + 1 < len(runs):
        right = min(right, _bounds(snip, runs, i + 1)[0])
    if right <= left or (len(runs) == 1 and len(run) > 1):
        left, right = box.x0, box.x1
    height, width = shape
    place = Box(left / width, level[0] / height, right / width, level[1] / height)
    text = "".join(glyph.text for glyph in run)
    return Token(text, place, min(glyph.confidence for glyph in run), reader)


def _level(snip: Snip) -> tuple[int, int]:
    """From where to where the ink of a line reaches: the detector leaves room, and may touch the lines beside it."""
    inked = np.asarray((snip.picture < snip.paper - _INK).any(axis=1), np.bool_)
    middle = len(inked) // 2
    above, below = np.flatnonzero(~inked[:middle]), np.flatnonzero(~inked[middle:])
    top = int(above[-1]) + 1 if len(above) else 0
    bottom = middle + int(below[0]) if len(below) else len(inked)
    if 2 * (bottom - top) <= len(inked):  # a stroke, or the level between two lines
        return snip.box.y0, snip.box.y1
    return snip.y + top, snip.y + bottom


def _bounds(snip: Snip, runs: list[tuple[Glyph, ...]], i: int) -> tuple[float, float]:
    """Where a run's left neighbour ends and the run begins: half-way between their characters.

    The detector runs cells beside each other together. Where the ink leaves a gap as wide as between cells, it counts;
    before a number at the end of a line, which may be the next cell's, a narrower one, and within a cell as well, for
    a rule may be lost there.
    """
    before, after = runs[i - 1][-1], runs[i][0]
    ending = all(_joins(glyph.text) for run in runs[i:] for glyph in run)
    if (snip.line is None or ending) and _is_word(before.text) and _is_word(after.text):
        gap = _widest_gap(snip, round(before.x), round(after.x))
        if gap[1] - gap[0] > (_GAP_BEFORE_NUMBER if ending else _GAP) * snip.box.height:
            return snip.x + gap[0], snip.x + gap[1]
    return snip.x + (before.x + after.x) / 2, snip.x + (before.x + after.x) / 2


def _is_word(character: str) -> bool:
    """Whether a character fills its place, as letters and digits do and points and brackets do not."""
    return character.isalnum() or _joins(character)


def _widest_gap(snip: Snip, x0: int, x1: int) -> tuple[int, int]:
    """The longest run of columns without ink between two columns of a snip."""
    inked = np.flatnonzero(snip.picture[:, x0 : x1 + 1].min(axis=0) < snip.paper - _INK)
    edges = np.concatenate([[-1], inked, [x1 + 1 - x0]])
    widest = int(np.diff(edges).argmax())
    return x0 + int(edges[widest]) + 1, x0 + int(edges[widest + 1])
