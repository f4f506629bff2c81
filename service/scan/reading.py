"""Snips -> lines of text: read once, and where that was not sure again in other pictures of the same ink."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from models.text import Glyph, Line, TextRecogniser
from service.scan.clean import Gray, as_colour
from service.scan.snips import Lane, Snip, softened, thickened

SURE = 0.93
"""Below this probability a line is read again, with thicker strokes and with softer ones."""
LEGIBLE = 0.5
"""The same for lines of Chinese characters."""
_FAIR, _CERTAIN = 0.8, 0.95
"""Least probability of a number that needs no second reading: among all characters, and among those of numbers."""
_DISPUTED = 0.89
"""Highest probability of a number that not all pictures of it show."""
_VARIANTS: tuple[Callable[[Snip], Gray], ...] = (thickened, softened)
_MOSTLY = 0.6
"""Share of a row's or column's cells without Chinese characters from which on numbers are expected there."""


def read_snips(snips: Sequence[Snip], recogniser: TextRecogniser) -> tuple[Line, ...]:
    """Reads every snip, those in doubt three times: the way where no second reader sees the numbers.

    Readings of the same ink vote with their probabilities, and a text that only some of them saw gets only their share.
    Where a number is expected, and no reading is surely text, the votes are those of the numeric readings.
    """
    lines = _read(snips, recogniser)
    numeric = numeric_lanes(snips, lines)
    expected = [_expects_number(snip, line, numeric) for snip, line in zip(snips, lines, strict=True)]
    doubtful = [i for i, line in enumerate(lines) if _is_doubtful(line, expected=expected[i])]
    settled = _reread(snips, lines, doubtful, expected, recogniser)
    rest = set(range(len(lines))).difference(doubtful)
    return tuple(_confirmed(line) if i in rest and expected[i] else line for i, line in enumerate(settled))


def read_once(snips: Sequence[Snip], recogniser: TextRecogniser) -> tuple[Line, ...]:
    """Reads every snip, and again only text in doubt: numbers have a second reader."""
    lines = _read(snips, recogniser)
    doubtful = [i for i, (snip, line) in enumerate(zip(snips, lines, strict=True)) if _is_doubtful_text(snip, line)]
    return tuple(_reread(snips, lines, doubtful, [False] * len(lines), recogniser))


def _read(snips: Sequence[Snip], recogniser: TextRecogniser) -> list[Line]:
    return list(recogniser.read([as_colour(snip.picture) for snip in snips]))


def _reread(
    snips: Sequence[Snip],
    lines: Sequence[Line],
    doubtful: Sequence[int],
    expected: Sequence[bool],
    recogniser: TextRecogniser,
) -> list[Line]:
    """The lines, with those in doubt as their variants read together."""
    again = [recogniser.read([as_colour(variant(snips[i])) for i in doubtful]) for variant in _VARIANTS]
    result = list(lines)
    for i, *others in zip(doubtful, *again, strict=True):
        result[i] = _settled((lines[i], *others), expected=expected[i])
    return result


def _is_doubtful_text(snip: Snip, line: Line) -> bool:
    """Whether a line is worth reading again where it is no number: print without Chinese in a cell may well be one."""
    return _is_doubtful(line, expected=False) and (snip.line is None or has_chinese(line.text))


def _is_doubtful(line: Line, *, expected: bool) -> bool:
    """Whether a line is worth reading again. Labels are matched as a whole: a character in doubt does no harm there."""
    if expected:
        return not (_is_number(line) and line.confidence >= _FAIR and _confidence(_confirmed(line).glyphs) >= _CERTAIN)
    return line.confidence < (LEGIBLE if has_chinese(line.text) else SURE)


def _settled(readings: Sequence[Line], *, expected: bool) -> Line:
    """The reading that the most probability stands for."""
    chinese = max((line.confidence for line in readings if has_chinese(line.text)), default=0.0)
    if chinese < (SURE if expected else 0.01):
        voted = _vote([trimmed(line.number) for line in readings])
        if voted and expected:
            return Line(*[_weighed(voted, [trimmed(line.number) for line in readings])] * 2)
        if voted and _confidence(voted) > 0.3:
            return Line(voted, voted)
    return Line(_vote([line.glyphs for line in readings]))


def _confirmed(line: Line) -> Line:
    """A number that reads the same among all characters and among those of numbers: the surer of the two counts.

    Among all characters a zero shares its probability with the letter and the circle, which no number holds.
    """
    number = line.number if _text(line.number) == line.text else ()
    return Line(number, number) if _confidence(number) > line.confidence else line


def _weighed(voted: tuple[Glyph, ...], readings: Sequence[tuple[Glyph, ...]]) -> tuple[Glyph, ...]:
    """A number's probability by its pictures: the least that any gives where all agree, in doubt where they differ."""
    agreed = all(_text(glyphs) == _text(voted) for glyphs in readings)
    ceiling = min(_confidence(glyphs) for glyphs in readings) if agreed else _DISPUTED
    best = max((glyphs for glyphs in readings if _text(glyphs) == _text(voted)), key=_confidence)
    return tuple(
        replace(glyph, confidence=min(ceiling, sure.confidence if agreed else glyph.confidence))
        for glyph, sure in zip(voted, best, strict=True)
    )


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


def _expects_number(snip: Snip, line: Line, numeric: frozenset[Lane]) -> bool:
    """Whether a cell stands among numbers. A row of numbers begins with its label, so there the reading has a say."""
    kinds = {lane[1] for lane in snip.lanes if lane in numeric}
    words = sum(has_chinese(glyph.text) for glyph in line.glyphs)
    return "column" in kinds or ("row" in kinds and words < 2 and snip.box.width < 6 * snip.digit)


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


def _is_number(line: Line) -> bool:
    whole = line.glyphs == trimmed(line.glyphs)
    return bool(line.glyphs) and whole and all(character in "0123456789.,-—–一/" for character in line.text)


def _text(glyphs: Sequence[Glyph]) -> str:
    return "".join(glyph.text for glyph in glyphs)


def _confidence(glyphs: Sequence[Glyph]) -> float:
    return min((glyph.confidence for glyph in glyphs), default=0.0)
