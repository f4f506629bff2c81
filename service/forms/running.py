"""The text of a report beside its tables: paragraphs, and rows of a table that hold one text and nothing else.

Some web pages and spreadsheets put the whole report, with its title and chapters, into one table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from service.documents.model import Block, Cell, Grid


def running_texts(block: Block) -> Iterator[tuple[int, str]]:
    """The block's running text as (row, text), top to bottom; the row is 0 for a paragraph."""
    if not isinstance(block, Grid):
        yield 0, block.text
        return
    rows: dict[int, list[Cell]] = defaultdict(list)
    for cell in block.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            rows[row].append(cell)
    for row, cells in sorted(rows.items()):
        filled = [cell for cell in cells if cell.text.strip()]
        if len(filled) == 1 and filled[0].row_span == 1:
            yield row, filled[0].text
