"""From a line's cells to the columns of the form: by the headings above, by a closed count, or by the edges.

A value is placed only where the line closes: as many cells as the form has columns, or a heading over each of them.
What does not close has no place and its fields come out as missing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from service.documents.model import Box
from service.forms.catalogue import Line as FormLine
from service.forms.headings import Headings, overlap
from service.forms.lines import Item, Kind, Layout, Line
from service.forms.runs import ends_run

Slot = tuple[Item, ...]
"""The items that stand in one column of the form: one, rarely the pieces of one."""
_BY_COUNT = 1.0
_BY_HEADING = 0.99
_CUT_OFF = 0.96
"""Certainty of the cells of a line that lost its last ones at the table's edge."""
_BLANK_FIRST = 0.94
"""Certainty of cells one a line where the first are empty: the empty lines may as well part the rows."""
_ALL_BLANK = 0.9
"""Certainty of a line with too few cells, none of them filled."""
_BY_EDGE = 0.6
"""Certainty of a first or last cell of a line with fewer cells than the form has columns."""
_BY_WIDTH = 0.96
"""Certainty of a scanned line in which a rule was lost, and the cell that it parted is told by its width."""
_RULED = 0.5
"""Probability that nothing is printed in a scanned cell that a line runs through which other rows have not: worn ones
are taken for a line (drawn copy 876: six numbers were sure to be nothing)."""
_ONE, _OFF = 1.45, 0.4
"""A cell of one column is less than so many times as wide as most, others about as wide as so many of them."""
_WIDE, _CUT_FROM = 5, 3
"""In a table of so many columns so many whole rows tell those of one with more cells: a streak cuts one in two."""
_TOUCH = 0.1
"""Widest gap between two cells of a ruled table, in widths of one: they are given in fractions of the slanting page."""
_NEAR = 0.25
"""A number stands below others whose middle is no farther from its own than so much of the way to the next column's."""
_INFERRED = 0.9
"""How sure a scanned cell is at most that is empty because its row has none there."""
_AGAINST_HEADING = 0.5
"""Certainty of a line that closes by count while its cells stand under other headings."""
_MOST = 0.8
"""Share of lines from which headings are taken to stand over the values of all."""
_LONGEST_VALUE = 12
"""A text longer than this among the values of a grid is a label that has slipped, not a value that cannot be read."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A line's values, column by column; None where the line gives no place to a column."""

    slots: tuple[Slot | None, ...]
    certainty: float
    run: bool = False
    """The values have run together: every slot holds all of them."""

    @property
    def complete(self) -> bool:
        """Whether every column has its place."""
        return all(slot is not None for slot in self.slots)


