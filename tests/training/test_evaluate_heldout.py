"""Held-out reports are drawn as said, and held against their bars."""

import json
from dataclasses import replace

import pytest

from service.documents import open_document
from service.results import Extraction, Reading, Report, Source, Template
from training.evaluate import Outcome, judge
from training.evaluate.heldout import DrawnSample, bar_lines, held_out_samples, held_out_scores, missed_bars
from training.synthesize.cases import draw_case

_SAMPLE = DrawnSample("rules-third", "clean", 3)


def read(name: str, data: bytes) -> Extraction:
    """Knows the truth of the sample."""
    report, _ = draw_case(_SAMPLE.case, _SAMPLE.seed, "held-out")
    fields = {
        field: Reading(value=value, text=report.printed[field], state="read", confidence=0.99)
        for field, value in report.values.items()
    }
    return Extraction(
        source=Source(name=name, sha256="0", media_type="application/pdf", pages=1),
        template=Template(id=f"cn-disclosure-{report.template}", confidence=1, tables={}),
        report=Report(title=None, agency=None, year=None),
        sections=(),
        fields=fields,
        identities=(),
        issues=(),
        status="needs_review",
    )


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return judge(_SAMPLE, read)


def test_a_report_is_drawn_with_its_truth() -> None:
    data, truth = _SAMPLE.load()
    report, pages = draw_case("rules-third", 3, "held-out")
    assert len(open_document(_SAMPLE.name, data).pages) == len(pages)
    assert truth["values"] == report.values and truth["printed"] == report.printed
    json.dumps(truth)  # plain data, to be sent and written


def test_its_outcome_tells_the_case_and_what_is_printed(outcome: Outcome) -> None:
    report, _ = draw_case("rules-third", 3, "held-out")
    assert (outcome.case, outcome.quality, outcome.format, outcome.exact) == ("rules-third", "clean", "pdf", True)
    assert outcome.template_right
    marked = {one.field for one in outcome.fields if one.wanted == "marked"}
    assert marked == {field for field, text in report.printed.items() if text.strip() and report.values[field] is None}


def test_samples_come_seed_by_seed() -> None:
    samples = held_out_samples(range(2), range(1), cases=["no-rules"])
    assert [(one.case, one.quality, one.seed) for one in samples] == [
        ("plain", "clean", 0), ("plain", "office", 0), ("plain", "copy", 0), ("plain", "phone", 0),
        ("no-rules", "clean", 0),
        ("plain", "clean", 1), ("plain", "office", 1), ("plain", "copy", 1), ("plain", "phone", 1),
    ]  # fmt: skip
    assert len({one.name for one in samples}) == len(samples)


def test_bars_hold_each_group(outcome: Outcome) -> None:
    first, *others = outcome.fields
    field = first.field
    wrong = replace(outcome, fields=(replace(first, got=987654, right=False, confidence=0.96, sure=True), *others))
    assert [score.group for score in held_out_scores([outcome, wrong])] == ["rules-third"]
    assert missed_bars([outcome]) == []
    share = 100 * (1 - 1 / len(outcome.fields))
    assert share < 99.5
    said = missed_bars([wrong])
    assert said[0] == f"rules-third: {share:.3f} % of the fields are right before repair, not 99.5 %"
    assert said[1].startswith(f"{wrong.name}: {field} is ") and said[1].endswith("read as 987654 with 0.9600")
    doubted = replace(wrong, fields=(replace(wrong.fields[0], sure=False), *others))
    assert len(missed_bars([doubted])) == 1  # a person is asked
    assert bar_lines([wrong])[1].split()[3:5] == [f"{share:.3f}", "99.5"]


def test_repairs_are_counted_and_what_was_wrong_before_them_counts_against_the_bar(outcome: Outcome) -> None:
    first, second, *others = outcome.fields
    repaired = (
        replace(first, state="repaired", before=False),
        replace(second, state="repaired", before=True, right=False),
    )
    changed = replace(outcome, case="plain", fields=(*repaired, *others))
    score = held_out_scores([changed])[0]
    assert score.repairs == (1, 1)
    assert score.right_before == score.fields_right == pytest.approx(1 - 1 / len(outcome.fields))
    assert any("before repair, not 99.9 %" in line for line in missed_bars([changed]))


def test_only_balanced_reports_that_are_right_and_reconciled_went_straight_through(outcome: Outcome) -> None:
    plain = replace(outcome, case="plain", reconciled=True)
    assert held_out_scores([plain])[0].straight_through == 1
    assert missed_bars([plain]) == []
    review = replace(plain, reconciled=False)
    unbalanced = replace(review, violated=True)
    assert held_out_scores([plain, review, unbalanced])[0].straight_through == 0.5
    assert "clean: 50.000 % of the balanced reports go straight through, not 97 %" in missed_bars([plain, review])
