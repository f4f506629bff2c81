"""Measure on drawn reports that nothing was trained on: `python -m training.evaluate.heldout --out DIR`.

Reports in each of the four scan qualities, and the hard cases on clean scans, drawn with seeds, fonts and effects that
are held out from training. Each is drawn, read, judged and forgotten; its outcome goes to DIR/outcomes.jsonl, and a
stopped run goes on from there. Exit status 1 when a bar is missed, or when a wrong field is let go without a
person.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import GoujiError
from training.evaluate.conditions import what_reads
from training.evaluate.measure import measure
from training.evaluate.outcome import PLAIN, Outcome
from training.evaluate.scores import Score, grouped, report_lines
from training.synthesize.cases import CASES, Case
from training.synthesize.effects import QUALITIES, Quality
from training.synthesize.pdf import image_pdf
from training.synthesize.scans import scan_case

BARS: Mapping[str, float] = {"clean": 99.9, "office": 99.8, "copy": 98.0, "phone": 99.0}
"""Percent of the fields that must be right in each scan quality, before any repair."""
HARD_CASES: tuple[Case, ...] = ("no-headings", "page-break", "garbled-labels", "rules-third", "no-rules")
HARD_BAR = 99.5
"""The same in each hard case, on clean scans."""
_BARS: Mapping[str, float] = {**BARS, **{str(case): HARD_BAR for case in HARD_CASES}}
STRAIGHT: Mapping[str, float] = {"clean": 97.0, "office": 93.0, "copy": 75.0, "phone": 85.0}
"""Percent of the reports whose source balances that must go through without a person, all right."""


@dataclass(frozen=True, slots=True)
class DrawnSample:
    """A held-out report, drawn when it is asked for."""

    case: Case
    quality: Quality
    seed: int

    @property
    def name(self) -> str:
        """The name of the PDF of images that it would be."""
        return f"{self.case}-{self.seed:04d}.{self.quality}.pdf"

    def load(self) -> tuple[bytes, Mapping[str, Any]]:
        """Draw and scan it; the truth tells what is printed in every cell."""
        report, scanned = scan_case(self.case, self.quality, self.seed, "held-out")
        return image_pdf(scanned.scans), {**report.truth(), "printed": dict(report.printed), "case": self.case}


def held_out_samples(
    seeds: range, hard_seeds: range, *, qualities: Iterable[Quality] = QUALITIES, cases: Iterable[Case] = HARD_CASES
) -> list[DrawnSample]:
    """Plain reports in each quality and clean scans of each case; by seed, so that a part of them is a fair sample."""
    plain = [DrawnSample("plain", quality, seed) for seed in seeds for quality in qualities]
    hard = [DrawnSample(case, "clean", seed) for seed in hard_seeds for case in cases]
    return sorted([*plain, *hard], key=lambda one: one.seed)


def held_out_scores(outcomes: Sequence[Outcome]) -> list[Score]:
    """Plain reports by quality, then the hard cases."""
    return grouped(outcomes, lambda one: one.quality if one.case == PLAIN else one.case)


def bar_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """The table of what was measured against the bars."""
    lines = [
        "group            reports  fields  right%  (bar%)  after repair%  repairs right/wrong  sure and wrong  exact"
        "  straight%  (bar%)"
    ]
    for score in held_out_scores(outcomes):
        right, wrong = score.repairs
        lines.append(
            f"{score.group:16} {len(score.outcomes):7d} {score.fields:7d} {100 * score.right_before:7.3f} "
            f"{_BARS.get(score.group, 0):7g} {100 * score.fields_right:14.3f} {right:14d}/{wrong:<5d} "
            f"{score.silent_fields:14d} {score.count('exact'):6d} {100 * score.straight_through:10.1f} "
            f"{STRAIGHT.get(score.group, 0):7g}"
        )
    return lines


def missed_bars(outcomes: Sequence[Outcome]) -> list[str]:
    """What must not be, a line each: groups below their bar, wrong fields that are sure, reports wrongly reconciled."""
    found = held_out_scores(outcomes)
    lines = [
        f"{score.group}: {share:.3f} % of the {what}, not {bar:g} %"
        for score in found
        for what, share, bar in (
            ("fields are right before repair", 100 * score.right_before, _BARS.get(score.group, 0)),
            ("balanced reports go straight through", 100 * score.straight_through, STRAIGHT.get(score.group, 0)),
        )
        if share < bar
    ]
    lines += [
        f"{outcome.name}: {one.field} is {one.want}, read as {one.got} with {one.confidence:.4f}"
        for outcome in outcomes
        for one in outcome.silent_fields
    ]
    return lines + [f"{one.name} is reconciled and must not be" for one in outcomes if one.silent]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement from the command line; the exit status."""
    options = _parser().parse_args(arguments)
    samples = held_out_samples(
        range(options.seed, options.seed + options.reports),
        range(options.seed, options.seed + options.hard),
        qualities=options.quality,
        cases=options.case,
    )
    try:
        conditions = what_reads()
        outcomes = measure(samples, jobs=options.jobs, save=options.out / "outcomes.jsonl", conditions=conditions)
        if options.html:
            # Imported here: only the page needs matplotlib.
            from training.evaluate.page import write_page

            path = options.out / "evaluation.html"
            write_page(path, outcomes, samples, conditions=conditions, title="Held-out reports")
    except GoujiError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    missed = missed_bars(outcomes)
    lines = [*report_lines(outcomes, options.show), "", *bar_lines(outcomes)]
    sys.stdout.write("\n".join([*lines, *(f"FAILED {line}" for line in missed)]) + "\n")
    return 1 if missed else 0


def _names(allowed: Sequence[str]) -> Any:
    def parse(text: str) -> list[str]:
        names = [name for name in text.split(",") if name]
        if not set(names) <= set(allowed):
            raise argparse.ArgumentTypeError(f"choose from {', '.join(allowed)}")
        return names

    return parse


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate.heldout", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of outcomes.jsonl and evaluation.html")
    parser.add_argument("--reports", type=int, default=50, help="how many in each quality")
    parser.add_argument("--hard", type=int, default=20, help="how many in each hard case")
    parser.add_argument("--quality", type=_names(QUALITIES), default=list(QUALITIES), help="comma-separated")
    parser.add_argument("--case", type=_names(CASES), default=list(HARD_CASES), help="comma-separated")
    parser.add_argument("--seed", type=int, default=0, help="number of the first report")
    parser.add_argument("--jobs", type=int, default=1, help="processes that read at the same time, a thread each")
    parser.add_argument("--show", type=int, default=100, help="how many wrong fields to list")
    parser.add_argument("--html", action="store_true", help="write the page with figures and the worst pages")
    return parser


if __name__ == "__main__":
    sys.exit(main())
