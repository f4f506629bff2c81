"""Numbers, sums and odds as a sentence gives them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from math import floor, log10

from service.forms.catalogue import IdentitySpec
from service.results import Number, Reading

_SHOWN = 6
"""So many terms of a sum are written out."""
_SHORT = 2
"""A sum of no more terms than this is written with its zeros."""
_LISTED = 3
_LABEL = 16
"""Characters of a printed label after which it is cut."""
_LEAST = 6
"""Characters that are left of it at least."""
_PAUSE = re.compile(r"[（(，、；]")
_NOTHING = {"blank": "blank", "marked": "struck out", "missing": "missing"}


def number(value: Number) -> str:
    """A number without exponent or empty decimals: `71`, `5.035`."""
    return format(Decimal(str(value)).normalize(), "f")


def told(value: Number | None, state: str = "blank") -> str:
    """What stands in a cell: its number, or `blank`, `struck out`, `missing`."""
    return number(value) if value is not None else _NOTHING.get(state, "blank")


def equation(spec: IdentitySpec, fields: Mapping[str, Reading], sign: str, roots: Collection[str] = ()) -> str:
    """An identity with its numbers, as `72 + 0 ≠ 69 + 1`.

    Cells without a number are left out, of long sums also zeros and what is beyond the first terms, but never roots.
    """
    return f"{_side(spec.left, fields, roots)} {sign} {_side(spec.right, fields, roots)}"


def times(odds: float) -> str:
    """Odds in words: `40 times likelier`, never more exact than they are."""
    if odds < 1.5:
        return "hardly likelier"
    if odds >= 1_000_000:
        return "over a million times likelier"
    size = 10 ** floor(log10(odds))
    return f"about {round(odds / size) * size:,} times likelier"


def listed(items: Sequence[str], last: str = "and") -> str:
    """Nothing, `a`, `a and b`, `a, b and c`, `a, b, c … (2 more)`."""
    if len(items) > _LISTED:
        return f"{', '.join(items[:_LISTED])} … ({len(items) - _LISTED} more)"
    if not items:
        return ""
    *others, end = items
    return f"{', '.join(others)} {last} {end}" if others else end


def short_label(path: str) -> str:
    """The last two labels of a field's path, by which a person finds its row and column."""
    return " / ".join(clipped(label) for label in path.split(" > ")[-2:])


def cell(path: str, reading: Reading) -> str:
    """A cell by its labels, with what it was read as."""
    return f"{short_label(path)} ({told(reading.value, reading.state)})"


def common_label(paths: Sequence[str]) -> str:
    """The innermost label that all these paths share, as the row or column of an identity; empty where none is."""
    labels = [path.split(" > ") for path in paths]
    shared = [label for label in labels[0] if all(label in others for others in labels)]
    return clipped(shared[-1]) if shared else ""


def clipped(label: str) -> str:
    """A label that is not too long for a sentence, cut where it pauses if it does."""
    if len(label) <= _LABEL:
        return label
    pause = _PAUSE.search(label, _LEAST, _LABEL)
    return f"{label[: pause.start() if pause else _LABEL - 1]}…"


def _side(names: Sequence[str], fields: Mapping[str, Reading], roots: Collection[str]) -> str:
    if len(names) > 1:
        left_out = (0, None) if len(names) > _SHORT else (None,)
        names = [
            name
            for name in names
            if name in roots or fields[name].value not in left_out or fields[name].state == "missing"
        ]
    first = sorted(names, key=lambda name: name not in roots)[:_SHOWN]
    written = [_term(fields[name]) for name in names if name in first] or ["0"]
    more = f" + … ({len(names) - _SHOWN} more)" if len(names) > _SHOWN else ""
    return " + ".join(written) + more


def _term(reading: Reading) -> str:
    value = "?" if reading.state == "missing" else told(reading.value, reading.state)
    return f"({value})" if value.startswith("-") else value
