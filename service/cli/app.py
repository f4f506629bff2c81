"""The commands put together, and the last net beneath them: nothing ends in a traceback unasked."""

from __future__ import annotations

import logging
import os
import sys
from importlib.metadata import entry_points, version
from typing import Annotated

import typer
from pydantic import ValidationError

from service.cli.decide import decide_command, issues_command
from service.cli.extract import extract_command
from service.cli.forms import forms_command
from service.cli.reconcile import reconcile_command
from service.cli.serve import serve_command
from service.cli.terminal import DEBUG, complain
from service.errors import GoujiError

_LOG = logging.getLogger(__name__)

app = typer.Typer(
    name="gouji",
    help="Reads Chinese government information disclosure annual reports and reconciles their numbers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("extract")(extract_command)
app.command("forms")(forms_command)
app.command("reconcile")(reconcile_command)
app.command("issues")(issues_command)
app.command("decide")(decide_command)
app.command("serve")(serve_command)


@app.command("version")
def version_command() -> None:
    """Print the version."""
    typer.echo(f"gouji {version('gouji')}")


def _attach_commands() -> None:
    """Add the commands that are installed beside these: typer apps under the entry points `gouji.commands`."""
    for point in entry_points(group="gouji.commands"):
        try:
            app.add_typer(point.load(), name=point.name)
        except ImportError as error:
            # What is broken beside the product must not keep it from reading reports.
            _LOG.warning("the command %s cannot be loaded: %s", point.name, error)


_attach_commands()


def _print_version(asked: bool) -> None:
    if asked:
        version_command()
        raise typer.Exit


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option(f"--{DEBUG}", help="Show tracebacks, of whatever command.")] = False,
) -> None:
    del debug  # main and extract look for it


def _internal(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{os.fsdecode(error.filename)}: {error.strerror.lower()}"  # no file, no folder, no right, no space
    return f"internal error ({type(error).__name__}); `gouji --{DEBUG} COMMAND ...` shows more"


def _settings_at_fault(error: ValidationError) -> str:
    """The environment variables that hold what they may not; results are valid by the time they get here."""
    prefix = {"Limits": "GOUJI_LIMIT_", "Settings": "GOUJI_"}.get(error.title)
    if prefix is None:
        return _internal(error)
    faults = (f"{prefix}{str(fault['loc'][-1]).upper()}: {fault['msg'].lower()}" for fault in error.errors())
    return f"a setting is not valid: {'; '.join(faults)}"


def main() -> None:
    """Entry point of `gouji`; ends the process with the command's exit status."""
    debug = f"--{DEBUG}" in sys.argv[1:]
    try:
        app()
    except GoujiError as error:
        complain(str(error), error if debug else None)
        sys.exit(error.exit_status)
    except ValidationError as error:
        complain(_settings_at_fault(error), error if debug else None)
        sys.exit(GoujiError.exit_status)
    except Exception as error:
        complain(_internal(error), error if debug else None)
        sys.exit(GoujiError.exit_status)
