"""`gouji train`: the training loop on the command line. Each command is a thin wrapper over one function."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from data import GOLD
from models.registry import MODELS, weights_folder
from service.errors import BadRequest, MissingExtra

if TYPE_CHECKING:
    from training.datasets.manifest import Manifest
    from training.evaluate import Sample

app = typer.Typer(help="Draw, fit, evaluate, calibrate, promote, roll back: learning from drawn and labelled reports.")


class Model(StrEnum):
    """What can be fitted."""

    DIGITS = "digits"
    CELLS = "cells"
    ALL = "all"


Dataset = Annotated[Path, typer.Argument(metavar="DATASET", help="Folder with a manifest.json.", show_default=False)]
Runs = Annotated[Path, typer.Option("--runs", metavar="DIR", help="Folder of all runs.")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, metavar="N", help="Processes.")]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the newest unfinished run.")]
Seed = Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same result.")]
With = Annotated[
    list[Path] | None,
    typer.Option("--with", metavar="RUN", help="Use this fitted model instead of the served one; may be repeated."),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="Change a setting; may be repeated.")
]
_Name = TypeVar("_Name", bound=str)
_NEEDED = ("torch", "transformers", "onnx", "matplotlib", "jinja2")
_RUNS = Path("runs")
_UNKNOWN = "unknown"
"""Quality of imported reports of which nobody says it."""


@app.callback(invoke_without_command=True)
def _train(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        need_training()
        typer.echo(context.get_help())


@app.command("synthesize")
def synthesize_command(
    folder: Annotated[Path, typer.Argument(metavar="DATASET", help="Folder to make or add to.", show_default=False)],
    count: Annotated[int, typer.Option(min=1, help="Reports of each kind.")] = 10,
    seed: Seed = 0,
    split: Annotated[str, typer.Option(help="train, or held-out: they share no report.")] = "train",
    case: Annotated[list[str] | None, typer.Option(help="Hard case; may be repeated. Default plain.")] = None,
    quality: Annotated[
        list[str] | None, typer.Option(help="clean, office, copy, phone, or plain for no scan. Default the four.")
    ] = None,
    format_: Annotated[str, typer.Option("--format", help="Of what is no scan: docx, html, txt, ofd, pdf.")] = "pdf",
    jobs: Jobs = 1,
) -> None:
    """Draw a dataset of reports with exact truth."""
    from training.datasets.orders import FLOWS, PLAIN, SCANS, Order
    from training.loop.commands import synthesize
    from training.synthesize.cases import CASES
    from training.synthesize.effects import QUALITIES
    from training.synthesize.split import SPLITS

    cases = [_one_of("--case", one, CASES) for one in case or ["plain"]]
    qualities = [_one_of("--quality", one, (*QUALITIES, PLAIN)) for one in quality or QUALITIES]
    chosen, flow = _one_of("--split", split, SPLITS), _one_of("--format", format_, FLOWS)
    orders = [
        Order(seed + number, chosen, one, other, flow if other == PLAIN else SCANS)
        for number in range(count)
        for one in cases
        for other in qualities
    ]
    command = f"gouji train synthesize --count {count} --seed {seed} --split {split} --format {format_}"
    command += "".join(f" --case {one}" for one in cases) + "".join(f" --quality {one}" for one in qualities)
    manifest = synthesize(folder, orders, command, jobs)
    typer.echo(_holds(folder, manifest))


@app.command("fit")
def fit_command(
    model: Annotated[Model, typer.Argument(help="What to fit.")],
    dataset: Annotated[
        Path | None,
        typer.Argument(
            metavar="[DATASET]", help="Labelled reports; drawn ones are mixed in. Default: drawn ones alone."
        ),
    ] = None,
    start: Annotated[
        str | None, typer.Option("--from", metavar="WHAT", help="Go on from `released`, a run, or a version's folder.")
    ] = None,
    resume: Resume = False,
    seed: Seed = 1,
    settings: Settings = None,
    runs: Runs = _RUNS,
    jobs: Jobs = 1,
) -> None:
    """Fit a model: a run's folder with configuration, log, loss picture, metrics and the fitted model."""
    need_training()
    from training.loop.fitting import FitRequest, fit_model

    if resume and model is Model.ALL:
        raise BadRequest("--resume goes on with one model's run: name digits or cells.")
    for one in ("digits", "cells") if model is Model.ALL else (model.value,):
        run = fit_model(FitRequest(one, dataset, runs, start, resume, seed, jobs, _settings(settings)))
        typer.echo(run.folder)


