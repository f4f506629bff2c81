"""Whole columns agree: which columns of a table are the form's is one decision for all lines that share them.

All lines of one grid (or of neighbouring lines with tab stops) have the same columns, so what is known of any heading
and any cell is weighed for all together. Columns keep their printed order; those that the form has not (remarks,
running numbers, an agency's own counts) are cut out before anything else is read from the lines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby, pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from service.forms.catalogue import Line as FormLine
from service.forms.catalogue import TableForm
from service.forms.evidence import TableEvidence
from service.forms.headings import Headings, HeadingText, heading_texts, headings_above, overlap
from service.forms.lines import Item, Kind, Layout, Line, surely_filled
from service.forms.normalise import label_key

Span = tuple[int, int]
_USUAL = 0.6
"""Share of a stretch's rows of numbers in which a column of cells stands."""
_FEWEST_ROWS = 3
"""So many rows of numbers show what is usual."""
_READABLE = 0.35
"""Similarity from which a heading's text speaks for a column."""
_WEIGHT = 6.0
"""Natural logarithm of the odds that a heading read word for word gives, against one that says nothing."""
_TEXTS, _NUMBERS = -6.0, 2.0
"""The same for a column with texts among its cells, and for one with numbers."""
_CORNER = 0.6
"""Similarity from which a text is the corner of a block's headings."""
_PLAIN = 0.5
"""An assignment that is less probable than all others together is none."""
_SUREST = 0.99
_NEVER = 0.02
"""Probability by the classifier that says nothing for a column, and nothing against it."""
_TOLD, _DOUBTED = 0.8, 0.9
"""Mean probability from which the classifier is sure of a column; certainty of lines where it is sure of another."""
_ALONE = 0.99
"""Certainty of rows whose grid has nothing but as many columns of numbers as the form, beside its headings or without:
of 200 drawn reports without rules, their text as drawn, some 270 fields stand so, and all of them are right; of those
that were taken by headings a column aside, nine were not."""
_BESIDE = 0.5
"""Certainty of a row whose values stand beside the columns of the others."""
_EITHER = 0.2
"""Certainty of columns that stand beside others with the same heading and other numbers: each of two years, say, is as
likely, and identities hold in both."""
_MOST_EXTRA = 3
"""A stretch with more columns than that beside the form's is another table."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring lines that share their columns: first line, end (excluded), and the columns right of the labels."""

    start: int
    end: int
    columns: tuple[Span, ...]
    """First grid column and end (excluded) of each, from left to right."""
    block: int | None = None
    """The block of the table whose rows the classifier sees here; None where it says nothing."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A table's lines without the columns that the form has not."""

    lines: tuple[Line, ...]
    certainty: tuple[float, ...]
    """For each line how sure it is which columns are the form's; 0 where nothing tells."""


def without_strange_columns(lines: Sequence[Line], table: TableForm, evidence: TableEvidence | None = None) -> Cut:
    """Cut the columns out that the form has not, stretch by stretch; `evidence` is the classifier's, if any."""
    found, certainty = list(lines), [1.0] * len(lines)
    headings = headings_above(lines, table)
    for stretch in stretches(lines, table, evidence):
        inside = range(stretch.start, stretch.end)
        number = _block_of(headings[stretch.end - 1], table, stretch)
        columns = table.blocks[number].columns
        if len(stretch.columns) <= len(columns):
            if evidence and not headings[stretch.end - 1][number] and _otherwise(stretch, columns, evidence):
                certainty[stretch.start : stretch.end] = [_DOUBTED] * len(inside)
            continue
        above = headings[stretch.end - 1][number]
        kept, sure = _under(above, lines[stretch.start], stretch), 1.0
        filled = _filled(lines, stretch)
        as_many = len(filled) == len(columns)
        known = above if kept is not None else None
        if as_many and kept != filled and _is_all(lines, stretch, filled, kept):
            seen = evidence is not None and agree(lines, stretch, columns, evidence)[0] == filled
            if not known.reordered if known else seen:
                spans = _at_headings(sorted(filled), known.spans if known else (), stretch)
                found[stretch.start : stretch.end] = [_gathered(lines[at], stretch, spans) for at in inside]
                certainty[stretch.start : stretch.end] = [_ALONE] * len(inside)
                continue
        if as_many and kept is not None and filled - kept and not _headed(lines, stretch, filled - kept):
            kept, sure = filled, _DOUBTED  # what is printed stands beside the headings, not under them
        elif kept is None and as_many:
            kept, sure = _filled_or_told(filled, lines, stretch, columns, evidence)
        elif kept is None:
            kept, sure = agree(lines, stretch, columns, evidence)
        strange = (_firm(lines, stretch) | _void(lines, stretch)) - set(kept or ())
        if kept is None and len(_firm(lines, stretch)) <= len(columns):
            continue  # what is too much is blank throughout
        if kept == filled:
            strange = set(stretch.columns) - filled
        if kept and _again(lines, stretch, kept, columns):
            sure = min(sure, _EITHER)
        for at in inside:
            found[at] = _without(lines[at], strange) if kept else lines[at]
            certainty[at] = sure if kept is None or _stands_under(found[at], kept) else _BESIDE
    return Cut(tuple(found), tuple(certainty))


