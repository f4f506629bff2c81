"""Datasets: a folder of reports with their truths, and a manifest that holds every file's sum and provenance.

    DIR/manifest.json
    DIR/drawn0000101.office.pdf
    DIR/drawn0000101.office.pdf.truth.json

A truth file holds `template`, `table_forms`, `year`, `title`, `agency`, `values` (field id -> number or null) and
`violated` (ids of the identities that the printed numbers break). It may hold `printed` (field id -> text as printed),
`places` (field id -> `page` from 1, and `bbox` in fractions of the page) and `case` (see `training.synthesize.cases`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from models.vendor import file_sha256
from service.errors import InvalidDataset
from service.files import DRAFTS, write_whole
from training.evaluate import FileSample

MANIFEST = "manifest.json"
Split = Literal["train", "held-out"]


class _Listed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Drawn(_Listed):
    """Drawn by a program: the command and the seed make the same file again."""

    kind: Literal["drawn"] = "drawn"
    command: str
    seed: int
    split: Split
    case: str


class Reviewed(_Listed):
    """Read by gouji and put right by a person."""

    kind: Literal["reviewed"] = "reviewed"
    who: str
    when: str
    """ISO 8601, UTC."""
    result: str
    """The result file that was reviewed, or its id."""


class Imported(_Listed):
    """Labelled in another program."""

    kind: Literal["imported"] = "imported"
    tool: str
    """As `label-studio`."""
    file: str
    """The label file."""
    when: str


Provenance = Annotated[Drawn | Reviewed | Imported, Field(discriminator="kind")]


class Entry(_Listed):
    """One report of a dataset, with its truth; paths are relative to the manifest's folder."""

    file: str
    sha256: str
    truth: str | None
    """None for a file that needs none."""
    truth_sha256: str | None
    format: str
    """Extension of the file, as `pdf`."""
    quality: str
    """A scan quality, or `plain` for what is no scan, or `unknown`."""
    provenance: Provenance


class Manifest(_Listed):
    """What a dataset holds."""

    schema_version: Literal["1"] = "1"
    entries: tuple[Entry, ...] = ()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a dataset.

    Raises:
        InvalidDataset: there is none, or it cannot be understood.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise InvalidDataset(f"{folder} is no dataset: it has no {MANIFEST}.")
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise InvalidDataset(f"The manifest {path} cannot be understood: {where or 'no JSON object'}.") from error
    for entry in manifest.entries:
        for name in (entry.file, entry.truth):
            if name is not None and not (folder / name).resolve().is_relative_to(folder.resolve()):
                raise InvalidDataset(f"The manifest {path} names a file outside of its folder: {name}.")
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a dataset's manifest; a reader sees the old one or the new one, never a part."""
    write_whole(folder / MANIFEST, manifest.model_dump_json(indent=1) + "\n")


def add_report(
    folder: Path, name: str, data: bytes, truth: dict[str, Any], provenance: Drawn | Reviewed | Imported, quality: str
) -> Entry:
    """Write one report and its truth into a dataset's folder; the entry is yet to be put into the manifest.

    Args:
        folder: the dataset; made where it is absent.
        name: file name; the truth goes beside it as NAME.truth.json, extension and all, so that no two share one.
        data: the report.
        truth: as in a truth file.
        provenance: where report and truth come from.
        quality: see `Entry.quality`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(truth, ensure_ascii=False, indent=1) + "\n"
    truth_name = truth_file(name)
    write_whole(folder / name, data)
    write_whole(folder / truth_name, text)
    return Entry(
        file=name,
        sha256=hashlib.sha256(data).hexdigest(),
        truth=truth_name,
        truth_sha256=hashlib.sha256(text.encode()).hexdigest(),
        format=Path(name).suffix.removeprefix(".").lower(),
        quality=quality,
        provenance=provenance,
    )


def truth_file(name: str) -> str:
    """Name of the truth of a dataset's report."""
    return f"{name}.truth.json"


def add_entries(folder: Path, entries: Iterable[Entry]) -> Manifest:
    """Put entries into a dataset's manifest; an entry for the same file takes the old one's place."""
    known = read_manifest(folder).entries if (folder / MANIFEST).is_file() else ()
    listed = {entry.file: entry for entry in (*known, *entries)}
    manifest = Manifest(entries=tuple(listed.values()))
    write_manifest(folder, manifest)
    return manifest


def faults(folder: Path, unlisted: Iterable[str] = ()) -> Iterator[str]:
    """What is wrong with a dataset's files, a line each: absent, altered, or in the folder and not in the manifest.

    Drafts of files that a stopped program was writing are no matter, nor are reports called as one of `unlisted`.
    """
    listed = {MANIFEST, *(file for name in unlisted for file in (name, truth_file(name)))}
    for entry in read_manifest(folder).entries:
        for name, expected in ((entry.file, entry.sha256), (entry.truth, entry.truth_sha256)):
            if name is None:
                continue
            listed.add(name)
            if not (folder / name).is_file():
                yield f"{name} is not there"
            elif file_sha256(folder / name) != expected:
                yield f"{name} has been altered"
    for path in sorted(folder.iterdir()):
        if path.name not in listed and path.is_file() and not path.match(DRAFTS):
            yield f"{path.name} is not in the manifest"


def verify(folder: Path, unlisted: Iterable[str] = ()) -> Manifest:
    """The manifest of a dataset whose files are all there and unaltered.

    Args:
        folder: the dataset.
        unlisted: names of reports that may be there without being listed, as of a drawing that was stopped.

    Raises:
        InvalidDataset: they are not; the message names the first.
    """
    found = list(faults(folder, unlisted))
    if found:
        more = f", and {len(found) - 1} more" if len(found) > 1 else ""
        raise InvalidDataset(f"The dataset {folder} is not as its manifest says: {found[0]}{more}.")
    return read_manifest(folder)


def samples(folder: Path) -> list[FileSample]:
    """The reports of a dataset that have a truth, to be evaluated; raises InvalidDataset as `verify` does."""
    entries = verify(folder).entries
    return [FileSample(folder / one.file, folder / one.truth, one.quality) for one in entries if one.truth is not None]