class Placer:
    """Places the values of the lines of one table; knows what the lines of one block have in common."""

    def __init__(self, lines: Sequence[Line], agreed: Sequence[float]) -> None:
        """`agreed`: for each line how sure it is which of its columns are the form's, 0 where nothing tells."""
        self._lines = lines
        self._agreed = agreed
        self._usual = _usual_counts(lines)

    def place(self, index: int, columns: Sequence[FormLine], headings: Headings | None) -> Placement | None:
        """The values of line `index` under `columns`; None where the line has no values to place."""
        if not self._agreed[index]:
            return None
        placed = self._place(index, columns, headings)
        return replace(placed, certainty=placed.certainty * self._agreed[index]) if placed else None

    def _place(self, index: int, columns: Sequence[FormLine], headings: Headings | None) -> Placement | None:
        line = self._lines[index]
        count = len(columns)
        values = self._values(line, count, headings)
        if not values:
            return self._among_texts(line, count)
        if line.layout is Layout.RUN or (line.layout is Layout.SPACES and any(map(_joined, values))):
            return _split_run(values, count)
        if line.layout is Layout.STACKED:
            return _from_stack(values, count)
        if headings and headings.reordered and headings.head(line):
            return _by_heading(line, [item for item in line.items if item.cell.column >= headings.left], headings)
        if len(values) == count and not self._is_displaced(line, values, headings):
            return self._by_count(line, values, headings)
        if headings and headings.head(line) and self._headings_hold(headings, count):
            placed = _by_heading(line, values, headings)
            if placed:
                return placed
        if len(values) > count:
            told = line.layout is Layout.GRID and line.split > 0 and self._usual[index] == count >= _WIDE
            placed = self._by_column(line, count, _CUT_FROM) if told and _is_scanned(values) else None
            return placed or _without_padding(values, count)
        return self._short(line, values, count, self._usual[index])

    def _values(self, line: Line, count: int, headings: Headings | None) -> tuple[Item, ...]:
        """The line's items right of its label."""
        if line.layout is Layout.GRID and headings and headings.head(line):
            values = tuple(item for item in line.items if item.cell.column >= headings.left)
            beside = any(item.kind is Kind.VALUE for item in line.items[line.split :] if item not in values)
            headed = len(values) > count == len(line.items) - line.split  # by a heading that runs into the labels'
            if not beside and not headed and not any(len(item.key) > _LONGEST_VALUE for item in values):
                return values
        values = line.items[line.split :]
        if line.layout is Layout.SPACES or line.layout is Layout.STACKED:
            return values if any(item.kind is Kind.VALUE for item in values) or len(values) >= count else ()
        return values

    def _by_count(self, line: Line, values: Sequence[Item], headings: Headings | None) -> Placement:
        certainty = _BY_COUNT
        if line.layout is Layout.GRID and headings and headings.head(line):
            agree = all(overlap(item, span) for item, span in zip(values, headings.spans, strict=True))
            certainty = _BY_COUNT if agree else _AGAINST_HEADING
        return Placement(tuple((item,) for item in values), certainty)

    def _is_displaced(self, line: Line, values: Sequence[Item], headings: Headings | None) -> bool:
        """Whether a line of a text table has its cells elsewhere than the headings and the other lines have theirs."""
        if line.layout is not Layout.TABS or not headings or not headings.head(line):
            return False
        if values[0].kind is not Kind.BLANK or not self._headings_hold(headings, len(values)):
            return False
        return not all(overlap(item, span) for item, span in zip(values, headings.spans, strict=True))

    def _headings_hold(self, headings: Headings, count: int) -> bool:
        """Whether headings of a text table stand over the values: most lines that close by count show it."""
        if headings.block is not None:
            return True
        closing = [
            line.items[line.split :]
            for line in self._lines
            if line.layout is Layout.TABS and line.has_digits and len(line.items) - line.split == count
        ]
        agree = sum(all(overlap(item, span) for item, span in zip(v, headings.spans, strict=True)) for v in closing)
        return agree >= _MOST * len(closing)

    def _short(self, line: Line, values: Sequence[Item], count: int, usual: int) -> Placement | None:
        """A line with fewer cells than columns: cut off at the edge, or a text table that lost whole columns."""
        if line.layout not in (Layout.TABS, Layout.GRID):
            return None
        placed = _by_width(values, count) or self._below_others(line, values, count)
        if placed:
            return placed
        if usual == count and line.layout is Layout.GRID and _is_scanned(values):
            return self._by_column(line, count)
        if usual == count:
            slots: list[Slot | None] = [(item,) for item in values]
            return Placement((*slots, *[None] * (count - len(values))), _CUT_OFF)
        if len(values) > 1 and all(item.kind is Kind.BLANK for item in values):
            return Placement(((values[0],),) * count, _ALL_BLANK)
        inner = values[1:-1]
        if usual == len(values) >= 2 and all(item.kind is Kind.BLANK for item in inner):
            blank = _blank_like(values[0])
            return Placement(((values[0],), *[(blank,)] * (count - 2), (values[-1],)), _BY_EDGE)
        return None

    def _below_others(self, line: Line, values: Sequence[Item], count: int) -> Placement | None:
        """A scanned row by itself in a grid, as a page break leaves it: its cells below those of whole rows.

        The columns in which it has none are inferred to be empty.
        """
        rows = [
            boxes
            for other in self._lines
            if other.layout is Layout.GRID and other.split and len(boxes := _boxes(other.items[other.split :])) == count
        ]
        alone = sum(other.block == line.block for other in self._lines) == 1 and line.layout is Layout.GRID
        own = _boxes(values)
        if not alone or count < _WIDE or len(rows) < _CUT_FROM or len(own) < len(values) or not own:
            return None
        columns = [Box(*map(median, zip(*below, strict=True))) for below in zip(*rows, strict=True)]
        middles = [_middle(box) for box in columns]
        near = _NEAR * min(b - a for a, b in pairwise(middles))
        below = [[at for at, middle in enumerate(middles) if abs(_middle(box) - middle) <= near] for box in own]
        if not all(below) or len({at for (at, *_) in below}) < len(own):
            return None
        found = {at: item for (at, *_), item in zip(below, values, strict=True)}
        empty = _blank_like(min(values, key=lambda item: item.cell.confidence))
        slots = [(found.get(at) or _empty_below(box, empty),) for at, box in enumerate(columns)]
        return Placement(tuple(slots), _BY_WIDTH)

    def _among_texts(self, line: Line, count: int) -> Placement | None:
        """A scanned row whose last cell cannot be read and seems a label: all stand where whole rows have theirs."""
        if line.layout is not Layout.GRID or not line.numbers or not _is_scanned(line.items):
            return None
        placed = self._by_column(line, count)
        return placed if placed and placed.complete else None

    def _by_column(self, line: Line, count: int, enough: int = 1) -> Placement | None:
        """A scanned row that lost cells, or that a streak cuts: its cells stand where the whole rows have theirs.

        What cannot be read among its numbers, where a seal covers one, is none of its labels.
        """
        whole = [other.items[other.split :] for other in self._lines if other.block == line.block and other.split]
        usual = Counter(tuple(map(_extent, items)) for items in whole if len(items) == count).most_common(1)
        if not usual or usual[0][1] < enough:
            return None
        first = usual[0][0][0][0]
        values = [item for item in line.items if item.cell.column >= first]
        texts = [item for item in values if item.kind is Kind.TEXT]
        if 2 * len(texts) > len(values) - len(texts) or any(len(item.key) > _LONGEST_VALUE for item in texts):
            return None
        slots: list[Slot | None] = []
        placed = 0
        for low, high in usual[0][0]:
            within = [item for item in values if _extent(item)[0] >= low and _extent(item)[1] <= high]
            filled = [item for item in within if item.kind is not Kind.BLANK]
            placed += len(within) if len(filled) <= 1 else 0
            if not within or len(filled) > 1:
                slots.append(None)
            else:
                slots.append((within[0] if len(within) == 1 else _ruled_through(filled or within),))
        return Placement(tuple(slots), _BY_HEADING) if placed == len(values) else None


