"""From a drawn page to crops of its cells, cut as serving will cut them from the straightened and cleaned scan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from service.documents.model import Box
from service.scan.picture.clean import Gray, clean
from service.scan.picture.geometry import apply, from_row
from service.scan.picture.straighten import straighten
from service.scan.print.ink import find_ink
from service.scan.print.lines import Frame, digit_height
from service.scan.print.regions import cell_frames
from service.scan.ruling.rules import find_rules
from service.tables.lattice import find_lattices
from training.digits.printed import spell
from training.synthesize.effects import Scan
from training.synthesize.pages import DrawnPage, Glyph

MARGIN = 10
"""Pixels of the page that a crop keeps on each side of its frame, so that the frame may be moved in training."""
_INSET = 2
"""Pixels between a cell's edge and its inside, as serving has it."""
_CAP = 0.72
"""Height of a digit in sizes of its font."""
_FAINT = 215
"""Grey level from which on a dot is paper."""
_LEAST, _LARGEST = 6, 420
"""Pixels of a side within which a frame is a cell of a number."""


@dataclass(frozen=True, slots=True)
class Crop:
    """One cell of a page with its truth; frames in pixels of `picture`."""

    picture: Gray
    """The frame with up to `MARGIN` pixels around it."""
    frame: Frame
    """The inside of the cell, as serving cuts it."""
    ink: Frame
    """Where the text stands; without area where nothing is printed."""
    digit: float
    """Height of a digit in pixels, as serving estimates it on this page."""
    text: str
    """As the reader shall give it: see `training.digits.printed.spell`."""


@dataclass(frozen=True, slots=True)
class TrueCell:
    """A drawn cell with its print and its text, in the units of a homography's target."""

    box: Box
    ink: Box | None
    text: str | None
    points: tuple[Box, ...] = ()
    """Where its decimal points and commas stand, about."""


def page_crops(page: DrawnPage, scan: Scan, *, found: bool) -> list[Crop]:
    """Cuts the cells of a page out of its scan.

    Args:
        page: as it was drawn.
        scan: what the scanner made of it.
        found: cut where the rules are found, as serving does, else at the true cells, which is cheaper and also gives
            the cells of tables without rules.
    """
    straight = straighten(scan.picture())
    gray = clean(straight.picture)
    height, width = gray.shape
    onto = np.diag([width, height, 1.0]) @ np.linalg.inv(straight.to_source) @ from_row(scan.transform)
    cells = true_cells(page, onto)
    if found:
        frames, digit = _found_frames(gray)
        pairs: Iterable[tuple[Frame, TrueCell]] = _matched(frames, cells)
    else:
        digit = _digit(page, gray.shape[0])
        pairs = ((inside(cell.box, gray), cell) for cell in cells)
    return [crop for frame, cell in pairs if (crop := _cut(gray, frame, cell, digit))]


def true_cells(page: DrawnPage, onto: NDArray[np.float64]) -> list[TrueCell]:
    """Every drawn cell where it stands after a homography (3 x 3) from fractions of the page that was drawn."""
    onto = onto @ np.diag([1 / page.width, 1 / page.height, 1.0])
    return [
        TrueCell(
            moved(cell.box, onto),
            moved(_around(glyphs), onto) if glyphs else None,
            spell("".join(glyph.text for glyph in glyphs)),
            tuple(moved(_foot(glyph), onto) for glyph in glyphs if glyph.text in ".,"),
        )
        for cell, glyphs in zip(page.cells, glyphs_by_cell(page), strict=True)
    ]


