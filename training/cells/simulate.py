"""Drawn pages -> pages as a scan or a text layer leaves them, without drawing a picture or reading one.

What OCR and rule finding do wrong is done here at random: boxes shake, characters are mistaken, lost and added, lines
are shortened and lost.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from service.documents.model import Box, Page, Rule, Token
from training.synthesize.alter import garble
from training.synthesize.pages import DrawnPage, Glyph, Stroke

READER = "simulated"
_STROKES = "-—－–/\\／"
_GAP = 6.0
"""Points between two dashes of one line that line finding bridges."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How much goes wrong between the paper and the page that was read; rates are probabilities."""

    scanned: bool = False
    """The page went through OCR: the pipeline then trusts less."""
    characters: float = 0.0
    """Of a character being mistaken, lost, or joined by a stray one."""
    lost_numbers: float = 0.0
    """Of a number not being seen at all."""
    broken_numbers: float = 0.0
    """Of a number being read as something that is none."""
    specks: float = 0.0
    """Of a stray mark beside a token."""
    shake: float = 0.0
    """Standard deviation of the sides of a token's box, in type sizes."""
    lost_rules: float = 0.0
    """Of a ruled line not being found."""
    cut_rules: float = 0.0
    """Of a piece of a ruled line not being found."""
    stray_rules: float = 0.0
    """Of a line being seen where there is none, a page."""


def choose_noise(rng: random.Random) -> Noise:
    """From a text layer's none to a bad copy's."""
    if rng.random() < 0.25:
        return Noise()
    bad = rng.random() ** 2
    return Noise(
        scanned=True,
        characters=rng.choice([0, 0.01, 0.03, 0.08, 0.15, 0.3]),
        lost_numbers=rng.choice([0, 0, 0.01, 0.05]) * bad,
        broken_numbers=rng.choice([0, 0, 0.02, 0.08]) * bad,
        specks=rng.choice([0, 0, 0.01]) * bad,
        shake=0.12 * rng.random(),
        lost_rules=rng.choice([0, 0, 0, 0.02, 0.1]),
        cut_rules=rng.choice([0, 0, 0, 0.05, 0.2]),
        stray_rules=rng.choice([0, 0, 0.2]),
    )


def read_pages(pages: Sequence[DrawnPage], noise: Noise, rng: random.Random) -> tuple[Page, ...]:
    """The pages as they would come out of `service.scan` or a text layer; places are fractions of the drawn page."""
    return tuple(
        Page(
            number=number,
            width=page.width,
            height=page.height,
            tokens=tuple(_tokens(page, noise, rng)),
            rules=tuple(_rules(page, noise, rng)),
            scanned=noise.scanned,
        )
        for number, page in enumerate(pages, start=1)
    )


def _tokens(page: DrawnPage, noise: Noise, rng: random.Random) -> Iterator[Token]:
    for glyphs in _runs(page.glyphs):
        text = "".join(glyph.text for glyph in glyphs)
        box = _shaken(_box(glyphs), glyphs[0].size, noise.shake, rng)
        read = _misread(text, noise, rng)
        confidence = rng.uniform(0.5, 1) if noise.scanned else 1.0
        reader = READER if noise.scanned else "text-layer"
        if read:
            yield Token(read, _fraction(box, page), confidence, reader)
        elif noise.scanned and _numeric(text):  # ink that was not read stays ink
            yield Token("", _fraction(box, page), confidence, reader)
        if rng.random() < noise.specks:
            away = rng.uniform(-2, 2) * glyphs[0].size
            speck = Box(box.x1, box.y0 + away, box.x1 + 0.4 * glyphs[0].size, box.y1 + away)
            yield Token(rng.choice(".·,1-"), _fraction(speck, page), 0.4, reader)


def _runs(glyphs: Sequence[Glyph]) -> Iterator[list[Glyph]]:
    """Numbers and Latin words whole, every other character by itself, as `service.scan.reading.tokens` cuts lines."""
    run: list[Glyph] = []
    for glyph in glyphs:
        if run and not (_joins(run[-1].text) and _joins(glyph.text) and _beside(run[-1], glyph)):
            yield run
            run = []
        run.append(glyph)
    if run:
        yield run


def _joins(text: str) -> bool:
    return (text.isascii() and text.isalnum()) or text in ".,%-+/:％，．－＋" or text.isdecimal()


