"""Whole grids to tables: a grid that a table's labels claim in part is its own, and so is one that only its shape fits.

Where labels are garbled or headings are gone, the lines of a table say little one by one. A grid says more: all its
lines belong together, and how many cells its rows have tells which table it can be.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import Indel

from service.forms.catalogue import Form
from service.forms.lines import Layout, Line
from service.forms.shape import rows_by_shape

Span = tuple[int, int]
"""First line and end (excluded)."""
_SHARE = 0.6
"""Share of a grid's rows of numbers that must have a table's number of cells for the grid to be the table."""
_WIDE = 5
"""A row of so many columns tells its table by their number alone; fewer are met in any table."""
_ALIKE = 0.3
"""Mean similarity of a narrow grid's texts to a table's labels from which it may be that table."""
_TOLD = 0.6
"""Mean probability by the classifier from which a grid may be the table."""
_TOLD_BELOW = 0.3
"""The same of the only grid below the table's heading."""
_PROSE_LENGTH = 30
"""A text longer than this between two grids parts them."""


def claim_grids(
    lines: Sequence[Line],
    regions: Mapping[str, Span],
    forms: Sequence[Form],
    labels: Mapping[str, Sequence[str]],
    spoken: Mapping[str, NDArray[np.bool_]],
    told: Mapping[str, NDArray[np.float64] | None],
    starts: Collection[int | None] = (),
    limits: Mapping[str, int] | None = None,
) -> dict[str, Span]:
    """The regions with the rest of their grids, and with grids for tables that have no number yet.

    `labels` are the keys of each table's labels, `spoken` the lines for which one of them speaks, `told` the
    classifier's probability that a line is the table's, `starts` the lines with headings of chapters, which part
    grids, `limits` where no more of a table may stand. Regions stay apart and in printed order.
    """
    tables = [table.id for table in forms[0].tables]
    grids = _grid_spans(lines, starts)
    found = {table: _headed(span, grids, spoken[table]) for table, span in regions.items()}
    fits = {table: _fits(lines, grids, forms, table, labels, told[table]) for table in tables}
    for table in tables:
        if table in found:
            found[table] = _whole(found[table], grids, lines, fits[table], _bounds(found, tables, table, len(lines)))
    for table in tables:
        first, last = _bounds(found, tables, table, len(lines))
        if not _has_numbers(lines, found.get(table)):
            free = [grid for grid in grids if first <= grid[0] and grid[1] <= last and fits[table][grid]]
            if free:
                found[table] = max(free, key=lambda grid: (fits[table][grid], -grid[0]))
            elif alone := _alone_below(found.get(table), grids, last, told[table]):
                found[table] = alone if _shape(lines[slice(*alone)], forms, table) else found[table]
        if table in found:
            found[table] = _continued(
                found[table], grids, lines, fits[table], min(last, (limits or {}).get(table, last))
            )
    return {table: found[table] for table in tables if table in found}


def _grid_spans(lines: Sequence[Line], starts: Collection[int | None]) -> list[Span]:
    spans = []
    part = np.cumsum([at in starts for at in range(len(lines))])
    for (layout, _, _), run in groupby(
        range(len(lines)), key=lambda at: (lines[at].layout, lines[at].block, int(part[at]))
    ):
        inside = list(run)
        if layout is Layout.GRID:
            spans.append((inside[0], inside[-1] + 1))
    return spans


def _headed(span: Span, grids: Sequence[Span], spoken: NDArray[np.bool_]) -> Span:
    """The region without the last rows of a grid above it, for which no label of the table speaks."""
    start, end = span
    for first, last in grids:
        if first < start < last < end and not spoken[start:last].any():
            return last, end
    return span


def _alone_below(
    heading: Span | None, grids: Sequence[Span], limit: int, told: NDArray[np.float64] | None
) -> Span | None:
    """The only grid between a table's heading and the next table's, if it may be the table: its labels are worn."""
    below = [grid for grid in grids if heading is not None and heading[1] <= grid[0] and grid[1] <= limit]
    if told is None or len(below) != 1 or told[slice(*below[0])].mean() < _TOLD_BELOW:
        return None
    return below[0]


