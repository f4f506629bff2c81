"""Lines to rows of the form: one alignment over the whole table, in printed order.

Every line, or a few lines whose label wraps, may be a row of the form, nothing, or a row whose label cannot be read.
The alignment maximises the evidence of labels; a line without a readable label keeps its place only in a gap that
closes: exactly as many such lines as the form has rows between two anchored ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from service.forms.agreement import without_strange_columns
from service.forms.catalogue import TableForm
from service.forms.columns import Placement, Placer
from service.forms.doubts import (
    BESIDE,
    CONTRADICTED,
    confirm,
    contradict,
    doubt,
    is_page_number,
    is_scanned,
    texts_of,
)
from service.forms.evidence import TableEvidence
from service.forms.headings import heading_lines, heading_score, headings_above
from service.forms.lines import Item, Kind, Layout, Line
from service.forms.loose import ANCHORED, VERBATIM
from service.forms.pieces import in_one_row
from service.forms.segments import (
    FAINT,
    LEAD,
    TOLD,
    TWICE,
    RowForm,
    RowMatch,
    Segment,
    find_segments,
    is_empty_row,
    row_forms,
    with_labels,
)
from service.forms.shape import rows_begun_by_shape, rows_by_shape

_ANOTHER, _TORN = 0.3, 0.1
"""A label so much more alike to another row's than to its own leaves the rows of its gap, held by their order alone in
a table that lacks rows, a certainty for which sums that chance to hold do not make up: of four such rows in 64 on 60
drawn scans three were wrong."""
_CLOSED = 0.98
"""Certainty of a row that has its place only by the order of its neighbours."""
_CLOSED_BLANK = 0.9
"""The same where nothing is printed in the row's cells, so that it may be no row at all."""
_FAINT = 0.9
"""Certainty of a row with a garbled label in a table where not every row has its line."""
_TIED = 0.02
"""A garbled label so little more alike to its row than to another may be the other's."""
_CERTAIN = 0.9
"""Probability by the classifier that makes a row certain in a table where every row has its line."""
_COUNTED = 0.8
"""Certainty of the rows of a table in which no label can be read, but which has exactly as many as the form, or of
which the first page is told by its shape."""
_SHAPED_GAIN = 0.7
"""What a form wins by a row that the shape of its whole table tells: what it costs if it is missing, and more."""
_LABELS_BELOW = 3.0
"""What it costs to take all labels of a table for those of the numbers above them."""
_MISSING_ROW = 0.4
_LIKELY = 0.5
"""Confidence from which what is printed is likelier the number that it reads as than anything else."""
_WIDE = 10
"""A row of so many columns is told by their number alone."""
_UNHEADED = 0.9
"""Certainty of such a row."""
_FEW_TEXTS = 2
"""A row of numbers has more than so many of them for each cell that cannot be read; worn headings have fewer."""


@dataclass(frozen=True, slots=True)
class TableMatch:
    """One form's table held against the lines: what was found, and how well it fits."""

    table: TableForm
    rows: tuple[RowMatch, ...]
    score: float
    unplaced: tuple[Line, ...] = ()
    """Lines with a row's worth of numbers that belong to no row of the form."""


def match_table(lines: Sequence[Line], table: TableForm, evidence: TableEvidence | None = None) -> TableMatch:
    """Align the lines of a table's region with one form's version of it; `evidence` is the classifier's, if any."""
    rows = row_forms(table)
    told = evidence.rows if evidence else np.zeros((len(lines), len(rows)))
    if not any(row.keys for row in rows):
        lines = in_one_row(lines, table)
    uncut, cut = lines, without_strange_columns(lines, table, evidence)
    lines = cut.lines
    placer = Placer(lines, cut.certainty)
    headings = headings_above(lines, table)
    placements = []
    for index in range(len(lines)):
        by_block = [placer.place(index, block.columns, headings[index][n]) for n, block in enumerate(table.blocks)]
        placements.append([by_block[row.block] for row in rows])
    if all(not row.keys for row in rows):
        return _match_unlabelled(lines, table, rows, placements, told)
    headed = heading_lines(lines, table)
    segments = list(find_segments(lines, rows, placements, headed, told))
    path, score = _best_path(lines, rows, placements, with_labels(segments, lines, below=False))
    lifted, lifted_score = _best_path(lines, rows, placements, with_labels(segments, lines, below=True))
    if lifted_score - _LABELS_BELOW > score:
        path, score = lifted, lifted_score - _LABELS_BELOW
    displaced = _displaced(segments, path)
    settled = list(_settle(lines, rows, placements, path))
    settled += [
        RowMatch(rows[s.row], s.placement, s.placement.certainty, s.similarity, (s.start, s.end)) for s in displaced
    ]
    matches = tuple(contradict(doubt(settled, segments, rows, lines), rows, told))
    kept = {match.lines[0] for match in matches}
    score -= sum(segment.gain + _MISSING_ROW for segment in path if segment.start not in kept)
    score += sum(segment.gain for segment in displaced) + heading_score(lines, table)
    shaped = tuple(_shaped(uncut, table, rows, matches))
    matches, score = (*matches, *shaped), score + _SHAPED_GAIN * len(shaped)
    dirt = _dirt(lines, placements, matches, headed) if len(matches) == len(rows) else frozenset()
    unplaced = tuple(_unplaced(lines, matches, dirt))
    if len(matches) == len(rows) and not unplaced:
        matches = tuple(confirm(match, lines) for match in matches)
    return TableMatch(table, matches, score, unplaced)


