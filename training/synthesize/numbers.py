"""Seeded numbers that balance as the form's identities demand, printed in the habits of real agencies.

Nothing here knows a field: what is a total, what is carried over and what is money follows from the form's data.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.forms.catalogue import FieldSpec, Form, IdentitySpec
from training.synthesize.report import FormYear, Number, Print, print_value

_ERROR_RATE = 1 / 7
"""Share of reports whose printed numbers break an identity."""
_COLUMN_WEIGHTS = (0.74, 0.14, 0.02, 0.02, 0.02, 0.06)
"""How applications spread over the kinds of applicants, in the form's order."""
_MIXTURES: tuple[tuple[FormYear, FormYear, FormYear], ...] = (
    ("2021", "2021", "2021"),
    ("2021", "2021", "2021"),
    ("2021", "2021", "2021"),
    ("2019", "2019", "2019"),
    ("2019", "2019", "2019"),
    ("2021", "2019", "2019"),
    ("2021", "2019", "2021"),
)


@dataclass(frozen=True, slots=True)
class Habit:
    """How an agency prints nothing."""

    zero: str
    """What stands for zero: `0`, empty or a stroke."""
    stray: str
    """What stands for it here and there instead."""
    stray_rate: float
    by_row: bool
    """Whether the other sign fills whole rows rather than single cells."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of one report."""

    table_forms: Mapping[str, FormYear]
    printed: Mapping[str, str]
    values: Mapping[str, Number | None]
    units: Mapping[str, str]
    violated: tuple[str, ...]


def draw_numbers(
    forms: Mapping[str, Form], seed: int, table_forms: Mapping[str, FormYear] | None = None, longer: int = 0
) -> Numbers:
    """Draw the numbers of a report; without `table_forms`, one of the mixtures of forms that are met.

    `longer`: by how many digits the numbers are longer than usual; with 4 the longest have seven digits or eight.
    """
    rng = random.Random(f"numbers {seed}")
    if table_forms is None:
        mixture = rng.choice(_MIXTURES)
        table_forms = dict(zip((table.id for table in forms[mixture[0]].tables), mixture, strict=True))
    specs = table_specs(forms, table_forms)
    identities = table_identities(forms, table_forms)
    counts = _balanced(specs, identities, rng)
    for place in range(1, longer + 1):
        # Sets of numbers that balance also balance in sum, each ten times another.
        more = _balanced(specs, identities, random.Random(f"more {seed} {place}"))
        counts = {name: _grown(count, more[name], 10**place) for name, count in counts.items()}
    blanked: set[str] = set()
    if rng.random() < _ERROR_RATE:
        blanked = _break(counts, identities, rng)
    prints = _print_all(specs, counts, blanked, rng, random.Random(f"remarks {seed}"))
    values = {name: one.value for name, one in prints.items()}
    return Numbers(
        table_forms,
        {name: one.text for name, one in prints.items()},
        values,
        {name: one.unit for name, one in prints.items() if one.unit},
        violations(identities, values),
    )


def table_specs(forms: Mapping[str, Form], table_forms: Mapping[str, FormYear]) -> tuple[FieldSpec, ...]:
    """List the fields of each table's own form, in printed order."""
    return tuple(spec for name, year in table_forms.items() for spec in forms[year].table(name).fields())


def table_identities(forms: Mapping[str, Form], table_forms: Mapping[str, FormYear]) -> tuple[IdentitySpec, ...]:
    """List the identities of each table's own form."""
    return tuple(spec for name, year in table_forms.items() for spec in forms[year].identity_specs(name))


def violations(identities: Iterable[IdentitySpec], values: Mapping[str, Number | None]) -> tuple[str, ...]:
    """Ids of the identities that numbers break; None counts as zero."""
    return tuple(
        identity.id
        for identity in identities
        if abs(sum(values[one] or 0 for one in identity.left) - sum(values[one] or 0 for one in identity.right)) > 1e-9
    )


def _balanced(
    specs: Iterable[FieldSpec], identities: tuple[IdentitySpec, ...], rng: random.Random
) -> dict[str, Number]:
    """Draw the free fields and derive the others."""
    derived = {one.right[0] for one in identities if len(one.right) == 1}
    carried = {name for one in identities if len(one.right) > 1 for name in (*one.left, *one.right)} - derived
    summed = {name for one in identities for name in one.left} - derived - carried
    counts: dict[str, Number] = {}
    free: dict[str, list[FieldSpec]] = {}
    for spec in specs:
        if spec.id in summed:
            free.setdefault(spec.table, []).append(spec)
        elif spec.id not in derived | carried:
            counts[spec.id] = _lone(spec, rng)
    busy = rng.random()
    for cells in free.values():
        events = _size(rng, busy) if cells[0].row.label else int(_size(rng, busy) * rng.uniform(0, 0.2))
        counts.update(_scatter(cells, events, rng))
    for name in sorted(carried):
        counts[name] = _few(rng, busy)
    # Columns come last in the form's order of identities, and rows add up what columns have settled.
    for identity in reversed(identities):
        _settle(identity, counts)
    return counts


def _grown(count: Number, more: Number, factor: int) -> Number:
    return count if isinstance(count, float) or isinstance(more, float) else count + factor * more


def _settle(identity: IdentitySpec, counts: dict[str, Number]) -> None:
    """Make an identity hold: by its total, or by the first of two carried numbers."""
    if any(name not in counts for name in (*identity.left[1:], *identity.right[1:])):
        return
    if len(identity.right) == 1:
        counts[identity.right[0]] = sum(counts[name] for name in identity.left)
    elif all(name in counts for name in identity.right):
        first, second = identity.left
        rest = sum(counts[name] for name in identity.right) - counts[second]
        counts[first] = max(rest, 0)
        counts[second] += min(rest, 0)


