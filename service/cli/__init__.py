"""The command line: `gouji extract`, `forms`, `reconcile`, `serve`, `version`. Each command wraps one function."""

from service.cli.app import app, main

__all__ = ["app", "main"]
