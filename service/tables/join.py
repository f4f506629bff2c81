"""Tables that run over pages -> one grid each.

Two tables are one where nothing stands between them but page numbers and running heads, and where the columns of
one continue those of the other. A heading printed again on the next page is left out when it says the same as the
first; any other stays as rows. A row cut by the page break is put together only on plain evidence (`_cut_row`).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from service.documents.model import Block, Cell, Paragraph
from service.tables.marks import is_continuation_note, is_enumerated, is_number, is_page_number
from service.tables.table import Table

EDGE = 0.012
"""How far one column edge may stand from another, in page widths, and still be the same."""
LOOSE_EDGE = 0.03
"""The same where no line draws the edges, and the numbers' widths move them."""
FRAME = 0.04
"""How far the sides of two parts of one table may differ, as on the two sides of a bound sheet."""
MARGIN = 0.07
"""Text so near the upper or lower edge of the page is a running head or foot."""
_INFERRED = 0.9
"""How sure a scanned cell is at most that is empty because its row has none there: the columns may be misjudged. One
number was taken so for surely none; of 151 captured scans no other field hangs on such a cell."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One sheet: its tables and lines of text from top to bottom."""

    number: int
    """Its place among all sheets."""
    items: tuple[Table | Paragraph, ...]


def join(leaves: Sequence[Leaf]) -> tuple[Block, ...]:
    """Return all blocks in reading order; what stands in the gap of a joined table comes after it."""
    repeated = _repeated(leaves)
    blocks: list[Block] = []
    open_table: Table | None = None
    loose: list[Block] = []
    previous: int | None = None

    def close() -> None:
        nonlocal open_table, loose
        if open_table is not None:
            blocks.append(open_table.grid())
        blocks.extend(loose)
        open_table, loose = None, []

    for leaf in leaves:
        at_top = True
        for item in leaf.items:
            if isinstance(item, Paragraph):
                if _is_furniture(item, repeated):
                    loose.append(item)
                else:
                    close()
                    blocks.append(item)
                    at_top = False
                continue
            joined = None
            if open_table is not None and at_top and previous is not None and leaf.number > previous:
                joined = _joined(open_table, item)
            if joined is None:
                close()
            open_table, at_top, previous = joined or item, False, leaf.number
    close()
    return tuple(blocks)


def _key(paragraph: Paragraph) -> tuple[str, int] | None:
    """What makes two lines on different pages the same running head: their text without digits, and their height."""
    box = paragraph.place.box
    if box is None or 0.12 < box.y0 < 0.88:
        return None
    return re.sub(r"[\d\s]+", "", paragraph.text), round(box.y0 * 50)


def _repeated(leaves: Sequence[Leaf]) -> set[tuple[str, int]]:
    seen = Counter(
        key
        for leaf in leaves
        for key in {_key(item) for item in leaf.items if isinstance(item, Paragraph)}
        if key is not None
    )
    return {key for key, count in seen.items() if count > 1}


def _is_furniture(paragraph: Paragraph, repeated: set[tuple[str, int]]) -> bool:
    """Whether a line may stand between two parts of one table."""
    if is_page_number(paragraph.text) or is_continuation_note(paragraph.text):
        return True
    box = paragraph.place.box
    return _key(paragraph) in repeated or (box is not None and (box.y1 < MARGIN or box.y0 > 1 - MARGIN))


def _joined(upper: Table, lower: Table) -> Table | None:
    """Put the lower table under the upper one; None where they are two."""
    upper, lower = _spread(upper, lower), _spread(lower, upper)
    loose = "aligned" in (upper.kind, lower.kind)
    edges = _common_edges(upper.column_edges, lower.column_edges, LOOSE_EDGE) if loose else None
    edges = edges or _common_edges(upper.column_edges, lower.column_edges, EDGE)
    if edges is None:
        return None
    merged, from_upper, from_lower = edges
    cells = [_recolumned(cell, from_upper) for cell in upper.cells]
    below = [_recolumned(cell, from_lower) for cell in lower.cells]
    below, gone = _without_heading(cells, below)
    rows = lower.rows - gone
    if rows == 0:
        return replace(upper, cells=tuple(cells), column_edges=merged)
    cells, below, rows = _cut_row(cells, below, upper.rows, rows)
    cells, below = _running_labels(cells, below, upper.rows)
    moved = [replace(cell, row=cell.row + upper.rows) for cell in below]
    return Table((*cells, *moved), upper.rows + rows, merged, lower.box, upper.kind)


