"""Snips -> tokens: read once, read again where it was not sure, and check lone strokes against their shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.text import Glyph, Line, TextRecogniser
from service.documents.model import Box, Token
from service.scan.clean import Gray, as_colour
from service.scan.ink import Ink
from service.scan.lines import Frame
from service.scan.marks import DASH, DASHES, SLASHES, stroke_mark
from service.scan.snips import Snip, thickened

SURE = 0.9
"""Below this probability a line is read a second time, with thicker strokes."""


def read_snips(snips: Sequence[Snip], recogniser: TextRecogniser) -> tuple[Line, ...]:
    """Reads every snip, those in doubt twice.

    Where both readings agree the better probability stands; where they differ the surer text stands with the lower
    probability of the two, for one of them saw something else in the same ink.
    """
    first = list(recogniser.read([as_colour(snip.picture) for snip in snips]))
    doubtful = [i for i, line in enumerate(first) if line.confidence < SURE]
    second = recogniser.read([as_colour(thickened(snips[i])) for i in doubtful])
    for i, again in zip(doubtful, second, strict=True):
        first[i] = _settled(first[i], again)
    return tuple(first)


def _settled(first: Line, second: Line) -> Line:
    better = max(first, second, key=lambda line: line.confidence)
    if first.text == second.text or not (first.glyphs and second.glyphs):
        return better
    ceiling = min(first.confidence, second.confidence)
    return Line(tuple(replace(glyph, confidence=min(glyph.confidence, ceiling)) for glyph in better.glyphs))


def tokens_of(snip: Snip, line: Line, ink: Ink, shape: tuple[int, int], reader: str) -> list[Token]:
    """The tokens of one snip: a Chinese character each, a whole run of digits and letters each.

    Args:
        snip: what was read.
        line: the reading.
        ink: the page's ink.
        shape: (height, width) of the page in pixels.
        reader: name of the recogniser.

    """
    if snip.line is not None:
        mark = stroke_mark(snip.line, ink, snip.digit)
        if mark is not None:
            return [_marked(snip, line, mark, shape, reader)]
    runs = _runs(line.glyphs)
    if not runs:
        return [Token("", _box(snip.box, shape), 0.0, reader)] if snip.line is not None else []
    return [_token(snip, run, i, runs, shape, reader) for i, run in enumerate(runs)]


def _marked(snip: Snip, line: Line, mark: tuple[str, float], shape: tuple[int, int], reader: str) -> Token:
    """A lone stroke: by its shape, and surer where the recogniser agrees."""
    kind, probability = mark
    read_so = line.text in (DASHES if kind == DASH else SLASHES)
    return Token(kind, _box(snip.box, shape), max(probability, line.confidence) if read_so else probability, reader)


def _runs(glyphs: Sequence[Glyph]) -> list[tuple[Glyph, ...]]:
    """Splits a line into tokens' glyphs."""
    runs: list[list[Glyph]] = []
    for glyph in glyphs:
        if glyph.text.isspace():
            runs.append([])
        elif runs and runs[-1] and _joins(runs[-1][-1].text) and _joins(glyph.text):
            runs[-1].append(glyph)
        else:
            runs.append([glyph])
    return [tuple(run) for run in runs if run]


def _joins(text: str) -> bool:
    """Whether a character is part of a number or of a Latin word."""
    return (text.isascii() and text.isalnum()) or text in ".,%-+/:％，．－＋" or text.isdecimal()


def _token(
    snip: Snip, run: tuple[Glyph, ...], i: int, runs: list[tuple[Glyph, ...]], shape: tuple[int, int], reader: str
) -> Token:
    """One run with its place: half-way to its neighbours on either side, and no further than a character's width."""
    reach = 0.7 * snip.box.height
    left = snip.x + run[0].x - reach
    right = snip.x + run[-1].x + reach
    if i > 0:
        left = max(left, snip.x + (runs[i - 1][-1].x + run[0].x) / 2)
    if i + 1 < len(runs):
        right = min(right, snip.x + (run[-1].x + runs[i + 1][0].x) / 2)
    if len(runs) == 1 and len(run) > 1:
        left, right = snip.box.x0, snip.box.x1
    left, right = max(left, snip.box.x0), min(right, snip.box.x1)
    if right <= left:
        left, right = snip.box.x0, snip.box.x1
    height, width = shape
    box = Box(left / width, snip.box.y0 / height, right / width, snip.box.y1 / height)
    text = "".join(glyph.text for glyph in run)
    return Token(text, box, min(glyph.confidence for glyph in run), reader)


def _box(frame: Frame, shape: tuple[int, int]) -> Box:
    height, width = shape
    return Box(frame.x0 / width, frame.y0 / height, frame.x1 / width, frame.y1 / height)


def nothing_token(frame: Frame, probability: float, shape: tuple[int, int], reader: str) -> Token:
    """Ink that is probably no print, with the probability that nothing is printed there."""
    return Token("", _box(frame, shape), probability, reader)


__all__ = ["SURE", "Gray", "nothing_token", "read_snips", "tokens_of"]
