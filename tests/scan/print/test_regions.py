from __future__ import annotations

from models.text import TextBox
from service.documents.model import Box, Rule
from service.scan.print.ink import Blot
from service.scan.print.regions import overlooked
from service.tables.lattice import Lattice, LatticeCell

SHAPE = (1000, 800)


def _table(box: Box) -> Lattice:
    return Lattice(1, 1, (LatticeCell(0, 0, 1, 1, box),), box, False, (box.y0, box.y1), (box.x0, box.x1))


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


def _dashes(left: int, y: int, gap: int, widths: tuple[int, ...]) -> list[Blot]:
    return [Blot(n, left + gap * n, y, left + gap * n + width, y + 4, 30) for n, width in enumerate(widths)]


def test_a_row_of_dashes_beside_a_line_of_text_is_not_overlooked_though_tables_stand_elsewhere() -> None:
    table, boxes = _table(Box(0.1, 0.5, 0.9, 0.8)), [TextBox(100, 200, 240, 236, 0.9)]
    row = _dashes(300, 216, 60, (9, 11, 10, 8, 9, 8))
    assert overlooked(row, boxes, [table], (), SHAPE) == tuple(row)
    others = {
        "the rests of a rule above the line": _dashes(300, 201, 60, (9, 11, 10, 8, 9, 8)),
        "left of it": _dashes(10, 216, 15, (9, 11, 10, 8, 9)),
        "dots": _dashes(300, 216, 60, (4, 3, 4, 4, 3, 4)),
        "of many lengths": _dashes(300, 216, 60, (9, 40, 10, 8, 21, 8)),
        "side by side": _dashes(300, 216, 20, (9, 11, 10, 8, 9, 8)),
        "few": _dashes(300, 216, 60, (9, 11, 10, 8)),
    }
    found = {name for name, blots in others.items() if overlooked(blots, boxes, [table], (), SHAPE)}
    assert found == set()
