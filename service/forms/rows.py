"""Lines to rows of the form: one alignment over the whole table, in printed order.

Every line, or a few lines whose label wraps, may be a row of the form, nothing, or a row whose label cannot be read.
The alignment maximises the evidence of labels; a line without a readable label keeps its place only in a gap that
closes: exactly as many such lines as the form has rows between two anchored ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from service.forms.catalogue import Line as FormLine
from service.forms.catalogue import TableForm
from service.forms.columns import Headings, Placement, Placer, find_headings, heading_texts
from service.forms.lines import Kind, Layout, Line
from service.forms.normalise import label_key

_ANCHORED = 0.62
"""Label similarity from which a row stands by its label alone."""
_STRANGE = 0.85
"""Similarity to another row's label from which a line cannot be this row."""
_VERBATIM = 0.95
"""Label similarity from which a row is that row wherever it stands."""
_LONGEST = 6
"""Most lines that one row's label wraps over."""
_HEADING_LINES = 8
"""Most lines above the last one that a heading wraps over."""
_SHORTEST = 0.85
"""A text shorter than this share of a label cannot be it."""
_CLOSED = 0.98
"""Certainty of a row that has its place only by the order of its neighbours."""
_CLOSED_BLANK = 0.9
"""The same where nothing is printed in the row's cells, so that it may be no row at all."""
_LABELS_BELOW = 3.0
"""What it costs to take all labels of a table for those of the numbers above them."""
_TWICE = 0.6
"""Certainty of a row whose values stand there twice, differently."""


@dataclass(frozen=True, slots=True)
class RowForm:
    """A row of the form with the columns of its block and every text that may be printed as its label."""

    row: FormLine
    columns: tuple[FormLine, ...]
    keys: tuple[str, ...]
    block: int


@dataclass(frozen=True, slots=True)
class RowMatch:
    """A row of the form, found: its values column by column and how sure their place is."""

    row: RowForm
    placement: Placement
    certainty: float
    similarity: float
    lines: tuple[int, int]
    """First line and end (excluded) among the table's lines."""


@dataclass(frozen=True, slots=True)
class TableMatch:
    """One form's table held against the lines: what was found, and how well it fits."""

    table: TableForm
    rows: tuple[RowMatch, ...]
    score: float
    unplaced: tuple[Line, ...] = ()
    """Lines with a row's worth of numbers that belong to no row of the form."""


@dataclass(frozen=True, slots=True)
class _Segment:
    start: int
    end: int
    placement: Placement
    row: int
    similarity: float
    gain: float


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


def match_table(lines: Sequence[Line], table: TableForm) -> TableMatch:
    """Align the lines of a table's region with one form's version of it."""
    rows = row_forms(table)
    placer = Placer(lines)
    headings = _headings(lines, table)
    placements = []
    for index in range(len(lines)):
        by_block = [placer.place(index, block.columns, headings[index][n]) for n, block in enumerate(table.blocks)]
        placements.append([by_block[row.block] for row in rows])
    if all(not row.keys for row in rows):
        return _match_unlabelled(lines, table, rows, placements)
    segments = list(_segments(lines, rows, placements, _heading_lines(lines, table)))
    path, score = _best_path(lines, rows, placements, _with_labels(segments, lines, below=False))
    lifted, lifted_score = _best_path(lines, rows, placements, _with_labels(segments, lines, below=True))
    if lifted_score - _LABELS_BELOW > score:
        path, score = lifted, lifted_score - _LABELS_BELOW
    displaced = _displaced(segments, path)
    settled = list(_settle(lines, rows, placements, path))
    settled += [
        RowMatch(rows[s.row], s.placement, s.placement.certainty, s.similarity, (s.start, s.end)) for s in displaced
    ]
    matches = tuple(_doubt_rivals(settled, segments, rows, lines))
    kept = {match.lines[0] for match in matches}
    score -= sum(segment.gain + _MISSING_ROW for segment in path if segment.start not in kept)
    score += sum(segment.gain for segment in displaced) + heading_score(lines, table)
    unplaced = tuple(_unplaced(lines, matches))
    return TableMatch(table, matches, score, unplaced)