@app.command("evaluate")
def evaluate_command(
    dataset: Annotated[
        str, typer.Argument(metavar="DATASET", help="Folder of reports with truths, or `gold`.", show_default=False)
    ],
    quality: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only these; may be repeated.")] = None,
    least: Annotated[
        list[str] | None,
        typer.Option(metavar="QUALITY=PERCENT", help="How many fields must be right; may be repeated."),
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the page of figures and pictures.")] = None,
    save: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep outcomes here, and go on from them.")] = None,
    show: Annotated[int, typer.Option(min=0, help="How many wrong fields to list.")] = 50,
    candidates: With = None,
    jobs: Jobs = 1,
) -> None:
    """Measure the pipeline on reports with truths: by field, table, quality and format.

    Exit status: 1 when a report is called reconciled and must not be, or fewer fields are right than --least asks for.
    """
    if html is not None:
        need_training()
    from training.evaluate import failures, measure, report_lines
    from training.evaluate.conditions import what_reads
    from training.loop.commands import weights_with

    bars = _percents(least)
    samples = [one for one in _samples(dataset) if not quality or one.quality in quality]
    if not samples:
        which = f" of the quality {' or '.join(quality)}" if quality else ""
        raise BadRequest(f"{dataset} holds no report{which}.")
    with weights_with(weights_folder(), candidates or []) as weights:
        _use(weights, candidates)
        outcomes = measure(samples, jobs=jobs, save=save, conditions=what_reads())
        if html is not None:
            # Imported here: only the page needs matplotlib.
            from training.evaluate.page import write_page

            title = f"Evaluation of {Path(dataset).resolve().name}"
            write_page(html, outcomes, samples, conditions=what_reads(), title=title)
    missed = failures(outcomes, bars)
    typer.echo("\n".join([*report_lines(outcomes, show), *(f"FAILED {line}" for line in missed)]))
    raise typer.Exit(1 if missed else 0)


def _samples(dataset: str) -> Sequence[Sample]:
    """The gold set, the reports of a dataset with its manifest, or those of a folder without one."""
    from training.datasets.manifest import MANIFEST, samples
    from training.evaluate import find_samples
    from training.loop.gold import read_gold

    if dataset == "gold":
        return read_gold()
    return (samples if (Path(dataset) / MANIFEST).is_file() else find_samples)(Path(dataset))


@app.command("calibrate")
def calibrate_command(
    candidates: With = None,
    resume: Resume = False,
    seed: Seed = 1,
    settings: Settings = None,
    runs: Runs = _RUNS,
    jobs: Jobs = 1,
) -> None:
    """Measure how often both readers are right, and fit the confidence of results to it."""
    need_training()
    from training.loop.commands import weights_with
    from training.loop.fitting import FitRequest, fit_model

    with weights_with(weights_folder(), candidates or []) as weights:
        _use(weights, candidates)
        request = FitRequest("calibration", None, runs, None, resume, seed, jobs, _settings(settings))
        typer.echo(fit_model(request).folder)


@app.command("promote")
def promote_command(
    candidates: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Runs, one a model.", show_default=False)],
    gold: Annotated[Path, typer.Option(metavar="FILE", help="List of the gold set.", show_default=False)] = GOLD,
    runs: Runs = _RUNS,
    jobs: Jobs = 1,
) -> None:
    """Serve fitted models from now on, unless they are worse on the gold set than the served ones."""
    from training.loop.commands import chosen
    from training.loop.promote import gold_measure, promote

    measure = gold_measure(gold.resolve(), (runs / "gold").resolve(), jobs)
    made, comparisons = promote(chosen(candidates), weights_folder(), measure)
    for comparison in comparisons:
        typer.echo(str(comparison))
    typer.echo(f"served now: {', '.join(one.name for one in made)}")


@app.command("rollback")
def rollback_command(model: Annotated[str, typer.Argument(help="digits, cells or calibration.")]) -> None:
    """Serve the version again that was served before."""
    from training.loop.weights import roll_back

    typer.echo(f"served now: {roll_back(_one_of('MODEL', model, MODELS), weights_folder()).name}")


@app.command("status")
def status_command(
    datasets: Annotated[
        list[Path] | None, typer.Argument(metavar="[DATASET]...", help="Datasets to check too.")
    ] = None,
    runs: Runs = _RUNS,
) -> None:
    """Tell what is served, which runs there are, and whether the files are whole; exit status 1 when one is not."""
    from training.loop.commands import status

    lines, whole = status(weights_folder(), runs, datasets or ())
    typer.echo("\n".join(lines))
    if not whole:
        raise typer.Exit(1)


@app.command("import")
def import_command(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="The reports.", show_default=False)],
    labels: Annotated[
        list[Path], typer.Option(metavar="JSON", help="Result, truth file or Label Studio export; may be repeated.")
    ],
    dataset: Annotated[Path, typer.Option(metavar="DIR", help="Dataset to make or add to.")],
    reviewer: Annotated[str | None, typer.Option(metavar="NAME", help="Who reviewed these results.")] = None,
    quality: Annotated[
        str, typer.Option(metavar="NAME", help="clean, office, copy, phone, plain for no scan, or unknown.")
    ] = _UNKNOWN,
) -> None:
    """Put labelled reports into a dataset, with who labelled them and in what."""
    from training.datasets.orders import PLAIN
    from training.loop.commands import import_labels
    from training.synthesize.effects import QUALITIES

    known = _one_of("--quality", quality, (*QUALITIES, PLAIN, _UNKNOWN))
    manifest = import_labels(files, labels, dataset, who=reviewer, quality=known)
    typer.echo(_holds(dataset, manifest))


