"""Column headings: which grid columns stand under which heading, and which form's wording is printed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from service.forms.catalogue import Line as FormLine
from service.forms.catalogue import TableForm
from service.forms.lines import Item, Layout, Line
from service.forms.normalise import label_key

_HEADING = 0.8
"""Similarity from which a text is a column heading."""
_JOINED_HEADING = 0.92
"""The same for two neighbouring texts taken as one."""
_HEADING_LINES = 8
"""Most lines above the last one that a heading wraps over."""
_SHORTEST = 0.85
"""A text shorter than this share of a label cannot be it."""
STRANGE = 0.85
"""Similarity to another row's label from which a line cannot be this row."""


@dataclass(frozen=True, slots=True)
class Headings:
    """For each column of the form the grid columns below its heading: start and end (excluded)."""

    spans: tuple[tuple[int, int], ...]
    block: int | None
    """The grid that they head; None for a text table."""

    @property
    def left(self) -> int:
        """The first grid column below a heading."""
        return min(start for start, _ in self.spans)

    @property
    def reordered(self) -> bool:
        """Whether the columns stand in another order than the form's."""
        return list(self.spans) != sorted(self.spans)

    def head(self, line: Line) -> bool:
        """Whether the line stands below these headings, in the same table."""
        return line.layout is Layout.TABS if self.block is None else self.block == line.block


class HeadingText(NamedTuple):
    """A text that may be a column heading, with the grid columns that it stands over (end excluded)."""

    key: str
    start: int
    end: int
    enough: float
    """Similarity from which this text is a heading."""


def find_headings(lines: Sequence[Line], columns: Sequence[FormLine]) -> Headings | None:
    """The column headings of the form at the end of these lines of one table; None unless all are found."""
    if not lines or lines[-1].layout not in (Layout.GRID, Layout.TABS):
        return None
    keys = [tuple(label_key(text) for text in column.labels) for column in columns]
    spans = _match_headings(heading_texts(lines), keys)
    return Headings(spans, lines[-1].block if lines[-1].layout is Layout.GRID else None) if spans else None


def heading_texts(lines: Sequence[Line]) -> list[HeadingText]:
    """Texts of a heading's lines with their grid columns, as they stand and as cuts may have parted them.

    A cell of a text table may be cut by a tab stop (neighbours joined) or wrapped over lines (joined downwards).
    """
    found = []
    for line in lines:
        single = [
            HeadingText(item.key, item.cell.column, item.cell.column + item.cell.column_span, _HEADING)
            for item in line.items
            if item.key
        ]
        found += single
        found += [
            HeadingText(left.key + right.key, left.start, right.end, _JOINED_HEADING)
            for left, right in pairwise(single)
            if right.start - left.start <= 2
        ]
    if lines and lines[-1].layout is Layout.TABS:
        found += [text for first in range(len(lines) - 1) for text in _downwards(lines[first:])]
    return found


def _downwards(lines: Sequence[Line]) -> list[HeadingText]:
    """The texts of each tab column, joined from top to bottom."""
    columns: dict[int, str] = {}
    for line in lines:
        for item in line.items:
            if item.key:
                columns[item.cell.column] = columns.get(item.cell.column, "") + item.key
    return [HeadingText(key, column, column + 1, _JOINED_HEADING) for column, key in columns.items()]


def _match_headings(
    texts: Sequence[HeadingText], keys: Sequence[tuple[str, ...]]
) -> tuple[tuple[int, int], ...] | None:
    """One text for each column, from left to right; None unless every column has one.

    A table whose columns stand in another order is told by headings that are there word for word, each once.
    """
    return _in_order(texts, keys) or _in_any_order(texts, keys)


def _in_any_order(texts: Sequence[HeadingText], keys: Sequence[tuple[str, ...]]) -> tuple[tuple[int, int], ...] | None:
    spans = [{(text.start, text.end) for text in texts if text.key in labels} for labels in keys]
    found = [next(iter(options)) for options in spans if len(options) == 1]
    return tuple(found) if len(found) == len(keys) == len(set(found)) else None


