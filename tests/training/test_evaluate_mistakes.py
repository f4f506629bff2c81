"""Wrong fields are of the right kind, and calibration is measured as it is defined."""

import pytest

from training.evaluate import FieldOutcome, Outcome
from training.evaluate.mistakes import digit_confusions, field_confusions, mistakes, state_matrix
from training.evaluate.reliability import bins, calibration_error, readings, risks
from training.evaluate.scores import Tally


def field(name: str, want: object, got: float | None, confidence: float = 0.99) -> FieldOutcome:
    state = "missing" if confidence == 0 else "read" if got is not None else "blank"
    wanted = "number" if want is not None else "blank"
    return FieldOutcome(name, want, got, got == want, wanted, state, confidence)  # type: ignore[arg-type]


def outcome(*fields: FieldOutcome, error: str | None = None) -> Outcome:
    return Outcome("one.pdf", "clean", "pdf", "plain", fields, False, False, True, 1.0, error)


def kinds(*fields: FieldOutcome, error: str | None = None) -> dict[str, tuple[str, str | None]]:
    return {one.field.field: (one.kind, one.donor) for one in mistakes([outcome(*fields, error=error)])}


def test_each_kind_of_mistake() -> None:
    found = kinds(
        field("t.a.x", 57, 57),
        field("t.a.y", 3, 57),  # its neighbour's number
        field("t.b.x", 8, None, 0),
        field("t.b.y", None, 4),
        field("t.c.z", 80, 30),
    )
    assert found == {
        "t.a.y": ("misplaced", "t.a.x"),
        "t.b.x": ("lost", None),
        "t.b.y": ("invented", None),
        "t.c.z": ("misread", None),
    }


def test_nothing_is_misplaced_where_the_donor_is_not_certain() -> None:
    far_and_small = kinds(field("t.a.x", 5, 5), field("t.b.y", 3, 5))
    two_owners = kinds(field("t.a.x", 57, 57), field("t.a.z", 57, 57), field("t.a.y", 31, 57))
    zero = kinds(field("t.a.x", 0, 0), field("t.a.y", 3, 0))
    one_digit_off = kinds(field("t.a.x", 1257, 1257), field("u.b.y", 1251, 1257))
    assert {found[1] for one in (far_and_small, two_owners, zero, one_digit_off) for found in one.values()} == {None}


def test_of_an_unread_file_nothing_else_is_said() -> None:
    assert kinds(field("t.a.x", 5, None, 0), error="cut off") == {"t.a.x": ("failed", None)}
    assert not state_matrix([outcome(field("t.a.x", 5, None, 0), error="cut off")])


def test_confusions_are_counted() -> None:
    found = list(mistakes([outcome(field("t.a.x", 120, 128), field("t.b.y", 17, 7), field("t.c.z", 3, 4417))]))
    assert digit_confusions(found) == {("0", "8"): 1, ("1", ""): 1, ("3", ""): 1} | {
        ("", "4"): 2,
        ("", "1"): 1,
        ("", "7"): 1,
    }
    shifted = outcome(field("t.a.x", 57, 57), field("t.a.y", 3, 57))
    assert field_confusions(mistakes([shifted, shifted])) == {("t.a.y", "t.a.x"): 2}


def test_states_against_what_is_printed() -> None:
    counts = state_matrix([outcome(field("a", 5, 5), field("b", 7, None, 0), field("c", None, None))])
    assert counts == {("number", "read"): 1, ("number", "missing"): 1, ("blank", "blank"): 1}


def test_calibration_error_is_the_mean_distance() -> None:
    tens = [field(f"t.{n}.x", 1, 1 if n < 9 else 2, 0.9) for n in range(10)]  # 90 % claimed, 90 % right
    assert calibration_error(tens) == pytest.approx(0)
    boasting = [field(f"t.{n}.x", 1, 1 if n < 5 else 2, 0.9) for n in range(10)]
    assert calibration_error(boasting) == pytest.approx(0.4)
    assert calibration_error(tens + [field("u", 1, 1, 0.6)] * 10) == pytest.approx(0.2)
    assert [(one.low, one.high, one.count, one.right) for one in bins(boasting)] == [(0.9, 0.95, 10, 5)]
    assert calibration_error([]) == 0


def test_cells_that_were_not_found_claim_nothing() -> None:
    assert readings([outcome(field("a", 5, None, 0), field("b", 5, 5))]) == [field("b", 5, 5)]


def test_a_threshold_stops_what_is_below_it() -> None:
    fields = [field("a", 1, 1, 0.99), field("b", 1, 2, 0.97), field("c", 1, 3, 0.4), field("d", 1, 1, 0.4)]
    low, high = risks(fields, (0.98, 0.95))
    assert (low.threshold, low.passed, low.wrong, low.caught) == (0.95, 2, 1, 1)
    assert (high.passed, high.share, high.wrong, high.caught) == (1, 0.25, 0, 2)


def test_the_lower_end_of_the_interval() -> None:
    assert Tally("x", 100, 0, 0).least == pytest.approx(0.9630, abs=1e-4)  # Wilson's interval for 100 of 100
    assert Tally("x", 1000, 5, 0).least == pytest.approx(0.98835, abs=1e-4)
    assert Tally("x", 0, 0, 0).least == 0
