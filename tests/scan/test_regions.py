from __future__ import annotations

import layoutparser as lp
import pytest

from models.text import TextBox
from service.documents.model import Box, Rule
from service.scan.ink import Blot
from service.scan.regions import overlooked, ruled_tables
from service.tables.lattice import Lattice, LatticeCell

SHAPE = (1000, 800)


def _table(box: Box) -> Lattice:
    return Lattice(1, 1, (LatticeCell(0, 0, 1, 1, box),), box, False, (box.y0, box.y1), (box.x0, box.x1))


def _column(box: Box, cells: int) -> Lattice:
    edges = tuple(box.y0 + i * (box.y1 - box.y0) / cells for i in range(cells + 1))
    held = tuple(LatticeCell(i, 0, 1, 1, Box(box.x0, edges[i], box.x1, edges[i + 1])) for i in range(cells))
    return Lattice(cells, 1, held, box, True, edges, (box.x0, box.x1))


@pytest.mark.parametrize(("kind", "stands"), [("table", True), ("figure", True), ("text", False)])
def test_of_a_lattice_of_few_cells_the_layout_model_says_whether_it_is_a_table(kind: str, stands: bool) -> None:
    small, large = _column(Box(0.1, 0.1, 0.9, 0.3), 2), _column(Box(0.1, 0.5, 0.9, 0.9), 4)
    seen = lp.Layout([lp.TextBlock(lp.Rectangle(80, 100, 720, 300), type=kind, score=0.9)])
    assert ruled_tables(lambda: seen, [small, large], SHAPE) == ((small, large) if stands else (large,))


def test_of_no_other_lattice_the_layout_model_is_asked() -> None:
    large, frame = _column(Box(0.1, 0.1, 0.9, 0.5), 4), _column(Box(0.1, 0.6, 0.9, 0.8), 1)

    def asked() -> lp.Layout:
        raise AssertionError("asked")

    assert ruled_tables(asked, [large, frame], SHAPE) == (large,)


def test_ink_of_a_ruled_table_that_the_page_cuts_off_is_not_overlooked_and_what_stands_free_is() -> None:
    table = _table(Box(-0.01, -0.01, 0.9, 0.5))
    rules = [Rule(0.1, y, 0.9, y) for y in (0.2, 0.5, 0.8)]
    inside, outside = Blot(1, 300, 300, 310, 320, 150), Blot(2, 300, 700, 310, 720, 150)
    assert overlooked([inside, outside], (), [table], rules, SHAPE) == (outside,)


def test_rests_of_a_worn_rule_are_no_dashes_and_dashes_of_one_length_are() -> None:
    rules = [Rule(0.1, y, 0.9, y) for y in (0.2, 0.8)]
    boxes = [TextBox(100, 250, 160, 270, 0.9)]
    rests = [
        Blot(n, 150 + 60 * n, 400 + n % 2, 150 + 60 * n + width, 403, 9) for n, width in enumerate((4, 40, 5, 21, 9))
    ]
    dashes = [
        Blot(9 + n, 150 + 60 * n, 500, 150 + 60 * n + width, 503, 9) for n, width in enumerate((16, 17, 15, 16, 18))
    ]
    zero = Blot(20, 620, 392, 632, 412, 90)
    assert set(overlooked([*rests, *dashes, zero], boxes, (), rules, SHAPE)) == {*dashes, zero}
