"""The page layout engine: a report becomes drawn pages, with the true box of every cell."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from service.documents.model import Box
from training.synthesize.alter import Alter
from training.synthesize.pages import (
    DrawnCell,
    DrawnPage,
    Fill,
    Glyph,
    Stroke,
    bounding_box,
    set_line,
    text_width,
    wrap,
)
from training.synthesize.prose import invent_note, invent_unit
from training.synthesize.report import DrawnReport
from training.synthesize.ruling import rule_cells
from training.synthesize.shapes import TableShape, shape_tables
from training.synthesize.style import Style, choose_style
from training.synthesize.tabular import Frame, break_rows, frame_table, place_segments


@dataclass(slots=True)
class _Sheet:
    """A page while it is being filled; never leaves this module."""

    glyphs: list[Glyph] = field(default_factory=list)
    strokes: list[Stroke] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    cells: list[DrawnCell] = field(default_factory=list)
    headings: list[tuple[str, Box]] = field(default_factory=list)


def lay_out(
    report: DrawnReport,
    seed: int,
    *,
    style: Style | None = None,
    aliases: float = 0.05,
    alter: Alter | None = None,
    breaks: Mapping[str, float] | None = None,
    prose: bool = True,
    notes: bool = False,
) -> tuple[DrawnPage, ...]:
    """Lay a report out on pages in a style chosen by the seed; `aliases` as in `shapes.shape_tables`.

    `alter` changes each table first; `breaks` names tables that a page break must cut, with the rows before it (3.5:
    through the fourth); without `prose` the chapters have headings and tables only; `notes` stand around the tables.
    """
    style = style or choose_style(seed)
    shapes = {shape.id: shape for shape in shape_tables(report, seed=seed, aliases=aliases)}
    if alter:
        shapes = {name: alter(shape) for name, shape in shapes.items()}
    if not prose:
        sections = {name: section._replace(paragraphs=()) for name, section in report.sections.items()}
        report = replace(report, preamble=(), sections=sections)
    return _Composer(style, notes).compose(report, shapes, breaks or {})


class _Composer:
    """Fills one page after the other from top to bottom."""

    def __init__(self, style: Style, notes: bool) -> None:
        self.style = style
        self.notes = random.Random(f"notes {style.seed}") if notes else None
        self.rng = random.Random(style.seed)
        self.left, self.top, right, bottom = style.margins
        self.width = style.page[0] - self.left - right
        self.bottom = style.page[1] - bottom
        self.sheets = [_Sheet()]
        self.y = self.top

    def compose(
        self, report: DrawnReport, shapes: Mapping[str, TableShape], breaks: Mapping[str, float]
    ) -> tuple[DrawnPage, ...]:
        """Set the title, the chapters and their tables, and number the pages."""
        self.set_title(report.title)
        for text in report.preamble:
            self.set_paragraph(text)
        for name, section in report.sections.items():
            if name in shapes and self.style.table_on_new_page:
                self.new_page()
            self.set_heading(section.title)
            for text in section.paragraphs:
                self.set_paragraph(text)
            if name in shapes:
                self.set_note(invent_unit)
                self.set_table(shapes[name], breaks.get(name))
                self.set_note(invent_note)
        self.number_pages()
        return tuple(self.finish(sheet) for sheet in self.sheets)

    def new_page(self) -> None:
        """Begin a page, unless this one is still empty."""
        if self.y > self.top:
            self.sheets.append(_Sheet())
            self.y = self.top

    def set_title(self, title: str) -> None:
        """Set the title in the middle, in one or two lines, or on a page of its own."""
        style = self.style
        if style.cover:
            self.y += 0.25 * style.page[1]
        lines = _balance(title, self.width, style.title_face, style.title_size)
        for line in lines:
            x = self.left + (self.width - text_width(line, style.title_face, style.title_size)) / 2
            self.put_line(line, x, style.title_face, style.title_size, 1.5, heading=True)
        if style.cover:
            self.new_page()
        else:
            self.y += style.title_size * self.rng.uniform(0.3, 2)

    def set_heading(self, text: str) -> None:
        """Set a chapter's heading; it does not stay alone at the foot of a page."""
        style = self.style
        if self.y + 3 * style.heading_size * style.leading > self.bottom:
            self.new_page()
        for line in wrap(text, self.width, style.heading_face, style.heading_size, indent=2 * style.heading_size):
            self.put_line(
                line,
                self.left + 2 * style.heading_size,
                style.heading_face,
                style.heading_size,
                style.leading,
                heading=True,
            )

    def set_paragraph(self, text: str) -> None:
        """Set a paragraph, its first line indented by two characters, its lines justified."""
        style, indent = self.style, 2 * self.style.body_size
        lines = wrap(text, self.width, style.body_face, style.body_size, style.latin_face, indent=indent, hang=True)
        for number, line in enumerate(lines):
            start = self.left + (indent if number == 0 else 0)
            room = self.left + self.width - start
            slack = room - text_width(line, style.body_face, style.body_size, style.latin_face)
            full = number < len(lines) - 1 and -style.body_size < slack < 2 * style.body_size
            spacing = slack / max(len(line) - 1, 1) if full else 0
            self.put_line(line, start, style.body_face, style.body_size, style.leading, style.latin_face, spacing)

    def put_line(
        self,
        line: str,
        x: float,
        face: str,
        size: float,
        leading: float,
        latin: str | None = None,
        spacing: float = 0,
        heading: bool = False,
    ) -> None:
        """Put a line at the cursor, on the next page if this one is full, and move the cursor below it."""
        if self.y + size * leading > self.bottom:
            self.new_page()
        glyphs = set_line(line, x, self.y + size * (leading / 2 + 0.38), face, size, latin, spacing)
        sheet = self.sheets[-1]
        sheet.glyphs.extend(glyphs)
        if heading and glyphs:
            sheet.headings.append((line, bounding_box(glyphs)))
        self.y += size * leading

    def set_note(self, invent: Callable[[random.Random], str]) -> None:
        """Set a note of a table in the table's type, if this report has notes: as wide as the text, or at its right."""
        if self.notes is None or not (text := invent(self.notes)):
            return
        table = self.style.table
        for line in wrap(text, self.width, table.face, table.size):
            slack = self.width - text_width(line, table.face, table.size)
            x = self.left + (slack if invent is invent_unit else 0)
            self.put_line(line, x, table.face, table.size, table.leading)

    def set_table(self, shape: TableShape, break_after: float | None) -> None:
        """Set a table from the cursor on, over as many pages as it needs; `break_after`: rows before a forced break."""
        table = self.style.table
        frame = frame_table(shape, table, self.left, self.width, self.rng)
        self.y += self.rng.uniform(1, 8)
        if self.y + sum(frame.heights[: shape.heading_rows + 2]) > self.bottom:
            self.new_page()
        foot = None if break_after is None else self.make_room(frame, break_after)
        segments = break_rows(frame, self.y, self.top, self.bottom, foot)
        placed = place_segments(frame, segments, self.rng)
        for number, (segment, part) in enumerate(zip(segments, placed, strict=True)):
            if number:
                self.sheets.append(_Sheet())
            sheet = self.sheets[-1]
            sheet.cells.extend(part.cells)
            sheet.glyphs.extend(part.glyphs)
            sheet.fills.extend(part.fills)
            last = number == len(segments) - 1
            sheet.strokes.extend(rule_cells(part.cells, frame.style, number > 0, not last, self.rng))
            self.y = (segment.bands or segment.repeated)[-1].bottom
        self.y += self.rng.uniform(4, 16)

    def make_room(self, frame: Frame, break_after: float) -> float:
        """Move the cursor to where a table may begin that is cut after so many rows; return the y of the cut."""
        whole = int(break_after)
        above = sum(frame.heights[:whole]) + (break_after - whole) * frame.heights[whole]
        if self.y + above > self.bottom:
            self.new_page()
        spare = max(self.bottom - self.y - above, 0)
        self.y += self.rng.choice([0, 0, 0.5, 1]) * spare
        return self.y + above

    def number_pages(self) -> None:
        """Print the page numbers."""
        style = self.style
        if style.page_number is None:
            return
        for number, sheet in enumerate(self.sheets, start=1):
            text = style.page_number.format(page=number, pages=len(self.sheets))
            wide = text_width(text, style.body_face, 10.5, style.latin_face)
            x = self.left + (self.width - wide if style.number_side == "right" else (self.width - wide) / 2)
            y = style.page[1] - min(40, style.margins[3] / 2)
            sheet.glyphs.extend(set_line(text, x, y, style.body_face, 10.5, style.latin_face))

    def finish(self, sheet: _Sheet) -> DrawnPage:
        """Freeze a page."""
        return DrawnPage(
            *self.style.page,
            tuple(sheet.glyphs),
            tuple(sheet.strokes),
            tuple(sheet.fills),
            tuple(sheet.cells),
            tuple(sheet.headings),
        )


def _balance(text: str, width: float, face: str, size: float) -> Sequence[str]:
    """Break a title into lines of about the same length."""
    count = len(wrap(text, width, face, size))
    even = text_width(text, face, size) / count + size
    lines = wrap(text, min(width, even), face, size)
    return lines if len(lines) <= count else wrap(text, width, face, size)