def stretches(lines: Sequence[Line], table: TableForm, evidence: TableEvidence | None = None) -> Iterator[Stretch]:
    """The stretches of a table's lines that have rows of numbers; in a table of several blocks, one for each.

    Blocks are told apart by the corners of their headings, and by the rows that the classifier sees, if it is asked.
    """
    corners = [label_key(block.corner) for block in table.blocks if block.corner]
    told = _blocks_told(lines, table, evidence) if evidence else [None] * len(lines)
    part = 0
    keyed = []
    for line, block in zip(lines, told, strict=True):
        part += any(Indel.normalized_similarity(text, key) >= _CORNER for text in line.texts for key in corners)
        keyed.append((line.layout, line.block if line.layout is Layout.GRID else -1, part, block))
    for (layout, _, _, block), run in groupby(range(len(lines)), key=lambda at: keyed[at]):
        inside = list(run)
        columns = _columns([lines[at] for at in inside])
        if layout in (Layout.GRID, Layout.TABS) and columns:
            yield Stretch(inside[0], inside[-1] + 1, columns, block)


def _blocks_told(lines: Sequence[Line], table: TableForm, evidence: TableEvidence) -> list[int | None]:
    """The block of each line's row by the classifier.

    Where it sees none, numbers go with what is above them, and words, as headings do, with what is below.
    """
    owner = np.array([number for number, block in enumerate(table.blocks) for _ in block.rows])
    said = np.stack([evidence.rows[:, owner == number].sum(axis=1) for number in range(len(table.blocks))], axis=1)
    found = [int(one.argmax()) if one.max() >= _PLAIN else None for one in said]
    above = None
    for at, line in enumerate(lines):
        above = found[at] if found[at] is not None else above
        if line.numbers:
            found[at] = above
    for at in reversed(range(len(lines) - 1)):
        if found[at] is None and not lines[at].numbers:
            found[at] = found[at + 1]
    return found


def _columns(lines: Sequence[Line]) -> tuple[Span, ...]:
    """The columns right of the labels that most rows of numbers have; none where they overlap."""
    rows = [line for line in lines if line.numbers]
    counts = Counter(_span(item) for line in rows for item in line.items[_label_end(line) :])
    usual = sorted(span for span, count in counts.items() if count >= _USUAL * len(rows))
    return tuple(usual) if all(a[1] <= b[0] for a, b in pairwise(usual)) else ()


def _label_end(line: Line) -> int:
    """Index of the first item behind the label: behind the last text before the first number."""
    first = next(at for at, item in enumerate(line.items) if item.kind is Kind.VALUE)
    texts = [at for at, item in enumerate(line.items) if item.kind is Kind.TEXT]
    before = [at for at in texts if at < first]
    if not before and first + 1 in texts:
        return first + 2  # a running number stands before the label
    return before[-1] + 1 if before else 0


def _span(item: Item) -> Span:
    return item.cell.column, item.cell.column + item.cell.column_span


def _block_of(headings: Sequence[Headings | None], table: TableForm, stretch: Stretch) -> int:
    """The block that the classifier sees, or whose headings stand above, or else the one with as many columns."""
    if stretch.block is not None:
        return stretch.block
    known = [number for number, one in enumerate(headings) if one]
    counts = [abs(len(block.columns) - len(stretch.columns)) for block in table.blocks]
    return known[0] if known else counts.index(min(counts))


def _under(headings: Headings | None, line: Line, stretch: Stretch) -> set[Span] | None:
    """The stretch's columns under the form's headings, if these are known."""
    if headings is None or not headings.head(line):
        return None
    return {span for span in stretch.columns if any(span[0] < end and start < span[1] for start, end in headings.spans)}


