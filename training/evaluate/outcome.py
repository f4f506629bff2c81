"""What became of one input: every field held against its truth, and the file that such outcomes are kept in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

from service.errors import UnreadableInput
from service.results import Number, State

PLAIN = "plain"
"""Quality of an input whose name has none, and the case of a report that is like others."""

Wanted = Literal["number", "blank", "marked", "nothing"]
"""What is printed in the cell; `nothing` where the truth does not tell an empty cell from a stroke."""


@dataclass(frozen=True, slots=True)
class FieldOutcome:
    """One field of one input."""

    field: str
    want: Any
    """As in the truth file: a number, None, a text such as `2笔`, or `{"any": [...]}`."""
    got: Number | None
    right: bool
    wanted: Wanted
    state: State
    confidence: float
    text: str | None = None
    """As read."""
    page: int | None = None
    bbox: tuple[float, float, float, float] | None = None
    """Fractions of the page, as in the result; None for inputs without pages and for cells that were not found."""
    among: bool = False
    """Whether the field is wrong and the true value is one of its alternatives."""
    sure: bool = False
    """Whether it goes without a person: the cell was found, and the result does not call its reading doubtful."""
    before: bool | None = None
    """Whether it was right before it was repaired; None where it was not repaired."""

    @property
    def right_before(self) -> bool:
        """Whether it was right before any repair."""
        return self.right if self.before is None else self.before


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one input."""

    name: str
    quality: str
    format: str
    """`pdf`, `tiff`, `docx` and so on."""
    case: str
    """What is hard about the report: `plain`, `no-headings` and so on."""
    fields: tuple[FieldOutcome, ...]
    reconciled: bool
    violated: bool
    """The printed numbers break an identity, so that the report must not be called reconciled."""
    template_right: bool
    seconds: float
    error: str | None = None
    """Why nothing was extracted; every field then counts as wrong."""
    unread: tuple[str, ...] = ()
    """What the result says of pages that could not be read."""

    @property
    def wrong(self) -> tuple[FieldOutcome, ...]:
        """The fields that were read wrongly, or not at all."""
        return tuple(one for one in self.fields if not one.right)

    @property
    def correct(self) -> dict[str, bool]:
        """Field id -> whether it is right."""
        return {one.field: one.right for one in self.fields}

    @property
    def exact(self) -> bool:
        """Every field is right."""
        return self.error is None and all(one.right for one in self.fields)

    @property
    def silent(self) -> bool:
        """Called reconciled with a wrong field: the worst failure."""
        return self.reconciled and not all(one.right for one in self.fields)

    @property
    def missed_violation(self) -> bool:
        """Called reconciled although the printed numbers break an identity."""
        return self.reconciled and self.violated

    @property
    def false_alarm(self) -> bool:
        """Sent to review although every field is right and the numbers balance."""
        return self.exact and not self.violated and not self.reconciled

    @property
    def straight(self) -> bool:
        """Every field is right, the numbers balance, and it went through without a person."""
        return self.exact and not self.violated and self.reconciled

    @property
    def silent_fields(self) -> tuple[FieldOutcome, ...]:
        """The wrong fields that the pipeline lets go without a person."""
        return tuple(one for one in self.wrong if one.sure)


def same_value(got: object, want: object) -> bool:
    """Whether a value is the true one; `{"any": [...]}` allows several, a text such as `2笔` counts by its number."""
    if isinstance(want, Mapping):
        return any(same_value(got, one) for one in want["any"])
    wanted = number_of(want)
    if wanted is None or got is None:
        return wanted is None and got is None
    return isinstance(got, int | float) and abs(got - wanted) < 1e-9


def number_of(value: object) -> float | None:
    """The number of a truth value, the first of several; None for nothing."""
    if isinstance(value, Mapping):
        return number_of(next(iter(value["any"])))
    if isinstance(value, str):
        digits = "".join(one if one.isascii() and (one.isdigit() or one in ".-") else " " for one in value).split()
        return float(digits[0]) if digits and any(map(str.isdigit, digits[0])) else None
    return float(value) if isinstance(value, int | float) else None


def write_outcome(outcome: Outcome) -> str:
    """One outcome as one line of JSON, without what is as it is by default."""
    record = _short(outcome)
    record["fields"] = [_short(one) for one in outcome.fields]
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def read_outcome(line: str) -> Outcome:
    """The outcome of a line that `write_outcome` wrote; raises ValueError, KeyError or TypeError for others."""
    record = json.loads(line)
    for one in record["fields"]:
        one["bbox"] = tuple(one["bbox"]) if one.get("bbox") else None
    record["fields"] = tuple(FieldOutcome(**one) for one in record["fields"])
    record["unread"] = tuple(record.get("unread", ()))
    return Outcome(**record)


def load_outcomes(path: Path) -> tuple[Outcome, ...]:
    """The outcomes that an evaluation saved, in the order of their names; per input `Outcome.correct` tells the fields.

    Raises UnreadableInput when the file is none of those. A last line that a kill cut off is left out.
    """
    return tuple(sorted(_read_lines(path), key=lambda one: one.name))


def load_conditions(path: Path) -> dict[str, Any]:
    """What the outcomes of a file were measured with, as its first line tells; raises UnreadableInput."""
    with path.open(encoding="utf-8") as lines:
        try:
            conditions = json.loads(next(lines, ""))["measured"]
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableInput(f"{path.name} holds no outcomes of an evaluation") from error
    return dict(conditions)


def _read_lines(path: Path) -> Iterator[Outcome]:
    load_conditions(path)
    content = path.read_text(encoding="utf-8")
    lines = content.split("\n")[: content.count("\n")]
    for number, line in enumerate(lines[1:], start=2):
        try:
            yield read_outcome(line)
        except (ValueError, KeyError, TypeError) as error:
            raise UnreadableInput(f"{path.name}: line {number} is no outcome of an evaluation") from error


def _short(record: FieldOutcome | Outcome) -> dict[str, Any]:
    whole = asdict(record)
    defaults = {one.name: one.default for one in fields(record) if one.default is not MISSING}
    return {name: value for name, value in whole.items() if name not in defaults or value != defaults[name]}
