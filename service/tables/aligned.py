"""Tables without rules, or with too few of them: rows by baselines, columns by where the numbers stand.

Every line of numbers is a row, and a number belongs to the row on whose line it stands: that is never guessed. What is
inferred is which lines of a wrapped label go with it (`service.tables.bands`), and the extent of headings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from math import inf
from statistics import median

from service.documents.model import Page, Rule, Token
from service.tables.bodies import headings_alone, is_row, parts
from service.tables.columns import heading_columns, label_columns, number_columns
from service.tables.joints import join_ordinals, part_numbers
from service.tables.marks import is_number, is_page_number
from service.tables.printed import CLOSE
from service.tables.rows import Chunk, Line, arrange
from service.tables.table import Table
from service.tables.text import line_text, lines_of, union

_LEVEL = 0.3
"""A text whose middle is nearer to that of a number than this share of its height stands on its line."""
_SLANT = 0.25
"""Numbers of one row share at least so much of their heights, be it far from one to the next and the page aslant."""
_TOUCH = 0.1
"""Two characters that are less of their height apart touch."""
_TOWER = 2.5
"""What is so many times as tall as most text is several lines of it."""
_RIM = 0.1
"""Share of a place by which a number of unknown sides is clear of each of them."""
_STEP = 1.25
"""Two characters so many times as far apart as most of their line are of two labels."""
_FOOT = 0.9
"""A page number stands below this height of the page, or as near to its head ..."""
_NARROW = 0.25
"""... and is no wider than this share of it."""
_STRUCK, _CORE = 3, 0.25
"""A rule down through so many texts is none, and how far from their sides, as a share of their width, it runs there."""


def find_aligned(tokens: Sequence[Token], rules: Sequence[Rule], page: Page) -> list[tuple[Table, frozenset[int]]]:
    """Find tables among tokens outside of closed lattices; returns each with the indices of its tokens.

    `rules` are what lines there are; they part rows and columns wherever they stand. A token without text proves that
    nothing stands in its place. A table has at least two lines with several numbers each, or three lines of a label and
    a number, or one line of six numbers, or of two below ten headings.
    """
    aspect = page.height / page.width
    inked = [token for token in tokens if token.text]
    rules = [r for r in rules if r.horizontal or not _strikes(r, inked)]
    walls = [r for r in rules if not r.horizontal]
    size = median(t.box.y1 - t.box.y0 for t in inked) if inked else 0.0
    inked = [_low(token, size) for token in inked]
    chunks = [_tall(c, size) for line in lines_of(inked) for c in _chunks(line, walls, aspect)]
    lines = _lines(join_ordinals(chunks, aspect, partial(_chunk, aspect=aspect)))
    apart = [_headings_apart(line, aspect) for line in lines]
    places = (i for i, token in enumerate(tokens) if token.text)
    index = {id(token): i for i, token in zip(places, inked, strict=True)}
    empty = [token for token in tokens if not token.text]
    found = []
    tables = tuple(parts(lines, apart, aspect))
    for top, body, end, foot in (*tables, *headings_alone(lines, apart, tables, aspect)):
        region = [*apart[top:body], *lines[body : end + 1]]
        table = _table(region, body - top, rules, page, empty) if body <= end else _blank(region, foot, page, empty)
        found.append((table, frozenset(index[id(t)] for line in region for c in line for t in c.tokens)))
    return found


def _strikes(wall: Rule, tokens: Sequence[Token]) -> bool:
    """Whether a rule down is made of strokes of text: the sides of zeros below each other, or ones."""
    x, boxes = (wall.x0 + wall.x1) / 2, [token.box for token in tokens]
    struck = [box for box in boxes if wall.y0 < (box.y0 + box.y1) / 2 < wall.y1]
    struck = [b for b in struck if b.x0 + _CORE * (b.x1 - b.x0) < x < b.x1 - _CORE * (b.x1 - b.x0)]
    return len(struck) >= _STRUCK


def _chunks(line: Sequence[Token], walls: Sequence[Rule], aspect: float) -> Line:
    """Split a line where a gap or a vertical rule parts it."""
    size = median(t.box.y1 - t.box.y0 for t in line) * aspect
    parts: list[list[Token]] = []
    for token in line:
        if parts:
            before = parts[-1][-1]
            gap = token.box.x0 - before.box.x1
            one_kind = is_number(before.text) == is_number(token.text)
            y = (token.box.y0 + token.box.y1) / 2
            here = ((before.box.x0 + before.box.x1) / 2, (token.box.x0 + token.box.x1) / 2)
            wall = any(r.y0 <= y <= r.y1 and here[0] < (r.x0 + r.x1) / 2 < here[1] for r in walls)
            if not wall and gap <= (0.7 if one_kind else 0.4) * size:
                parts[-1].append(token)
                continue
        parts.append([token])
    return tuple(_chunk(part, aspect) for part in parts)


def _headings_apart(line: Line, aspect: float) -> Line:
    """A line of headings with those apart that nearly touch: words of two characters or more, and gaps between them."""
    parted: list[Chunk] = []
    for chunk in _touching_joined(line, aspect):
        size = median(t.box.y1 - t.box.y0 for t in chunk.tokens) * aspect
        words = [[chunk.tokens[0]]]
        for before, token in pairwise(chunk.tokens):
            if token.box.x0 - before.box.x1 > CLOSE * size and (before.text + token.text).isalnum():
                words.append([])
            words[-1].append(token)
        parted += [chunk] if any(len(word) < 2 for word in words) else [_chunk(word, aspect) for word in words]
    return tuple(parted)


def _touching_joined(line: Line, aspect: float) -> Line:
    """A line with texts that touch in one: where a label's line lies between two of headings, it may tear one apart."""
    joined: list[Chunk] = []
    for chunk in line:
        before = joined[-1] if joined else None
        size = (chunk.box.y1 - chunk.box.y0) * aspect
        if before and not (before.number or chunk.number) and abs(chunk.box.x0 - before.box.x1) < _TOUCH * size:
            joined[-1] = _chunk((*before.tokens, *chunk.tokens), aspect)
        else:
            joined.append(chunk)
    return tuple(joined)


