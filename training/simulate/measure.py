"""Measure what readings are like: `python -m training.simulate.measure build/calibration`.

The folder holds reports that `training.calibrate.collect` drew and read (`gouji train calibrate` does). The served
models read their numbers again, each report's with a pool that was fitted on others; every field is held against its
truth, and becomes a record of training/simulate/measured.json.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

from models.cells import load_classifier
from models.digits import FOREIGN, load_digits
from models.pooling import Pool
from models.registry import Served, read_registry, served, weights_folder
from service.documents.model import DIGITAL_READERS, Box
from service.errors import GoujiError
from service.results import Reading
from training.calibrate.collect import ReadReport, read_collected
from training.calibrate.fields import scanned_form
from training.calibrate.fit import fit_pool
from training.digits.printed import spell
from training.evaluate.outcome import same_value
from training.simulate.records import MEASURED, Measured, Record, value_of, write_measured
from training.synthesize.effects import QUALITIES, Quality
from training.synthesize.report import print_value

_FOLDS = 5
"""Parts of the reports, each read with a pool that was fitted on the others."""
MOST_WRONG = 10
"""Wrong cells that an identity can see, up to which a report's misreadings are such as the simulation plants: a page on
which every other cell is misread goes to a person, and its misreadings are of another kind."""

_Group = Literal["right", "wrong", "loose", "displaced"]
_GROUPS: tuple[_Group, ...] = get_args(_Group)
_Judged = tuple[_Group, bool, Record]
"""The group, whether an identity could see it, and the record."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure from the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.simulate.measure", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path, default=MEASURED)
    options = parser.parse_args(arguments)
    try:
        measured = measure(sorted(options.folder.glob("*.pickle")))
    except GoujiError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_status
    write_measured(measured, options.out)
    return 0


def measure(collected: Sequence[Path]) -> Measured:
    """The records of reports that were drawn and read; raises MissingModel where no numeric reader is served."""
    digits, classifier = load_digits(), load_classifier()
    reports = list(read_collected(collected, digits))
    pools = [_fitted([one for one in reports if one.number % _FOLDS != fold]) for fold in range(_FOLDS)]
    counts: dict[_Group, dict[Quality, Counter[Record]]] = {
        group: {quality: Counter() for quality in QUALITIES} for group in _GROUPS
    }
    left_out = Counter[str]()
    for report in reports:
        form = scanned_form(report, pools[report.number % _FOLDS], digits.name, classifier)
        bound = {name for spec in form.identities for name in (*spec.left, *spec.right)}
        judged = [
            one
            for name, reading in form.fields.items()
            for one in judged_field(report, name, reading, bound=name in bound)
        ]
        spoilt = sum(group == "wrong" and seen for group, seen, _ in judged) > MOST_WRONG
        for group, _, record in judged:
            if group in ("wrong", "loose") and spoilt:
                left_out[report.quality] += 1
            else:
                counts[group][report.quality][record] += 1
    made = {
        "reports": len(collected),
        "models": {name: _sums(name, one) for name in ("digits", "cells") if (one := served(name))},
        "misreadings_left_out": dict(sorted(left_out.items())),
    }
    records = {
        group: {quality: _counted(many) for quality, many in by_quality.items()} for group, by_quality in counts.items()
    }
    return Measured(records["right"], records["wrong"], records["loose"], records["displaced"], made)


def _fitted(reports: Sequence[ReadReport]) -> Pool:
    return fit_pool([sample for report in reports for sample in report.samples()]).pool


def _sums(model: str, version: Served) -> dict[str, str]:
    """The name of a served model, and the SHA-256 of its files."""
    return {"name": version.name, **read_registry(weights_folder())[model].versions[version.version].sha256}


def _counted(counts: Counter[Record]) -> tuple[Record, ...]:
    return tuple(sorted((replace(record, weight=count) for record, count in counts.items()), key=_order))


def _order(record: Record) -> tuple[str, str, float, str, tuple[tuple[str, float], ...]]:
    return record.printed, record.read, -record.confidence, record.reader, record.alternatives


def judged_field(report: ReadReport, name: str, reading: Reading, *, bound: bool) -> Iterator[_Judged]:
    """A field that claims something, held against its truth; `bound` if it stands in an identity."""
    if name not in report.values or reading.state == "missing":
        return
    want = report.values[name]
    right = same_value(reading.value, want)
    # Over a scan, that is no cell's: a place where none was found, or a share of numbers that ran together.
    unseen = reading.reader in DIGITAL_READERS
    if right and unseen:
        return
    cells = _cells_at(report, reading)
    cell = cells[0] if len(cells) == 1 and cells[0] != FOREIGN else None
    if cell is not None and same_value(value_of(cell).value, want):
        printed = cell
    else:
        printed = spelled(reading) if right else print_value(want).text
    # What both readers did not look at as at a number is text, taken for one: a label's.
    of_text = reading.bbox is not None and not cells
    displaced = not right and (unseen or of_text or _is_another(reading, printed, cell))
    group: _Group = "displaced" if displaced else "right" if right else "wrong" if bound else "loose"
    yield group, bound and (reading.value or 0) != (want or 0), _record(printed, reading)


def _is_another(reading: Reading, printed: str, cell: str | None) -> bool:
    """Whether a wrong reading is of another cell's print, or of several cells'.

    Where it is not known what is printed where it was read, this is so if both readers agree on it.
    """
    if cell is None and len((reading.reader or "").split("+")) > 1:
        return True
    return (cell is not None and cell != printed) or len((reading.text or "").split()) > 1


def _record(printed: str, reading: Reading) -> Record:
    others = [(one.text or "", round(one.confidence, 4)) for one in reading.alternatives]
    return Record(
        printed,
        spelled(reading),
        round(reading.confidence, 4),
        reading.reader or "",
        tuple((spell(text) or text, chance) for text, chance in others if spell(text) != FOREIGN),
    )


def spelled(reading: Reading) -> str:
    """What was read, in the spelling of what is printed; as it is where that has none."""
    text = reading.text or ""
    found = spell(text)
    return text if found is None or found == FOREIGN else found


def _cells_at(report: ReadReport, reading: Reading) -> list[str | None]:
    """What is printed in the cells that were read twice where a field was read; None where that is not known."""
    if reading.bbox is None:
        return []
    place = Box(*reading.bbox)
    return [
        truth
        for page in report.pages
        if page.readings.page.number == reading.page
        for cell, truth in zip(page.readings.cells, page.truths, strict=True)
        # A number that stands free fills a part of its place in the grid.
        if cell.box.holds(place) or place.holds(cell.box)
    ]


if __name__ == "__main__":
    sys.exit(main())
