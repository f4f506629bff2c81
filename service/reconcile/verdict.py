"""Whether a report may go through without a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from service.documents.model import DIGITAL_READERS
from service.forms.decode import INK
from service.reconcile.fingerprints import fingerprinted
from service.reconcile.wording import cell, listed
from service.results import Identity, Issue, Reading, ReportStatus

SURE = 0.95
"""Confidence from which a reading needs no person, as long as no calibration says otherwise."""

_LEAST = 0.92
"""Confidence below which a scanned number needs a person even where its report leaves nothing else in doubt. Of 170
drawn scans that went through, four had such a number, and one of these was wrong."""
_SHOWN = 0.995
"""Confidence from which a scanned number is not shown to the person who looks at its report anyway. Of 103 drawn copies
that something else sends to a person 24 numbers each are shown, and no wrong one is not; from 0.98 on one would not be,
from 0.95 on four, and two were wrong at 0.9904 in 50 other copies."""
_HABIT = 0.9
"""Share of zeros among a table's cells that count nothing from which the report prints its zeros."""
_CRISP, _MOSTLY, _MANY = 0.9986, 0.99, 20
"""Print is crisp where all but so few of its zeros, and so many in a report, have such a confidence."""
_SLANT = 0.005
"""Part of a page by which cells of two rows, one above the other, may overlap."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """How much doubt needs no person."""

    report: float = 1 - SURE
    """How many of the numbers that were read from pictures may be expected to be wrong, in a report as a whole."""
    text: float = SURE
    """Confidence from which what is text in the file is sure."""

    def holds(self, reading: Reading) -> bool:
        """Whether a reading by itself is sure; what a report as a whole may leave in doubt is not one cell's to use."""
        return reading.confidence >= (self.text if reading.reader in DIGITAL_READERS else SURE) - _ROUNDING

    def doubtful(self, fields: Mapping[str, Reading]) -> tuple[str, ...]:
        """The fields that a person should look at: as few as leave no more doubt than is allowed.

        Missing ones are not among them. What is left may be expected to hold as many wrong numbers as its readings'
        doubts sum up to, so the least sure ones of a report are doubtful that sum up to too much (all or none of those
        that are as sure as each other), and any that is less sure than a number may be.
        """
        there = {name: one for name, one in fields.items() if one.state != "missing"}
        texts = {name for name, one in there.items() if one.reader in DIGITAL_READERS}
        unsure = {name for name in texts if not self.holds(there[name])}
        doubt = 0.0
        scanned = sorted(there.keys() - texts, key=lambda name: -fields[name].confidence)
        for _, equal in groupby(scanned, key=lambda name: round(fields[name].confidence, _ALIKE)):
            alike = tuple(equal)
            doubt += sum(1 - fields[name].confidence for name in alike)
            for name in alike:
                if doubt > self.report + _ROUNDING or fields[name].confidence < _LEAST:
                    unsure.add(name)
        return tuple(name for name in fields if name in unsure)

    def shown(self, fields: Mapping[str, Reading]) -> tuple[str, ...]:
        """The fields to look at in a report that goes to a person whatever its numbers: each that is not quite sure."""
        return tuple(
            name
            for name, one in fields.items()
            if one.state != "missing"
            and one.confidence < (self.text if one.reader in DIGITAL_READERS else _SHOWN) - _ROUNDING
        )


_ROUNDING = 1e-9
_ALIKE = 4
"""Confidences that are the same to so many decimals are the same."""


def judge(
    identities: Sequence[Identity],
    fields: Mapping[str, Reading],
    earlier: Sequence[Issue] = (),
    sureness: Sureness | None = None,
    labels: Mapping[str, str] | None = None,
) -> tuple[tuple[Issue, ...], ReportStatus]:
    """All issues, and the status: reconciled only where nothing is missing, doubtful, violated or in error.

    Args:
        identities: with their status.
        fields: as they are returned.
        earlier: the issues that were found before; each of all has a fingerprint in the end.
        sureness: how much doubt needs no person.
        labels: the path of printed labels of each field; a field without one goes by its id.
    """
    sureness = sureness or Sureness()
    others = (*_suspect_blanks(fields), *_nothing_printed(fields))
    closed = (
        len(fields) > 0
        and not any(reading.state == "missing" for reading in fields.values())
        and all(identity.status == "holds" for identity in identities)
        and not any(issue.severity == "error" for issue in (*earlier, *others))
    )
    doubtful = sureness.doubtful(fields) if closed else sureness.shown(fields)
    issues = fingerprinted((*earlier, *_doubts(doubtful, fields, labels or {}), *others), fields)
    return issues, "reconciled" if closed and not doubtful else "needs_review"


