"""The lines of text inside one cell, cut out by their ink."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from service.scan.print.ink import Blot, Ink, Sized

_GAP = 1.3
"""Widest gap between characters of one piece, in heights of a digit."""
_EDGE = 6
"""Pixels from a cell's edge within which a flat blot is what a rule left behind."""
_TOUCH = 3
"""Pixels from a cell's edge within which a blot that runs along the whole of it is part of the rule."""
_SEAM = 4
"""Pixels from a seam within which the middle of a blot lies on it."""
_LEVEL, _BESIDE = 0.2, 0.8
"""Heights of a digit by which the ends of two digits of a number differ at most, and which are clear between them."""
_CLEAR = 0.4
"""Heights of a digit that the middle of a dash keeps from the cell's upper and lower edge."""


@dataclass(frozen=True, slots=True)
class Frame(Sized):
    """The inside of a cell."""

    x0: int
    y0: int
    x1: int
    y1: int


@dataclass(frozen=True, slots=True)
class Seams:
    """Where lines of the table would run through a cell, for they run beside it: pixel columns and rows."""

    x: tuple[int, ...] = ()
    y: tuple[int, ...] = ()


NO_SEAMS = Seams()


@dataclass(frozen=True)
class InkLine:
    """One line of ink in a cell: its blots, from left to right."""

    blots: tuple[Blot, ...]
    alone: bool = True
    """Whether nothing else is printed in its cell."""
    struck: bool = False
    """Whether it is a dash, told by its place: see `service.scan.print.hyphens`."""

    @cached_property
    def box(self) -> Frame:
        """The smallest frame around its blots; of a page it is asked for some thousand times."""
        return around(self.blots)


@dataclass(frozen=True, slots=True)
class CellInk:
    """What stands in one cell."""

    lines: tuple[InkLine, ...]
    """From top to bottom."""
    specks: tuple[Blot, ...]
    """Blots too small to be print, and away from any line."""
    strays: tuple[Blot, ...]
    """Blots that cross the cell's edge or the whole cell: seal strokes, streaks, remains of rules."""


def page_lines(blots: Iterable[Blot], digit: float) -> tuple[InkLine, ...]:
    """Lines of print that stand free on the page: what lies on one level and not far apart.

    Strokes closely above each other are those of a character, and no dashes.
    """
    marks = [blot for blot in blots if _is_mark(blot, digit) and blot.height < 3 * digit]
    marks = sorted((blot for blot in marks if not _is_stacked(blot, marks, digit)), key=_middle)
    levels: list[list[Blot]] = []
    for blot in marks:
        if levels and _middle(blot) - _middle(levels[-1][-1]) < 0.3 * digit:
            levels[-1].append(blot)
        else:
            levels.append([blot])
    return tuple(InkLine(tuple(piece)) for level in levels for piece in _apart(level, digit))


def _is_stacked(blot: Blot, marks: Sequence[Blot], digit: float) -> bool:
    """Whether a flat stroke has another mark closely above or below it."""
    return blot.height < 0.4 * digit and any(
        other is not blot
        and min(blot.x1, other.x1) - max(blot.x0, other.x0) > 0.5 * min(blot.width, other.width)
        and max(blot.y0 - other.y1, other.y0 - blot.y1) < 0.6 * digit
        for other in marks
    )


def _middle(blot: Blot) -> float:
    return (blot.y0 + blot.y1) / 2


def digit_height(frames: Sequence[Frame], ink: Ink) -> float:
    """The height of a digit in pixels, as the median of what stands in the cells; 20 where that tells nothing."""
    inside = (blot for blots in blots_by_frame(frames, ink) for blot in blots)
    heights = [blot.height for blot in inside if 10 <= blot.height <= 60 and blot.width >= 0.3 * blot.height]
    return float(np.clip(np.median(heights), 12, 45)) if len(heights) >= 5 else 20.0


