"""Drawn pages: what stands where, in points (1/72 inch) from the top left corner of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from data import RADICALS
from service.documents.model import Box
from training.synthesize import fonts

Colour = tuple[int, int, int]

# Characters that do not begin a line of Chinese text, and those that do not end one.
_NOT_FIRST = "，。、；：？！）》”’〉」』】〕％…"
_NOT_LAST = "（《“‘〈「『【〔"


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character on its baseline."""

    text: str
    x: float
    """Left end of the advance."""
    y: float
    """The baseline."""
    size: float
    face: str
    tilt: float = 0
    """Turned by so many degrees, anticlockwise about its left end on the baseline."""
    pen: float = 0
    """Strokes made thicker by so many points."""

    @property
    def box(self) -> Box:
        """The em box, in points."""
        width = fonts.advance(self.face, self.text) * self.size
        return Box(self.x, self.y - 0.88 * self.size, self.x + width, self.y + 0.12 * self.size)


@dataclass(frozen=True, slots=True)
class Stroke:
    """A ruled line, axis-parallel."""

    x0: float
    y0: float
    x1: float
    y1: float
    width: float


@dataclass(frozen=True, slots=True)
class Fill:
    """A filled rectangle under the text."""

    box: Box
    colour: Colour


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """The true place of a table cell, or of one part of a cell that a page break cuts; box in points."""

    table: str
    row: int
    column: int
    row_span: int
    column_span: int
    box: Box
    text: str
    """The whole cell's text, also where only a part of it stands here."""
    role: str
    field: str | None
    part: int = 0
    """0, or 1 and on for the later parts of a cut cell."""
    holds_text: bool = True
    """Whether the text, or some of it, stands in this part."""


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """One laid out page."""

    width: float
    height: float
    glyphs: tuple[Glyph, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    fills: tuple[Fill, ...] = ()
    cells: tuple[DrawnCell, ...] = ()
    headings: tuple[tuple[str, Box], ...] = ()
    """Chapter headings and title on this page, with their boxes in points."""


def with_radicals(page: DrawnPage) -> DrawnPage:
    """Write characters as the radicals that look like them, where a face has these: the page looks the same."""
    table = radicals()
    return replace(page, glyphs=tuple(_as_radical(one, table.get(ord(one.text))) for one in page.glyphs))


def _as_radical(glyph: Glyph, radical: str | None) -> Glyph:
    if radical is None or not fonts.has(face := fonts.covering(glyph.face, radical), radical):
        return glyph
    return replace(glyph, text=radical, face=face)


@cache
def radicals() -> Mapping[int, str]:
    """Ideograph to the radical that looks like it; Kangxi radicals before the others."""
    lines = (line.split("\t") for line in RADICALS.read_text(encoding="utf-8").splitlines())
    pairs = sorted(((radical, same) for radical, same in lines), key=lambda pair: pair[0] < "⼀")
    return {ord(same): radical for radical, same in reversed(pairs)}


def text_width(text: str, face: str, size: float, latin: str | None = None) -> float:
    """Width of a text in points; `latin` is the face of its ASCII characters, if it is another."""
    return sum(fonts.advance(face_of(one, face, latin), one) for one in text) * size


def face_of(character: str, face: str, latin: str | None) -> str:
    """Return the face that a character is drawn in."""
    chosen = latin if latin and character.isascii() and not character.isspace() else face
    return fonts.covering(chosen, character)


def wrap(
    text: str,
    width: float,
    face: str,
    size: float,
    latin: str | None = None,
    *,
    indent: float = 0,
    hang: bool = False,
) -> list[str]:
    """Break a text into lines of at most `width` points; words and numbers stay whole where a line can hold them.

    `indent` shortens the first line. Punctuation does not begin a line: it hangs over the end of the one before it
    if it may (`hang`), else takes that line's last character with it.
    """

    def measure(piece: str) -> float:
        return text_width(piece, face, size, latin)

    lines: list[str] = []
    line, room = "", width - indent
    for piece in _pieces(text):
        if (
            line
            and measure(line + piece) > room + 0.01
            and not (hang and piece in _NOT_FIRST and measure(line) <= room)
        ):
            kept = _break_before(line, piece)
            lines.append(line[:kept])
            line, room = line[kept:], width
        for character in (piece,) if measure(line + piece) <= room or len(piece) == 1 else piece:
            if line and measure(line + character) > room + 0.01 and len(character) < len(piece):
                lines.append(line)
                line, room = "", width
            line += character
    return [*lines, line] if line or not lines else lines


def _break_before(line: str, piece: str) -> int:
    """Where to break a full line before `piece`: at its end, or before its last character where that must go along."""
    if len(line) > 1 and (line[-1] in _NOT_LAST or (piece in _NOT_FIRST and line[-1] not in _NOT_FIRST)):
        return -1
    return len(line)


def _pieces(text: str) -> list[str]:
    """Characters, with runs of ASCII letters and digits kept together."""
    pieces: list[str] = []
    for character in text:
        if pieces and _runs(character) and _runs(pieces[-1][-1]):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


def _runs(character: str) -> bool:
    return character.isascii() and not character.isspace()


def set_line(
    text: str, x: float, y: float, face: str, size: float, latin: str | None = None, spacing: float = 0
) -> list[Glyph]:
    """Place a line's characters from `x` on the baseline `y`, `spacing` points apart."""
    glyphs = []
    for character in text:
        chosen = face_of(character, face, latin)
        if not character.isspace():
            glyphs.append(Glyph(character, x, y, size, chosen))
        x += fonts.advance(chosen, character) * size + spacing
    return glyphs


def bounding_box(glyphs: Sequence[Glyph]) -> Box:
    """The box around glyphs, in points; raises ValueError for none."""
    boxes = [glyph.box for glyph in glyphs]
    return Box(min(b.x0 for b in boxes), min(b.y0 for b in boxes), max(b.x1 for b in boxes), max(b.y1 for b in boxes))
