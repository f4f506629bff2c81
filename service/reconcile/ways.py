"""Every way to split a text of digits run together over its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from service.forms.catalogue import IdentitySpec, Vocabulary
from service.forms.runs import DigitRun, understand
from service.forms.values import Value

Count = int | Fraction
Toll = tuple[Callable[[int, Count], int], int]
"""What a value costs in a cell (its index), and the most that the values of a way may cost together."""
_MOST_STEPS = 10_000
"""So many pieces of a text are tried at most."""


class TooMany(Exception):
    """A run has more ways than are worth looking at."""


@dataclass(frozen=True)
class Way:
    """One way to split a run: a value for each of its cells."""

    values: tuple[Value, ...]
    crossed: int
    """How many spaces of the text stand inside a value."""
    faults: int = 0
    """How many of the run's own identities do not hold, and how many cells are empty in a table that has zeros."""

    @cached_property
    def counts(self) -> tuple[Count, ...]:
        """What each cell counts in a sum."""
        return tuple(map(count_of, self.values))

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The digits of each cell."""
        return tuple(value.text for value in self.values)


Rule = tuple[int, ...]
"""An identity over the cells of one run: for each 1 on the left side, -1 on the right, 0 where it has no part."""


def holds(rule: Rule, counts: Sequence[Count]) -> bool:
    """Whether an identity holds for the cells of a run."""
    return sum(sign * count for sign, count in zip(rule, counts, strict=True)) == 0


def count_of(value: Value) -> Count:
    """What a cell counts in a sum: nothing where it is blank or struck out."""
    number = value.value or 0
    return number if isinstance(number, int) else Fraction(str(number))


def signs_of(spec: IdentitySpec) -> dict[str, int]:
    """1 for each field of the left side, -1 for each of the right."""
    return {field: sign for sign, side in ((1, spec.left), (-1, spec.right)) for field in side}


def rules_of(specs: Iterable[IdentitySpec], run: DigitRun) -> tuple[Rule, ...]:
    """The identities that speak of the run's cells alone."""
    fields = run.fields
    inside = frozenset(fields)
    own = (signs_of(spec) for spec in specs if inside.issuperset((*spec.left, *spec.right)))
    return tuple(tuple(signs.get(field, 0) for field in fields) for signs in own)


def ways_of(
    run: DigitRun,
    rules: Sequence[Rule],
    vocabulary: Vocabulary,
    *,
    blanks: int = 0,
    broken: bool = False,
    most: int | None = None,
    toll: Toll | None = None,
) -> tuple[Way, ...]:
    """The ways to split the run that keep its rules, or, if `broken`, all ways; digits at its end count as both.

    Args:
        run: the run; digits at its end that may be the next row's number count as both.
        rules: identities over its cells.
        vocabulary: what marks and units there are.
        blanks: so many cells may be empty.
        broken: the rules need not hold, and are counted as faults of a way where they do not.
        most: no more ways than so many.
        toll: what each value costs, and the most that a way may cost.

    Raises TooMany.
    """
    found: dict[tuple[str, ...], Way] = {}
    for text in (run.text, run.text.removesuffix(run.marker)) if run.marker else (run.text,):
        for values, crossed in _Splitter(run, text, () if broken else rules, vocabulary, toll).ways(blanks):
            way = Way(values, crossed)
            known = found.get(way.texts)
            if known is None or crossed < known.crossed:
                found[way.texts] = way
            if len(found) == most:
                return tuple(found.values())
    if broken:
        return tuple(replace(way, faults=sum(not holds(rule, way.counts) for rule in rules)) for way in found.values())
    return tuple(found.values())


class _Splitter:
    """Splits one text from its end: totals stand behind their parts, so that a sum that grows beyond is seen early."""

    def __init__(
        self, run: DigitRun, text: str, rules: Sequence[Rule], vocabulary: Vocabulary, toll: Toll | None
    ) -> None:
        self._run, self._rules, self._vocabulary = run, rules, vocabulary
        self._cost, self._purse = toll or (lambda cell, count: 0, 0)
        words = text.split()
        self._text = "".join(words)
        self._gaps = {sum(map(len, words[:number])) for number in range(1, len(words))}
        self._digits = [0, *accumulate(map(str.isdigit, self._text))]
        """For each end, how many digits stand before it."""
        self._steps = _MOST_STEPS
        self._growing = not any(cell.column.signed for cell in run.cells)
        self._understood: dict[tuple[int, int, int], Value | None] = {}

    def ways(self, blanks: int) -> Iterator[tuple[tuple[Value, ...], int]]:
        """The values of each way and how many spaces they cross, those with short last values first."""
        sums = [0] * len(self._rules)
        yield from self._before(len(self._run.cells), len(self._text), sums, blanks, self._purse)

    def _before(
        self, cells: int, end: int, sums: Sequence[Count], blanks: int, purse: int
    ) -> Iterator[tuple[tuple[Value, ...], int]]:
        """Every way to split the text up to `end` over the first `cells` cells, given the sums of those behind."""
        if not cells:
            if not end and not any(sums):
                yield (), 0
            return
        last = cells - 1
        least = max(0, last - blanks)  # every cell before needs a character of its own
        for start in range(end if blanks else end - 1, least - 1, -1) if last else (0,):
            self._steps -= 1
            if self._steps < 0:
                raise TooMany
            value = self._value(start, end, last) if start < end or blanks else None
            if value is None:
                continue
            count, left = count_of(value), blanks - (start == end)
            money = purse - self._cost(last, count)
            if money < 0:
                continue
            after = [total + rule[last] * count for total, rule in zip(sums, self._rules, strict=True)]
            if self._growing and self._hopeless(last, start, after, left):
                continue
            crossed = sum(start < gap < end for gap in self._gaps)
            for values, others in self._before(last, start, after, left, money):
                yield (*values, value), others + crossed

    def _value(self, start: int, end: int, cell: int) -> Value | None:
        if start == end:
            return Value("blank", "")
        key = (start, end, cell)
        if key not in self._understood:
            self._understood[key] = understand(
                self._text[start:end], self._run.cells[cell], self._vocabulary, self._run.stroke
            )
        return self._understood[key]

    def _hopeless(self, cells: int, end: int, sums: Sequence[Count], blanks: int) -> bool:
        """Whether a sum cannot come to 0: the cells that are left can only lead away, or are too short."""
        for total, rule in zip(sums, self._rules, strict=True):
            left = rule[:cells]
            if (total > 0 and -1 not in left) or (total < 0 and 1 not in left):
                return True
            if -1 in left:
                continue
            room = end - max(0, cells - 1 - blanks)
            if -total >= 10**room + 10 * cells:
                return True
            if 0 not in left and self._digits[end] > cells * len(str(-total)):
                return True  # a part would have more digits than the sum
        return False


def meaning(value: Value) -> tuple[object, ...]:
    """What a value says, however many strokes are drawn for nothing."""
    return value.kind, value.value, value.unit


def shared(ways: Sequence[Way]) -> tuple[Value | None, ...]:
    """What all ways say of each cell; None where they differ."""
    return tuple(
        options[0] if len(set(map(meaning, options))) == 1 else None
        for options in zip(*(way.values for way in ways), strict=True)
    )
