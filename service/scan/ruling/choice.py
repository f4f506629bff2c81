"""Which rules a page has: the whole lines that were found, the remains of worn ones, or both.

Where remains frame the text of a page better than the whole lines do, they are believed. That is right for most tables
of worn copies, but not for all: where a table's remains are taken for half of its lines, it is better read as one
without rules. Only what is then found of the form can tell, so that the other choices can be had as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.text import TextBox
from service.documents.model import Rule
from service.scan.ruling.dotted import dotted_rules
from service.scan.ruling.even import with_halves
from service.scan.ruling.framing import framed
from service.scan.ruling.remains import is_prose
from service.scan.ruling.rules import find_rules
from service.scan.ruling.streaks import find_streaks, without_streaks
from service.scan.ruling.struck import parted_by_text, without_struck

_TRIED, _BETTER, _MORE = 1.15, 1.05, 3
"""Remains are looked for where so many times, and so many, more lines of text could be framed, and believed where so
many more are."""
_HARDLY, _PALE = 0.1, 205
"""Where remains frame hardly a line of text, those that are as pale as that are looked for too: of 51 worn pages that
have no whole rules one is framed so, in 18 cells, and no other changes."""
_BESIDE = 9
"""Pixels within which two lines are one."""
_SHORTEST = 12
"""Pixels that a gap in a line must have for remains to fill it."""


def find_rulings(gray: NDArray[np.uint8], boxes: Sequence[TextBox]) -> tuple[tuple[Rule, ...], ...]:
    """What a page may be ruled by, the best first: looked for again without the streaks on it, where there are any.

    Args:
        gray: the deskewed page, height x width, at about 200 dpi.
        boxes: the lines of text that the detector saw.
    """
    rules = find_rules(gray)
    streaks = find_streaks(gray, boxes, rules)
    if streaks:
        gray = without_streaks(gray, streaks)
        rules = find_rules(gray)
    return tuple(with_halves(choice, gray) for choice in rulings(rules, gray, boxes))


def rulings(rules: Sequence[Rule], gray: NDArray[np.uint8], boxes: Sequence[TextBox]) -> tuple[tuple[Rule, ...], ...]:
    """What a page may be ruled by, the best first: whole lines, the remains of worn ones, or both.

    None are strokes of text. The whole lines are alone where there is nothing more to frame. Dirt on a copier's
    glass draws whole lines, too, so that on some pages the remains are better alone.

    Args:
        rules: what `find_rules` found.
        gray: the deskewed page, height x width, at about 200 dpi.
        boxes: the lines of text that the detector saw.
    """
    shape = (gray.shape[0], gray.shape[1])
    whole = _ruled(rules, gray, boxes)
    before = framed(whole, boxes, shape)
    if sum(not is_prose(box) for box in boxes) < _TRIED * before + _MORE:
        return (whole,)  # as on most pages
    dotted = _of_remains(whole, gray, boxes)
    if framed(dotted, boxes, shape) <= _HARDLY * len(boxes):
        pale = np.where(gray < _PALE, np.uint8(0), np.uint8(255))
        paler = _of_remains(whole, pale, boxes)
        dotted = paler if framed(paler, boxes, shape) >= _BETTER * framed(dotted, boxes, shape) + _MORE else dotted
    filled = _ruled(_filled(whole, dotted, shape), gray, boxes)
    first, second = sorted((filled, dotted), key=lambda choice: -framed(choice, boxes, shape))
    better = framed(first, boxes, shape) >= _BETTER * before + _MORE
    choices = (first, whole, second) if better else (whole, first, second)
    known = next((i for i, choice in enumerate(choices) if choice in choices[:i]), len(choices))
    return choices[:known]  # where one says what another has said the remains tell nothing more


def _of_remains(rules: Sequence[Rule], gray: NDArray[np.uint8], boxes: Sequence[TextBox]) -> tuple[Rule, ...]:
    """What the remains of rules show: the sure ones, or the faint where these frame clearly more."""
    shape = (gray.shape[0], gray.shape[1])
    sure, faint = (_ruled(found, gray, boxes) for found in dotted_rules(rules, gray, boxes))
    return faint if framed(faint, boxes, shape) >= _BETTER * framed(sure, boxes, shape) + _MORE else sure


def _ruled(rules: Sequence[Rule], gray: NDArray[np.uint8], boxes: Sequence[TextBox]) -> tuple[Rule, ...]:
    """The lines that are no strokes of text: those through lines of text go, or end there."""
    whole = without_struck(rules, boxes, (gray.shape[0], gray.shape[1]))
    return parted_by_text(whole, boxes, gray)


def _filled(whole: Sequence[Rule], dotted: Sequence[Rule], shape: tuple[int, int]) -> tuple[Rule, ...]:
    """Whole lines, and what remains show where there are none."""
    height, width = shape
    known = {flat: [_along(rule, shape) for rule in whole if rule.horizontal == flat] for flat in (True, False)}
    more = []
    for rule in dotted:
        for at, a, b in _gaps(_along(rule, shape), known[rule.horizontal]):
            x0, y0, x1, y1 = (a, at, b, at) if rule.horizontal else (at, a, at, b)
            more.append(Rule(x0 / width, y0 / height, x1 / width, y1 / height))
    return (*whole, *more)


_Line = tuple[float, float, float, float]
"""Where a line lies at its beginning and at its end, where it begins and where it ends, in pixels."""


def _along(rule: Rule, shape: tuple[int, int]) -> _Line:
    height, width = shape
    x0, y0, x1, y1 = rule.x0 * width, rule.y0 * height, rule.x1 * width, rule.y1 * height
    return (y0, y1, min(x0, x1), max(x0, x1)) if rule.horizontal else (x0, x1, min(y0, y1), max(y0, y1))


def _gaps(line: _Line, others: Sequence[_Line]) -> list[tuple[float, float, float]]:
    """Where a line lies, and from where to where, without what others cover of it."""
    at = (line[0] + line[1]) / 2
    gaps = [(line[2], line[3])]
    for first, last, start, end in others:
        if min(first, last) - _BESIDE <= at <= max(first, last) + _BESIDE:
            parts = (part for a, b in gaps for part in ((a, min(b, start)), (max(a, end), b)))
            gaps = [(a, b) for a, b in parts if a < b]  # at once: the sides of boxes in a row are dozens of lines
    return [(at, a, b) for a, b in gaps if b - a > _SHORTEST]
