"""The numbers that Word prints before paragraphs and does not write into their text (ECMA-376 part 1, 17.9)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

_DIGITS = "零一二三四五六七八九"
_FORMAL_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_FORMAL_DIGITS_TRADITIONAL = "零壹貳參肆伍陸柒捌玖"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl")),
    *((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
_COUNTING = {
    "chineseCounting": (_DIGITS, "十百千"),
    "chineseCountingThousand": (_DIGITS, "十百千"),
    "japaneseCounting": (_DIGITS, "十百千"),
    "taiwaneseCounting": (_DIGITS, "十百千"),
    "taiwaneseCountingThousand": (_DIGITS, "十百千"),
    "chineseLegalSimplified": (_FORMAL_DIGITS, "拾佰仟"),
    "ideographLegalTraditional": (_FORMAL_DIGITS_TRADITIONAL, "拾佰仟"),
}
_CYCLES = {"ideographTraditional": _STEMS, "ideographZodiac": _BRANCHES}
_DIGIT_BY_DIGIT = {"ideographDigital", "taiwaneseDigital", "japaneseDigitalTenThousand"}
_ENCLOSED = {
    "decimalEnclosedCircle": 0x2460,
    "decimalEnclosedCircleChinese": 0x2460,
    "decimalEnclosedParen": 0x2474,
    "decimalEnclosedFullstop": 0x2488,
    "ideographEnclosedCircle": 0x3280,
}


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts and prints."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    """What is printed; %1 to %9 stand for the numbers of the levels."""
    legal: bool = False
    """All numbers in decimal, whatever their own level says."""
    style: str | None = None
    """The paragraph style that this level belongs to."""


@dataclass(frozen=True, slots=True)
class Numbering:
    """The lists of a document: per list id its counter, its levels, and the values at which it starts anew."""

    lists: Mapping[str, tuple[str, Mapping[int, Level], Mapping[int, int]]] = field(default_factory=dict)

    def level_of_style(self, list_id: str, style: str) -> int | None:
        """Return the level that is tied to a paragraph style, if any."""
        levels = self.lists[list_id][1] if list_id in self.lists else {}
        return next((number for number, level in levels.items() if level.style == style), None)


class Counters:
    """Counts the numbered paragraphs of one document in reading order."""

    def __init__(self, numbering: Numbering) -> None:
        self._numbering = numbering
        self._values: dict[str, dict[int, int]] = {}
        self._started: set[tuple[str, int]] = set()

    def next_label(self, list_id: str, number: int) -> str:
        """Count one paragraph of a list at a level from 0 and return its label, empty for bullets."""
        if list_id not in self._numbering.lists:
            return ""
        counter, levels, restarts = self._numbering.lists[list_id]
        values = self._values.setdefault(counter, {})
        level = levels.get(number, Level())
        if number in restarts and (list_id, number) not in self._started:
            values[number] = restarts[number] - 1
        self._started.add((list_id, number))
        values[number] = values.get(number, level.start - 1) + 1
        for deeper in [other for other in values if other > number]:
            del values[deeper]
        if level.format == "bullet":
            return ""

        def spell(match: re.Match[str]) -> str:
            index = int(match[1]) - 1
            other = levels.get(index, Level())
            value = values.get(index, other.start)
            return format_number(value, "decimal" if level.legal else other.format)

        return re.sub(r"%([1-9])", spell, level.text)


def format_number(value: int, style: str) -> str:
    """Write a number in one of Word's number formats (ST_NumberFormat); decimal where the format is not known."""
    if style == "none":
        return ""
    if style in _COUNTING and 0 <= value <= 9999:
        return _count(value, *_COUNTING[style])
    if style in _CYCLES and value > 0:
        return _CYCLES[style][(value - 1) % len(_CYCLES[style])]
    if style in _DIGIT_BY_DIGIT:
        return "".join("○一二三四五六七八九"[int(digit)] for digit in str(value) if digit.isdigit())
    limit = 10 if style == "ideographEnclosedCircle" else 20
    if style in _ENCLOSED and 1 <= value <= limit:
        return chr(_ENCLOSED[style] + value - 1)
    if style in {"upperRoman", "lowerRoman"} and 0 < value < 4000:
        return _roman(value) if style == "lowerRoman" else _roman(value).upper()
    if style in {"upperLetter", "lowerLetter"} and value > 0:
        letter = chr(ord("a") + (value - 1) % 26) * min((value - 1) // 26 + 1, 30)
        return letter if style == "lowerLetter" else letter.upper()
    if style == "decimalZero":
        return f"{value:02d}"
    if style in {"decimalFullWidth", "decimalFullWidth2"}:
        return str(value).translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})
    return str(value)


