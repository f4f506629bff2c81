"""Files in and out: names, limits, and writing that leaves either the whole file or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from pydantic import ValidationError

from service.cli.terminal import one_line
from service.errors import LimitExceeded, OutputFailed, UnreadableInput
from service.files import write_whole
from service.limits import Limits
from service.results import Extraction


@dataclass(frozen=True, slots=True)
class Input:
    """One file of the call."""

    path: Path
    stem: str
    """What its results are called, without extension; unique within the call."""

    @property
    def shown(self) -> str:
        """The path as people are told of it."""
        return one_line(_readable(str(self.path)))

    @property
    def name(self) -> str:
        """The file's name in its result; bytes that are no UTF-8 are replaced, for JSON cannot hold them."""
        return _readable(self.path.name)


def plan_inputs(paths: Sequence[Path], folder: Path | None, suffix: str) -> tuple[Input, ...]:
    """Give every input the stem of its results in `folder`: the file's own, unless it is taken.

    Of two inputs with one stem the later takes its whole name (`a.docx` beside `a.pdf`: `a.docx.json`), then a number.
    A result never takes the place of an input either. Names that differ only in case count as one, as they do on
    some file systems.
    """
    inputs = protected(paths)
    taken: set[str] = set()
    planned = []
    for path in paths:
        for stem in _stems(path):
            in_the_way = folder is not None and (folder / f"{stem}{suffix}").resolve() in inputs
            if stem.casefold() not in taken and not in_the_way:
                break
        taken.add(stem.casefold())
        planned.append(Input(path, stem))
    return tuple(planned)


def protected(paths: Sequence[Path]) -> frozenset[Path]:
    """The inputs as resolved paths, which no output may replace."""
    return frozenset(path.resolve() for path in paths)


def read_input(path: Path, limits: Limits) -> bytes:
    """The file's bytes; raises UnreadableInput, or LimitExceeded before reading more than the limit."""
    try:
        if path.is_dir():
            raise UnreadableInput("is a folder, not a file; name the files in it")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            # A pipe or device has no size, so one byte more than the limit is asked for.
            data = file.read(limits.file_bytes + 1) if size <= limits.file_bytes else None
    except FileNotFoundError as error:
        raise UnreadableInput("there is no such file") from error
    except PermissionError as error:
        raise UnreadableInput("this user may not read it") from error
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or str(error)
        raise UnreadableInput(f"cannot be read ({cause.lower()})") from error
    if data is None or len(data) > limits.file_bytes:
        raise LimitExceeded(f"is larger than the {limits.file_bytes / 1024 / 1024:.4g} MB allowed")
    return data


def read_result(path: Path) -> Extraction:
    """The result in a JSON file of `gouji extract`; raises UnreadableInput."""
    try:
        return Extraction.model_validate_json(read_input(path, Limits()))
    except ValidationError as error:
        raise UnreadableInput("it is no result of gouji extract") from error


def make_folder(folder: Path) -> None:
    """Make an output folder where it is absent; raises OutputFailed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputFailed(f"{_readable(str(folder))}: the folder cannot be made ({error.strerror})") from error


def write_atomically(path: Path, content: bytes, inputs: frozenset[Path] = frozenset()) -> None:
    """Write an output whole; raises OutputFailed, also when it would take the place of an input."""
    if path.resolve() in inputs:
        raise OutputFailed(f"{_readable(path.name)} would take the place of an input file")
    try:
        write_whole(path, content)
    except OSError as error:
        raise OutputFailed(f"{_readable(path.name)} cannot be written ({error.strerror})") from error


def _stems(path: Path) -> Iterator[str]:
    yield path.stem
    yield path.name
    for number in count(2):
        yield f"{path.name}-{number}"


def _readable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "replace")
