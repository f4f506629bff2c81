"""A scanned page made ready for reading: straight and clean, its rules, its ink, and what is to be read how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import layoutparser as lp

from models.readers import Readers
from models.text import TextBox
from service.documents.model import Page, Picture, Rule
from service.scan.picture.clean import Gray, as_colour, clean, more_contrast
from service.scan.picture.geometry import as_row, from_row
from service.scan.picture.halftone import without_halftone
from service.scan.picture.straighten import straighten
from service.scan.picture.upright import quarter_turns
from service.scan.print.covered import windows
from service.scan.print.dust import without_dust
from service.scan.print.hyphens import cut_cells
from service.scan.print.ink import Blot, Ink, find_ink
from service.scan.print.lines import CellInk, digit_height
from service.scan.print.overhang import overhangs
from service.scan.print.pluses import without_plus
from service.scan.print.regions import CellFrame, cell_frames, outside_tables, overlooked, ruled_tables
from service.scan.print.sealed import among_seals
from service.scan.print.snips import Snip
from service.scan.ruling.choice import find_rulings
from service.tables.lattice import Lattice, find_lattices


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A page made straight and clean, and what models see on it: the same whatever its rules are."""

    page: Page
    """In the frame of the straightened picture, without rules and tokens."""
    gray: Gray
    contrast: Gray
    """These two as in `PageView`."""
    boxes: tuple[TextBox, ...]
    """Lines of text."""
    layout: lp.Layout
    """Blocks in pixels: see `models.layout`."""


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


def view_page(page: Page, render: Callable[[], Picture], readers: Readers, shrunk: float = 1.0) -> PageView:
    """Straightens and cleans a page, and finds what there is to read.

    Args:
        page: what it holds besides its number is replaced.
        render: draws it.
        readers: see `models.readers.load_readers`.
        shrunk: how large it is looked at, as a part of the usual size.
    """
    sight = see_page(page, render, readers, shrunk)
    rules, *others = find_rulings(sight.gray, sight.boxes)
    return view_by(replace(sight, page=replace(sight.page, other_rules=tuple(others))), rules)


def see_page(page: Page, render: Callable[[], Picture], readers: Readers, shrunk: float = 1.0) -> Sight:
    """Straightens and cleans a page, and looks at it; the arguments are those of `view_page`."""
    source = without_halftone(render())
    turns = quarter_turns(source, readers)
    straight = straighten(source, turns, shrunk)
    gray = clean(straight.picture)
    contrast = more_contrast(gray)
    straightened = replace(
        page,
        width=float(gray.shape[1]),
        height=float(gray.shape[0]),
        tokens=(),
        rules=(),
        render=partial(_draw, render, turns, shrunk),
        to_source=as_row(from_row(page.to_source) @ straight.to_source),
    )
    boxes, layout = readers.detector.detect(as_colour(contrast)), readers.layout.detect(contrast)
    return Sight(straightened, gray, contrast, boxes, layout)


def view_by(sight: Sight, rules: tuple[Rule, ...]) -> PageView:
    """What there is to read on a page that has these rules."""
    gray, contrast = sight.gray, sight.contrast
    shape = (gray.shape[0], gray.shape[1])
    tables = ruled_tables(sight.layout, find_lattices(rules, shape[0] / shape[1]), shape)
    ink = find_ink(gray, rules)
    places = cell_frames(tables, shape)
    text = outside_tables(sight.boxes, tables, shape)
    digit = digit_height([place.frame for place in places], ink)
    cells = cut_cells(places, ink, digit)
    if (clear := without_dust(gray, ink, cells, digit)) is not None:
        gray, ink = clear
        cells = cut_cells(places, ink, digit)
    covered = shown_apart(gray, ink, places, cells, digit)
    loose = overlooked(ink.blots, text, tables, rules, shape)
    return PageView(
        replace(sight.page, rules=rules), gray, contrast, ink, digit, tables, places, cells, covered, text, loose
    )


def shown_apart(
    gray: Gray, ink: Ink, places: tuple[CellFrame, ...], cells: tuple[CellInk, ...], digit: float
) -> Mapping[int, Snip]:
    """By the index of its cell, numbers that other ink runs over, that a plus precedes, or that reach over a side."""
    shown = {**windows(gray, ink, places, cells, digit), **without_plus(gray, ink, places, cells, digit)}
    return {**shown, **overhangs(gray, places, cells, digit), **among_seals(gray, ink, places, cells, digit)}


def _draw(render: Callable[[], Picture], turns: int, shrunk: float) -> Picture:
    """Draws the straightened page again: kept as a recipe, for the pictures of a long report would fill the memory."""
    return as_colour(clean(straighten(without_halftone(render()), turns, shrunk).picture))
