"""Snips -> lines of text: read once, and where that was not sure again in other pictures of the same ink."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from models.text import Glyph, Line, TextRecogniser
from service.scan.picture.clean import Gray, as_colour
from service.scan.print.snips import Lane, Snip, softened, thickened

SURE = 0.93
"""Below this probability a line is read again, with thicker strokes and with softer ones."""
LEGIBLE = 0.5
"""The same for lines of Chinese characters."""
_SOME, _LIKELY = 0.01, 0.3
"""Probability of a Chinese character below which a line can be a number, and from which on it is taken for one."""
_VARIANTS: tuple[Callable[[Snip], Gray], ...] = (thickened, softened)
_MOSTLY = 0.6
"""Share of a row's or column's cells without Chinese characters from which on numbers are expected there."""


def read_snips(snips: Sequence[Snip], recogniser: TextRecogniser) -> tuple[Line, ...]:
    """Reads every snip, and text in doubt three times, in pictures of the same ink: numbers have a second reader.

    Readings of the same ink vote with their probabilities, and a text that only some of them saw gets only their share.
    """
    lines = _read(snips, recogniser)
    doubtful = [i for i, (snip, line) in enumerate(zip(snips, lines, strict=True)) if _is_doubtful_text(snip, line)]
    again = [recogniser.read([as_colour(variant(snips[i])) for i in doubtful]) for variant in _VARIANTS]
    for i, *others in zip(doubtful, *again, strict=True):
        lines[i] = _settled((lines[i], *others))
    return tuple(lines)


def _read(snips: Sequence[Snip], recogniser: TextRecogniser) -> list[Line]:
    return list(recogniser.read([as_colour(snip.picture) for snip in snips]))


def _is_doubtful_text(snip: Snip, line: Line) -> bool:
    """Whether a line is worth reading again where it is no number: print without Chinese in a cell may well be one.

    Labels are matched as a whole: a character in doubt does no harm there.
    """
    chinese = has_chinese(line.text)
    return line.confidence < (LEGIBLE if chinese else SURE) and (snip.line is None or chinese)


def _settled(readings: Sequence[Line]) -> Line:
    """The reading that the most probability stands for."""
    chinese = max((line.confidence for line in readings if has_chinese(line.text)), default=0.0)
    if chinese < _SOME:
        voted = _vote([trimmed(line.number) for line in readings])
        if voted and _confidence(voted) > _LIKELY:
            return Line(voted, voted)
    return Line(_vote([line.glyphs for line in readings]))


def _vote(readings: Sequence[tuple[Glyph, ...]]) -> tuple[Glyph, ...]:
    """The text that most speaks for, by all its votes and by its surest; its probability is its share of the votes.

    The surest counts beside the sum, for a broken zero reads as two strokes in all pictures but the softest.
    """
    votes: defaultdict[str, float] = defaultdict(float)
    surest: defaultdict[str, float] = defaultdict(float)
    for glyphs in readings:
        votes[_text(glyphs)] += _confidence(glyphs) / len(readings)
        surest[_text(glyphs)] = max(surest[_text(glyphs)], _confidence(glyphs))
    winner = max(votes, key=lambda text: votes[text] + 0.6 * surest[text])
    best = max((glyphs for glyphs in readings if _text(glyphs) == winner), key=_confidence)
    return tuple(replace(glyph, confidence=min(glyph.confidence, votes[winner])) for glyph in best)


def trimmed(number: tuple[Glyph, ...]) -> tuple[Glyph, ...]:
    """A number without points before and points or strokes after it, which specks make; a lone stroke stays."""
    while len(number) > 1 and number[0].text in ".,":
        number = number[1:]
    while len(number) > 1 and number[-1].text in ".,-—/":
        number = number[:-1]
    return number


def numeric_lanes(snips: Sequence[Snip], lines: Sequence[Line]) -> frozenset[Lane]:
    """The rows and columns of tables in which most lines hold no Chinese character."""
    counts: defaultdict[Lane, list[int]] = defaultdict(lambda: [0, 0])
    for snip, line in zip(snips, lines, strict=True):
        if line.glyphs:
            for lane in snip.lanes:
                counts[lane][has_chinese(line.text)] += 1
    return frozenset(
        lane for lane, (without, with_) in counts.items() if without >= max(3, _MOSTLY * (without + with_))
    )


def has_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character; a lone horizontal stroke does not count as one."""
    return any("\u3400" <= character <= "\u9fff" for character in text) and text != "一"


def _text(glyphs: Sequence[Glyph]) -> str:
    return "".join(glyph.text for glyph in glyphs)


def _confidence(glyphs: Sequence[Glyph]) -> float:
    return min((glyph.confidence for glyph in glyphs), default=0.0)