def _count(value: int, digits: str, units: str) -> str:
    """Spell a number below 10000 in Chinese: 10 is 十, 21 is 二十一, 105 is 一百零五."""
    if value == 0:
        return digits[0]
    text = ""
    gap = False
    for power in range(3, -1, -1):
        digit = value // 10**power % 10
        if digit:
            text += (digits[0] if gap else "") + digits[digit] + (units[power - 1] if power else "")
            gap = False
        elif text:
            gap = True
    return text[1:] if 10 <= value < 20 and digits == _DIGITS else text


def _roman(value: int) -> str:
    text = ""
    for size, letters in _ROMAN:
        text += letters * (value // size)
        value %= size
    return text


def read_numbering(root: Any, tag: str) -> Numbering:
    """Read numbering.xml.

    Args:
        root: its root element.
        tag: the name space of WordprocessingML as lxml writes it, `{...}`.

    """
    abstracts: dict[str, tuple[dict[int, Level], str | None]] = {}
    linked: dict[str, str] = {}
    for node in root.iterchildren(f"{tag}abstractNum"):
        key = node.get(f"{tag}abstractNumId", "")
        link = node.find(f"{tag}numStyleLink")
        abstracts[key] = (_levels(node, tag), None if link is None else link.get(f"{tag}val"))
        if (home := node.find(f"{tag}styleLink")) is not None:
            linked[home.get(f"{tag}val", "")] = key
    lists = {}
    for node in root.iterchildren(f"{tag}num"):
        reference = node.find(f"{tag}abstractNumId")
        counter = "" if reference is None else reference.get(f"{tag}val", "")
        levels, link = abstracts.get(counter, ({}, None))
        if link and not levels:
            levels = abstracts.get(linked.get(link, ""), ({}, None))[0]
        restarts = {}
        levels = dict(levels)
        for override in node.iterchildren(f"{tag}lvlOverride"):
            number = _integer(override.get(f"{tag}ilvl"), 0)
            levels |= _levels(override, tag)
            if (start := override.find(f"{tag}startOverride")) is not None:
                restarts[number] = _integer(start.get(f"{tag}val"), 1)
        lists[node.get(f"{tag}numId", "")] = (counter, levels, restarts)
    return Numbering(lists)


def _levels(node: Any, tag: str) -> dict[int, Level]:
    levels = {}
    for child in node.iterchildren(f"{tag}lvl"):
        values = {part.tag.removeprefix(tag): part.get(f"{tag}val") for part in child.iterchildren()}
        legal = "isLgl" in values and values["isLgl"] not in {"0", "false", "off"}
        levels[_integer(child.get(f"{tag}ilvl"), 0)] = Level(
            _integer(values.get("start"), 0 if "start" not in values else 1),
            values.get("numFmt") or "decimal",
            values.get("lvlText") or "",
            legal,
            values.get("pStyle"),
        )
    return levels


def _integer(text: str | None, default: int) -> int:
    """Read an XML integer; what is none, or absurdly large, is the default."""
    return int(text) if text and re.fullmatch(r"-?\d{1,6}", text.strip()) else default
