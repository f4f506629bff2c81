"""Tables of worn photocopies, whose rules are broken to dots or gone but for their crossings.

No piece of such a rule is long enough to be told from a stroke. But its remains (`service.scan.ruling.remains`) lie on
one line, and at the crossings with others, where the ink of two rules came together, and they end together at a border.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from models.text import TextBox
from service.documents.model import Rule
from service.scan.ruling.remains import APART, BIN, CROSSED, Remains, Trace, find_remains, find_traces

_FIRST, SURE, FAINT = 9.0, 13.0, 8.0
"""Worth of a rule at least, before crossings are known and then: far above what the best of thousands of lines has, or
little above it, for tables of few rows."""
_REACH = 60
"""How far, in pixels, a rule's remains may end from the rule at which it ends ..."""
_FAR_REACH, _SURE = 400, 25.0
"""... and how far where their worth is so great that they are of some rule in any case."""
_EDGE = 0.025
"""What runs as near the edge of the page, as a share of its length, is a streak."""
_MET = 4.0
"""Log-likelihood ratio of the ink on a rule's crossings at least ..."""
_TELLING = 1.5
"""... where so many crossings can tell; on unbroken lines of the other direction they do not ..."""
_PLAIN = 24.0
"""... or else the rule's worth at least, times the share of its crossings with ink."""
_MOST = 0.35
"""Share of ink that is expected of a piece at most: a copy is paler here and there."""
_TALL = 2.6
"""A gap so many times higher than usual lies between two tables, unless ink tells otherwise."""
_WIDE, _BARE = 1.8, 2.0
"""So many times wider than usual is the way between two tables, and rules down are worth so much each there at most."""
_DIGIT, _STEM = 40, 0.7
"""A rule is longer than so many pixels, or than so much of the way between the two others around its middle."""
_AGREE, _SHARE = 4, 0.3
"""Where at least so many rules, and such a share of them, end side by side, a border closes them."""
_MARGIN, _CLEAR = 0.25, 0.2
"""Share of a cell's width at either side that a dash leaves clear; of a rule, even one worn to dots, there is far more
ink there than such a share of what lies between."""


_Piece = tuple[int, int, int]
"""Where a part of a rule lies, where it begins and where it ends."""


def dotted_rules(
    rules: Sequence[Rule], gray: NDArray[np.uint8], boxes: Sequence[TextBox], least: Sequence[float] = (SURE, FAINT)
) -> tuple[tuple[Rule, ...], ...]:
    """The rules that the remains on a page show, one choice for each worth that a rule must have.

    Args:
        rules: what was found of whole lines, or of such as are too faint to be remains.
        gray: the deskewed page, height x width, at about 200 dpi.
        boxes: the lines of text that the detector saw.
        least: worths of a rule, each as the logarithm of what it is likelier than chance.
    """
    shape = (gray.shape[0], gray.shape[1])
    flat, upright = find_remains(gray, boxes, rules)
    first = find_traces(flat, [], _FIRST), find_traces(upright, [], _FIRST)
    return tuple(_rules_worth(one, flat, upright, first, shape) for one in least)


