"""What people say of a report's issues: kept by file, and held against the issues of every new run of it."""

from __future__ import annotations

from service.errors import NotFound
from service.reconcile.fingerprints import Case, settle
from service.results import Decision, Extraction
from service.store import Store


def cases(store: Store, extraction: Extraction) -> tuple[Case, ...]:
    """The issues of a result in their order, each with how it stands; raises StoreUnavailable."""
    return settle(extraction.issues, store.decisions(extraction.source.sha256))


def decide(store: Store, extraction: Extraction, said: Decision) -> Case:
    """Keep what a person says of one of the result's issues, and tell how that issue stands now.

    Raises NotFound when no issue has that fingerprint, so that a mistyped one is not kept for nothing, and
    StoreUnavailable.
    """
    if all(issue.fingerprint != said.fingerprint for issue in extraction.issues):
        raise NotFound("This report has no issue with this fingerprint.")
    store.decide(extraction.source.sha256, said)
    return next(case for case in cases(store, extraction) if case.issue.fingerprint == said.fingerprint)
