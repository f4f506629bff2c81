"""Several reports in one file: where the first ends, for no table may be taken from another."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from service.forms.catalogue import Form, Vocabulary
from service.forms.lines import Kind, Line
from service.forms.normalise import label_key, numberless
from service.forms.regions import has_numbers, label_evidence, labels_in, region_labels, stands_alone
from service.forms.report import LONGEST_TITLE, year_of
from service.forms.values import parse_value

_HEADING = 0.95
"""Similarity from which a line by itself is a chapter's heading."""
_LABEL = 4
"""A label of so many characters tells its table, if no other has it."""
_PRINTED, _AS_LARGE = 0.5, 0.4
"""Share of a table's labels in one part of a file that its other part prints, too, where both hold the table; and how
many the one has at least for each of the other: what a chapter sums up first is no table."""
_LABELS, _TABLES = 3, 2
"""Fewest labels of a table, and fewest tables, that either report has."""
_PAUSES = "。，；"
"""Signs of prose, which no title holds."""
_ALIKE = 0.8
"""Similarity from which two agencies are one, whose name is worn or misread."""

_Evidence = Mapping[str, NDArray[np.float64]]
"""Table -> how much each line looks like one of its labels."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """A line that tells the chapter it stands in."""

    at: int
    chapter: int
    is_heading: bool
    """The chapter's heading, and not a label of its table."""


@dataclass(frozen=True, slots=True)
class FirstReport:
    """How much of a file is its first report."""

    end: int
    """Index of the line behind it."""
    is_all: bool
    """There is no other one below it, or only a copy."""


def first_report(lines: Sequence[Line], forms: Sequence[Form], vocabulary: Vocabulary) -> FirstReport:
    """Where the first report of a file ends.

    A second one begins where chapters begin anew, at its title if it has one, and prints tables again that stand above;
    or where it has another title, and all tables of the first and more: they may be pictures there, or empty.
    """
    marks = _marks(lines, forms, vocabulary)
    evidence: _Evidence | None = None
    for number, (above, mark) in enumerate(pairwise(marks), start=1):
        if mark.chapter > above.chapter or (mark.chapter == above.chapter and not mark.is_heading):
            continue
        title = next((n for n in range(above.at + 1, mark.at) if _year_and_agency(lines[n], vocabulary)), None)
        if title is None and not any(one.is_heading for one in marks[number:]):
            continue  # tables alone: of the year before, say
        if evidence is None:
            evidence = {table.id: label_evidence(lines, region_labels(forms, table.id)) for table in forms[0].tables}
        end = mark.at if title is None else title
        ours, theirs = (_titles(part, vocabulary) for part in (lines[:end], lines[end:]))
        other = bool(theirs) and not any(_is_same(one, theirs[0]) for one in ours)
        named = other and bool(ours) and above.at - marks[0].at >= number  # headings without text are but contents
        if _prints_again(lines, end, evidence) or (named and _prints_all(lines, end, evidence)):
            last = max((one.at for one in marks if not one.is_heading), default=end)
            return FirstReport(end, not other and _is_copy(lines, end, last + 1, vocabulary))
    return FirstReport(len(lines), is_all=True)


def _is_copy(lines: Sequence[Line], end: int, last: int, vocabulary: Vocabulary) -> bool:
    """Whether what stands below the first report is the same once more, for screens of two widths, say.

    Zeros may be printed in one only, and a number by itself below the last row is a page's, or counts visitors.
    """
    rows = {_numbers(line, vocabulary) for line in lines[:end]}
    below = (line for at, line in enumerate(lines) if at >= end and (at <= last or not line.is_lone))
    return all(_numbers(line, vocabulary) in rows for line in below if line.has_digits)


def _numbers(line: Line, vocabulary: Vocabulary) -> tuple[float, ...]:
    """The numbers of a line, however they are printed; nothing is as good as nought."""
    values = (parse_value(item.cell.text, vocabulary).value for item in line.items if item.kind is Kind.VALUE)
    return tuple(float(value) for value in values if value)


