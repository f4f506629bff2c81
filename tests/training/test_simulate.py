"""The simulation of reconciliation: what is planted, and how it is judged."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from service.forms.catalogue import IdentitySpec
from service.reconcile import Sureness, check_identities
from service.reconcile.model import Finding, Proposal, Reconciliation
from service.results import AlternativeValue, Reading, State
from training.calibrate.collect import ReadReport
from training.evaluate.outcome import same_value
from training.simulate.__main__ import main
from training.simulate.draw import Sheet, draw_sheet
from training.simulate.edits import carried, kind_of, one_digit_apart
from training.simulate.measure import judged_field
from training.simulate.outcome import ReportOutcome, run
from training.simulate.plant import Planted, plant_cancelling, plant_cells, plant_shift, planted_readings
from training.simulate.records import Measured, Record, load_measured, print_class, write_measured
from training.simulate.tally import Tally
from training.synthesize.effects import QUALITIES, Quality
from training.synthesize.numbers import violations

NOTHING: dict[Quality, tuple[Record, ...]] = dict.fromkeys(QUALITIES, ())
SURE = Sureness(report=0.05, text=0.98)


@pytest.mark.parametrize(
    ("printed", "read", "onto", "expected"),
    [
        ("12", "17", "32", "37"),  # the last digit
        ("12", "17", "12", "17"),
        ("10", "0", "148", "48"),  # a lost first digit
        ("5", "51", "8", "81"),  # an added one
        ("3", "", "1204", ""),  # lost altogether
        ("", "4", "", "4"),
        ("1", "/", "1", "/"),
        ("128", "178", "3", None),  # no inside
        ("12", "17", "35", None),  # no 2 at the end
        ("1", "/", "7", ""),  # no such stroke
        ("", "4", "8", None),  # something is printed
    ],
)
def test_a_misreading_is_carried_to_a_number_with_the_same_digits(
    printed: str, read: str, onto: str, expected: str | None
) -> None:
    if expected == "":
        expected = read
    assert carried(printed, read, onto) == expected


def test_an_alternative_is_carried_loosely() -> None:
    assert carried("12", "17", "35", loosely=True) == "37"
    assert carried("128", "178", "3", loosely=True) is None


def test_kinds_of_errors() -> None:
    cases = {("15", "16"): "confused", ("16", "6"): "lost", ("5", "51"): "added", ("5", "-"): "blanked"}
    assert {pair: kind_of(*pair) for pair in cases} == cases
    assert kind_of("/", "7") == kind_of("", "1") == "filled"
    assert one_digit_apart("16", "6") and one_digit_apart("/", "7") and one_digit_apart("15", "18")
    assert not one_digit_apart("15", "5 ") and not one_digit_apart("15", "51") and not one_digit_apart("", "12")
    assert [print_class(text) for text in ("", "/", "0", "7", "31", "144", "5.03", "-3")] == [
        "nothing", "stroke", "0", "7", "two", "more", "other", "other",
    ]  # fmt: skip


def test_records_are_written_and_read(tmp_path: Path) -> None:
    record = Record("15", "16", 0.7, "digits-1", (("15", 0.1155), ("6", 0.08)), 3)
    measured = Measured(
        {**NOTHING, "copy": (record,)}, NOTHING, NOTHING, {**NOTHING, "phone": (record,)}, {"reports": 1}
    )
    write_measured(measured, tmp_path / "measured.json")
    assert load_measured(tmp_path / "measured.json") == measured
    assert record.named and record.counts
    assert not Record("0", "", 0.5, "ink", (("8", 0.1),)).named
    assert not Record("0", "", 0.5, "ink", ()).counts


def test_doubts_are_what_the_alternatives_say() -> None:
    right = Record("16", "16", 0.7, "digits-1", (("15", 0.2), ("6", 0.1)), 4)
    measured = Measured({**NOTHING, "clean": (right,)}, NOTHING, NOTHING, NOTHING, {})
    doubts = measured.doubts("phone")  # clean scans and photos are alike, copies are not
    assert [(one.printed, one.read, round(one.weight, 6)) for one in doubts] == [("15", "16", 0.8), ("6", "16", 0.4)]
    assert not measured.doubts("copy")


def test_what_was_measured_names_the_models_it_was_read_with() -> None:
    measured = load_measured()
    assert measured.made["reports"] == 360
    assert {len(sums["model.json"]) for sums in measured.made["models"].values()} == {64}
    for quality in ("clean", "copy"):
        seen = measured.misreadings(quality)
        assert len(seen) > 9 and any(one.named for one in seen) and not all(one.named for one in seen)


def _sheet(seed: int, *, balanced: bool = True, quality: Quality = "office") -> Sheet:
    return draw_sheet(random.Random(seed), quality, balanced=balanced)


def test_a_drawn_sheet_is_read_rightly_and_balances_or_not() -> None:
    for seed in range(6):
        for balanced in (True, False):
            sheet = _sheet(seed, balanced=balanced)
            assert all(same_value(sheet.readings[name].value, value) for name, value in sheet.truth.items())
            assert balanced != bool(violations(sheet.identities, sheet.truth))
    assert _sheet(3) == _sheet(3)


@pytest.mark.parametrize("count", [1, 3, 10])
def test_planted_cells_are_wrong_and_nothing_else_is(count: int) -> None:
    for seed in range(5):
        sheet = _sheet(seed)
        planted = plant_cells(random.Random(seed), sheet, count)
        assert planted is not None and len(planted) == count
        readings = planted_readings(sheet, planted)
        wrong = {name for name, value in sheet.truth.items() if not same_value(readings[name].value, value)}
        assert wrong == planted.keys() <= sheet.visible
        for name, one in planted.items():
            assert (one.reading.value or 0) != (sheet.truth[name] or 0)
            named = any(same_value(other.value, sheet.truth[name]) for other in one.reading.alternatives)
            assert named == (one.support == "named")
        assert planted == plant_cells(random.Random(seed), sheet, count)
        statuses = {one.status for one in check_identities(sheet.identities, readings)}
        assert count > 1 or "violated" in statuses


def test_the_truth_is_among_the_alternatives_as_often_as_it_was_measured() -> None:
    seen = load_measured().misreadings("copy")
    share = sum(one.weight for one in seen if one.named) / sum(one.weight for one in seen)
    sheets = [_sheet(seed, quality="copy") for seed in range(8)]
    planted = [plant_cells(random.Random(seed), sheets[seed % 8], 1) for seed in range(160)]
    named = [one.support == "named" for many in planted if many for one in many.values()]
    assert abs(sum(named) / len(named) - share) < 0.12


def test_what_no_identity_sees_breaks_none() -> None:
    sheet = _sheet(1)
    planted = plant_cells(random.Random(5), sheet, 3, visible=False)
    assert planted is not None and not any(one.visible for one in planted.values())
    assert all(one.status == "holds" for one in check_identities(sheet.identities, planted_readings(sheet, planted)))


def _busy_sheet() -> Sheet:
    """One with numbers in many of its rows."""
    sheets = (_sheet(seed) for seed in range(100))
    return next(sheet for sheet in sheets if sum(bool(sheet.truth[name]) for name in sheet.visible) > 30)


def test_a_shifted_row_holds_the_numbers_of_the_cells_beside() -> None:
    sheet = _busy_sheet()
    for seed in range(10):
        planted = plant_shift(random.Random(seed), sheet)
        assert planted is not None
        rows = {name.rpartition(".")[0] for name in planted}
        assert len(rows) == 1
        row = [spec.id for spec in sheet.specs if spec.id.rpartition(".")[0] in rows]
        for name, one in planted.items():
            at = row.index(name)
            beside = [sheet.truth[row[near]] for near in (at - 1, at + 1) if 0 <= near < len(row)]
            assert one.kind == "shifted" and (one.reading.value in beside or one.reading.value is None)


def test_two_that_cancel_leave_an_identity_of_theirs_whole() -> None:
    sheet = _busy_sheet()
    planted = plant_cancelling(random.Random(2), sheet)
    assert planted is not None and len(planted) == 2
    values = {**sheet.truth, **{name: one.reading.value for name, one in planted.items()}}
    both = [one for one in sheet.identities if planted.keys() <= {*one.left, *one.right}]
    assert both and not violations(both, values)


class _Stand:
    """Stands in for reconciliation: sets some fields to given values."""

    def __init__(self, changes: Mapping[str, Reading], proposals: tuple[Proposal, ...] = ()) -> None:
        self.changes, self.proposals = changes, proposals

    def __call__(self, specs: Sequence[IdentitySpec], fields: Mapping[str, Reading]) -> Reconciliation:
        after = {**fields, **self.changes}
        identities = check_identities(specs, after)
        failing = tuple(one.id for one in identities if one.status == "violated")
        findings = (Finding("undecided", failing, (), proposals=self.proposals),) if failing else ()
        return Reconciliation(after, identities, findings)


def _sure(sheet: Sheet) -> Sheet:
    """The same, with every reading sure."""
    readings = {name: one.model_copy(update={"confidence": 0.99999}) for name, one in sheet.readings.items()}
    return Sheet(sheet.quality, sheet.specs, sheet.identities, sheet.printed, sheet.truth, readings)


def _run(sheet: Sheet, planted: Planted, changes: Mapping[str, Reading], scenario: str = "1 wrong") -> ReportOutcome:
    return run(scenario, 0, sheet, planted, _Stand(changes), SURE)


@pytest.fixture(scope="module")
def planted_sheet() -> tuple[Sheet, Planted]:
    sheet = _sure(_busy_sheet())
    planted = plant_cells(random.Random(1), sheet, 1)
    assert planted is not None
    return sheet, planted


def test_the_truth_put_back_is_a_right_repair(planted_sheet: tuple[Sheet, Planted]) -> None:
    sheet, planted = planted_sheet
    outcome = _run(sheet, planted, {name: sheet.readings[name] for name in planted})
    assert [one.fate for one in outcome.planted] == ["right"] and outcome.planted[0].found
    assert not outcome.wrong and not outcome.wrong_repairs and not outcome.called_reconciled_though_wrong
    assert outcome.balanced and not outcome.story
    assert not list(Tally.of([outcome]).missed())


def test_a_misreading_left_alone_misses_the_bar_of_few_wrong(planted_sheet: tuple[Sheet, Planted]) -> None:
    sheet, planted = planted_sheet
    outcome = _run(sheet, planted, {})
    assert [one.fate for one in outcome.planted] == ["left"] and outcome.planted[0].found
    assert not outcome.reconciled and outcome.verdicts == ("undecided",) and not outcome.wrong_repairs
    assert list(Tally.of([outcome]).missed()) == ["1 wrong: 0.00% repaired rightly, not 99%"]


@pytest.mark.parametrize(("others", "place", "first"), [(0, 1, 1), (1, 2, 0)])
def test_what_is_printed_is_found_among_the_proposals(
    planted_sheet: tuple[Sheet, Planted], others: int, place: int, first: int
) -> None:
    sheet, planted = planted_sheet
    (name,) = planted
    wrong = (Proposal(name, 987654, 0.6, "edit"),) * others
    stand = _Stand({}, (*wrong, Proposal(name, sheet.truth[name] or 0, 0.3, "edit")))
    outcome = run("1 wrong", 0, sheet, planted, stand, SURE)
    cells = Tally.of([outcome]).scenarios["1 wrong"].cells
    assert outcome.planted[0].place == place and (cells.left, cells.shown, cells.first) == (1, 1, first)
    elsewhere = next(one for one in sorted(sheet.visible) if one != name)
    stand = _Stand({}, (*wrong, Proposal(elsewhere, sheet.truth[name] or 0, 0.3, "edit")))
    assert run("1 wrong", 0, sheet, planted, stand, SURE).planted[0].place is None


def test_a_wrong_repair_is_one_whichever_cell_it_is(planted_sheet: tuple[Sheet, Planted]) -> None:
    sheet, planted = planted_sheet
    (name,) = planted
    other = next(one for one in sorted(sheet.visible) if one != name and sheet.truth[one])
    repaired = Reading(value=987654, text="987654", state="repaired", confidence=0.999)
    for field in (name, other):
        outcome = _run(sheet, planted, {field: repaired})
        assert outcome.wrong_repairs == (field,) and outcome.signs == 0
        assert outcome.planted[0].fate == ("wrong" if field == name else "left")
        assert any("wrong repairs in 10,000" in line for line in Tally.of([outcome]).missed())


def test_nothing_for_a_zero_is_a_wrong_repair_of_signs() -> None:
    sheet = _sure(_busy_sheet())
    zero = next(name for name in sorted(sheet.visible) if sheet.truth[name] == 0)
    outcome = _run(sheet, {}, {zero: Reading(value=None, text="", state="repaired", confidence=0.999)})
    assert outcome.wrong_repairs == (zero,) and outcome.signs == 1


def test_a_silent_error_is_told_from_one_left_to_a_person() -> None:
    sheet = _sure(_busy_sheet())
    unseen = plant_cells(random.Random(5), sheet, 1, visible=False)
    assert unseen is not None
    (name,) = unseen
    sure = unseen[name].reading.model_copy(update={"confidence": 0.99})
    silent = _run(sheet, unseen, {name: sure}, "1 unseen")
    doubtful = _run(sheet, unseen, {name: sure.model_copy(update={"confidence": 0.5})}, "1 unseen")
    assert silent.called_reconciled_though_wrong and [one.fate for one in silent.planted] == ["silent"]
    assert not silent.planted[0].found
    assert not doubtful.reconciled and doubtful.planted[0].fate == "left" and doubtful.planted[0].found


def test_a_source_that_is_made_to_balance_is_bent() -> None:
    sheet = _sure(_sheet(2, balanced=False))
    kept = _run(sheet, {}, {}, "unbalanced")
    assert not kept.balanced and not kept.reconciled and kept.verdicts == ("undecided",)
    assert Tally.of([kept]).scenarios["unbalanced"].bent == 0
    name = next(one for one in sorted(sheet.visible) if sheet.truth[one])
    bent = _run(sheet, {}, {name: Reading(value=0, text="0", state="repaired", confidence=0.999)}, "unbalanced")
    tally = Tally.of([kept, bent])
    assert tally.scenarios["unbalanced"].bent == 1
    assert "unbalanced: 1 reports that do not balance were bent, not 0" in list(tally.missed())


def _read(value: float | None, text: str, reader: str, *others: tuple[str, float]) -> Reading:
    alternatives = tuple(AlternativeValue(value=int(one), confidence=p, text=one, reader=reader) for one, p in others)
    state: State = "read" if value is not None else "blank"
    return Reading(value=value, text=text, state=state, confidence=0.8, reader=reader, alternatives=alternatives)


def test_measured_readings_are_right_or_misread_or_of_another_cell() -> None:
    report = ReadReport(0, "copy", {"a": 15}, ())

    def groups(reading: Reading) -> list[tuple[str, bool]]:
        return [(group, seen) for group, seen, _ in judged_field(report, "a", reading, bound=True)]

    assert groups(_read(15, "15", "digits-1")) == [("right", False)]
    assert groups(_read(16, "16", "digits-1", ("15", 0.1))) == [("wrong", True)]
    assert groups(_read(45, "45", "ocr+digits-1")) == [("displaced", True)]  # both agree: so it is printed somewhere
    assert groups(_read(115, "1 15", "digits-1")) == [("displaced", True)]
    assert groups(_read(None, "", "ink")) == [("wrong", True)]
    assert groups(_read(None, "", "text-layer")) == [("displaced", True)]  # no cell was found
    of_a_label = _read(1, "1", "PP-OCR").model_copy(update={"page": 1, "bbox": (0.3, 0.4, 0.35, 0.42)})
    assert groups(of_a_label) == [("displaced", True)]  # nothing was read as a number there
    assert groups(Reading(value=None, text=None, state="missing", confidence=0)) == []
    (group, seen, record) = next(iter(judged_field(report, "a", _read(16, "16", "digits-1", ("15", 0.1)), bound=False)))
    assert (group, seen) == ("loose", False)
    assert record == Record("15", "16", 0.8, "digits-1", (("15", 0.1),))


def test_the_command_counts_every_planted_cell_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "figures.json"
    arguments = ["--reports", "2", "--seed", "4", "--only", "none", "1 wrong", "unbalanced", "--json", str(path)]
    status = main(arguments)
    figures = json.loads(path.read_text(encoding="utf-8"))
    assert status == bool(figures["missed"])
    assert list(figures["scenarios"]) == ["none", "1 wrong", "unbalanced"]
    assert [one["reports"] for one in figures["scenarios"].values()] == [2, 2, 2]
    cells = figures["scenarios"]["1 wrong"]["cells"]
    assert cells["planted"] == 2 == sum(cells[fate] for fate in ("right", "wrong", "left", "silent"))
    named = figures["supports"]["named"]
    assert cells["named"] == named["planted"] == named["named"]
    assert not any(figures["supports"][support]["named"] for support in ("one digit", "nothing"))
    assert "1 wrong" in capsys.readouterr().out
