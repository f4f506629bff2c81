"""A scanned page made ready for reading: straight and clean, its rules, its ink, and what is to be read how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from models.readers import Readers
from models.text import TextBox
from service.documents.model import Page, Picture
from service.scan.clean import Gray, as_colour, clean, more_contrast
from service.scan.covered import windows
from service.scan.geometry import as_row, from_row
from service.scan.hyphens import cut_cells
from service.scan.ink import Blot, Ink, find_ink
from service.scan.lines import CellInk, digit_height
from service.scan.overhang import overhangs
from service.scan.regions import CellFrame, cell_frames, outside_tables, overlooked, ruled_tables
from service.scan.rules import find_rules
from service.scan.ruling import Ruling, best_rules
from service.scan.snips import Snip
from service.scan.straighten import straighten
from service.scan.upright import quarter_turns
from service.tables.lattice import Lattice, find_lattices


@dataclass(frozen=True, slots=True, eq=False)
class PageView:
    """What there is to read on a page."""

    page: Page
    """In the frame of the straightened picture, with its rules and without tokens."""
    gray: Gray
    """The page straightened and cleaned: what numbers are read from."""
    contrast: Gray
    """The same with more contrast: what lines of text are read from."""
    ink: Ink
    digit: float
    """Height of a digit in pixels."""
    tables: tuple[Lattice, ...]
    """The ruled tables."""
    places: tuple[CellFrame, ...]
    """Their cells."""
    cells: tuple[CellInk, ...]
    """What stands in each of them."""
    covered: Mapping[int, Snip]
    """By the index of its cell, where a number stands, or should, that other ink runs over."""
    text: tuple[TextBox, ...]
    """Lines of text outside ruled tables."""
    loose: tuple[Blot, ...]
    """Ink in tables without cells that stands in no such line."""

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.gray.shape[0], self.gray.shape[1]


def view_page(page: Page, render: Callable[[], Picture], readers: Readers, ruling: Ruling = best_rules) -> PageView:
    """Straightens and cleans a page, and finds what there is to read.

    Args:
        page: what it holds besides its number is replaced.
        render: draws it.
        readers: see `models.readers.load_readers`.
        ruling: chooses the page's rules.
    """
    source = render()
    turns = quarter_turns(source, readers)
    straight = straighten(source, turns)
    gray = clean(straight.picture)
    contrast = more_contrast(gray)
    shape = (gray.shape[0], gray.shape[1])
    boxes = readers.detector.detect(as_colour(contrast))
    rules = ruling(find_rules(gray), gray, boxes)
    tables = ruled_tables(readers.layout.detect(as_colour(contrast)), find_lattices(rules, shape[0] / shape[1]), shape)
    ink = find_ink(gray, rules)
    places = cell_frames(tables, shape)
    text = outside_tables(boxes, tables, shape)
    digit = digit_height([place.frame for place in places], ink)
    cells = cut_cells(places, ink, digit)
    straightened = replace(
        page,
        width=float(shape[1]),
        height=float(shape[0]),
        tokens=(),
        rules=rules,
        render=partial(_draw, render, turns),
        to_source=as_row(from_row(page.to_source) @ straight.to_source),
    )
    covered = shown_apart(gray, ink, places, cells, digit)
    loose = overlooked(ink.blots, text, tables, rules, shape)
    return PageView(straightened, gray, contrast, ink, digit, tables, places, cells, covered, text, loose)


def shown_apart(
    gray: Gray, ink: Ink, places: tuple[CellFrame, ...], cells: tuple[CellInk, ...], digit: float
) -> Mapping[int, Snip]:
    """By the index of its cell, numbers that other ink runs over, and such as reach over a side of their cell."""
    return {**windows(gray, ink, places, cells, digit), **overhangs(gray, places, cells, digit)}


def _draw(render: Callable[[], Picture], turns: int) -> Picture:
    """Draws the straightened page again: kept as a recipe, for the pictures of a long report would fill the memory."""
    return as_colour(clean(straighten(render(), turns).picture))
