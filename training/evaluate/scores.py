"""Outcomes counted: by quality, format, case, table and field, and as lines of text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from training.evaluate.outcome import FieldOutcome, Outcome

ALL = "all"


@dataclass(frozen=True, slots=True)
class Score:
    """Outcomes of one group, counted."""

    group: str
    outcomes: tuple[Outcome, ...]

    @property
    def fields(self) -> int:
        """How many fields there are."""
        return sum(len(one.fields) for one in self.outcomes)

    @property
    def fields_wrong(self) -> int:
        """How many fields are wrong."""
        return sum(len(one.wrong) for one in self.outcomes)

    @property
    def fields_right(self) -> float:
        """Share of the fields that are right, 0 to 1; 1 when there are none."""
        return 1 - self.fields_wrong / self.fields if self.fields else 1.0

    @property
    def right_before(self) -> float:
        """The same before any repair."""
        wrong = sum(not field.right_before for one in self.outcomes for field in one.fields)
        return 1 - wrong / self.fields if self.fields else 1.0

    @property
    def repairs(self) -> tuple[int, int]:
        """How many fields were repaired rightly, and how many wrongly."""
        right = [field.right for one in self.outcomes for field in one.fields if field.before is not None]
        return sum(right), len(right) - sum(right)

    @property
    def straight_through(self) -> float:
        """Share of the reports whose source balances that went through, all right; 1 when there are none."""
        balanced = [one for one in self.outcomes if not one.violated]
        return sum(one.straight for one in balanced) / len(balanced) if balanced else 1.0

    def count(self, name: str) -> int:
        """How many outcomes have the property `name`."""
        return sum(bool(getattr(one, name)) for one in self.outcomes)

    @property
    def silent_fields(self) -> int:
        """How many wrong fields go without a person."""
        return sum(len(one.silent_fields) for one in self.outcomes)

    @property
    def seconds(self) -> float:
        """Mean time an input took."""
        return sum(one.seconds for one in self.outcomes) / max(len(self.outcomes), 1)


@dataclass(frozen=True, slots=True)
class Tally:
    """Right and wrong, of one field or of one table."""

    group: str
    fields: int
    wrong: int
    silent: int
    """Wrong, and let go without a person."""

    @property
    def right(self) -> float:
        """Share that is right, 0 to 1."""
        return 1 - self.wrong / self.fields if self.fields else 1.0

    @property
    def least(self) -> float:
        """Lower end of the 95 % interval of the share that is right (Wilson 1927), fields taken as independent."""
        if not self.fields:
            return 0.0
        count, share, z = self.fields, self.right, 1.96
        middle = share + z * z / (2 * count)
        spread = z * sqrt(share * (1 - share) / count + z * z / (4 * count * count))
        return max(0.0, (middle - spread) / (1 + z * z / count))


def grouped(outcomes: Sequence[Outcome], group: Callable[[Outcome], str]) -> list[Score]:
    """Score each group, in order of appearance."""
    names = dict.fromkeys(map(group, outcomes))
    return [Score(name, tuple(one for one in outcomes if group(one) == name)) for name in names]


def scores(outcomes: Sequence[Outcome]) -> list[Score]:
    """Score each quality, in order of appearance, and all together."""
    return [*grouped(outcomes, lambda one: one.quality), Score(ALL, tuple(outcomes))]


def tallies(outcomes: Iterable[Outcome], group: Callable[[Outcome, FieldOutcome], str]) -> list[Tally]:
    """Count the fields by group, in order of appearance."""
    counts: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for outcome in outcomes:
        for one in outcome.fields:
            count = counts[group(outcome, one)]
            count[0] += 1
            count[1] += not one.right
            count[2] += one.sure and not one.right
    return [Tally(name, *count) for name, count in counts.items()]


def table_of(outcome: Outcome, field: FieldOutcome) -> str:
    """The table that a field belongs to."""
    return field.field.partition(".")[0]


def field_of(outcome: Outcome, field: FieldOutcome) -> str:
    """The field itself."""
    return field.field


def report_lines(outcomes: Sequence[Outcome], show: int) -> list[str]:
    """Write the table of scores and the first `show` wrong fields, as lines of text."""
    lines = ["quality   docs  fields%  exact  reconciled  silent  missed  alarms  failed  template  s/doc"]
    lines += [
        f"{score.group:8} {len(score.outcomes):5d} {100 * score.fields_right:8.3f} {score.count('exact'):6d}"
        f" {score.count('reconciled'):11d} {score.count('silent'):7d} {score.count('missed_violation'):7d}"
        f" {score.count('false_alarm'):7d} {score.count('error'):7d}"
        f" {score.count('template_right'):9d} {score.seconds:6.2f}"
        for score in scores(outcomes)
    ]
    for one in outcomes:
        verdicts = [name for name in ("silent", "missed_violation", "false_alarm") if getattr(one, name)]
        if one.error or verdicts or one.unread:
            lines.append(f"{one.name}\t{one.error or ', '.join([*verdicts, *one.unread])}")
    mistakes = [(one.name, mistake) for one in outcomes if one.error is None for mistake in one.wrong]
    lines += [
        f"{name}\t{wrong.field}\tgot {wrong.got}\twant {wrong.want}\t{wrong.state} {wrong.confidence:.3f}"
        for name, wrong in mistakes[:show]
    ]
    return lines


def failures(outcomes: Sequence[Outcome], least: Mapping[str, float]) -> list[str]:
    """What must not be, a line each: wrongly reconciled reports, qualities of which fewer percent are right."""
    lines = [f"{one.name} is reconciled and must not be" for one in outcomes if one.silent or one.missed_violation]
    return lines + short_of(scores(outcomes), least)


def short_of(groups: Sequence[Score], least: Mapping[str, float]) -> list[str]:
    """The groups of which fewer percent of the fields are right than `least` asks for, a line each."""
    lines = []
    for score in groups:
        wanted = least.get(score.group, 0.0)
        if 100 * score.fields_right < wanted:
            lines.append(f"{score.group}: {100 * score.fields_right:.3f} % of the fields are right, not {wanted:g} %")
    absent = least.keys() - {score.group for score in groups}
    return lines + [f"{group}: nothing was measured" for group in sorted(absent)]
