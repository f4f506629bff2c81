"""Lines that run through text: strokes of its characters that chance to lie on one level, and no ruled lines.

Print keeps off the lines above and below it, so that a line through the middle of what the detector saw as text is
none; and what stands on such lines, down to the next, falls with them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
