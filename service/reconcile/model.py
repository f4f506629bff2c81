"""The frozen types of reconciliation: what may be printed in a cell, what was found out, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from service.results import Identity, Number, Reading, State, Verdict

Origin = Literal["first", "alternative", "edit"]
"""Who speaks for an option: it is what was read; a reader named it beside; nobody did, and it is one digit away."""


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be printed in a cell."""

    count: Fraction
    """What it counts in a sum: 0 for an empty or struck-out cell."""
    value: Number | None
    text: str
    state: State
    """read, blank or marked."""
    probability: float
    """Of being what is printed, before any identity is looked at; a cell's options sum to at most 1."""
    origin: Origin
    reader: str | None = None


@dataclass(frozen=True, slots=True)
class Repair:
    """A reading replaced by another reading of the same ink, because the identities single it out."""

    field: str
    before: Reading
    after: Reading
    """state "repaired"; `before` is its first alternative."""
    closes: tuple[str, ...]
    """Ids of the identities that failed with `before` and hold with `after`."""
    origin: Origin
    odds: float
    """How much more probable `after` is than all else, given the identities."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A value that a person should look at; never applied by itself."""

    field: str
    value: Number
    probability: float
    origin: Origin


@dataclass(frozen=True, slots=True)
class Finding:
    """One failure of the identities, explained: the identities that fail together, and the cells that made them fail.

    Identities fail together where they share a cell that may be the cause.
    """

    verdict: Verdict
    identities: tuple[str, ...]
    """Ids of the identities that failed as read, in the form's order."""
    roots: tuple[str, ...]
    """The cells that the failure comes down to: those repaired, those printed wrong, or those in doubt."""
    repairs: tuple[Repair, ...] = ()
    """Of a misreading alone."""
    proposals: tuple[Proposal, ...] = ()
    odds: float = 1.0
    """How much more probable the verdict is than the other explanations together."""
    ways: int = 0
    """How many different explanations are nearly as good as the best, itself among them."""
    pattern: str | None = None
    """A known way to go wrong, as `shifted-row`, `blank-total`, `copied-total`, `empty-table`; None for others."""


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What the identities say of the fields."""

    fields: Mapping[str, Reading]
    """Every field, with repaired readings and with confidences that the identities confirm or lower."""
    identities: tuple[Identity, ...]
    """Over these fields, each with the verdict on it if it failed as read."""
    findings: tuple[Finding, ...]
