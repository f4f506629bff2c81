"""The command line, one module a command or two; each command wraps one function."""

from service.cli.app import app, main

__all__ = ["app", "main"]
