"""`gouji reconcile`: results of several years in, what they say of each other out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from service.cli.extract import STRICT_STATUS
from service.cli.files import protected, read_result, write_atomically
from service.cli.summary import TEXT_WIDTH
from service.cli.terminal import one_line
from service.errors import UnreadableInput
from service.extract import served_sureness
from service.reconcile.years import YearComparison, YearFinding, YearNote, reconcile_years
from service.results import Extraction

_VERDICT_STYLES = {"misread": "yellow", "unbalanced": "red", "undecided": "bold yellow"}


class YearsFormat(StrEnum):
    """What the comparison is printed as."""

    TABLE = "table"
    JSON = "json"


def reconcile_command(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Results of `gouji extract --output-dir`.", show_default=False)
    ],
    output: Annotated[Path | None, typer.Option(metavar="FILE.json", help="Write the comparison here, too.")] = None,
    shown: Annotated[YearsFormat, typer.Option("--format", help="What to print.")] = YearsFormat.TABLE,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when years differ.")] = False,
) -> None:
    """Compare the results of each agency between years: what is carried over, and the documents in force.

    Exit status: 0 when results were compared, whether or not they differ; 2 when no result could be read; 3 with
    --strict when years differ; 1 when something else went wrong.
    """
    results, notes = read_results(folder)
    comparison = reconcile_years([*results.values()], served_sureness())
    comparison = comparison.model_copy(update={"notes": (*notes, *comparison.notes)})
    content = f"{comparison.model_dump_json(indent=2)}\n"
    if output is not None:
        write_atomically(output, content.encode(), protected([*results]))
    if shown is YearsFormat.JSON:
        typer.echo(content, nl=False)
    else:
        console = Console() if sys.stdout.isatty() else Console(width=TEXT_WIDTH)
        console.print(years_summary(comparison))
    raise typer.Exit(STRICT_STATUS if strict and comparison.findings else 0)


def read_results(folder: Path) -> tuple[dict[Path, Extraction], list[YearNote]]:
    """The results in a folder and the folders in it, by path; a JSON file that is none is a note.

    Raises UnreadableInput when the folder is none, or has no result.
    """
    if not folder.is_dir():
        raise UnreadableInput(f"{folder}: there is no such folder; name the folder of the results")
    results, notes = {}, []
    for path in sorted(folder.rglob("*.json")):
        name = str(path.relative_to(folder))
        try:
            results[path] = read_result(path)
        except UnreadableInput as error:
            message = f"{one_line(name)} is left out: {error}."
            notes.append(YearNote(code="unreadable-result", message=message, files=(name,)))
    if not results:
        raise UnreadableInput(f"{folder}: none of its {len(notes)} JSON files is a result of gouji extract")
    return results, notes


def years_summary(comparison: YearComparison) -> RenderableType:
    """The agencies, the findings and the notes, to be printed by rich."""
    return Group(*_parts(comparison))


def _parts(comparison: YearComparison) -> Iterator[RenderableType]:
    agencies = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("agency", "years", "names alike", "findings"):
        agencies.add_column(heading, justify="left" if heading in ("agency", "years") else "right")
    for series in comparison.agencies:
        years = ", ".join(dict.fromkeys(str(report.year) for report in series.reports))
        count = sum(finding.agency == series.agency for finding in comparison.findings)
        agencies.add_row(Text(one_line(series.agency)), Text(years), Text(f"{series.score:.2f}"), Text(str(count)))
    yield agencies
    yield Text(f"Differences between years: {len(comparison.findings)}", style="bold")
    yield from (_finding(finding) for finding in comparison.findings)
    if comparison.notes:
        yield Text("\nNotes", style="bold")
    yield from (Text(f"  {one_line(note.message)} [{note.code}]") for note in comparison.notes)


def _finding(finding: YearFinding) -> RenderableType:
    head = Text("  ").append(finding.verdict, style=_VERDICT_STYLES[finding.verdict])
    head.append(f" {one_line(finding.agency)}, {finding.rule}: {one_line(finding.message)}")
    files = Text(f"    {one_line(finding.files[0])}, {one_line(finding.files[1])}", style="dim")
    if finding.suggestion is None:
        return Group(head, files)
    wanted = f"    {one_line(finding.suggestion.file)}: {finding.suggestion.field} = {finding.suggestion.value}?"
    return Group(head, files, Text(wanted))