def _firm(lines: Sequence[Line], stretch: Stretch) -> set[Span]:
    """The columns that are no slip of a row: with a heading, or in a grid with texts or something in most rows."""
    own = lines[stretch.start : stretch.end]
    slips = own[0].layout is Layout.TABS
    rows = [line for line in own if line.numbers]
    counts = Counter(_span(item) for line in rows for item in line.items if item.kind is not Kind.BLANK)
    texts = {_span(item) for line in rows for item in line.items if item.kind is Kind.TEXT}
    headed = _texts_above(own)
    enough = max(_USUAL * len(rows), _FEWEST_ROWS)
    return {
        span
        for span in stretch.columns
        if any(_stands_over(text, span) for text in headed) or (not slips and (counts[span] >= enough or span in texts))
    }


def _void(lines: Sequence[Line], stretch: Stretch) -> set[Span]:
    """The columns of a grid without heading in which nothing is printed: a streak beside a rule makes one."""
    own = lines[stretch.start : stretch.end]
    if own[0].layout is not Layout.GRID:
        return set()
    printed = {_span(item) for line in own if line.numbers for item in line.items if item.kind is not Kind.BLANK}
    return {span for span in stretch.columns if span not in printed and not _headed(lines, stretch, {span})}


def _filled(lines: Sequence[Line], stretch: Stretch) -> set[Span]:
    """The columns of a grid in which there is surely any number, be each of them doubtful."""
    own = lines[stretch.start : stretch.end]
    columns = stretch.columns if own[0].layout is Layout.GRID else ()
    return surely_filled(((_span(item), item) for line in own for item in line.items), columns)


def _is_all(lines: Sequence[Line], stretch: Stretch, filled: set[Span], kept: set[Span] | None) -> bool:
    """Whether nothing is printed in a stretch's rows but in columns with numbers, and what headings there are agree.

    Where no rules part a table, gaps between its headings are columns, too, and empty ones. Where the form's headings
    stand beside the numbers (over `kept`), these have none of their own; where none is known, no empty column has one.
    """
    rows = [line for line in lines[stretch.start : stretch.end] if line.numbers]
    beside = (item for line in rows for item in line.items[_label_end(line) :] if _span(item) not in filled)
    strange = set(stretch.columns) - filled if kept is None else filled - kept
    return all(item.kind is Kind.BLANK for item in beside) and not _headed(lines, stretch, strange)


def _at_headings(filled: Sequence[Span], headings: Sequence[Span], stretch: Stretch) -> dict[Span, Span]:
    """Columns with numbers -> those of their headings, by rank, where these are known and stand right of the labels."""
    right = [span for span in headings if span[0] >= stretch.columns[0][0]]
    return dict(zip(filled, right if len(right) == len(filled) else filled, strict=True))


def _gathered(line: Line, stretch: Stretch, spans: Mapping[Span, Span]) -> Line:
    """A row without the empty columns of its stretch, the others where they are told to be."""
    if not line.numbers:
        return line
    empty = set(stretch.columns) - spans.keys()
    items = tuple(_moved(item, spans.get(_span(item), _span(item))) for item in line.items if _span(item) not in empty)
    return replace(line, items=items)


def _moved(item: Item, span: Span) -> Item:
    return replace(item, cell=replace(item.cell, column=span[0], column_span=span[1] - span[0]))


def _filled_or_told(
    filled: set[Span],
    lines: Sequence[Line],
    stretch: Stretch,
    columns: Sequence[FormLine],
    evidence: TableEvidence | None,
) -> tuple[set[Span], float]:
    """The columns with numbers, which are as many as the form's, and how sure they are.

    A strange column may have numbers and one of the form none: where the classifier is sure of that, it is heard.
    """
    told, certainty = agree(lines, stretch, columns, evidence) if evidence else (None, 0.0)
    if told is not None and told != filled and certainty >= _DOUBTED:
        return told, certainty
    return filled, _sureness(filled, stretch, columns, evidence)


def _sureness(kept: set[Span], stretch: Stretch, columns: Sequence[FormLine], evidence: TableEvidence | None) -> float:
    """How sure columns are that are as many as the form's and told by nothing else: by what the classifier says."""
    if evidence is None:
        return _DOUBTED
    told = _told(replace(stretch, columns=tuple(sorted(kept))), columns, evidence)
    return _SUREST if np.diagonal(told).min() >= _TOLD else _DOUBTED


def _headed(lines: Sequence[Line], stretch: Stretch, columns: set[Span]) -> bool:
    """Whether any of these columns has a heading of its own."""
    texts = _texts_above(lines[stretch.start : stretch.end])
    return any(_stands_over(text, span) for text in texts for span in columns)


