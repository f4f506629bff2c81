"""Whole columns agree: one assignment of a stretch's columns of cells to the columns of the form, for all its lines.

Where the headings are not all readable, or a table has columns that the form has not, no line by itself says which
cell is whose. All lines of one grid (or of neighbouring lines with tab stops) share their columns, so what is known
of any heading and any cell is weighed for all together. Columns keep their printed order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby, pairwise

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel

from service.forms.catalogue import Line as FormLine
from service.forms.headings import HeadingText, heading_texts
from service.forms.lines import Item, Kind, Layout, Line
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
_PLAIN = 0.5
"""An assignment that is less probable than all others together is none."""
_MOST_EXTRA = 3
"""A stretch with more columns than that beside the form's is another table."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring lines that share their columns: first line, end (excluded), and the columns of their values."""

    start: int
    end: int
    columns: tuple[Span, ...]
    """First grid column and end (excluded) of each column of values, from left to right."""
    firm: frozenset[Span]
    """Those with a heading over them or something printed in most rows: a cell there is no slip of one row."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """Which of a stretch's columns each column of the form is."""

    spans: tuple[Span, ...]
    certainty: float
    """Probability of this assignment against all others, 0 to 1."""


def stretches(lines: Sequence[Line]) -> Iterator[Stretch]:
    """The stretches of a table's lines that have rows of numbers."""
    keyed = groupby(range(len(lines)), key=lambda at: (lines[at].layout, _block(lines[at])))
    for (layout, _), run in keyed:
        inside = list(run)
        own = [lines[at] for at in inside]
        columns = _value_columns(own)
        if layout in (Layout.GRID, Layout.TABS) and columns:
            yield Stretch(inside[0], inside[-1] + 1, columns, _firm(own, columns))


def _block(line: Line) -> int:
    return line.block if line.layout is Layout.GRID else -1


def _value_columns(lines: Sequence[Line]) -> tuple[Span, ...]:
    """The columns right of the labels that most rows of numbers have."""
    rows = [line for line in lines if line.numbers]
    counts = Counter(_span(item) for line in rows for item in line.items[line.split :])
    usual = sorted(span for span, count in counts.items() if count >= _USUAL * len(rows))
    return tuple(usual) if all(a[1] <= b[0] for a, b in pairwise(usual)) else ()


def _firm(lines: Sequence[Line], columns: Sequence[Span]) -> frozenset[Span]:
    rows = [line for line in lines if line.numbers]
    counts = Counter(_span(item) for line in rows for item in line.items if item.kind is not Kind.BLANK)
    enough = max(_USUAL * len(rows), _FEWEST_ROWS)
    texts = _texts_above(lines)
    return frozenset(
        span for span in columns if counts[span] >= enough or any(_stands_over(text, span) for text in texts)
    )


def _texts_above(lines: Sequence[Line]) -> list[HeadingText]:
    """What stands above the first numbers of a stretch."""
    first = next((at for at, line in enumerate(lines) if line.numbers), 0)
    return heading_texts(lines[:first]) if first else []


def _span(item: Item) -> Span:
    return item.cell.column, item.cell.column + item.cell.column_span


def agree(
    lines: Sequence[Line], stretch: Stretch, columns: Sequence[FormLine], told: NDArray[np.float64] | None = None
) -> Agreed | None:
    """Assign a stretch's columns to the form's, in order; None where nothing tells them apart.

    `told` is what else is known: for each column of the stretch and each of the form the natural logarithm of the odds
    that they are the same.
    """
    if not 0 <= len(stretch.columns) - len(columns) <= _MOST_EXTRA:
        return None
    scores = _heading_scores(lines, stretch, columns)
    if told is not None:
        scores = scores + told
    options = np.array(list(combinations(range(len(stretch.columns)), len(columns))))
    totals = scores[options, np.arange(len(columns))].sum(axis=1)
    weights = np.exp(totals - totals.max())
    best = int(totals.argmax())
    certainty = float(weights[best] / weights.sum())
    if certainty < _PLAIN:
        return None
    return Agreed(tuple(stretch.columns[at] for at in options[best]), certainty)


def _heading_scores(lines: Sequence[Line], stretch: Stretch, columns: Sequence[FormLine]) -> NDArray[np.float64]:
    """For each column of the stretch and each of the form, what the texts above the numbers say for the two."""
    texts = _texts_above(lines[stretch.start : stretch.end])
    keys = [tuple(label_key(text) for text in column.labels) for column in columns]
    scores = np.zeros((len(stretch.columns), len(columns)))
    for at, span in enumerate(stretch.columns):
        own = [text for text in texts if _stands_over(text, span)]
        for column, labels in enumerate(keys):
            similarity = max((Indel.normalized_similarity(text.key, key) for text in own for key in labels), default=0)
            scores[at, column] = _WEIGHT * max(0.0, similarity - _READABLE) / (1 - _READABLE)
    return scores


def _stands_over(text: HeadingText, span: Span) -> bool:
    return span[0] <= text.start and text.end <= span[1]