def _spread(table: Table, other: Table) -> Table:
    """Give an aligned table the columns of its other part where it has fewer: it shows only those that hold a number.

    Each of its columns is the one of the other's in which its numbers have their middle; the table stays as it is where
    that is not plain.
    """
    if not 0 < len(table.middles) < len(other.middles):
        return table
    first, others = table.columns - len(table.middles), other.columns - len(other.middles)
    edges = other.column_edges[others:]
    where = [bisect_right(edges, x) - 1 if x is not None else -1 for x in table.middles]
    if where != sorted(set(where)) or where[0] < 0 or where[-1] >= len(edges) - 1:
        return table
    place = {first + i: first + column for i, column in enumerate(where)}
    cells = [_put(cell, place, first) for cell in table.cells]
    cells += [cell for row in range(table.rows) for cell in _blanks(cells, row, range(first, first + len(edges) - 1))]
    return replace(table, cells=tuple(cells), column_edges=(*table.column_edges[:first], *edges), middles=other.middles)


def _put(cell: Cell, place: Mapping[int, int], first: int) -> Cell:
    """A cell in its new columns, from that of its first to that of its last one."""
    last = cell.column + cell.column_span - 1
    column, end = place.get(cell.column, cell.column), place.get(last, last)
    return replace(cell, column=column, column_span=end - column + 1) if last >= first else cell


def _blanks(cells: Sequence[Cell], row: int, columns: range) -> Iterator[Cell]:
    """Empty cells for what a row has not: nearly as surely empty as the rest of it was read, for it was looked for."""
    beside = [c for c in cells if c.row <= row < c.row + c.row_span and c.column + c.column_span > columns.start]
    taken = {column for c in beside for column in range(c.column, c.column + c.column_span)}
    if not beside:
        return
    model = min(beside, key=lambda c: c.confidence)
    if model.ink is not None:
        model = replace(model, confidence=min(model.confidence, _INFERRED))
    for column in columns:
        if column not in taken:
            ink = None if model.ink is None else False
            yield replace(model, row=row, column=column, row_span=1, column_span=1, text="", ink=ink, alternatives=())


def _common_edges(
    upper: Sequence[float], lower: Sequence[float], reach: float
) -> tuple[tuple[float, ...], list[int], list[int]] | None:
    """Return the edges of both, in the lower's place, with the index of each of the two's edges; None if they disagree.

    The fewer edges must all be among the more; a single one astray is let pass in a table of many columns.
    """
    if abs(upper[0] - lower[0]) > FRAME or abs(upper[-1] - lower[-1]) > FRAME:
        return None
    scale = (lower[-1] - lower[0]) / (upper[-1] - upper[0])
    placed = [lower[0] + (x - upper[0]) * scale for x in upper]
    sides = [placed, list(lower)]
    few, many = sorted(sides, key=len)
    if reach > EDGE:
        sides[sides.index(few)] = few = _settled(few, many, reach)
    astray = [x for x in few if min(abs(x - y) for y in many) > reach]
    if len(astray) > (1 if len(few) > 6 else 0):
        return None
    merged = sorted([*many, *astray])
    where = [[min(range(len(merged)), key=lambda i: abs(merged[i] - x)) for x in edges] for edges in sides]
    if any(len(set(w)) < len(w) for w in where):
        return None
    return tuple(merged), where[0], where[1]


def _settled(few: Sequence[float], many: Sequence[float], reach: float) -> list[float]:
    """Move an edge that is astray to the only one of the others that stands between its neighbours' edges."""
    near = [min(many, key=lambda y: abs(x - y)) for x in few]
    held = [y if abs(x - y) <= reach else None for x, y in zip(few, near, strict=True)]
    settled = []
    for i, x in enumerate(few):
        low = next((y for y in held[i::-1] if y is not None), -1.0)
        high = next((y for y in held[i:] if y is not None), 2.0)
        between = [y for y in many if low < y < high]
        settled.append(between[0] if held[i] is None and len(between) == 1 else x)
    return settled


def _recolumned(cell: Cell, where: Sequence[int]) -> Cell:
    column = where[cell.column]
    return replace(cell, column=column, column_span=where[cell.column + cell.column_span] - column)


