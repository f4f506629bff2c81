"""Any table, written as DOCX and as HTML, comes back as the same grid."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from service.documents.container import Container
from service.documents.docx import read_docx
from service.documents.html import read_html
from service.documents.model import Grid
from service.limits import Limits
from tests.documents.test_docx import cell, docx, row, span, table

Tile = tuple[int, int, int, int]
"""Row, column, row span, column span."""


@st.composite
def tilings(draw: st.DrawFn) -> list[list[Tile]]:
    """Rectangles that cover a table, per row in which they start; every row and column has one that starts there."""
    rows, columns = draw(st.integers(2, 7)), draw(st.integers(2, 7))
    free = {(line, column) for line in range(rows) for column in range(columns)}
    tiles: list[list[Tile]] = [[] for _ in range(rows)]
    for line in range(rows):
        for column in range(columns):
            if (line, column) not in free:
                continue
            height, width = draw(st.integers(1, rows - line)), draw(st.integers(1, columns - column))
            # The first row and column stay whole, so that nothing is crossed only.
            height, width = (height if column else 1), (width if line else 1)
            while not {(line, column + shift) for shift in range(width)} <= free:
                width -= 1
            area = {(line + down, column + right) for down in range(height) for right in range(width)}
            free -= area
            tiles[line].append((line, column, height, width))
    return tiles


def as_html(tiles: list[list[Tile]]) -> bytes:
    rows = (
        "".join(f"<td rowspan={height} colspan={width}>{line}:{column}" for line, column, height, width in tiles_of_row)
        for tiles_of_row in tiles
    )
    return f"<table>{''.join(f'<tr>{cells}' for cells in rows)}</table>".encode()


def as_docx(tiles: list[list[Tile]]) -> bytes:
    """Cells of Word stand in every row that they cross; all but the first continue the merge."""
    rows: list[list[tuple[int, str]]] = [[] for _ in tiles]
    for line, column, height, width in (tile for tiles_of_row in tiles for tile in tiles_of_row):
        for down in range(height):
            merge = "" if height == 1 else '<w:vMerge w:val="restart"/>' if not down else "<w:vMerge/>"
            text = f"{line}:{column}" if not down else ""
            rows[line + down].append((column, cell(text, span(width) + merge)))
    return docx(table(*(row(*(written for _, written in sorted(cells))) for cells in rows)))


def expected(tiles: list[list[Tile]]) -> list[tuple[int, int, int, int, str]]:
    return sorted((*tile, f"{tile[0]}:{tile[1]}") for tiles_of_row in tiles for tile in tiles_of_row)


def found(block: object) -> list[tuple[int, int, int, int, str]]:
    assert isinstance(block, Grid)
    return [(part.row, part.column, part.row_span, part.column_span, part.text) for part in block.cells]


@settings(max_examples=100, deadline=None)
@given(tilings())
def test_html_and_docx_give_the_grid_that_was_written(tiles: list[list[Tile]]) -> None:
    assert found(read_html(as_html(tiles)).blocks[0]) == expected(tiles)
    assert found(read_docx(Container(as_docx(tiles), Limits())).blocks[0]) == expected(tiles)