def _again(lines: Sequence[Line], stretch: Stretch, kept: set[Span], columns: Sequence[FormLine]) -> bool:
    """Whether a column beside those kept has the heading of one of them and other numbers, as those of another year."""
    own = lines[stretch.start : stretch.end]
    texts = _texts_above(own)
    for span in set(stretch.columns) - kept:
        over = [text for text in texts if _stands_over(text, span)]
        for column, place in zip(columns, sorted(kept), strict=False):
            if any(_reads_as(text, column) for text in over) and _differ(own, place, span):
                return True
    return False


def _reads_as(text: HeadingText, column: FormLine) -> bool:
    return any(Indel.normalized_similarity(text.key, label_key(label)) >= text.enough for label in column.labels)


def _differ(lines: Sequence[Line], one: Span, other: Span) -> bool:
    """Whether a row has different numbers in two columns."""
    for line in lines:
        found = {_span(item): item.cell.text.strip() for item in line.items if item.kind is Kind.VALUE}
        if one in found and other in found and found[one] != found[other]:
            return True
    return False


def _stands_under(line: Line, kept: set[Span]) -> bool:
    """Whether a grid's row with as many values as the form has its values in the columns that are the form's."""
    values = line.items[line.split :]
    if line.layout is not Layout.GRID or len(values) != len(kept):
        return True
    return all(overlap(item, span) for item, span in zip(values, sorted(kept), strict=True))


def _without(line: Line, strange: set[Span]) -> Line:
    return replace(line, items=tuple(item for item in line.items if _span(item) not in strange))


def _told(stretch: Stretch, columns: Sequence[FormLine], evidence: TableEvidence) -> NDArray[np.float64]:
    """Columns of the stretch x columns of the form: the classifier's probabilities."""
    return np.array(
        [evidence.of_column(stretch.start, stretch.end, start, columns) for start, _ in stretch.columns]
    ).reshape(len(stretch.columns), len(columns))


def _otherwise(stretch: Stretch, columns: Sequence[FormLine], evidence: TableEvidence) -> bool:
    """Whether the classifier is sure that a column is another than its place among as many says."""
    if len(stretch.columns) != len(columns):
        return False
    told = _told(stretch, columns, evidence)
    return bool(((told.max(axis=1) >= _TOLD) & (np.diagonal(told) < 1 - _TOLD)).any())


def agree(
    lines: Sequence[Line], stretch: Stretch, columns: Sequence[FormLine], evidence: TableEvidence | None = None
) -> tuple[set[Span] | None, float]:
    """Which of a stretch's columns are the form's, in order, and how sure that is; None and 0 where nothing tells."""
    if len(stretch.columns) - len(columns) > _MOST_EXTRA:
        return None, 0.0
    scores = _scores(lines, stretch, columns)
    if evidence is not None:
        scores += np.log(_told(stretch, columns, evidence) + _NEVER) - np.log(_NEVER)
    options = np.array(list(combinations(range(len(stretch.columns)), len(columns))))
    totals = scores[options, np.arange(len(columns))].sum(axis=1)
    weights = np.exp(totals - totals.max())
    best = int(totals.argmax())
    certainty = float(weights[best] / weights.sum())
    if certainty < _PLAIN:
        return None, 0.0
    return {stretch.columns[at] for at in options[best]}, min(certainty, _SUREST)


def _scores(lines: Sequence[Line], stretch: Stretch, columns: Sequence[FormLine]) -> NDArray[np.float64]:
    """For each column of the stretch and each of the form what headings and cells say for the two."""
    own = lines[stretch.start : stretch.end]
    texts = _texts_above(own)
    keys = [tuple(label_key(text) for text in column.labels) for column in columns]
    scores = np.zeros((len(stretch.columns), len(columns)))
    for at, span in enumerate(stretch.columns):
        over = [text for text in texts if _stands_over(text, span)]
        for column, labels in enumerate(keys):
            alike = max((Indel.normalized_similarity(text.key, key) for text in over for key in labels), default=0)
            scores[at, column] = _WEIGHT * max(0.0, alike - _READABLE) / (1 - _READABLE)
        kinds = {item.kind for line in own if line.numbers for item in line.items if _span(item) == span}
        scores[at] += _TEXTS * (Kind.TEXT in kinds) + _NUMBERS * (Kind.VALUE in kinds)
    return scores


def _texts_above(lines: Sequence[Line]) -> list[HeadingText]:
    """What stands above the first numbers of a stretch."""
    first = next((at for at, line in enumerate(lines) if line.numbers), 0)
    return heading_texts(lines[:first]) if first else []


def _stands_over(text: HeadingText, span: Span) -> bool:
    return span[0] <= text.start and text.end <= span[1]
