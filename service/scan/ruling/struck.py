"""Lines that run through text: strokes of its characters that chance to lie on one level, and no ruled lines.

Print keeps off the lines above and below it, so that a line through the middle of what the detector saw as text is
none; and what stands on such lines, down to the next, falls with them. Where several lines down run through the
characters of one line of text, the chapter's heading between two tables as a rule, they end above it and below it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.text import TextBox
from service.documents.model import Rule

_WIDE = 2.0
"""A line of text is wider than so many times its height; of others it is not known which way they run."""
_PROSE, _IN_PROSE = 20.0, 0.3
"""So wide a line is one of prose, and of a line down so great a share lies in prose if it is none."""
_CORE = 0.25
"""Share of its height at its upper and lower edge that a rule may touch."""
_THROUGH = 0.5
"""Share of a line from which on it runs through text."""
_FALSE = 0.25
"""Share, by length, of the lines across, or down, that hang together, from which on of those none is ruled."""
_SEVERAL, _CROSSED = 4, 3
"""So many lines down run through one line of text, and so many through strokes of its characters, if it parts them: the
detector may see the texts of several cells as one, but between these no stroke runs on."""
_STROKE, _DARK = 9, 140
"""Pixels of a stroke across the middle of which a line down runs, and what is dark."""
_DRAWN, _LEAN = 0.3, 4
"""Share that is drawn of the others that really go on beside it, at least, and pixels by which they may lean."""
_BEYOND = 2.0
"""Heights of a line of text within which the last line across ends those down before it."""
_TOUCH = 0.01
"""Lines that come so close, in fractions of the page, meet."""


def without_struck(rules: Sequence[Rule], boxes: Sequence[TextBox], shape: tuple[int, int]) -> tuple[Rule, ...]:
    """The rules but for those through text.

    Args:
        rules: in fractions of the page.
        boxes: the lines of text that the detector saw.
        shape: (height, width) of the page in pixels.
    """
    across = {i for i, rule in enumerate(rules) if rule.horizontal and _through(rule, boxes, shape) >= _THROUGH}
    down = {i for i, rule in enumerate(rules) if not rule.horizontal and _in_prose(rule, boxes, shape) >= _IN_PROSE}
    if not across and not down:
        return tuple(rules)
    struck = set(across)
    for group in _groups(rules):
        flat = {i for i in group if rules[i].horizontal}
        if _is_part(rules, across & flat, flat) or _is_part(rules, down & group, group - flat):
            struck |= group
    return tuple(rule for i, rule in enumerate(rules) if i not in struck)


def parted_by_text(rules: Sequence[Rule], boxes: Sequence[TextBox], gray: NDArray[np.uint8]) -> tuple[Rule, ...]:
    """The rules, those down cut where several of them run through one line of text.

    Args:
        rules: in fractions of the page.
        boxes: the lines of text that the detector saw.
        gray: the page, height x width.
    """
    shape = (gray.shape[0], gray.shape[1])
    found = list(rules)
    for box in boxes:
        through = {i: x for i, rule in enumerate(found) if (x := _crossing(rule, box, shape)) is not None}
        strokes = sum(_is_stroke(x, box, gray) for x in through.values()) if len(through) >= _SEVERAL else 0
        if strokes >= _CROSSED:
            top, bottom = _free(found, box, shape)
            gone = {i for i, rule in enumerate(found) if i in through or _is_bare(rule, top, bottom, gray)}
            cut = [part for i in sorted(gone) for part in _without(found[i], top, bottom)]
            found = [*(rule for i, rule in enumerate(found) if i not in gone), *cut]
    return tuple(found)


def _crossing(rule: Rule, box: TextBox, shape: tuple[int, int]) -> float | None:
    """Where a line down runs through the inside of a wide line of text, in pixels; None where it does not."""
    height, width = shape
    tall, middle = box.y1 - box.y0, (box.y0 + box.y1) / 2
    x, edge = (rule.x0 + rule.x1) / 2 * width, _CORE * tall
    if rule.horizontal or box.x1 - box.x0 <= _WIDE * tall or not box.x0 + tall / 2 < x < box.x1 - tall / 2:
        return None
    through = rule.y0 * height < middle - edge and rule.y1 * height > middle + edge
    return x if through else None


def _is_stroke(x: float, box: TextBox, gray: NDArray[np.uint8]) -> bool:
    """Whether a stroke of a line of text runs across a place in it, to both sides."""
    inset, left = _CORE * (box.y1 - box.y0), max(0, round(x) - _STROKE // 2)
    inside = gray[max(0, int(box.y0 + inset)) : int(box.y1 - inset), left : left + _STROKE]
    return bool((inside < _DARK).all(axis=1).any())


def _free(rules: Sequence[Rule], box: TextBox, shape: tuple[int, int]) -> tuple[float, float]:
    """Between which heights, in fractions of the page, no line down runs that a line of text parts.

    It reaches to the last line across above it and to the first below it, if these are near.
    """
    height, width = shape
    tall, middle = box.y1 - box.y0, (box.y0 + box.y1) / 2
    across = [rule for rule in rules if rule.horizontal and rule.x0 * width < box.x1 and rule.x1 * width > box.x0]
    ats = [(rule.y0 + rule.y1) / 2 * height for rule in across]
    above = max((y for y in ats if box.y0 - _BEYOND * tall < y < middle), default=box.y0)
    below = min((y for y in ats if middle < y < box.y1 + _BEYOND * tall), default=box.y1)
    return above / height, below / height


def _is_bare(rule: Rule, top: float, bottom: float, gray: NDArray[np.uint8]) -> bool:
    """Whether a line down runs on between two heights where next to nothing is drawn of it."""
    if rule.horizontal or not rule.y0 < (top + bottom) / 2 < rule.y1:
        return False
    height, width = gray.shape
    left = max(0, round((rule.x0 + rule.x1) / 2 * width) - _LEAN)
    way = gray[round(top * height) : round(bottom * height) + 1, left : left + 2 * _LEAN + 1] < _DARK
    return float(way.any(axis=1).mean()) < _DRAWN


def _without(rule: Rule, top: float, bottom: float) -> list[Rule]:
    """What is left of a line down above and below these heights."""
    slope = (rule.x1 - rule.x0) / (rule.y1 - rule.y0)
    parts = [(rule.y0, min(rule.y1, top)), (max(rule.y0, bottom), rule.y1)]
    return [
        Rule(rule.x0 + slope * (a - rule.y0), a, rule.x0 + slope * (b - rule.y0), b) for a, b in parts if b - a > _TOUCH
    ]


def _is_part(rules: Sequence[Rule], some: set[int], every: set[int]) -> bool:
    """Whether some of these lines are as much of all of them, by length, as makes all false."""
    lengths = {i: abs(rules[i].x1 - rules[i].x0) + abs(rules[i].y1 - rules[i].y0) for i in every}
    return bool(some) and sum(lengths[i] for i in some) >= _FALSE * sum(lengths.values())


def _through(rule: Rule, boxes: Sequence[TextBox], shape: tuple[int, int]) -> float:
    """Share of a line across that lies inside lines of text."""
    height, width = shape
    y, x0, x1 = (rule.y0 + rule.y1) / 2 * height, round(rule.x0 * width), round(rule.x1 * width)
    covered = np.zeros(max(1, x1 - x0), bool)
    for box in boxes:
        tall = box.y1 - box.y0
        if box.x1 - box.x0 > _WIDE * tall and box.y0 + _CORE * tall < y < box.y1 - _CORE * tall:
            covered[max(0, int(box.x0) - x0) : max(0, int(box.x1) - x0)] = True
    return float(covered.mean())


def _in_prose(rule: Rule, boxes: Sequence[TextBox], shape: tuple[int, int]) -> float:
    """Share of a line down that lies well inside lines of prose."""
    height, width = shape
    x, y0, y1 = (rule.x0 + rule.x1) / 2 * width, round(rule.y0 * height), round(rule.y1 * height)
    covered = np.zeros(max(1, y1 - y0), bool)
    for box in boxes:
        tall = box.y1 - box.y0
        if box.x1 - box.x0 > _PROSE * tall and box.x0 + tall < x < box.x1 - tall:
            covered[max(0, int(box.y0) - y0) : max(0, int(box.y1) - y0)] = True
    return float(covered.mean())


def _groups(rules: Sequence[Rule]) -> list[set[int]]:
    """The rules that hang together, by their indices."""
    groups: list[set[int]] = []
    for i, rule in enumerate(rules):
        near = [group for group in groups if any(_meet(rule, rules[j]) for j in group)]
        groups = [group for group in groups if group not in near] + [{i}.union(*near)]
    return groups


def _meet(one: Rule, other: Rule) -> bool:
    return (
        min(one.x1, other.x1) - max(one.x0, other.x0) > -_TOUCH
        and min(one.y1, other.y1) - max(one.y0, other.y0) > -_TOUCH
    )
