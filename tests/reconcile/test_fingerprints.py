from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reconcile.fingerprints import Case, fingerprint, fingerprinted, printed, settle
from service.results import Decision, Issue, Reading
from tests.reconcile.made import marked, missing, read

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
FIELDS = {"a": read(1), "b": read(2), "c": read(None)}


def issue(*fields: str, code: str = "doubtful-reading", message: str = "Look.") -> Issue:
    return Issue(code=code, severity="warning", message=message, fields=fields)


def marks(fields, *issues: Issue) -> list[str]:
    return [one.fingerprint for one in fingerprinted(issues, fields)]


def decision(mark: str, *, hours: int = 0, action: str = "dismissed") -> Decision:
    return Decision(fingerprint=mark, action=action, by="Li", when=NOON + timedelta(hours=hours))


def test_a_fingerprint_is_two_short_hashes_and_always_the_same():
    # Written down once: decisions that were kept years ago must still find their issues.
    assert fingerprint("identity-violated", ["row:x"], {"a": "1", "b": "2"}) == "34b5bc27-fcc7ae97"


def test_neither_order_nor_severity_nor_wording_matters():
    first = issue("a", "b")
    again = Issue(code=first.code, severity="error", message="Other words.", fields=("b", "a"), roots=("b",))
    assert marks(FIELDS, first) == marks(FIELDS, again)


def test_how_sure_where_and_by_whom_it_was_read_does_not_matter():
    other = Reading(value=1.0, text=" 1", state="reviewed", confidence=0.2, page=4, reader="digits-9")
    assert marks(FIELDS, issue("a")) == marks({**FIELDS, "a": other}, issue("a"))


@pytest.mark.parametrize("other", [read(3), read(None), marked(), missing(), read(10)])
def test_another_value_changes_the_state_and_keeps_the_subject(other):
    (before,), (after,) = marks(FIELDS, issue("a", "b")), marks({**FIELDS, "a": other}, issue("a", "b"))
    assert before.split("-")[0] == after.split("-")[0]
    assert before.split("-")[1] != after.split("-")[1]


def test_another_code_or_other_fields_are_another_subject():
    found = marks(FIELDS, issue("a", "b"), issue("a"), issue("a", "b", code="words-differ"))
    assert len({mark.split("-")[0] for mark in found}) == 3


def test_an_issue_without_fields_is_told_by_its_message():
    one, two = issue(message="Page 1 could not be read."), issue(message="Page 2 could not be read.")
    assert len(set(marks(FIELDS, one, two))) == 2
    assert marks(FIELDS, one) == marks({}, one)


def test_an_issue_keeps_a_fingerprint_of_its_own():
    own = issue("a").model_copy(update={"fingerprint": "mine-1"})
    assert marks(FIELDS, own) == ["mine-1"]


def test_what_is_printed_is_told_apart():
    shown = [read(7), read(7.5), read(1e-6), read(None), marked(), missing(), read(0)]
    assert [printed(one) for one in shown] == ["7", "7.5", "0.000001", "blank", "marked", "missing", "0"]
    assert printed(Reading(value=None, text="3x", state="missing", confidence=0)) == "3x"
    assert printed(Reading(value=5.0, text="5", unit="万元", state="read", confidence=1)) == "5万元"


@given(st.dictionaries(st.text(max_size=3), st.text(max_size=3), min_size=1), st.data())
def test_any_changed_value_is_seen(values, data):
    name = data.draw(st.sampled_from(sorted(values)))
    changed = {**values, name: values[name] + "1"}
    assert fingerprint("c", [], values) != fingerprint("c", [], changed)


# Decisions


def test_a_decision_survives_a_new_run_over_the_same_values():
    (one, two) = fingerprinted([issue("a"), issue("b")], FIELDS)
    said = decision(one.fingerprint)
    again = fingerprinted([issue("b"), issue("a")], dict(FIELDS))
    assert settle(again, [said]) == (Case(two, "open"), Case(one, "settled", said))


def test_a_changed_value_reopens_and_shows_the_old_decision():
    (one,) = fingerprinted([issue("a")], FIELDS)
    said = decision(one.fingerprint)
    (now,) = fingerprinted([issue("a")], {**FIELDS, "a": read(9)})
    assert settle([now], [said]) == (Case(now, "reopened", said),)


def test_a_decision_on_what_is_still_there_reopens_nothing_else():
    one, two = fingerprinted([issue(message="row 1"), issue(message="row 2")], {})
    assert one.fingerprint.split("-")[0] == two.fingerprint.split("-")[0]
    said = decision(one.fingerprint)
    assert [case.standing for case in settle([one, two], [said])] == ["settled", "open"]


def test_values_that_come_back_find_their_own_decision():
    (first,) = fingerprinted([issue("a")], FIELDS)
    (second,) = fingerprinted([issue("a")], {**FIELDS, "a": read(9)})
    said = [decision(first.fingerprint), decision(second.fingerprint, hours=1, action="accepted")]
    assert settle([first], said) == (Case(first, "settled", said[0]),)
    assert settle([second], said) == (Case(second, "settled", said[1]),)


def test_the_newest_decision_counts_whatever_the_order_they_come_in():
    (one,) = fingerprinted([issue("a")], FIELDS)
    old, new = decision(one.fingerprint), decision(one.fingerprint, hours=1, action="accepted")
    assert settle([one], [new, old]) == (Case(one, "settled", new),)
    (now,) = fingerprinted([issue("a")], {**FIELDS, "a": read(9)})
    assert settle([now], [new, old]) == (Case(now, "reopened", new),)


def test_decisions_on_what_is_gone_and_issues_without_fingerprint_do_no_harm():
    assert settle([], [decision("0-1")]) == ()
    assert settle([issue("a")], [decision("0-1")]) == (Case(issue("a"), "open"),)