def _rules_worth(
    least: float, flat: Remains, upright: Remains, first: tuple[list[Trace], list[Trace]], shape: tuple[int, int]
) -> tuple[Rule, ...]:
    """The rules of such a worth at least, from what was found before crossings were known."""
    height, width = shape
    across, down = first
    for _ in range(2):
        known, across = down, find_traces(flat, down, least)
        down = find_traces(upright, across, least)
        if _places(down) == _places(known):
            break  # the same would be found again
    across, down = _crossed(across, down), _crossed(down, across)
    across, down = _without_streaks(across, width), _without_streaks(down, height)
    across, down = _pruned(flat, upright, across, down)
    across, down = _without_strokes(across, down), _without_strokes(down, across)
    across = [trace for trace in across if not _of_dashes(flat, trace, down)]
    across, down = _crossed(across, down), _crossed(down, across)
    lines: list[_Piece] = []
    columns: list[_Piece] = []
    for rows, parts in _tables(upright, across, down):
        left_right, top_bottom = _borders(rows, parts), _borders(parts, rows)
        lines += [(t.at, *piece) for t in rows for piece in _pieces(flat, t, [*parts, *left_right])]
        lines += [(border.at, border.start, border.end) for border in top_bottom]
        columns += [(t.at, *piece) for t in parts for piece in _pieces(upright, t, [*rows, *top_bottom])]
        columns += [(border.at, border.start, border.end) for border in left_right]
    return (
        *(Rule(x0 / width, y / height, x1 / width, y / height) for y, x0, x1 in lines),
        *(Rule(x / width, y0 / height, x / width, y1 / height) for x, y0, y1 in columns),
    )


def _places(traces: Sequence[Trace]) -> list[_Piece]:
    return [(trace.at, trace.start, trace.end) for trace in traces]


def _tables(
    upright: Remains, across: Sequence[Trace], down: Sequence[Trace]
) -> Iterator[tuple[list[Trace], list[Trace]]]:
    """The rules of every table on the page, one below the other.

    The borders of both lie on one line, and by chance a column of one on that of the other: on the way from one table
    to the next nothing is drawn of them.
    """
    ats = sorted(trace.at for trace in across)
    usual = float(np.median(np.diff(ats))) if len(ats) > 1 else 0.0
    ways = [(a, b) for a, b in pairwise(ats) if _parts(upright, down, a, b, wide=b - a > _WIDE * usual)]
    if not ways:
        yield list(across), list(down)
        return
    sides = {f(trace.at for trace in down) for f in (min, max)} if down else set()
    tops, bottoms = [b - APART for _, b in ways], [a + APART for a, _ in ways]
    for top, bottom in zip([0, *tops], [*bottoms, upright.ink.shape[1] * BIN], strict=True):
        flat = [trace for trace in across if top <= trace.at <= bottom]
        within = [trace for trace in down if trace.start < bottom - 2 * APART and trace.end > top + 2 * APART]
        steep = [replace(trace, start=max(trace.start, top), end=min(trace.end, bottom)) for trace in within]
        crossed = _crossed(steep, flat)
        yield _crossed(flat, steep), [trace for trace in steep if trace in crossed or trace.at in sides]


