"""Straight pieces of ruled lines: straightening, merging, clustering. All lengths in page widths."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.documents.model import Box, Rule


class Line(NamedTuple):
    """An axis-parallel line: its position across its direction, and where it begins and ends along it."""

    at: float
    lo: float
    hi: float

    @property
    def length(self) -> float:
        """Length in page widths."""
        return self.hi - self.lo


_Part = tuple[list[Line], list[Line]]
"""Horizontal and vertical lines that belong together."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Skew and convergence of a page's ruled lines: slope of the horizontals at a height, of the verticals at an x."""

    aspect: float
    across: tuple[float, float] = (0.0, 0.0)
    """Slope of the horizontals in the middle of the page, and its growth per page width downwards."""
    down: tuple[float, float] = (0.0, 0.0)
    """Slope (dx/dy) of the verticals in the middle of the page, and its growth per page width to the right."""

    def lines(self, rules: Iterable[Rule]) -> tuple[list[Line], list[Line]]:
        """Return the horizontal and the vertical lines, straightened; other slants are left out."""
        across, down = [], []
        for rule in rules:
            dx, dy = rule.x1 - rule.x0, (rule.y1 - rule.y0) * self.aspect
            if not math.isfinite(dx + dy) or min(abs(dx), abs(dy)) > 0.05 * max(abs(dx), abs(dy)):
                continue
            (u0, v0), (u1, v1) = self._flat(rule.x0, rule.y0), self._flat(rule.x1, rule.y1)
            if abs(dx) >= abs(dy):
                across.append(Line((v0 + v1) / 2, min(u0, u1), max(u0, u1)))
            else:
                down.append(Line((u0 + u1) / 2, min(v0, v1), max(v0, v1)))
        return across, down

    def flat_box(self, box: Box) -> Box:
        """Return a page box, in fractions, straightened: its middle moves, its size in page widths stays."""
        u, v = self._flat((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2)
        half_u, half_v = (box.x1 - box.x0) / 2, (box.y1 - box.y0) / 2 * self.aspect
        return Box(u - half_u, v - half_v, u + half_u, v + half_v)

    def _flat(self, x: float, y: float) -> tuple[float, float]:
        y *= self.aspect
        from_x, from_y = x - 0.5, y - self.aspect / 2
        slope_h = self.across[0] + self.across[1] * from_y
        slope_v = self.down[0] + self.down[1] * from_x
        return x - slope_v * from_y, y - slope_h * from_x

    def point(self, u: float, v: float) -> tuple[float, float]:
        """Return the page point, in fractions, of a straightened one in page widths."""
        from_u, from_v = u - 0.5, v - self.aspect / 2
        x = u + (self.down[0] + self.down[1] * from_u) * from_v
        y = v + (self.across[0] + self.across[1] * from_v) * from_u
        return x, y / self.aspect

    def box(self, u0: float, v0: float, u1: float, v1: float) -> Box:
        """Return the page box whose sides pass through the middles of the sides of a straightened rectangle."""
        middle_u, middle_v = (u0 + u1) / 2, (v0 + v1) / 2
        return Box(
            self.point(u0, middle_v)[0],
            self.point(middle_u, v0)[1],
            self.point(u1, middle_v)[0],
            self.point(middle_u, v1)[1],
        )


def fit_frame(rules: Sequence[Rule], aspect: float) -> Frame:
    """Measure skew (to about 2 degrees) and convergence of the long lines."""
    across, down = [], []
    for rule in rules:
        dx, dy = rule.x1 - rule.x0, (rule.y1 - rule.y0) * aspect
        x, y = (rule.x0 + rule.x1) / 2 - 0.5, (rule.y0 + rule.y1) / 2 * aspect - aspect / 2
        if abs(dx) > 0.1 and abs(dy) < 0.05 * abs(dx):
            across.append((y, dy / dx, abs(dx)))
        elif abs(dy) > 0.05 and abs(dx) < 0.05 * abs(dy):
            down.append((x, dx / dy, abs(dy)))
    return Frame(aspect, _slope(across), _slope(down))


def _slope(samples: list[tuple[float, float, float]]) -> tuple[float, float]:
    """Fit slope = a + b * position to (position, slope, weight), with outliers left out; b only where it is sure."""
    if not samples:
        return 0.0, 0.0
    samples = sorted(samples, key=lambda s: s[1])
    half, middle = sum(w for *_, w in samples) / 2, samples[0][1]
    for _, slope, weight in samples:
        half -= weight
        if half <= 0:
            middle = slope
            break
    near = [s for s in samples if abs(s[1] - middle) < 0.01]
    weight = sum(w for *_, w in near)
    mean_p = sum(p * w for p, _, w in near) / weight
    mean_s = sum(s * w for _, s, w in near) / weight
    spread = sum(w * (p - mean_p) ** 2 for p, _, w in near) / weight
    if len(near) < 5 or spread < 0.01:
        return mean_s, 0.0
    growth = sum(w * (p - mean_p) * (s - mean_s) for p, s, w in near) / weight / spread
    return mean_s - growth * mean_p, growth


def merge_collinear(lines: Sequence[Line], beside: float, gap: float) -> list[Line]:
    """Unite lines at most `beside` apart across whose ends overlap or leave at most `gap`."""
    done: list[list[Line]] = []
    near: list[list[Line]] = []
    for line in sorted(lines):
        done += [group for group in near if line.at - group[0].at > beside]
        near = [group for group in near if line.at - group[0].at <= beside]
        touching, apart = [line], []
        for group in near:
            if any(line.at - m.at <= beside and line.lo - m.hi <= gap and m.lo - line.hi <= gap for m in group):
                touching += group
            else:
                apart.append(group)
        near = [*apart, touching]
    return [_union(group) for group in done + near]


def _union(group: Sequence[Line]) -> Line:
    weight = sum(line.length for line in group)
    at = sum(line.at * line.length for line in group) / weight if weight else group[0].at
    return Line(at, min(line.lo for line in group), max(line.hi for line in group))


def without_streaks(across: list[Line], down: list[Line], snap: float) -> tuple[list[Line], list[Line]]:
    """Leave out lines that run on far beyond the lines they cross, where no other line keeps them company.

    Copiers draw such streaks over the whole page, and paper folds as well; no line of a table sticks out of it.
    """
    return _companied(across, down, snap), _companied(down, across, snap)


def _companied(lines: list[Line], crossing: list[Line], snap: float, far: float = 0.03) -> list[Line]:
    kept = []
    for line in lines:
        met = [
            c.at for c in crossing if line.lo - snap <= c.at <= line.hi + snap and c.lo - snap <= line.at <= c.hi + snap
        ]
        if not met:
            continue
        others = [o for o in lines if o is not line]
        top = min((o.lo for o in others if o.lo < min(met) and o.hi > line.lo), default=min(met))
        bottom = max((o.hi for o in others if o.hi > max(met) and o.lo < line.hi), default=max(met))
        beyond = [out for out in (top - line.lo, line.hi - bottom) if out > far]
        if not beyond:
            kept.append(line)
        elif len(beyond) == 1 and beyond[0] < 0.06:
            kept.append(Line(line.at, max(line.lo, min(top, *met)), min(line.hi, max(bottom, *met))))
    return kept


def components(across: list[Line], down: list[Line], snap: float) -> list[_Part]:
    """Split lines into the sets that touch one another, directly or through others; loose lines are left out.

    Sets whose bounding boxes overlap without one holding the other are parts of one broken table.
    """
    parent = list(range(len(across) + len(down)))
    first_down = len(across)
    for i, h in enumerate(across):
        for j, v in enumerate(down, first_down):
            if h.lo - snap <= v.at <= h.hi + snap and v.lo - snap <= h.at <= v.hi + snap:
                parent[_root(parent, i)] = _root(parent, j)
    sets: dict[int, _Part] = {}
    for i, h in enumerate(across):
        sets.setdefault(_root(parent, i), ([], []))[0].append(h)
    for j, v in enumerate(down, first_down):
        sets.setdefault(_root(parent, j), ([], []))[1].append(v)
    return _whole_tables([part for part in sets.values() if all(part)], snap)


def _whole_tables(found: list[_Part], snap: float) -> list[_Part]:
    merged = True
    while merged:
        merged = False
        for i in range(len(found)):
            other = next((j for j in range(i + 1, len(found)) if _one_table(found[i], found[j], snap)), None)
            if other is not None:
                more_across, more_down = found.pop(other)
                found[i] = (found[i][0] + more_across, found[i][1] + more_down)
                merged = True
                break
    return found


def _root(parent: list[int], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = parent[i]
    return i


def _bounds(part: _Part) -> Box:
    across, down = part
    return Box(
        min([h.lo for h in across] + [v.at for v in down]),
        min([h.at for h in across] + [v.lo for v in down]),
        max([h.hi for h in across] + [v.at for v in down]),
        max([h.at for h in across] + [v.hi for v in down]),
    )


def _one_table(one: _Part, two: _Part, snap: float) -> bool:
    """Whether two sets overlap; one within the other only where its sides are on lines of the other, carried on."""
    a, b = _bounds(one), _bounds(two)
    if min(a.x1, b.x1) - max(a.x0, b.x0) <= snap or min(a.y1, b.y1) - max(a.y0, b.y0) <= snap:
        return False
    for p, q, outer in ((a, b, one), (b, a, two)):
        if p.x0 + snap < q.x0 and p.y0 + snap < q.y0 and p.x1 - snap > q.x1 and p.y1 - snap > q.y1:
            across, down = ([line.at for line in lines] for lines in outer)
            return all(_near(y, across, snap / 2) for y in (q.y0, q.y1)) and all(
                _near(x, down, snap / 2) for x in (q.x0, q.x1)
            )
    return True


def _near(at: float, others: Sequence[float], reach: float) -> bool:
    return any(abs(at - other) <= reach for other in others)


@dataclass(frozen=True, slots=True)
class Spread:
    """One edge of a grid: where it stands, and the lines that draw it."""

    at: float
    lines: tuple[Line, ...]

    def coverage(self, lo: float, hi: float, shrink: float) -> float:
        """Share of the way from `lo` to `hi` that is drawn, its outermost bits left out of account."""
        shrink = min(shrink, (hi - lo) / 4)
        lo, hi = lo + shrink, hi - shrink
        drawn, upto = 0.0, lo
        for line in self.lines:
            begin, end = max(line.lo, upto), min(line.hi, hi)
            if end > begin:
                drawn += end - begin
                upto = end
        return drawn / (hi - lo) if hi > lo else 0.0

    @property
    def length(self) -> float:
        """How much of it is drawn, in page widths."""
        return sum(line.length for line in self.lines)

    def joined(self, other: Spread) -> Spread:
        """Unite two edges that are one, in the place of the longer."""
        at = self.at if self.length >= other.length else other.at
        return Spread(at, tuple(sorted(self.lines + other.lines, key=lambda line: line.lo)))


def cluster(lines: Sequence[Line], snap: float) -> list[Spread]:
    """Put lines that stand at most `snap` from each other's mean on one edge; edges in rising order."""
    edges: list[list[Line]] = []
    for line in sorted(lines):
        if edges and line.at - _union(edges[-1]).at <= snap:
            edges[-1].append(line)
        else:
            edges.append([line])
    return [Spread(_union(edge).at, tuple(sorted(edge, key=lambda line: line.lo))) for edge in edges]
