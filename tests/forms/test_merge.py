"""Two readings of the same pages: nothing that the first reads is lost, and where they differ neither is sure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.forms import load_forms, load_vocabulary, read_form
from service.forms.decode import FormReading
from service.forms.merge import merged
from service.results import AlternativeValue, Reading
from tests.forms.written import grid_blocks, grids, numbered

WHOLE = read_form(grid_blocks(grids(numbered())), load_forms(), load_vocabulary())
FIELD = "applications.received.total"
GONE = Reading(value=None, text=None, state="missing", confidence=0.0)
GARBLED = GONE.model_copy(update={"text": "县"})


def read(value: int | None, confidence: float, *others: tuple[int | None, float]) -> Reading:
    alternatives = tuple(AlternativeValue(value=one, confidence=p, text=str(one), reader="digits") for one, p in others)
    return Reading(value=value, text=str(value), state="read", confidence=confidence, alternatives=alternatives)


def having(reading: Reading, whole: FormReading = WHOLE) -> FormReading:
    """The whole report, one of its fields read so."""
    tables = tuple(
        replace(table, fields={**table.fields, FIELD: reading}) if FIELD in table.fields else table
        for table in whole.tables
    )
    return replace(whole, tables=tables)


def both(first: Reading, second: Reading) -> Reading:
    return merged(having(first), having(second)).fields[FIELD]


@pytest.mark.parametrize("lost", [GONE, GARBLED])
def test_what_the_first_lacks_is_the_second_s_and_less_sure(lost: Reading) -> None:
    found = merged(having(lost), having(read(7, 0.99)))
    assert found.fields[FIELD].value == 7
    assert found.fields[FIELD].confidence < 0.8
    assert not any(FIELD in issue.fields for issue in found.issues)


@pytest.mark.parametrize(("lost", "code"), [(GONE, "field-missing"), (GARBLED, "unreadable-cell")])
def test_what_both_lack_stays_lacking_and_its_issue(lost: Reading, code: str) -> None:
    found = merged(having(lost), having(GONE))
    assert found.fields[FIELD] == lost
    assert [issue.code for issue in found.issues if FIELD in issue.fields] == [code]


def test_what_the_second_lacks_or_reads_alike_stays_as_it_is() -> None:
    first = read(7, 0.6, (1, 0.3))
    assert both(first, GONE) == first
    assert both(first, read(7, 0.99)) == first


def test_of_two_values_the_likelier_of_both_readings_together_and_no_surer_than_that() -> None:
    found = both(read(11, 0.6, (17, 0.3)), read(17, 0.8, (11, 0.1)))
    assert (found.value, found.confidence) == (17, pytest.approx(0.55))
    assert [(one.value, one.confidence) for one in found.alternatives] == [(11, pytest.approx(0.35))]
    sure = both(read(3, 1.0), read(8, 1.0))
    assert (sure.value, sure.confidence) == (3, 0.5)


def test_tables_of_different_forms_and_tables_that_one_lacks_are_not_merged() -> None:
    lacking = having(GONE)
    nothing = read_form((), load_forms(), load_vocabulary())
    assert merged(lacking, nothing).fields[FIELD] == GONE
    assert merged(nothing, WHOLE).fields == nothing.fields
    other = read_form(grid_blocks(grids(numbered("2019"))), load_forms(), load_vocabulary())
    assert merged(other, WHOLE).fields.keys() == other.fields.keys()