def _shaped(
    lines: Sequence[Line], table: TableForm, rows: Sequence[RowForm], matches: Sequence[RowMatch]
) -> Iterator[RowMatch]:
    """The rows that have no line yet, where the shape of the whole table tells theirs and that of all others.

    Or that of its first page, where the labels tell all rows of the next.
    """
    told, certainty = rows_by_shape(lines, table), _CLOSED
    elsewhere: list[RowForm] = []
    if not told:
        told, certainty = rows_begun_by_shape(lines, table), _COUNTED
        elsewhere = [row for number, row in enumerate(rows) if number not in told.values()]
    for match in matches:
        at, end = match.lines
        if match.row in elsewhere and at > max(told, default=at) and match.similarity >= ANCHORED:
            elsewhere.remove(match.row)
        elif at not in told or end != at + 1 or rows[told[at]] is not match.row:
            return
    if elsewhere:
        return
    placed = {match.lines[0] for match in matches}
    for index, number in told.items():
        slots = tuple((item,) for item in lines[index].items[1:])
        if index not in placed and len(slots) == len(rows[number].columns):
            yield RowMatch(rows[number], Placement(slots, 1.0), certainty, 0.0, (index, index + 1))


def _unplaced(lines: Sequence[Line], matches: Sequence[RowMatch], dirt: Collection[int] = ()) -> Iterator[Line]:
    """Lines below the first row whose numbers are no row's: something of the table was not understood."""
    taken = {index for match in matches for index in range(*match.lines)}
    for index in range(min(taken, default=len(lines)), len(lines)):
        if index not in taken and index not in dirt and lines[index].has_digits and not lines[index].is_lone:
            yield lines[index]


def _dirt(
    lines: Sequence[Line],
    placements: Sequence[Sequence[Placement | None]],
    matches: Sequence[RowMatch],
    headed: Collection[int],
) -> frozenset[int]:
    """Lines of a table with all its rows that are none for all their numbers.

    On scans specks and characters of a seal read as numbers: in headings, outside of the grid that the rows are of, or
    as less than a row. But they may be those of the row above or below that lacks one.
    """
    rows = [lines[match.lines[0]] for match in matches]
    if not any(map(is_scanned, rows)):
        return frozenset()
    ruled = all(row.layout is Layout.GRID for row in rows)
    less = {
        index
        for index, line in enumerate(lines)
        if index in headed
        or (ruled and line.layout is not Layout.GRID)
        or not any(map(_is_mostly_numbers, placements[index]))
    }
    ordered = sorted(matches, key=lambda match: match.lines)
    for index in tuple(less):
        if index in headed and not any(map(_is_likely, lines[index].items)):
            continue
        above = [match for match in ordered if match.lines[0] < index][-1:]
        below = [match for match in ordered if match.lines[0] > index][:1]
        if any("" in texts_of(match.placement) for match in (*above, *below)):
            less.remove(index)
    return frozenset(less)


def _skip_cost(line: Line, placements: Sequence[Placement | None]) -> float:
    """What leaving a line out costs: much where it has a row's worth of numbers."""
    complete = any(placement and placement.complete for placement in placements)
    if not line.numbers:
        whole = any(placement and is_empty_row(line, placement) for placement in placements)
        return (
            0.5 if whole and line.layout is Layout.TABS and not line.texts else 0.1 if complete and line.texts else 0.0
        )
    if not _is_row(placements):
        return 0.2
    return 1.0 if line.is_lone else 2.5


