"""What a reader made of one number, made of another."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

Kind = Literal["confused", "lost", "added", "blanked", "filled", "shifted"]
"""What went wrong: other digits; fewer; more; nothing, where a number is printed; a number, where nothing is; the print
of the cell beside."""
KINDS: tuple[Kind, ...] = get_args(Kind)

STROKES = ("-", "/", "—", "－", "\\")


def is_nothing(text: str) -> bool:
    """Whether a cell with this text is empty or struck out."""
    return text in ("", *STROKES)


def kind_of(printed: str, read: str) -> Kind:
    """What went wrong where `printed` was read as `read`."""
    if is_nothing(read):
        return "blanked"
    if is_nothing(printed):
        return "filled"
    if len(read) == len(printed):
        return "confused"
    return "lost" if len(read) < len(printed) else "added"


@lru_cache(maxsize=65536)
def carried(printed: str, read: str, onto: str, *, loosely: bool = False) -> str | None:
    """What `onto` reads as if the same goes wrong with it as where `printed` was read as `read`.

    What differs is one piece, whose characters must stand in `onto` as well, and at its start, end or inside as there;
    a number that was lost altogether can be any.

    Args:
        printed: what was printed.
        read: what was read.
        onto: what is printed elsewhere.
        loosely: any characters of `onto` will do, as many as differ.

    Returns:
        None where `onto` has no such piece.
    """
    if printed == onto or (is_nothing(read) and not is_nothing(printed) and not is_nothing(onto)):
        return read
    start, end = _common(printed, read)
    old, new = printed[start : len(printed) - end], read[start : len(read) - end]
    places = _places(old, onto, at_start=not start, at_end=not end)
    if not places and loosely:
        places = _places("?" * len(old), "?" * len(onto), at_start=not start, at_end=not end)
    if not places:
        return None
    return onto[: places[0]] + new + onto[places[0] + len(old) :]


def one_digit_apart(first: str, second: str) -> bool:
    """Whether one text becomes the other by exchanging, adding or leaving out one digit; a stroke is no digit."""
    shorter, longer = sorted(("" if is_nothing(one) else one for one in (first, second)), key=len)
    if len(shorter) == len(longer):
        return sum(a != b for a, b in zip(shorter, longer, strict=True)) == 1
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def _common(first: str, second: str) -> tuple[int, int]:
    """How many characters both have in common at the start, and of the rest at the end."""
    shortest = min(len(first), len(second))
    start = next((at for at in range(shortest) if first[at] != second[at]), shortest)
    rest = shortest - start
    end = next((at for at in range(rest) if first[-1 - at] != second[-1 - at]), rest)
    return start, end


def _places(old: str, text: str, *, at_start: bool, at_end: bool) -> list[int]:
    """Where a piece stands in a text: at its start, at its end, at both if it is the whole, or inside."""
    last = len(text) - len(old)
    if last < 0:
        return []
    if at_start or at_end:
        at = 0 if at_start else last
        return [at] if text.startswith(old, at) and (last == 0 or not (at_start and at_end)) else []
    return [at for at in range(1, last) if text.startswith(old, at)]
