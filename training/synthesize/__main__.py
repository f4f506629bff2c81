"""Drawings from the command line: `python -m training.synthesize scans|sheet`.

Invented reports with their truth are drawn as datasets: `gouji train synthesize`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import get_args

import cv2

from training.synthesize.cases import CASES
from training.synthesize.effects import QUALITIES
from training.synthesize.invent import invent_report, read_truth, redraw_report
from training.synthesize.places import write_boxes
from training.synthesize.scans import (
    FileKind,
    ScannedReport,
    contact_sheet,
    mark_cells,
    scan_case,
    scan_report,
    write_scans,
)
from training.synthesize.split import SPLITS


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    options = _parser().parse_args(arguments)
    options.run(options)


def _scans(options: argparse.Namespace) -> None:
    """Redraw the numbers of truth files as scans with invented prose."""
    options.out.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(sorted(options.truth)):
        seed = options.seed * 1000 + number
        report = redraw_report(read_truth(path), seed)
        name = path.name.removesuffix(".truth.json")
        report.write_truth(options.out / f"{name}.truth.json")
        for quality in options.quality:
            scanned = scan_report(
                report, quality, seed, hard=options.hard, beyond=options.beyond, turned=options.turned
            )
            write_scans(scanned, name, options.out, options.format)
            if options.truth_boxes:
                write_boxes(scanned.pages, scanned.scans, options.out / f"{name}.{quality}.boxes.json")


def _sheet(options: argparse.Namespace) -> None:
    """Put the pages of a report on one contact sheet, a row for each pair of case and quality."""
    rows = [
        [
            mark_cells(scan, page) if options.cells else scan.picture()
            for scan, page in zip(scanned.scans, scanned.pages, strict=True)
        ]
        for scanned in _sheet_rows(options)
    ]
    columns = max(map(len, rows))
    tiles = [tile for row in rows for tile in [*row, *[row[0][:0]] * (columns - len(row))]]
    options.out.parent.mkdir(parents=True, exist_ok=True)
    _, content = cv2.imencode(options.out.suffix, contact_sheet(tiles, columns, options.height))
    options.out.write_bytes(content.tobytes())


def _sheet_rows(options: argparse.Namespace) -> Iterator[ScannedReport]:
    report = redraw_report(read_truth(options.truth[0]), options.seed) if options.truth else None
    for case in options.case or [None]:
        for quality in options.quality:
            if case is None:
                shown = report or invent_report(options.seed)
                yield scan_report(shown, quality, options.seed, hard=options.hard, beyond=options.beyond)
            else:
                yield scan_case(
                    case,
                    quality,
                    options.seed,
                    options.split,
                    report=report,
                    beyond=options.beyond,
                    tables_only=options.tables_only,
                )[1]


def _picture_file(text: str) -> Path:
    """Type of an option that names a picture to write."""
    if Path(text).suffix not in (".png", ".jpg"):
        raise argparse.ArgumentTypeError("a sheet is a .png or .jpg file")
    return Path(text)


def _some_of(choices: Sequence[str]) -> Callable[[str], list[str]]:
    """Type of an option that takes some of `choices` with commas between them, or `all`."""

    def parse(text: str) -> list[str]:
        names = list(choices) if text == "all" else text.split(",")
        if not set(names) <= set(choices):
            raise argparse.ArgumentTypeError(f"choose from {', '.join(choices)}, or all")
        return names

    return parse


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.synthesize", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for run in (_scans, _sheet):
        command = commands.add_parser(run.__name__.strip("_"), help=run.__doc__)
        command.set_defaults(run=run)
        command.add_argument("--seed", type=int, default=0)
        command.add_argument(
            "--quality", type=_some_of(QUALITIES), default=list(QUALITIES), help="comma-separated; default all"
        )
        command.add_argument("--beyond", type=float, default=1.0, help="widens the qualities; 1 as defined")
        command.add_argument("--hard", type=float, default=0.05, help="share of tables with incomplete rules")
        command.add_argument("--truth", type=Path, nargs="+", required=run is _scans, help="NAME.truth.json files")
        if run is _scans:
            command.add_argument("--out", type=Path, required=True, help="folder to write")
            command.add_argument("--turned", type=float, default=0.0, help="share of pages that do not stand upright")
            command.add_argument("--format", choices=get_args(FileKind), default="pdf")
            command.add_argument("--truth-boxes", action="store_true", help="also where everything stands on the scans")
        else:
            command.add_argument("--out", type=_picture_file, required=True, help="picture file to write")
            command.add_argument("--case", type=_some_of(CASES), help="comma-separated, or all")
            command.add_argument("--split", choices=SPLITS, default="train")
            command.add_argument("--tables-only", action="store_true", help="without prose and pages without numbers")
            command.add_argument("--cells", action="store_true", help="mark the true cells")
            command.add_argument("--height", type=int, default=700, help="of each page, in pixels")
    return parser


if __name__ == "__main__":
    main()
