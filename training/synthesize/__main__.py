"""Drawn reports from the command line: `python -m training.synthesize scans|draw|sheet`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

import cv2

from training.synthesize.effects import QUALITIES, Quality
from training.synthesize.invent import invent_report, read_truth, redraw_report
from training.synthesize.layout import lay_out
from training.synthesize.pdf import text_pdf
from training.synthesize.report import DrawnReport
from training.synthesize.scans import FileKind, contact_sheet, mark_cells, scan_report, write_scans
from training.synthesize.style import choose_style


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    options = _parser().parse_args(arguments)
    options.run(options)


def _scans(options: argparse.Namespace) -> None:
    """Redraw the numbers of truth files as scans with invented prose."""
    for number, path in enumerate(sorted(options.truth)):
        seed = options.seed * 1000 + number
        report = redraw_report(read_truth(path), seed)
        _write(report, path.name.removesuffix(".truth.json"), options.quality, seed, options)


def _draw(options: argparse.Namespace) -> None:
    """Draw random reports, each in one quality (or all), or as PDF with a text layer."""
    for number in range(options.count):
        seed = options.seed * 100_000 + number
        report = invent_report(seed)
        name = f"drawn{seed:07d}"
        if options.text:
            options.out.mkdir(parents=True, exist_ok=True)
            report.write_truth(options.out / f"{name}.truth.json")
            pages = lay_out(report, seed, style=choose_style(seed, hard=options.hard, embeddable=True))
            (options.out / f"{name}.text.pdf").write_bytes(text_pdf(pages, report.title))
            continue
        chosen = options.quality if options.all else [options.quality[number % len(options.quality)]]
        _write(report, name, chosen, seed, options)


def _write(
    report: DrawnReport, name: str, qualities: Sequence[Quality], seed: int, options: argparse.Namespace
) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    report.write_truth(options.out / f"{name}.truth.json")
    for quality in qualities:
        scanned = scan_report(report, quality, seed, hard=options.hard, beyond=options.beyond, turned=options.turned)
        write_scans(scanned, name, options.out, options.format)


def _sheet(options: argparse.Namespace) -> None:
    """Put every page of a report, in each quality, on one contact sheet."""
    tiles, columns = [], 1
    report = redraw_report(read_truth(options.truth[0]), options.seed) if options.truth else invent_report(options.seed)
    for quality in options.quality:
        scanned = scan_report(report, quality, options.seed, hard=options.hard, beyond=options.beyond)
        columns = len(scanned.pages)
        tiles += [
            mark_cells(scan, page) if options.cells else scan.picture()
            for scan, page in zip(scanned.scans, scanned.pages, strict=True)
        ]
    cv2.imwrite(str(options.out), contact_sheet(tiles, columns, options.height))


def _qualities(text: str) -> list[Quality]:
    names = text.split(",")
    if not set(names) <= set(QUALITIES):
        raise argparse.ArgumentTypeError(f"choose from {', '.join(QUALITIES)}")
    return [cast(Quality, name) for name in names]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.synthesize", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for run, hard, beyond in ((_scans, 0.05, 1.0), (_draw, 0.25, 1.3), (_sheet, 0.25, 1.0)):
        command = commands.add_parser(run.__name__.strip("_"), help=run.__doc__)
        command.set_defaults(run=run)
        command.add_argument("--seed", type=int, default=0)
        command.add_argument("--quality", type=_qualities, default=list(QUALITIES), help="comma-separated; default all")
        command.add_argument("--hard", type=float, default=hard, help="share of tables with incomplete rules")
        command.add_argument("--beyond", type=float, default=beyond, help="widens the qualities; 1 as defined")
        command.add_argument("--out", type=Path, required=True, help="folder (sheet: picture file) to write")
        command.add_argument("--turned", type=float, default=0.0, help="share of pages that do not stand upright")
        command.add_argument("--format", choices=get_args(FileKind), default="pdf")
        if run is not _draw:
            command.add_argument("--truth", type=Path, nargs="+", required=run is _scans, help="NAME.truth.json files")
        else:
            command.add_argument("--count", type=int, default=10)
            command.add_argument("--all", action="store_true", help="every report in every quality")
            command.add_argument("--text", action="store_true", help="PDF with a text layer instead of scans")
        if run is _sheet:
            command.add_argument("--cells", action="store_true", help="mark the true cells")
            command.add_argument("--height", type=int, default=700, help="of each page, in pixels")
    return parser


if __name__ == "__main__":
    main()
