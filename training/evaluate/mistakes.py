"""What kind of mistake a wrong field is: lost, invented, another field's number, or misread digits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from training.evaluate.outcome import FieldOutcome, Outcome, number_of

Kind = Literal["failed", "lost", "misplaced", "invented", "misread"]
KINDS: dict[Kind, str] = {
    "failed": "the file was not read as a report",
    "lost": "a number that was not read",
    "misplaced": "the number of another field",
    "invented": "a number where nothing is printed",
    "misread": "other digits than are printed",
}

_DISTINCTIVE = 100
"""A number from here on that stands in one other field only comes from there; smaller ones are met by chance."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One wrong field, with what was mistaken for what."""

    outcome: Outcome
    field: FieldOutcome
    kind: Kind
    donor: str | None = None
    """The field whose number it got."""


def mistakes(outcomes: Iterable[Outcome]) -> Iterator[Mistake]:
    """Every wrong field, in order."""
    for outcome in outcomes:
        for field in outcome.wrong:
            donor = _donor(outcome, field)
            yield Mistake(outcome, field, _kind(outcome, field, donor), donor)


def field_confusions(found: Iterable[Mistake]) -> Counter[tuple[str, str]]:
    """How often the first field got the second one's number."""
    return Counter((one.field.field, one.donor) for one in found if one.donor)


def digit_confusions(found: Iterable[Mistake]) -> Counter[tuple[str, str]]:
    """How often the first character was read as the second, in misread numbers; empty: lost, or added."""
    pairs: Counter[tuple[str, str]] = Counter()
    for one in found:
        want = number_of(one.field.want)
        if one.kind == "misread" and want is not None and one.field.got is not None:
            pairs.update(_replaced(plain_number(want), plain_number(one.field.got)))
    return pairs


def plain_number(value: float) -> str:
    """A number as it is printed, without exponent."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _kind(outcome: Outcome, field: FieldOutcome, donor: str | None) -> Kind:
    if outcome.error is not None:
        return "failed"
    if field.got is None:
        return "lost"
    if donor:
        return "misplaced"
    return "invented" if number_of(field.want) is None else "misread"


def _donor(outcome: Outcome, field: FieldOutcome) -> str | None:
    """The one other field that the number belongs to: in the same row or column, or anywhere if it is distinctive."""
    if not field.got:
        return None
    owners = [one.field for one in outcome.fields if number_of(one.want) == field.got and one.field != field.field]
    near = [one for one in owners if _in_line(one, field.field)]
    if len(near) == 1 and (len(owners) == 1 or not _one_digit_off(field)):
        return near[0]
    return owners[0] if len(owners) == 1 and abs(field.got) >= _DISTINCTIVE and not _one_digit_off(field) else None


def _in_line(one: str, other: str) -> bool:
    """Whether two fields stand in the same row or column, by their ids `table.row.column`."""
    (row, _, column), (other_row, _, other_column) = one.rpartition("."), other.rpartition(".")
    same_table = one.partition(".")[0] == other.partition(".")[0]
    return row == other_row or (same_table and column == other_column)


def _one_digit_off(field: FieldOutcome) -> bool:
    want = number_of(field.want)
    if want is None or field.got is None:
        return False
    pairs = list(_replaced(plain_number(want), plain_number(field.got)))
    return len(pairs) == 1


def _replaced(want: str, got: str) -> Iterator[tuple[str, str]]:
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, want, got, autojunk=False).get_opcodes():
        if tag == "replace" and a1 - a0 == b1 - b0:
            yield from zip(want[a0:a1], got[b0:b1], strict=True)
        elif tag != "equal":
            yield from ((one, "") for one in want[a0:a1])
            yield from (("", one) for one in got[b0:b1])


def state_matrix(outcomes: Sequence[Outcome]) -> Counter[tuple[str, str]]:
    """How often what is printed (number, blank, marked, nothing) came out in each state, for files that were read."""
    return Counter((one.wanted, one.state) for outcome in outcomes if outcome.error is None for one in outcome.fields)
