"""Snips -> readings: read once, and where that was not sure again in other pictures of the same ink."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from models.text import Glyph, Line, TextRecogniser
from service.scan.clean import Gray, as_colour
from service.scan.snips import Snip, softened, thickened

SURE = 0.93
"""Below this probability a line is read again, with thicker strokes and with softer ones."""
_VARIANTS: tuple[Callable[[Snip], Gray], ...] = (thickened, softened)
_MOSTLY = 0.6
"""Share of a column's cells without Chinese characters from which on its cells are expected to hold numbers."""


def read_snips(snips: Sequence[Snip], recogniser: TextRecogniser) -> tuple[Line, ...]:
    """Reads every snip, those in doubt three times.

    Readings of the same ink vote with their probabilities, and a text that only some of them saw gets only their share.
    Where a number is expected, and no reading is surely text, the votes are those of the numeric readings.
    """
    lines = list(recogniser.read([as_colour(snip.picture) for snip in snips]))
    numeric = _numeric_columns(snips, lines)
    doubtful = [
        i
        for i, line in enumerate(lines)
        if line.confidence < SURE or (snips[i].column in numeric and not _is_number(line))
    ]
    again = [recogniser.read([as_colour(variant(snips[i])) for i in doubtful]) for variant in _VARIANTS]
    for i, *others in zip(doubtful, *again, strict=True):
        lines[i] = _settled((lines[i], *others), expected=snips[i].column in numeric)
    return tuple(lines)


def _settled(readings: Sequence[Line], *, expected: bool) -> Line:
    """The reading that the most probability stands for."""
    chinese = max((line.confidence for line in readings if has_chinese(line.text)), default=0.0)
    if chinese < (SURE if expected else 0.01):
        voted = _vote([_trimmed(line.number) for line in readings])
        if voted and (expected or _confidence(voted) > 0.3):
            return Line(voted, voted)
    return Line(_vote([line.glyphs for line in readings]))


def _vote(readings: Sequence[tuple[Glyph, ...]]) -> tuple[Glyph, ...]:
    votes: defaultdict[str, float] = defaultdict(float)
    for glyphs in readings:
        votes[_text(glyphs)] += _confidence(glyphs) / len(readings)
    winner = max(votes, key=lambda text: votes[text])
    best = max((glyphs for glyphs in readings if _text(glyphs) == winner), key=_confidence)
    return tuple(replace(glyph, confidence=min(glyph.confidence, votes[winner])) for glyph in best)


def _trimmed(number: tuple[Glyph, ...]) -> tuple[Glyph, ...]:
    """A number without points before and points or strokes after it, which specks make; a lone stroke stays."""
    while len(number) > 1 and number[0].text in ".,":
        number = number[1:]
    while len(number) > 1 and number[-1].text in ".,-—/":
        number = number[:-1]
    return number


def _numeric_columns(snips: Sequence[Snip], lines: Sequence[Line]) -> frozenset[tuple[int, int]]:
    """The table columns in which most lines hold no Chinese character."""
    counts: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for snip, line in zip(snips, lines, strict=True):
        if snip.column is not None and line.glyphs:
            counts[snip.column][has_chinese(line.text)] += 1
    return frozenset(
        column for column, (without, with_) in counts.items() if without >= max(3, _MOSTLY * (without + with_))
    )


def has_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character; a lone horizontal stroke does not count as one."""
    return any("\u3400" <= character <= "\u9fff" for character in text) and text != "一"


def _is_number(line: Line) -> bool:
    trimmed = line.glyphs == _trimmed(line.glyphs)
    return bool(line.glyphs) and trimmed and all(character in "0123456789.,-—–一/" for character in line.text)


def _text(glyphs: Sequence[Glyph]) -> str:
    return "".join(glyph.text for glyph in glyphs)


def _confidence(glyphs: Sequence[Glyph]) -> float:
    return min((glyph.confidence for glyph in glyphs), default=0.0)
