"""A drawn report before it has a shape: what is printed in every cell and what stands around the tables.

Every format (scan, PDF, DOCX, HTML, OFD, text) is written from one `DrawnReport`, so its truth is the same in all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple

FormYear = Literal["2019", "2021"]
Number = int | float

STROKES = ("/", "-", "—", "－", "\\")
"""What agencies print for nothing; a truth value of such a cell is None."""

_LEADING_NUMBER = re.compile(r"\s*(-?\d+(?:\.\d+)?)\s*(.*)", re.DOTALL)


class Section(NamedTuple):
    """One of the six chapters: its heading as printed and its paragraphs, without tables."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrawnReport:
    """One invented report; everything that is printed, and the truth."""

    title: str
    agency: str
    year: int
    table_forms: Mapping[str, FormYear]
    """Form of each table: `proactive`, `applications`, `disputes`."""
    printed: Mapping[str, str]
    """Field id -> exactly the text in the cell: `""` blank, `"/"` a stroke, `"12"`, `"5.035"`, `"2笔"`."""
    values: Mapping[str, Number | None]
    """Field id -> the number as printed; None for blank and struck-out cells. Same keys as `printed`."""
    sections: Mapping[str, Section]
    """Section id (`overview`, `proactive`, `applications`, `disputes`, `problems`, `other`) in printed order."""
    units: Mapping[str, str] = field(default_factory=dict)
    """Field id -> unit printed behind the number, for those that have one (`元`, `万元`, `笔`)."""
    violated: tuple[str, ...] = ()
    """Ids of the identities that the printed numbers break, in the form's order."""
    preamble: tuple[str, ...] = ()
    """Paragraphs between the title and the first chapter."""

    def __post_init__(self) -> None:
        if self.printed.keys() != self.values.keys():
            raise ValueError("printed texts and values must have the same fields")

    @property
    def template(self) -> FormYear:
        """Form of the Article 20 table, which names the report's template."""
        return self.table_forms["proactive"]

    def truth(self) -> dict[str, Any]:
        """Return the truth as in `NAME.truth.json`: template, table_forms, year, title, agency, values, violated."""
        return {
            "template": self.template,
            "table_forms": dict(self.table_forms),
            "year": self.year,
            "title": self.title,
            "agency": self.agency,
            "values": dict(self.values),
            "violated": list(self.violated),
        }

    def write_truth(self, path: Path) -> None:
        """Write `truth()` as JSON (UTF-8) to `path`."""
        path.write_text(json.dumps(self.truth(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


class Print(NamedTuple):
    """A truth value as it goes on paper: the text, its number, and the unit behind it ("" for none)."""

    text: str
    value: Number | None
    unit: str


def print_value(value: object, blank: str = "") -> Print:
    """How a truth value is printed.

    Numbers print plainly, None as `blank` (empty or a stroke), texts such as `2笔` as they stand (value: the number in
    front), and `{"any": [...]}` as its first choice. Raises ValueError for a text without a number that is no stroke.
    """
    if isinstance(value, Mapping):
        return print_value(next(iter(value["any"])), blank)
    if value is None:
        return Print(blank, None, "")
    if isinstance(value, str):
        if not value.strip() or value.strip() in STROKES:
            return Print(value, None, "")
        match = _LEADING_NUMBER.fullmatch(value)
        if match is None:
            raise ValueError(f"not a printable value: {value!r}")
        return Print(value, _number(match[1]), match[2].strip())
    if isinstance(value, int | float):
        return Print(f"{value:.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value), value, "")
    raise ValueError(f"not a printable value: {value!r}")


def from_values(
    values: Mapping[str, object],
    *,
    title: str,
    agency: str,
    year: int,
    table_forms: Mapping[str, FormYear],
    sections: Mapping[str, Section],
    preamble: tuple[str, ...] = (),
    violated: Iterable[str] = (),
    blank: str = "",
) -> DrawnReport:
    """Make a report with given truth values (field id -> number, None, text as printed, or `{"any": [...]}`)."""
    prints = {name: print_value(value, blank) for name, value in values.items()}
    return DrawnReport(
        title=title,
        agency=agency,
        year=year,
        table_forms=dict(table_forms),
        printed={name: one.text for name, one in prints.items()},
        values={name: one.value for name, one in prints.items()},
        sections=dict(sections),
        units={name: one.unit for name, one in prints.items() if one.unit},
        violated=tuple(violated),
        preamble=preamble,
    )


def _number(text: str) -> Number:
    return float(text) if "." in text else int(text)
