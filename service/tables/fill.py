"""Tokens -> the cells of a lattice."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from service.documents.model import Box, Cell, Page, Token
from service.tables.lattice import Lattice, LatticeCell
from service.tables.marks import is_number
from service.tables.table import Table
from service.tables.text import alternatives, confidence, place, reader, shows_ink, tokens_text, worn

_UNPROVEN = 0.5
"""Probability that nothing is printed in a cell of a scanned page at which no reader looked."""
_CLEAR = 0.25
"""Least gap between a label and the number in the column behind it, in heights of a character."""


def fill(lattice: Lattice, tokens: Sequence[Token], page: Page) -> Table:
    """Put tokens into the cells of a lattice and return it as a table; every cell of the lattice is a cell of it.

    A token belongs to the cell in which its centre lies. One that a line cuts nearly in half goes with its neighbour
    on the line of text. On a scanned page a token without text proves a cell empty; one without tokens was not read.
    """
    aspect = page.height / page.width
    held: list[list[Token]] = [[] for _ in lattice.cells]
    for index, token in zip(_owners(lattice, tokens), tokens, strict=True):
        held[index].append(token)
    pairs = [
        part
        for each, inside in zip(lattice.cells, held, strict=True)
        for part in _divided(each, inside, lattice, aspect)
    ]
    cells = []
    for each, found in pairs:
        inside = _without_margins(each, found)
        cells.append(
            Cell(
                row=each.row,
                column=each.column,
                row_span=each.row_span,
                column_span=each.column_span,
                text=tokens_text(inside, aspect),
                place=place(page, each.box),
                confidence=confidence(inside) if inside or not page.scanned else _UNPROVEN,
                reader=reader(inside),
                ink=shows_ink(inside) if page.scanned else None,
                alternatives=alternatives(inside),
                worn=worn(inside),
            )
        )
    return Table(tuple(cells), lattice.rows, lattice.column_edges, lattice.box, "ruled")


def _without_margins(cell: LatticeCell, tokens: list[Token]) -> list[Token]:
    """What was found in a cell, without its margins: the places left and right of a text in a cell of several columns.

    Each was read by itself, and specks in them are badly told from a faint number. But a cell holds one value; where a
    line between two was lost, the other's column has no cell, and its field is missing.
    """
    printed = [token.box for token in tokens if token.text]
    if cell.column_span == 1 or cell.row_span > 1 or not printed:
        return tokens
    x0, x1 = min(box.x0 for box in printed), max(box.x1 for box in printed)
    return [token for token in tokens if token.text or x0 < (token.box.x0 + token.box.x1) / 2 < x1]


def _divided(
    cell: LatticeCell, tokens: list[Token], lattice: Lattice, aspect: float
) -> list[tuple[LatticeCell, list[Token]]]:
    """Divide a cell over several rows or columns whose content shows that a line between them was lost.

    That is so where several of its rows (or columns) hold something, and each a number alone: no cell holds two. And
    where numbers stand in the columns behind a label, clear of it.
    """
    for rows, edges in ((True, lattice.row_edges), (False, lattice.column_edges)):
        first, count = (cell.row, cell.row_span) if rows else (cell.column, cell.column_span)
        if count == 1 or len(tokens) < 2:
            continue
        stops = edges[first : first + count + 1]
        parts: list[list[Token]] = [[] for _ in range(count)]
        for token in tokens:
            box = token.box
            middle = (box.y0 + box.y1) / 2 if rows else (box.x0 + box.x1) / 2
            parts[min(max(bisect_right(stops, middle) - 1, 0), count - 1)].append(token)
        label = 0 if rows else _label(parts, aspect)
        parts = [[token for part in parts[:label] for token in part], *parts[label:]] if label else parts
        bounds = [0, *range(label, count + 1)] if label else list(range(count + 1))
        texts = [text for part in parts if (text := tokens_text(part, aspect))]
        if len(texts) < 2 or not all(is_number(text) for text in texts[label > 0 :]):
            continue
        pieces = []
        for (low, high), part in zip(pairwise(bounds), parts, strict=True):
            if rows:
                box = cell.box._replace(y0=stops[low], y1=stops[high])
                piece = LatticeCell(cell.row + low, cell.column, high - low, cell.column_span, box)
            else:
                box = cell.box._replace(x0=stops[low], x1=stops[high])
                piece = LatticeCell(cell.row, cell.column + low, cell.row_span, high - low, box)
            pieces += _divided(piece, part, lattice, aspect)
        return pieces
    return [(cell, tokens)]


def _label(parts: Sequence[Sequence[Token]], aspect: float) -> int:
    """How many of these columns a label takes that ends clear of the numbers behind it; 0 where that is not so."""
    texts = [tokens_text(part, aspect) for part in parts]
    label = max((n + 1 for n, text in enumerate(texts) if text and not is_number(text)), default=0)
    behind = [token.box.x0 for part in parts[label:] for token in part if token.text]
    if not label or not behind:
        return 0
    boxes = [token.box for part in parts[:label] for token in part if token.text]
    size = median(box.y1 - box.y0 for box in boxes) * aspect
    return label if min(behind) - max(box.x1 for box in boxes) > _CLEAR * size else 0


def _owners(lattice: Lattice, tokens: Sequence[Token]) -> list[int]:
    """Index of the cell that each token belongs to."""
    at = {
        (r, c): index
        for index, cell in enumerate(lattice.cells)
        for r in range(cell.row, cell.row + cell.row_span)
        for c in range(cell.column, cell.column + cell.column_span)
    }
    owners = [_by_centre(lattice, at, token.box) for token in tokens]
    split = [i for i, token in enumerate(tokens) if _share(lattice.cells[owners[i]].box, token.box) < 0.75]
    whole = [i for i in range(len(tokens)) if i not in set(split)]
    for i in split:
        box = tokens[i].box
        height = box.y1 - box.y0
        beside = [
            (max(other.x0 - box.x1, box.x0 - other.x1), j)
            for j in whole
            for other in (tokens[j].box,)
            if min(other.y1, box.y1) - max(other.y0, box.y0) > 0.5 * height
            and _share(lattice.cells[owners[j]].box, box) > 0.25
        ]
        if beside:
            owners[i] = owners[min(beside)[1]]
    return owners


def _by_centre(lattice: Lattice, at: dict[tuple[int, int], int], box: Box) -> int:
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    row = min(max(bisect_right(lattice.row_edges, y) - 1, 0), lattice.rows - 1)
    column = min(max(bisect_right(lattice.column_edges, x) - 1, 0), lattice.columns - 1)
    # The edges are those in the middle of the table; in a slanting one a neighbour may be the right one.
    for r, c in ((row, column), (row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
        if (r, c) in at:
            cell = lattice.cells[at[r, c]].box
            if cell.x0 <= x <= cell.x1 and cell.y0 <= y <= cell.y1:
                return at[r, c]
    return max(range(len(lattice.cells)), key=lambda i: _share(lattice.cells[i].box, box) or _near(lattice, i, x, y))


def _near(lattice: Lattice, index: int, x: float, y: float) -> float:
    """Return a negative number, the nearer the cell the larger."""
    box = lattice.cells[index].box
    return -(max(box.x0 - x, x - box.x1, 0.0) + max(box.y0 - y, y - box.y1, 0.0))


def _share(cell: Box, token: Box) -> float:
    """Share of a token's box that lies in a cell."""
    width = min(cell.x1, token.x1) - max(cell.x0, token.x0)
    height = min(cell.y1, token.y1) - max(cell.y0, token.y0)
    area = (token.x1 - token.x0) * (token.y1 - token.y0)
    return width * height / area if width > 0 and height > 0 and area > 0 else 0.0
