"""Two sheets side by side on one page, as an opened booklet is scanned or A4 is printed on A3: a page each.

A table that goes on from sheet to sheet, and the order of reading, are then as on any other pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from service.documents.model import Box, Page, Rule

_BROAD = 1.15
"""Least width of two sheets together, in page heights."""
_MIDDLE = (0.4, 0.6)
"""Where the sheets meet, in page widths."""
_GAP = 0.03
"""Narrowest empty strip between the print of two sheets, in page widths."""
_TABLE = 0.2
"""Least length of a rule of a table that takes the breadth of its sheet, in page widths."""
_RULES = 3
"""Rules that such a table has at least."""


def sheets(page: Page) -> tuple[Page, ...]:
    """Return the sheets on a page from left to right, in their own fractions; one sheet is the page itself.

    Only what is ruled tells two sheets from a page as broad as they: its tables would cross the middle, those of a
    sheet do not. `to_source` leads from the sheet to the source of the page; `render` is dropped.
    """
    if page.width < _BROAD * page.height:
        return (page,)
    long = [rule for rule in page.rules if rule.horizontal and abs(rule.x1 - rule.x0) >= _TABLE]
    middle = _fold([(token.box.x0, token.box.x1) for token in page.tokens] + [_reach(rule) for rule in long])
    if middle is None or max(_on_left(long, middle), len(long) - _on_left(long, middle)) < _RULES:
        return (page,)
    halves = tuple(_half(page, low, high) for low, high in ((0.0, middle), (middle, 1.0)))
    return halves if all(half.tokens for half in halves) else (page,)


def _reach(rule: Rule) -> tuple[float, float]:
    return min(rule.x0, rule.x1), max(rule.x0, rule.x1)


def _on_left(rules: Sequence[Rule], middle: float) -> int:
    return sum(rule.x0 + rule.x1 < 2 * middle for rule in rules)


def _fold(print_: Sequence[tuple[float, float]]) -> float | None:
    """The place nearest to the middle that is in a strip empty of print; None where there is none."""
    found: list[float] = []
    end = 0.0
    for start, stop in (*sorted(print_), (1.0, 1.0)):
        low, high = max(end, _MIDDLE[0]), min(start, _MIDDLE[1])
        if high - low >= _GAP:
            found.append(min(max(0.5, low + _GAP / 2), high - _GAP / 2))
        end = max(end, stop)
    return min(found, key=lambda x: abs(x - 0.5), default=None)


def _half(page: Page, low: float, high: float) -> Page:
    """What stands between two edges of a page, in fractions of what lies between them."""
    share = high - low

    def x(value: float) -> float:
        return (value - low) / share

    tokens = tuple(
        replace(token, box=Box(x(token.box.x0), token.box.y0, x(token.box.x1), token.box.y1))
        for token in page.tokens
        if low <= (token.box.x0 + token.box.x1) / 2 < high
    )
    rules = tuple(
        replace(rule, x0=x(rule.x0), x1=x(rule.x1)) for rule in page.rules if low <= (rule.x0 + rule.x1) / 2 < high
    )
    to_source = tuple(_moved(page.to_source or (1, 0, 0, 0, 1, 0, 0, 0, 1), low, share))
    return replace(page, width=page.width * share, tokens=tokens, rules=rules, to_source=to_source, render=None)


def _moved(homography: Sequence[float], low: float, share: float) -> Iterator[float]:
    """A homography of the page, for points in fractions of the strip that begins at `low` and is `share` broad."""
    for a, b, c in zip(homography[::3], homography[1::3], homography[2::3], strict=True):
        yield from (a * share, b, a * low + c)
