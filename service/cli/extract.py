"""`gouji extract`: files in, results out."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from service.cli.files import Input, make_folder, plan_inputs, protected, write_atomically
from service.cli.run import Outcome, outcomes
from service.cli.terminal import DEBUG, Teller, complain
from service.errors import GoujiError, OutputFailed, UnreadableInput
from service.limits import Limits
from service.results import Extraction
from service.worker import Extractor, ExtractorFactory, as_gouji_error, make_extractor

STRICT_STATUS = 3
"""Exit status with --strict when a report needs review."""
_THREADS = 2
"""Threads of each process's models."""


class Format(StrEnum):
    """What results are written as."""

    JSON = "json"
    TABLE = "table"
    CSV = "csv"
    XLSX = "xlsx"

    @property
    def suffix(self) -> str:
        """Extension of the files."""
        return ".txt" if self is Format.TABLE else f".{self.value}"


@dataclass(frozen=True, slots=True)
class Options:
    """How to extract and where to write."""

    output_dir: Path | None = None
    format: Format = Format.JSON
    annotated: Path | None = None
    strict: bool = False
    progress: bool | None = None
    jobs: int = 1
    bom: bool = False
    debug: bool = False


def extract_command(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The reports.", show_default=False)],
    output_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write one file a report here, named like the report.")
    ] = None,
    output: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.JSON,
    annotated: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write page pictures with the cells drawn on them here.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 when a report needs review.")] = False,
    progress: Annotated[
        bool | None,
        typer.Option("--progress/--no-progress", help="Progress on standard error; else on a terminal."),
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, metavar="N", help="Processes to read several files with.")] = 1,
    bom: Annotated[bool, typer.Option("--bom", help="Begin CSV with a byte order mark, for Excel.")] = False,
) -> None:
    """Read reports: JSON on standard output (one object a line for several files), or a file for each in a folder.

    Exit status: 0 when every file was read, whether or not it needs review; 2 when one could not be read as a report;
    3 with --strict when one needs review; 1 when something else went wrong. The other files are done in any case.
    """
    debug = bool(context.find_root().params.get(DEBUG))
    options = Options(output_dir, output, annotated, strict, progress, jobs, bom, debug)
    raise typer.Exit(extract_files(files, options, pipeline))


def pipeline() -> Extractor:
    """What files are extracted with: the whole pipeline, its models loaded when the first scanned page comes."""
    return make_extractor(Limits(), _THREADS, eager=False)


def extract_files(paths: Sequence[Path], options: Options, factory: ExtractorFactory) -> int:
    """Do the files one after the other, write what the options say, tell errors; the exit status.

    Raises OutputFailed when an output folder cannot be made, and UsageError when the options do not go together.
    """
    if options.format is Format.XLSX and options.output_dir is None and (len(paths) > 1 or sys.stdout.isatty()):
        raise typer.BadParameter("xlsx needs --output-dir, or one file and standard output sent to a file.")
    for folder in (options.output_dir, options.annotated):
        if folder is not None:
            make_folder(folder)
    inputs = plan_inputs(paths, options.output_dir, options.format.suffix)
    writer = _Writer(options, protected(paths), several=len(paths) > 1)
    errors: list[GoujiError] = []
    doubtful = False
    with Teller(len(inputs), wanted=options.progress) as teller:
        for outcome in outcomes(inputs, options.jobs, factory, teller.begin):
            with teller.aside():
                written = writer.write(outcome)
                if isinstance(written, GoujiError):
                    errors.append(written)
                    complain(f"{outcome.input.shown}: {written}", written if options.debug else None)
                    told = "error"
                else:
                    doubtful |= written.status != "reconciled"
                    told = written.status.replace("_", " ")
            teller.finish(outcome.input.shown, told)
    return exit_status(errors, strict_failure=options.strict and doubtful)


def exit_status(errors: Sequence[GoujiError], *, strict_failure: bool) -> int:
    """2 when a file could not be read, else 1 when something else went wrong, else 3 when strict, else 0."""
    if errors:
        unreadable = UnreadableInput.exit_status
        return unreadable if any(error.exit_status == unreadable for error in errors) else errors[0].exit_status
    return STRICT_STATUS if strict_failure else 0


class _Writer:
    """Writes each result as the options say, to standard output or as files."""

    def __init__(self, options: Options, inputs: frozenset[Path], *, several: bool):
        self._options = options
        self._inputs = inputs
        self._several = several
        self._first = True
        self._said_pageless = False

    def write(self, outcome: Outcome) -> Extraction | GoujiError:
        """Write the result and, if asked, its pages; gives it back, or what went wrong before or now.

        Raises BrokenPipeError when nobody reads on, for then there is no use in going on.
        """
        if isinstance(outcome.result, GoujiError):
            return outcome.result
        try:
            self._write(outcome.input, outcome.result)
            if self._options.annotated is not None:
                self._annotate(outcome, outcome.result, self._options.annotated)
        except BrokenPipeError:
            raise
        except Exception as error:
            return as_gouji_error(error)
        return outcome.result

    def _write(self, item: Input, extraction: Extraction) -> None:
        folder = self._options.output_dir
        if folder is not None:
            path = folder / f"{item.stem}{self._options.format.suffix}"
            write_atomically(path, self._content(extraction, alone=True), self._inputs)
            if item.stem != item.path.stem:
                complain(f"{item.shown}: written as {path.name}, for {item.path.stem}{path.suffix} is taken")
        else:
            self._print(extraction)
            self._first = False

    def _content(self, extraction: Extraction, *, alone: bool) -> bytes:
        """The bytes of one result; when not alone, as the next part of a stream of them."""
        match self._options.format:
            case Format.CSV:
                from service.export import to_csv

                begins = alone or self._first
                return to_csv([extraction], headings=begins, bom=self._options.bom and begins)
            case Format.XLSX:
                from service.workbook import to_xlsx

                return to_xlsx(extraction)
            case Format.TABLE:
                from service.cli.summary import summary_text

                return summary_text(extraction)
            case _:
                return f"{extraction.model_dump_json(indent=2 if alone else None)}\n".encode()

    def _print(self, extraction: Extraction) -> None:
        if self._options.format is not Format.TABLE:
            content = self._content(extraction, alone=not self._several)
            with _standard_output():
                typer.echo(content, nl=False)
            return
        from rich.console import Console

        from service.cli.summary import TEXT_WIDTH, summary

        console = Console() if sys.stdout.isatty() else Console(width=TEXT_WIDTH)
        with _standard_output():
            if not self._first:
                console.rule()
            console.print(summary(extraction))

    def _annotate(self, outcome: Outcome, extraction: Extraction, folder: Path) -> None:
        from service.annotate import annotate
        from service.documents import open_document

        item = outcome.input
        drawn = 0
        for page in annotate(open_document(item.name, outcome.data, Limits()), extraction):
            write_atomically(folder / f"{item.stem}-p{page.number}.png", page.png, self._inputs)
            drawn += 1
        if drawn == 0 and not self._said_pageless:
            self._said_pageless = True
            complain(f"{item.shown}: has no pages to draw on (said once)")


@contextmanager
def _standard_output() -> Iterator[None]:
    """Tell a full disk behind standard output from an error of gouji's own."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputFailed(f"standard output cannot be written ({error.strerror})") from error
