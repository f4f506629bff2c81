"""The path language of OFD (GB/T 33190-2016, 9.3.1): `M x y`, `L x y`, `Q`, `B`, `A`, `C`, `S`."""

from __future__ import annotations

from math import isfinite

from service.documents.vector import Affine, Outline

_OPERANDS = {"S": 2, "M": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
"""Numbers after each operator; the last two are where it ends."""


def numbers(text: str) -> list[float]:
    """Return the finite numbers of a list parted by spaces or commas; what is no number is left out."""
    found = []
    for part in text.replace(",", " ").split():
        try:
            value = float(part)
        except ValueError:
            continue
        if isfinite(value):
            found.append(value)
    return found


def outlines(data: str, to_page: Affine) -> list[Outline]:
    """Return the subpaths of abbreviated path data as corners in points; curves by their ends.

    Raises:
        ValueError: an operand is missing or no number.

    """
    found: list[Outline] = []
    points: list[tuple[float, float]] = []
    curved = False
    parts = data.replace(",", " ").split()
    at, operator = 0, ""
    while at < len(parts):
        if parts[at] in _OPERANDS:
            operator = parts[at]
            at += 1
        elif not operator or operator == "C":
            raise ValueError(f"unexpected {parts[at]!r} in path data")
        count = _OPERANDS[operator]
        operands = [float(part) for part in parts[at : at + count]]
        if len(operands) < count:
            raise ValueError("path data is cut off")
        at += count
        if operator in "SM" and points:
            found.append(Outline(tuple(points), curved))
            points, curved = [], False
        if operator == "C":
            if points:
                points.append(points[0])
        else:
            curved = curved or operator in "QBA"
            points.append(to_page.point(*operands[-2:]))
    if points:
        found.append(Outline(tuple(points), curved))
    return [outline for outline in found if len(outline.points) > 1]
