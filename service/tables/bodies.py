"""Which lines of a page are a table without rules: where its heading begins, its first row, and where its last ends.

A line of numbers is a row. Few of them, or one, are a table if headings stand side by side above them, or if they go on
from the page before; and a row in which no number is printed still has its label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from service.documents.model import DIGITAL_READERS
from service.tables.columns import leaves
from service.tables.marks import is_enumerated, is_page_number
from service.tables.rows import Chunk, Line

FAR = 0.25
"""A larger gap between two lines of numbers, in page widths, parts two tables, unless labels fill it."""
_EMPTY = 0.06
"""A larger gap between two lines of labels leaves it unfilled."""
HEADING_LINES = 16
"""So many lines of heading are looked for above the first number: some have one character a line."""

_HEADINGS = 10
"""So many headings make a table of one line of two numbers."""
_MANY = 6
"""So many may stand over but one number."""
_BESIDE, _WORDS, _SHORT = 3, 1.5, 0.2
"""So many headings on one line, so many heights of it apart and none wider than this, make one of the row below it.

One less does for several rows, or at the head of a page.
"""
_SEVERAL = 3
"""So many texts on a line are no chapter's heading, but those of columns, be the first numbers right of them all."""
_LEVEL = 0.3
"""A text whose middle is nearer to that of a number than this share of its height stands on its line."""
_HALF_STEP = 1.3
"""Two lines of a label stand less than twice so many times their height from each other."""
_LINES = 0.6
"""The next line of a label is no further below than this share of its height."""
_SENTENCE = 0.1
"""Sentences are wider than this, headings of columns beside each other narrower."""
_HEAD = 0.07
"""What stands above this height may be a running head with the page's number."""
_CLEAR = 2.0
"""A number so many heights of its label behind it stands in a column of its own."""
_SAME = 1.2
"""Labels of one table differ in height by no more than so many times."""
_MORE = 1.3
"""Rows of one table lie apart by no more than so many times the widest gap between others."""
_NEAR = 0.045
"""Lines of one heading are no further apart, in page widths."""
_ROOM, _BOTTOM = 1.8, 0.8
"""A row takes so many heights of its line; below this height of the page it may have gone to the next."""
_LEAST = 2.5
"""Gap, in heights of a label, that rows may be apart where there is but one with numbers."""


class Part(NamedTuple):
    """A table's place among the lines of a page, by their indices."""

    top: int
    """The first line of its heading."""
    body: int
    """The first line of its first row; of headings over an empty row, the line after the last."""
    end: int
    """Its last line."""
    foot: float = 0.0
    """Height to which an empty row reaches below the last line."""


def parts(lines: Sequence[Line], apart: Sequence[Line], aspect: float) -> Iterator[Part]:
    """The tables among the lines of a page, from top to bottom.

    Args:
        lines: what stands on the page.
        apart: the same with headings parted that nearly touch.
        aspect: page height / page width.
    """
    begin = 0
    for first, last in _bodies(lines, apart, aspect):
        if first < begin:
            continue  # among the labels of the table above
        top = _heading(apart, first, max(begin, first - HEADING_LINES), aspect)
        rows = [i for i in range(first, last + 1) if is_row(lines, i)]
        left = _left(lines, rows)
        body = _beginning(lines, first, top, left)
        if begin == 0 and first and _are_labels(lines, range(first + 1), left, aspect):
            top = body = 0  # rows without numbers at the head of a page: the table goes on from the last one
        if _are_labels(lines, range(last, len(lines)), left, aspect):
            end = len(lines) - 1
        else:
            end = _without_numbers(lines, body, _ending(lines, last, left), left, aspect)
        yield Part(top, body, end)
        begin = end + 1


