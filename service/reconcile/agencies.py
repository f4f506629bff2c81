"""Which results are reports of one agency: by its name, and by nothing that depends on the order of the results."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from rapidfuzz import process
from rapidfuzz.distance import Indel

from service.forms.normalise import label_key
from service.reconcile.statements import load_statements
from service.results import Extraction

ALIKE = 0.9
"""Similarity (twice the characters in common, by order, over all) from which two names may be one agency's."""


@dataclass(frozen=True, slots=True)
class Agency:
    """One agency with its reports."""

    name: str
    """Of its newest report."""
    names: tuple[str, ...]
    """All that its reports call it, the newest report's first."""
    score: float
    """The least similarity of these names to the first, 0 to 1; 1 where they are the same but for signs and script."""
    reports: tuple[Extraction, ...]
    """By year, then file; every one has a year."""


def group_by_agency(extractions: Iterable[Extraction]) -> tuple[Agency, ...]:
    """The agencies by name; results without agency or year are in none.

    Names that are the same but for script and punctuation are one agency's. So are names that are alike, or of which
    one leaves out the places above it, unless some of them have reports of the same year.
    """
    groups: dict[str, list[Extraction]] = defaultdict(list)
    for extraction in extractions:
        if extraction.report.agency and extraction.report.year is not None:
            groups[label_key(extraction.report.agency)].append(extraction)
    merged = _merge(groups)
    return tuple(sorted((_agency(reports) for reports in merged), key=lambda agency: agency.name))


def similarity(first: str, second: str) -> float:
    """How alike two names are, 0 to 1, script and punctuation aside."""
    return Indel.normalized_similarity(label_key(first), label_key(second))


def _merge(groups: Mapping[str, Sequence[Extraction]]) -> Iterator[list[Extraction]]:
    """The groups, put together where their names are alike one by one and no year is there twice."""
    known = {key: {key} for key in groups}
    for first, second in _alike(sorted(groups)):
        joined = known[first] | known[second]
        known |= dict.fromkeys(joined, joined)
    for names in {frozenset(names) for names in known.values()}:
        # Of names with reports of one year at least two are different agencies', and the others may be anybody's.
        parts = [names] if _apart(names, groups) else [frozenset({name}) for name in names]
        yield from (list(chain.from_iterable(groups[name] for name in part)) for part in parts)


def _alike(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The pairs of names that may be one agency's."""
    place = load_statements().place
    for name in names:
        near = process.extract(name, names, scorer=Indel.normalized_similarity, score_cutoff=ALIKE, limit=None)
        yield from ((name, other) for other, _, _ in near if other != name)
        # A name that says where it is may leave out the places above it; one without a place may be anybody's.
        shorter = {name[start:] for start in range(1, len(name))}.intersection(names)
        yield from ((name, other) for other in shorter if place.search(other))


def _apart(keys: Iterable[str], groups: Mapping[str, Sequence[Extraction]]) -> bool:
    """Whether no two of the groups have a report of the same year."""
    years = [year for key in keys for year in {one.report.year for one in groups[key]}]
    return len(years) == len(set(years))


def _agency(reports: Sequence[Extraction]) -> Agency:
    ordered = sorted(reports, key=lambda one: (one.report.year or 0, one.source.name, one.source.sha256))
    names = tuple(dict.fromkeys(one.report.agency or "" for one in reversed(ordered)))
    score = min(similarity(names[0], name) for name in names)
    return Agency(names[0], names, score, tuple(ordered))