def _doubts(doubtful: Sequence[str], fields: Mapping[str, Reading], labels: Mapping[str, str]) -> Iterator[Issue]:
    if doubtful:
        readings = "1 reading is" if len(doubtful) == 1 else f"{len(doubtful)} readings are"
        least = sorted(doubtful, key=lambda name: fields[name].confidence)
        cells = listed([cell(labels.get(name, name), fields[name]) for name in least])
        message = f"{readings} not sure enough to go without a person: {cells}."
        yield Issue(code="doubtful-reading", severity="warning", message=message, fields=tuple(doubtful))


def _suspect_blanks(fields: Mapping[str, Reading]) -> Iterator[Issue]:
    """Empty cells of scans whose table otherwise prints its zeros: no identity sees a lost zero.

    However sure the ink is: worn copies lose the zeros of whole rows, and leave paper as white as any. But where every
    printed zero is crisp, and no row is mostly empty, what is empty was left so. (In 160 drawn scans, 19 tables are so,
    with 190 empty cells, none of which held a zero; of the tables that lost zeros, none is.) So were rows, too,
    where not one zero is less than crisp, and others stand above and below on their page. Where a table strikes out
    what is nothing, a row without any stroke is suspect: its numbers may stand on the next page.
    """
    suspects: list[str] = []
    printed = [one.confidence for one in fields.values() if one.value == 0 and one.reader not in DIGITAL_READERS]
    crisp = len(printed) >= _MANY and _is_crisp(printed)
    for table in dict.fromkeys(name.partition(".")[0] for name in fields):
        cells = {name: reading for name, reading in fields.items() if name.partition(".")[0] == table}
        blank = [name for name, reading in cells.items() if reading.state == "blank" and reading.reader == INK]
        zeros = [reading.confidence for reading in cells.values() if reading.value == 0]
        struck = sum(reading.state == "marked" for reading in cells.values())
        if blank and len(zeros) / (len(zeros) + len(blank)) >= _HABIT:
            left = _between_others(blank, fields) if crisp and min(printed) >= _CRISP else ()
            judged = [name for name in blank if name not in left]
            suspects += [] if crisp and _is_crisp(zeros) and _are_scattered(judged, cells) else blank
        elif blank and (len(zeros) + struck) / (len(zeros) + struck + len(blank)) >= _HABIT:
            suspects += _whole_rows(blank, cells)
    if suspects:
        message = f"{len(suspects)} cells are empty in a report that prints zeros or strokes; a faint one may be lost."
        yield Issue(code="suspect-blank", severity="error", message=message, fields=tuple(suspects))


def _is_crisp(zeros: Sequence[float]) -> bool:
    return sum(one >= _CRISP for one in zeros) >= _MOSTLY * len(zeros)


def _are_scattered(blank: Sequence[str], cells: Iterable[str]) -> bool:
    """Whether less than half of every row is empty."""
    rows, empty = (Counter(name.rpartition(".")[0] for name in names) for names in (cells, blank))
    return all(2 * count < rows[row] for row, count in empty.items())


def _between_others(blank: Sequence[str], fields: Mapping[str, Reading]) -> frozenset[str]:
    """The empty cells that others stand above and below: no end of a page is near that may have parted their row."""
    printed = [(one.page, one.bbox) for name, one in fields.items() if name not in blank and one.bbox is not None]
    return frozenset(
        name
        for name, page, own in ((name, fields[name].page, fields[name].bbox) for name in blank)
        if own is not None
        and any(page == other and box[3] <= own[1] + _SLANT for other, box in printed)
        and any(page == other and box[1] >= own[3] - _SLANT for other, box in printed)
    )


def _whole_rows(blank: Sequence[str], cells: Iterable[str]) -> list[str]:
    """The empty cells of rows that hold no others."""
    filled = {name.rpartition(".")[0] for name in set(cells) - set(blank)}
    return [name for name in blank if name.rpartition(".")[0] not in filled]


def _nothing_printed(fields: Mapping[str, Reading]) -> Iterator[Issue]:
    if fields and all(reading.state == "blank" for reading in fields.values()):
        message = "The form is there, and not one of its cells is filled in."
        yield Issue(code="empty-form", severity="error", message=message)