def headings_alone(
    lines: Sequence[Line], apart: Sequence[Line], taken: Sequence[Part], aspect: float
) -> Iterator[Part]:
    """Headings of many columns over room for a row in which nothing is printed; arguments as for `parts`.

    `taken` are the tables found. What stands at the foot of a page may be the heading of a row on the next.
    """
    inside = {i for part in taken for i in range(part.top, part.end + 1)}
    begin = 0
    for at in range(len(lines)):
        goes_on = at + 1 < len(lines) and (lines[at + 1][0].box.y0 - lines[at][0].box.y1) * aspect <= _NEAR
        if not _may_be_heading(apart[at], aspect) or at in inside:
            begin = at + 1
        elif not goes_on or at + 1 in inside or not _may_be_heading(apart[at + 1], aspect):
            top = next((i for i in range(begin, at + 1) if len(apart[i]) > 1), at)
            bottom = max(c.box.y1 for line in lines[top : at + 1] for c in line)
            size = median(c.box.y1 - c.box.y0 for c in lines[at])
            below = lines[at + 1][0].box.y0 if at + 1 < len(lines) else _BOTTOM
            room = below - bottom > _ROOM * size and at + 1 not in inside
            if room and len(leaves(apart[top : at + 1], 0.0)) >= _HEADINGS:
                yield Part(top, at + 1, at, min(below, bottom + 2 * _ROOM * size))
            begin = at + 1


def _may_be_heading(line: Line, aspect: float) -> bool:
    return not any(c.number or c.box.x1 - c.box.x0 > _SHORT for c in line) and not _is_prose(line, aspect)


def is_row(lines: Sequence[Line], at: int) -> bool:
    """Whether a line holds a table's numbers: two, or one at the end behind a label, or between two lines of its label.

    The third tells most of a table in which little is printed.
    """
    line = lines[at]
    numbers = [c for c in line if c.number]
    if len(numbers) == 1 == len(line) and 0 < at < len(lines) - 1:
        return _is_between(lines[at - 1], line, lines[at + 1], line[0].box.x0)
    return len(numbers) >= 2 or (len(numbers) == 1 and len(line) >= 2 and line[-1].number)


def _bodies(lines: Sequence[Line], apart: Sequence[Line], aspect: float) -> list[tuple[int, int]]:
    """Return the first and the last line of numbers of every table."""
    bodies: list[tuple[int, int]] = []
    rows: list[int] = []
    filled = 0  # the last line of the table that may go on: a row or a label

    def close() -> None:
        counts = [sum(c.number for c in lines[i]) for i in rows]
        plain = sum(n >= 2 for n in counts) >= 2 or len(rows) >= 3 or max(counts, default=0) >= 6
        if plain or (rows and (_is_headed(lines, apart, rows, aspect) or _goes_on(lines, rows[0], aspect))):
            bodies.append((rows[0], rows[-1]))
        rows.clear()

    for i, line in enumerate(lines):
        if len(line) == 1 and is_page_number(line[0].text) and not is_row(lines, i):
            continue
        if rows and (
            _parts(line, _left(lines, rows))
            or _opens(lines, i)
            or _far(lines[filled : i + 1], _left(lines, rows), aspect)
        ):
            close()
        if is_row(lines, i) and (not rows or _in_columns(line, lines, rows)):
            rows.append(i)
            filled = i
        elif rows and _is_label(line, lines, rows):
            filled = i
    close()
    return bodies


def _is_headed(lines: Sequence[Line], apart: Sequence[Line], rows: Sequence[int], aspect: float) -> bool:
    """Whether headings above a few rows make them a table: many of them, or several set wide apart on one line.

    There are no fewer of them than places in a row.
    """
    top = _heading(apart, rows[0], max(0, rows[0] - HEADING_LINES), aspect)
    heading = apart[top : rows[0]]
    lowest = leaves(heading, 0.0)
    numbers = sum(c.number for i in rows for c in lines[i])
    if (numbers < 2 and len(lowest) < _MANY) or len(lowest) < max(len(lines[i]) for i in rows):
        return False
    several = _BESIDE - (top == 0 or len(rows) > 1)
    return len(lowest) >= _HEADINGS or any(len(line) >= several and _are_headings(line, aspect) for line in heading)


def _are_headings(line: Line, aspect: float) -> bool:
    """Whether several texts stand on a line, short and as far from each other as headings of columns do."""
    size = median(c.box.y1 - c.box.y0 for c in line) * aspect
    wide = all(right.box.x0 - left.box.x1 > _WORDS * size for left, right in pairwise(line))
    return wide and len(line) > 1 and all(c.box.x1 - c.box.x0 < _SHORT and not c.number for c in line)


def _goes_on(lines: Sequence[Line], row: int, aspect: float) -> bool:
    """Whether the first line of a page is a label with numbers clear of it: the last row of an earlier table."""
    line = lines[row]
    label, size = line[0], (line[0].box.y1 - line[0].box.y0) * aspect
    clear = not label.number and all(c.number and c.box.x0 - label.box.x1 > _CLEAR * size for c in line[1:])
    return row == 0 and clear and label.box.y0 > _HEAD


