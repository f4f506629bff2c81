"""How the rules of a page bend once it is straightened, as on a curled or wavy sheet: no homography tells that."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ALONG, _ASIDE = 4, 2
"""Degrees of the surface along the rules and from one to the next."""
_ROUNDS = 6
"""Rounds of robust least squares."""
_STIFF = 1e-2
"""Weight of the prior that nothing bends."""
_ENOUGH = 4.0
"""Length that rules have together, at least, in units of the longer side, as all that follow."""
_LEAST, _MOST = 0.0013, 0.03
"""What rules are moved by, at least somewhere (three pixels of 2,339), and at most."""
_STRAIGHTER = 0.6
"""The slopes that are left are less than this share of those that were there, or it is no bend."""


@dataclass(frozen=True, slots=True)
class Bend:
    """By how much rules that run along the first axis lie off their place along the second."""

    coefficients: Floats
    low: Floats
    """The corner of what the rules tell of, and the opposite one: beyond, nothing changes any more."""
    high: Floats

    def at(self, along: Floats, aside: Floats) -> Floats:
        """The displacement at places, as they are, in units of the longer side from the page's centre."""
        x, y = np.clip(along, self.low[0], self.high[0]), np.clip(aside, self.low[1], self.high[1])
        return np.asarray(sum(c * x**i * y**j for c, (i, j) in zip(self.coefficients, _TERMS, strict=True)), np.float64)


_TERMS = tuple(product(range(1, _ALONG + 1), range(_ASIDE + 1)))


def find_bend(segments: Floats) -> Bend | None:
    """The bend of a page.

    Args:
        segments: n x 2 x 2, both ends of straight pieces of rules that should run along the first axis, in units of
            the longer side, origin at the page's centre.

    Returns:
        None where they are straight, or do not tell.
    """
    if not len(segments):
        return None
    delta, middle = segments[:, 1] - segments[:, 0], segments.mean(axis=1)
    length, slope = np.abs(delta[:, 0]), delta[:, 1] / delta[:, 0]
    if length.sum() < _ENOUGH:
        return None
    x, y = middle.T
    # A surface of sums of x^i y^j has slopes of sums of i x^(i-1) y^j.
    terms = np.column_stack([i * x ** (i - 1) * y**j for i, j in _TERMS])
    found, weight = np.zeros(len(_TERMS)), np.sqrt(length)
    for _ in range(_ROUNDS):
        left = np.abs(slope - terms @ found)
        scale = max(float(np.median(left)), 5e-4)
        robust = weight / np.maximum(1, left / (2 * scale))
        system = np.vstack([terms * robust[:, None], _STIFF * np.eye(len(_TERMS))])
        found = np.linalg.lstsq(system, np.concatenate([slope * robust, np.zeros(len(_TERMS))]), rcond=None)[0]
    bend = Bend(found, segments.reshape(-1, 2).min(axis=0), segments.reshape(-1, 2).max(axis=0))
    moved = bend.at(*middle.T)
    before, after = (float(np.average(np.abs(one), weights=length)) for one in (slope, slope - terms @ found))
    if after > _STRAIGHTER * before or not _LEAST <= np.abs(moved).max() <= _MOST:
        return None
    return bend
