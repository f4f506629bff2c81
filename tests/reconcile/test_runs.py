"""Splitting digits that have run together: every way, the one way, and several ways."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.documents.model import Place
from service.forms.catalogue import FieldSpec
from service.forms.runs import DigitRun
from service.reconcile.runs import Splits, split_runs
from service.reconcile.ways import TooMany, ways_of
from service.results import Number, Reading
from tests.forms.written import VOCABULARY, Values, balanced, form
from tests.reconcile.made import missing, read, specs
from training.synthesize.invent import invent_report
from training.synthesize.numbers import violations

COLUMNS = 7
ROW = "applications.received."
PARTS = (1,) * (COLUMNS - 1) + (-1,)


def row_of(field: str) -> str:
    return field.partition(".")[0] if field.startswith("disputes") else field.rpartition(".")[0]


def cells(year: str, table: str) -> dict[str, tuple[FieldSpec, ...]]:
    """The fields of each row of a table."""
    return {row: tuple(group) for row, group in groupby(form(year).table(table).fields(), lambda one: row_of(one.id))}


def run(text: str, row: str = "applications.received", year: str = "2021", marker: str = "") -> DigitRun:
    own = cells(year, row.partition(".")[0])[row]
    return DigitRun(own, text, Place(line=3), "text-layer", 1.0, marker)


def split(texts: Mapping[str, str], values: Mapping[str, Number | None] | None = None, year: str = "2021") -> Splits:
    """Split the rows given as texts; all other fields have these values, or are missing."""
    runs = [run(text, row, year) for row, text in texts.items()]
    held = {field for one in runs for field in one.fields}
    known = {field: read(value) for field, value in (values or {}).items() if field not in held}
    fields = {spec.id: known.get(spec.id, missing()) for spec in form(year).fields()}
    return split_runs(runs, specs(year), fields, VOCABULARY)


def together(values: Mapping[str, Number | None], year: str = "2021", table: str = "applications") -> dict[str, str]:
    """Every row of a table as one text."""
    return {
        row: "".join("" if values[one.id] is None else str(values[one.id]) for one in own)
        for row, own in cells(year, table).items()
    }


def shown(found: Splits, row: str) -> list[Number | None]:
    return [one.value for field, one in found.fields.items() if row_of(field) == row]


def states(found: Splits, row: str) -> set[str]:
    return {one.state for field, one in found.fields.items() if row_of(field) == row}


def wrong(found: Splits, truth: Mapping[str, Number | None]) -> dict[str, tuple[Reading, Number | None]]:
    """Fields that are told otherwise than they are; a blank counts as zero."""
    return {
        field: (found.fields[field], value)
        for field, value in truth.items()
        if found.fields[field].state != "missing" and (found.fields[field].value or 0) != (value or 0)
    }


# Every way


def brute(text: str, count: int) -> set[tuple[str, ...]]:
    """All ways to split digits into numbers, by definition."""
    if count == 1:
        return {(text,)} if text and (text == "0" or text[0] != "0") else set()
    heads = (text[:size] for size in range(1, len(text)))
    return {
        (head, *rest) for head in heads if head == "0" or head[0] != "0" for rest in brute(text[len(head) :], count - 1)
    }


@settings(deadline=None)
@given(st.text("0123456789", min_size=7, max_size=10))
def test_the_ways_are_all_that_there_are(text: str) -> None:
    every = {way.texts for way in ways_of(run(text), (), VOCABULARY)}
    assert every == brute(text, COLUMNS)
    assert {way.texts for way in ways_of(run(text), (PARTS,), VOCABULARY)} == {
        way for way in every if sum(map(int, way[:-1])) == int(way[-1])
    }


@settings(deadline=None)
@given(st.text("0123456789 /", min_size=1, max_size=11), st.integers(0, 7))
def test_a_way_always_gives_the_text_back(text: str, blanks: int) -> None:
    try:
        ways = ways_of(run(text), (), VOCABULARY, blanks=blanks)
    except TooMany:
        return
    for way in ways:
        assert "".join(way.texts) == "".join(text.split())
        assert way.texts.count("") <= blanks
        assert len(way.values) == COLUMNS


def test_spaces_inside_a_value_are_counted() -> None:
    (way,) = ways_of(run("6 4 0 0 2 0 4 7 0"), (PARTS,), VOCABULARY)
    assert way.texts == ("64", "0", "0", "2", "0", "4", "70")
    assert way.crossed == 2


def test_signs_decimals_and_units_only_where_the_form_has_them() -> None:
    change = {way.texts for way in ways_of(run("3减318", "proactive.licensing", "2019"), (), VOCABULARY)}
    assert change == {("3", "减3", "18"), ("3", "减31", "8")}
    bought = {way.texts for way in ways_of(run("2笔984361.5元", "proactive.procurement", "2019"), (), VOCABULARY)}
    assert bought == {("2笔", "984361.5元")}
    assert ways_of(run("12.50", "proactive.normative_documents"), (), VOCABULARY) == ()


def test_a_row_number_at_the_end_is_taken_and_left() -> None:
    both = {way.texts for way in ways_of(run("10000012", marker="2"), (), VOCABULARY)}
    assert ("1", "0", "0", "0", "0", "0", "1") in both
    assert ("1", "0", "0", "0", "0", "0", "12") in both
    (way,) = ways_of(run("10000012", marker="2"), (PARTS,), VOCABULARY)
    assert way.texts == ("1", "0", "0", "0", "0", "0", "1")


def test_a_run_of_too_many_ways_is_given_up() -> None:
    with pytest.raises(TooMany):
        ways_of(run("123456789" * 3), (), VOCABULARY)
    assert states(split({"applications.received": "123456789" * 5}), "applications.received") == {"missing"}


# One way


def concluding(row: Sequence[Number | None], year: str = "2021") -> Values:
    """The values of a report that has received just these applications, and granted all."""
    values: Values = {spec.id: 0 for spec in form(year).fields()}
    for name in ("received", "granted", "concluded"):
        values.update(zip((one.id for one in cells(year, "applications")[f"applications.{name}"]), row, strict=True))
    return values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("640020470", [64, 0, 0, 2, 0, 4, 70]),
        ("220000325", [22, 0, 0, 0, 0, 3, 25]),
        ("230 000023", [23, 0, 0, 0, 0, 0, 23]),
        (" 10 0 00 0 1", [1, 0, 0, 0, 0, 0, 1]),
        ("1/////1", [1, None, None, None, None, None, 1]),
    ],
)
def test_a_row_that_balances_in_one_way_is_split(text: str, values: list[int]) -> None:
    found = split({"applications.received": text}, concluding(values))
    assert shown(found, "applications.received") == values
    assert found.issues == ()


def test_a_split_keeps_place_reader_and_digits() -> None:
    one = split({"applications.received": "640020470"}, concluding([64, 0, 0, 2, 0, 4, 70])).fields[ROW + "total"]
    assert (one.text, one.value, one.state, one.reader, one.line) == ("70", 70, "read", "text-layer", 3)


def test_the_disputes_are_one_run() -> None:
    found = split({"disputes": "10203120001200000"}, balanced("2021"))
    assert shown(found, "disputes") == [1, 0, 2, 0, 3, 12, 0, 0, 0, 12, 0, 0, 0, 0, 0]
    assert min(found.fields[one.id].confidence for one in cells("2021", "disputes")["disputes"]) == 1


def test_columns_decide_where_a_row_alone_cannot() -> None:
    values = balanced("2021", {"applications.granted.natural_person": 27, "applications.granted.other": 1})
    texts = together(values)
    row = "applications.granted"
    alone = ways_of(run(texts[row], row), (PARTS,), VOCABULARY)
    assert len(alone) > 1
    found = split(texts, values)
    assert wrong(found, values) == {}
    assert found.issues == ()
    assert {one.confidence for field, one in found.fields.items() if row_of(field) == row} == {1}


# Several ways


def test_a_row_without_identities_is_split_as_far_as_all_ways_agree() -> None:
    row = "proactive.licensing"
    found = split({row: "0494246"}, balanced("2019"), "2019")
    assert shown(found, row) == [0, None, None]
    (issue,) = found.issues
    assert (issue.code, issue.severity) == ("several-ways", "warning")
    assert issue.fields == ("proactive.licensing.change", "proactive.licensing.decisions")
    assert "'0494246'" in issue.message
    assert " 5 ways" in issue.message


@pytest.mark.parametrize("text", ["898989", "3960181", "2023"])
def test_nothing_is_guessed(text: str) -> None:
    row = "proactive.normative_documents"
    found = split({row: text}, balanced("2021"))
    assert states(found, row) == {"missing"}
    assert found.issues[0].fields == tuple(one.id for one in cells("2021", "proactive")[row])


def test_no_number_begins_with_a_zero_that_is_not_all_of_it() -> None:
    row = "proactive.regulations"
    sure, unsure = (split({row: text}, balanced("2021")) for text in ("002", "246"))
    assert shown(sure, row) == [0, 0, 2]
    assert {sure.fields[one.id].confidence for one in cells("2021", "proactive")[row]} == {1}
    assert max(unsure.fields[one.id].confidence for one in cells("2021", "proactive")[row]) < 0.95


def test_spaces_choose_but_do_not_prove() -> None:
    parts = [one.id for one in cells("2021", "disputes")["disputes"][:2]]
    rest = "100011" + "0" * 10
    together, apart = (split({"disputes": text}, balanced("2021")) for text in ("1" + rest, "1 " + rest))
    assert [together.fields[one].state for one in parts] == ["missing", "missing"]
    assert [apart.fields[one].value for one in parts] == [1, 10]
    assert max(apart.fields[one].confidence for one in parts) < 0.95
    assert [issue.severity for issue in apart.issues] == ["error"]


def test_a_row_of_fewer_digits_than_cells_leaves_blanks_and_is_not_guessed() -> None:
    found = split({"applications.received": "55"}, balanced("2021"))
    assert states(found, "applications.received") == {"missing"}
    assert found.issues[0].code == "several-ways"


def test_digits_that_fit_no_cells_are_said_so() -> None:
    found = split({"applications.received": "1000001 3"}, balanced("2021"))
    assert states(found, "applications.received") == {"missing"}
    assert "no way" in found.issues[0].message


# Sources that do not balance


def test_a_source_that_does_not_balance_is_not_bent() -> None:
    values = balanced("2021")
    values["applications.carried_out.natural_person"] += 1  # type: ignore[operator]
    values["applications.carried_out.total"] += 1  # type: ignore[operator]
    broken = set(violations(specs("2021"), values))
    assert broken == {"balance:natural_person", "balance:total"}
    assert wrong(split(together(values), values), values) == {}


def test_a_total_left_out_is_seen_by_its_columns() -> None:
    values = balanced("2021", {"applications.granted.natural_person": 47})
    values["applications.granted.total"] = None
    found = split(together(values), values)
    assert wrong(found, values) == {}


def test_disputes_that_do_not_balance_stay_open() -> None:
    found = split({"disputes": "000000000000021"}, balanced("2021"))
    assert states(found, "disputes") == {"missing"}


# Invented reports

RATES = (0.0, 0.1, 0.5)


def flattened(seed: int, rate: float) -> tuple[Splits, Values, tuple[str, ...]]:
    """An invented report with every row run together, spaces left between some cells; its truth and broken sums."""
    rng, report = random.Random(seed), invent_report(seed)
    forms = report.table_forms
    identities = [one for table, year in forms.items() for one in form(year).identity_specs(table)]
    runs = []
    for table, year in forms.items():
        for own in cells(year, table).values():
            printed = [report.printed[one.id] or "0" for one in own]
            text = "".join(text + " " * (rng.random() < rate) for text in printed).strip()
            if len(own) > 1:
                runs.append(DigitRun(own, text, Place(line=1), "text-layer", 1.0))
    held = {field for one in runs for field in one.fields}
    fields = {field: missing() if field in held else read(value) for field, value in report.values.items()}
    return split_runs(runs, identities, fields, VOCABULARY), dict(report.values), report.violated


@pytest.mark.parametrize("rate", RATES)
def test_no_field_of_an_invented_report_is_wrong(rate: float) -> None:
    told, several = 0, 0
    for seed in range(500, 520):
        found, truth, _ = flattened(seed, rate)
        assert wrong(found, truth) == {}, seed
        told += sum(one.state != "missing" for one in found.fields.values())
        several += sum(one.state == "missing" for one in found.fields.values())
    assert told > 10 * several


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from(RATES))
def test_what_is_sure_of_a_balanced_report_is_its_truth(seed: int, rate: float) -> None:
    found, truth, violated = flattened(seed, rate)
    if not violated:
        assert wrong(found, truth) == {}
    covered = {field for issue in found.issues if issue.severity == "warning" for field in issue.fields}
    assert covered == {field for field, one in found.fields.items() if one.state == "missing"}


def test_the_order_of_the_runs_does_not_matter() -> None:
    values = balanced("2021", {"applications.granted.natural_person": 27, "applications.granted.other": 1})
    texts = together(values)
    there, back = split(texts, values), split(dict(reversed(texts.items())), values)
    assert there.fields == back.fields


def test_a_report_without_runs_is_left_as_it_is() -> None:
    fields = {field: read(value) for field, value in balanced("2021").items()}
    found = split_runs((), specs("2021"), fields, VOCABULARY)
    assert (found.fields, found.issues) == (fields, ())


def test_strokes_of_two_characters_do_not_become_two_cells() -> None:
    texts: Sequence[str] = ("——————", "1——2")
    row = "proactive.normative_documents"
    wide = DigitRun(cells("2021", "proactive")[row], texts[1], Place(), "text-layer", 1.0, stroke=2)
    narrow = DigitRun(cells("2021", "proactive")[row], texts[1], Place(), "text-layer", 1.0)
    assert [way.texts for way in ways_of(wide, (), VOCABULARY)] == [("1", "——", "2")]
    assert ways_of(narrow, (), VOCABULARY) == ()
