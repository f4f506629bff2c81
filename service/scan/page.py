"""The recipe by which a scanned page is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from models.readers import Readers
from models.text import Line, TextBox
from service.documents.model import Page, Picture, Token
from service.scan.clean import Gray, as_colour, clean, more_contrast
from service.scan.covered import windows
from service.scan.dotted import with_dotted_rules
from service.scan.geometry import as_row, from_row
from service.scan.ink import Blot, Ink, find_ink
from service.scan.lines import CellInk, Frame, blots_by_frame, cut_lines, digit_height, page_lines
from service.scan.marks import DASH
from service.scan.reading import SURE, has_chinese, read_snips
from service.scan.regions import CellFrame, cell_frames, outside_tables, overlooked, ruled_tables
from service.scan.rules import find_rules
from service.scan.snips import Snip, snip_ink_line, snip_text_boxes
from service.scan.straighten import straighten
from service.scan.tokens import covered_token, nothing_token, tokens_of
from service.scan.upright import quarter_turns
from service.tables.lattice import find_lattices

_LEGIBLE = 0.35
"""Median probability of a line's least sure character below which a page's print counts as broken."""
_BROKEN = 0.4
"""The same by the share of lines that did not read surely."""
_CROSSED = 0.5
"""Probability that nothing is printed in a cell that shows no print, where a large stroke runs through it or all print
is broken."""
_RIM = 3
"""Pixels along a cell's edge that are left out in counting its ink."""
_WHOLE, _BROKEN_OFF, _STROKE = 0.96, 0.89, 0.8
"""Highest probability of a reading on such a page: of a zero, which no other digit's rest looks like, of other texts,
and of a single stroke."""


def read_page(page: Page, readers: Readers) -> Page:
    """Reads a page that has only a picture.

    Args:
        page: with `render`; what else it holds is replaced.
        readers: see `models.readers.load_readers`.

    Returns:
        The page in the frame of its straightened picture: `rules`, `tokens` (a Chinese character each, a whole run of
        digits each), `to_source` and a `render` that draws the straightened, cleaned picture. In a cell of a ruled
        table all ink besides rules gives a token: unread ink one without text and with confidence 0, specks one without
        text whose confidence is the probability that nothing is printed. A page without picture returns as it came.

    """
    if page.render is None:
        return page
    source = page.render()
    turns = quarter_turns(source, readers)
    straight = straighten(source, turns)
    gray = clean(straight.picture)
    contrast = more_contrast(gray)
    rules = with_dotted_rules(find_rules(gray), gray)
    shape = (gray.shape[0], gray.shape[1])
    tables = ruled_tables(readers.layout.detect(as_colour(contrast)), find_lattices(rules, shape[0] / shape[1]), shape)
    ink = find_ink(gray, rules)
    frames = cell_frames(tables, shape)
    text = outside_tables(readers.detector.detect(as_colour(contrast)), tables, shape)
    loose = overlooked(ink.blots, text, tables, rules, shape)
    return replace(
        page,
        width=float(shape[1]),
        height=float(shape[0]),
        tokens=_read(gray, contrast, ink, frames, text, loose, readers),
        rules=rules,
        render=partial(_draw, page.render, turns),
        to_source=as_row(from_row(page.to_source) @ straight.to_source),
    )


def _draw(render: Callable[[], Picture], turns: int) -> Picture:
    """Draws the straightened page again: kept as a recipe, for the pictures of a long report would fill the memory."""
    return as_colour(clean(straighten(render(), turns).picture))


def _read(
    gray: Gray,
    contrast: Gray,
    ink: Ink,
    places: Sequence[CellFrame],
    text: Sequence[TextBox],
    loose: Sequence[Blot],
    readers: Readers,
) -> tuple[Token, ...]:
    frames = [place.frame for place in places]
    digit = digit_height(frames, ink)
    cells = [
        cut_lines(place.frame, blots, digit, place.seams)
        for place, blots in zip(places, blots_by_frame(frames, ink), strict=True)
    ]
    covered = windows(gray, ink, places, cells, digit)
    snips: list[Snip] = list(covered.values())
    snips.extend(
        snip_ink_line(gray, ink, line, place.frame, digit, place.lanes)
        for i, (place, cell) in enumerate(zip(places, cells, strict=True))
        for line in cell.lines
        if i not in covered
    )
    shape = (gray.shape[0], gray.shape[1])
    whole = Frame(0, 0, shape[1], shape[0])
    snips.extend(snip_ink_line(gray, ink, line, whole, digit) for line in page_lines(loose, digit))
    snips.extend(snip_text_boxes(contrast, text, digit))
    name = readers.recogniser.name
    lines = read_snips(snips, readers.recogniser)
    tokens = [covered_token(*pair, shape, name) for pair in zip(covered.values(), lines, strict=False)]
    clear = list(zip(snips, lines, strict=True))[len(covered) :]
    tokens.extend(token for pair in clear for token in tokens_of(*pair, ink, shape, name))
    faded = _faded(lines)
    if faded:  # what is left of a broken 4 is a sure 1
        tokens = [replace(token, confidence=min(token.confidence, _ceiling(token.text))) for token in tokens]
    for frame, cell in (pair for i, pair in enumerate(zip(frames, cells, strict=True)) if i not in covered):
        doubts = _doubts(cell, frame, ink, digit, shape, name)
        if faded and not cell.lines:  # specks may be all that is left of a digit
            doubts = [nothing_token(frame, _CROSSED, shape, name)]
        tokens.extend(doubts)
    return tuple(tokens)


def _faded(lines: Sequence[Line]) -> bool:
    """Whether print is so broken that small characters may be lost without a trace: an empty cell proves nothing."""
    confidences = np.array([line.confidence for line in lines])
    chinese = [line.confidence for line in lines if has_chinese(line.text)]
    return (len(chinese) >= 3 and float(np.median(chinese)) < _LEGIBLE) or (
        len(lines) >= 20 and float((confidences < SURE).mean()) > _BROKEN
    )


def _ceiling(text: str) -> float:
    """The highest probability of a reading of broken print, by what a digit that lost strokes is taken for."""
    if text == "0":
        return _WHOLE
    return _STROKE if set(text) <= {"1", DASH} else _BROKEN_OFF


def _doubts(cell: CellInk, frame: Frame, ink: Ink, digit: float, shape: tuple[int, int], reader: str) -> list[Token]:
    """Tokens for ink that is probably no print, in a cell that shows nothing else."""
    if cell.lines:
        return []
    specks = [(blot, 0.97 if max(blot.width, blot.height) < 0.3 * digit else 0.85) for blot in cell.specks]
    strays = [(blot, 0.9 if min(blot.width, blot.height) < 0.3 * digit else 0.6) for blot in cell.strays]
    doubts = [
        nothing_token(Frame(blot.x0, blot.y0, blot.x1, blot.y1), probability, shape, reader)
        for blot, probability in [*specks, *strays]
    ]
    if _is_crossed(frame, ink, digit):
        doubts.append(nothing_token(frame, _CROSSED, shape, reader))
    return doubts


def _is_crossed(frame: Frame, ink: Ink, digit: float) -> bool:
    """Whether ink as much as a digit's lies in a cell, whosever it is: a seal can hold a number that it runs over."""
    inside = ink.labels[frame.y0 + _RIM : frame.y1 - _RIM, frame.x0 + _RIM : frame.x1 - _RIM]
    return int(np.count_nonzero(inside)) > 0.15 * digit * digit
