"""A table as lines of plain text, in the ways that copying, converting and extracting leave it.

Each writer takes a table and gives, for every printed row, its lines; `PAGE_BREAK` among them stands for a page's end.
What a writer does is read off the grid (labels, spans), never off a form's words.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

from training.synthesize.shapes import ShapeCell, TableShape

Rows = list[list[str]]
Writer = Callable[[TableShape, random.Random], Rows]

PAGE_BREAK = "\f"
_BETWEEN_PAGES = 17
"""Rows of a table on a page, about."""


def tab_rows(shape: TableShape, rng: random.Random) -> Rows:
    """A row a line, a tab for every column; where cells are merged, the fields behind the first are empty.

    Some rows have their numbers alone on the next line, and some stand one column too far left or right.
    """
    rows: Rows = []
    for row, cells in _by_row(shape):
        fields = [""] * _width(shape)
        for cell in cells:
            fields[cell.column] = cell.text
        labels, numbers = fields[: shape.label_columns], fields[shape.label_columns :]
        if row < shape.heading_rows or shape.label_columns < 2:
            rows.append(["\t".join(fields)])
            continue
        accident = rng.random()
        # Between two rows without numbers, numbers alone on a line could belong to either.
        certain = row + 1 == shape.rows or _has_values(shape, row + 1)
        if accident < 0.06 and any(numbers) and certain:
            rows.append(["\t".join([*labels, *[""] * len(numbers)]), "\t" + "\t".join(numbers)])
        elif accident < 0.12 and not labels[0] and labels[-1]:
            rows.append(["\t".join([*labels[1:], "", *numbers])])
        elif accident < 0.18 and not labels[-1]:
            rows.append(["\t".join(["", *labels[:-1], "", *numbers])])
        else:
            rows.append(["\t".join(fields)])
    return rows


def tab_wrapped(shape: TableShape, rng: random.Random) -> Rows:
    """Columns of tabs with labels wrapped over lines; a label over several columns is cut between them.

    The character at a cut stands on both its sides. Group labels stand beside the rows in their middle. A row's
    numbers are on its first line.
    """
    narrow = rng.choice([1, 2, 2])
    inner = shape.label_columns - 1
    widths = [6 if column == inner else 4 if column < inner else narrow for column in range(_width(shape))]
    blocks: list[list[list[str]]] = []
    for _, cells in _by_row(shape):
        height = max([1, *(len(_wrap(cell, widths)) for cell in cells if cell.row_span == 1)])
        lines = [[""] * _width(shape) for _ in range(height)]
        for cell in cells:
            if cell.row_span == 1:
                _place(lines, cell, _wrap(cell, widths), shape)
        blocks.append(lines)
    for cell in shape.cells:
        if cell.row_span > 1:
            spanned = [line for block in blocks[cell.row : cell.row + cell.row_span] for line in block]
            parts = _wrap(cell, widths)
            start = max(0, (len(spanned) - len(parts)) // 2)
            _place(spanned[start:], cell, parts[: len(spanned) - start], shape)
            if len(parts) > len(spanned) - start:  # no room to wrap: all on one line
                _place(spanned[start:], cell, [cell.text], shape)
    breaks = _breaks(shape, rng)
    return [
        ([""] if number in breaks else []) + ["\t".join(line) for line in block] for number, block in enumerate(blocks)
    ]


def piped_cells(shape: TableShape, rng: random.Random) -> Rows:
    """A cell a line with a pipe behind it; a row opens with a pipe and ends with those of its merged cells."""
    del rng
    rows: Rows = []
    for _, cells in _by_row(shape):
        merged = "|" * (_width(shape) - len(cells))
        rows.append(["|", *(f"{cell.text} |".lstrip() for cell in cells), *([merged] if merged else [])])
    return rows


def indented_cells(shape: TableShape, rng: random.Random) -> Rows:
    """A cell a line behind a tab, an empty line after each row; cells merged downwards are lone tabs.

    Labels that run over rows stand under a lone tab and empty lines, without a tab of their own.
    """
    rows: Rows = []
    for row in range(shape.rows):
        lines: list[str] = []
        for cell in _covering(shape, row):
            if cell.row < row:
                lines.append("\t")
            elif cell.row_span > 1 and cell.role != "value":
                lines += ["\t", *[""] * rng.randrange(min(cell.row_span, 12)), *_lines_of(cell.text, rng)]
            else:
                lines.append("\t" + " ".join(_lines_of(cell.text, rng)))
        rows.append([*lines, ""])
    return rows


def plain_cells(shape: TableShape, rng: random.Random) -> Rows:
    """A cell a line with nothing around it, as a table copied from a web page."""
    del rng
    return [[cell.text for cell in cells] for _, cells in _by_row(shape)]


def spaced_rows(shape: TableShape, rng: random.Random) -> Rows:
    """A row a line, cells apart by spaces; group labels wrapped before their rows, long labels before their numbers."""
    return _line_rows(shape, rng, long=22, numbers_apart=0.0, repeat=False)


def numbers_below(shape: TableShape, rng: random.Random) -> Rows:
    """Labels wrapped over lines of their own, each row's numbers on the line below."""
    return _line_rows(shape, rng, long=rng.choice([9, 12]), numbers_apart=1.0, repeat=False)