def _doubt_rivals(
    matches: Sequence[RowMatch], segments: Sequence[_Segment], rows: Sequence[RowForm], lines: Sequence[Line]
) -> Iterator[RowMatch]:
    """A row that stands there twice, word for word and with other numbers, is doubtful."""
    taken = {index for match in matches for index in range(*match.lines)}
    for match in matches:
        printed = _texts(match.placement)
        rivals = [
            segment
            for segment in segments
            if segment.similarity >= _VERBATIM
            and segment.start not in taken
            and lines[segment.start].has_digits
            and rows[segment.row] is match.row
            and _texts(segment.placement) != printed
        ]
        yield replace(match, certainty=min(match.certainty, _TWICE)) if rivals else match


def _texts(placement: Placement) -> tuple[str, ...]:
    return tuple("".join(item.cell.text for item in slot or ()) for slot in placement.slots)


def _unplaced(lines: Sequence[Line], matches: Sequence[RowMatch]) -> Iterator[Line]:
    """Lines below the first row whose numbers are no row's: something of the table was not understood."""
    taken = {index for match in matches for index in range(*match.lines)}
    for index in range(min(taken, default=len(lines)), len(lines)):
        if index not in taken and lines[index].has_digits and not _is_lone(lines[index]):
            yield lines[index]


def _with_labels(segments: Sequence[_Segment], lines: Sequence[Line], *, below: bool) -> list[_Segment]:
    """The segments of a table whose labels all stand above their numbers, or all below (or beside them)."""
    return [
        segment
        for segment in segments
        if segment.end == segment.start + 1 or below == _begins_with_numbers(lines[segment.start : segment.end])
    ]


def _begins_with_numbers(lines: Sequence[Line]) -> bool:
    first = next((line for line in lines if line.numbers or line.texts), None)
    return first is not None and first.numbers > 0 and not first.texts


def _headings(lines: Sequence[Line], table: TableForm) -> list[list[Headings | None]]:
    """For every line the headings above it, for each block of the form."""
    current: list[Headings | None] = [None] * len(table.blocks)
    corners = {label_key(block.corner) for block in table.blocks if block.corner}
    top = 0
    found = []
    for index, line in enumerate(lines):
        if line.layout in (Layout.GRID, Layout.TABS) and line.texts:
            if corners.intersection(line.texts):  # new headings begin: those above no longer hold
                top, current = index, [None] * len(table.blocks)
            above = _table_lines(lines, top, index)
            for number, block in enumerate(table.blocks):
                current[number] = find_headings(above, block.columns) or current[number]
        found.append(list(current))
    return found


def _table_lines(lines: Sequence[Line], top: int, index: int) -> Sequence[Line]:
    """The last few lines of the same table down to this one, none above `top`."""
    first = index
    while first > max(top, index - _HEADING_LINES) and lines[first - 1].layout is lines[index].layout:
        first -= 1
    return lines[first : index + 1]


def heading_score(lines: Sequence[Line], table: TableForm) -> float:
    """How much of the form's own wording is printed: what tells the forms apart where rows look the same.

    Column headings are counted against those that are not there; row labels only for, as they wrap in many ways.
    """
    texts = {"".join(line.texts) for line in lines if line.texts}
    for index, line in enumerate(lines):
        if line.layout is Layout.TABS and line.texts:
            texts |= {text.key for text in heading_texts(_table_lines(lines, 0, index))}
    columns = {column.id: column for block in table.blocks for column in block.columns}.values()
    rows = [row for block in table.blocks for row in block.rows]
    found = sum(any(_is_printed(label_key(label), texts) for label in column.labels) for column in columns)
    named = sum(_is_printed(label_key(row.label), texts) for row in rows if row.label)
    return 2.0 * (2 * found - len(columns)) + named


def _is_printed(label: str, texts: Iterable[str]) -> bool:
    """Whether the label stands in one of the texts, letter by letter but for one in seven."""
    return any(
        len(text) >= _SHORTEST * len(label) and fuzz.partial_ratio(label, text, score_cutoff=85) for text in texts
    )


def _heading_lines(lines: Sequence[Line], table: TableForm) -> frozenset[int]:
    """The lines that hold a heading of the table, which can never be a row whose label cannot be read."""
    texts = (text for block in table.blocks for text in (*block.headings, block.corner or ""))
    labels = (label for block in table.blocks for column in block.columns for label in column.labels)
    keys = [key for key in {label_key(text) for text in (*texts, *labels)} if key]
    return frozenset(
        index
        for index, line in enumerate(lines)
        if any(Indel.normalized_similarity(text, key) >= _STRANGE for text in line.texts for key in keys)
    )


