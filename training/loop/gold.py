"""The gold set: reports drawn to order, never trained on, by which a model is promoted or refused.

`data/gold/manifest.json` lists orders (seed, case, quality, format) and the sum of each report's true values; the
reports are drawn anew whenever they are read, so that nothing large lies in the repository.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from data import GOLD, TEMPLATES
from models.registry import served
from models.vendor import file_sha256
from service.errors import GoujiError, InvalidDataset
from service.files import write_whole
from training.datasets.orders import FLOWS, Flow, Order
from training.evaluate import Outcome, load_outcomes, measure
from training.evaluate.conditions import what_reads
from training.evaluate.spread import apart
from training.synthesize.cases import Case
from training.synthesize.effects import QUALITIES, Quality

FIRST_SEED = 70_000_000
"""Seeds of the gold set begin here in the held-out split; calibration and evaluation keep below."""

_HARD: tuple[Case, ...] = ("no-headings", "page-break", "garbled-labels", "rules-third", "no-rules", "extra-column")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class GoldReport(_Frozen):
    """One report of the gold set, to be drawn from the held-out split."""

    seed: int
    case: Case
    quality: Quality | Literal["plain"]
    format: Flow
    values_sha256: str
    """Sum of the true values, as compact JSON with sorted keys."""


class GoldSet(_Frozen):
    """The gold set."""

    schema_version: Literal["1"] = "1"
    command: str
    """What wrote this list."""
    reports: tuple[GoldReport, ...]


@dataclass(frozen=True, slots=True)
class GoldSample:
    """A gold report as the evaluation reads it."""

    listed: GoldReport

    @property
    def order(self) -> Order:
        """What to draw."""
        one = self.listed
        return Order(one.seed, "held-out", one.case, one.quality, one.format)

    @property
    def name(self) -> str:
        """File name, unique in the set."""
        return self.order.name

    @property
    def quality(self) -> str:
        """Scan quality, or `plain`."""
        return self.listed.quality

    def load(self) -> tuple[bytes, Mapping[str, Any]]:
        """Draw it.

        Raises:
            InvalidDataset: its true values are no longer those of the list.
        """
        drawn, truth = self.order.load()
        if values_sha256(truth) != self.listed.values_sha256:
            raise InvalidDataset(f"The gold report {self.name} has other numbers than when the gold set was made.")
        return drawn, truth


def values_sha256(truth: Mapping[str, Any]) -> str:
    """The sum of a truth's values."""
    text = json.dumps(truth["values"], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def gold_orders(scans: int, flows: int, hard: int) -> list[Order]:
    """What a gold set holds: `scans` of each quality, `flows` of each text format, `hard` of each hard case."""
    kinds: list[tuple[int, Case, Quality | Literal["plain"], Flow]] = []
    kinds += [(scans, "plain", quality, "pdf") for quality in QUALITIES]
    kinds += [(flows, "plain", "plain", format_) for format_ in FLOWS]
    kinds += [(hard, case, "clean", "pdf") for case in _HARD]
    return [
        Order(FIRST_SEED + 1000 * kind + number, "held-out", case, quality, format_)
        for kind, (count, case, quality, format_) in enumerate(kinds)
        for number in range(count)
    ]


def make_gold(path: Path, orders: Sequence[Order], command: str) -> GoldSet:
    """Write the list of a gold set; each order is drawn once, for the sum of its values.

    Raises:
        ValueError: an order is not of the held-out split.
    """
    if any(order.split != "held-out" for order in orders):
        raise ValueError("the gold set is drawn from the held-out split")
    reports = tuple(
        GoldReport(
            seed=one.seed,
            case=one.case,
            quality=one.quality,
            format=one.format,
            values_sha256=values_sha256(one.load()[1]),
        )
        for one in orders
    )
    gold = GoldSet(command=command, reports=reports)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, gold.model_dump_json(indent=1) + "\n")
    return gold


def read_gold(path: Path = GOLD) -> tuple[GoldSample, ...]:
    """The samples of a gold set; raises InvalidDataset when there is none or it cannot be understood."""
    try:
        return tuple(map(GoldSample, GoldSet.model_validate_json(path.read_bytes()).reports))
    except (OSError, ValidationError) as error:
        raise InvalidDataset(f"The gold set {path} cannot be read.") from error


def group_of(outcome: Outcome) -> str:
    """The group in which an outcome counts at promotion: its quality, or `hard` for the hard cases of clean scans."""
    return outcome.quality if outcome.case == "plain" else "hard"


def outcomes_with(weights: Path, gold: Path, folder: Path, *, jobs: int = 1) -> tuple[Outcome, ...]:
    """What the pipeline makes of the gold set with the models of a weights folder.

    It is read in a process of its own, whose GOUJI_WEIGHTS names the folder, and which ends with this one. Outcomes are
    kept in `folder` under a name made of the sums of the weights, the gold set and the code, so that the served models
    are measured once.

    Raises:
        InvalidDataset: there is no such gold set.
        GoujiError: the process was ended, or as `measure` says.
    """
    read_gold(gold)
    save = folder / f"{_key(weights, gold)[:16]}.jsonl"
    try:
        apart(partial(_measure, gold, save, jobs), {"GOUJI_WEIGHTS": str(weights)})
    except BrokenProcessPool as error:
        raise GoujiError("The gold set could not be read: the process that read it was ended.") from error
    return load_outcomes(save)


def _measure(gold: Path, save: Path, jobs: int) -> None:
    measure(read_gold(gold), jobs=jobs, save=save, conditions=what_reads())


def _key(weights: Path, gold: Path) -> str:
    sums = {}
    for model in ("digits", "cells", "calibration"):
        found = served(model, weights)
        sums[model] = sorted(file_sha256(path) for path in found.folder.glob("model.*")) if found else []
    return hashlib.sha256(json.dumps([sums, file_sha256(gold), _code()]).encode()).hexdigest()


@cache
def _code() -> str:
    """Sum of all code and form data that a reading of the gold set depends on."""
    root = TEMPLATES.parent.parent
    folders = ("models", "service", "training/synthesize", "training/evaluate", "data/templates")
    files = [path for folder in folders for path in (root / folder).rglob("*") if path.suffix in (".py", ".yaml")]
    return hashlib.sha256("".join(file_sha256(path) for path in sorted(files)).encode()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """`python -m training.loop.gold make`."""
    parser = argparse.ArgumentParser(prog="python -m training.loop.gold", description=main.__doc__)
    make = parser.add_subparsers(required=True).add_parser("make", help="write the list of a gold set")
    make.add_argument("--gold", type=Path, default=GOLD)
    for name, default in (("--scans", 6), ("--flows", 3), ("--hard", 2)):
        make.add_argument(name, type=int, default=default)
    options = parser.parse_args(arguments)
    counts = (options.scans, options.flows, options.hard)
    said = "python -m training.loop.gold make --scans {} --flows {} --hard {}".format(*counts)
    make_gold(options.gold, gold_orders(*counts), said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