def _best_path(
    lines: Sequence[Line],
    rows: Sequence[RowForm],
    placements: Sequence[Sequence[Placement | None]],
    segments: Sequence[Segment],
) -> tuple[list[Segment], float]:
    count, total = len(lines), len(rows)
    best = np.full((count + 1, total + 1), -np.inf)
    origin: dict[tuple[int, int], tuple[int, int, Segment | None]] = {}
    best[0, 0] = 0.0
    starting: dict[tuple[int, int], list[Segment]] = {}
    for segment in segments:
        starting.setdefault((segment.start, segment.row), []).append(segment)
    skip = [_skip_cost(line, placements[index]) for index, line in enumerate(lines)]
    for index in range(count + 1):
        for row in range(total + 1):
            here = best[index, row]
            moves: list[tuple[int, int, float, Segment | None]] = []
            if row < total:
                moves.append((index, row + 1, -_MISSING_ROW, None))
                # Of two lines that say the same of a row, the first is taken.
                moves += [(s.end, row + 1, s.gain - 1e-6 * s.start, s) for s in starting.get((index, row), ())]
            if index < count:
                moves.append((index + 1, row, -skip[index], None))
            for to_line, to_row, gain, move in moves:
                if here + gain > best[to_line, to_row]:
                    best[to_line, to_row] = here + gain
                    origin[to_line, to_row] = (index, row, move)
    path: list[Segment] = []
    at = (count, total)
    while at != (0, 0):
        index, row, taken = origin[at]
        if taken:
            path.append(taken)
        at = (index, row)
    return path[::-1], float(best[count, total])


def _settle(
    lines: Sequence[Line],
    rows: Sequence[RowForm],
    placements: Sequence[Sequence[Placement | None]],
    path: Sequence[Segment],
) -> Iterator[RowMatch]:
    """Keep the rows that stand by their label, and those between them whose gap closes."""
    anchors = [segment for segment in path if segment.anchored]
    borders = [(-1, 0), *((segment.row, segment.end) for segment in anchors), (len(rows), len(lines))]
    starts = [*(segment.start for segment in anchors), len(lines)]
    closed: set[int] = set()
    contradicted: set[int] = set()
    open_gaps = 0
    for (row, after), (next_row, _), before in zip(borders, borders[1:], starts, strict=False):
        between = [segment for segment in path if row < segment.row < next_row and not segment.anchored]
        used = {index for segment in between for index in range(segment.start, segment.end)}
        left_over = [
            index
            for index in range(after, before)
            if index not in used and lines[index].numbers and _is_row(placements[index][max(0, row) : next_row])
            if not all(is_page_number(lines[index], lines[segment.start]) for segment in path)
        ]
        if len(between) == next_row - row - 1 and not left_over:
            closed |= {segment.row for segment in between}
            if any(segment.lead <= -_ANOTHER and segment.similarity < FAINT for segment in between):
                contradicted |= {segment.row for segment in between}
        else:
            open_gaps += 1
    if len(anchors) + len(closed) == len(rows):
        contradicted.clear()  # else a label there may be that of a row that was not found
    for segment in path:
        if segment.anchored or segment.row in closed:
            certainty = segment.placement.certainty * _certainty(
                segment, lines, whole=not open_gaps, held=bool(anchors)
            )
            if segment.row in contradicted:
                certainty = min(certainty, _TORN)
            yield RowMatch(
                rows[segment.row], segment.placement, certainty, segment.similarity, (segment.start, segment.end)
            )


def _certainty(segment: Segment, lines: Sequence[Line], *, whole: bool, held: bool) -> float:
    """How sure a row's place is; `whole`: all rows of the form are there, and no other; `held`: some have anchors."""
    if segment.similarity >= ANCHORED:
        # Two labels run together read like either.
        return 1.0 if segment.similarity >= VERBATIM or segment.lead >= _TIED else _FAINT
    if whole and segment.told >= _CERTAIN:
        return _CLOSED
    if not held:  # by their number alone
        return _COUNTED
    if segment.lead <= -LEAD and segment.similarity < FAINT:
        return CONTRADICTED
    if segment.anchored:
        return _CLOSED if whole or (segment.told >= TOLD and segment.similarity >= FAINT) else _FAINT
    numbered = any(lines[index].numbers for index in range(segment.start, segment.end))
    return _CLOSED if numbered else _CLOSED_BLANK