def _segments(
    lines: Sequence[Line],
    rows: Sequence[RowForm],
    placements: Sequence[Sequence[Placement | None]],
    headings: frozenset[int],
) -> Iterator[_Segment]:
    """Every way to read a few neighbouring lines as one row."""
    spans = [(start, end) for start in range(len(lines)) for end in range(start + 1, _reach(lines, start) + 1)]
    labels = [_label_candidates(lines[start:end]) for start, end in spans]
    similar = _similarities(labels, rows)
    alone = {start: similar[number] for number, (start, end) in enumerate(spans) if end == start + 1}
    for number, (start, end) in enumerate(spans):
        labelled = any(labels[number])
        likely = range(len(rows)) if end == start + 1 else np.flatnonzero(similar[number] >= 0.5).tolist()
        for row in likely:
            similarity = float(similar[number, row])
            best = similar[number].max()
            if labelled and best >= _STRANGE and similarity < best - 0.15:
                continue
            if similarity < _ANCHORED and headings.intersection(range(start, end)):
                continue
            valued = [index for index in range(start, end) if placements[index][row]]
            homeless = any(lines[index].numbers and not placements[index][row] for index in range(start, end))
            if not valued or homeless:
                continue
            firm = [index for index in range(start, end) if alone[index].max() >= _VERBATIM]
            if end - start > 1 and firm and (len(valued) > 1 or any(alone[index][row] < _VERBATIM for index in firm)):
                continue
            numbered = [index for index in valued if lines[index].numbers]
            if not numbered and not lines[start].texts and not _is_empty_row(lines[start], placements[start][row]):
                continue  # an empty line of a text is a row only below the row's label
            if any(not lines[index].texts for index in numbered[1:]):
                continue  # numbers by themselves are a row of their own, not the rest of this one
            placement = _merge([p for index in valued if (p := placements[index][row])])
            gain = _label_gain(similarity) + _fit_gain(placement, bool(numbered))
            gain -= 0.06 * (end - start - 1) + 0.5 * max(0, len(numbered) - 1)
            yield _Segment(start, end, placement, row, similarity, gain)


def _is_empty_row(line: Line, placement: Placement | None) -> bool:
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
    scores = process.cdist(texts, keys, scorer=Indel.normalized_similarity, score_cutoff=0.4)
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
    for options in zip(*(placement.slots for placement in placements), strict=True):
        present = [slot for slot in options if slot is not None]
        filled = [slot for slot in present if any(item.kind is not Kind.BLANK for item in slot)]
        if len({tuple(item.cell.text for item in slot) for slot in filled}) > 1:
            certainty = min(certainty, _TWICE)
        slots.append((filled or present or [None])[0])
    return Placement(tuple(slots), certainty)


def _skip_cost(line: Line, placements: Sequence[Placement | None]) -> float:
    """What leaving a line out costs: much where it has a row's worth of numbers."""
    complete = any(placement and placement.complete for placement in placements)
    if not line.numbers:
        whole = any(placement and _is_empty_row(line, placement) for placement in placements)
        return (
            0.5 if whole and line.layout is Layout.TABS and not line.texts else 0.1 if complete and line.texts else 0.0
        )
    if not complete:
        return 0.2
    return 1.0 if _is_lone(line) else 2.5


def _is_lone(line: Line) -> bool:
    """One number by itself, as page numbers stand in texts."""
    return line.numbers == 1 and not line.texts and line.layout in (Layout.STACKED, Layout.SPACES)


_MISSING_ROW = 0.4


