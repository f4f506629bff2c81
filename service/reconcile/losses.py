"""Empty cells whose zeros may have faded: what their page and their report print tells how many were left empty.

No reader sees a number of which a copy has left nothing, and no identity misses a 0. But what fades, fades by the page,
and a 0 is only lost where zeros are printed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from service.documents.model import DIGITAL_READERS
from service.results import Reading

_SURE, _LASTED = 0.9, 0.8
"""The print of a page has lasted where so large a share of it is read so surely, and some is. Of 193 drawn copies, read
cell by cell, the worn pages where it has, or of reports that print no zero, have 2,780 cells that seem empty; 16 held a
number, one of the 2,383 whose readers are sure by 0.9. Of 450 on the others 218 did, 126 of 288 where they are sure."""
_LEGIBLE = 0.999
"""So sure are most empty cells of six of seven legible pages that show nothing else and lost nothing, and no cell of a
worn page."""
_FADES = 0.26
"""Share of the zeros that are lost without a trace on other pages of reports that print zeros: 165 of 645, 75 of 427 in
one half of those copies and 90 of 218 in the other, 113 of them on three pages that nothing is read on. So 300 empty
cells may be expected to hold a number where 218 do."""
_UNKNOWN, _ZEROS = 0.3, 0.2
"""What is usual counts as so many cells, and so much of that is zeros."""


@dataclass(frozen=True, slots=True)
class _Print:
    """What a page prints, by the names of its cells."""

    sure: int
    unsure: int
    empty: Mapping[str, float]
    """Empty cells with their confidence."""

    @property
    def lasted(self) -> bool:
        printed = self.sure + self.unsure
        if not printed and self.empty:
            return median(self.empty.values()) >= _LEGIBLE
        return self.sure > 0 and self.sure >= _LASTED * printed


def left_empty(fields: Mapping[str, Reading]) -> dict[str, float]:
    """How probable it is of each empty cell of a scan that no 0 has faded there, as far as others tell.

    On pages whose print has lasted that is certain. On others a cell was printed as 0 as often as the report prints so
    what counts nothing; empty cells are evidence only where print has lasted.

    Args:
        fields: as read.
    """
    pages: dict[int, dict[str, Reading]] = {}
    for name, one in fields.items():
        if one.page is not None and one.reader not in (None, *DIGITAL_READERS) and one.state != "missing":
            pages.setdefault(one.page, {})[name] = one
    prints = {page: _print_of(cells) for page, cells in pages.items()}
    signs = [one for cells in pages.values() for one in cells.values() if one.confidence >= _SURE and not one.value]
    zeros = sum(one.value == 0 for one in signs)
    strokes = sum(one.state == "marked" for one in signs)
    empty = sum(len(one.empty) for one in prints.values() if one.lasted)
    habit = (zeros + _ZEROS) / (zeros + strokes + empty + _UNKNOWN)
    kept = (1 - habit) / (1 - habit + _FADES * habit)
    return {name: 1.0 if one.lasted else kept for one in prints.values() for name in one.empty}


def _print_of(cells: Mapping[str, Reading]) -> _Print:
    printed = [one.confidence >= _SURE for one in cells.values() if one.state != "blank"]
    empty = {name: one.confidence for name, one in cells.items() if one.state == "blank"}
    return _Print(sum(printed), len(printed) - sum(printed), empty)
