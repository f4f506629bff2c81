"""How well the classifier does: accuracy over value cells, all and by case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.cells import CellClassifier
from training.cells.examples import Example


@dataclass(frozen=True, slots=True)
class Score:
    """Shares of right answers."""

    values: int
    """How many value cells of known row and column there were."""
    role: float
    """Over cells of known role."""
    row: float
    """Over value cells; so is the next."""
    column: float
    field: float
    """Row and column both."""
    missed: float
    """Share of value cells that are not called values."""
    strangers: float
    """Share of cells that are known to be no values and are called values with a row and a column."""


def score_examples(classifier: CellClassifier, examples: Iterable[Example]) -> Mapping[str, Score]:
    """Scores by `kind/case`, by kind, and of all (`all`)."""
    counts: defaultdict[str, _Count] = defaultdict(_Count)
    for example in examples:
        count = _count(classifier, example)
        for name in ("all", example.kind, f"{example.kind}/{example.case}"):
            counts[name].add(count)
    return {name: count.score() for name, count in sorted(counts.items())}


class _Count:
    """Answers, counted; never leaves this module."""

    def __init__(self) -> None:
        self.values = self.rows = self.columns = self.fields = self.missed = 0
        self.known = self.roles = self.others = self.strangers = 0

    def add(self, other: _Count) -> None:
        for name, number in vars(other).items():
            setattr(self, name, getattr(self, name) + number)

    def score(self) -> Score:
        values, known, others = max(1, self.values), max(1, self.known), max(1, self.others)
        return Score(
            self.values,
            self.roles / known,
            self.rows / values,
            self.columns / values,
            self.fields / values,
            self.missed / values,
            self.strangers / others,
        )


def _count(classifier: CellClassifier, example: Example) -> _Count:
    count, classes = _Count(), classifier.classes
    found = classifier.classify([one.cell for one in example.cells])
    answers = zip(found.role.argmax(-1), found.row.argmax(-1), found.column.argmax(-1), strict=True)
    for one, (role, row, column) in zip(example.cells, answers, strict=True):
        truth = one.truth
        said = classes.roles[role]
        if truth.role is not None:
            count.known += 1
            count.roles += truth.role == said
            if truth.role != "value":
                count.others += 1
                count.strangers += bool(said == "value" and row > 0 and column > 0)
        if truth.role == "value" and truth.row and truth.column:
            right = classes.rows[row] == truth.row, classes.columns[column] == truth.column
            count.values += 1
            count.rows += right[0]
            count.columns += right[1]
            count.fields += all(right)
            count.missed += said != "value"
    return count