def _best_path(
    lines: Sequence[Line],
    rows: Sequence[RowForm],
    placements: Sequence[Sequence[Placement | None]],
    segments: Sequence[_Segment],
) -> tuple[list[_Segment], float]:
    count, total = len(lines), len(rows)
    best = np.full((count + 1, total + 1), -np.inf)
    origin: dict[tuple[int, int], tuple[int, int, _Segment | None]] = {}
    best[0, 0] = 0.0
    starting: dict[tuple[int, int], list[_Segment]] = {}
    for segment in segments:
        starting.setdefault((segment.start, segment.row), []).append(segment)
    skip = [_skip_cost(line, placements[index]) for index, line in enumerate(lines)]
    for index in range(count + 1):
        for row in range(total + 1):
            here = best[index, row]
            moves: list[tuple[int, int, float, _Segment | None]] = []
            if row < total:
                moves.append((index, row + 1, -_MISSING_ROW, None))
                moves += [(s.end, row + 1, s.gain, s) for s in starting.get((index, row), ())]
            if index < count:
                moves.append((index + 1, row, -skip[index], None))
            for to_line, to_row, gain, move in moves:
                if here + gain > best[to_line, to_row]:
                    best[to_line, to_row] = here + gain
                    origin[to_line, to_row] = (index, row, move)
    path: list[_Segment] = []
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
    path: Sequence[_Segment],
) -> Iterator[RowMatch]:
    """Keep the rows that stand by their label, and those between them whose gap closes."""
    anchors = [segment for segment in path if segment.similarity >= _ANCHORED]
    borders = [(-1, 0), *((segment.row, segment.end) for segment in anchors), (len(rows), len(lines))]
    starts = [*(segment.start for segment in anchors), len(lines)]
    closed: set[int] = set()
    for (row, after), (next_row, _), before in zip(borders, borders[1:], starts, strict=False):
        between = [segment for segment in path if row < segment.row < next_row and segment.similarity < _ANCHORED]
        used = {index for segment in between for index in range(segment.start, segment.end)}
        left_over = [
            index
            for index in range(after, before)
            if index not in used and lines[index].numbers and _is_row(placements[index][max(0, row) : next_row])
        ]
        held = row >= 0 or next_row < len(rows)  # a table without any readable label closes nothing
        if held and len(between) == next_row - row - 1 and not left_over:
            closed |= {segment.row for segment in between}
    for segment in path:
        if segment.similarity >= _ANCHORED or segment.row in closed:
            place = segment.placement
            certainty = place.certainty
            if segment.similarity < _ANCHORED:
                numbered = any(lines[index].numbers for index in range(segment.start, segment.end))
                certainty *= _CLOSED if numbered else _CLOSED_BLANK
            yield RowMatch(rows[segment.row], place, certainty, segment.similarity, (segment.start, segment.end))


def _displaced(segments: Sequence[_Segment], path: Sequence[_Segment]) -> list[_Segment]:
    """Rows that stand outside the printed order (a table broken in pieces) under their own label, word for word."""
    used = {index for segment in path for index in range(segment.start, segment.end)}
    filled = {segment.row for segment in path}
    free = [
        segment
        for segment in segments
        if segment.row not in filled
        and segment.similarity >= _VERBATIM
        and segment.end == segment.start + 1
        and segment.start not in used
    ]
    rows = [segment.row for segment in free]
    return [segment for segment in free if rows.count(segment.row) == 1]


def _is_row(placements: Sequence[Placement | None]) -> bool:
    return any(placement and placement.complete for placement in placements)


def _is_bare(line: Line) -> bool:
    """Whether a line is values only; where every cell is a line of its own, they hang below the last heading."""
    return not line.texts or line.layout in (Layout.STACKED, Layout.RUN)


def _match_unlabelled(
    lines: Sequence[Line],
    table: TableForm,
    rows: Sequence[RowForm],
    placements: Sequence[Sequence[Placement | None]],
) -> TableMatch:
    """A table of one row without a label: the line that fills every column, below the headings."""
    row = rows[0]
    options = [
        (lines[index].numbers, index, placement)
        for index in range(len(lines))
        if (placement := placements[index][0]) and placement.complete and _is_bare(lines[index])
    ]
    headed = [option for option in options if any(line.texts for line in lines[: option[1]])]
    score = heading_score(lines, table)
    if not headed:
        return TableMatch(table, (), score)
    most = max(numbers for numbers, _, _ in headed)
    full = [(index, placement) for numbers, index, placement in headed if numbers == most]
    printed = {tuple(item.cell.text for slot in placement.slots for item in slot or ()) for _, placement in full}
    index, placement = full[0]
    certainty = placement.certainty * (1.0 if len(printed) == 1 else _TWICE)
    match = RowMatch(row, placement, certainty, 1.0, (index, index + 1))
    return TableMatch(table, (match,), score + 1.0, tuple(_unplaced(lines, (match,))))
