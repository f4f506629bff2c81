"""The readable summary of a result: head, the three tables as printed, what breaks, what to look at."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from service.cli.terminal import one_line
from service.export import UNSURE, Equation, doubts, equations, place, table_forms
from service.forms.catalogue import BlockForm, FieldSpec, TableForm
from service.results import Extraction, Reading, Verdict

TEXT_WIDTH = 120
"""Columns of a summary that no terminal shows."""

_STATUS_STYLES = {"reconciled": "bold green", "needs_review": "bold yellow"}
_SEVERITY_STYLES = {"error": "red", "warning": "yellow", "info": "dim"}
_VERDICTS: Mapping[Verdict, str] = {
    "misread": "misread",
    "unbalanced": "the report itself does not balance",
    "undecided": "undecided",
}
_LABEL_WIDTH = 34
_NUMBER_WIDTH = 8
"""In columns of the terminal, of which a Chinese character takes two."""
_WIDE = 8
"""A block of more columns than this with one row is shown on its side, one column a line."""


def summary(extraction: Extraction) -> RenderableType:
    """The whole summary of one result, to be printed by rich."""
    return Group(*_parts(extraction))


def summary_text(extraction: Extraction, width: int = TEXT_WIDTH) -> bytes:
    """The summary as plain UTF-8 text of that many columns."""
    console = Console(file=io.StringIO(), width=width, no_color=True, force_terminal=False)
    with console.capture() as capture:
        console.print(summary(extraction))
    return capture.get().encode()


def _parts(extraction: Extraction) -> Iterator[RenderableType]:
    reasons, roots = doubts(extraction), {field for issue in extraction.issues for field in issue.roots}
    yield _head(extraction)
    for form in table_forms(extraction):
        yield from _table(form, extraction.fields, reasons)
    found = equations(extraction)
    holding = sum(equation.identity.status == "holds" for equation in found)
    yield Text(f"\nIdentities: {holding} of {len(found)} hold", style="bold")
    yield from (
        _failed(equation) for equation in found if equation.identity.status != "holds" or equation.identity.verdict
    )
    if extraction.issues:
        yield Text("\nIssues", style="bold")
    for issue in extraction.issues:
        line = Text(f"{issue.severity}: ", style=_SEVERITY_STYLES[issue.severity])
        yield _indented(line.append(f"{one_line(issue.message)} [{issue.code}]", style="default"), 2)
        if issue.suggestion is not None:
            suggestion = f"{issue.suggestion.field} = {issue.suggestion.value}? {issue.suggestion.reason}"
            yield _indented(Text(suggestion), 4)
    doubtful = [(field, why) for field, why in reasons.items() if field in extraction.fields]
    if doubtful:
        yield Text(f"\nDoubtful cells: {len(doubtful)}", style="bold")
    yield from (_doubtful(field, extraction.fields[field], why, field in roots) for field, why in doubtful)


def _indented(text: Text, columns: int) -> RenderableType:
    """The text with all its lines set in."""
    return Padding(text, (0, 0, 0, columns))


def _doubtful(field: str, reading: Reading, why: tuple[str, ...], root: bool) -> Text:
    """One line of a doubtful cell; `>` before those that a failure comes down to."""
    details = f"{reading.confidence:.3f}, {place(reading)}; {', '.join(why)}"
    return Text(
        f"{'>' if root else ' '} {field}: {_shown(reading)} ({details})", style="bold red" if root else "yellow"
    )


def _head(extraction: Extraction) -> RenderableType:
    report, template = extraction.report, extraction.template
    forms = ", ".join(f"{table} {year}" for table, year in template.tables.items())
    head = Table.grid(padding=(0, 2))
    for name, value in (
        ("File", extraction.source.name),
        ("Title", report.title or "not found"),
        ("Agency", report.agency or "not found"),
        ("Year", str(report.year or "not found")),
        ("Forms", f"{template.id} ({forms}; {template.confidence:.2f})"),
    ):
        head.add_row(Text(name, style="bold"), Text(one_line(value)))
    status = Text(extraction.status.replace("_", " "), style=_STATUS_STYLES[extraction.status])
    head.add_row(Text("Status", style="bold"), status)
    return head


def _table(
    form: TableForm, fields: Mapping[str, Reading], reasons: Mapping[str, tuple[str, ...]]
) -> Iterator[RenderableType]:
    yield Text(f"\n{form.id}", style="bold")
    specs = list(form.fields())
    for number, block in enumerate(form.blocks):
        cells = {(spec.row.id, spec.column.id): spec for spec in specs if spec.block == number}
        yield _sideways(block, cells, fields, reasons) if _is_wide(block) else _upright(block, cells, fields, reasons)


_Cells = Mapping[tuple[str | None, str | None], FieldSpec]


def _is_wide(block: BlockForm) -> bool:
    return len(block.rows) == 1 and len(block.columns) > _WIDE


def _upright(
    block: BlockForm, cells: _Cells, fields: Mapping[str, Reading], reasons: Mapping[str, tuple[str, ...]]
) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(Text(block.headings[0] if block.headings else ""), no_wrap=True, max_width=_LABEL_WIDTH)
    for column in block.columns:
        table.add_column(Text(column.label), justify="right", overflow="fold", min_width=_NUMBER_WIDTH)
    above: tuple[str, ...] = ()
    for row in block.rows:
        for depth, group in enumerate(row.groups):
            if row.groups[: depth + 1] != above[: depth + 1]:
                table.add_row(Text("  " * depth + group, style="dim"))
        above = row.groups
        values = (_value(cells[row.id, column.id].id, fields, reasons) for column in block.columns)
        table.add_row(Text("  " * len(row.groups) + row.label), *values)
    return table


def _sideways(
    block: BlockForm, cells: _Cells, fields: Mapping[str, Reading], reasons: Mapping[str, tuple[str, ...]]
) -> Table:
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    for column in block.columns:
        value = _value(cells[block.rows[0].id, column.id].id, fields, reasons)
        table.add_row(Text(" > ".join((*column.groups, column.label))), value)
    return table


def _value(field: str, fields: Mapping[str, Reading], reasons: Mapping[str, tuple[str, ...]]) -> Text:
    """The value as it stands; `?` behind a doubtful one, `*` behind a repaired one."""
    reading = fields.get(field)
    if reading is None:
        return Text("")
    why = reasons.get(field, ())
    sign = "*" if reading.state == "repaired" else "?" if UNSURE in why else "!" if why else ""
    style = "yellow" if sign in ("?", "*") else "bold red" if why else "dim" if reading.value in (0, None) else ""
    return Text(f"{_shown(reading)}{sign}", style=style)


def _shown(reading: Reading) -> str:
    """The value with its unit, `_`, a stroke or `missing`; `69→71` for a repaired one."""
    if reading.state == "repaired":
        values = [first.value for first in reading.alternatives[:1]] + [reading.value]
        return "→".join("_" if value is None else str(value) for value in values)
    if reading.value is None:
        return {"blank": "_", "marked": one_line(reading.text or "/")}.get(reading.state, "missing")
    return f"{reading.value}{reading.unit or ''}"


def _failed(equation: Equation) -> Text:
    """An identity that failed as read, or that could not be checked, with what came of it."""
    identity = equation.identity
    line = f"  {equation.table} {identity.id}: {equation}"
    if identity.status == "unknown":
        return Text(f"{line} (a cell is missing)", style="yellow")
    if identity.status == "holds":
        return Text(f"{line} (repaired)", style="green")
    sides = f"{identity.left} against {identity.right}, difference {equation.difference}"
    came = f"; {_VERDICTS[identity.verdict]}" if identity.verdict else ""
    return Text(f"{line} ({sides}{came})", style="red")
