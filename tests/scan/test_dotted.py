import numpy as np
import pytest

from service.documents.model import Rule
from service.scan.dotted import with_dotted_rules
from service.tables.lattice import find_lattices

ROWS = [300 + 40 * number for number in range(16)]
COLUMNS = [200, 600, 750, 900, 1050, 1200, 1350]
HEIGHT, WIDTH = 2339, 1654


def page(share, seed=0):
    """A table of which a copier has left this share of the lines' pixels, in bits of three."""
    rng = np.random.default_rng(seed)
    gray = np.full((HEIGHT, WIDTH), 255, np.uint8)

    def wear(length):
        bits = rng.random((length + 2) // 3) < share
        return np.repeat(bits, 3)[:length]

    for y in ROWS:
        gray[y : y + 2, COLUMNS[0] : COLUMNS[-1]][:, wear(COLUMNS[-1] - COLUMNS[0])] = 0
    for x in COLUMNS:
        gray[ROWS[0] : ROWS[-1], x : x + 2][wear(ROWS[-1] - ROWS[0])] = 0
    return gray


@pytest.mark.parametrize("share", [0.3, 0.5])
def test_a_table_of_dots_is_a_lattice_of_all_its_cells(share):
    rules = with_dotted_rules((), page(share))
    (lattice,) = find_lattices(rules, HEIGHT / WIDTH)
    assert (lattice.rows, lattice.columns) == (len(ROWS) - 1, len(COLUMNS) - 1)
    assert len(lattice.cells) == (len(ROWS) - 1) * (len(COLUMNS) - 1)


def test_lines_that_are_known_stay_as_they_are():
    whole = (
        *(Rule(COLUMNS[0] / WIDTH, y / HEIGHT, COLUMNS[-1] / WIDTH, y / HEIGHT) for y in ROWS),
        *(Rule(x / WIDTH, ROWS[0] / HEIGHT, x / WIDTH, ROWS[-1] / HEIGHT) for x in COLUMNS),
    )
    assert with_dotted_rules(whole, page(0.5)) == whole


def test_specks_without_order_are_no_table():
    rng = np.random.default_rng(1)
    gray = np.full((HEIGHT, WIDTH), 255, np.uint8)
    for y, x in zip(rng.integers(0, HEIGHT - 3, 3000), rng.integers(0, WIDTH - 3, 3000), strict=True):
        gray[y : y + 3, x : x + 3] = 0
    assert with_dotted_rules((), gray) == ()


def test_a_streak_over_the_whole_page_is_no_column():
    gray = page(0.5)
    gray[::2, 980:982] = 0
    rules = with_dotted_rules((), gray)
    assert not [rule for rule in rules if not rule.horizontal and abs(rule.x0 * WIDTH - 981) < 6]
