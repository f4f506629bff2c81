"""A page whose numbers only PP-OCR reads: what is held against readings that no second reader confirms.

This is the way while no numeric reader is served. With one, probabilities come from `service.scan.pooled` instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.text import Line, TextRecogniser
from service.documents.model import Token
from service.scan.lines import CellInk, Frame
from service.scan.marks import DASH
from service.scan.reading import SURE, has_chinese, read_snips
from service.scan.readings import RIM, page_snips
from service.scan.tokens import covered_token, nothing_token, tokens_of
from service.scan.view import PageView

_LEGIBLE = 0.35
"""Median probability of a line's least sure character below which a page's print counts as broken."""
_BROKEN = 0.4
"""The same by the share of lines that did not read surely."""
_CROSSED = 0.5
"""Probability that nothing is printed in a cell that shows no print, where a large stroke runs through it or all print
is broken."""
_SPECK = 0.94
"""Highest probability that nothing is printed in a cell that shows ink: without a second reader a person looks."""
_COVERED = 0.7
"""Highest probability of a number that a seal or a streak runs over."""
_WHOLE, _BROKEN_OFF, _STROKE = 0.96, 0.89, 0.8
"""Highest probability of a reading on such a page: of a zero, which no other digit's rest looks like, of other texts,
and of a single stroke."""


def read_single(view: PageView, recogniser: TextRecogniser) -> tuple[Token, ...]:
    """The tokens of a page.

    In a cell of a ruled table all ink besides rules gives a token: unread ink one without text and with confidence 0,
    specks one without text whose confidence is the probability that nothing is printed. A cell without ink has one too.
    """
    snips, owners = page_snips(view)
    lines = read_snips(snips, recogniser)
    tokens: list[Token] = []
    for snip, line, owner in zip(snips, lines, owners, strict=True):
        if owner in view.covered:
            token = covered_token(snip, line, view.shape, recogniser.name)
            tokens.append(replace(token, confidence=min(token.confidence, _COVERED)))
        else:
            tokens.extend(tokens_of(snip, line, view.shape, recogniser.name))
    faded = _faded(lines)
    if faded:  # what is left of a broken 4 is a sure 1
        tokens = [replace(token, confidence=min(token.confidence, _ceiling(token.text))) for token in tokens]
    for i, (place, cell) in enumerate(zip(view.places, view.cells, strict=True)):
        if i not in view.covered and not cell.lines:
            if faded:  # specks may be all that is left of a digit
                tokens.append(nothing_token(place.frame, _CROSSED, view.shape, recogniser.name))
            else:
                proven = nothing_token(place.frame, 1.0, view.shape, recogniser.name)
                tokens.extend(_doubts(cell, place.frame, view, recogniser.name) or [proven])
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


def _doubts(cell: CellInk, frame: Frame, view: PageView, reader: str) -> list[Token]:
    """Tokens for ink that is probably no print, in a cell that shows nothing else."""
    small = 0.3 * view.digit
    specks = [(blot, _SPECK if max(blot.width, blot.height) < small else 0.85) for blot in cell.specks]
    strays = [(blot, 0.9 if min(blot.width, blot.height) < small else 0.6) for blot in cell.strays]
    doubts = [
        nothing_token(Frame(blot.x0, blot.y0, blot.x1, blot.y1), probability, view.shape, reader)
        for blot, probability in [*specks, *strays]
    ]
    if _is_crossed(frame, view):
        doubts.append(nothing_token(frame, _CROSSED, view.shape, reader))
    return doubts


def _is_crossed(frame: Frame, view: PageView) -> bool:
    """Whether ink as much as a digit's lies in a cell, whosever it is: a seal can hold a number that it runs over."""
    inside = view.ink.labels[frame.y0 + RIM : frame.y1 - RIM, frame.x0 + RIM : frame.x1 - RIM]
    return int(np.count_nonzero(inside)) > 0.15 * view.digit**2
