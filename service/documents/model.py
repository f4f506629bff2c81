"""The frozen types that travel from a file to its tables.

A document is either *paged* (PDF, pictures, OFD: `Document.pages`) or *flowing* (DOCX, HTML, plain text:
`Document.blocks`). Tables are the same `Grid` in both; after `service.tables` a paged document is blocks as well.

All coordinates are fractions of the page's width and height, origin top left (the contract's `bbox` units).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""A page picture: height x width x 3, BGR, 8 bits a channel."""


DIGITAL_READERS = frozenset({"text-layer", "markup"})
"""What `reader` says of text that the file itself holds; all others looked at a picture."""


class Box(NamedTuple):
    """A rectangle in fractions of the page, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    def holds(self, other: Box) -> bool:
        """Whether the middle of another box lies in this one."""
        x, y = (other.x0 + other.x1) / 2, (other.y0 + other.y1) / 2
        return self.x0 <= x <= self.x1 and self.y0 <= y <= self.y1


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in its source: page and box, or line, or cell of a table."""

    page: int | None = None
    """Counts from 1; None for inputs without pages."""
    box: Box | None = None
    line: int | None = None
    """Line of a text file, from 1."""
    cell: str | None = None
    """Cell of a table in a document without pages, as `T2R5C3` (table 2, row 5, column 3, each from 1)."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another reading of the same ink."""

    text: str
    confidence: float
    reader: str


@dataclass(frozen=True, slots=True)
class Token:
    """A run of characters that stand together: one Chinese character, or one number or word."""

    text: str
    box: Box
    confidence: float = 1.0
    """Probability that the text is right, 0 to 1; 1 for a text layer."""
    reader: str = "text-layer"
    """Who read it: `text-layer`, or the names of the models, with `+` between those that agree."""
    alternatives: tuple[Alternative, ...] = ()
    """Other readings of its ink, best first."""
    worn: bool = False
    """Its page reads so badly that a short stroke or a dot beside it may have worn off without a trace."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruled line, horizontal or vertical, as the segment between its two ends."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def horizontal(self) -> bool:
        """Whether the line runs across the page (measured in fractions, so only for axis-parallel lines)."""
        return abs(self.x1 - self.x0) >= abs(self.y1 - self.y0)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, as far as it has been read.

    A page with a sound text layer has `tokens` and `rules`; a scanned one has only `render`, and `service.scan`
    turns it into a page with tokens and rules in the frame of the straightened picture.
    """

    number: int
    width: float
    """In points (1/72 inch), or pixels where the source has no physical size; only the ratio to height counts."""
    height: float
    tokens: tuple[Token, ...] = ()
    rules: tuple[Rule, ...] = ()
    render: Callable[[], Picture] | None = None
    """Draws the page at about 200 dpi, as a person sees it (EXIF rotation applied); None where there is no picture."""
    scanned: bool = False
    """The page has no sound text layer and must be read from its picture."""
    to_source: tuple[float, ...] | None = None
    """Row-major 3 x 3 homography from this page's fractions to those of the source page; None: the same."""
    problem: str | None = None
    """Why the page could not be read, in words for a clerk; the page is then empty."""
    other_rules: tuple[tuple[Rule, ...], ...] = ()
    """What a scanned page may be ruled by instead, the likeliest first: see `service.scan.read_otherwise`."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid; an empty cell is a cell with empty text."""

    row: int
    column: int
    text: str
    place: Place
    row_span: int = 1
    column_span: int = 1
    confidence: float = 1.0
    """Probability that `text` is what is printed; for an empty cell, that nothing is printed."""
    reader: str = "text-layer"
    ink: bool | None = None
    """Whether the cell's picture shows ink besides its rules; None where there is no picture."""
    alternatives: tuple[Alternative, ...] = ()
    worn: bool = False
    """As `Token.worn`."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table as cells over rows and columns, counted from 0; it may run over several pages."""

    cells: tuple[Cell, ...]
    rows: int
    columns: int
    kind: Literal["ruled", "aligned", "markup"]
    """Found by ruled lines, by alignment of its texts, or given by the document's own markup."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Text outside tables: one line of a text file or page, or one paragraph of DOCX or HTML, white space kept."""

    text: str
    place: Place


Block = Paragraph | Grid


@dataclass(frozen=True, slots=True)
class Document:
    """A file, opened: pages or blocks, in reading order."""

    name: str
    sha256: str
    media_type: str
    pages: tuple[Page, ...] = ()
    blocks: tuple[Block, ...] = ()
    title: str | None = None
    """A title that the file states apart from its text (HTML `title`, DOCX core properties), if any."""
