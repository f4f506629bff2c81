"""The command line: `gouji extract`, `forms`, `serve`, `version`. Each command is a thin wrapper over one function."""

from service.cli.app import app, main

__all__ = ["app", "main"]
