"""The readable summary of a result that reconciliation had a say in."""

from __future__ import annotations

import pytest

from service.cli.summary import summary_text
from service.results import AlternativeValue, Extraction, Identity, Issue, Reading, Verdict
from tests.built import DOUBTFUL, VIOLATED, build


def _with(identity: Identity, reading: Reading, *issues: Issue) -> str:
    extraction: Extraction = build(clean=True)
    identities = tuple(identity if one.id == VIOLATED else one for one in extraction.identities)
    changes = {"identities": identities, "fields": extraction.fields | {DOUBTFUL: reading}, "issues": issues}
    return summary_text(extraction.model_copy(update=changes)).decode()


def _repaired(before: float | None, after: float | None) -> Reading:
    first = AlternativeValue(value=before, confidence=0.1)
    return Reading(value=after, text="0", state="repaired", confidence=0.99, page=1, alternatives=(first,))


@pytest.mark.parametrize(("before", "shown"), [(69, "69→0*"), (None, "_→0*")])
def test_a_repaired_cell_shows_what_was_read_and_its_identity_holds_by_repair(before: float | None, shown: str) -> None:
    holds = Identity(id=VIOLATED, left=0, right=0, status="holds", verdict="misread")
    text = _with(holds, _repaired(before, 0))
    assert shown in text
    assert "42 of 42 hold" in text
    assert f"applications {VIOLATED}: 0 + 0 + 0 + 0 + 0 + 0 = 0 (repaired)" in text


@pytest.mark.parametrize(
    ("verdict", "words"), [("unbalanced", "the report itself does not balance"), ("undecided", "undecided")]
)
def test_a_failing_identity_is_told_with_its_verdict(verdict: Verdict, words: str) -> None:
    fails = Identity(id=VIOLATED, left=0, right=7, status="violated", verdict=verdict)
    text = _with(fails, Reading(value=7, text="7", state="read", confidence=1))
    assert f"≠ 7 (0 against 7, difference -7; {words})" in text
    assert "41 of 42 hold" in text


def test_long_sentences_are_set_in_and_lose_nothing() -> None:
    sentence = " ".join(["总计 (balance:total): 72 + 0 ≠ 69 + 1; 总计 was read 69, the ink allows 71."] * 5)
    issue = Issue(code="misread-repaired", severity="info", message=sentence)
    holds = Identity(id=VIOLATED, left=0, right=0, status="holds")
    text = _with(holds, Reading(value=0, text="0", state="read", confidence=1), issue)
    lines = text[text.index("Issues") :].splitlines()[1:]
    assert len(lines) > 2 and all(line.startswith("  ") for line in lines)
    assert " ".join(" ".join(lines).split()) == f"info: {sentence} [misread-repaired]"


def test_the_cells_that_a_failure_comes_down_to_are_marked_among_the_doubtful() -> None:
    other = "applications.received.business"
    issue = Issue(
        code="identity-violated", severity="error", message="0 ≠ 7", fields=(DOUBTFUL, other), roots=(DOUBTFUL,)
    )
    fails = Identity(id=VIOLATED, left=0, right=7, status="violated", verdict="undecided")
    text = _with(fails, Reading(value=7, text="7", state="read", confidence=1), issue)
    assert f"\n> {DOUBTFUL}: 7" in text
    assert f"\n  {other}: 0" in text