def blots_by_frame(frames: Sequence[Frame], ink: Ink) -> list[list[Blot]]:
    """For every frame the blots whose middle lies in it. Frames must not overlap."""
    owner = np.full(ink.labels.shape, -1, np.int32)
    for i, frame in enumerate(frames):
        owner[frame.y0 : frame.y1, frame.x0 : frame.x1] = i
    result: list[list[Blot]] = [[] for _ in frames]
    for blot in ink.blots:
        i = owner[(blot.y0 + blot.y1 - 1) // 2, (blot.x0 + blot.x1 - 1) // 2]
        if i >= 0:
            result[i].append(blot)
    return result


def cut_lines(frame: Frame, blots: Iterable[Blot], digit: float, seams: Seams = NO_SEAMS) -> CellInk:
    """Sorts the blots of a cell into lines, specks and strays.

    Args:
        frame: the inside of the cell.
        blots: the blots whose middle lies in it.
        digit: height of a digit in pixels.
        seams: where a long stroke is the rest of a rule that was not found.

    """
    strays: list[Blot] = []
    marks: list[Blot] = []
    small: list[Blot] = []
    blots = tuple(blots)
    on_seams = _on_seams(blots, seams, digit) if seams.x or seams.y else frozenset()
    for blot in blots:
        if blot.label in on_seams or _is_stray(blot, frame, digit):
            strays.append(blot)
        else:
            (marks if _is_mark(blot, digit) else small).append(blot)
    rows = [piece for row in _rows(marks, digit) for piece in _apart(row, digit)]
    rows, blobs = _without_blobs(rows, digit)
    stubs = [row[0] for row in rows if len(row) == 1 and _is_stub(row[0], frame, digit)]
    rows = [row for row in rows if row[0] not in stubs]
    strays.extend(stubs)
    lines, specks = _with_small(rows, [*small, *blobs], digit)
    return CellInk(tuple(lines), tuple(specks), tuple(strays))


def _is_mark(blot: Blot, digit: float) -> bool:
    """Whether a blot is large enough to be a character, or a stroke that stands for one."""
    tall = blot.height >= 0.45 * digit and blot.area >= 0.05 * digit * digit
    flat = blot.width >= 0.3 * digit and blot.width >= 1.5 * blot.height and blot.area >= 0.02 * digit * digit
    return tall or flat or blot.width >= 0.6 * digit


def _is_stray(blot: Blot, frame: Frame, digit: float) -> bool:
    """Whether a blot is no print of this cell: remains of its rules, or strokes that run out of it or across it."""
    over = max(frame.x0 - blot.x0, blot.x1 - frame.x1, frame.y0 - blot.y0, blot.y1 - frame.y1)
    if over > 0.5 * digit:
        return True
    left, right = blot.x0 - frame.x0, frame.x1 - blot.x1
    above, below = blot.y0 - frame.y0, frame.y1 - blot.y1
    long = 1.5 * digit
    if min(left, right) <= _TOUCH and blot.width < 0.6 * digit and blot.height >= max(1.3 * digit, 0.8 * frame.height):
        return True
    if min(above, below) <= _TOUCH and blot.height < 0.4 * digit and blot.width >= max(1.3 * digit, 0.8 * frame.width):
        return True
    if blot.width <= _EDGE and (min(left, right) <= (_EDGE if blot.height > long else 2)):
        return True
    if blot.height <= _EDGE and (min(above, below) <= (_EDGE if blot.width > long else 2)):
        return True
    tallest = 1.25 if min(above, below) <= _TOUCH else 1.7  # what comes in from above or below is the end of a streak
    if blot.width <= _EDGE and blot.height > tallest * digit:
        return True
    crosses_down = above <= 2 and below <= 2 and blot.width < 0.8 * digit and blot.height > 1.5 * digit
    crosses_over = left <= 2 and right <= 2 and blot.height < 0.8 * digit and blot.width > 1.5 * digit
    return crosses_down or crosses_over


def _on_seams(blots: Sequence[Blot], seams: Seams, digit: float) -> frozenset[int]:
    """The labels of blots that are what is left of one of the table's lines inside a cell.

    That are thin strokes along a seam, and crossings of two. Where print stands across the seam no line ran there, and
    only a stroke longer than those of characters counts. An upright stroke as tall as a digit may be a one: alone, or
    level with a digit close beside it, as the ones of 171 are.
    """
    found: set[int] = set()
    others = [blot for blot in blots if not _near(blot, seams)]
    for blot in (blot for blot in blots if _near(blot, seams)):
        x, y = (blot.x0 + blot.x1) / 2, (blot.y0 + blot.y1) / 2
        down = [seam for seam in seams.x if abs(x - seam) <= _SEAM]
        over = [seam for seam in seams.y if abs(y - seam) <= _SEAM]
        if down and over and max(blot.width, blot.height) < 1.5 * digit:
            found.add(blot.label)
        elif over and blot.height < 0.3 * digit:
            crossed = any(other.y0 < y < other.y1 and other.height > 0.4 * digit for other in others)
            if blot.width > 1.6 * digit or not crossed:
                found.add(blot.label)
        elif down and blot.width < 0.3 * digit:
            crossed = any(other.x0 < x < other.x1 and other.width > 0.3 * digit for other in others)
            marks = [other for other in blots if other is not blot and _is_mark(other, digit)]
            tall = 0.7 * digit < blot.height < 1.2 * digit
            one = tall and (not marks or any(_is_beside(blot, other, digit) for other in marks))
            if blot.height > 1.4 * digit or not (crossed or one):
                found.add(blot.label)
    return frozenset(found)


def _is_beside(blot: Blot, other: Blot, digit: float) -> bool:
    """Whether two blots are as tall as each other, on one line, and as close as the digits of a number."""
    level = max(abs(blot.y0 - other.y0), abs(blot.y1 - other.y1)) <= _LEVEL * digit
    return level and max(blot.x0 - other.x1, other.x0 - blot.x1) <= _BESIDE * digit


def _near(blot: Blot, seams: Seams) -> bool:
    """Whether the middle of a blot lies on a seam."""
    x, y = (blot.x0 + blot.x1) / 2, (blot.y0 + blot.y1) / 2
    return any(abs(x - seam) <= _SEAM for seam in seams.x) or any(abs(y - seam) <= _SEAM for seam in seams.y)


def _is_stub(blot: Blot, frame: Frame, digit: float) -> bool:
    """Whether a lone flat stroke is no dash: it lies where no text stands, or begins at the side of the cell."""
    if blot.height > 0.32 * digit or blot.width < 1.5 * blot.height:
        return False
    middle = (blot.y0 + blot.y1) / 2
    if min(middle - frame.y0, frame.y1 - middle) < _CLEAR * digit:
        return True
    return min(blot.x0 - frame.x0, frame.x1 - blot.x1) <= 1


def _rows(marks: Sequence[Blot], digit: float) -> list[list[Blot]]:
    """Groups marks whose heights overlap, and unites the strokes of flat characters."""
    rows: list[list[Blot]] = []
    for mark in sorted(marks, key=lambda blot: blot.y0):
        if rows and mark.y0 < max(blot.y1 for blot in rows[-1]) - 0.1 * digit:
            rows[-1].append(mark)
        else:
            rows.append([mark])
    return _united(rows, digit)


def _united(rows: list[list[Blot]], digit: float) -> list[list[Blot]]:
    """Puts rows together that are strokes of one character, as the three of a Chinese three."""
    result: list[list[Blot]] = []
    for row in rows:
        if result:
            before, after = around(result[-1]), around(row)
            together = around([*result[-1], *row])
            flat = min(before.height, after.height) < 0.55 * digit
            if flat and together.height <= 1.45 * digit and together.width <= 1.8 * max(digit, together.height):
                result[-1] = [*result[-1], *row]
                continue
        result.append(list(row))
    return result


def _apart(row: list[Blot], digit: float) -> list[list[Blot]]:
    """Parts a row where a gap is wider than a character: two columns whose rule is lost, a seal beside a number."""
    pieces: list[list[Blot]] = []
    end = 0
    for blot in sorted(row, key=lambda blot: blot.x0):
        if pieces and blot.x0 - end <= _GAP * digit:
            pieces[-1].append(blot)
        else:
            pieces.append([blot])
        end = max(end, blot.x1)
    return pieces


def _without_blobs(rows: list[list[Blot]], digit: float) -> tuple[list[list[Blot]], list[Blot]]:
    """Takes low pieces out that stand away from a number in the same cell: large specks, remains of rules."""
    frames = [around(row) for row in rows]
    if len(rows) > 3 or not any(frame.height >= 0.75 * digit for frame in frames):
        return rows, []
    blobs = [frame.height < 0.65 * digit and frame.width < 2.5 * digit for frame in frames]
    kept = [row for row, blob in zip(rows, blobs, strict=True) if not blob]
    return kept, [blot for row, blob in zip(rows, blobs, strict=True) if blob for blot in row]


def _with_small(rows: list[list[Blot]], small: list[Blot], digit: float) -> tuple[list[InkLine], list[Blot]]:
    """Gives each small blot to the line that it stands in or right beside: points, commas, broken strokes."""
    frames = [around(row) for row in rows]
    full = [list(row) for row in rows]
    specks = []
    for blot in small:
        for i, frame in enumerate(frames):
            # A number holds its points between its digits; whatever stands beside a short line is a speck.
            reach = (0.5 if frame.width > 4 * digit else 0.12) * digit
            minus = blot.width >= max(0.25 * digit, 1.5 * blot.height) and 0 <= frame.x0 - blot.x1 < 0.6 * digit
            beside = minus or (frame.x0 - reach <= blot.x0 and blot.x1 <= frame.x1 + reach)
            level = frame.y0 - 0.15 * digit <= blot.y0 and blot.y1 <= frame.y1 + 0.25 * digit
            if beside and level:
                full[i].append(blot)
                break
        else:
            specks.append(blot)
    alone = len(full) == 1
    return [InkLine(tuple(sorted(row, key=lambda blot: blot.x0)), alone) for row in full], specks


def around(blots: Sequence[Blot | Frame]) -> Frame:
    """The smallest frame around several blots or frames; at least one is needed."""
    return Frame(
        min(blot.x0 for blot in blots),
        min(blot.y0 for blot in blots),
        max(blot.x1 for blot in blots),
        max(blot.y1 for blot in blots),
    )
