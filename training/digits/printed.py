"""What is printed in the cells that the numeric reader learns from, and how that is spelled as its truth."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from models.digits import FOREIGN, UNITS

_SPELLING = str.maketrans(
    {
        **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
        **dict.fromkeys("—－–―‐−", "-"),
        **dict.fromkeys("／\\＼", "/"),
        "．": ".",
        "，": ",",
        "＋": "+",
    }
)
_PLUS = re.compile(r"^\+(?=\d)")
"""Says nothing that the number does not: the network learns to leave it out."""
_WHOLE = re.compile(rf"|[-/]|-?\d[\d,]*(\.\d+)?[{UNITS}]{{0,2}}")
_SIGNS = ("-", "-", "-", "－", "—", "−", "+", "+", "＋")
_STROKES = ("/", "/", "-", "-", "—", "—", "－", "\\", "--", "——")


def spell(printed: str) -> str | None:
    """The text that the numeric reader shall give for what is printed in a cell.

    FOREIGN where that is no number; None where it is only the characters of one, such as a cut one leaves.
    """
    text = "".join(printed.split()).translate(_SPELLING)
    text = _PLUS.sub("", text.replace("--", "-").replace("//", "/"))
    if not all(character in f"0123456789.,-/{UNITS}" for character in text):
        return FOREIGN
    return text if _WHOLE.fullmatch(text) else None


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a page's cells hold what; the rest are plain numbers."""

    zero: float
    blank: float
    stroke: float
    odd: float
    """Decimals, amounts with units, signs, separated thousands."""
    longest: int
    """Digits of its longest plain number."""
    amount: float = 0.0
    """Of what is left after all others, the share of amounts."""


def choose_habit(rng: random.Random) -> Habit:
    """The habit of one page: some print every zero, some none, some strike it out."""
    blank = rng.choice([0.1, 0.2, 0.35, 0.5])
    return Habit(
        zero=rng.choice([0.05, 0.15, 0.3]),
        blank=blank,
        stroke=rng.choice([0.0, 0.05, 0.2]),
        odd=rng.choice([0.0, 0.05, 0.2]),
        longest=rng.choice([1, 2, 3, 4, 5, 7]),
    )


def amounts_habit(rng: random.Random) -> Habit:
    """The habit of a page of amounts; long numbers without a point stand among them, or every gap would be one."""
    return Habit(
        zero=0.05,
        blank=0.1,
        stroke=0.05,
        odd=0.05,
        longest=rng.choice([4, 5, 6, 8]),
        amount=rng.choice([0.6, 0.75, 0.9]),
    )


def print_cell(habit: Habit, rng: random.Random) -> str:
    """The text of one cell, as printed."""
    draw = rng.random()
    for share, kind in ((habit.blank, ""), (habit.zero, "0"), (habit.stroke, None)):
        if draw < share:
            return rng.choice(_STROKES) if kind is None else kind
        draw -= share
    if draw < habit.odd:
        return _odd(rng)
    if habit.amount and rng.random() < habit.amount:
        return _amount(rng)
    return _plain(rng.randint(1, habit.longest), rng)


def _plain(length: int, rng: random.Random) -> str:
    """Digits, every digit equally likely at every place but the first, which is no zero."""
    return "".join(rng.choice("0123456789" if place else "123456789") for place in range(length))


def _odd(rng: random.Random) -> str:
    whole = _plain(rng.randint(1, 6), rng)
    decimal = f"{rng.choice([whole[:4], '0'])}.{''.join(rng.choices('0123456789', k=rng.choice([1, 2, 2, 3, 4, 6])))}"
    return rng.choice(
        [
            decimal,
            decimal,
            decimal + "万元",
            whole + rng.choice(["元", "万元", "笔", "件", "个"]),
            whole[:2] + rng.choice(["笔", "件", "个", "元"]),
            "-" + whole[:3],
            f"{int(_plain(rng.randint(4, 7), rng)):,}",
            "0" + rng.choice(["", "元", "件", "笔", "万元"]),
            "+" + whole[:3],
            rng.choice(["增", "减", "约"]) + whole[:3],
            f"{whole[:2]}（其中修订{_plain(1, rng)}件）",
            rng.choice(["无", "见附件", "空"]),
        ]
    )


def _amount(rng: random.Random) -> str:
    """A sum of money or a change of one: with a point, parted thousands, a sign or a unit, or some of these."""
    way = rng.random()
    if way < 0.15:
        return rng.choice(_SIGNS) + _plain(rng.randint(1, 4), rng)
    whole = "0" if way < 0.3 else _plain(rng.choice([1, 1, 2, 2, 3, 3, 4, 5, 6]), rng)
    if len(whole) > 3 and rng.random() < 0.55:
        whole = f"{int(whole):,}"
    sign = rng.choice(_SIGNS) if rng.random() < 0.06 else ""
    unit = rng.choice(["元", "万元", "万元"]) if rng.random() < 0.2 else ""
    if "," in whole and rng.random() < 0.5:
        return sign + whole + unit
    return f"{sign}{whole}.{''.join(rng.choices('0123456789', k=rng.choice([1, 2, 2, 2, 3, 4, 4, 6])))}{unit}"
