"""The two readings of every cell that can hold a number, side by side, before they are pooled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from models.digits import FOREIGN, NOTHING, NumericCrop, NumericReader, NumericReading
from models.pooling import Candidate, PoolContext
from models.text import Line, TextRecogniser
from service.documents.model import Box, Page, Token
from service.scan.picture.clean import Gray
from service.scan.print.covered import surroundings
from service.scan.print.lines import Frame, around, page_lines
from service.scan.print.signs import with_signs
from service.scan.print.snips import Lanes, Snip, snip_ink_line, snip_text_boxes
from service.scan.reading.candidates import CellCandidates, as_number, cell_candidates, surely_text, token_candidates
from service.scan.reading.crops import crop_at, grown, parts, seen_of, widened
from service.scan.reading.texts import LEGIBLE, SURE, has_chinese, numeric_lanes, read_snips
from service.scan.reading.tokens import box_of, covered_token, tokens_of
from service.scan.reading.usual import usual_nothing
from service.scan.view import PageView
from service.tables.marks import before_remark

RIM = 3
"""Pixels along a cell's edge that are left out in counting its ink."""
_USUAL, _AS_USUAL = 0.98, 5
"""What the numeric reader gives its first candidates on a good scan, and as how many cells of one every page counts:
a few cells say little of a page."""
_TOLD = 0.9
"""What the numeric reader gives a candidate from which on it tells something of its page."""
_LASTED = 0.7
"""Of the print of a page that has zeros so much tells something, or they may have faded elsewhere on it, too. Of 3,027
cells that seem empty on 146 worn pages that are so, or have no zeros, 132 held a number, 113 of these on three pages of
which nothing else can be read; of 203 on 17 others 102."""
_WIDER = 1.3
"""How much wider a page's numbers are looked at again, height for height ..."""
_PUZZLING, _CLEAR = 0.7, 0.987
"""... where it is as legible as that: less is worn, and more is clear ..."""
_BETTER = 0.003
"""... and by how much more legible it must be so."""


@dataclass(frozen=True, slots=True)
class CellReadings:
    """What was read of one cell, or of one number that stands free."""

    box: Box
    """What the numeric reader saw, in fractions of the straightened page."""
    place: Box
    """Where print stands in it; the same as `box` where none was seen."""
    tokens: tuple[Token, ...]
    """What PP-OCR alone makes of it."""
    ocr: tuple[Candidate, ...]
    """PP-OCR's candidates, best first: see `service.scan.reading.candidates`."""
    numeric: NumericReading
    """What the numeric reader made of it."""
    context: PoolContext
    minus: bool = False
    """Its ink begins with the shape of a minus; the candidates of PP-OCR are weighed by that."""
    usual: Mapping[str, int] = field(default_factory=dict)
    """How many cells of its page surely show nothing: see `service.scan.reading.usual`."""

    @property
    def weighed(self) -> NumericReading:
        """What the numeric reader made of it, weighed by whether there is the shape of a minus."""
        return NumericReading(with_signs(self.numeric.candidates, minus=self.minus))


@dataclass(frozen=True, slots=True)
class PageReadings:
    """A page that was read twice wherever it can hold a number."""

    page: Page
    """In the frame of the straightened picture, with its rules and without tokens."""
    text: tuple[Token, ...]
    """What is surely text, and so was read by PP-OCR alone."""
    cells: tuple[CellReadings, ...]


_Print = tuple[Snip, Line, int | None]
"""A piece of print, as PP-OCR read it, and the index of its cell; None outside of ruled tables."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place that can hold a number, with PP-OCR's reading of it."""

    frame: Frame
    seen: Frame
    """What the numeric reader is shown of it."""
    place: Box
    tokens: tuple[Token, ...]
    ocr: CellCandidates
    lines: int
    printed: int
    """Dots of its ink that stand in lines of print."""
    lanes: Lanes = ()
    covered: bool = False
    framed: bool = True
    picture: Gray | None = None
    """What the numeric reader is to see where that is not what stands in `frame`."""


