"""What is taken for granted before a report is looked at (data/reconciliation.yaml)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from data import RECONCILIATION


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourcePriors(_Strict):
    """How sources fail to balance."""

    unbalanced: float = Field(gt=0, lt=1)
    """Share of reports that print a sum that is wrong."""
    again: float = Field(gt=0, lt=1)
    """Of these the share with another slip; the same again for a third, and so on."""
    largest: float = Field(gt=1)
    """Slips up to about this amount are met."""
    together: float = Field(gt=0, lt=1)
    """Probability that a slip breaks a given further identity by its amount."""
    empty: float = Field(gt=0, lt=1)
    """Share of slips that are a total left blank."""
    omitted: float = Field(gt=0, lt=1)
    """Probability that a further total of the same kind is left blank."""


class InkPriors(_Strict):
    """What may be printed where the readers are not sure. Shares of what they leave open; the rest may be anything."""

    edits: float = Field(ge=0, le=1)
    """One digit's edit of what was read first."""
    dirt: float = Field(ge=0, le=1)
    """Nothing, in whichever way it is printed, where one digit was read that is no 0."""
    nothing: float = Field(ge=0, le=1)
    """The same where a 0 was read, and no reader names nothing: no identity tells them apart."""
    lost: float = Field(ge=0, le=1)
    """A 0, in a cell that seems empty or struck out; nothing, in one that seems to hold a 0, if readers name that."""
    elsewhere: float = Field(ge=0, le=1)
    """Another cell's value, which identities cannot deny."""


class HabitPriors(_Strict):
    """How nothing is printed; the first three sum to 1."""

    zero: float = Field(gt=0, lt=1)
    blank: float = Field(gt=0, lt=1)
    marked: float = Field(gt=0, lt=1)
    table: float = Field(gt=0)
    """How many cells of a table outweigh what is usual in all reports."""
    row: float = Field(gt=0)
    """How many cells of a row outweigh what is usual in its table."""


class Priors(_Strict):
    """Everything that reconciliation takes for granted."""

    source: SourcePriors
    ink: InkPriors
    habit: HabitPriors
    risk: float = Field(gt=0, lt=1)
    """Share of repairs that may be wrong in what a sum counts."""
    signs: float = Field(gt=0, lt=1)
    """Share of repairs that may show nothing otherwise than it is printed."""
    told: float = Field(gt=0.5, lt=1)
    """Probability from which a source is said not to balance."""


@cache
def load_priors(path: Path = RECONCILIATION) -> Priors:
    """The priors that gouji ships."""
    return Priors.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


_TYPO = 1 / 30
"""Probability of one typing error among those of one digit."""


@dataclass(frozen=True, slots=True)
class SourceCosts:
    """What it costs to say that the source does not balance, as negative natural logarithms of probabilities."""

    first: float
    """The first identity that the source breaks, but for the amount."""
    further: float
    """Each further one that it breaks by an amount of its own, but for the amount."""
    together: float
    """Each further one that it breaks by an amount that another is broken by."""
    empty: float
    """A total that it leaves blank, beside `first` or `further`."""
    omitted: float
    """Each further total of the same kind that it leaves blank."""
    spread: float
    """How many orders of magnitude amounts have, in natural logarithms."""
    unit: int = 1
    """So many units of an amount are one of what is counted."""

    @staticmethod
    def of(priors: SourcePriors, identities: int, unit: int = 1) -> SourceCosts:
        """Costs in a report with so many identities, any of which may be broken, of amounts in such units."""
        anywhere = log(max(identities, 1))
        return SourceCosts(
            first=anywhere - log(priors.unbalanced) + log(1 - priors.unbalanced),
            further=anywhere - log(priors.again),
            together=-log(priors.together),
            empty=-log(priors.empty),
            omitted=-log(priors.omitted),
            spread=log(priors.largest),
            unit=unit,
        )

    def amount(self, amount: int) -> float:
        """What it costs that the source is wrong by just so much, this way or that.

        A third of the slips are small ones, of n with probability 1 / n (n + 1), a third are of any order of magnitude,
        and a third are typed wrongly by one digit.
        """
        n = max(abs(amount) / self.unit, 1)
        return -log((1 / (n * (n + 1)) + 1 / (n * self.spread) + _TYPO) / 6)
