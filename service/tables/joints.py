"""Numbers that stand so close to each other, or to a label, that their line was read as one text.

A file says where its characters stand to a hair, so that a gap is a fact; what it means, the table tells: it is within
one number where numbers of other rows stand across it, and between two columns where others stand on either side. Where
nothing tells, digits that stand apart are two numbers, unless they look like groups of thousands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from service.documents.model import DIGITAL_READERS, Box, Token
from service.tables.marks import is_number, is_ordinal
from service.tables.printed import CLOSE
from service.tables.rows import Chunk, Line

_THIN = 0.2
"""A gap of more than this share of the type's size may be a space; thousands are set apart by no narrower one."""
_LEVEL = 0.6
"""What stands at the height of another text shares so much of its height with it."""
_GROUPS = re.compile(r"\d{1,3}(?: \d{3})+(?:\.\d+)?")
"""Thousands as they are set apart by spaces."""

Make = Callable[[Sequence[Token]], Chunk]


def part_numbers(region: Sequence[Line], body: int, aspect: float, make: Make) -> list[Line]:
    """Cut the chunks of a table's rows in which a file's own tokens are of several cells; the heading stays.

    `body` is the index of the first row, `aspect` page height / page width; `make` makes a chunk of tokens.
    """
    every = [box for line in region[body:] for box in _alone(line)]
    parted = list(region[:body])
    for block in _blocks(region[body:]):
        for n, line in enumerate(block):
            others = [box for m, other in enumerate(block) if m != n for box in _alone(other)]
            parted.append(tuple(make(p) for c in line for p in _parts(c, others, every, aspect)))
    return parted


def join_ordinals(chunks: Sequence[Chunk], aspect: float, make: Make) -> list[Chunk]:
    """Join each number of an item (`5.`) with the text that begins right behind it, if that went to another line."""
    joined = list(chunks)
    for ordinal in (chunk for chunk in chunks if is_ordinal(chunk.text)):
        reach = CLOSE * (ordinal.box.y1 - ordinal.box.y0) * aspect
        for text in joined:
            level = min(ordinal.box.y1, text.box.y1) - max(ordinal.box.y0, text.box.y0)
            behind = not text.number and abs(text.box.x0 - ordinal.box.x1) < reach
            if behind and level > _LEVEL * (text.box.y1 - text.box.y0):
                joined = [each for each in joined if each is not ordinal and each is not text]
                joined.append(make((*ordinal.tokens, *text.tokens)))
                break
    return joined


def _blocks(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """Cut a table where headings stand between its numbers: other columns begin there."""
    left = min((c.box.x0 for line in lines for c in line if c.number), default=1.0)
    ends = [i for i, line in enumerate(lines) if line[-1].x > left and not any(c.number for c in line)]
    yield from (lines[a:b] for a, b in pairwise([0, *ends, len(lines)]) if a < b)


def _alone(line: Line) -> Iterator[Box]:
    """The boxes of numbers that are plainly one each."""
    yield from (chunk.box for chunk in line if len(chunk.tokens) == 1 and chunk.number)


def _parts(chunk: Chunk, others: Sequence[Box], every: Sequence[Box], aspect: float) -> Iterator[Sequence[Token]]:
    """Cut one chunk; `others` are the lone numbers of the block's other rows, `every` those of the table."""
    tokens = chunk.tokens
    if len(tokens) == 1 or any(token.reader not in DIGITAL_READERS for token in tokens):
        yield tokens
        return
    begin = next((i for i in range(len(tokens), 0, -1) if not is_number(tokens[i - 1].text)), 0)
    cuts = [i for i in range(max(begin, 0) + 1, len(tokens)) if _are_two(tokens[begin:], i - begin, others, aspect)]
    if 0 < begin < len(tokens) and _is_behind(tokens[:begin], tokens[begin], every):
        cuts.insert(0, begin)
    yield from (tokens[a:b] for a, b in pairwise([0, *cuts, len(tokens)]))


def _are_two(numbers: Sequence[Token], at: int, others: Sequence[Box], aspect: float) -> bool:
    """Whether a row's numbers before and from index `at` on are those of two columns."""
    before, after = numbers[at - 1].box, numbers[at].box
    middle = (before.x1 + after.x0) / 2
    if any(box.x0 < middle < box.x1 for box in others):
        return False
    if all(any(_overlap(box, side) for box in others) for side in (before, after)):
        return True
    size = (after.y1 - after.y0) * aspect
    grouped = _GROUPS.fullmatch(" ".join(token.text for token in numbers))
    return not (grouped and after.x0 - before.x1 > _THIN * size)


def _is_behind(label: Sequence[Token], number: Token, every: Sequence[Box]) -> bool:
    """Whether a number at the end of a text stands in a column of numbers, and none does where the text is."""
    held = any(_overlap(box, number.box) for box in every)
    return held and not any(_overlap(box, token.box) for box in every for token in label)


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1