def read_twice(view: PageView, recogniser: TextRecogniser, digits: NumericReader) -> PageReadings:
    """Reads what `view` shows: all print by PP-OCR, all places that can hold a number by the numeric reader as well."""
    snips, owners = page_snips(view)
    lines = read_snips(snips, recogniser)
    text, spots = _sorted_out(view, list(zip(snips, lines, owners, strict=True)), recogniser.name)
    numeric = read_numbers([_crop(view, spot) for spot in spots], digits)
    lanes = numeric_lanes(snips, lines)
    legible, empty, usual = legibility(numeric), leaves_empty(numeric), usual_nothing(numeric)
    doubt = float(np.mean([line.confidence < SURE for line in lines])) if lines else 0.0
    cells = []
    for spot, reading in zip(spots, numeric, strict=True):
        context = PoolContext(
            digit=view.digit,
            legibility=legible,
            doubt=doubt,
            ink=_ink_in(view, spot.frame) / view.digit**2,
            printed=spot.printed / view.digit**2,
            lines=spot.lines,
            covered=spot.covered,
            expected=not lanes.isdisjoint(spot.lanes),
            agreed=spot.ocr.agreed,
            framed=spot.framed,
            cramped=spot.framed and min(spot.frame.width, spot.frame.height) < view.digit,
            left_empty=empty,
        )
        box = box_of(spot.frame, view.shape)
        ocr = spot.ocr
        cells.append(CellReadings(box, spot.place, spot.tokens, ocr.candidates, reading, context, ocr.minus, usual))
    return PageReadings(view.page, tuple(text), tuple(cells))


def page_snips(view: PageView) -> tuple[list[Snip], list[int | None]]:
    """All print of a page as PP-OCR is to see it, and the index of the cell that each stands in.

    The covered places come first, in the order of `view.covered`.
    """
    owned: list[tuple[Snip, int | None]] = [(snip, i) for i, snip in view.covered.items()]
    owned.extend(
        (snip_ink_line(view.gray, view.ink, line, place.frame, view.digit, place.lanes), i)
        for i, (place, cell) in enumerate(zip(view.places, view.cells, strict=True))
        for line in cell.lines
        if i not in view.covered
    )
    whole = Frame(0, 0, view.shape[1], view.shape[0])
    loose = page_lines(view.loose, view.digit)
    owned.extend((snip_ink_line(view.gray, view.ink, line, whole, view.digit), None) for line in loose)
    owned.extend((snip, None) for snip in snip_text_boxes(view.contrast, view.text, view.digit))
    return [snip for snip, _ in owned], [cell for _, cell in owned]


def _sorted_out(view: PageView, prints: Sequence[_Print], name: str) -> tuple[list[Token], list[_Spot]]:
    """What is surely text, as tokens, and the places that can hold a number."""
    held: defaultdict[int, list[tuple[Snip, Line]]] = defaultdict(list)
    text: list[Token] = []
    spots: list[_Spot] = []
    for snip, line, cell in prints:
        if cell is not None:
            held[cell].append((snip, line))
            continue
        tokens = tokens_of(snip, line, view.shape, name)
        if _is_remarked(tokens):
            spots.append(_before_remark(view, tokens, line))
            tokens = tokens[1:]
        for token in tokens:
            if has_chinese(line.text) or (token.text and not as_number(token.text)):
                if snip.line is None or token.confidence >= SURE:  # or what the detector did not see is a shadow
                    text.append(token)
            else:
                spots.append(_free(view, token, line))
    for i, place in enumerate(view.places):
        if surely_text([line for _, line in held[i]], LEGIBLE, SURE):
            tokens = _tokens(view, held[i], name)
            if _is_remarked(tokens):
                spots.append(_before_remark(view, tokens, held[i][0][1]))
                tokens = tokens[1:]
            text.extend(tokens)
            continue
        boxes = {number: snip.box for number, (snip, _) in enumerate(held[i])}
        numbers = [n for n, (snip, line) in enumerate(held[i]) if snip.mark is not None or as_number(line.text)]
        for frame, keys in parts(place, boxes, numbers, view.digit):
            inside = [held[i][key] for key in keys]
            spots.append(_spot(view, frame, inside, place.lanes, name, covered=i in view.covered))
    return text, spots


