"""Changes of an example that leave its truth true: each time the network sees a document it is another one.

Labels are garbled or gone, headings and rows are missing, numbers are others, lines stand in between.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from models.cells import NONE, CellInput, shape_of
from training.cells.examples import OTHER, Example, LabelledCell, Truth
from training.synthesize.alter import garble

Cells = list[LabelledCell]
Change = Callable[[Cells, random.Random], Cells]

_PAGE_TEXTS = ("第0页", "0", "附件下载", "打印本页", "第3页共9页", "公开年度报告")


def augment(example: Example, rng: random.Random) -> Example:
    """The example after a random choice of changes; never without any cell."""
    cells: Cells = list(example.cells)
    for change, chance in _CHANGES:
        if rng.random() < chance:
            cells = change(cells, rng) or cells
    return replace(example, cells=tuple(cells))


def lines_of(cells: Sequence[LabelledCell]) -> list[Cells]:
    """The cells line by line."""
    return [list(group) for _, group in groupby(cells, key=lambda one: one.cell.line)]


def _joined(lines: Sequence[Cells]) -> Cells:
    """Lines numbered anew."""
    return [replace(one, cell=replace(one.cell, line=number)) for number, line in enumerate(lines) for one in line]


def cut_out(cells: Cells, rng: random.Random) -> Cells:
    """A stretch of lines: what a window, or a file with a part missing, shows."""
    lines = lines_of(cells)
    length = max(1, round(len(lines) * rng.uniform(0.4, 1)))
    start = rng.randrange(len(lines) - length + 1)
    return _joined(lines[start : start + length])


def drop_headings(cells: Cells, rng: random.Random) -> Cells:
    """No headings of columns, in the whole document or in a part of it."""
    lines = lines_of(cells)
    start = rng.choice([0, rng.randrange(len(lines))])
    kept = [
        line
        for number, line in enumerate(lines)
        if number < start or not any(one.truth.role == "heading" for one in line) or _has_values(line)
    ]
    return _joined(kept)


def drop_rows(cells: Cells, rng: random.Random) -> Cells:
    """A few lines of values gone with their labels."""
    lines = lines_of(cells)
    valued = [number for number, line in enumerate(lines) if _has_values(line)]
    gone = set(rng.sample(valued, min(len(valued), rng.randint(1, 3))))
    return _joined([line for number, line in enumerate(lines) if number not in gone])


def drop_labels(cells: Cells, rng: random.Random) -> Cells:
    """Labels lost: empty where cells keep their places, else gone."""
    share = rng.choice([0.05, 0.2, 0.5, 1.0])
    kept: Cells = []
    for one in cells:
        if one.truth.role == "label" and rng.random() < share:
            if one.placed:
                kept.append(replace(one, cell=replace(one.cell, text=""), truth=OTHER))
        else:
            kept.append(one)
    return kept


def garble_texts(cells: Cells, rng: random.Random) -> Cells:
    """Texts as bad OCR or careless typing leaves them."""
    share, hit = rng.choice([0.1, 0.2, 0.35, 0.6]), rng.choice([0.2, 0.6, 1.0])
    return [
        replace(one, cell=replace(one.cell, text=garble(one.cell.text, rng, share)))
        if shape_of(one.cell.text) is None and rng.random() < hit
        else one
        for one in cells
    ]


def redraw_values(cells: Cells, rng: random.Random) -> Cells:
    """Other numbers, and other ways to print none."""
    busy, nothing = rng.random() ** 2, rng.choice(["0", "0", "", "/"])
    return [
        replace(one, cell=replace(one.cell, text=_number(one, busy, nothing, rng))) if _is_single(one) else one
        for one in cells
    ]


def _number(one: LabelledCell, busy: float, nothing: str, rng: random.Random) -> str:
    if rng.random() > busy:
        return nothing if nothing or one.placed else "0"
    return str(int(10 ** rng.uniform(0, 4 * busy)))


def _is_single(one: LabelledCell) -> bool:
    """Whether it is one value of one field."""
    shape = shape_of(one.cell.text)
    return one.truth.role == "value" and bool(one.truth.column) and shape is not None and "numbers" not in shape


def lose_values(cells: Cells, rng: random.Random) -> Cells:
    """Values that leave no trace in lines whose cells keep no places."""
    share = rng.choice([0.01, 0.05, 0.2])
    return [one for one in cells if one.placed or not _is_single(one) or rng.random() >= share]


def add_lines(cells: Cells, rng: random.Random) -> Cells:
    """Page numbers, running heads and the like between the lines."""
    lines = lines_of(cells)
    for _ in range(rng.randint(1, 6)):
        text = rng.choice([*_PAGE_TEXTS, str(rng.randint(1, 20))])
        stray = LabelledCell(CellInput(text, 0, 0.0, 1.0), OTHER, False)
        lines.insert(rng.randrange(len(lines) + 1), [stray])
    return _joined(lines)


def shift_columns(cells: Cells, rng: random.Random) -> Cells:
    """Columns at other places: padding left or right, widths that differ."""
    low, high = rng.choice([0.0, rng.uniform(0, 0.3)]), rng.choice([1.0, rng.uniform(0.6, 1)])
    shake = rng.choice([0.0, 0.01, 0.03])

    def moved(x: float) -> float:
        return min(1.0, max(0.0, low + (high - low) * x + rng.gauss(0, shake)))

    return [replace(one, cell=replace(one.cell, x0=moved(one.cell.x0), x1=moved(one.cell.x1))) for one in cells]


def repeat_labels(cells: Cells, rng: random.Random) -> Cells:
    """A row's label again on a line of its own, as a page break leaves it."""
    lines = lines_of(cells)
    labelled = [number for number, line in enumerate(lines) if _has_values(line) and line[0].truth.role == "label"]
    for number in sorted(rng.sample(labelled, min(len(labelled), 2)), reverse=True):
        lines.insert(number, [one for one in lines[number] if one.truth.role == "label"])
    return _joined(lines)


def strange_label(cells: Cells, rng: random.Random) -> Cells:
    """A row that no form has, among the rows: what stands in it belongs to no field."""
    lines = lines_of(cells)
    valued = [number for number, line in enumerate(lines) if _has_values(line)]
    if not valued:
        return cells
    number = rng.choice(valued)
    words = "".join(rng.sample("其中附加补充说明登记办公室街道合并统计专项小组", rng.randint(3, 8)))
    strange = [
        replace(
            one,
            cell=replace(one.cell, text=words) if one.truth.role == "label" else one.cell,
            truth=Truth("value", NONE, one.truth.column) if one.truth.role == "value" else OTHER,
        )
        for one in lines[number]
    ]
    if any(one.truth.role == "label" for one in lines[number]):
        lines.insert(number + rng.randint(0, 1), strange)
    return _joined(lines)


def _has_values(line: Sequence[LabelledCell]) -> bool:
    return any(one.truth.role == "value" for one in line)


_CHANGES: tuple[tuple[Change, float], ...] = (
    (cut_out, 0.2),
    (drop_headings, 0.12),
    (drop_rows, 0.15),
    (repeat_labels, 0.08),
    (strange_label, 0.08),
    (drop_labels, 0.15),
    (garble_texts, 0.4),
    (redraw_values, 0.4),
    (lose_values, 0.1),
    (add_lines, 0.25),
    (shift_columns, 0.3),
)
