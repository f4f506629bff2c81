"""Where each statutory table stands among the lines: a left-to-right Viterbi pass over label evidence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from service.forms.catalogue import Form, TableForm, Vocabulary
from service.forms.claims import claim_grids
from service.forms.lines import Layout, Line
from service.forms.normalise import label_key, numberless

_PROSE_LENGTH = 60
"""A text item longer than this is prose unless it is a label."""
_KNOWN = 0.75
"""Similarity from which a text counts as a label."""
_FRAGMENT = 0.5
"""What a piece of a label counts for, against the whole label: narrow cells break labels over lines."""

_RIVAL = 0.4
"""Evidence so much weaker than another table's is none."""
_SURE, _TOLD = 0.7, 0.5
"""Probability by the classifier from which a line without labels is a table's, and what it counts for."""
_KNOWN_LINE, _FEW = 0.5, 3
"""Evidence of a line that holds a label, and how many such lines a report has at least."""
_NEW, _MOST = 0.2, 0.5
"""Share of a table's labels below its chapter that may be new there (captions, rows of another year's form) where more
than such a share of the chapter's labels is printed again: what goes on with a table may repeat its headings, too."""
_LONG = 8
"""A label of so many characters stands in no other text by chance."""
_VERBATIM, _FOREIGN = 0.95, 3.0
"""Similarity of a long label from which its line is no other table's, and what speaks against that."""
_PIECES = 0.25
"""What a text made of the labels' characters alone counts for: pieces of several labels in one line."""


def table_labels(tables: Sequence[TableForm]) -> tuple[str, ...]:
    """Keys of every label that is printed in a table, in any of its versions."""
    found: dict[str, None] = {}
    for table in tables:
        for block in table.blocks:
            lines = (*block.columns, *block.rows)
            texts = (*block.headings, block.corner or "", *(t for line in lines for t in (*line.labels, *line.groups)))
            found.update(dict.fromkeys(label_key(text) for text in texts))
    return tuple(key for key in found if key)


def find_regions(
    lines: Sequence[Line], forms: Sequence[Form], vocabulary: Vocabulary, told: NDArray[np.float64] | None = None
) -> dict[str, tuple[int, int]]:
    """For each table found, its span of lines (start, end), end excluded; tables stand in printed order.

    `told`: tables x lines, the classifier's probability that a line is the table's, if there is one.

    A table that neither labels nor the shape of a grid speak for has no region.
    """
    if not lines:
        return {}
    tables = [table.id for table in forms[0].tables]
    labels = {table: region_labels(forms, table) for table in tables}
    evidence = np.stack([label_evidence(lines, labels[table]) for table in tables])
    known = (evidence.max(axis=0) >= _KNOWN_LINE) | _holds_label(
        lines, [key for keys in labels.values() for key in keys]
    )
    if np.count_nonzero(known) < _FEW:
        told = None  # a document without the form's words is none of its reports, whatever its numbers look like
    starts = [_heading(lines, _chapter_labels(forms, table), vocabulary.numerals) for table in tables]
    for number, start in enumerate(starts):  # no table stands above the heading of its chapter:
        evidence[number, : start or 0] = 0.0  # a total, say, reads like a column's heading of the next one
    ends = _chapter_ends(lines, forms, starts, vocabulary.numerals)
    again = [_again(lines, evidence[n], *bounds) for n, bounds in enumerate(zip(starts, ends, strict=True))]
    for number, part in enumerate(again):
        evidence[number, part] = 0.0
    if told is not None:  # where no label speaks
        told = _below_headings(starts, told)
        evidence = np.where(evidence.max(axis=0) > 0, evidence, np.where(told >= _SURE, _TOLD * told, 0.0))
    scores = _emissions(lines, evidence)
    for number, start in enumerate(starts):
        scores[2 * number + 1, : start or 0] = -_FOREIGN
        scores[2 * number + 1, again[number]] = -_FOREIGN
    states = _viterbi(scores)
    regions = {}
    for number, table in enumerate(tables):
        inside = np.flatnonzero(states == 2 * number + 1)
        if len(inside):
            regions[table] = (int(inside[0]), int(inside[-1]) + 1)
    spoken = {table: evidence[number] > 0 for number, table in enumerate(tables)}
    likely = {table: told[number] if told is not None else None for number, table in enumerate(tables)}
    limits = {table: part.start for table, part in zip(tables, again, strict=True) if part.stop == len(lines)}
    return claim_grids(lines, regions, forms, labels, spoken, likely, starts, limits)


