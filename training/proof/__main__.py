"""Measure what learning is worth: `python -m training.proof --out DIR`.

Places the cells of the same held-out reports by label matching, by the classifier cell by cell, and by its global
decoding, each hard case apart: on many drawn pages read without OCR, and on some clean scans. Reads the cells of scans
of each quality by PP-OCR, by the numeric reader, and by both. Writes DIR/proof.md and DIR/proof.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

from service.errors import GoujiError
from service.forms.decode import Decoding
from service.reconcile import SURE
from training.evaluate.conditions import what_reads
from training.evaluate.spread import progress, spread
from training.proof.cases import PROOF_CASES
from training.proof.decoding import Placed
from training.proof.readings import CellProof
from training.proof.tables import CaseProof, QualityProof, as_data, counted, markdown, summed
from training.proof.work import place_case, read_scan
from training.synthesize.effects import QUALITIES, Quality


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement from the command line; the exit status."""
    options = _parser().parse_args(arguments)
    first = options.seed
    try:
        cases = [
            *_placing(options.case, range(first, first + options.reports), options.jobs, scan=False),
            *_placing(options.case, range(first, first + options.scans), options.jobs, scan=True),
        ]
        qualities = list(_reading(range(first, first + options.readings), SURE, options.jobs))
        measured = what_reads()
    except GoujiError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    text = markdown(cases, qualities, SURE)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "proof.md").write_text(text, encoding="utf-8")
    data = {"measured": measured, "threshold": SURE, **as_data(cases, qualities)}
    (options.out / "proof.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(text)
    return 0


def _placing(names: Iterable[str], seeds: range, jobs: int, *, scan: bool) -> Iterator[CaseProof]:
    """Each case over all seeds; a case that is no pages has no scans."""
    chosen = [PROOF_CASES[name] for name in names]
    chosen = [case for case in chosen if seeds and (not scan or case.draw)]
    items = [(case.name, seed) for case in chosen for seed in seeds]
    found: dict[str, list[dict[Decoding, Placed]]] = {case.name: [] for case in chosen}
    with progress("placing", len(items)) as advance:
        for name, placed in spread(partial(place_case, scan=scan), items, jobs):
            found[name].append(placed)
            advance(name)
    for case in chosen:
        yield summed(case.name, case.meaning, "scan" if scan else "simulated", found[case.name])


def _reading(seeds: range, threshold: float, jobs: int) -> Iterator[QualityProof]:
    items = [(quality, seed) for seed in seeds for quality in QUALITIES]
    found: dict[Quality, list[CellProof]] = {quality: [] for quality in QUALITIES}
    with progress("reading", len(items)) as advance:
        for quality, cells in spread(read_scan, items, jobs):
            found[quality] += cells
            advance(quality)
    for quality in QUALITIES if seeds else ():
        yield counted(quality, len(seeds), found[quality], threshold)


def _cases(text: str) -> list[str]:
    names = text.split(",")
    if not set(names) <= PROOF_CASES.keys():
        raise argparse.ArgumentTypeError(f"choose from {', '.join(PROOF_CASES)}")
    return names


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.proof", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of proof.md and proof.json")
    parser.add_argument("--reports", type=int, default=40, help="how many a case, read without OCR")
    parser.add_argument("--scans", type=int, default=5, help="how many a case, as clean scans")
    parser.add_argument("--readings", type=int, default=10, help="how many in each quality, for the readers")
    parser.add_argument("--case", type=_cases, default=list(PROOF_CASES), help="comma-separated; default all")
    parser.add_argument("--seed", type=int, default=0, help="number of the first report")
    parser.add_argument("--jobs", type=int, default=1, help="processes at the same time, a thread each")
    return parser


if __name__ == "__main__":
    sys.exit(main())
