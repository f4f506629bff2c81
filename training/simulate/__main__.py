"""Measure reconciliation by itself: `python -m training.simulate [--reports 1000] [--seed 0] [--jobs 1]`.

Draws true tables, reads them as scans are read, plants misreadings as they were measured, reconciles, and counts what
was found, repaired rightly or wrongly, and left to a person; apart, over reports whose source does not balance.

A misreading is one that was met in drawn scans, carried to a number with the same digits with all that the readers said
of it: its confidence, and its alternatives with theirs. The truth is among these as often as it was there ("% named"),
half of the times as in a misreading, half as in a right reading whose alternatives say how often one of them is printed
instead. So most misreadings that are planted cannot be repaired: no reader named the truth, and the ink is as sure as
the ink of a source that does not balance, which the identities look the same with. Every quality of scan gets as many
as the others, though six of seven were met in worn copies.

Exit status 1 when a bar is missed: 99 % of one to three wrong cells repaired rightly, wrong repairs in less than one
cell of 10,000, no report bent whose source does not balance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from service.errors import GoujiError
from training.evaluate.conditions import what_reads
from training.evaluate.spread import progress, spread
from training.simulate.outcome import ReportOutcome
from training.simulate.records import load_measured
from training.simulate.scenarios import SCENARIOS, simulate
from training.simulate.table import lines
from training.simulate.tally import Tally


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulation from the command line; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        outcomes = _outcomes(range(options.reports), options.seed, options.only, options.jobs)
        conditions = {**what_reads(), "seed": options.seed, "reports": options.reports}
    except GoujiError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    tally = Tally.of(outcomes)
    if options.json:
        data = {"measured": conditions, "misreadings": dict(load_measured().made), **tally.data()}
        options.json.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    missed = [f"FAILED {one}" for one in tally.missed()]
    stories = _stories(outcomes, options.show)
    sys.stdout.write("\n".join([*lines(tally, load_measured()), *stories, *missed]) + "\n")
    return 1 if missed else 0


def _outcomes(numbers: range, seed: int, names: Sequence[str], jobs: int) -> list[ReportOutcome]:
    """What became of every report, in the order of scenarios and numbers."""
    found = []
    with progress("simulating", len(numbers)) as advance:
        for outcomes in spread(partial(simulate, seed=seed, names=names), numbers, jobs):
            found.append(outcomes)
            advance("")
    found.sort(key=lambda outcomes: outcomes[0].number)
    return [one for scenario in zip(*found, strict=True) for one in scenario]


def _stories(outcomes: Sequence[ReportOutcome], show: int) -> Iterator[str]:
    """The worst of what went wrong: called reconciled though wrong, then repaired wrongly, then not repaired."""
    told = [one for one in outcomes if one.story]
    told.sort(key=lambda one: (not one.called_reconciled_though_wrong, not one.wrong_repairs))
    for one in told[:show]:
        yield f"\n{one.scenario}, report {one.number}, {one.quality}{', reconciled' if one.reconciled else ''}"
        yield from (f"  {line}" for line in one.story)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.simulate", description=__doc__)
    parser.add_argument("--reports", type=int, default=1000, help="how many in each scenario")
    parser.add_argument("--seed", type=int, default=0, help="the same seed draws the same reports and misreadings")
    parser.add_argument("--jobs", type=int, default=1, help="processes at the same time")
    parser.add_argument("--show", type=int, default=0, help="how many reports to tell of in which something went wrong")
    names = [scenario.name for scenario in SCENARIOS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="scenarios; default all")
    parser.add_argument("--json", type=Path, help="file of figures to write")
    return parser


if __name__ == "__main__":
    sys.exit(main())