def _extent(item: Item) -> tuple[int, int]:
    """The columns of its grid that a cell takes: the first, and the one behind the last."""
    return item.cell.column, item.cell.column + item.cell.column_span


def _is_scanned(values: Sequence[Item]) -> bool:
    return any(item.cell.ink is not None for item in values)


def _usual_counts(lines: Sequence[Line]) -> list[int]:
    """For each line, how many values the labelled lines of its stretch of one layout have, mostly."""
    usual: list[int] = []
    for _, stretch in groupby(lines, key=lambda line: line.layout):
        near = list(stretch)
        counts = Counter(len(line.items) - line.split for line in near if 0 < line.split < len(line.items))
        usual += [counts.most_common(1)[0][0] if counts else 0] * len(near)
    return usual


def _under(item: Item, headings: Headings) -> bool:
    return any(overlap(item, span) for span in headings.spans)


def _by_heading(line: Line, values: Sequence[Item], headings: Headings) -> Placement | None:
    """Each column takes the items below its heading; an item that belongs to two columns closes neither.

    A filled cell under no heading, or a label under one, shows that the line has slipped: then headings say nothing.
    """
    if line.layout is Layout.TABS and any(_under(item, headings) for item in line.items if item.kind is Kind.TEXT):
        return None
    apart = [part for item in values for part in _by_columns(item, headings)]
    certainty = _BY_HEADING if len(apart) == len(values) else _BY_WIDTH
    values = apart
    slots: list[Slot | None] = []
    for span in headings.spans:
        below = tuple(item for item in values if overlap(item, span))
        shared = [item for item in below if sum(overlap(item, other) for other in headings.spans) > 1]
        filled = tuple(item for item in below if item.kind is not Kind.BLANK)
        if not below or any(item.kind is not Kind.BLANK for item in shared):
            slots.append(None)
        else:
            slots.append(filled or (below[0] if len(below) == 1 else _ruled_through(below),))
    stray = [item for item in values if not _under(item, headings)]
    if not any(slots) or any(item.kind is not Kind.BLANK for item in stray):
        return None
    return Placement(tuple(slots), certainty)


def _ruled_through(below: Sequence[Item]) -> Item:
    """The first for several cells of one column: on a scan the line between them may be a digit, or cut the number."""
    cell = below[0].cell
    sure = cell.confidence if cell.ink is None else min(cell.confidence, _RULED)
    return replace(below[0], cell=replace(cell, confidence=sure))


def _by_columns(item: Item, headings: Headings) -> list[Item]:
    """A scanned cell below several headings that holds as many numbers, one for each; else the cell itself."""
    spans = sorted(span for span in headings.spans if overlap(item, span))
    words = _numbers_in(item.cell.text)
    if item.cell.ink is None or len(spans) < 2 or len(words) != len(spans):
        return [item]
    cells = [replace(item.cell, column=start, column_span=end - start) for start, end in spans]
    return [_part_of(replace(item, cell=cell), word) for cell, word in zip(cells, words, strict=True)]


def _without_padding(values: Sequence[Item], count: int) -> Placement | None:
    """More cells than columns: blank cells behind the values, or before those of a line without label, are padding."""
    extra = len(values) - count
    after = all(item.kind is Kind.BLANK for item in values[count:])
    before = all(item.kind is Kind.BLANK for item in values[:extra])
    if after and before and any(item.kind is not Kind.BLANK for item in values):
        return None
    if not after and not before:
        return None
    return Placement(tuple((item,) for item in (values[:count] if after else values[extra:])), _BY_COUNT)


