"""Several reports in one file: where the first ends, for no table may be taken from another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import Indel

from service.forms.catalogue import Form, Vocabulary
from service.forms.lines import Kind, Layout, Line
from service.forms.normalise import label_key, numberless
from service.forms.regions import has_numbers, label_evidence, labels_in, region_labels

_HEADING = 0.95
"""Similarity from which a line by itself is a chapter's heading."""
_PRINTED = 0.5
"""Share of a table's labels in one part of a file that its other part prints, too, where both hold the table."""
_LABELS, _TABLES = 3, 2
"""Fewest labels of a table, and fewest tables, that either report has."""
_TITLE = 60
"""Longest line that is a title."""


def end_of_first(lines: Sequence[Line], forms: Sequence[Form], vocabulary: Vocabulary) -> int:
    """Index of the line at which a second report begins; that behind the last one where there is none.

    It begins where chapters begin anew, with two tables and more that are printed above and below.
    """
    for at, above in _restarts(lines, forms, vocabulary):
        parts = (lines[:at], lines[at:])
        if _tables_in_both(*parts, forms) >= _TABLES:
            titles = (n for n in range(above + 1, at) if _is_title(lines[n], vocabulary))
            return next(titles, at)
    return len(lines)


def _restarts(lines: Sequence[Line], forms: Sequence[Form], vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Each chapter's heading below that of a later chapter, and where that stands."""
    chapters = {
        numberless(label_key(text), vocabulary.numerals): number
        for form in forms
        for number, one in enumerate(form.chapters)
        for text in (one.label, *one.aliases)
    }
    before, above = -1, 0
    for at, line in enumerate(lines):
        if len(line.texts) != 1 or (line.layout is Layout.GRID and len(line.items) > 1):
            continue
        key = numberless(line.texts[0], vocabulary.numerals)
        found = process.extractOne(key, list(chapters), scorer=Indel.normalized_similarity, score_cutoff=_HEADING)
        if found is None:
            continue
        if chapters[found[0]] < before:
            yield at, above
        before, above = chapters[found[0]], at


def is_copy(second: Sequence[Line], first: Sequence[Line]) -> bool:
    """Whether a second report is the first once more, as pages hold theirs for screens of two widths."""
    rows = {_values(line) for line in first}
    return all(_values(line) in rows for line in second if line.has_digits)


def _values(line: Line) -> tuple[str, ...]:
    return tuple(item.cell.text for item in line.items if item.kind is Kind.VALUE)


def _tables_in_both(first: Sequence[Line], second: Sequence[Line], forms: Sequence[Form]) -> int:
    """How many tables both parts of a file print; none where the first has not a number in any."""
    count, filled = 0, False
    for table in forms[0].tables:
        labels = region_labels(forms, table.id)
        evidence = [label_evidence(part, labels) for part in (first, second)]
        one, other = map(labels_in, (first, second), evidence)
        shared = len(one & other)
        count += shared >= _LABELS and shared > _PRINTED * min(len(one), len(other))
        filled |= has_numbers(first, evidence[0])
    return count if filled else 0


def _is_title(line: Line, vocabulary: Vocabulary) -> bool:
    key = "".join(line.texts)
    return len(key) <= _TITLE and any(key.endswith(label_key(core)) for core in vocabulary.titles)
