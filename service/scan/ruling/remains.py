"""What a copier has left of ruled lines: specks on one straight line, told from chance by how many there are.

Every line across the page is looked at in short bins. A bin with ink speaks for a ruled line as far as there is little
ink just above and below it, a bin without speaks a little against it, and one that text covers tells nothing. The
stretch of a line for which the sum of these log-likelihood ratios is highest is where the rule runs, if the sum is more
than chance brings about. Lengths are in pixels at about 200 dpi; vertical lines are looked for in the transposed page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from models.text import TextBox
from service.documents.model import Rule

BIN = 6
APART = 9
"""Fewest pixels between two lines."""
CROSSED = 0.7
"""Share of the crossings of two lines at which ink is left, even where the lines themselves are gone."""
_DARK = 140
_BLOB = 11
"""Ink that is so thick and so tall once its gaps are closed is no line."""
_PROSE = 20.0
"""So many times wider than high is a line of prose; it is hidden with what its strokes reach beyond its box."""
_NEAR, _FAR = 5, 18
"""From where to where lies what a line is held against, above it and below."""
_RARE = 0.012
"""Least probability of ink in a bin, and the weight of it in bins: specks are everywhere."""
_PRIOR = 12
_CROSSING = 0.45
"""Probability of ink beside a bin from which on a rule crosses there; where less is, the bins beside it count too."""
_SHARES = (0.02, 0.07, 0.25, 0.7)
"""Shares of a rule's bins in which ink is left that are tried."""
_HIDDEN = -0.1
"""What a bin that text covers counts."""
_BESIDE = 0.3
"""What the bins beside a crossing count at most: its ink may lie in them too."""
_ROUNDS = 4
"""So many rules may lie on one line at most."""

_Mask = NDArray[np.uint8]
_Table = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Trace:
    """A rule: the line that it lies on, from where to where, and by how much its remains are more likely than not."""

    at: int
    start: int
    end: int
    worth: float


