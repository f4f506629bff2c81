"""Lines -> what the token classifier sees of them; the same for training and for serving.

All lines of a document go in together, in order: the classifier tells which table a line belongs to, too. Only
paragraphs of prose are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from models.cells import CellInput
from service.forms.catalogue import Vocabulary
from service.forms.lines import Item, Kind, Layout, Line
from service.forms.normalise import value_text
from service.forms.values import parse_value

_LONGEST_LABEL = 45
"""A text by itself on its line that is longer is prose."""
_FULL_LINE = 20
"""So long a text by itself is prose between others of the kind: no label wraps over three lines of this length."""
_SENTENCE = "。"


@dataclass(frozen=True, slots=True)
class InputCell:
    """One cell for the classifier, and where it comes from."""

    cell: CellInput
    line: int
    """Index among the lines."""
    item: int
    """Index among the line's items."""


def cell_inputs(lines: Sequence[Line], vocabulary: Vocabulary) -> tuple[InputCell, ...]:
    """The cells of all lines but prose, line by line from left to right."""
    kept = [number for number, prose in enumerate(_prose(lines)) if not prose and lines[number].items]
    widths = _widths(lines)
    return tuple(
        InputCell(
            CellInput(_seen(item, vocabulary), rank, *_span(item, at, len(lines[number].items), width)), number, at
        )
        for rank, number in enumerate(kept)
        for width in (widths[number],)
        for at, item in enumerate(lines[number].items)
    )


def _prose(lines: Sequence[Line]) -> list[bool]:
    """Which lines are running text: sentences, overlong lines, and full lines among full lines."""
    full = [_lone_length(line) >= _FULL_LINE for line in lines]
    runs = [(is_full, len(run)) for is_full, group in groupby(full) for run in (list(group),)]
    among = [is_full and size >= 3 for is_full, size in runs for _ in range(size)]
    return [
        line.layout is Layout.PROSE
        or crowded
        or _lone_length(line) > _LONGEST_LABEL
        or (_lone_length(line) > 0 and line.items[0].cell.text.rstrip().endswith(_SENTENCE))
        for line, crowded in zip(lines, among, strict=True)
    ]


def _lone_length(line: Line) -> int:
    """Length of a text that stands by itself outside of a grid; else 0."""
    alone = len(line.items) == 1 and line.items[0].kind is Kind.TEXT and line.layout is not Layout.GRID
    return len(line.items[0].key) if alone else 0


def _widths(lines: Sequence[Line]) -> list[int]:
    """How many columns the table of each line has: those of its grid, or of the stretch of lines with tab stops."""
    widths: list[int] = []
    for (layout, _), group in groupby(lines, key=_stretch):
        run = list(group)
        columned = layout in (Layout.GRID, Layout.TABS)
        ends = [item.cell.column + item.cell.column_span for line in run for item in line.items] if columned else []
        widths += [max(ends, default=0)] * len(run)
    return widths


def _stretch(line: Line) -> tuple[Layout, int]:
    """Grids are apart, neighbouring lines with tab stops are together."""
    return line.layout, line.block if line.layout is Layout.GRID else 0


def _span(item: Item, at: int, count: int, width: int) -> tuple[float, float]:
    """Where a cell begins and ends across its table; by its rank in the line where there are no columns."""
    if not width:
        return at / count, (at + 1) / count
    start = item.cell.column
    return start / width, min(1.0, (start + item.cell.column_span) / width)


def _seen(item: Item, vocabulary: Vocabulary) -> str:
    """What `CellInput.text` says of an item."""
    if item.kind is Kind.BLANK:
        return ""
    if item.kind is Kind.TEXT:
        return item.key or value_text(item.cell.text)
    ocr = item.cell.ink is not None
    whole = _value(item.cell.text, vocabulary, ocr=ocr)
    if whole is not None:
        return whole
    return " ".join(_values(item.cell.text.split(), vocabulary, ocr=ocr)) or item.key


def _values(words: Sequence[str], vocabulary: Vocabulary, *, ocr: bool) -> Iterator[str]:
    for word in words:
        value = _value(word, vocabulary, ocr=ocr)
        if value is not None:
            yield value


def _value(text: str, vocabulary: Vocabulary, *, ocr: bool) -> str | None:
    """A number without unit and remark, or a stroke; None for anything else."""
    value = parse_value(text, vocabulary, ocr=ocr)
    if value.kind == "mark":
        return "/"
    if value.kind != "number" or value.value is None:
        return None
    return str(value.value) if isinstance(value.value, int) else f"{value.value:.8f}".rstrip("0").rstrip(".")
