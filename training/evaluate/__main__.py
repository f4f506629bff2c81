"""Measure the pipeline against truth files: `python -m training.evaluate DIR [--quality clean,office]`.

DIR holds NAME.truth.json and inputs NAME.EXT or NAME.QUALITY.EXT, as `python -m training.synthesize` writes them.
Exit status 1 when a report is called reconciled and must not be, or fewer fields are right than `--least` asks for.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from service.errors import GoujiError
from training.evaluate.conditions import what_reads
from training.evaluate.judging import find_samples
from training.evaluate.measure import measure
from training.evaluate.scores import failures, report_lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the evaluation from the command line; the exit status."""
    options = _parser().parse_args(arguments)
    try:
        samples = find_samples(options.folder, options.quality)
        outcomes = measure(samples, jobs=options.jobs, save=options.save, conditions=what_reads())
        if options.html:
            # Imported here: only the page needs matplotlib.
            from training.evaluate.page import write_page

            title = f"Evaluation of {options.folder.resolve().name}"
            write_page(options.html, outcomes, samples, conditions=what_reads(), title=title)
    except GoujiError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    failed = failures(outcomes, options.least)
    sys.stdout.write("\n".join([*report_lines(outcomes, options.show), *(f"FAILED {line}" for line in failed)]) + "\n")
    return 1 if failed else 0


def _least(text: str) -> dict[str, float]:
    return {quality: float(share) for quality, _, share in (part.partition("=") for part in text.split(","))}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--quality", type=lambda text: text.split(","), default=None, help="comma-separated; default all"
    )
    parser.add_argument("--show", type=int, default=200, help="how many wrong fields to list")
    parser.add_argument(
        "--least", type=_least, default={}, help="percent of fields to be right, as clean=99.5,copy=95; default none"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes that read at the same time, a thread each")
    parser.add_argument("--save", type=Path, help="file of outcomes to write, or to go on with")
    parser.add_argument("--html", type=Path, help="page to write, with figures, plots and the worst pages")
    return parser


if __name__ == "__main__":
    sys.exit(main())
