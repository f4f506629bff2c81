"""How much of what drawn reports print can be read at all: `python -m training.evaluate.legible`.

Seals hide numbers, and copies lose their ink. What nobody can read no program can prove, so that the share of balanced
reports without such a number bounds from above how many can go through by their ink.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from training.evaluate.heldout import STRAIGHT
from training.evaluate.spread import spread
from training.synthesize.draw import draw_page
from training.synthesize.effects import QUALITIES, Quality, Scan, drawing_dpi
from training.synthesize.pages import DrawnPage
from training.synthesize.scans import scan_case

Loss = Literal["hidden", "lost"]
"""hidden: other ink lies over the number and what is around it; lost: next to nothing is left of its ink."""

_INSET = 4
"""Pixels along the sides of a cell, in which its rules stand."""
_INK, _SEEN = 140, 150
"""Grey levels below which a dot is ink as drawn, and on the scan."""
_AROUND = 3
"""Pixels around a number that tell what it stands on."""
_LEFT = 0.2
"""Share of a number's ink, to a pixel, that must be left for it to be read."""
_COVERED = 0.6
"""Share of what is around and between its strokes that is dark where it is hidden."""

_Gray = NDArray[np.uint8]


def losses(page: DrawnPage, scan: Scan) -> dict[str, Loss]:
    """The fields printed on a page of which nothing can be read on its scan.

    Args:
        page: as it was drawn.
        scan: what the scanner made of it.
    """
    drawn = np.asarray(cv2.cvtColor(draw_page(page, drawing_dpi(scan.quality)), cv2.COLOR_BGR2GRAY), np.uint8)
    seen = _as_drawn(scan, drawn.shape)
    height, width = drawn.shape
    found: dict[str, Loss] = {}
    for cell in page.cells:
        if not cell.field or not cell.holds_text:
            continue
        x0, x1 = (round(x / page.width * width) for x in (cell.box.x0, cell.box.x1))
        y0, y1 = (round(y / page.height * height) for y in (cell.box.y0, cell.box.y1))
        inside = np.s_[y0 + _INSET : y1 - _INSET, x0 + _INSET : x1 - _INSET]
        if loss := _loss(drawn[inside] < _INK, seen[inside] < _SEEN):
            found[cell.field] = loss
    return found


def _as_drawn(scan: Scan, shape: tuple[int, ...]) -> _Gray:
    """The scan in the frame of the drawn page, height x width."""
    picture = np.asarray(cv2.cvtColor(scan.picture(), cv2.COLOR_BGR2GRAY), np.uint8)
    height, width = shape
    onto = np.array(scan.transform).reshape(3, 3) @ np.diag([1 / width, 1 / height, 1.0])
    onto = np.diag([picture.shape[1], picture.shape[0], 1.0]) @ onto
    return np.asarray(cv2.warpPerspective(picture, np.linalg.inv(onto), (width, height), borderValue=255), np.uint8)


def _loss(ink: NDArray[np.bool_], dark: NDArray[np.bool_]) -> Loss | None:
    """What became of a number of such ink where the scan is dark like that; the same cell of both."""
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return None
    window = np.s_[
        max(0, rows[0] - _AROUND) : rows[-1] + 1 + _AROUND, max(0, columns[0] - _AROUND) : columns[-1] + 1 + _AROUND
    ]
    ink, dark = ink[window], dark[window]
    beside = ~_grown(ink, 5)
    if beside.any() and dark[beside].mean() > _COVERED:
        return "hidden"
    return "lost" if _grown(dark, 3)[ink].mean() < _LEFT else None


def _grown(dots: NDArray[np.bool_], size: int) -> NDArray[np.bool_]:
    return np.asarray(cv2.dilate(dots.astype(np.uint8), np.ones((size, size), np.uint8)) > 0)


def report_losses(seed: int, quality: Quality) -> tuple[bool, Counter[Loss]]:
    """Whether what a held-out report prints balances, and how many of its fields cannot be read, by their loss."""
    report, scanned = scan_case("plain", quality, seed, "held-out")
    pairs = zip(scanned.pages, scanned.scans, strict=True)
    return not report.truth()["violated"], Counter(loss for pair in pairs for loss in losses(*pair).values())


def _lines(quality: Quality, found: Sequence[tuple[bool, Counter[Loss]]]) -> Iterator[str]:
    whole = [not lost for balanced, lost in found if balanced]
    counts = sum((lost for _, lost in found), Counter[Loss]())
    share = 100 * sum(whole) / max(1, len(whole))
    yield (
        f"{quality:8} {len(found):8d} {counts['hidden']:7d} {counts['lost']:6d} {len(whole):9d} {sum(whole):6d} "
        f"{share:6.1f} {STRAIGHT[quality]:8g}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement from the command line."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate.legible", description=__doc__)
    parser.add_argument("--reports", type=int, default=50, help="how many in each quality")
    parser.add_argument("--seed", type=int, default=0, help="number of the first report")
    parser.add_argument("--quality", nargs="+", choices=QUALITIES, default=list(QUALITIES))
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    options = parser.parse_args(arguments)
    seeds = range(options.seed, options.seed + options.reports)
    sys.stdout.write("quality   reports  hidden   lost  balanced  whole  whole%  (bar%)\n")
    for quality in options.quality:
        found = list(spread(partial(report_losses, quality=quality), seeds, options.jobs))
        sys.stdout.write("\n".join(_lines(quality, found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
