"""Many simulated reports as figures, and the bars that they must clear."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from training.simulate.edits import KINDS
from training.simulate.outcome import CellOutcome, ReportOutcome
from training.simulate.plant import SUPPORTS
from training.synthesize.effects import QUALITIES

LEAST_RIGHT = 0.99
"""Share of the misreadings that an identity can see that must be repaired rightly, where at most `FEW` are wrong."""
FEW = ("1 wrong", "2 wrong", "3 wrong")
MOST_WRONG = 1e-4
"""Share of all cells below which wrong repairs must stay."""


@dataclass(frozen=True, slots=True)
class Cells:
    """What became of planted misreadings."""

    planted: int
    named: int
    """With the truth among the alternatives."""
    found: int
    right: int
    """Repaired rightly."""
    wrong: int
    """Repaired wrongly."""
    left: int
    """Left to a person ..."""
    shown: int
    """... who is shown what is printed among the values that a finding proposes ..."""
    first: int
    """... and as its first."""
    silent: int
    """Left in a report that was called reconciled."""

    @classmethod
    def of(cls, cells: Sequence[CellOutcome]) -> Cells:
        """Count them."""
        fates = Counter(one.fate for one in cells)
        places = [one.place for one in cells if one.fate == "left"]
        return cls(
            len(cells),
            sum(one.support == "named" for one in cells),
            sum(one.found for one in cells),
            fates["right"],
            fates["wrong"],
            fates["left"],
            sum(place is not None for place in places),
            places.count(1),
            fates["silent"],
        )

    @property
    def share_named(self) -> float:
        """Share whose truth the ink names; 1 where none were planted."""
        return self.named / self.planted if self.planted else 1.0

    @property
    def share_right(self) -> float:
        """Share repaired rightly; 1 where none were planted."""
        return self.right / self.planted if self.planted else 1.0


@dataclass(frozen=True, slots=True)
class Reports:
    """What became of the reports of one scenario."""

    reports: int
    fields: int
    cells: Cells
    wholly_right: int
    """Reports of which every field is right in the end."""
    wrong_repairs: int
    """Fields whose reading was replaced by a wrong one, planted or not."""
    signs: int
    """How many of these count what is printed: nothing was taken for a zero, or a zero for nothing."""
    reconciled: int
    reconciled_though_wrong: int
    milliseconds: tuple[float, float, float]
    """Of the processor, for one report: median, 99th percentile, worst."""
    bent: int
    """Reports that do not balance in which a reading was replaced by other than what is printed."""
    verdicts: Mapping[str, int]
    """How many reports got which verdicts; none where no identity fails."""

    @classmethod
    def of(cls, outcomes: Sequence[ReportOutcome]) -> Reports:
        """Count them."""
        times = 1000 * np.array([one.seconds for one in outcomes])
        return cls(
            reports=len(outcomes),
            fields=sum(one.cells for one in outcomes),
            cells=Cells.of([cell for one in outcomes for cell in one.planted]),
            wholly_right=sum(not one.wrong for one in outcomes),
            wrong_repairs=sum(len(one.wrong_repairs) for one in outcomes),
            signs=sum(one.signs for one in outcomes),
            reconciled=sum(one.reconciled for one in outcomes),
            reconciled_though_wrong=sum(one.called_reconciled_though_wrong for one in outcomes),
            milliseconds=(
                round(float(np.median(times)), 1),
                round(float(np.quantile(times, 0.99)), 1),
                round(float(times.max()), 1),
            ),
            bent=sum(not one.balanced and bool(one.wrong_repairs) for one in outcomes),
            verdicts=dict(sorted(Counter("+".join(sorted(set(one.verdicts))) or "none" for one in outcomes).items())),
        )

    @property
    def wrong_share(self) -> float:
        """Wrong repairs as a share of all fields."""
        return self.wrong_repairs / self.fields if self.fields else 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """All figures of a simulation."""

    scenarios: Mapping[str, Reports]
    kinds: Mapping[str, Cells]
    """Of the misreadings that an identity can see, by what went wrong."""
    supports: Mapping[str, Cells]
    """By what speaks for the truth."""
    qualities: Mapping[str, Cells]
    """By quality of scan, where at most `FEW` are wrong."""
    unseen: Cells
    """The misreadings that no identity sees."""

    @classmethod
    def of(cls, outcomes: Sequence[ReportOutcome]) -> Tally:
        """Count them."""
        by_scenario: defaultdict[str, list[ReportOutcome]] = defaultdict(list)
        for one in outcomes:
            by_scenario[one.scenario].append(one)
        visible = [cell for one in outcomes if one.balanced for cell in one.planted if cell.visible]
        few = {quality: _visible(outcomes, quality) for quality in QUALITIES}
        return cls(
            {name: Reports.of(many) for name, many in by_scenario.items()},
            _by(visible, KINDS, lambda one: one.kind),
            _by(visible, SUPPORTS, lambda one: one.support),
            {quality: Cells.of(cells) for quality, cells in few.items()},
            Cells.of([cell for one in outcomes for cell in one.planted if not cell.visible]),
        )

    def missed(self) -> Iterator[str]:
        """The bars that were missed, in words."""
        for name, one in self.scenarios.items():
            if name in FEW and one.cells.share_right < LEAST_RIGHT:
                yield f"{name}: {one.cells.share_right:.2%} repaired rightly, not {LEAST_RIGHT:.0%}"
            if one.wrong_share >= MOST_WRONG:
                yield f"{name}: {one.wrong_share * 1e4:.2f} wrong repairs in 10,000 cells, not under 1"
            if one.bent:
                yield f"{name}: {one.bent} reports that do not balance were bent, not 0"

    def data(self) -> dict[str, Any]:
        """As JSON has it."""
        return {**asdict(self), "missed": list(self.missed())}


def _visible(outcomes: Iterable[ReportOutcome], quality: str) -> list[CellOutcome]:
    chosen = (one for one in outcomes if one.quality == quality and one.scenario in FEW)
    return [cell for one in chosen for cell in one.planted if cell.visible]


def _by(cells: Sequence[CellOutcome], names: Sequence[str], of: Callable[[CellOutcome], str]) -> dict[str, Cells]:
    return {name: Cells.of([one for one in cells if of(one) == name]) for name in names}