def _displaced(segments: Sequence[Segment], path: Sequence[Segment]) -> list[Segment]:
    """Rows that stand outside the printed order (a table broken in pieces) under their own label, word for word."""
    used = {index for segment in path for index in range(segment.start, segment.end)}
    filled = {segment.row for segment in path}
    free = [
        segment
        for segment in segments
        if segment.row not in filled
        and segment.similarity >= VERBATIM
        and segment.end == segment.start + 1
        and segment.start not in used
    ]
    rows = [segment.row for segment in free]
    return [segment for segment in free if rows.count(segment.row) == 1]


def _is_row(placements: Sequence[Placement | None]) -> bool:
    """Whether a line has a row's worth of cells, and what is printed in them reads as numbers in the main.

    Worn headings, too, may read as numbers here and there.
    """
    return any(placement and placement.complete and _reads_as_numbers(placement) for placement in placements)


def _reads_as_numbers(placement: Placement) -> bool:
    printed = [item for slot in placement.slots for item in slot or () if item.kind is not Kind.BLANK]
    return 2 * sum(map(_is_likely, printed)) >= len(printed)


def _is_likely(item: Item) -> bool:
    """Whether what is printed is likelier the number that it reads as than anything else: worn texts are none."""
    return item.kind is Kind.VALUE and item.cell.confidence >= _LIKELY


def _is_mostly_numbers(placement: Placement | None) -> bool:
    """Whether a line has a row's worth of cells, and what is likely a number in most of them."""
    if placement is None or not placement.complete:
        return False
    numbers = [any(_is_likely(item) for item in slot or ()) for slot in placement.slots]
    return 2 * sum(numbers) > len(numbers)


def _is_filled(placement: Placement) -> bool:
    """Whether a row has a place in every column, or in so many that those in doubt do not tell against it."""
    return placement.complete or sum(slot is not None for slot in placement.slots) >= _WIDE


def _is_bare(line: Line) -> bool:
    """Whether a line is values only; where every cell is a line of its own, they hang below the last heading."""
    return not line.texts or line.layout in (Layout.STACKED, Layout.RUN)


def _worn_row(line: Line, count: int) -> Placement | None:
    """A scanned row of a wide table without labels: as many cells as columns, and hardly any that cannot be read."""
    if line.layout is not Layout.GRID or not line.texts or len(line.items) != count or count < _WIDE:
        return None
    readable = is_scanned(line) and line.numbers > _FEW_TEXTS * len(line.texts)
    return Placement(tuple((item,) for item in line.items), _UNHEADED) if readable else None


def _match_unlabelled(
    lines: Sequence[Line],
    table: TableForm,
    rows: Sequence[RowForm],
    placements: Sequence[Sequence[Placement | None]],
    told: NDArray[np.float64],
) -> TableMatch:
    """A table of one row without a label: the line that fills every column, below the headings."""
    row = rows[0]
    options = [
        (line.numbers, index, placement)
        for index, line in enumerate(lines)
        if (placement := _worn_row(line, len(row.columns)) or (placements[index][0] if _is_bare(line) else None))
        and _is_filled(placement)
    ]
    headed = [option for option in options if any(line.texts for line in lines[: option[1]])]
    bare = not headed
    if bare:  # without headings the row of a grid is told by its many cells alone
        headed = [option for option in options if lines[option[1]].layout is Layout.GRID and len(row.columns) >= _WIDE]
    score = heading_score(lines, table)
    if not headed:
        return TableMatch(table, (), score)
    most = max(numbers for numbers, _, _ in headed)
    full = [(index, placement) for numbers, index, placement in headed if numbers == most]
    printed = {tuple(item.cell.text for slot in placement.slots for item in slot or ()) for _, placement in full}
    index, placement = full[0]
    unsure = bare and told[index, 0] < _CERTAIN
    certainty = placement.certainty * (1.0 if len(printed) == 1 else TWICE) * (_UNHEADED if unsure else 1.0)
    match = RowMatch(row, placement, certainty, 1.0, (index, index + 1))
    unplaced = tuple(_unplaced(lines, (match,)))
    nowhere = not most and any(line.has_digits and not line.is_lone for line in lines)
    if nowhere or (unplaced and "" in texts_of(placement)):
        match = replace(match, certainty=min(certainty, BESIDE))
    return TableMatch(table, (match,), score + 1.0, unplaced)