def _chunk(tokens: Sequence[Token], aspect: float) -> Chunk:
    return Chunk(tuple(tokens), union(t.box for t in tokens), line_text(tokens, aspect).strip())


def _labels_apart(line: Line, starts: Sequence[float], aspect: float) -> Line:
    """A line of labels with those apart that were read as one: a wide step to where a column of labels begins.

    The label of several rows stands a character or two a line beside theirs.
    """
    parted: list[Chunk] = []
    for chunk in line:
        middles = [(t.box.x0 + t.box.x1) / 2 for t in chunk.tokens]
        steps = [b - a for a, b in pairwise(middles)]
        size = median(t.box.y1 - t.box.y0 for t in chunk.tokens) * aspect
        wide = _STEP * median(steps) if len(steps) > 2 else inf
        cuts = [
            i
            for i, step in enumerate(steps, 1)
            if step > wide and any(abs(chunk.tokens[i].box.x0 - x) < _LEVEL * size for x in starts[1:])
        ]
        ends = [0, *cuts, len(chunk.tokens)]
        parted += [_chunk(chunk.tokens[a:b], aspect) for a, b in pairwise(ends)] if cuts else [chunk]
    return tuple(parted)


def _low(token: Token, size: float) -> Token:
    """Characters below each other that were read as one, no taller than one: they would lie on the lines of all.

    And a number of which only its place is known is clear of the next places, whose numbers it would touch.
    """
    x0, y0, x1, y1 = token.box
    if y1 - y0 < _TOWER * size:
        return token
    low = token.box._replace(y0=(y0 + y1 - size) / 2, y1=(y0 + y1 + size) / 2)
    if not is_number(token.text):
        return replace(token, box=low)
    rim = _RIM * (x1 - x0)
    return replace(token, box=low._replace(x0=x0 + rim, x1=x1 - rim))


def _tall(chunk: Chunk, size: float) -> Chunk:
    """A stroke as tall as a character of this size: as thin as its ink, it would lie on the line of no other."""
    if not chunk.number or chunk.box.y1 - chunk.box.y0 > size / 2:
        return chunk
    return replace(chunk, box=chunk.box._replace(y0=chunk.y - size / 2, y1=chunk.y + size / 2))


def _lines(chunks: Sequence[Chunk]) -> list[Line]:
    """Put chunks on lines: numbers with numbers, and with a text that stands at their height.

    A wrapped label stands half a line above and below its numbers, so that by their overlap they might go to either.
    """
    rows = lines_of((c for c in chunks if c.number), _SLANT)
    free: list[list[Chunk]] = []
    for line in lines_of(c for c in chunks if not c.number):
        size = median(c.box.y1 - c.box.y0 for c in line)
        y = sum(c.y for c in line) / len(line)
        row = min(rows, key=lambda row: abs(sum(c.y for c in row) / len(row) - y), default=[])
        if row and abs(sum(c.y for c in row if c.number) / sum(c.number for c in row) - y) < _LEVEL * size:
            row += line
        else:
            free.append(line)
    lines = [tuple(sorted(line, key=lambda c: c.box.x0)) for line in (*rows, *free)]
    lines.sort(key=lambda line: sum(c.y for c in line) / len(line))
    return [line for i, line in enumerate(lines) if not (i in (0, len(lines) - 1) and _is_furniture(line))]


def _is_furniture(line: Line) -> bool:
    """Whether the first or last line of a page is its number, in pieces."""
    box = union(c.box for c in line)
    at_edge = box.y0 > _FOOT or box.y1 < 1 - _FOOT
    return at_edge and box.x1 - box.x0 < _NARROW and is_page_number("".join(c.text for c in line))


def _blank(heading: Sequence[Line], foot: float, page: Page, empty: Sequence[Token]) -> Table:
    """Build the table of headings over one row in which nothing is printed, down to `foot`."""
    return arrange(heading, len(heading), (), heading_columns(heading), (), page, empty, foot)


def _table(region: Sequence[Line], body: int, rules: Sequence[Rule], page: Page, empty: Sequence[Token]) -> Table:
    """Build the table of a region whose first line of numbers is the one at index `body`."""
    aspect = page.height / page.width
    region = part_numbers(region, body, aspect, partial(_chunk, aspect=aspect))
    box = union(c.box for line in region for c in line)
    near = [r for r in rules if box.y0 - 0.03 < (r.y0 + r.y1) / 2 < box.y1 + 0.03]
    walls = sorted({round((r.x0 + r.x1) / 2, 4) for r in near if not r.horizontal})
    bars = sorted({round((r.y0 + r.y1) / 2, 4) for r in near if r.horizontal and r.x1 - r.x0 > 0.3})
    numbers = number_columns(region, body, [line for i, line in enumerate(region) if is_row(region, i)], walls)
    labels = label_columns(region[body:], numbers[0])
    region = [*region[:body], *(_labels_apart(line, labels, aspect) for line in region[body:])]
    return arrange(region, body, labels, numbers, bars, page, empty)
