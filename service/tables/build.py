"""Pages -> blocks in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from service.documents.model import Block, Box, Page, Paragraph, Token
from service.tables.aligned import find_aligned
from service.tables.fill import fill
from service.tables.join import Leaf, join
from service.tables.lattice import Lattice, find_lattices
from service.tables.marks import is_number
from service.tables.printed import pieces
from service.tables.sheets import sheets
from service.tables.table import Table
from service.tables.text import line_text, lines_of, place, union

_STROKES = frozenset("—–-_·. ")
"""What is left of a worn rule reads like these: alone outside the tables of a scan they are no text."""


def build_blocks(pages: Sequence[Page]) -> tuple[Block, ...]:
    """Return the paragraphs and tables of read pages in reading order, tables that run over pages joined.

    `pages` have tokens and rules (a scanned one comes from `service.scan.read_page`); a page that could not be read
    gives nothing, and two sheets side by side on one page are two pages. Each line of text outside tables is a
    paragraph, page numbers and running heads too. Places are those of the source page. Never raises on account of what
    stands on a page.
    """
    alone = [sheet for page in pages for sheet in sheets(page)]
    return join([_leaf(sheet, number) for number, sheet in enumerate(alone, 1)])


def _leaf(page: Page, number: int) -> Leaf:
    """Split one sheet into tables and lines of text, from top to bottom."""
    if page.width <= 0 or page.height <= 0:
        return Leaf(number, ())
    aspect = page.height / page.width
    lattices = find_lattices(page.rules, aspect, pieces(page.tokens, page.rules, aspect))
    frames = () if page.scanned else find_lattices(page.rules, aspect)
    lattices = tuple(each for each in lattices if len(each.cells) > 1)
    inside: list[list[Token]] = [[] for _ in lattices]
    outside: list[Token] = []
    for token in page.tokens:
        index = _innermost(lattices, token.box)
        (outside if index is None else inside[index]).append(token)
    items: list[tuple[float, Table | Paragraph]] = []
    for lattice, tokens in zip(lattices, inside, strict=True):
        table = fill(lattice, tokens, page)
        guessed = _is_coarse(table) or any(len(frame.cells) == 1 and frame.box == lattice.box for frame in frames)
        if guessed and find_aligned(tokens, page.rules, page):
            outside += tokens
        else:
            items.append((lattice.box.y0, table))
    used: set[int] = set()
    for table, indices in find_aligned(outside, page.rules, page):
        items.append((table.box.y0, table))
        used |= indices
    outside = [token for i, token in enumerate(outside) if i not in used]
    worn = page.scanned and bool(items)
    for line in lines_of(outside):
        text = line_text(line, aspect)
        if text.strip() and not (worn and set(text) <= _STROKES):
            box = union(t.box for t in line)
            items.append(((box.y0 + box.y1) / 2, Paragraph(text, place(page, box))))
    return Leaf(number, tuple(item for _, item in sorted(items, key=lambda pair: pair[0])))


def _is_coarse(table: Table) -> bool:
    """Whether most numbers share their cell with others, so that the rules between rows or columns are not there."""
    crowded, shared, single = 0, 0, 0
    for cell in table.cells:
        numbers = [part for line in cell.text.split("\n") for part in line.split() if is_number(part)]
        if len(numbers) >= 2 and is_number(cell.text.split("\n")[0].split()[0]):
            crowded += 1
            shared += len(numbers)
        else:
            single += len(numbers)
    return crowded >= 2 and shared > single


def _innermost(lattices: Sequence[Lattice], box: Box) -> int | None:
    """Index of the smallest lattice that holds the centre of a box."""
    x, y = (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2
    holding = [
        ((b.x1 - b.x0) * (b.y1 - b.y0), index)
        for index, b in enumerate(lattice.box for lattice in lattices)
        if b.x0 <= x <= b.x1 and b.y0 <= y <= b.y1
    ]
    return min(holding)[1] if holding else None
