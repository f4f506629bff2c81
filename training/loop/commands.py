"""What the commands of `gouji train` do, each one function."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import cv2

from models.registry import MODELS, read_registry
from models.vendor import file_sha256
from service.documents import open_document
from service.errors import BadRequest, InvalidDataset, InvalidLabels, UnreadableInput
from training.datasets.label_files import read_labels
from training.datasets.label_studio import labelling_config, to_tasks
from training.datasets.labels import Labels, from_truth, to_truth
from training.datasets.manifest import (
    MANIFEST,
    Drawn,
    Entry,
    Imported,
    Manifest,
    Reviewed,
    add_entries,
    add_report,
    faults,
    read_manifest,
    verify,
)
from training.datasets.orders import Order
from training.evaluate.spread import spread
from training.loop.fitting import fitted_folder, model_of
from training.loop.runs import list_runs
from training.loop.weights import WHOLE, copy_served, install_together, state_of
from training.synthesize.invent import read_truth

_AT_ONCE = 16
"""Drawn reports between two writings of a manifest."""


def synthesize(folder: Path, orders: Sequence[Order], command: str, jobs: int) -> Manifest:
    """Draw a dataset of reports; those of an earlier, stopped run that are in the manifest are kept.

    Args:
        folder: the dataset.
        orders: what to draw; their names are unique.
        command: what makes the same again, for the manifest.
        jobs: processes.
    """
    wanted = [order.name for order in orders]
    known = verify(folder, wanted).entries if (folder / MANIFEST).is_file() else ()
    left = [order for order in orders if order.name not in {entry.file for entry in known}]
    drawn = zip(left, spread(Order.load, left, jobs, ordered=True), strict=True)
    while some := list(islice(drawn, _AT_ONCE)):
        add_entries(
            folder,
            [
                add_report(folder, order.name, content, truth, _drawn(order, command), order.quality)
                for order, (content, truth) in some
            ],
        )
    return verify(folder)


def _drawn(order: Order, command: str) -> Drawn:
    return Drawn(command=command, seed=order.seed, split=order.split, case=order.case)


def import_labels(
    files: Sequence[Path], label_files: Sequence[Path], folder: Path, *, who: str | None, quality: str
) -> Manifest:
    """Put labelled reports into a dataset.

    Args:
        files: the reports; the labels of NAME.EXT are those of a file of this name, else of NAME alone.
        label_files: results, truth files, or Label Studio exports.
        folder: the dataset.
        who: who reviewed them; None for labels of another program.
        quality: of the scans, `plain` or `unknown`.

    Raises:
        InvalidLabels: a label file is none, two label the same report, or a report has no labels, or another file's.
        UnreadableInput: there is no such report, or two have the same name.
    """
    labelled: dict[str, tuple[Labels, Path]] = {}
    for path in label_files:
        for labels in read_labels(path):
            if labels.file in labelled:
                raise InvalidLabels(f"{labelled[labels.file][1].name} and {path.name} both label {labels.file}.")
            labelled[labels.file] = (labels, path)
    if len({path.name for path in files}) < len(files):
        raise UnreadableInput("Two of the reports have the same name, which a dataset cannot hold.")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    # All are looked at before the first is written.
    reports = [(path, *_labels_of(path, labelled)) for path in files]
    entries: list[Entry] = []
    for path, labels, source in reports:
        if who is not None:
            provenance: Reviewed | Imported = Reviewed(who=who, when=now, result=source.name)
        else:
            provenance = Imported(tool=_tool(source), file=source.name, when=now)
        entries.append(add_report(folder, path.name, path.read_bytes(), to_truth(labels), provenance, quality))
    return add_entries(folder, entries)


def _labels_of(path: Path, labelled: Mapping[str, tuple[Labels, Path]]) -> tuple[Labels, Path]:
    """The labels of a report and the file that holds them; raises as `import_labels` does."""
    if not path.is_file():
        raise UnreadableInput(f"{path}: there is no such file.")
    # The whole name, then all of it before its last dot, and so on: `1.A.pdf` never takes the labels of `1.B.pdf`.
    parts = path.name.split(".")
    names = (".".join(parts[:count]) for count in range(len(parts), 0, -1))
    found = next((labelled[name] for name in names if name in labelled), None)
    if found is None:
        raise InvalidLabels(f"No label file has labels for {path.name}.")
    labels, source = found
    if not labels.fields:
        raise InvalidLabels(f"{source.name} has no label for any field of {path.name}.")
    if labels.sha256 is not None and labels.sha256 != file_sha256(path):
        raise InvalidLabels(f"{source.name} is the result of another file than this {path.name}: the SHA-256 differs.")
    return found


def _tool(path: Path) -> str:
    return "label-studio" if isinstance(json.loads(path.read_text(encoding="utf-8")), list) else "gouji"


def export_labels(dataset: Path, folder: Path, prefix: str, *, predicted: bool) -> tuple[Path, list[str]]:
    """Write a dataset's reports for Label Studio: page pictures, `tasks.json`, and the labelling configuration.

    Args:
        dataset: its reports without pages are left out, for Label Studio cannot show them.
        folder: where to write.
        prefix: of the pictures' addresses, as Label Studio will see them.
        predicted: as suggestions that a person is yet to accept.

    Returns:
        The tasks' file, and the reports that are left out.

    Raises:
        InvalidLabels: no report has pages.
    """
    pictures = folder / "pages"
    pictures.mkdir(parents=True, exist_ok=True)
    tasks: list[dict[str, Any]] = []
    left_out: list[str] = []
    for entry in verify(dataset).entries:
        if entry.truth is None:
            raise InvalidDataset(f"{entry.file} has no truth, so it has no labels.")
        labels = from_truth(read_truth(dataset / entry.truth), entry.file)
        sizes = _write_pictures(dataset / entry.file, pictures)
        if not sizes:
            left_out.append(entry.file)
            continue
        addresses = {page: f"{prefix}pages/{_picture_name(entry.file, page)}" for page in sizes}
        tasks += to_tasks(replace(labels, sizes=sizes), addresses, predicted=predicted)
    if not tasks:
        raise InvalidLabels(f"The dataset {dataset} has no page pictures, so Label Studio cannot show it.")
    path = folder / "tasks.json"
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "config.xml").write_text(labelling_config(), encoding="utf-8")
    return path, left_out


def _write_pictures(report: Path, folder: Path) -> dict[int, tuple[int, int]]:
    """Write the pictures of a report's pages; width and height of each in pixels, by page."""
    sizes: dict[int, tuple[int, int]] = {}
    for page in open_document(report.name, report.read_bytes()).pages:
        if page.render is None:
            continue
        picture = page.render()
        _, content = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
        (folder / _picture_name(report.name, page.number)).write_bytes(content.tobytes())
        sizes[page.number] = (picture.shape[1], picture.shape[0])
    return sizes