def _are_labels(lines: Sequence[Line], at: range, left: float, aspect: float) -> bool:
    """Whether these lines, but for those with numbers, are labels below each other, left of the numbers."""
    these = [lines[i] for i in at]
    near = all((below[0].box.y0 - above[0].box.y1) * aspect <= _EMPTY for above, below in pairwise(these))
    return near and all(is_row(lines, i) or all(c.box.x1 <= left for c in lines[i]) for i in at)


def _far(lines: Sequence[Line], left: float, aspect: float) -> bool:
    """Whether the last of these lines is too far from the first for the same table, whose numbers begin at `left`."""
    if (lines[-1][0].y - lines[0][0].y) * aspect <= FAR:
        return False
    empty = any((below[0].box.y0 - above[0].box.y1) * aspect > _EMPTY for above, below in pairwise(lines))
    return empty or any(c.x > left for line in lines[1:-1] for c in line)


def _is_label(line: Line, lines: Sequence[Line], rows: Sequence[int]) -> bool:
    """Whether a line is a label by itself: left of the numbers, and where a label of a table's rows begins."""
    return len(line) == 1 and line[0].box.x1 <= _left(lines, rows) and _begins(line, [lines[i][0] for i in rows])


def _left(lines: Sequence[Line], rows: Sequence[int]) -> float:
    """Where the numbers of a table begin."""
    return min(c.box.x0 for i in rows for c in lines[i] if c.number)


def _parts(line: Line, left: float) -> bool:
    """Whether a line of text runs on from the labels to the numbers, which begin at `left`, and so ends the table."""
    if len(line) > 1 or line[0].number:
        return False
    box = line[0].box
    size = box.y1 - box.y0
    middle = abs((box.x0 + box.x1) / 2 - 0.5) < 0.06
    crossing = box.x0 < left - size and box.x1 > left + 2 * size
    return (crossing and not (middle and box.x1 - box.x0 < 0.3)) or box.x1 - box.x0 > 0.6


def _opens(lines: Sequence[Line], at: int) -> bool:
    """Whether a line is the heading of another table: an enumerated one that headings of columns follow, no numbers."""
    if len(lines[at]) > 1 or not is_enumerated(lines[at][0].text):
        return False
    following = range(at + 1, min(at + HEADING_LINES, len(lines)))
    below = next((i for i in following if is_row(lines, i)), len(lines))
    return any(sum(c.box.x0 > lines[at][0].x for c in lines[i]) >= 3 for i in range(at + 1, min(below, len(lines))))


def _in_columns(line: Line, lines: Sequence[Line], rows: Sequence[int]) -> bool:
    """Whether half of a line's numbers stand in the area of the table's, or its label begins where others do."""
    left = _left(lines, rows)
    numbers = [c for c in line if c.number]
    within = 2 * sum(c.box.x1 > left - 0.02 for c in numbers) >= len(numbers)
    return within or (not line[0].number and _begins(line, [lines[i][0] for i in rows if not lines[i][0].number]))


def _begins(line: Line, labels: Sequence[Chunk]) -> bool:
    """Whether a line begins where one of these labels does."""
    size = line[0].box.y1 - line[0].box.y0
    return any(abs(line[0].box.x0 - label.box.x0) < size for label in labels)


def _heading(lines: Sequence[Line], first: int, least: int, aspect: float) -> int:
    """Index of the first line of the heading above the first line of numbers."""
    left = _left(lines, [first])
    top = first
    while top > least:
        line, below = lines[top - 1], lines[top]
        box = line[0].box
        above_numbers = sum(c.box.x1 > left for c in line) >= 2
        if (below[0].box.y0 - box.y1) * aspect > (0.08 if above_numbers else _NEAR) or _parts(line, left):
            break
        if len(line) == 1 and box.x1 - box.x0 > 0.3 and box.x1 > left + 2 * (box.y1 - box.y0):
            break
        if _is_prose(line, aspect):
            break
        if is_row(lines, top - 1) and all(token.reader in DIGITAL_READERS for chunk in line for token in chunk.tokens):
            break  # of the table above; what reads as a number on a scan may be a worn heading
        top -= 1
    while top < first and len(lines[top]) < _SEVERAL and all(c.x < left for c in lines[top]):
        top += 1  # what stands above all headings of the numbers, and left of them, is the chapter's heading
    return top