def glyphs_by_cell(page: DrawnPage) -> list[list[Glyph]]:
    """What really stands in each cell, in the order in which it was set."""
    tiles: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for number, cell in enumerate(page.cells):
        for x in range(int(cell.box.x0) // 32, int(cell.box.x1) // 32 + 1):
            for y in range(int(cell.box.y0) // 32, int(cell.box.y1) // 32 + 1):
                tiles[x, y].append(number)
    result: list[list[Glyph]] = [[] for _ in page.cells]
    for glyph in page.glyphs:
        middle_x, middle_y = (glyph.box.x0 + glyph.box.x1) / 2, (glyph.box.y0 + glyph.box.y1) / 2
        for number in tiles[int(middle_x) // 32, int(middle_y) // 32]:
            box = page.cells[number].box
            if box.x0 <= middle_x <= box.x1 and box.y0 <= middle_y <= box.y1:
                result[number].append(glyph)
                break
    return result


def _around(glyphs: Sequence[Glyph]) -> Box:
    """The box of digits set like these: lower than the em box, for nothing hangs below the line."""
    boxes = [glyph.box for glyph in glyphs]
    rise = [glyph.y - 0.78 * glyph.size for glyph in glyphs]
    return Box(min(b.x0 for b in boxes), min(rise), max(b.x1 for b in boxes), max(glyph.y for glyph in glyphs) + 0.5)


def _foot(glyph: Glyph) -> Box:
    """The place of a point, not as wide as its own, lest its neighbours' ink count."""
    inset = 0.15 * (glyph.box.x1 - glyph.box.x0)
    return Box(glyph.box.x0 + inset, glyph.y - 0.2 * glyph.size, glyph.box.x1 - inset, glyph.y + 0.1 * glyph.size)


def moved(box: Box, onto: NDArray[np.float64]) -> Box:
    """An upright box through a homography that leaves it nearly upright, or turned by quarters."""
    x0, y0, x1, y1 = box
    corners = apply(onto, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]))
    (a, b, c, d), (e, f, g, h) = np.sort(corners, axis=0).T.tolist()
    return Box((a + b) / 2, (e + f) / 2, (c + d) / 2, (g + h) / 2)


def inside(box: Box, gray: Gray) -> Frame:
    """The inside of a cell of this page, as serving cuts it."""
    return Frame(
        max(0, round(box.x0) + _INSET),
        max(0, round(box.y0) + _INSET),
        min(gray.shape[1], round(box.x1) - _INSET + 1),
        min(gray.shape[0], round(box.y1) - _INSET + 1),
    )


def _found_frames(gray: Gray) -> tuple[list[Frame], float]:
    """The insides of the cells that serving finds, and the height of a digit that it measures in them."""
    rules = find_rules(gray)
    height, width = gray.shape
    frames = [place.frame for place in cell_frames(find_lattices(rules, height / width), (height, width))]
    return frames, digit_height(frames, find_ink(gray, rules)) if frames else 20.0


def _digit(page: DrawnPage, height: int) -> float:
    sizes = [glyph.size for glyph in page.glyphs if glyph.text.isascii()] or [10.0]
    return float(np.clip(np.median(sizes) * _CAP * height / page.height, 12, 45))


def _matched(frames: Iterable[Frame], cells: Sequence[TrueCell]) -> Iterator[tuple[Frame, TrueCell]]:
    """Each frame that is one true cell, and holds all its ink and no other's."""
    middles = np.array([[(c.box.x0 + c.box.x1) / 2, (c.box.y0 + c.box.y1) / 2] for c in cells]).reshape(-1, 2)
    for frame in frames:
        inside = (middles >= [frame.x0, frame.y0]).all(axis=1) & (middles <= [frame.x1, frame.y1]).all(axis=1)
        owners = np.flatnonzero(inside)
        if len(owners) == 1:
            cell = cells[owners[0]]
            area = (cell.box.x1 - cell.box.x0) * (cell.box.y1 - cell.box.y0)
            if 0.6 < frame.width * frame.height / area < 1.25 and (cell.ink is None or _holds(frame, cell.ink, 2)):
                yield frame, cell


def _holds(frame: Frame, ink: Box, slack: float) -> bool:
    return (
        frame.x0 - slack <= ink.x0
        and frame.y0 - slack <= ink.y0
        and ink.x1 <= frame.x1 + slack
        and ink.y1 <= frame.y1 + slack
    )


def _cut(gray: Gray, frame: Frame, cell: TrueCell, digit: float) -> Crop | None:
    """The crop of a frame; None where it is no cell of a size that numbers stand in, or the truth is none.

    Nor where the scan has lost a point: to read one there would be to learn that every gap is one.
    """
    if not all(_is_inked(gray, point) for point in cell.points):
        return None
    if cell.text is None or not is_cell(frame):
        return None
    picture, inner = cut_out(gray, frame)
    left, top = frame.x0 - inner.x0, frame.y0 - inner.y0
    ink = Frame(0, 0, 0, 0)
    if cell.ink:
        x0, y0, x1, y1 = map(round, cell.ink)
        ink = Frame(x0 - left, y0 - top, x1 - left, y1 - top)
    return Crop(picture, inner, ink, digit, cell.text)


def is_cell(frame: Frame) -> bool:
    """Whether a frame has the size of a cell of a number."""
    return _LEAST <= frame.width <= _LARGEST and _LEAST <= frame.height <= _LARGEST


def cut_out(gray: Gray, frame: Frame) -> tuple[Gray, Frame]:
    """A frame's picture with up to `MARGIN` pixels around it, and the frame in pixels of that picture."""
    x0, y0 = max(0, frame.x0 - MARGIN), max(0, frame.y0 - MARGIN)
    picture = gray[y0 : frame.y1 + MARGIN, x0 : frame.x1 + MARGIN].copy()
    return picture, Frame(frame.x0 - x0, frame.y0 - y0, frame.x1 - x0, frame.y1 - y0)


def _is_inked(gray: Gray, place: Box) -> bool:
    """Whether there is ink, be it faint."""
    x0, y0, x1, y1 = (max(0, round(edge)) for edge in place)
    shown = gray[y0 : y1 + 1, x0 : x1 + 1]
    return bool(shown.size) and int(shown.min()) < _FAINT
