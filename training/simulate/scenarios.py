"""The cases of the simulation, and all of them over one report after another."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import count

from models.calibration import load_calibration
from service.extract import served_sureness
from service.forms.catalogue import IdentitySpec
from service.reconcile import Sureness, prove, read_proof, reconcile
from service.reconcile.model import Reconciliation
from service.reconcile.proof import Proof
from service.results import Reading
from training.simulate.draw import Sheet, draw_sheet
from training.simulate.outcome import ReportOutcome, run
from training.simulate.plant import Planted, plant_cancelling, plant_cells, plant_shift
from training.synthesize.effects import QUALITIES

COUNTS = (1, 2, 3, 4, 6, 10)
"""Wrong cells that are planted into a report."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One way in which reports are misread."""

    name: str
    plant: Callable[[random.Random, Sheet], Planted | None]
    balanced: bool = True
    """What is printed balances."""


def _nothing(rng: random.Random, sheet: Sheet) -> Planted:
    return {}


SCENARIOS = (
    Scenario("none", _nothing),
    *(Scenario(f"{wrong} wrong", partial(plant_cells, count=wrong)) for wrong in COUNTS),
    Scenario("shifted row", plant_shift),
    Scenario("two that cancel", plant_cancelling),
    Scenario("1 unseen", partial(plant_cells, count=1, visible=False)),
    Scenario("3 unseen", partial(plant_cells, count=3, visible=False)),
    Scenario("unbalanced", _nothing, balanced=False),
    Scenario("unbalanced, 1 wrong", partial(plant_cells, count=1), balanced=False),
)
"""`unseen`: a change that no identity sees, in a field of none or of nothing into a zero."""


def simulate(number: int, seed: int, names: Collection[str]) -> list[ReportOutcome]:
    """These scenarios over the report of that number; the same in every run but for the seconds."""
    return [_simulate(scenario, number, seed) for scenario in SCENARIOS if scenario.name in names]


def _simulate(scenario: Scenario, number: int, seed: int) -> ReportOutcome:
    """One scenario; a report that has no place for its misreadings is replaced by another."""
    for attempt in count():
        sheet = _sheet(number, seed, attempt, balanced=scenario.balanced)
        planted = scenario.plant(random.Random(f"plant {scenario.name} {seed} {number} {attempt}"), sheet)
        if planted is not None:
            return run(scenario.name, number, sheet, planted, _reconciled, _sureness())
    raise AssertionError("counting does not end")


@lru_cache(maxsize=8)
def _sheet(number: int, seed: int, attempt: int, *, balanced: bool) -> Sheet:
    rng = random.Random(f"simulate {seed} {number} {attempt} {balanced}")
    return draw_sheet(rng, QUALITIES[number % len(QUALITIES)], balanced=balanced)


def _reconciled(specs: Sequence[IdentitySpec], fields: Mapping[str, Reading]) -> Reconciliation:
    """As the pipeline has it: no more confidence than such fields deserve."""
    return prove(reconcile(specs, fields), specs, (), _proof())


@cache
def _sureness() -> Sureness:
    return served_sureness()


@cache
def _proof() -> Proof | None:
    calibration = load_calibration()
    return read_proof(calibration.proven) if calibration else None
