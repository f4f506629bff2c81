"""Doubt of rows: what tells that a row's numbers may be another's, or that a line may be another row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from service.forms.columns import Placement
from service.forms.lines import Layout, Line
from service.forms.loose import VERBATIM
from service.forms.segments import TOLD, TWICE, RowForm, RowMatch, Segment

CONTRADICTED = 0.9
"""Certainty of a row by its neighbours' order whose label reads more like another's, or whose line the classifier
takes for another."""
_SHARED = 0.5
"""Certainty of a row in whose label's cell another row's label stands as well: whose numbers these are is not told."""
_TELLING = 3
"""A label of so many characters stands in no other by chance: in 240 scans one did, and its numbers were another's."""
BESIDE = 0.5
"""Certainty of an empty row beside whose label stands a text, a number, perhaps, that does not read as one; of one in a
table whose numbers stand in no row; and of one with an empty cell in a table of one row that has numbers below, too."""
_STRAYED = 0.9
"""Certainty of a row with an empty cell right above a lone number: a page number, or the cell's."""
_WHOLE, _PLAIN = 0.1, 0.8
"""In a scanned table that has all its rows, and numbers in no other, so much is left of the doubt whether a line is its
row, where nothing but a worn label tells against it: in 360 drawn scans, of 470 such rows, doubted by 1 to 12 in 100,
one was another; of 240 on 90 scans later, half of them copies, none."""


def doubt(
    matches: Sequence[RowMatch], segments: Sequence[Segment], rows: Sequence[RowForm], lines: Sequence[Line]
) -> Iterator[RowMatch]:
    """Doubt a row that stands there twice with other numbers, or whose label or number may be the next line's."""
    taken = {index for match in matches for index in range(*match.lines)}
    double = {edge for match in matches if _holds_two(match, lines) for edge in match.lines}
    for match in matches:
        printed = texts_of(match.placement)
        twice = any(
            segment.similarity >= VERBATIM
            and segment.start not in taken
            and lines[segment.start].has_digits
            and rows[segment.row] is match.row
            and texts_of(segment.placement) != printed
            for segment in segments
        )
        after = lines[match.lines[1] : match.lines[1] + 1]
        below = any(line.is_lone and not is_page_number(line, lines[match.lines[0]]) for line in after)
        strayed = "" in printed and below
        shared = _shares_label(match, lines) or _holds_another(match, lines, rows)
        beside = not any(printed) and _has_text_beside(match, lines)
        swallowed = _holds_two(match, lines) or ("" in printed and not double.isdisjoint(match.lines))
        most = (
            _SHARED if shared or swallowed else BESIDE if beside else TWICE if twice else _STRAYED if strayed else 1.0
        )
        yield replace(match, certainty=min(match.certainty, most))


def _holds_two(match: RowMatch, lines: Sequence[Line]) -> bool:
    """Whether two lines of a grid that are one row have a row's worth of numbers each: one may be its neighbour's."""
    several = [line for line in lines[slice(*match.lines)] if line.layout is Layout.GRID]
    return sum(2 * line.numbers > len(match.placement.slots) > 1 for line in several) > 1


def _shares_label(match: RowMatch, lines: Sequence[Line]) -> bool:
    """Whether other numbers stand beside the row's label in a grid: those of another, whose label lost its rule."""
    line = lines[match.lines[0]]
    if line.layout is not Layout.GRID or not 0 < line.split < len(line.items):
        return False
    label = line.items[line.split - 1].cell
    beside = range(label.row, label.row + label.row_span)
    return any(
        other.block == line.block and other.has_digits and not other.texts and other.items[0].cell.row in beside
        for index, other in enumerate(lines)
        if index not in range(*match.lines)
    )


def _holds_another(match: RowMatch, lines: Sequence[Line], rows: Sequence[RowForm]) -> bool:
    """Whether another row's whole label stands with this one's in a cell of a grid that lost a rule."""
    own = lines[slice(*match.lines)]
    text = "".join(text for line in own if line.layout is Layout.GRID for text in line.texts)
    others = {key for row in rows for key in row.keys if len(key) >= _TELLING and key in text}
    return any(not any(key in one for one in match.row.keys) for key in others)


def _has_text_beside(match: RowMatch, lines: Sequence[Line]) -> bool:
    """Whether a row of several lines of a grid has a line of label and text, and so its values from another."""
    several = lines[slice(*match.lines)]
    return len(several) > 1 and any(one.layout is Layout.GRID and len(one.texts) > 1 for one in several)


def is_page_number(line: Line, row: Line) -> bool:
    """Whether a line is one number on a page, outside of the row's grid: none of the row's."""
    return line.is_lone and row.layout is Layout.GRID and line.items[0].cell.place.page is not None


def contradict(matches: Iterable[RowMatch], rows: Sequence[RowForm], told: NDArray[np.float64]) -> Iterator[RowMatch]:
    """Doubt a row whose line the classifier is sure to be another, unless its label says the row word for word."""
    for match in matches:
        said = told[slice(*match.lines)].max(axis=0)
        own = said[next(number for number, row in enumerate(rows) if row is match.row)]
        other = match.similarity < VERBATIM and own < 1 - TOLD and said.max() >= TOLD
        yield replace(match, certainty=min(match.certainty, CONTRADICTED)) if other else match


def texts_of(placement: Placement) -> tuple[str, ...]:
    """What is printed in each column."""
    return tuple("".join(item.cell.text for item in slot or ()) for slot in placement.slots)


def confirm(match: RowMatch, lines: Sequence[Line]) -> RowMatch:
    """A row of a table that has all its rows, and no other."""
    if match.certainty < _PLAIN or not is_scanned(lines[match.lines[0]]):
        return match
    return replace(match, certainty=1 - _WHOLE * (1 - match.certainty))


def is_scanned(line: Line) -> bool:
    """Whether a line's cells were looked at as pictures."""
    return any(item.cell.ink is not None for item in line.items)
