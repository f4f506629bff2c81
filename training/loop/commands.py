"""What the commands of `gouji train` do, each one function."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2

from models.registry import MODELS, read_registry
from service.documents import open_document
from service.errors import BadRequest, InvalidDataset, InvalidLabels
from training.loop.datasets import (
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
from training.loop.drawing import Order
from training.loop.fitting import fitted_folder, model_of
from training.loop.label_files import read_labels
from training.loop.label_studio import labelling_config, to_tasks
from training.loop.labels import Labels, from_truth, to_truth
from training.loop.runs import list_runs
from training.loop.weights import WHOLE, copy_served, install, state_of
from training.synthesize.invent import read_truth


def synthesize(folder: Path, orders: Sequence[Order], command: str, jobs: int) -> Manifest:
    """Draw a dataset of reports; those of an earlier, stopped run that are in the manifest are kept.

    Args:
        folder: the dataset.
        orders: what to draw; their names are unique.
        command: what makes the same again, for the manifest.
        jobs: processes.
    """
    known = verify(folder).entries if (folder / MANIFEST).is_file() else ()
    left = [order for order in orders if order.name not in {entry.file for entry in known}]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        for start in range(0, len(left), 16):
            some = left[start : start + 16]
            drawn = pool.map(Order.load, some) if jobs > 1 else map(Order.load, some)
            add_entries(
                folder,
                [
                    add_report(folder, order.name, content, truth, _drawn(order, command), order.quality)
                    for order, (content, truth) in zip(some, drawn, strict=True)
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
        files: the reports; each is found by the name that its labels give, or by its own up to the first dot.
        label_files: results, truth files, or Label Studio exports.
        folder: the dataset.
        who: who reviewed them; None for labels of another program.
        quality: of the scans, `plain` or `unknown`.

    Raises:
        InvalidLabels: a label file is none, or a report has no labels.
    """
    labelled: dict[str, tuple[Labels, Path]] = {}
    for path in label_files:
        for labels in read_labels(path):
            labelled[labels.file] = labelled[labels.file.partition(".")[0]] = (labels, path)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    entries: list[Entry] = []
    for path in files:
        found = labelled.get(path.name) or labelled.get(path.name.partition(".")[0])
        if found is None:
            raise InvalidLabels(f"No label file has labels for {path.name}.")
        labels, source = found
        if who is not None:
            provenance: Reviewed | Imported = Reviewed(who=who, when=now, result=source.name)
        else:
            provenance = Imported(tool=_tool(source), file=source.name, when=now)
        entries.append(add_report(folder, path.name, path.read_bytes(), to_truth(labels), provenance, quality))
    return add_entries(folder, entries)


def _tool(path: Path) -> str:
    return "label-studio" if isinstance(json.loads(path.read_text(encoding="utf-8")), list) else "gouji"


def export_labels(dataset: Path, folder: Path, prefix: str, *, predicted: bool) -> Path:
    """Write a dataset's reports for Label Studio: page pictures, `tasks.json`, and the labelling configuration.

    Args:
        dataset: with pages; others cannot be shown.
        folder: where to write.
        prefix: of the pictures' addresses, as Label Studio will see them.
        predicted: as suggestions that a person is yet to accept.

    Returns:
        The tasks' file.

    Raises:
        InvalidLabels: a report has no pages.
    """
    pictures = folder / "pages"
    pictures.mkdir(parents=True, exist_ok=True)
    tasks: list[dict[str, Any]] = []
    for entry in verify(dataset).entries:
        if entry.truth is None:
            raise InvalidDataset(f"{entry.file} has no truth, so it has no labels.")
        labels = from_truth(read_truth(dataset / entry.truth), entry.file)
        addresses, sizes = {}, {}
        for page in open_document(entry.file, (dataset / entry.file).read_bytes()).pages:
            if page.render is None:
                continue
            picture = page.render()
            name = f"{entry.file}.page-{page.number}.jpg"
            cv2.imwrite(str(pictures / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
            addresses[page.number] = f"{prefix}pages/{name}"
            sizes[page.number] = (picture.shape[1], picture.shape[0])
        sized = Labels(labels.file, labels.table_forms, labels.fields, labels.year, labels.title, labels.agency, sizes)
        tasks += to_tasks(sized, addresses, predicted=predicted)
    path = folder / "tasks.json"
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (folder / "config.xml").write_text(labelling_config(), encoding="utf-8")
    return path


@contextmanager
def weights_with(weights: Path, candidates: Sequence[Path]) -> Iterator[Path]:
    """A folder of the served weights with these fitted models in the served ones' place, for as long as it is used."""
    with tempfile.TemporaryDirectory(prefix="gouji-weights-") as scratch:
        staged = Path(scratch) / "weights"
        copy_served(weights, staged)
        for model, folder in chosen(candidates).items():
            install(model, folder, staged)
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