def _spot(
    view: PageView, frame: Frame, prints: Sequence[tuple[Snip, Line]], lanes: Lanes, name: str, *, covered: bool
) -> _Spot:
    place = around([snip.box for snip, _ in prints]) if prints else frame
    printed = sum(blot.area for snip, _ in prints if snip.line is not None for blot in snip.line.blots)
    tokens = tuple(_tokens(view, prints, name))
    ocr = cell_candidates(prints)
    seen = surroundings(place, frame, view.digit) if covered else seen_of(frame, place, view.digit)
    picture = next((snip.picture for snip, _ in prints if snip.whole), None)
    box = box_of(place, view.shape)
    return _Spot(frame, seen, box, tokens, ocr, len(prints), printed, lanes, covered, picture=picture)


def read_numbers(crops: Sequence[NumericCrop], digits: NumericReader) -> tuple[NumericReading, ...]:
    """What the numeric reader makes of a page's crops, as they are or wider ones, whichever it reads more surely.

    In narrow faces points, strokes and ones stand too near to other digits for it. A page is of one face, as a rule, so
    that it is not for one crop to tell.
    """
    read = digits.read(crops)
    legible = legibility(read)
    if not _PUZZLING <= legible < _CLEAR:
        return read
    wider = digits.read([widened(crop, _WIDER) for crop in crops])
    return wider if legibility(wider) >= legible + _BETTER else read


def _crop(view: PageView, spot: _Spot) -> NumericCrop:
    if spot.picture is not None:
        return NumericCrop(spot.picture, view.digit)
    return crop_at(view.gray, spot.seen, view.digit)


def _free(view: PageView, token: Token, line: Line) -> _Spot:
    """A number outside of ruled tables; of a line with several, each stands for itself."""
    height, width = view.shape
    x0, y0, x1, y1 = token.box
    box = Frame(round(x0 * width), round(y0 * height), round(x1 * width), round(y1 * height))
    frame = grown(box, view.digit, view.shape)
    printed = _ink_in(view, box, rim=0)
    return _Spot(frame, frame, token.box, (token,), token_candidates(token, line), 1, printed, framed=False)


def _is_remarked(tokens: Sequence[Token]) -> bool:
    return before_remark([token.text for token in tokens]) > 0 and bool(as_number(tokens[0].text))


def _before_remark(view: PageView, tokens: Sequence[Token], line: Line) -> _Spot:
    """The number at the beginning of a line, without the remark in brackets behind it, which its reader cannot read."""
    spot = _free(view, tokens[0], line)
    end = max(spot.frame.x0 + 1, round(tokens[1].box.x0 * view.shape[1]))
    frame = replace(spot.frame, x1=min(spot.frame.x1, end))
    return replace(spot, frame=frame, seen=frame)


def _tokens(view: PageView, prints: Sequence[tuple[Snip, Line]], name: str) -> list[Token]:
    return [
        token
        for snip, line in prints
        for token in (
            [covered_token(snip, line, view.shape, name)]
            if snip.line is None
            else tokens_of(snip, line, view.shape, name)
        )
    ]


def _ink_in(view: PageView, frame: Frame, rim: int = RIM) -> int:
    """Dark dots within a frame, without the page's rules."""
    return int(np.count_nonzero(view.ink.labels[frame.y0 + rim : frame.y1 - rim, frame.x0 + rim : frame.x1 - rim]))


def legibility(readings: Sequence[NumericReading]) -> float:
    """`PoolContext.legibility` of a page on which the numeric reader read this, which may know nothing of a cell."""
    given = [one.candidates[0][1] if one.candidates else 0.0 for one in readings]
    return (sum(given) + _USUAL * _AS_USUAL) / (len(given) + _AS_USUAL)


def leaves_empty(readings: Sequence[NumericReading]) -> bool:
    """`PoolContext.left_empty` of the cells of a page on which the numeric reader read this."""
    firsts = [one.candidates[0] for one in readings if one.candidates]
    printed = [probability for text, probability in firsts if text not in (NOTHING, FOREIGN)]
    zeros = any(text == "0" for text, _ in firsts)
    return not zeros or sum(one >= _TOLD for one in printed) >= _LASTED * len(printed)


def of_one_page(cells: Sequence[CellReadings]) -> tuple[CellReadings, ...]:
    """Cells that were not all read at once, each with what is known of the page that they make up."""
    numeric = [cell.numeric for cell in cells]
    legible, empty, usual = legibility(numeric), leaves_empty(numeric), usual_nothing(numeric)
    return tuple(
        replace(cell, context=replace(cell.context, legibility=legible, left_empty=empty), usual=usual)
        for cell in cells
    )