def _without_heading(upper: list[Cell], lower: list[Cell]) -> tuple[list[Cell], int]:
    """Leave out the lower table's first rows where they are the upper one's heading over again."""
    numbered = [cell.row for cell in upper if is_number(cell.text)]
    depth = min(numbered, default=0)
    first = sorted((c for c in upper if c.row < depth), key=lambda c: (c.row, c.column))
    second = sorted((c for c in lower if c.row < depth), key=lambda c: (c.row, c.column))
    shape = [(c.row, c.column, c.row_span, c.column_span) for c in first]
    if not first or shape != [(c.row, c.column, c.row_span, c.column_span) for c in second]:
        return lower, 0
    if any(c.row + c.row_span > depth for c in first):
        return lower, 0
    texts = ["".join("".join(c.text.split()) + "|" for c in cells) for cells in (first, second)]
    if fuzz.ratio(*texts) < 80 or any(is_number(c.text) for c in second):
        return lower, 0
    return [replace(c, row=c.row - depth) for c in lower if c.row >= depth], depth


def _cut_row(
    upper: list[Cell], lower: list[Cell], upper_rows: int, lower_rows: int
) -> tuple[list[Cell], list[Cell], int]:
    """Put the halves of a row cut by the page break together, and return both tables and the lower's rows left.

    Evidence asked for: the columns of both halves are the same; numbers stand in one of them only, and in all but the
    label's columns the other is empty; and the label goes on, which is so where its upper half is enumerated or has an
    open bracket and its lower half is not enumerated, or where one of the two halves has no label at all.
    """
    last = sorted((c for c in upper if c.row == upper_rows - 1 and c.row_span == 1), key=lambda c: c.column)
    first = sorted((c for c in lower if c.row == 0 and c.row_span == 1), key=lambda c: c.column)
    if not first or [(c.column, c.column_span) for c in last] != [(c.column, c.column_span) for c in first]:
        return upper, lower, lower_rows
    pairs = list(zip(last, first, strict=True))
    numbers = [pair for pair in pairs if is_number(pair[0].text) or is_number(pair[1].text)]
    labels = [pair for pair in pairs if pair[0].column < min((p[0].column for p in numbers), default=0)]
    rest = [pair for pair in pairs if pair not in labels]
    one_sided = any(all(not pair[side].text for pair in rest) for side in (0, 1))
    if not numbers or not one_sided or not labels or not _label_goes_on(labels):
        return upper, lower, lower_rows
    whole = {id(a): _one_cell(a, b) for a, b in pairs}
    gone = {id(b) for _, b in pairs}
    upper = [whole.get(id(c), c) for c in upper]
    spanning = [c for c in lower if c.row == 0 and id(c) not in gone and c.row_span > 1]
    lower = [
        replace(c, row=0, row_span=c.row_span - 1) if c in spanning else replace(c, row=c.row - 1)
        for c in lower
        if id(c) not in gone
    ]
    return upper, lower, lower_rows - 1


def _label_goes_on(labels: Sequence[tuple[Cell, Cell]]) -> bool:
    above, below = ("".join(pair[side].text for pair in labels).strip() for side in (0, 1))
    if not above or not below:
        return bool(above or below)
    if is_enumerated(below):
        return False
    brackets = sum(above.count(x) for x in "（(") > sum(above.count(x) for x in "）)")
    return brackets or is_enumerated(above)


def _one_cell(above: Cell, below: Cell) -> Cell:
    """Unite two halves of one cell; it keeps the place of the half that has text, the upper one first."""
    if not below.text and below.confidence == 1.0:
        return above
    if not above.text and above.confidence == 1.0:
        return replace(below, row=above.row)
    ink = None if above.ink is None and below.ink is None else bool(above.ink) or bool(below.ink)
    text = "\n".join(t for t in (above.text, below.text) if t)
    return replace(above, text=text, confidence=above.confidence * below.confidence, ink=ink)


def _running_labels(upper: list[Cell], lower: list[Cell], rows: int) -> tuple[list[Cell], list[Cell]]:
    """Let a label that spans rows on both sides of the break be one cell.

    That is so where the lower half is empty and has another label beside it, or where its text goes on.
    """
    numbers = [c.column for c in (*upper, *lower) if is_number(c.text)]
    limit = min(numbers, default=0)
    for below in [c for c in lower if c.row == 0 and c.column + c.column_span <= limit]:
        above = next((c for c in upper if c.row + c.row_span == rows and c.column == below.column), None)
        if above is None or above.column_span != below.column_span or not above.text:
            continue
        beside = any(c.row == 0 and below.column < c.column < limit and c.text for c in lower)
        goes_on = bool(below.text) and below.row_span > 1 and _label_goes_on([(above, below)])
        if (beside and not below.text) or goes_on:
            whole = replace(_one_cell(above, below), row_span=above.row_span + below.row_span)
            upper = [whole if c is above else c for c in upper]
            lower = [c for c in lower if c is not below]
    return upper, lower