def _marks(lines: Sequence[Line], forms: Sequence[Form], vocabulary: Vocabulary) -> tuple[_Mark, ...]:
    """Every line that is a chapter's heading, or holds a label that only one table has."""
    order = {one.id: number for number, one in enumerate(forms[0].chapters)}
    headings = {
        numberless(label_key(text), vocabulary.numerals): order[one.id]
        for form in forms
        for one in form.chapters
        for text in (one.label, *one.aliases)
    }
    labels = {table: set(region_labels(forms, table.id)) for table in forms[0].tables}
    held = Counter(label for each in labels.values() for label in each)
    own = {
        label: order[table.chapter]
        for table, each in labels.items()
        for label in each
        if held[label] == 1 and len(label) >= _LABEL
    }
    return tuple(_marks_of(lines, headings, own, vocabulary.numerals))


def _marks_of(
    lines: Sequence[Line], headings: Mapping[str, int], labels: Mapping[str, int], numerals: frozenset[str]
) -> Iterator[_Mark]:
    names = list(headings)
    for at, line in enumerate(lines):
        if stands_alone(line):
            key = numberless(line.texts[0], numerals)
            alike = process.extractOne(key, names, scorer=Indel.normalized_similarity, score_cutoff=_HEADING)
            if alike is not None:
                yield _Mark(at, headings[alike[0]], is_heading=True)
                continue
        chapters = [labels[text] for text in line.texts if text in labels]
        if chapters:
            yield _Mark(at, max(chapters), is_heading=False)


def _prints_again(lines: Sequence[Line], at: int, evidence: _Evidence) -> bool:
    """Whether tables that stand above a line are printed once more from there on, and are filled in above."""
    count, filled = 0, False
    for told in evidence.values():
        one, other = _labels(lines, told, at)
        least, most = sorted((len(one), len(other)))
        count += len(one & other) >= max(_LABELS, _PRINTED * least) and least >= _AS_LARGE * most
        filled |= has_numbers(lines[:at], told[:at])
    return filled and count >= _TABLES


def _prints_all(lines: Sequence[Line], at: int, evidence: _Evidence) -> bool:
    """Whether some tables, and all that stand above a line, are printed from there on, filled in."""
    below = 0
    for told in evidence.values():
        one, other = _labels(lines, told, at)
        whole = len(other) >= 2 * _LABELS and has_numbers(lines[at:], told[at:])
        if len(one) >= 2 * _LABELS and not whole:
            return False
        below += whole
    return below >= _TABLES


def _labels(lines: Sequence[Line], told: NDArray[np.float64], at: int) -> tuple[set[str], set[str]]:
    """A table's labels above a line, and from there on."""
    return labels_in(lines[:at], told[:at]), labels_in(lines[at:], told[at:])


def _titles(lines: Sequence[Line], vocabulary: Vocabulary) -> list[tuple[int, str]]:
    """Year and agency of every title."""
    return [name for line in lines if (name := _year_and_agency(line, vocabulary))]


def _is_same(one: tuple[int, str], other: tuple[int, str]) -> bool:
    agency, another = one[1], other[1]
    alike = agency in another or another in agency or Indel.normalized_similarity(agency, another) >= _ALIKE
    return one[0] == other[0] and alike


def _year_and_agency(line: Line, vocabulary: Vocabulary) -> tuple[int, str] | None:
    """What a line says that is a report's title, or the lower part of one; None of any other line."""
    key = "".join(line.texts)
    core = next((core for core in map(label_key, vocabulary.titles) if key.endswith(core)), None)
    year = year_of(key, vocabulary)
    if core is None or year is None or len(key) > LONGEST_TITLE or set(_PAUSES) & set(line.text):
        return None
    marks = "|".join(sorted(map(label_key, vocabulary.year_marks), key=len, reverse=True))
    return year, re.sub(rf"{year}({marks})", "", key.removesuffix(core))
