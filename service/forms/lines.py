"""Blocks to lines: every layout that a table can come in, as one sequence of lines of items.

A grid gives a line a row. A text line gives a line of its tab stops, pipes, or the numbers at its end. A text that
puts one cell a line is gathered into lines of a label and its values; one that runs everything together is cut at the
form's own labels. What the items mean is for later stages.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from itertools import groupby
from typing import TypeVar

from service.documents.model import DIGITAL_READERS, Block, Cell, Grid, Paragraph
from service.forms.catalogue import Vocabulary
from service.forms.cutter import Cutter
from service.forms.normalise import label_key
from service.forms.runs import is_run, leading_run
from service.forms.values import parse_value

_Place = TypeVar("_Place")


class Kind(Enum):
    """What an item looks like by itself."""

    TEXT = "text"
    VALUE = "value"
    BLANK = "blank"


class Layout(Enum):
    """How the line came to its items."""

    GRID = "grid"
    """A row of a grid: items know their columns."""
    TABS = "tabs"
    """Cells between tab stops or pipes: empty cells are there, columns may have slipped."""
    SPACES = "spaces"
    """Numbers apart by spaces: empty cells leave no trace."""
    STACKED = "stacked"
    """One cell a line."""
    RUN = "run"
    """Text without any break between cells; digits of neighbours may have run together."""
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Item:
    """A cell, or a piece of a text line that would be one."""

    kind: Kind
    cell: Cell
    key: str
    """The text as labels are compared."""


@dataclass(frozen=True)
class Line:
    """Items side by side."""

    items: tuple[Item, ...]
    layout: Layout
    block: int
    """Index of the block that the line comes from."""

    @cached_property
    def split(self) -> int:
        """Index of the first item after the last text: where values begin."""
        return max((index + 1 for index, item in enumerate(self.items) if item.kind is Kind.TEXT), default=0)

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """Keys of the text items, left to right."""
        return tuple(item.key for item in self.items if item.kind is Kind.TEXT)

    @cached_property
    def numbers(self) -> int:
        """How many items are values."""
        return sum(item.kind is Kind.VALUE for item in self.items)

    @cached_property
    def has_digits(self) -> bool:
        """Whether a value is a number, and not only strokes (a heading may be cut at its stroke)."""
        return any(item.kind is Kind.VALUE and any(map(str.isdigit, item.cell.text)) for item in self.items)

    @property
    def is_lone(self) -> bool:
        """Whether it is one number by itself, as page numbers stand in texts."""
        return self.numbers == 1 and not self.texts and self.layout in (Layout.STACKED, Layout.SPACES)

    @property
    def text(self) -> str:
        """The line as it stood, roughly."""
        return " ".join(item.cell.text for item in self.items if item.cell.text)


def make_item(cell: Cell, vocabulary: Vocabulary) -> Item:
    """Look at one cell by itself."""
    kind = {"number": Kind.VALUE, "mark": Kind.VALUE, "blank": Kind.BLANK, "text": Kind.TEXT}[
        parse_value(cell.text, vocabulary, ocr=cell.reader not in DIGITAL_READERS).kind
    ]
    return Item(kind, cell, label_key(cell.text))


def lines_of(blocks: Sequence[Block], labels: Iterable[str], vocabulary: Vocabulary) -> tuple[Line, ...]:
    """All blocks as lines, in reading order. `labels` are the forms' label texts, at which run-together text is cut."""
    cutter = Cutter(labels)
    found: list[Line] = []
    for number, block in enumerate(blocks):
        if isinstance(block, Grid):
            found.extend(_grid_lines(block, number, vocabulary))
        elif _parts_rows(block, blocks[number - 1] if number else None):
            found.append(Line((), Layout.PROSE, number))
        elif block.text.strip(_EMPTY):  # nothing but tab stops is an empty cell, an empty line is not
            found.extend(_paragraph_lines(block, number, cutter, vocabulary))
    return tuple(_gather_stacks(tuple(_without_last_tabs(found))))


def _parts_rows(paragraph: Paragraph, before: Block | None) -> bool:
    """Whether a line stands between the rows of a text that puts one cell a line.

    Where each cell is indented, an empty line has not even the indent; where each ends in a pipe, the line is pipes
    alone, and a single pipe behind it opens the next row.
    """
    above = before.text if isinstance(before, Paragraph) else ""
    if paragraph.text == "":
        return above.startswith("\t")
    bare = paragraph.text.strip()
    return bool(_ROW_BREAK.match(bare)) or (bare == "|" and bool(_ROW_BREAK.match(above.strip())))