def _has_numbers(lines: Sequence[Line], span: Span | None) -> bool:
    return span is not None and any(line.numbers for line in lines[slice(*span)])


def _bounds(regions: Mapping[str, Span], tables: Sequence[str], table: str, count: int) -> Span:
    """The lines that the table may take without touching those before and after it."""
    at = tables.index(table)
    before = [regions[other][1] for other in tables[:at] if other in regions]
    after = [regions[other][0] for other in tables[at + 1 :] if other in regions]
    return max(before, default=0), min(after, default=count)


def _whole(span: Span, grids: Sequence[Span], lines: Sequence[Line], fits: Mapping[Span, float], bounds: Span) -> Span:
    """The region with the rest of each grid of which it has half, or any part where the grid has the table's shape."""
    start, end = span
    for first, last in grids:
        numbered = [at for at in range(first, last) if lines[at].numbers]
        claimed = [at for at in range(first, last) if span[0] <= at < span[1]]
        if claimed and (2 * len(claimed) >= len(numbered) or fits[first, last]):
            start, end = min(start, max(first, bounds[0])), max(end, min(last, bounds[1]))
    return start, end


def _fits(
    lines: Sequence[Line],
    grids: Sequence[Span],
    forms: Sequence[Form],
    table: str,
    labels: Mapping[str, Sequence[str]],
    told: NDArray[np.float64] | None,
) -> dict[Span, float]:
    """How well each grid is the table by its shape: 0 for not at all, else the more rows the better."""
    wide = max(_widths(forms, table)) >= _WIDE
    fits = {}
    for grid in grids:
        good = _shape(lines[slice(*grid)], forms, table)
        alike = wide or _resembles(lines[slice(*grid)], table, labels)
        if told is not None and told[slice(*grid)].mean() >= _TOLD:
            good, alike = max(good, 1), True
        if shaped := max(len(rows_by_shape(lines[slice(*grid)], form.table(table))) for form in forms):
            good, alike = max(good, shaped), True
        fits[grid] = float(good) if alike else 0.0
    return fits


def _widths(forms: Sequence[Form], table: str) -> set[int]:
    """How many columns of numbers a table may have."""
    return {len(block.columns) for form in forms for block in form.table(table).blocks}


def _shape(lines: Sequence[Line], forms: Sequence[Form], table: str) -> int:
    """How many rows of a grid have a table's number of cells; 0 where too few have."""
    widths = _widths(forms, table)
    rows = max(sum(len(block.rows) for block in form.table(table).blocks) for form in forms)
    wide = max(widths) >= _WIDE
    counts = [len(line.items) - line.split for line in lines if line.numbers]
    good = sum(any(abs(count - width) <= int(wide) for width in widths) for count in counts)
    whole = wide and rows == 1 and any(count in widths for count in counts)  # worn headings may read as numbers
    return max(good, 1) if whole or good >= _SHARE * max(1, len(counts)) else 0


def _resembles(lines: Sequence[Line], table: str, labels: Mapping[str, Sequence[str]]) -> bool:
    """Whether the texts of a grid are more like this table's labels than like those of the others."""
    texts = [text for line in lines for text in line.texts if len(text) > 1]
    if not texts:
        return False
    means = {
        other: float(process.cdist(texts, keys, scorer=Indel.normalized_similarity).max(axis=1).mean())
        for other, keys in labels.items()
    }
    return means[table] >= _ALIKE and means[table] == max(means.values())


def _continued(
    span: Span, grids: Sequence[Span], lines: Sequence[Line], fits: Mapping[Span, float], limit: int
) -> Span:
    """The region with the grids right below it that go on with its rows, nothing but short lines between."""
    end = span[1]
    for first, last in grids:
        if first < end or last > limit or not fits[first, last]:
            continue
        between = lines[end:first]
        if any(len(text) > _PROSE_LENGTH or line.numbers > 1 for line in between for text in (*line.texts, "")):
            break
        end = last
    return span[0], end


__all__ = ["claim_grids"]
