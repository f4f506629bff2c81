"""The wordings in which chapters state numbers of the tables: data/statements.yaml, read, checked and compiled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from data import STATEMENTS
from service.errors import InvalidTemplate

_WORD = re.compile(r"<(\w+)>")


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Numerals(_Strict):
    """What Chinese numerals are written with, and what each stands for."""

    digits: dict[str, int]
    tens: dict[str, int]
    myriads: dict[str, int]


class Kind(_Strict):
    """One thing that a chapter may state, in all its wordings, and what in the tables may agree with it."""

    id: str
    keys: tuple[str, ...]
    """Each of its wordings has one of these."""
    options: tuple[tuple[str, ...], ...]
    """Sums of fields, as patterns of field ids; a statement that is one of them agrees. The first is what it means."""
    patterns: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()
    """Wordings so short that the text before them must have said what it is about."""
    none: tuple[str, ...] = ()
    """Wordings of zero."""
    none_bare: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()
    """What may stand before them besides what may stand before any."""
    part: bool = False
    """It may stand among the parts of a whole."""
    anchored: bool = False
    """It counts only where the paragraph has stated a whole that agrees."""


class YearRule(_Strict):
    """What holds between the reports of two years: last_year + plus - minus = equals."""

    id: str
    last_year: tuple[str, ...]
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    equals: str


class _Data(_Strict):
    """data/statements.yaml as it stands."""

    numerals: Numerals
    money: dict[str, int]
    units: tuple[str, ...]
    unlike: tuple[str, ...]
    sentence_ends: tuple[str, ...]
    year: str
    last: str
    coming: str
    words: dict[str, tuple[str, ...]]
    leads: tuple[str, ...]
    tails: tuple[str, ...]
    narrowing: tuple[str, ...]
    part_mark: str
    others: tuple[str, ...]
    share: str
    about: str
    kinds: tuple[Kind, ...]
    place: str
    between_years: tuple[YearRule, ...]


@dataclass(frozen=True, slots=True)
class Wording:
    """One compiled wording of a kind."""

    kind: Kind
    pattern: re.Pattern[str]
    bare: bool
    none: bool


@dataclass(frozen=True, slots=True)
class Grammar:
    """All that is needed to find statements in a text."""

    wordings: tuple[Wording, ...]
    numerals: Numerals
    money: Mapping[str, int]
    """Units of money, in the smallest of them."""
    sentence_ends: tuple[str, ...]
    own: re.Pattern[str]
    """Words by which the agency speaks of itself."""
    leads: Mapping[str, re.Pattern[str]]
    """By kind: the words that may stand before its wordings."""
    tail: re.Pattern[str]
    """What may follow a statement in its clause."""
    narrowing: re.Pattern[str]
    part_mark: str
    others: re.Pattern[str]
    share: re.Pattern[str]
    about: re.Pattern[str]
    year: re.Pattern[str]
    hint: re.Pattern[str]
    """What every clause has that may hold a statement."""
    place: re.Pattern[str]
    """What every agency's name has that says where it is."""
    between_years: tuple[YearRule, ...]


@cache
def load_statements(path: Path = STATEMENTS) -> Grammar:
    """Read and compile the wordings; raises InvalidTemplate with what is wrong."""
    try:
        data = _Data.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
        return _compile(data)
    except (ValidationError, yaml.YAMLError, re.error, KeyError) as error:
        raise InvalidTemplate(f"{path.name}: {(str(error) or 'is empty').splitlines()[0]}") from error


@lru_cache(maxsize=256)
def sums(kind: Kind, fields: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """What a statement of the kind may mean among these fields: sums of some of them, the likeliest first."""
    options = (
        tuple(name for name in fields if any(fnmatchcase(name, pattern) for pattern in option))
        for option in kind.options
    )
    return tuple(filter(None, options))


def _compile(data: _Data) -> Grammar:
    words = {name: _any(options) for name, options in data.words.items()} | _numbers(data)

    def ready(text: str) -> str:
        while _WORD.search(unnamed := text.replace("(?P<", "\0")):
            text = _WORD.sub(lambda match: words[match[1]], unnamed).replace("\0", "(?P<")
        return text

    def pattern(*parts: str) -> re.Pattern[str]:
        return re.compile(ready("|".join(parts)))

    return Grammar(
        wordings=tuple(
            Wording(kind, pattern(text), bare, none) for kind in data.kinds for text, bare, none in _texts(kind)
        ),
        numerals=data.numerals,
        money=data.money,
        sentence_ends=data.sentence_ends,
        own=pattern("<own>"),
        leads={kind.id: pattern(*kind.leads, *data.leads) for kind in data.kinds},
        tail=pattern(f"$|{_any(data.tails)}"),
        narrowing=pattern(*data.narrowing),
        part_mark=data.part_mark,
        others=pattern(*data.others),
        share=pattern(data.share),
        about=pattern(data.about),
        year=pattern(data.year),
        hint=re.compile(re.sub(r"\?P<\w+>", "?:", ready("<n>(?:<unit>|<money>)|<not>|(?:0|零)$"))),
        place=pattern(data.place),
        between_years=data.between_years,
    )


def _numbers(data: _Data) -> dict[str, str]:
    """The words of which every grammar has the same: numbers, units, years."""
    signs = "".join(map(re.escape, (*data.numerals.digits, *data.numerals.tens, *data.numerals.myriads)))
    myriads = "".join(map(re.escape, data.numerals.myriads))
    money = "|".join(sorted(map(re.escape, data.money), key=len, reverse=True))
    in_money = "|".join(re.escape(unit[1:]) for unit in data.money if unit[0] in data.numerals.myriads)
    unlike = _any(data.unlike)
    return {
        "n": rf"(?P<n>(?<![\d.])\d[\d,]*(?:\.\d+)?(?:[{myriads}](?!{in_money}))?(?!\d)|[{signs}]+)",
        "unit": f"(?:{'|'.join(map(re.escape, data.units))})(?!{unlike})",
        "money": f"(?P<money>{money})",
        "last": f"(?:{data.last})",
        "coming": f"(?:{data.coming})",
    }


def _texts(kind: Kind) -> Iterator[tuple[str, bool, bool]]:
    """The kind's wordings, each with whether it is bare and whether it says none."""
    for texts, bare, none in (
        (kind.patterns, False, False),
        (kind.bare, True, False),
        (kind.none, False, True),
        (kind.none_bare, True, True),
    ):
        yield from ((text, bare, none) for text in texts)


def _any(options: tuple[str, ...]) -> str:
    """Any of the options, the longest first, for the first that fits is taken."""
    return f"(?:{'|'.join(sorted(options, key=len, reverse=True))})"
