"""Every way to read a few neighbouring lines as one row of the form, with the evidence for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from service.forms.catalogue import Line as FormLine
from service.forms.catalogue import TableForm
from service.forms.columns import Placement
from service.forms.lines import Kind, Layout, Line
from service.forms.loose import ANCHORED, VERBATIM, find_loose
from service.forms.normalise import label_key

FAINT, LEAD = 0.4, 0.12
"""The same for a garbled label, which must be so much more alike to this row's than to any other's."""
TOLD = 0.8
"""Probability by the classifier from which a row stands by it."""
_TOLD_GAIN = 1.0
"""What the alignment wins by a row that the classifier is sure of; a label word for word wins twice as much."""
STRANGE = 0.85
"""Similarity to another row's label from which a line cannot be this row."""
_NOISE = 0.25
"""Less similarity than this says nothing: any two labels share so many characters."""
_LONGEST = 6
"""Most lines that one row's label wraps over."""
_PAGE_NUMBER = 0.9
"""Certainty of a number by itself on a page below its label: it may be the page's."""
TWICE = 0.6
"""Certainty of a row whose values stand there twice, differently."""


@dataclass(frozen=True, slots=True)
class RowForm:
    """A row of the form with the columns of its block and every text that may be printed as its label."""

    row: FormLine
    columns: tuple[FormLine, ...]
    keys: tuple[str, ...]
    block: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A few lines read as one row, with the evidence for it."""

    start: int
    end: int
    placement: Placement
    row: int
    """Index among the table's rows."""
    similarity: float
    """Of the label, 0 to 1."""
    lead: float
    """How much more alike it is than the label of any other row; below 0 where it reads more like another."""
    told: float
    """Probability of the row by the token classifier; 0 without one."""
    gain: float
    """What the alignment wins by it."""

    @property
    def anchored(self) -> bool:
        """Whether the row stands by its label (it reads like it, or at least like no other) or by the classifier."""
        return self.similarity >= ANCHORED or (self.similarity >= FAINT and self.lead >= LEAD) or self.told >= TOLD


@dataclass(frozen=True, slots=True)
class RowMatch:
    """A row of the form, found: its values column by column and how sure their place is."""

    row: RowForm
    placement: Placement
    certainty: float
    similarity: float
    lines: tuple[int, int]
    """First line and end (excluded) among the table's lines."""


def row_forms(table: TableForm) -> tuple[RowForm, ...]:
    """The rows of a table in printed order."""
    return tuple(
        RowForm(row, block.columns, _label_keys(row), number)
        for number, block in enumerate(table.blocks)
        for row in block.rows
    )


def _label_keys(row: FormLine) -> tuple[str, ...]:
    plain = [label_key(label) for label in row.labels]
    grouped = [label_key("".join(row.groups[depth:])) + key for depth in range(len(row.groups)) for key in plain[:1]]
    return tuple(dict.fromkeys(plain + grouped))


def find_segments(
    lines: Sequence[Line],
    rows: Sequence[RowForm],
    placements: Sequence[Sequence[Placement | None]],
    headings: frozenset[int],
    told: NDArray[np.float64],
) -> Iterator[Segment]:
    """Every way to read a few neighbouring lines as one row; `told`: lines x rows, the classifier's probabilities."""
    spans = [(start, end) for start in range(len(lines)) for end in range(start + 1, _reach(lines, start) + 1)]
    labels = [_label_candidates(lines[start:end]) for start, end in spans]
    similar = _similarities(labels, rows)
    alone = {start: similar[number] for number, (start, end) in enumerate(spans) if end == start + 1}
    loose = find_loose(lines, [row.keys for row in rows], placements, alone, headings)
    for number, (start, end) in enumerate(spans):
        if loose.tears(start, end):
            continue
        labelled = any(labels[number])
        likely = range(len(rows)) if end == start + 1 else np.flatnonzero(similar[number] >= 0.5).tolist()
        for row in likely:
            similarity = float(similar[number, row])
            best = similar[number].max()
            if labelled and best >= STRANGE and similarity < best - 0.15:
                continue
            if _mixes_grid_and_text(lines[start:end]):
                continue
            if similarity < ANCHORED and (
                headings.intersection(range(start, end))
                or any(line.is_lone for line in lines[start:end])  # a page number, sooner than a row without label
                or _stands_below_another(lines, start, alone, row)
            ):
                continue
            valued = [index for index in range(start, end) if placements[index][row] and index not in loose.labels]
            homeless = any(lines[index].numbers and not placements[index][row] for index in range(start, end))
            if not valued or homeless:
                continue
            firm = [index for index in range(start, end) if alone[index].max() >= VERBATIM]
            if end - start > 1 and firm and (len(valued) > 1 or any(alone[index][row] < VERBATIM for index in firm)):
                continue
            numbered = [index for index in valued if lines[index].numbers]
            if similarity < ANCHORED and sum(lines[index].layout is Layout.GRID for index in numbered) > 1:
                continue  # two rows of a grid, unless the label says that they are one
            if not numbered and not lines[start].texts and not is_empty_row(lines[start], placements[start][row]):
                continue  # an empty line of a text is a row only below the row's label
            if any(not lines[index].texts for index in numbered[1:]):
                continue  # numbers by themselves are a row of their own, not the rest of this one
            placement = _merge([p for index in valued if (p := placements[index][row])])
            if end - start > 1 and any(lines[index].is_lone and _on_page(lines[index]) for index in numbered):
                placement = replace(placement, certainty=min(placement.certainty, _PAGE_NUMBER))
            if not loose.doubtful.isdisjoint(range(start, end)):
                placement = replace(placement, certainty=min(placement.certainty, TWICE))
            gain = _label_gain(similarity) + _fit_gain(placement, bool(numbered))
            gain -= 0.06 * (end - start - 1) + 0.5 * max(0, len(numbered) - 1)
            sure = float(told[numbered or valued, row].mean())
            gain += _TOLD_GAIN * sure
            yield Segment(start, end, placement, row, similarity, _lead(similar[number], row), sure, gain)


