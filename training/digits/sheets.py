"""Drawn pages full of cells: a table from edge to edge, whose numbers vary more than those of any report."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

from service.documents.model import Box
from service.forms.catalogue import load_forms
from training.digits.printed import Habit, amounts_habit, choose_habit, print_cell
from training.synthesize import fonts
from training.synthesize.pages import DrawnCell, DrawnPage, Glyph, set_line, text_width, wrap
from training.synthesize.ruling import rule_cells
from training.synthesize.split import Split
from training.synthesize.style import A4, TableStyle, choose_style


@dataclass(frozen=True, slots=True)
class _Look:
    """How a page's cells are set; lengths in points."""

    table: TableStyle
    habit: Habit
    faces: tuple[str, ...]
    """Face of the numbers, and those that single cells are set in as if filled in by hand."""
    strange: float
    """Share of cells that are set in another face, size or place."""


def draw_sheet(seed: int, split: Split, *, amounts: bool = False) -> DrawnPage:
    """A page with one table of some 300 cells, set in the split's faces; most hold amounts, if so wanted.

    The same seed, the same page.
    """
    rng = random.Random(f"digit sheet {seed}")
    look = _choose_look(seed, split, rng)
    if amounts:
        look = replace(look, habit=amounts_habit(rng))
    page = (A4[1], A4[0]) if rng.random() < 0.15 else A4
    left, top = rng.uniform(25, 60), rng.uniform(25, 60)
    xs = _edges(left, page[0] - rng.uniform(25, 60), _widths(look, rng), rng)
    ys = _edges(top, page[1] - rng.uniform(25, 60), _heights(look, rng), rng)
    labels = rng.choice([0, 1, 1, 2])
    cells: list[DrawnCell] = []
    glyphs: list[Glyph] = []
    for row, (y0, y1) in enumerate(pairwise(ys)):
        for column, (x0, x1) in enumerate(pairwise(xs)):
            label = column < labels or (row == 0 and labels > 0)
            box = Box(x0, y0, x1, y1)
            text = _label(rng) if label else print_cell(look.habit, rng)
            role = "label" if label else "value"
            cells.append(DrawnCell("sheet", row, column, 1, 1, box, text, role, None if label else "sheet"))
            glyphs.extend(_set_label(text, box, look) if label else _set_number(text, box, look, rng))
    strokes = rule_cells(cells, look.table, False, False, rng)
    return DrawnPage(*page, tuple(glyphs), strokes, (), tuple(cells))


def _choose_look(seed: int, split: Split, rng: random.Random) -> _Look:
    table = choose_style(seed, hard=0.35, split=split).table
    faces = fonts.names("song", "hei", "kai", "bold", "digits", "strong", "pen", split=split)
    table = replace(table, number_size=rng.choice([7, 8, 9, 9, 10, 10.5, 10.5, 12, 14, 16]))
    chosen = tuple(rng.sample(faces, min(3, len(faces))))
    return _Look(table, choose_habit(rng), chosen, rng.choice([0, 0, 0.02, 0.1, 0.5]))


def _widths(look: _Look, rng: random.Random) -> float:
    """Usual width of a column: room for its longest number, or more."""
    digits = look.habit.longest * 0.55 * look.table.number_size + 2 * look.table.padding[0]
    return max(digits * rng.uniform(1.05, 1.6), rng.choice([22, 28, 34, 45, 60]))


def _heights(look: _Look, rng: random.Random) -> float:
    return look.table.number_size * rng.choice([1.25, 1.4, 1.6, 1.9, 2.4, 3.2])


def _edges(start: float, end: float, usual: float, rng: random.Random) -> list[float]:
    """Boundaries from `start` on, about `usual` apart, none beyond `end`."""
    spread = rng.choice([0.0, 0.15, 0.3])
    edges = [start]
    while edges[-1] + usual <= end:
        edges.append(edges[-1] + usual * rng.uniform(1, 1 + 2 * spread))
    return [edge for edge in edges if edge <= end]


