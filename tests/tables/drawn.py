"""Tables with known cells, as rules, for the tests: the truth is made first, and the rules follow from it."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from service.documents.model import Rule

ASPECT = math.sqrt(2)
Span = tuple[int, int, int, int]
"""row, column, row span, column span."""


@dataclass(frozen=True)
class Drawn:
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    spans: tuple[Span, ...]

    def pieces(self) -> list[Rule]:
        """Every side of every cell between two neighbouring edges once, without the sides inside spans."""
        owner = {
            (r, c): n
            for n, (row, column, rows, columns) in enumerate(self.spans)
            for r in range(row, row + rows)
            for c in range(column, column + columns)
        }
        across = [
            Rule(self.xs[c], self.ys[r], self.xs[c + 1], self.ys[r])
            for r in range(len(self.ys))
            for c in range(len(self.xs) - 1)
            if owner.get((r - 1, c)) != owner.get((r, c))
        ]
        down = [
            Rule(self.xs[c], self.ys[r], self.xs[c], self.ys[r + 1])
            for c in range(len(self.xs))
            for r in range(len(self.ys) - 1)
            if owner.get((r, c - 1)) != owner.get((r, c))
        ]
        return across + down


def tidy(xs: list[float], ys: list[float], spans: list[Span]) -> Drawn:
    """Drop the edges at which no cell begins, for nothing draws them."""
    rows = sorted({s[0] for s in spans})
    columns = sorted({s[1] for s in spans})
    row_of = {edge: i for i, edge in enumerate([*rows, len(ys) - 1])}
    column_of = {edge: i for i, edge in enumerate([*columns, len(xs) - 1])}
    fresh = []
    for row, column, row_span, column_span in spans:
        r, c = row_of[row], column_of[column]
        fresh.append((r, c, row_of[row + row_span] - r, column_of[column + column_span] - c))
    return Drawn(
        tuple(xs[c] for c in [*columns, len(xs) - 1]), tuple(ys[r] for r in [*rows, len(ys) - 1]), tuple(sorted(fresh))
    )


def random_table(
    rng: random.Random, rows: int, columns: int, merges: int, top: float = 0.1, x0: float = 0.1, x1: float = 0.9
) -> Drawn:
    """A random grid with random merged cells; rows and columns are at least 0.02 page widths apart."""
    widths = [rng.uniform(1, 3) for _ in range(columns)]
    total = sum(widths)
    xs = [x0 + (x1 - x0) * sum(widths[:i]) / total for i in range(columns + 1)]
    ys = [top]
    for _ in range(rows):
        ys.append(ys[-1] + rng.uniform(0.018, 0.03))
    taken: set[tuple[int, int]] = set()
    spans: list[Span] = []
    for _ in range(merges):
        row, column = rng.randrange(rows), rng.randrange(columns)
        row_span, column_span = rng.randint(1, rows - row), rng.randint(1, columns - column)
        places = {(r, c) for r in range(row, row + row_span) for c in range(column, column + column_span)}
        if not places & taken:
            taken |= places
            spans.append((row, column, row_span, column_span))
    spans += [(r, c, 1, 1) for r in range(rows) for c in range(columns) if (r, c) not in taken]
    return tidy(xs, ys, spans)


def jittered(rules: list[Rule], rng: random.Random, amount: float) -> list[Rule]:
    """Move every line across its direction and every end along it, by at most `amount` page widths."""
    moved = []
    for rule in rules:
        j = [rng.uniform(-amount, amount) for _ in range(4)]
        if rule.horizontal:
            dy = j[1] / ASPECT
            moved.append(Rule(rule.x0 + j[0], rule.y0 + dy, rule.x1 + j[2], rule.y1 + dy))
        else:
            moved.append(Rule(rule.x0 + j[0], rule.y0 + j[1] / ASPECT, rule.x1 + j[0], rule.y1 + j[3] / ASPECT))
    return moved


def skewed(rules: list[Rule], degrees: float) -> list[Rule]:
    """Turn rules about the middle of the page."""
    s, c = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))

    def turn(x: float, y: float) -> tuple[float, float]:
        u, v = x - 0.5, (y - 0.5) * ASPECT
        return u * c - v * s + 0.5, (u * s + v * c) / ASPECT + 0.5

    return [Rule(*turn(r.x0, r.y0), *turn(r.x1, r.y1)) for r in rules]


def long_lines(rules: list[Rule]) -> list[Rule]:
    """Unite pieces end to end, as most programs draw tables."""
    lines: list[Rule] = []
    for rule in sorted(rules, key=lambda r: (r.horizontal, r.y0 if r.horizontal else r.x0, r.x0, r.y0)):
        last = lines[-1] if lines else None
        if last and last.horizontal == rule.horizontal and (last.x1, last.y1) == (rule.x0, rule.y0):
            lines[-1] = Rule(last.x0, last.y0, rule.x1, rule.y1)
        else:
            lines.append(rule)
    return lines