@app.command("export")
def export_command(
    dataset: Dataset,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where to write.")],
    prefix: Annotated[
        str, typer.Option(metavar="URL", help="What the addresses of the page pictures begin with in Label Studio.")
    ] = "/data/local-files/?d=",
    predictions: Annotated[
        bool, typer.Option("--predictions", help="As suggestions that a person is yet to accept.")
    ] = False,
) -> None:
    """Write a dataset for Label Studio: page pictures, tasks and the labelling configuration."""
    from training.loop.commands import export_labels

    path, left_out = export_labels(dataset, output, prefix, predicted=predictions)
    for name in left_out:
        typer.echo(f"gouji: {name}: has no page pictures, so it is left out", err=True)
    typer.echo(path)


def need_training() -> None:
    """Raise MissingExtra where the packages for training are not installed."""
    if any(importlib.util.find_spec(name) is None for name in _NEEDED):
        raise MissingExtra(
            "Training needs packages that serving does not: install them with `pip install 'gouji[train]'` "
            "(in a checkout: `scripts/setup.sh train`)."
        )


def _holds(folder: Path, manifest: Manifest) -> str:
    count = len(manifest.entries)
    return f"{folder}: {count} report{'' if count == 1 else 's'}"


def _settings(texts: list[str] | None) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts or ()]
    if any(not sign for _, sign, _ in pairs):
        raise BadRequest("A setting is written NAME=VALUE.")
    return {name: value for name, _, value in pairs}


def _percents(texts: list[str] | None) -> dict[str, float]:
    try:
        return {name: float(text) for name, text in _settings(texts).items()}
    except ValueError as error:
        raise BadRequest("--least is written QUALITY=PERCENT.") from error


def _one_of(option: str, text: str, allowed: tuple[_Name, ...]) -> _Name:
    found = next((name for name in allowed if name == text), None)
    if found is None:
        raise BadRequest(f"{option} is one of {', '.join(allowed)}, not {text}.")
    return found


def _use(weights: Path, candidates: list[Path] | None) -> None:
    """Serve these weights in this process and those that it starts: it does nothing else and ends with the command."""
    if candidates:
        os.environ["GOUJI_WEIGHTS"] = str(weights)