def _parts(upright: Remains, down: Sequence[Trace], top: int, bottom: int, *, wide: bool) -> bool:
    """Whether two tables lie above and below the way between two rules.

    Next to nothing is drawn there, and more columns begin below it than pass. Where it is no wider than a row, so many
    must end above it as well.
    """
    reach = min(_REACH, (bottom - top) // 2)
    passing = [trace for trace in down if _runs_by(trace, top, reach) and _runs_by(trace, bottom, reach)]
    worth = sum(float(_piece_worths(upright, trace)[_bins(top, bottom)].sum()) for trace in passing)
    ending = sum(abs(trace.end - top) <= reach for trace in down if trace not in passing)
    following = sum(trace.start >= bottom - reach for trace in down if trace not in passing)
    if wide:
        return worth <= _BARE * len(passing) and len(passing) <= following
    return worth < 0 and len(passing) <= ending and 2 * len(passing) <= following


def _bins(a: int, b: int) -> slice:
    """The bins between two crossings."""
    return slice((a + 5) // BIN + 1, (b - 5) // BIN)


def _borders(traces: Sequence[Trace], others: Sequence[Trace]) -> list[Trace]:
    """The borders, beyond all of `others`, at which many rules end together."""
    between = range(min((o.at for o in others), default=0) - APART, max((o.at for o in others), default=0) + APART)
    found: list[Trace] = []
    for ends in (sorted((t.start, t.at) for t in traces), sorted(((t.end, t.at) for t in traces), reverse=True)):
        for outermost, _ in ends:
            beside = [(end, at) for end, at in ends if abs(end - outermost) <= 2 * BIN]
            if len(beside) >= max(_AGREE, _SHARE * len(traces)):
                place = round(float(np.median([end for end, _ in beside])))
                if others and place not in between:
                    first, last = min(at for _, at in beside), max(at for _, at in beside)
                    stops = sorted({trace.at for trace in traces if first <= trace.at <= last})
                    found += [Trace(place, int(a), int(b), _FIRST) for a, b in _stretches(stops)]
                break
    return found


def _stretches(stops: Sequence[int]) -> list[tuple[int, int]]:
    """From where to where places follow each other without a gap as wide as between two tables."""
    if len(stops) < 2:
        return []
    usual = float(np.median(np.diff(stops)))
    cuts = [i for i, gap in enumerate(np.diff(stops), start=1) if gap > _TALL * usual]
    return [(part[0], part[-1]) for part in np.split(np.array(stops), cuts) if len(part) > 1]


def _crossed(traces: Sequence[Trace], others: Sequence[Trace]) -> list[Trace]:
    """The rules that meet two others at least."""
    kept = []
    for trace in traces:
        reach = _FAR_REACH if trace.worth > _SURE else _REACH
        if sum(_runs_by(trace, o.at, reach) and _runs_by(o, trace.at, _REACH) for o in others) >= 2:
            kept.append(trace)
    return kept


def _runs_by(trace: Trace, place: int, reach: float) -> bool:
    return trace.start - reach <= place <= trace.end + reach


def _without_strokes(traces: Sequence[Trace], others: Sequence[Trace]) -> list[Trace]:
    """Leave out what is no longer than a digit and shorter than the cell that it stands in: a stem, a dash."""
    stops = sorted(other.at for other in others)
    kept = []
    for trace in traces:
        length, after = trace.end - trace.start, bisect(stops, (trace.start + trace.end) // 2)
        way = stops[after] - stops[after - 1] if 0 < after < len(stops) else 0
        if length > _DIGIT or length >= _STEM * way:
            kept.append(trace)
    return kept


def _of_dashes(flat: Remains, trace: Trace, down: Sequence[Trace]) -> bool:
    """Whether a line is a row of dashes, which stand in the middle of their cells and nowhere near the sides."""
    middle, beside = list[float](), list[float]()
    for a, b in pairwise(sorted(other.at for other in down if _runs_by(trace, other.at, 0))):
        bins = _bins(a, b)
        ink, count = flat.ink[trace.at, bins], bins.stop - bins.start
        side = int(_MARGIN * count)
        if side:
            middle.append(float(ink[side:-side].mean()))
            beside.append(float(np.concatenate([ink[:side], ink[-side:]]).mean()))
    return sum(share > 0 for share in middle) >= _AGREE and sum(beside) < _CLEAR * sum(middle)


def _without_streaks(traces: Sequence[Trace], length: int) -> list[Trace]:
    """Leave out what dirt on a copier's glass draws over the entire page."""
    edge = _EDGE * length
    return [trace for trace in traces if trace.start > edge and trace.end < length - edge]


def _pruned(
    flat: Remains, upright: Remains, across: Sequence[Trace], down: Sequence[Trace]
) -> tuple[list[Trace], list[Trace]]:
    """Leave out, one by one and the worst first, what has no ink where it crosses others: text in rows or columns."""
    across, down = list(across), list(down)
    while True:
        worst: tuple[float, list[Trace], int] | None = None
        for remains, traces, others in ((flat, across, down), (upright, down, across)):
            for i, trace in enumerate(traces):
                ratio, telling, met = _on_crossings(remains, trace, others)
                sound = ratio >= _MET or telling < _TELLING or trace.worth * met >= _PLAIN * telling
                value = ratio + 0.05 * trace.worth
                if not sound and (worst is None or value < worst[0]):
                    worst = value, traces, i
        if worst is None:
            return across, down
        del worst[1][worst[2]]


def _on_crossings(remains: Remains, trace: Trace, others: Sequence[Trace]) -> tuple[float, float, float]:
    """Log-likelihood ratio of the ink on a rule's crossings, how many of them can tell, and how many have some."""
    ratio = telling = met = 0.0
    for other in others:
        if not (_runs_by(trace, other.at, 2 * APART) and _runs_by(other, trace.at, 2 * APART)):
            continue
        at = remains.bin(other.at)
        hidden, usual = bool(remains.hidden[trace.at, at]), float(remains.crossed[trace.at, at])
        chance = min(max(1.8 * usual, 0.02), 0.97)
        rule = max(CROSSED, chance)
        weight = 1.0 if hidden else 1 - min(1.0, 1.3 * usual)
        hit = remains.met(trace.at, other.at) and not hidden
        ratio += float(np.log(rule / chance) if hit else np.log((1 - rule) / (1 - chance)))
        telling += weight
        met += weight * hit
    return ratio, telling, met


def _pieces(remains: Remains, trace: Trace, others: Sequence[Trace]) -> list[tuple[int, int]]:
    """The stretches of a rule between crossings where it is drawn."""
    stops = sorted(other.at for other in others if _runs_by(other, trace.at, _REACH / 2))
    every = sorted(other.at for other in others)
    if len(stops) < 2:
        return []
    usual = float(np.median(np.diff(every)))
    worths = _piece_worths(remains, trace)
    scores = []
    for a, b in pairwise(stops):
        bins = _bins(a, b)
        inner = float(worths[bins].sum())
        score = min(max(inner, -3.0), 8.0) + _end(remains, trace, a) + _end(remains, trace, b)
        if trace.start - _REACH / 2 <= a and b <= trace.end + _REACH / 2:
            score += 2.5
        else:
            score += 0.5 if a < trace.end and trace.start < b else -2.5
        if remains.hidden[trace.at, bins].sum() > 0.3 * len(worths[bins]):
            score -= 4
        if b - a > _TALL * usual and inner < 2 and not any(a < stop < b for stop in every):
            score -= 1.5
        scores.append(score)
    return _runs(stops, scores)


def _piece_worths(remains: Remains, trace: Trace) -> NDArray[np.float64]:
    """What each bin of a rule's line tells of the rule's being there, at its own share of ink."""
    own = slice(trace.start // BIN, max(trace.start // BIN + 1, trace.end // BIN))
    ink, hidden, chance = remains.ink[trace.at], remains.hidden[trace.at], remains.chance[trace.at].clip(0, 0.95)
    seen = ink[own][~hidden[own]]
    rule = np.maximum(float(np.clip(seen.mean(), 0.03, _MOST)) if len(seen) else 0.03, chance)
    worths = np.where(ink > 0, np.log(rule / chance), np.log((1 - rule) / (1 - chance)))
    return np.where(hidden, 0.0, worths)


def _end(remains: Remains, trace: Trace, crossing: int) -> float:
    """What the crossing at one end of a piece tells of its being there."""
    telling = 1 - min(1.0, 1.3 * float(remains.crossed[trace.at, remains.bin(crossing)]))
    return telling * (1.0 if remains.met(trace.at, crossing) else -1.5)


def _runs(stops: Sequence[int], scores: Sequence[float]) -> list[tuple[int, int]]:
    """The pieces that are there, those joined that meet; one between two others that are needs less."""
    there = [score > 0 for score in scores]
    for i in range(1, len(there) - 1):
        there[i] = there[i] or (there[i - 1] and there[i + 1] and scores[i] > -3)
    found: list[tuple[int, int]] = []
    for drawn, (a, b) in zip(there, pairwise(stops), strict=True):
        if drawn:
            begin = found.pop()[0] if found and found[-1][1] == a else a
            found.append((begin, b))
    return found