def _lead(similar: NDArray[np.float64], row: int) -> float:
    """How far a row's similarity is ahead of all others."""
    others = np.delete(similar, row)
    return float(similar[row] - others.max(initial=0.0))


def _on_page(line: Line) -> bool:
    return any(item.cell.place.page is not None for item in line.items)


def _mixes_grid_and_text(lines: Sequence[Line]) -> bool:
    """Whether numbers from outside a grid would be taken into its row, or the other way round."""
    inside = {line.layout is Layout.GRID for line in lines if line.texts or line.numbers}
    return len(inside) > 1


def _stands_below_another(
    lines: Sequence[Line], start: int, alone: Mapping[int, NDArray[np.float64]], row: int
) -> bool:
    """Whether values, one a line, stand right below the label of another row, word for word."""
    if start == 0 or lines[start].layout is not Layout.STACKED or lines[start].texts:
        return False
    above = alone[start - 1]
    return bool(above.max() >= VERBATIM and above[row] < VERBATIM)


def with_labels(segments: Sequence[Segment], lines: Sequence[Line], *, below: bool) -> list[Segment]:
    """The segments of a table whose labels all stand above their numbers, or all below (or beside them)."""
    return [
        segment
        for segment in segments
        if segment.end == segment.start + 1 or below == _begins_with_numbers(lines[segment.start : segment.end])
    ]


def _begins_with_numbers(lines: Sequence[Line]) -> bool:
    first = next((line for line in lines if line.numbers or line.texts), None)
    return first is not None and first.numbers > 0 and not first.texts


def is_empty_row(line: Line, placement: Placement | None) -> bool:
    """Whether a line of empty cells has as many as a row, so that it may be one by itself."""
    if placement is None or line.layout not in (Layout.GRID, Layout.TABS):
        return False
    return line.layout is Layout.GRID or len(line.items) == len(placement.slots) > 1


def _label_gain(similarity: float) -> float:
    """Evidence of the label: from nothing (unreadable) to 2 (the label itself)."""
    return max(0.2, 2 * (similarity - 0.3) / 0.7)


def _fit_gain(placement: Placement, numbered: bool) -> float:
    """Evidence of the values: a row's worth of cells, more if something is printed in them."""
    if not placement.complete:
        return 0.1
    return 0.6 if numbered else 0.3


def _reach(lines: Sequence[Line], start: int) -> int:
    return min(len(lines), start + _LONGEST)


def _label_candidates(lines: Sequence[Line]) -> tuple[str, ...]:
    """What the label of these lines may be: their last texts, or all of them, or the last few of one line."""
    last = "".join(line.texts[-1] for line in lines if line.texts)
    every = "".join(text for line in lines for text in line.texts)
    tails = ["".join(lines[-1].texts[depth:]) for depth in range(len(lines[-1].texts))] if len(lines) == 1 else []
    return tuple(dict.fromkeys(text for text in (last, every, *tails) if text))


def _similarities(labels: Sequence[tuple[str, ...]], rows: Sequence[RowForm]) -> NDArray[np.float64]:
    """Best similarity of each segment's label to each row's, segments x rows."""
    texts = sorted({text for options in labels for text in options})
    result = np.zeros((len(labels), len(rows)))
    if not texts:
        return result
    keys = [key for row in rows for key in row.keys]
    owner = [number for number, row in enumerate(rows) for _ in row.keys]
    scores = process.cdist(texts, keys, scorer=Indel.normalized_similarity, score_cutoff=_NOISE)
    by_row = np.zeros((len(texts), len(rows)))
    for column, number in enumerate(owner):
        np.maximum(by_row[:, number], scores[:, column], out=by_row[:, number])
    index = {text: position for position, text in enumerate(texts)}
    for number, options in enumerate(labels):
        if options:
            result[number] = by_row[[index[text] for text in options]].max(axis=0)
    return result


def _merge(placements: Sequence[Placement]) -> Placement:
    """The values of several lines of one row: what is printed wins over blank; two different numbers are doubtful."""
    if len(placements) == 1:
        return placements[0]
    slots = []
    certainty = min(placement.certainty for placement in placements)
    run = next((placement for placement in placements if placement.run), None)
    if run:
        return replace(run, certainty=min(certainty, TWICE))
    for options in zip(*(placement.slots for placement in placements), strict=True):
        present = [slot for slot in options if slot is not None]
        filled = [slot for slot in present if any(item.kind is not Kind.BLANK for item in slot)]
        if len({tuple(item.cell.text for item in slot) for slot in filled}) > 1:
            certainty = min(certainty, TWICE)
        slots.append((filled or present or [None])[0])
    return Placement(tuple(slots), certainty)