def _below_headings(starts: Sequence[int | None], told: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the classifier says, where chapters have headings at these lines.

    No table stands above the heading of its chapter: what seems so is the table's of the heading before.
    """
    told = told.copy()
    for number in reversed(range(len(starts))):
        start = starts[number]
        if start is None:
            continue
        if number and starts[number - 1] is not None:
            told[number - 1, :start] = np.minimum(1, told[number - 1, :start] + told[number, :start])
        told[number, :start] = 0
    return told


def _heading(lines: Sequence[Line], labels: Sequence[str], numerals: frozenset[str]) -> int | None:
    """The first line that is one of the headings, whatever its number; in a table of contents it says little.

    Rules on both sides of it may make it a row of one cell. A caption in the midst of the table is none.
    """
    bare = [numberless(label, numerals) for label in labels]
    for at, line in enumerate(lines):
        if stands_alone(line):
            alike = process.extractOne(numberless(line.texts[0], numerals), bare, scorer=Indel.normalized_similarity)
            if alike is not None and alike[1] >= _VERBATIM:
                return at
    return None


def stands_alone(line: Line) -> bool:
    """Whether a line is one text and nothing besides, as headings are."""
    return len(line.texts) == 1 and (line.layout is not Layout.GRID or len(line.items) == 1)


def _chapter_ends(
    lines: Sequence[Line], forms: Sequence[Form], starts: Sequence[int | None], numerals: frozenset[str]
) -> list[int | None]:
    """Where the chapter of each table ends: at the first heading of a later chapter, if both headings are there."""
    heads = {one.id: _heading(lines, _labels_of(forms, one.id), numerals) for one in forms[0].chapters}
    tables = {table.chapter: number for number, table in enumerate(forms[0].tables)}
    ends: list[int | None] = [None] * len(starts)
    later: list[int] = []
    for chapter, at in reversed(heads.items()):
        start = starts[tables[chapter]] if chapter in tables else None
        if start is not None:
            ends[tables[chapter]] = min((line for line in later if line > start), default=None)
        later += [] if at is None else [at]
    return ends


def _again(lines: Sequence[Line], evidence: NDArray[np.float64], start: int | None, end: int | None) -> slice:
    """The lines in which a table stands once more: below its chapter (appended, or another year's), or in it, if empty.

    What has a label below that the chapter has not goes on with the table, or is it: its chapter says only where it is.
    """
    if start is None or end is None:
        return slice(0)
    parts = (slice(start, end), slice(end, len(lines)))
    within, below = (labels_in(lines[part], evidence[part]) for part in parts)
    whole = len(below & within) > _MOST * len(within)
    if len(below) < _FEW or len(below - within) > (_NEW * len(below) if whole else 0):
        return slice(0)
    filled, filled_below = (
        has_numbers(lines[part], evidence[part]) for part in (slice(start + 1, end), slice(end, len(lines)))
    )
    return parts[0] if whole and filled_below and not filled else parts[1]


def labels_in(lines: Sequence[Line], evidence: NDArray[np.float64]) -> set[str]:
    """The texts of the lines that hold a label."""
    return {text for line, told in zip(lines, evidence, strict=True) if told >= _KNOWN for text in line.texts}


def has_numbers(lines: Sequence[Line], evidence: NDArray[np.float64]) -> bool:
    """Whether there are numbers between a table's labels or right below them: it is filled in."""
    known = np.flatnonzero(evidence >= _KNOWN)
    return len(known) > 0 and any(line.has_digits for line in lines[known[0] : known[-1] + 2])


def region_labels(forms: Sequence[Form], table_id: str) -> tuple[str, ...]:
    """The labels of a table in every form, and the headings of its chapter."""
    inside = table_labels([form.table(table_id) for form in forms])
    return tuple(dict.fromkeys((*inside, *_chapter_labels(forms, table_id))))


def _chapter_labels(forms: Sequence[Form], table_id: str) -> tuple[str, ...]:
    """The headings of a table's chapter in every form."""
    return _labels_of(forms, forms[0].table(table_id).chapter)


def _labels_of(forms: Sequence[Form], chapter_id: str) -> tuple[str, ...]:
    """The headings of a chapter in every form."""
    chapters = [one for form in forms for one in form.chapters if one.id == chapter_id]
    return tuple(dict.fromkeys(label_key(text) for one in chapters for text in (one.label, *one.aliases)))


def label_evidence(lines: Sequence[Line], labels: Sequence[str]) -> NDArray[np.float64]:
    """How much each line looks like labels of the table: its best text item, longer labels count more."""
    texts = sorted({text for line in lines for text in _candidates(line)})
    if not texts:
        return np.zeros(len(lines))
    similar = process.cdist(texts, labels, scorer=Indel.normalized_similarity, score_cutoff=_KNOWN)
    whole = (similar * np.array([min(1.0, len(label) / 4) for label in labels])).max(axis=1)
    everything = "\n".join(labels)
    part = np.array([_FRAGMENT * min(1.0, len(text) / 4) * (text in everything) for text in texts])
    characters = set(everything)
    pieces = np.array(
        [_PIECES * (len(text) > 3 and sum(char in characters for char in text) >= 0.9 * len(text)) for text in texts]
    )
    best = dict(zip(texts, np.maximum(np.maximum(whole, part), pieces), strict=True))
    return np.array([max((best[text] for text in _candidates(line)), default=0.0) for line in lines])


def _holds_label(lines: Sequence[Line], labels: Sequence[str]) -> NDArray[np.bool_]:
    """Which lines hold a long label word for word, be it run together with another text."""
    long = [label for label in labels if len(label) >= _LONG]
    return np.array([any(label in text for text in line.texts for label in long) for line in lines])


def _candidates(line: Line) -> tuple[str, ...]:
    """The texts of a line, each by itself and all together (a label cut by tab stops)."""
    texts = tuple(text for text in line.texts if text)
    return (*texts, "".join(texts)) if len(texts) > 1 else texts


def _emissions(lines: Sequence[Line], evidence: NDArray[np.float64]) -> NDArray[np.float64]:
    """Log-likelihood-like score of each state (outside, table, outside, table, ...) at each line."""
    tables, count = evidence.shape
    scores = np.zeros((2 * tables + 1, count))
    strongest = evidence.max(axis=0)
    for index, line in enumerate(lines):
        longest = max((len(text) for text in line.texts), default=0)
        if longest:
            inside = -2.0 if longest > _PROSE_LENGTH else -0.3
            own = (evidence[:, index] > 0) & (evidence[:, index] >= strongest[index] - _RIVAL)
            foreign = _FOREIGN if longest >= _LONG and strongest[index] >= _VERBATIM else 0.7 * strongest[index]
            scores[1::2, index] = np.where(own, evidence[:, index], inside - foreign)
            scores[0::2, index] = 0.3 - 1.5 * strongest[index]
        elif line.numbers:
            scores[1::2, index] = 0.2 - 1e-6 * np.arange(tables)  # a tie goes to the table whose label stands above
            scores[0::2, index] = -0.1
    return scores


def _viterbi(scores: NDArray[np.float64]) -> NDArray[np.intp]:
    """The best path that never goes back to an earlier state."""
    states, count = scores.shape
    best = np.full((states, count), -np.inf)
    origin = np.zeros((states, count), dtype=np.intp)
    enter = -1.0  # a table is worth entering for more than one stray label
    best[:, 0] = scores[:, 0] + np.where(np.arange(states) % 2 == 1, enter, 0.0)
    for index in range(1, count):
        for state in range(states):
            previous = best[: state + 1, index - 1].copy()
            if state % 2 == 1:
                previous[:state] += enter
            origin[state, index] = int(previous.argmax())
            best[state, index] = previous.max() + scores[state, index]
    path = np.zeros(count, dtype=np.intp)
    path[-1] = int(best[:, -1].argmax())
    for index in range(count - 1, 0, -1):
        path[index - 1] = origin[path[index], index]
    return path