@lru_cache(maxsize=1)
def _labels() -> tuple[str, ...]:
    """Every label of the forms: the reader learns from them only that they are no numbers."""
    blocks = [block for form in load_forms() for table in form.tables for block in table.blocks]
    return tuple(sorted({line.label for block in blocks for line in (*block.rows, *block.columns) if line.label}))


def _label(rng: random.Random) -> str:
    """A label of the forms, or a part of one as narrow columns show it."""
    label = rng.choice(_labels())
    return label if rng.random() < 0.6 else label[rng.randrange(len(label)) :][: rng.randint(1, 6)]


def _set_label(text: str, box: Box, look: _Look) -> Iterator[Glyph]:
    size = min(look.table.size, 0.8 * (box.x1 - box.x0), 0.8 * (box.y1 - box.y0))
    lines = wrap(text, box.x1 - box.x0 - 2, look.table.face, size)
    lines = lines[: max(1, int((box.y1 - box.y0) / (1.15 * size)))]
    y = (box.y0 + box.y1) / 2 - (len(lines) - 1) * 1.15 * size / 2 + 0.38 * size
    for number, line in enumerate(lines):
        x = (box.x0 + box.x1 - text_width(line, look.table.face, size)) / 2
        yield from set_line(line, max(x, box.x0 + 0.5), y + number * 1.15 * size, look.table.face, size)


def _set_number(text: str, box: Box, look: _Look, rng: random.Random) -> Iterator[Glyph]:
    """Set a cell's text in one line, or in two where it is long and the cell high."""
    face, size, table = look.faces[0], look.table.number_size, look.table
    strange = rng.random() < look.strange
    if strange:
        face, size = rng.choice(look.faces), size * rng.uniform(0.85, 1.2)
    room = box.x1 - box.x0 - 2 * min(table.padding[0], 3)
    lines = _in_lines(text, room, (box.y1 - box.y0) / size, (face, size), rng)
    size *= min(1.0, room / max((text_width(line, face, size) for line in lines), default=1))
    pitch = 1.15 * size
    free_y = max(box.y1 - box.y0 - pitch * len(lines), 0)
    level = {"top": 0.1, "middle": 0.5, "bottom": 0.9}[table.vertical_align]
    y = box.y0 + free_y * (rng.uniform(0, 1) if strange else level)
    spacing = rng.choice([0, 0, 0, 0.5, 1.5]) if strange else 0
    for number, line in enumerate(lines):
        slack = max(room - text_width(line, face, size) - spacing * len(line), 0)
        side = rng.uniform(0, 1) if strange else {"left": 0.0, "centre": 0.5, "right": 1.0}[table.number_align]
        x = (box.x0 + box.x1 - room) / 2 + slack * side
        baseline = y + number * pitch + pitch / 2 + 0.38 * size
        glyphs = set_line(line, x, baseline, face, size, spacing=spacing)
        yield from (_by_hand(glyph, rng) for glyph in glyphs) if strange else glyphs


def _by_hand(glyph: Glyph, rng: random.Random) -> Glyph:
    """A character as if filled in by hand: turned a little, off the line, its strokes thicker."""
    move = 0.05 * glyph.size
    return replace(
        glyph,
        y=glyph.y + rng.uniform(-move, move),
        tilt=rng.choice([0.0, rng.uniform(-6, 6)]),
        pen=rng.choice([0.0, 0.0, rng.uniform(0.02, 0.06) * glyph.size]),
    )


def _in_lines(text: str, room: float, levels: float, font: tuple[str, float], rng: random.Random) -> list[str]:
    if len(text) > 2 and levels > 2.35 and (text_width(text, *font) > room or rng.random() < 0.15):
        cut = rng.randint(1, len(text) - 1) if rng.random() < 0.5 else (len(text) + 1) // 2
        return [text[:cut], text[cut:]]
    return [text] if text else []
