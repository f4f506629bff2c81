"""What a field can hold decides between readings, and makes nothing sure that no reader saw."""

from __future__ import annotations

import pytest

from service.documents.model import Alternative, Cell, Place
from service.forms import load_forms, load_vocabulary
from service.forms.catalogue import FieldSpec
from service.forms.expected import as_count, as_expected, is_expected, unseen
from service.forms.values import parse_value
from service.reconcile import SURE
from tests.forms.written import grid_blocks, grids, numbered, read, retexted, scanned

SPECS = {
    spec.id: spec
    for form in load_forms()
    if form.id.endswith("2019")
    for table in form.tables
    for spec in table.fields()
}
COUNT, SIGNED, AMOUNT = (
    SPECS[f"proactive.{name}"] for name in ("penalties.decisions", "penalties.change", "procurement.amount")
)


def weighed(spec: FieldSpec, first: tuple[str, float], *others: tuple[str, float]) -> list[tuple[str, float]]:
    alternatives = tuple(Alternative(text, p, "digits") for text, p in others)
    cell = Cell(0, 0, first[0], Place(page=1), confidence=first[1], ink=True, alternatives=alternatives)
    found = as_expected(cell, spec, load_vocabulary())
    return [(found.text, found.confidence), *((one.text, one.confidence) for one in found.alternatives)]


def test_a_count_has_no_sign() -> None:
    found = weighed(COUNT, ("-5", 0.5), ("5", 0.4))
    assert [text for text, _ in found] == ["5", "-5"]
    # Bayes: 0.4 against 0.5 x 0.02 and 0.1 for what no reader names.
    assert found[0][1] == pytest.approx(0.4 / (0.4 + 0.01 + 0.1))


def test_a_value_is_the_likeliest_of_its_readings_but_words_and_unread_ink_are_not_weighed_here() -> None:
    assert weighed(COUNT, ("/", 0.5), ("0", 0.7), ("7", 0.1))[0] == ("0", pytest.approx(0.7 / 1.3))
    for text in ("安", ""):
        assert weighed(COUNT, (text, 0.1), ("0", 0.15)) == [(text, 0.1), ("0", 0.15)]


def test_a_count_is_whole_and_not_counted_in_ten_thousands() -> None:
    for number, other, share in (("15", "1.5", 0.39), ("15", "15万元", 0.3)):
        text, confidence = weighed(COUNT, (other, 0.6), (number, share))[0]
        assert text == number
        assert confidence == pytest.approx(share / (share + 0.012 + 0.4 - share))


@pytest.mark.parametrize("spec", [SIGNED, AMOUNT])
def test_a_change_may_be_negative_and_an_amount_have_a_point(spec: FieldSpec) -> None:
    sign = "-" if spec is SIGNED else "1."
    assert weighed(spec, (f"{sign}5", 0.5), ("5", 0.4)) == [(f"{sign}5", 0.5), ("5", 0.4)]


def test_a_sign_that_nobody_doubts_stays() -> None:
    text, confidence = weighed(COUNT, ("-5", 0.998), ("/", 0.001))[0]
    assert text == "-5"
    assert confidence < 0.96


def test_readings_of_the_right_kind_stay_as_they_are() -> None:
    readings = [("5", 0.7), ("6", 0.2), ("", 0.05)]
    assert weighed(COUNT, *readings) == readings
    assert weighed(COUNT, ("-5", 0.999)) == [("-5", 0.999)]


@pytest.mark.parametrize(
    ("spec", "text", "lowered"),
    [
        (SIGNED, "4", True),
        (SIGNED, "-4", False),
        (SIGNED, "增4", False),
        (SIGNED, "+4", False),
        (SIGNED, "0", False),
        (SIGNED, "—", False),
        (COUNT, "4", False),
        (AMOUNT, "24914", True),
        (AMOUNT, "3063万元", True),
        (AMOUNT, "2.4914", False),
        (AMOUNT, "69元", False),
        (AMOUNT, "4", False),
        (AMOUNT, "", False),
    ],
)
def test_a_lost_sign_or_point_leaves_no_trace(spec: FieldSpec, text: str, lowered: bool) -> None:
    value = parse_value(text, load_vocabulary(), ocr=True)
    assert (unseen(spec, value, 0.996, worn=False) < 0.93) is lowered
    assert unseen(spec, value, 0.99998, worn=False) > 0.999  # crisp
    assert (unseen(spec, value, 0.99998, worn=True) < 0.92) is lowered  # what is left of it
    assert lowered or unseen(spec, value, 0.996, worn=True) == pytest.approx(0.996)
    assert unseen(spec, value, 0.0, worn=True) == 0.0


def test_a_whole_amount_of_a_worn_page_is_no_surer_than_one_number_may_be() -> None:
    surest_of_worn = 0.9982
    assert unseen(AMOUNT, parse_value("24914", load_vocabulary(), ocr=True), surest_of_worn, worn=False) < 0.92
    assert unseen(SIGNED, parse_value("4", load_vocabulary(), ocr=True), surest_of_worn, worn=False) > 0.95


@pytest.mark.parametrize(("text", "whole"), [("12.0", True), ("12.00", True), ("1.000", False), ("12.5", False)])
def test_a_count_may_be_written_with_a_zero_behind_its_point_but_not_with_what_parts_thousands(
    text: str, whole: bool
) -> None:
    value = parse_value(text, load_vocabulary())
    assert not is_expected(COUNT, value)
    assert is_expected(COUNT, as_count(value)) is whole


@pytest.mark.parametrize(("ink", "state"), [(None, True), (True, False)], ids=["digital", "scanned"])
def test_a_point_and_a_zero_are_sure_in_digital_documents_alone(ink: bool | None, state: bool) -> None:
    report = numbered()
    field = "applications.received.natural_person"
    table = grids(report)["applications"]
    shown = retexted(table if ink is None else scanned(table), {report.printed[field]: report.printed[field] + ".0"})
    reading = read(grid_blocks({**grids(report), "applications": shown})).fields[field]
    assert reading.value == report.values[field]
    assert (reading.confidence >= SURE) is state