def numbers_above(shape: TableShape, rng: random.Random) -> Rows:
    """Each row's numbers on a line of their own, its label wrapped over the lines below."""
    rows = _line_rows(shape, rng, long=rng.choice([9, 12]), numbers_apart=1.0, repeat=False)
    numbered = [bool(shape.label_columns) and _has_values(shape, row) for row in range(shape.rows)]
    return [[lines[-1], *lines[:-1]] if after else lines for lines, after in zip(rows, numbered, strict=True)]


def page_rows(shape: TableShape, rng: random.Random) -> Rows:
    """The text layer of a page: rows on lines, group labels a character or two a line between the rows.

    Headings of many columns stand a character a line. Pages end inside the table, and some labels that stood at
    the end of a page stand again on the next.
    """
    rows = _line_rows(shape, rng, long=rng.choice([12, 16]), numbers_apart=0.0, repeat=True, groups=False)
    for row, cells in _by_row(shape):
        if shape.heading_rows > row and len(cells) > 4:
            columns = zip_longest(*(cell.text for cell in cells), fillvalue="")
            rows[row] = [" ".join(char for char in column if char) for column in columns]
    for cell in shape.cells:
        if cell.row_span > 1 and cell.role == "label":
            for offset, part in enumerate(_pieces(cell.text, -(-len(cell.text) // cell.row_span))):
                rows[cell.row + offset].insert(0, part)
    return rows


def markdown_pieces(shape: TableShape, rng: random.Random) -> Rows:
    """Markdown tables broken into pieces: rows with long labels have only their numbers, labels stand between.

    The labels of such rows stand before or after their numbers, and group labels run into them.
    """
    rows: Rows = []
    in_table = False
    for _, cells in _by_row(shape):
        labels, values = _labels(cells), [cell.text for cell in cells if cell.role == "value"]
        label = "".join(labels)
        if not values:
            rows.append(["", "".join(cell.text for cell in cells)])
            in_table = False
        elif len(label) <= 11:
            piece = _markdown([*([label] if label else []), *values], not in_table)
            rows.append(piece if in_table else ["", *piece])
            in_table = True
        else:
            loose, numbers = ["", *_pieces(label, 11)], ["", *_markdown(values, True)]
            rows.append([*loose, *numbers, ""] if rng.random() < 0.5 else [*numbers, *loose])
            in_table = False
    return rows


def run_together(shape: TableShape, rng: random.Random) -> Rows:
    """All cells in one run, hardly any space between; only the identities can part the digits."""
    return [
        ["".join(cell.text + (" " if rng.random() < 0.06 else "") for cell in cells)] for _, cells in _by_row(shape)
    ]


def _line_rows(
    shape: TableShape, rng: random.Random, *, long: int, numbers_apart: float, repeat: bool, groups: bool = True
) -> Rows:
    """Rows as lines of cells apart by spaces; labels longer than `long` characters are wrapped before the numbers.

    `repeat`: where a page ends before a row, its label may stand on both pages; `groups`: labels of several rows are
    written before the first of them.
    """
    breaks = _breaks(shape, rng)
    rows: Rows = []
    for row, cells in _by_row(shape):
        lines = [" ".join(cell.text for cell in cells if cell.role == "heading")]
        if groups:
            lines += [part for cell in _label_cells(cells) if cell.row_span > 1 for part in _pieces(cell.text, 5)]
        own = [part for cell in _label_cells(cells) if cell.row_span == 1 for part in _pieces(cell.text, long)]
        values = " ".join(cell.text for cell in cells if cell.role == "value" and cell.text)
        apart = len(own) != 1 or rng.random() < numbers_apart
        lines += [*own, values] if apart else [f"{own[0]} {values}".rstrip()]
        lines = [line for line in lines if line]
        if row in breaks:
            twice = repeat and not apart and rng.random() < 0.5
            lines = [*(own if twice else []), PAGE_BREAK, *lines]
        rows.append(lines)
    return rows


def _breaks(shape: TableShape, rng: random.Random) -> set[int]:
    """The rows before which a page ends."""
    first = rng.randrange(6, _BETWEEN_PAGES)
    return set(range(first, shape.rows, _BETWEEN_PAGES)) - set(range(shape.heading_rows + 1))


def _width(shape: TableShape) -> int:
    return len(shape.weights)


def _by_row(shape: TableShape) -> Iterator[tuple[int, list[ShapeCell]]]:
    """Every row with the cells that begin in it, left to right."""
    rows: list[list[ShapeCell]] = [[] for _ in range(shape.rows)]
    for cell in shape.cells:
        rows[cell.row].append(cell)
    for row, cells in enumerate(rows):
        yield row, sorted(cells, key=lambda cell: cell.column)


def _covering(shape: TableShape, row: int) -> list[ShapeCell]:
    """The cells that cover a row, left to right."""
    found = [cell for cell in shape.cells if cell.row <= row < cell.row + cell.row_span]
    return sorted(found, key=lambda cell: cell.column)


def _has_values(shape: TableShape, row: int) -> bool:
    return any(cell.row == row and cell.role == "value" and cell.text for cell in shape.cells)


def _label_cells(cells: Sequence[ShapeCell]) -> list[ShapeCell]:
    return [cell for cell in cells if cell.role == "label"]


def _labels(cells: Sequence[ShapeCell]) -> list[str]:
    return [cell.text for cell in _label_cells(cells)]


def _markdown(cells: Sequence[str], opens: bool) -> list[str]:
    row = "| " + " | ".join(cells) + " |"
    return [row, "|" + "---|" * len(cells)] if opens else [row]


def _pieces(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)] or [""]


def _lines_of(text: str, rng: random.Random) -> list[str]:
    """A label as a narrow cell breaks it; numbers stay whole."""
    if len(text) < 4 or text[:1].isascii():
        return [text]
    return _pieces(text, rng.choice([2, 3, 4])) if len(text) < 7 else _pieces(text, rng.randrange(14, 24))


def _wrap(cell: ShapeCell, widths: Sequence[int]) -> list[str]:
    return [cell.text] if cell.role == "value" else _pieces(cell.text, sum(_spanned(cell, widths)))


def _spanned(cell: ShapeCell, widths: Sequence[int]) -> Sequence[int]:
    return widths[cell.column : cell.column + cell.column_span]


def _place(lines: Sequence[list[str]], cell: ShapeCell, parts: Sequence[str], shape: TableShape) -> None:
    """Write a cell's lines into the fields, a label over several columns cut between them."""
    cut = cell.role == "label" and cell.column_span > 1
    for line, part in zip(lines, parts, strict=False):
        if not cut or len(part) < 2 * cell.column_span:
            line[cell.column] = part
            continue
        size = -(-len(part) // cell.column_span)
        for offset, piece in enumerate(_pieces(part, size)):
            # The character at the cut is seen in both columns.
            before = part[offset * size - 1] if offset and size > 1 else ""
            line[cell.column + offset] = before + piece
