"""How well rules frame the text of a page: how many of its lines have a cell to themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

from models.text import TextBox
from service.documents.model import Rule
from service.tables.lattice import find_lattices

_OVER = 0.3
"""Share of its height by which a line of text may reach beyond its cell, for the detector's boxes are roomy."""
_BESIDE = 0.5
"""Lines of text that share so much of their heights stand side by side: in two cells, if the rules are right."""


def framed(rules: Sequence[Rule], boxes: Sequence[TextBox], shape: tuple[int, int]) -> int:
    """How many lines of text stand within a cell, with none beside them.

    Args:
        rules: in fractions of the page.
        boxes: the lines of text in pixels.
        shape: (height, width) of the page in pixels.
    """
    height, width = shape
    cells = [cell.box for lattice in find_lattices(rules, height / width) for cell in lattice.cells]
    held: defaultdict[int, list[tuple[TextBox, bool]]] = defaultdict(list)
    for box in boxes:
        x, y, over = (box.x0 + box.x1) / 2 / width, (box.y0 + box.y1) / 2 / height, _OVER * (box.y1 - box.y0)
        for i, cell in enumerate(cells):
            if cell.x0 <= x <= cell.x1 and cell.y0 <= y <= cell.y1:
                across = cell.x0 * width - over <= box.x0 and box.x1 <= cell.x1 * width + over
                down = cell.y0 * height - over <= box.y0 and box.y1 <= cell.y1 * height + over
                held[i].append((box, across and down))
                break
    return sum(
        sum(inside for _, inside in lines)
        for lines in held.values()
        if not any(_side_by_side(a, b) for (a, _), (b, _) in combinations(lines, 2))
    )


def _side_by_side(one: TextBox, other: TextBox) -> bool:
    shared = min(one.y1, other.y1) - max(one.y0, other.y0)
    return shared > _BESIDE * min(one.y1 - one.y0, other.y1 - other.y0)