def _size(rng: random.Random, busy: float) -> int:
    """How many applications an agency has concluded: none, a few, or hundreds."""
    if busy < 0.25:
        return 0
    if busy < 0.5:
        return rng.randint(1, 6)
    if busy < 0.75:
        return rng.randint(5, 60)
    return int(rng.lognormvariate(5.3, 0.9))


def _few(rng: random.Random, busy: float) -> int:
    return rng.choice([0, 0, 0, rng.randint(1, 3), rng.randint(1, 20)]) if busy > 0.5 and rng.random() < 0.4 else 0


def _scatter(cells: list[FieldSpec], events: int, rng: random.Random) -> dict[str, Number]:
    """Spread events over cells: a few rows and the first column get most."""
    rows = {spec.row.id: rng.lognormvariate(0, 2) * (rng.random() < 0.7) + 1e-6 for spec in cells}
    columns: dict[str | None, float] = {}
    for spec in cells:
        share = _COLUMN_WEIGHTS[min(len(columns), len(_COLUMN_WEIGHTS) - 1)] if spec.row.label else rng.random()
        columns.setdefault(spec.column.id, share * rng.uniform(0.3, 1.5))
    weights = [rows[spec.row.id] * columns[spec.column.id] for spec in cells]
    counts: dict[str, Number] = {spec.id: 0 for spec in cells}
    for spec in rng.choices(cells, weights, k=min(events, 4000)):
        counts[spec.id] += 1
    return counts


def _lone(spec: FieldSpec, rng: random.Random) -> Number:
    """Draw a number that stands in no identity."""
    if rng.random() < 0.45:
        return 0
    if spec.unit or spec.column.amount:
        return round(rng.lognormvariate(4, 2.5), rng.choice([0, 1, 2, 2, 3, 4, 6])) if rng.random() < 0.8 else 0
    count = int(rng.lognormvariate(2.2, 2))
    return count * rng.choice([1, -1]) if _signed(spec) else count


def _break(counts: dict[str, Number], identities: tuple[IdentitySpec, ...], rng: random.Random) -> set[str]:
    """Make an agency's mistake: a slip in one number, or a total left out; returns the fields left blank."""
    identity = rng.choice([one for one in identities if any(counts[name] for name in one.left)] or list(identities))
    name = rng.choice([identity.right[-1], identity.right[-1], rng.choice(identity.left)])
    if counts[name] and rng.random() < 0.3:
        counts[name] = 0
        return {name}
    slips = [counts[name] + 1, counts[name] + rng.randint(1, 9), counts[name] * 10 or 1, max(counts[name] - 1, 0)]
    counts[name] = rng.choice(slips)
    return set()


def _habit(rng: random.Random) -> Habit:
    zero = rng.choices(["0", "", "/", "-", "—"], [66, 16, 10, 6, 2])[0]
    stray = rng.choice([one for one in ["0", "0", "", "/"] if one != zero])
    rate = rng.choice([0, 0, 0, 0, 0.03, 0.15])
    return Habit(zero, stray, rate, rng.random() < 0.5)


def _print_all(
    specs: Iterable[FieldSpec],
    counts: Mapping[str, Number],
    blanked: set[str],
    rng: random.Random,
    remarks: random.Random,
) -> dict[str, Print]:
    habits: dict[str, Habit] = {}
    stray_rows: dict[tuple[str, str | None], bool] = {}
    usual, wording = _habit(rng), rng.random()
    prints: dict[str, Print] = {}
    for spec in specs:
        habit = habits.setdefault(spec.table, usual if rng.random() < 0.8 else _habit(rng))
        row = (spec.table, spec.row.id)
        astray = stray_rows.setdefault(row, rng.random() < habit.stray_rate)
        if not habit.by_row:
            astray = rng.random() < habit.stray_rate
        sign = habit.stray if astray else habit.zero
        count = counts[spec.id]
        if spec.id in blanked:
            prints[spec.id] = Print("", None, "")
        elif count == 0:
            prints[spec.id] = Print(sign, 0 if sign == "0" else None, "")
        else:
            prints[spec.id] = _in_words(spec, count, wording, remarks)
    return prints


def _in_words(spec: FieldSpec, count: Number, wording: float, rng: random.Random) -> Print:
    """Print a number as this agency words it: mostly plain; money with 元 or 万元, a change with a word, a remark."""
    plain = print_value(count)
    if spec.column.amount and wording < 0.6:
        unit = "元" if float(count).is_integer() else "万元"
        return Print(plain.text + unit, plain.value, unit)
    if _signed(spec) and wording > 0.6:
        sign = ("减" if count < 0 else "增") if wording > 0.8 else ("-" if count < 0 else "+")
        return Print(sign + plain.text.removeprefix("-"), plain.value, "")
    if not spec.unit and not spec.column.amount and spec.column.label and rng.random() < 0.01 and _lonely(spec):
        remark = f"（其中修订{rng.randint(1, max(1, abs(int(count))))}件）"
        unit = rng.choice(["", "件", "项"])
        return Print(plain.text + unit + rng.choice(["", remark]), plain.value, unit)
    return plain


def _signed(spec: FieldSpec) -> bool:
    """Whether the heading is of the kind "more/less", which asks for a signed number."""
    return "/" in spec.column.label


def _lonely(spec: FieldSpec) -> bool:
    """Whether the field stands in a block with a heading of its own, where cells are wide."""
    return bool(spec.heading)