@dataclass(frozen=True, slots=True, eq=False)
class Remains:
    """Ink on every line in one direction; lines x bins."""

    ink: _Table
    """1 where ink that is no text's lies in a bin or up to two lines beside it."""
    hidden: NDArray[np.bool_]
    """Where text stands."""
    chance: _Table
    """The probability of ink in a bin where no rule runs."""
    crossed: _Table
    """The same where a rule of the other direction runs through the bin."""
    near: _Mask
    """Lines x pixels: 1 where ink lies within some pixels along the line."""
    worths: _Table = field(init=False)
    """Shares that are tried x lines x bins: what each bin tells, as a log-likelihood ratio (see `_worths`)."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "worths", np.stack([_worths(self, share) for share in _SHARES]))

    def met(self, at: int, crossing: int) -> bool:
        """Whether ink lies where a line of the other direction crosses."""
        return bool(self.near[max(0, at - 1) : at + 2, min(crossing, self.near.shape[1] - 1)].any())

    def bin(self, place: int) -> int:
        """The bin of a place along the lines."""
        return min(place // BIN, int(self.ink.shape[1]) - 1)


def find_remains(gray: _Mask, boxes: Sequence[TextBox], rules: Sequence[Rule]) -> tuple[Remains, Remains]:
    """The remains of rules across the page and down.

    Args:
        gray: the deskewed page, height x width.
        boxes: the lines of text that the detector saw.
        rules: what was found of rules, also such as are too faint to be remains.
    """
    ink = (gray < _DARK).astype(np.uint8)
    height, width = ink.shape
    text = _text(ink, boxes)
    known = {True: np.zeros_like(ink), False: np.zeros_like(ink)}
    for rule in rules:
        begin, end = ((round(x * width), round(y * height)) for x, y in ((rule.x0, rule.y0), (rule.x1, rule.y1)))
        cv2.line(known[rule.horizontal], begin, end, 1, 2)
    across, down = (_of_rules(ink, text, known[flat]) for flat in (True, False))
    return _remains(*across), _remains(*(np.asarray(cv2.transpose(mask), np.uint8) for mask in down))


def _text(ink: _Mask, boxes: Sequence[TextBox]) -> _Mask:
    """Where text stands: in what the detector saw, and where ink is thick both ways once its gaps are closed."""
    kernel = np.ones((_BLOB, _BLOB), np.uint8)
    blobs = cv2.morphologyEx(cv2.morphologyEx(ink, cv2.MORPH_CLOSE, kernel), cv2.MORPH_OPEN, kernel)
    text = np.asarray(cv2.dilate(blobs, np.ones((7, 7), np.uint8)), np.uint8)
    for box in boxes:
        tall = box.y1 - box.y0
        inset = -0.08 * tall if is_prose(box) else 0.05 * tall
        top, bottom, left, right = (int(max(0, v)) for v in (box.y0 + inset, box.y1 - inset, box.x0, box.x1))
        text[top:bottom, left:right] = 1
    return text


def is_prose(box: TextBox) -> bool:
    """Whether a line of text is so wide that it stands in no cell."""
    return box.x1 - box.x0 > _PROSE * (box.y1 - box.y0)


def _of_rules(ink: _Mask, text: _Mask, known: _Mask) -> tuple[_Mask, _Mask]:
    """The ink that may be of rules, and where text hides them: nowhere along those that are known."""
    return (ink & ~text) | known, text & ~known


def _remains(ink: _Mask, text: _Mask) -> Remains:
    spread = np.asarray(cv2.dilate(ink, np.ones((5, 1), np.uint8)), np.uint8)
    hidden = _dots(text) > BIN // 2
    open_ = (~hidden).astype(np.float32)
    here = (_dots(spread) > 0) * open_
    rare = max(_RARE, 0.7 * float(np.median(here.mean(axis=1))))
    held, of = _beside(here), _beside(open_)
    own = (held + rare * _PRIOR) / (of + _PRIOR)
    wide = (cv2.blur(held, (3, 1)) + rare * _PRIOR) / (cv2.blur(of, (3, 1)) + _PRIOR)
    chance, crossed = (np.clip(p, rare, 0.97) for p in (np.where(own > _CROSSING, own, wide), np.maximum(own, wide)))
    near = np.asarray(cv2.dilate(spread, np.ones((1, 9), np.uint8)), np.uint8)
    return Remains(here, hidden, np.asarray(chance, np.float32), np.asarray(crossed, np.float32), near)


def _dots(mask: _Mask) -> _Mask:
    """Lines x bins: how many pixels of a bin are marked."""
    bins = mask.shape[1] // BIN
    counts = np.zeros((len(mask), bins), np.uint8)
    for i in range(BIN):
        counts += mask[:, i : bins * BIN : BIN]
    return counts


def _beside(table: _Table) -> _Table:
    """The sum of what lies above and below each place, but not next to it."""
    far, near = (
        cv2.blur(table, (1, 2 * reach + 1), borderType=cv2.BORDER_CONSTANT) * (2 * reach + 1) for reach in (_FAR, _NEAR)
    )
    return np.asarray(far - near, np.float32)


def find_traces(remains: Remains, crossing: Sequence[Trace], least: float) -> list[Trace]:
    """The rules of one direction.

    Args:
        remains: of the same direction.
        crossing: rules of the other direction, as far as they are known: much of what is left lies on their crossings.
        least: the worth of a rule at least.
    """
    tables = remains.worths.copy()
    for table in tables:
        _weigh_crossings(table, remains, crossing)
    runs = _best_runs(tables, least)
    found: list[Trace] = []
    for _ in range(_ROUNDS):
        more = _best_traces(runs, least)
        if not more:
            break
        found += more
        changed = np.zeros(tables.shape[1], bool)
        for trace in more:
            lines = slice(max(0, trace.at - APART), trace.at + APART + 1)
            changed[lines] = True
            tables[:, lines, max(0, trace.start // BIN - 2) : trace.end // BIN + 2] = -3
        for known, new in zip(runs, _best_runs(tables[:, changed], least), strict=True):
            known[:, changed] = new
    return found


def _worths(remains: Remains, share: float) -> _Table:
    """Log-likelihood ratio of every bin for a rule of which such a share is left."""
    chance = remains.chance
    rule = np.maximum(share, np.minimum(0.98, 1.3 * chance))
    worths = np.log(np.where(remains.ink > 0, rule / chance, (1 - rule) / (1 - chance)))
    worths[remains.hidden] = _HIDDEN
    return np.asarray(worths, np.float32)


def _weigh_crossings(worths: _Table, remains: Remains, crossing: Sequence[Trace]) -> None:
    """Put what ink on crossings, and the lack of it, tells in place of what its bins do."""
    for trace in crossing:
        lines, at = slice(max(0, trace.start - 3 * BIN), trace.end + 3 * BIN), remains.bin(trace.at)
        met = remains.near[lines, min(trace.at, remains.near.shape[1] - 1)] > 0
        chance = np.clip(1.5 * remains.crossed[lines, at], _RARE, 0.95)
        rule = np.maximum(CROSSED, chance)
        worth = np.where(met, np.log(rule / chance), np.log((1 - rule) / (1 - chance)))
        worths[lines, at] = np.where(remains.hidden[lines, at], 0.5 * met, worth)
        for beside in (at - 1, at + 1):
            if 0 <= beside < worths.shape[1]:
                worths[lines, beside] = np.minimum(worths[lines, beside], _BESIDE)


_Runs = tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]
"""Shares x lines: the worth of the best stretch, its first and its last bin (excluded); 0 where that is too little."""


def _best_traces(runs: _Runs, least: float) -> list[Trace]:
    """The best stretch of every line, but of lines side by side only the best one's, and the middle one of equals."""
    sums, firsts, lasts = runs
    best, taken = sums.max(axis=0), np.zeros(sums.shape[1] + 2 * APART, bool)
    found: list[Trace] = []
    for at in np.lexsort((_off_middle(best), -best)).tolist():
        if best[at] < least:
            break
        if not taken[at + APART]:
            taken[at : at + 2 * APART + 1] = True
            share = int(sums[:, at].argmax())
            found.append(Trace(at, int(firsts[share, at]) * BIN, int(lasts[share, at]) * BIN, float(best[at])))
    return found


