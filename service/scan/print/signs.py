"""A minus before a number, told by the shape of its ink: readers that expect counts overlook so short a stroke."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.pooling import Candidate
from service.scan.print.ink import Ink
from service.scan.print.lines import InkLine

_TALL = 0.6
"""A number is no lower than so many heights of a digit."""
_SHORT, _LOW = 0.15, 0.28
"""Least width and greatest height of a minus, in heights of a digit."""
_LEVEL = 0.12
"""How far its upper and its lower edge may rise or fall, in heights of a digit: those of a digit's own strokes do."""
_WHOLE = 0.8
"""What it touches is no lower than such a share of the number's height, or it is a plus."""
_MIDDLE = (0.28, 0.78)
"""Between which shares of the number's height, from above, it stands."""
_TOUCHING = 0.65
"""Down to where one stands that touches the number: the foot of a four lies lower."""
_ARM = 0.5
"""The right arm of a plus is no shorter than such a share of the left one."""
_REACH = 0.15
"""Heights of a digit by which the upright of a plus reaches beyond its arms, at least, and by how much farther one way
than the other, at most: that of a four stands high on its foot."""
_ODDS = 50.0
"""How much likelier ink of this shape is where a minus is printed. Of the numbers on pages of drawn scans 16 of 16 with
a minus that the wear had left, and 2 of 716 without, have it: both on copies, a broken four and a plus on a streak."""
_OVERLOOKED = 0.01
"""How often, at least, a reader that is sure of a number has overlooked its minus."""
_KEPT = 8
_ZERO, _MINUS_ZERO = "0", "-0"


def has_minus(line: InkLine, ink: Ink, digit: float) -> bool:
    """Whether a line of ink begins with a minus: its first columns hold a short level stroke at half height.

    Args:
        line: a number's ink.
        ink: the page's ink.
        digit: height of a digit in pixels.
    """
    box = line.box
    if box.height < _TALL * digit:
        return False
    own, inked, tops, bottoms = _columns(line, ink)
    low = inked & (bottoms - tops <= _LOW * digit)
    first = _until(low)
    if first <= _SHORT * digit or first == box.width:
        return False
    level = slice(first - 1)  # the last column may touch what follows
    touched = _until(inked[first:] & ~low[first:])
    beyond = own[:, first : first + touched]
    if beyond.any() and np.ptp(np.flatnonzero(beyond.any(axis=1))) < _WHOLE * box.height:
        return False
    if max(np.ptp(tops[level]), np.ptp(bottoms[level])) > max(1.0, _LEVEL * digit):
        return False
    middles = (tops + bottoms) / 2
    middle = float(np.median(middles[level]))
    arm = _until(low[first + touched :] & (np.abs(middles[first + touched :] - middle) <= _LEVEL * digit))
    if touched and arm >= _ARM * first:
        return False
    return _MIDDLE[0] <= middle / box.height <= (_TOUCHING if touched else _MIDDLE[1])


def plus_width(line: InkLine, ink: Ink, digit: float) -> int:
    """How many of its first columns are a plus, and the gap behind it, where a line of ink begins with one; else 0.

    That is a level stroke, an upright that reaches beyond it up and down, and as level a stroke behind that.

    Args:
        line: a number's ink.
        ink: the page's ink.
        digit: height of a digit in pixels.
    """
    own, inked, tops, bottoms = _columns(line, ink)
    low = inked & (bottoms - tops <= _LOW * digit)
    left = _until(low)
    upright = _until(inked[left:] & ~low[left:])
    right = _until(low[left + upright :])
    end = left + upright + right
    gap = _until(~inked[end:])
    number = own[:, end + gap :]
    if min(left, right) <= _SHORT * digit or min(left, right) < _ARM * max(left, right) or not gap:
        return 0
    if not 0 < upright <= _LOW * digit or not number.any():
        return 0
    arms = [*range(left - 1), *range(left + upright + 1, end)]  # the columns beside the upright may touch it
    middles = (tops + bottoms)[arms] / 2
    rows = np.flatnonzero(own[:, left : left + upright].any(axis=1))
    middle, tall = float(np.median(middles)), np.ptp(np.flatnonzero(number.any(axis=1)))
    level = np.ptp(middles) <= _LEVEL * digit
    above, below = middle - rows[0], rows[-1] + 1 - middle
    through = min(above, below) >= _REACH * digit and abs(above - below) <= _REACH * digit
    return end + gap if level and through and tall >= _TALL * digit else 0


def with_signs(candidates: Sequence[Candidate], *, minus: bool) -> tuple[Candidate, ...]:
    """A reader's candidates, each with the probability that its sign leaves it.

    Nobody prints minus zero: what reads so is a zero, and dirt or a worn piece of it.

    Args:
        candidates: best first, at most eight.
        minus: the ink has a minus by its shape; of each number with and without one what both have is shared anew.
    """
    if not minus and all(text != _MINUS_ZERO for text, _ in candidates):
        return tuple(candidates)
    shares: defaultdict[str, float] = defaultdict(float)
    for text, p in candidates:
        shares[_ZERO if text == _MINUS_ZERO else text] += p
    for number in {text.removeprefix("-") for text in shares} - {_ZERO} if minus else ():
        if number[:1].isdigit():
            plain, signed = shares[number], shares[f"-{number}"]
            both, likely = plain + signed, _ODDS * max(signed, _OVERLOOKED * (plain + signed))
            shares[number] = both * plain / (plain + likely)
            shares[f"-{number}"] = both * likely / (plain + likely)
    ranked = sorted(shares.items(), key=lambda one: -one[1])
    return tuple((text, p) for text, p in ranked[:_KEPT] if p > 0)


def _columns(
    line: InkLine, ink: Ink
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.intp], NDArray[np.intp]]:
    """The dots of a line; of each of its columns whether there is one, and from where to where they reach."""
    box = line.box
    own = ink.dots(line.blots, slice(box.y0, box.y1), slice(box.x0, box.x1))
    return own, np.asarray(own.any(axis=0)), own.argmax(axis=0), box.height - own[::-1].argmax(axis=0)


def _until(columns: NDArray[np.bool_]) -> int:
    """How many columns from the first on are so."""
    return len(columns) if columns.all() else int(columns.argmin())
