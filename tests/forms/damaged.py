"""A report whose every cell has a number of its own, and ways to damage its applications table."""

from __future__ import annotations

from collections.abc import Callable

from service.documents.model import Grid
from service.forms import FormReading
from tests.forms.written import Rows, Writer, grid_blocks, grids, lines_by_table, numbered, read, text_blocks

REPORT = numbered()
GRIDS = grids(REPORT)
BIG = GRIDS["applications"]
THIRD, FOURTH = "3.危及“三安全一稳定”", "4.保护第三方合法权益"
ROW = "applications.refused.endangers_security."
NEXT = "applications.refused.third_party_rights."
COLUMNS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other", "total")


def of_row(*rows: str) -> set[str]:
    """The fields of these rows."""
    return {row + column for row in rows for column in COLUMNS}


def read_big(*big: Grid) -> FormReading:
    """Read the report with these grids in the place of its applications table."""
    return read(grid_blocks({**GRIDS, "applications": big}))


def read_text(writer: Writer, change: Callable[[Rows], Rows]) -> FormReading:
    """Read the report as a text whose applications table has been changed: `change` takes its rows of lines."""
    tables = lines_by_table(REPORT, writer)
    return read(text_blocks({**tables, "applications": change(tables["applications"])}))


def replacing(text: str, *rows: list[str]) -> Callable[[Rows], Rows]:
    """A change: the row with this text becomes other rows; its own fields come as `{0}`, `{1}`, ..."""

    def change(table: Rows) -> Rows:
        at = next(index for index, lines in enumerate(table) if any(text in line for line in lines))
        last = table[at][-1]
        fields = last.split("\t") if "\t" in last else last.split()
        return [*table[:at], *([line.format(*fields) for line in row] for row in rows), *table[at + 1 :]]

    return change