def _grid_lines(grid: Grid, number: int, vocabulary: Vocabulary) -> Iterator[Line]:
    rows: list[list[Cell]] = [[] for _ in range(grid.rows)]
    for whole in grid.cells:
        for cell in _from_heading(whole, vocabulary):
            rows[cell.row].append(cell)
    items_of = [[make_item(cell, vocabulary) for cell in sorted(row, key=lambda cell: cell.column)] for row in rows]
    cells = _with_worn_headings(items_of)
    labels = _label_columns(cells)
    numbers = _number_columns(cells) - labels.keys()
    left = _left_of(cells, numbers, min(labels)) if labels else set()
    for items in cells:
        full = bool(numbers) and numbers <= {item.cell.column for item in items if item.kind is not Kind.TEXT}
        lone = sum(item.kind is Kind.VALUE and item.cell.column in labels for item in items) == 1
        parts: list[Item] = []
        for item in items:
            column = item.cell.column
            if column in labels:
                parts.append(_as_label(item, full, lone, alone=labels[column]))
            elif full and column in left and item.kind is Kind.VALUE and item.cell.confidence < _SURE:
                parts.append(replace(item, kind=Kind.TEXT))
            else:
                parts += _parted(item, vocabulary)
        yield Line(_among_numbers(parts, numbers - left if labels else set()), Layout.GRID, number)


def _among_numbers(items: Sequence[Item], numbers: set[int]) -> tuple[Item, ...]:
    """What cannot be read on a scan between numbers, several before it, is worn or lies under a seal, and no label.

    Nor is it in one of the columns of `numbers`, or behind two numbers, of a row that mostly has such; there a letter
    or two is none either, however sure a reader is of them.
    """
    values = [index for index, item in enumerate(items) if item.kind is Kind.VALUE]
    among = range(values[_BEFORE], values[-1]) if len(values) > _BEFORE else range(0)
    mostly = len(values) > _BEFORE and 3 * len(values) >= 2 * len(items)
    behind = range(values[_BEFORE - 1], len(items)) if mostly else range(0)
    held = [item for item in items if item.cell.column in numbers and item.kind is not Kind.TEXT]
    whole = 2 * len(held) >= len(numbers) and sum(item.kind is Kind.VALUE for item in held) > 1
    return tuple(
        replace(item, kind=Kind.VALUE)
        if item.kind is Kind.TEXT
        and item.cell.ink
        and len(item.key) <= (_SHORT if _is_worn(item) else _LETTERS)
        and ((index in among and _is_worn(item)) or index in behind or (whole and item.cell.column in numbers))
        else item
        for index, item in enumerate(items)
    )


def _with_worn_headings(lines: Sequence[list[Item]]) -> list[list[Item]]:
    """The lines of a scanned grid, what worn headings read like as texts.

    A heading stands above the first row of sure numbers, and has none that is likely, and more texts than numbers.
    """
    values = [[item for item in items if item.kind is Kind.VALUE] for items in lines]
    sure = (at for at, held in enumerate(values) if any(item.cell.confidence >= _SURE for item in held))
    first = next(sure, 0)
    return [
        [replace(item, kind=Kind.TEXT) if item.kind is Kind.VALUE else item for item in items]
        if at < first and all(map(_is_worn, held)) and sum(item.kind is Kind.TEXT for item in items) > len(held)
        else items
        for at, (items, held) in enumerate(zip(lines, values, strict=True))
    ]


def _label_columns(lines: Sequence[Sequence[Item]]) -> dict[int, bool]:
    """The columns of a grid in which mostly texts stand, and whether hardly anything else does.

    What worn labels read like is neither.
    """
    texts: Counter[int] = Counter()
    values: Counter[int] = Counter()
    for item in (item for items in lines for item in items if item.kind is not Kind.BLANK):
        if item.kind is Kind.TEXT:
            texts[item.cell.column] += 1
        elif not _is_worn(item):
            values[item.cell.column] += 1
    return {
        column: count >= _MANY_LABELS * max(values[column], 1)
        for column, count in texts.items()
        if count - values[column] > _FEW_LABELS
    }


def _number_columns(lines: Sequence[Sequence[Item]]) -> set[int]:
    """The columns of a grid in which most of its rows that have values have one, or nothing."""
    rows = [items for items in lines if any(item.kind is Kind.VALUE for item in items)]
    counts = Counter(item.cell.column for items in rows for item in items if item.kind is not Kind.TEXT)
    return {column for column, count in counts.items() if 2 * count > len(rows)}


def _left_of(lines: Sequence[Sequence[Item]], numbers: set[int], label: int) -> set[int]:
    """The columns left of the first of these that surely has a number, if that of the first label is among them."""
    filled = surely_filled(((item.cell.column, item) for items in lines for item in items), numbers)
    left = set(range(min(filled, default=0)))
    return left if label in left else set()


