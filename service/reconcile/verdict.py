"""Whether a report may go through without a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from service.documents.model import DIGITAL_READERS
from service.reconcile.fingerprints import fingerprinted
from service.results import Identity, Issue, Reading, ReportStatus

SURE = 0.95
"""Confidence from which a reading needs no person, as long as no calibration says otherwise."""


@dataclass(frozen=True, slots=True)
class Sureness:
    """From which confidence on a reading needs no person."""

    scan: float = SURE
    """Of what was read from a picture."""
    text: float = SURE
    """Of what is text in the file."""

    def holds(self, reading: Reading) -> bool:
        """Whether a reading is sure."""
        return reading.confidence >= (self.text if reading.reader in DIGITAL_READERS else self.scan)


def judge(
    identities: Sequence[Identity],
    fields: Mapping[str, Reading],
    earlier: Sequence[Issue] = (),
    sureness: Sureness | None = None,
) -> tuple[tuple[Issue, ...], ReportStatus]:
    """All issues, and the status: reconciled only where nothing is missing, doubtful, violated or in error.

    `earlier` are the issues that were found before; each of all has a fingerprint in the end.
    """
    sureness = sureness or Sureness()
    issues = fingerprinted((*earlier, *_doubts(fields, sureness), *_nothing_printed(fields)), fields)
    sound = (
        len(fields) > 0
        and all(reading.state != "missing" and sureness.holds(reading) for reading in fields.values())
        and all(identity.status == "holds" for identity in identities)
        and not any(issue.severity == "error" for issue in issues)
    )
    return issues, "reconciled" if sound else "needs_review"


def _doubts(fields: Mapping[str, Reading], sureness: Sureness) -> Iterator[Issue]:
    doubtful = tuple(
        name for name, reading in fields.items() if reading.state != "missing" and not sureness.holds(reading)
    )
    if doubtful:
        readings = "1 reading is" if len(doubtful) == 1 else f"{len(doubtful)} readings are"
        message = f"{readings} not sure enough to go without a person."
        yield Issue(code="doubtful-reading", severity="warning", message=message, fields=doubtful)


def _nothing_printed(fields: Mapping[str, Reading]) -> Iterator[Issue]:
    if fields and all(reading.state == "blank" for reading in fields.values()):
        message = "The form is there, and not one of its cells is filled in."
        yield Issue(code="empty-form", severity="error", message=message)
