"""A table of one row that is printed in pieces, one for each of its groups of columns or for some of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from service.forms.catalogue import TableForm
from service.forms.lines import Layout, Line
from service.forms.normalise import label_key


def in_one_row(lines: Sequence[Line], table: TableForm) -> Sequence[Line]:
    """The lines with the pieces of a table's only row in the last one's place; as they are where that is not plain.

    Plain is: all lines of values together are as many as the columns, each ends where a group does, and above each
    stand the names of all its groups, in the form's order.
    """
    columns = table.blocks[0].columns
    pieces = [at for at, line in enumerate(lines) if len(line.items) > 1 and not line.texts and line.numbers]
    if len(pieces) < 2 or sum(len(lines[at].items) for at in pieces) != len(columns):
        return lines
    done, above = 0, 0
    for at in pieces:
        own = columns[done : done + len(lines[at].items)]
        done += len(own)
        if done < len(columns) and columns[done].groups == own[-1].groups:
            return lines
        names = dict.fromkeys(label_key(column.groups[-1]) for column in own if column.groups)
        places = [_place(name, lines[above:at]) for name in names]
        found = [place for place in places if place is not None]
        if not places or len(found) < len(places) or found != sorted(found):
            return lines
        above = at
    values = (item for at in pieces for item in lines[at].items)
    items = tuple(
        replace(item, cell=replace(item.cell, row=0, column=at, column_span=1)) for at, item in enumerate(values)
    )
    gone = {at: replace(lines[at], items=(), layout=Layout.PROSE) for at in pieces[:-1]}
    last = {pieces[-1]: replace(lines[pieces[-1]], items=items, layout=Layout.SPACES)}
    return [{**gone, **last}.get(at, line) for at, line in enumerate(lines)]


def _place(name: str, lines: Sequence[Line]) -> tuple[int, int] | None:
    """Block and column of the last text with a name; a chapter's heading above may have it, too."""
    places = [(line.block, item.cell.column) for line in lines for item in line.items if name in item.key]
    return max(places, default=None)
