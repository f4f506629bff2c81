"""From a file to a sentence, and a decision on it that outlives the next run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service.extract import extract
from service.reconcile.fingerprints import settle
from service.results import Decision, Extraction, Issue
from service.store import Store

ROOT = Path(__file__).parent.parent
SAMPLE = (ROOT / "data" / "samples" / "tab-rows.txt").read_bytes()
RECEIVED = "applications.received.total"


def read(total: int, name: str = "a.txt") -> Extraction:
    """The sample with another number of applications received, where 511 is printed."""
    assert SAMPLE.count(b"\t17\t511") == 1
    return extract(name, SAMPLE.replace(b"\t17\t511", f"\t17\t{total}".encode()))


def broken(issues: Sequence[Issue]) -> Issue:
    """The one sum that does not add up."""
    (issue,) = (one for one in issues if one.code == "identity-violated")
    return issue


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_example_of_the_readme_is_what_comes_out(page: str) -> None:
    issue = broken(read(517).issues)
    quoted = " ".join((ROOT / page).read_text(encoding="utf-8").replace("\n> ", " ").split())
    assert issue.message in quoted
    assert issue.roots == issue.fields[:1] == (RECEIVED,)


def test_a_sound_report_has_nothing_to_explain() -> None:
    result = read(511)
    assert result.issues == ()
    assert {identity.explanation for identity in result.identities} == {None}


def test_a_decision_survives_a_new_run_and_is_asked_for_again_when_a_value_changes() -> None:
    store, first = Store("sqlite://"), read(517)
    said = Decision(
        fingerprint=broken(first.issues).fingerprint or "",
        action="accepted",
        by="李",
        when=datetime(2026, 1, 2, tzinfo=UTC),
    )
    store.decide(first.source.sha256, said)
    decisions = store.decisions(first.source.sha256)
    again = next(one for one in settle(read(517, "another name.txt").issues, decisions) if one.issue.roots)
    assert (again.standing, again.decision) == ("settled", said)
    changed = next(one for one in settle(read(519).issues, decisions) if one.issue.roots)
    assert (changed.standing, changed.decision) == ("reopened", said)