def surely_filled(items: Iterable[tuple[_Place, Item]], places: Iterable[_Place]) -> set[_Place]:
    """Those of some places in which there is surely any number, doubtful though each of its numbers may be."""
    none = dict.fromkeys(places, 1.0)
    for place, item in items:
        if place in none and item.kind is Kind.VALUE:
            none[place] *= 1 - item.cell.confidence
    return {place for place, chance in none.items() if chance <= 1 - _SURE}


def _as_label(item: Item, full: bool, lone: bool, alone: bool) -> Item:
    """A word among labels that means nothing is the rest of one that a page break cuts, a doubtful number a worn one.

    On a scan so is a stroke, and any number where the row is full without it, in a column where labels stand alone;
    headings stand above numbers, too.
    """
    stroke = not any(map(str.isdigit, item.cell.text))
    piece = alone and item.cell.ink and (stroke or full)
    word = _is_worn(item) or piece or (lone and item.key.isalpha())
    return replace(item, kind=Kind.TEXT) if item.kind is Kind.VALUE and word else item


def _is_worn(item: Item) -> bool:
    return bool(item.cell.ink) and item.cell.confidence < _DOUBTFUL


def _from_heading(cell: Cell, vocabulary: Vocabulary) -> list[Cell]:
    """A scanned cell whose heading and number below a lost line parts no more, as the two cells that they were."""
    heading, _, last = cell.text.rpartition("\n")
    if not cell.ink or cell.row_span < 2 or parse_value(heading, vocabulary).kind != "text":
        return [cell]
    if parse_value(last, vocabulary).kind != "number":
        return [cell]
    bottom = cell.row + cell.row_span - 1
    above = replace(cell, text=heading, row_span=cell.row_span - 1)
    return [above, replace(cell, text=last, row=bottom, row_span=1, confidence=cell.confidence * _PARTED)]


def _parted(item: Item, vocabulary: Vocabulary) -> list[Item]:
    """A scanned cell that holds several numbers wide apart, as those cells that a lost line does not part."""
    cell = item.cell
    words = re.split(r"\s{3,}", cell.text.strip()) if cell.ink else []
    if len(words) < 2 or any(parse_value(word, vocabulary).kind not in ("number", "mark") for word in words):
        return [item]
    return [make_item(replace(cell, text=word, confidence=cell.confidence * _PARTED), vocabulary) for word in words]


def _paragraph_lines(paragraph: Paragraph, number: int, cutter: Cutter, vocabulary: Vocabulary) -> Iterator[Line]:
    run = cutter.cut(paragraph.text) or cutter.row(paragraph.text)
    if run:
        pieces = [part for piece in run for part in _leading_values(piece, vocabulary)]
        items = tuple(_run_item(item, vocabulary) for item in _items(pieces, paragraph, vocabulary))
        yield Line(items, Layout.RUN, number)
        return
    parts = _tab_stops(paragraph.text)
    if len(parts) > 1:
        yield Line(_items(parts, paragraph, vocabulary), Layout.TABS, number)
    elif "\t" in paragraph.text or "|" in paragraph.text:  # one cell a line: spaces inside it part nothing
        yield Line(_items(parts, paragraph, vocabulary), Layout.STACKED, number)
    else:
        pieces = (
            [paragraph.text]
            if _is_page_number(paragraph.text, vocabulary)
            else _trailing_values(paragraph.text, vocabulary)
        )
        layout = Layout.SPACES if len(pieces) > 1 else Layout.STACKED
        yield Line(_items(pieces, paragraph, vocabulary), layout, number)


def _items(texts: Sequence[str], paragraph: Paragraph, vocabulary: Vocabulary) -> tuple[Item, ...]:
    return tuple(
        make_item(Cell(0, column, text.strip(), paragraph.place), vocabulary) for column, text in enumerate(texts)
    )


def _leading_values(piece: str, vocabulary: Vocabulary) -> list[str]:
    """The values at the start of a piece, apart from the words that follow them."""
    run, rest = leading_run(piece, vocabulary)
    words = rest.split()
    last = 0
    while not run and last < len(words) and _holds_values(words[last], vocabulary):
        last += 1
    return [part for part in (run or " ".join(words[:last]), " ".join(words[last:])) if part]


def _run_item(item: Item, vocabulary: Vocabulary) -> Item:
    """A piece between two labels is values if each of its words is one."""
    words = item.cell.text.split()
    if words and all(_holds_values(word, vocabulary) for word in words):
        return replace(item, kind=Kind.VALUE)
    return item


def _holds_values(word: str, vocabulary: Vocabulary) -> bool:
    """Whether a word is a value, or several without a space between."""
    return parse_value(word, vocabulary).kind in ("number", "mark") or is_run(word, vocabulary)


