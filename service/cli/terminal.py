"""What is told: one-line complaints and progress on standard error, listings on standard output."""

from __future__ import annotations

import json
import sys
import traceback
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

DEBUG = "debug"
"""Name of the option of every command that shows tracebacks."""

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def one_line(text: str) -> str:
    """The text on one line: control and format characters, of which a file's name may hold any, become spaces."""
    return "".join(" " if unicodedata.category(c) in _UNPRINTABLE else c for c in text)


def complain(message: str, error: BaseException | None = None) -> None:
    """Write `gouji: MESSAGE` to standard error, and under it the traceback of an error, if given."""
    typer.echo(f"gouji: {one_line(message)}", err=True)
    if error is not None:
        typer.echo("".join(traceback.format_exception(error)), err=True)


def print_listing(headings: Sequence[str], rows: Sequence[Sequence[str]], *, as_json: bool) -> None:
    """Print rows as JSON objects by heading if asked, as a table on a terminal, else as lines with tabs."""
    if as_json:
        typer.echo(json.dumps([dict(zip(headings, row, strict=True)) for row in rows], ensure_ascii=False, indent=2))
    elif sys.stdout.isatty():
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for number, heading in enumerate(headings):
            table.add_column(heading, no_wrap=number == 0)
        for row in rows:
            table.add_row(*(Text(value) for value in row))
        Console().print(table)
    else:
        typer.echo("\n".join("\t".join(row) for row in (headings, *rows)))


class Teller:
    """Tells on standard error how far the work is: a bar on a terminal, a line a file elsewhere."""

    def __init__(self, total: int, *, wanted: bool | None):
        """`wanted` None: on a terminal only."""
        terminal = sys.stderr.isatty()
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._lines = bool(wanted) and not terminal
        self._total = total
        self._done = 0
        if terminal and wanted is not False:
            columns = (
                BarColumn(30),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.description}", markup=False),
            )
            self._bar = Progress(*columns, console=Console(stderr=True), transient=True)

    def begin(self, name: str) -> None:
        """The named file is next."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=one_line(name))

    def finish(self, name: str, outcome: str) -> None:
        """The named file is done, with that outcome in a word or two."""
        self._done += 1
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task)
        if self._lines:
            typer.echo(f"[{self._done}/{self._total}] {one_line(name)}: {outcome}", err=True)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something else is written to the terminal."""
        if self._bar is not None:
            self._bar.stop()
        yield
        if self._bar is not None:
            self._bar.start()

    def __enter__(self) -> Teller:
        if self._bar is not None:
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total)
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