def _beside(before: Glyph, after: Glyph) -> bool:
    return abs(before.y - after.y) < 0.5 and -0.5 <= after.x - before.box.x1 <= 0.6 * after.size


def _box(glyphs: Sequence[Glyph]) -> Box:
    boxes = [glyph.box for glyph in glyphs]
    return Box(boxes[0].x0, min(box.y0 for box in boxes), boxes[-1].x1, max(box.y1 for box in boxes))


def _shaken(box: Box, size: float, shake: float, rng: random.Random) -> Box:
    if not shake:
        return box
    x0, y0, x1, y1 = (side + rng.gauss(0, shake * size) for side in box)
    return Box(min(x0, x1 - 1), min(y0, y1 - 1), max(x1, x0 + 1), max(y1, y0 + 1))


def _fraction(box: Box, page: DrawnPage) -> Box:
    return Box(box.x0 / page.width, box.y0 / page.height, box.x1 / page.width, box.y1 / page.height)


def _numeric(text: str) -> bool:
    return any(character.isdigit() for character in text) or all(character in _STROKES for character in text)


def _misread(text: str, noise: Noise, rng: random.Random) -> str:
    """What OCR makes of a token; "" where it sees nothing."""
    if _numeric(text):
        chance = rng.random()
        if chance < noise.lost_numbers:
            return ""
        if chance < noise.lost_numbers + noise.broken_numbers:
            return rng.choice(["口", "O", "I", "一", "卜", "L7", "八", text + "."])
        if chance < noise.lost_numbers + 2 * noise.broken_numbers:
            return "".join(rng.choice("0123456789") for _ in text)
        return text
    if rng.random() >= noise.characters:
        return text
    return "" if rng.random() < 0.25 else garble(text, rng, 1.0)


def _rules(page: DrawnPage, noise: Noise, rng: random.Random) -> Iterator[Rule]:
    lines = [_rule(stroke, page) for stroke in _bridged(page.strokes)]
    if lines and rng.random() < noise.stray_rules:
        like = rng.choice(lines)
        lines.append(_moved(like, rng.uniform(-0.03, 0.03)))
    for line in lines:
        if rng.random() < noise.lost_rules:
            continue
        yield from _cut(line, noise.cut_rules, rng)


def _bridged(strokes: Iterable[Stroke]) -> Iterator[Stroke]:
    """Strokes with the dashes of one line joined, as line finding joins them."""

    def course(stroke: Stroke) -> tuple[bool, float]:
        across = stroke.y0 == stroke.y1
        return across, round(stroke.y0 if across else stroke.x0, 1)

    for (across, _), group in groupby(sorted(strokes, key=lambda one: (course(one), one.x0, one.y0)), key=course):
        current: Stroke | None = None
        for stroke in group:
            gap = None if current is None else (stroke.x0 - current.x1 if across else stroke.y0 - current.y1)
            if current is not None and gap is not None and gap <= _GAP:
                current = replace(current, x1=max(current.x1, stroke.x1), y1=max(current.y1, stroke.y1))
                continue
            if current is not None:
                yield current
            current = stroke
        if current is not None:
            yield current


def _rule(stroke: Stroke, page: DrawnPage) -> Rule:
    return Rule(stroke.x0 / page.width, stroke.y0 / page.height, stroke.x1 / page.width, stroke.y1 / page.height)


def _moved(rule: Rule, by: float) -> Rule:
    if rule.horizontal:
        return replace(rule, y0=rule.y0 + by, y1=rule.y1 + by)
    return replace(rule, x0=rule.x0 + by, x1=rule.x1 + by)


def _cut(rule: Rule, share: float, rng: random.Random) -> Iterator[Rule]:
    """The rule, or what is left of it around a lost piece."""
    if rng.random() >= share:
        yield rule
        return
    start, length = rng.random(), rng.uniform(0.02, 0.5)
    for low, high in ((0.0, start), (start + length, 1.0)):
        if high - low > 0.02:
            yield Rule(
                rule.x0 + low * (rule.x1 - rule.x0),
                rule.y0 + low * (rule.y1 - rule.y0),
                rule.x0 + high * (rule.x1 - rule.x0),
                rule.y0 + high * (rule.y1 - rule.y0),
            )
