"""What the readers of flowing formats hand over: lines, pictures, tables in tables; brought into one row of blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from service.documents.model import Block, Cell, Grid, Paragraph, Place
from service.documents.spans import Lattice, Placed, fill_lattice, row_bands

_INVISIBLE = {ord(mark): None for mark in "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"} | {0xA0: " "}
"""Marks without width are dropped, no-break spaces become spaces; full-width spaces stay."""


_SEVERAL = 4
"""Rows of a table that is not written twice by chance."""
_PROSE = 200
"""Characters that no label of a form has, in one line or in several."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A document without pages."""

    blocks: tuple[Block, ...]
    title: str | None = None
    """A title that the file states apart from its text, if any."""
    pictures: tuple[bytes, ...] = ()
    """The encoded pictures of a document that is nothing but pictures (a scan put into DOCX), in reading order."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `links` of its hyperlinks hold `linked` of its characters."""

    text: str
    links: int = 0
    linked: int = 0


@dataclass(frozen=True, slots=True)
class Image:
    """A picture between the lines; data None where it is not in the file."""

    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table as the file has it; its cells hold lines, pictures and tables."""

    cells: tuple[Placed[tuple[Item, ...]], ...]


Item = Line | Image | Table
Filled = Lattice[tuple[Item, ...]]


def clean_text(text: str) -> str:
    """Drop characters that nobody sees and make no-break spaces plain."""
    return text.translate(_INVISIBLE)


def item_text(items: Iterable[Item]) -> str:
    """All text of the items, a line each; a row of a table within is one line with tabs."""
    lines = []
    for item in items:
        if isinstance(item, Line):
            lines.append(item.text)
        elif isinstance(item, Table):
            bands = row_bands(fill_lattice(item.cells))
            lines += ["\t".join(item_text(cell.content or ()) for cell in band) for band in bands]
    return "\n".join(line for line in lines if line.strip()).strip()


def lay_out(
    items: Iterable[Item], keep: Callable[[Sequence[Item]], Sequence[Item]] = lambda items: items, first_table: int = 0
) -> Flow:
    """Number the tables and bring all into reading order as paragraphs and grids.

    Tables that only arrange others vanish, and tables within tables become grids of their own, after the one they
    stand in. `keep` sees lines, pictures and tables when no layout table is left, and returns what is to stay.
    Paragraph places count lines from 1, cell places are `T2R5C3` over the grids that come out, after `first_table`
    others.
    """
    blocks: list[Block] = []
    tables = first_table
    lines = 0
    for item in keep(list(_unwrapped(items))):
        if isinstance(item, Table):
            grid = _grid(fill_lattice(item.cells), tables + 1)
            if blocks and _is_again(grid, blocks[-1]):
                continue
            tables += 1
            blocks.append(grid)
        elif isinstance(item, Line) and item.text.strip():
            lines += 1
            blocks.append(Paragraph(item.text, Place(line=lines)))
    return Flow(tuple(blocks))


def _is_again(grid: Grid, before: Block) -> bool:
    """Whether a table is the one right above over again: pages have one for screens of each width, and show one."""
    if not isinstance(before, Grid) or grid.rows < _SEVERAL:
        return False
    texts, others = ([(c.row, c.column, c.text) for c in one.cells] for one in (grid, before))
    return texts == others


def _grid(table: Filled, number: int) -> Grid:
    cells = []
    for cell in _claimed(table):
        content = cell.content or ()
        text = item_text(content)
        # A number may stand there as a picture: such a cell is not known to be empty.
        unknown = not text and any(isinstance(item, Image) for item in content)
        place = Place(cell=f"T{number}R{cell.row + 1}C{cell.column + 1}")
        confidence = 0.0 if unknown else 1.0
        cells.append(Cell(cell.row, cell.column, text, place, cell.row_span, cell.column_span, confidence))
    return Grid(tuple(cells), table.rows, table.columns, "markup")


def _claimed(table: Filled) -> Iterator[Placed[tuple[Item, ...]]]:
    """The cells of a table without the positions behind a row's last cell, where the file has none.

    A heading that spans too much, or rows that lost their spans, leave such; a row with fewer cells than it needs has
    lost them, and they are not known to be empty.
    """
    ends: dict[int, int] = {}
    for cell in table.cells:
        if cell.content is not None:
            for row in range(cell.row, cell.row + cell.row_span):
                ends[row] = max(ends.get(row, 0), cell.column + cell.column_span)
    return (cell for cell in table.cells if cell.column < ends.get(cell.row, 0))


def _unwrapped(items: Iterable[Item]) -> Iterator[Item]:
    """Replace tables that only arrange their content by that content."""
    for item in items:
        if not isinstance(item, Table):
            yield item
            continue
        table = fill_lattice(
            [
                replace(cell, content=None if cell.content is None else tuple(_unwrapped(cell.content)))
                for cell in item.cells
            ]
        )
        if table.columns < 2:
            yield from _contents(table.cells)
        elif not any(_holds_content(cell) for cell in table.cells):
            yield Table(table.cells)
        elif _is_data(table):
            yield Table(table.cells)
            yield from (nested for nested in _contents(table.cells) if isinstance(nested, Table))
        else:
            yield from _bands(table)


def _contents(cells: Iterable[Placed[tuple[Item, ...]]]) -> Iterator[Item]:
    for cell in cells:
        yield from cell.content or ()


def _holds_content(cell: Placed[tuple[Item, ...]]) -> bool:
    """Whether a cell holds a table or prose, as cells of layout tables do."""
    content = cell.content or ()
    if any(isinstance(item, Table) for item in content):
        return True
    sizes = [len(item.text) for item in content if isinstance(item, Line)]
    return sum(sizes) >= _PROSE and (len(sizes) >= 3 or max(sizes) >= _PROSE)


def _is_data(table: Filled) -> bool:
    """Whether a table that holds others is a filled form all the same: several full rows, most text its own."""
    plain = [cell for cell in table.cells if not _holds_content(cell) and item_text(cell.content or ())]
    held = [cell for cell in table.cells if _holds_content(cell)]
    per_row = [sum(cell.row == row for cell in plain) for row in range(table.rows)]
    own, others = (sum(len(item_text(cell.content or ())) for cell in cells) for cells in (plain, held))
    return sum(count >= 3 for count in per_row) >= 3 and own > others


def _bands(table: Filled) -> Iterator[Item]:
    """Take a layout table apart: rows that hold content give it, runs of other rows stay tables of their own."""
    run: list[Placed[tuple[Item, ...]]] = []
    for band in [*row_bands(table), []]:
        if band and not any(map(_holds_content, band)):
            run += band
            continue
        rows = len({cell.row for cell in run})
        if rows >= 2 and len({cell.column for cell in run}) >= 2:
            yield Table(tuple(run))
        else:
            yield from _contents(run)
        run = []
        yield from _contents(band)