def _in_order(texts: Sequence[HeadingText], keys: Sequence[tuple[str, ...]]) -> tuple[tuple[int, int], ...] | None:
    spans: list[tuple[int, int]] = []
    right = -1
    for labels in keys:
        good = [
            (text.start, -similarity, text.end)
            for text in texts
            if text.start >= right
            and (similarity := max(Indel.normalized_similarity(text.key, label) for label in labels)) >= text.enough
        ]
        if not good:
            return None
        start, _, end = min(good)
        spans.append((start, end))
        right = end
    return tuple(spans)


def headings_above(lines: Sequence[Line], table: TableForm) -> list[list[Headings | None]]:
    """For every line the headings above it, for each block of the form."""
    current: list[Headings | None] = [None] * len(table.blocks)
    corners = {label_key(block.corner) for block in table.blocks if block.corner}
    top = 0
    found = []
    for index, line in enumerate(lines):
        if line.layout in (Layout.GRID, Layout.TABS) and line.texts:
            if corners.intersection(line.texts):  # new headings begin: those above no longer hold
                top, current = index, [None] * len(table.blocks)
            above = _table_lines(lines, top, index)
            for number, block in enumerate(table.blocks):
                current[number] = find_headings(above, block.columns) or current[number]
        found.append(list(current))
    return found


def _table_lines(lines: Sequence[Line], top: int, index: int) -> Sequence[Line]:
    """The last few lines of the same table down to this one, none above `top`."""
    first = index
    while first > max(top, index - _HEADING_LINES) and _same_table(lines[first - 1], lines[index]):
        first -= 1
    return lines[first : index + 1]


def _same_table(one: Line, other: Line) -> bool:
    """Whether two lines count their columns alike: grids count each their own."""
    return one.layout is other.layout and (one.layout is not Layout.GRID or one.block == other.block)


def heading_score(lines: Sequence[Line], table: TableForm) -> float:
    """How much of the form's own wording is printed: what tells the forms apart where rows look the same.

    Column headings are counted against those that are not there; row labels only for, as they wrap in many ways.
    """
    texts = {"".join(line.texts) for line in lines if line.texts}
    for index, line in enumerate(lines):
        if line.layout is Layout.TABS and line.texts:
            texts |= {text.key for text in heading_texts(_table_lines(lines, 0, index))}
    columns = {column.id: column for block in table.blocks for column in block.columns}.values()
    rows = [row for block in table.blocks for row in block.rows]
    found = sum(any(_is_printed(label_key(label), texts) for label in column.labels) for column in columns)
    named = sum(_is_printed(label_key(row.label), texts) for row in rows if row.label)
    return 2.0 * (2 * found - len(columns)) + named


def _is_printed(label: str, texts: Iterable[str]) -> bool:
    """Whether the label stands in one of the texts, letter by letter but for one in seven."""
    return any(
        len(text) >= _SHORTEST * len(label) and fuzz.partial_ratio(label, text, score_cutoff=85) for text in texts
    )


def heading_lines(lines: Sequence[Line], table: TableForm) -> frozenset[int]:
    """The lines that hold a heading of the table, which can never be a row whose label cannot be read."""
    texts = (text for block in table.blocks for text in (*block.headings, block.corner or ""))
    labels = (label for block in table.blocks for column in block.columns for label in column.labels)
    keys = [key for key in {label_key(text) for text in (*texts, *labels)} if key]
    return frozenset(
        index
        for index, line in enumerate(lines)
        if any(Indel.normalized_similarity(text, key) >= STRANGE for text in line.texts for key in keys)
    )


def overlap(item: Item, span: tuple[int, int]) -> bool:
    """Whether the item stands in one of these grid columns (start, end excluded)."""
    return item.cell.column < span[1] and item.cell.column + item.cell.column_span > span[0]