def _is_prose(line: Line, aspect: float) -> bool:
    """Whether a line is of sentences: longer than headings are, and closer to each other."""
    size = max(c.box.y1 - c.box.y0 for c in line) * aspect
    near = all(right.box.x0 - left.box.x1 < 2 * size for left, right in pairwise(line))
    return near and len(line) > 1 and sum(c.box.x1 - c.box.x0 for c in line) > _SENTENCE * len(line)


def _beginning(lines: Sequence[Line], first: int, top: int, left: float) -> int:
    """Index of the first line of the first row's label: it may begin above the numbers.

    Then it has a number of its own, or its next line is as far below them. And rows without numbers may come before it.
    """
    begin = _label_above(lines, first, top, left)
    above = begin
    while above > top and all(not c.number and c.box.x1 <= left for c in lines[above - 1]):
        above -= 1
    return above if top < above < begin and _is_clear(lines[above][0], lines[top:above], left) else begin


def _label_above(lines: Sequence[Line], first: int, top: int, left: float) -> int:
    """Index of the first line of the label of the first numbers."""
    if top < first < len(lines) - 1 and _is_between(lines[first - 1], lines[first], lines[first + 1], left):
        return first - 1
    for i in range(first - 1, top - 1, -1):
        line, below = lines[i], lines[i + 1]
        size = line[0].box.y1 - line[0].box.y0
        if any(c.number or c.box.x1 > left for c in line) or below[0].box.y0 - line[0].box.y1 > _LINES * size:
            break
        if is_enumerated(line[0].text):
            return i
    return first


def _is_clear(label: Chunk, heading: Sequence[Line], left: float) -> bool:
    """Whether a label stands below that of the heading, which may be of more lines than the headings beside it."""
    above = [c.box.y1 for line in heading for c in line if c.box.x1 <= left]
    return label.box.y0 - max(above, default=0.0) > _LINES * (label.box.y1 - label.box.y0)


def _is_between(above: Line, row: Line, below: Line, left: float) -> bool:
    """Whether numbers stand half way between two lines that hold one text each, left of the numbers: one label's."""
    if any(len(line) > 1 or line[0].number or line[0].box.x1 > left for line in (above, below)):
        return False
    y = next(c.y for c in row if c.number)
    size = above[0].box.y1 - above[0].box.y0
    step = (below[0].y - above[0].y) / 2
    return step < _HALF_STEP * size and abs(above[0].y + step - y) < _LEVEL * size


def _ending(lines: Sequence[Line], last: int, left: float) -> int:
    """Index of the last line that belongs to the last row's label: it goes on closely below, left of the numbers."""
    end = last
    while end + 1 < len(lines) and len(lines[end + 1]) <= 2:
        chunk, above = lines[end + 1][-1], lines[end][0]
        size = chunk.box.y1 - chunk.box.y0
        if chunk.box.x1 > left or chunk.number or chunk.box.y0 - above.box.y1 > _LINES * size:
            break
        if (chunk.y - lines[last][-1].y) > 2.6 * size:
            break
        end += 1
    return end


def _without_numbers(lines: Sequence[Line], body: int, end: int, left: float, aspect: float) -> int:
    """Index of the last line of the rows below the last one with numbers, which have labels and nothing else.

    They begin where other labels of the table do, are as high, and follow each other as closely. A chapter's heading,
    which may be as short, is not all of this. Headings of columns may be between, or be the last lines of the page.
    """
    labels = [c for line in lines[body : end + 1] for c in line if not c.number and c.box.x1 <= left]
    if not labels:
        return end
    size = median(c.box.y1 - c.box.y0 for c in labels)
    gaps = [below[0].box.y0 - above[0].box.y1 for above, below in pairwise(lines[body : end + 1])]
    gap = max(gaps, default=_LEAST * size)
    last = end
    for at in range(end + 1, len(lines)):
        line, above = lines[at], lines[at - 1]
        high = max(c.box.y1 - c.box.y0 for c in line) > _SAME * size
        if high or any(c.number for c in line) or line[0].box.y0 - above[0].box.y1 > max(_MORE * gap, size / 2):
            break
        if _begins(line, labels) and all(c.box.x1 <= left for c in line):
            last = at
        elif not _are_headings(line, aspect) and (len(line) > 1 or _parts(line, left)):
            break
        elif at == len(lines) - 1 and _are_headings(line, aspect):
            last = at
    return last