_FEW_LABELS, _MANY_LABELS = 3, 10
"""So many texts more than values stand in a column of labels at least, and so many for each where they stand alone."""
_DOUBTFUL = 0.5
"""A number among labels that is so little sure is none."""
_SURE = 0.9
"""Probability from which a number, or any of a column, is one."""
_PARTED = 0.9
"""What a number keeps of its confidence that was parted from its neighbour by the gap alone."""
_BEFORE, _SHORT, _LETTERS = 2, 4, 2
"""Behind so many numbers and one more no label begins; what is longer than so many characters is no number, nor are
more letters than so many, if they are read for sure."""
_LONGEST_PAGE_NUMBER = 12
_PASTED = {Kind.TEXT, Kind.VALUE}
"""What stands before the last tab stop of a table's lines, where it is pasted with one more than it has columns."""
_EMPTY = " \u3000\r\n\f"
_ROW_BREAK = re.compile(r"^\|{2,}$")
_RULE_OF_MARKDOWN = re.compile(r"^(?=.*(--|:))[\s|:]*-[\s|:-]*$")


def _tab_stops(text: str) -> list[str]:
    """The cells of a line with tabs or pipes; the whole line as one cell where it has neither."""
    if "|" in text:
        if _RULE_OF_MARKDOWN.match(text):
            return [""]
        inner = text.strip()
        closed = inner.endswith("|") and len(inner) > 1
        inner = inner.removeprefix("|")
        return (inner[:-1] if closed else inner).split("|")
    if "\t" in text:
        cells = text.rstrip("\r\n").split("\t")
        filled = [index for index, cell in enumerate(cells) if cell.strip()]
        if len(filled) == 1 and filled[0] == len(cells) - 1 == 1:
            return [cells[-1]]  # only indented: one cell a line
        return cells if filled or len(cells) > 2 else [""]
    return [text.strip()]


def _is_page_number(text: str, vocabulary: Vocabulary) -> bool:
    """Whether the line is a page number between its marks, as `— 3 —`."""
    compact = "".join(text.split())
    if not compact or not all(char.isdigit() or char in vocabulary.page_marks for char in compact):
        return False
    numbers = len(re.findall(r"\d+", compact))
    if len(compact) > _LONGEST_PAGE_NUMBER or not compact.strip("".join(vocabulary.page_marks) + "0"):
        return False
    worded = any(char.isalpha() for char in compact)
    between = compact[0] in vocabulary.page_marks and compact[-1] in vocabulary.page_marks
    return (numbers == 1 and (between or worded)) or (numbers == 2 and worded)


def _trailing_values(text: str, vocabulary: Vocabulary) -> list[str]:
    """A label and the values that follow it, apart by spaces; the whole text where it does not end in values."""
    words = text.split()
    first = len(words)
    while first and parse_value(words[first - 1], vocabulary).kind in ("number", "mark"):
        first -= 1
    if first == len(words) or len(words) == 1:
        return [text]
    return ([" ".join(words[:first])] if first else []) + words[first:]


def _without_last_tabs(lines: Sequence[Line]) -> Iterator[Line]:
    """Tab stops at the end of every row, behind the last heading and the last number, too, are no column."""
    for layout, run in groupby(lines, key=lambda line: line.layout):
        rows = tuple(run)
        while layout is Layout.TABS and all(map(_ends_blank, rows)) and {row.items[-2].kind for row in rows} >= _PASTED:
            rows = tuple(replace(row, items=row.items[:-1]) for row in rows)
        yield from rows


def _ends_blank(line: Line) -> bool:
    return len(line.items) > 1 and line.items[-1].kind is Kind.BLANK


def _gather_stacks(lines: Sequence[Line]) -> Iterator[Line]:
    """Put the values of a one-cell-a-line text side by side; cut runs behind every value."""
    at = 0
    while at < len(lines):
        line = lines[at]
        end = at + 1
        if line.layout is Layout.RUN:
            yield from _cut_run(line)
        elif _is_stacked_value(line):
            while end < len(lines) and _is_stacked_value(lines[end]) and _page(lines[end]) == _page(line):
                end += 1
            yield replace(line, items=tuple(item for stacked in lines[at:end] for item in stacked.items))
        else:
            yield line
        at = end


def _page(line: Line) -> int | None:
    return line.items[0].cell.place.page


def _is_stacked_value(line: Line) -> bool:
    return line.layout is Layout.STACKED and line.items[0].kind is not Kind.TEXT


def _cut_run(line: Line) -> Iterator[Line]:
    """One line for every label, with the values between it and the next label."""
    start = 0
    for index in range(1, len(line.items) + 1):
        ended = index == len(line.items) or line.items[index].kind is Kind.TEXT
        if ended:
            yield replace(line, items=line.items[start:index])
            start = index