def _off_middle(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """How far each value, in half places, is from the middle of the equal ones that it stands among."""
    edges = np.flatnonzero(np.diff(values, prepend=np.nan, append=np.nan))
    middles = np.repeat(edges[:-1] + edges[1:] - 1, np.diff(edges))
    return np.asarray(np.abs(2 * np.arange(len(values)) - middles), np.int64)


def _best_runs(worths: _Table, least: float) -> _Runs:
    """The greatest sum of neighbouring bins on every line, as far as it may reach `least`."""
    flat = worths.reshape(-1, worths.shape[-1])
    best = np.zeros(len(flat))
    first, last = np.zeros(len(flat), np.int64), np.zeros(len(flat), np.int64)
    # No stretch is worth more than all bins that speak for a rule, which are few on most lines.
    worthy = np.flatnonzero(np.maximum(flat, 0).sum(axis=1, dtype=np.float64) >= least)
    sums = np.zeros((len(worthy), flat.shape[1] + 1))
    np.cumsum(flat[worthy], axis=1, dtype=np.float64, out=sums[:, 1:])
    lowest = np.minimum.accumulate(sums, axis=1)
    gains = sums - lowest
    ends, at = gains.argmax(axis=1), np.arange(len(worthy))
    best[worthy], last[worthy] = gains[at, ends], ends
    begins = (sums == lowest[at, ends][:, None]) & (np.arange(sums.shape[1]) <= ends[:, None])
    first[worthy] = sums.shape[1] - 1 - begins[:, ::-1].argmax(axis=1)
    shape = worths.shape[:2]
    return best.reshape(shape), first.reshape(shape), last.reshape(shape)