def _from_stack(values: tuple[Item, ...], count: int) -> Placement | None:
    """One cell a line: a row's worth of cells, with or without empty lines that part the rows."""
    filled = [index for index, item in enumerate(values) if item.kind is not Kind.BLANK]
    if len(values) == count or not filled:
        return Placement(tuple((item,) for item in values[:count]), _BY_COUNT) if len(values) >= count else None
    start, end = filled[0], filled[-1] + 1
    if end - start == count or (start == 0 and end <= count <= len(values)):
        return Placement(tuple((item,) for item in values[start : start + count]), _BY_COUNT)
    if end <= count <= len(values):  # blank cells before the first number, or empty lines before the row
        return Placement(tuple((item,) for item in values[:count]), _BLANK_FIRST)
    return None


def _by_width(values: Sequence[Item], count: int) -> Placement | None:
    """A scanned line of a ruled table with fewer cells than columns, where a lost rule made one as wide as several.

    What stands in that cell has no place, unless it is as many numbers with gaps between them, or begins with zeros: no
    number does that is not zero itself.
    """
    if not _is_ruled(values) or 2 * len(values) <= count:
        return None
    widths = [box.x1 - box.x0 for item in values if (box := item.cell.place.box)]
    usual = median(widths)
    parts = [_apart(item, width / usual) for item, width in zip(values, widths, strict=True)]
    if not all(parts) or sum(map(len, parts)) != count:
        return None
    return Placement(tuple((item,) if item else None for part in parts for item in part), _BY_WIDTH)


def _is_ruled(values: Sequence[Item]) -> bool:
    """Whether cells are those of a scanned table between rules: they were looked at, and lie side by side."""
    boxes = [item.cell.place.box for item in values if item.cell.ink is not None]
    if len(boxes) < len(values):
        return False
    return all(a and b and abs(b.x0 - a.x1) < _TOUCH * (b.x1 - b.x0) for a, b in pairwise(boxes))


def _apart(item: Item, ratio: float) -> list[Item | None]:
    """What each column holds that a cell takes, so many times as wide as most; nothing where these are not plain."""
    if ratio < _ONE:
        return [item]
    text, columns = item.cell.text, round(ratio)
    words = _numbers_in(text)
    if words and (_doubled(text) or len(words) == columns):
        return [_part_of(item, word) for word in words]
    return [None] * columns if abs(ratio - columns) < _OFF else []


def _numbers_in(text: str) -> list[str]:
    """The numbers in one cell, if there are several: with gaps between them, or zeros before another."""
    if text.isdigit() and _doubled(text):
        rest = text.lstrip("0")
        return ["0"] * (len(text) - len(rest)) + ([rest] if rest else [])
    words = text.split()
    return words if len(words) > 1 and all(word.isdigit() and not _doubled(word) for word in words) else []


def _part_of(item: Item, word: str) -> Item:
    """One of the numbers in a cell."""
    return Item(item.kind, replace(item.cell, text=word, alternatives=()), word)


def _boxes(items: Sequence[Item]) -> list[Box]:
    """Where on their pages scanned items stand."""
    return [box for item in items if item.cell.ink is not None and (box := item.cell.place.box)]


def _middle(box: Box) -> float:
    return (box.x0 + box.x1) / 2


def _empty_below(column: Box, like: Item) -> Item:
    """A scanned cell that is inferred to be empty, at the height of another item."""
    box = like.cell.place.box
    place = replace(like.cell.place, box=box and Box(column.x0, box.y0, column.x1, box.y1))
    sure = min(like.cell.confidence, _INFERRED)
    return replace(like, cell=replace(like.cell, place=place, ink=False, confidence=sure, alternatives=()))


def _blank_like(item: Item) -> Item:
    return Item(Kind.BLANK, replace(item.cell, text=""), "")


def _split_run(values: Sequence[Item], count: int) -> Placement | None:
    """Values that have run together: one word for each column, else there is no saying here which is whose."""
    text = " ".join(item.cell.text for item in values)
    words = text.split()
    cell = values[0].cell
    if "".join(words) == "0" * count:  # no number begins with a zero that is not all of it
        words = ["0"] * count
    if len(words) == count and not any(_doubled(word) for word in words):
        items = [Item(Kind.VALUE, replace(cell, text=word), "") for word in words]
        return Placement(tuple((item,) for item in items), _BY_COUNT)
    if count == 1 or values[0].kind is not Kind.VALUE:
        return None
    return Placement(((Item(Kind.VALUE, replace(cell, text=text), ""),),) * count, _BY_COUNT, run=True)


def _joined(item: Item) -> bool:
    """Whether a word of its own is several numbers."""
    return _doubled(item.cell.text) or (item.cell.text.isdigit() and ends_run(item.cell.text))


def _doubled(word: str) -> bool:
    """Two numbers in one word: none starts with a zero that is not all of it."""
    return len(word) > 1 and word[0] == "0" and word[1].isdigit()