def _picture_name(report: str, page: int) -> str:
    return f"{report}.page-{page}.jpg"


@contextmanager
def weights_with(weights: Path, candidates: Sequence[Path]) -> Iterator[Path]:
    """A folder of the served weights with these fitted models in the served ones' place, for as long as it is used."""
    with tempfile.TemporaryDirectory(prefix="gouji-weights-") as scratch:
        staged = Path(scratch) / "weights"
        copy_served(weights, staged)
        install_together(chosen(candidates), staged, {})
        yield staged


def chosen(paths: Sequence[Path]) -> Mapping[str, Path]:
    """The folder of the fitted model by model; raises BadRequest when two are of one model."""
    found: dict[str, Path] = {}
    for path in paths:
        model = model_of(path)
        if model in found:
            raise BadRequest(f"Two of the models are {model}; name one.")
        found[model] = fitted_folder(path)
    return found


def status(weights: Path, runs: Path, datasets: Sequence[Path] = ()) -> tuple[list[str], bool]:
    """What is served, which versions and runs there are, a line each; and whether all files are whole."""
    registry = read_registry(weights)
    lines, whole = [f"weights: {weights}"], True
    for model in MODELS:
        record = registry.get(model)
        if record is None or record.served is None:
            lines.append(f"{model}: none served")
            continue
        previous = f", before it {model}-{record.previous}" if record.previous else ""
        lines.append(f"{model}: {model}-{record.served} is served{previous}")
        states = {version: state_of(model, version, weights) for version in record.versions}
        lines += [f"  {model}-{version}: {state}" for version, state in states.items()]
        whole &= set(states.values()) == {WHOLE}
    found = list_runs(runs)
    lines.append(f"runs: {runs}, {len(found)}")
    for run in found:
        metrics = run.metrics
        end = f"finished after {metrics['steps']:.0f} steps" if metrics else "not finished"
        lines.append(f"  {run.folder.name}: {end}")
    for folder in datasets:
        wrong = list(faults(folder))
        lines.append(f"dataset {folder}: {len(read_manifest(folder).entries)} files, {len(wrong)} faults")
        lines += [f"  {fault}" for fault in wrong]
        whole &= not wrong
    return lines, whole
