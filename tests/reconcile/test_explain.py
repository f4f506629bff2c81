from __future__ import annotations

import pytest

from service.forms.catalogue import IdentitySpec
from service.reconcile import check_identities
from service.reconcile.explain import explain
from service.reconcile.model import Finding, Proposal, Reconciliation, Repair
from service.reconcile.wording import listed, number, short_label, times
from service.results import AlternativeValue, Reading
from tests.forms.written import YEARS, balanced, form
from tests.reconcile.made import marked, missing, read, readings, specs

# received + carried_in = concluded + carried_out, and the row of concluded: person + firm = total
BALANCE = IdentitySpec("balance", ("in", "left_over"), ("total", "out"))
ROW = IdentitySpec("row", ("person", "firm", "school"), ("total",))
SPECS = (ROW, BALANCE)
LABELS = {
    "in": "一、新收 > 总计",
    "left_over": "二、上年结转 > 总计",
    "total": "三、结果 > （七）总计 > 总计",
    "out": "四、结转 > 总计",
    "person": "三、结果 > （七）总计 > 自然人",
    "firm": "三、结果 > （七）总计 > 企业",
    "school": "三、结果 > （七）总计 > 科研",
}
TRUE = {"in": 72, "left_over": 0, "person": 70, "firm": 1, "school": 0, "total": 71, "out": 1}
SIX_NINE = Reading(
    value=69,
    text="69",
    state="read",
    confidence=0.6,
    reader="digits-1",
    alternatives=(AlternativeValue(value=71, confidence=0.31, text="71", reader="PP-OCR"),),
)


def repaired(field: str, before: Reading, value, origin="alternative", closes=("row", "balance")) -> Repair:
    after = before.model_copy(update={"value": value, "text": str(value or ""), "state": "repaired"})
    return Repair(field, before, after, closes, origin, 43.0)


def told(before, finding: Finding, identities=SPECS, labels=LABELS):
    """The issue of a finding, and the explanations of identities by id."""
    after = {**before, **{repair.field: repair.after for repair in finding.repairs}}
    verdicts = dict.fromkeys(finding.identities, finding.verdict)
    checked = tuple(
        one.model_copy(update={"verdict": verdicts.get(one.id)}) for one in check_identities(identities, after)
    )
    found = Reconciliation(after, checked, (finding,))
    explained, (issue,) = explain(found, identities, before, labels)
    assert [one.model_copy(update={"explanation": None}) for one in explained] == list(checked)
    return issue, {one.id: one.explanation for one in explained}


MISREAD = Finding("misread", ("row", "balance"), ("total",), (repaired("total", SIX_NINE, 71),), odds=43.0)
AS_READ = {**readings(TRUE), "total": SIX_NINE}


def test_a_misreading_is_told_with_its_ink_its_odds_and_what_it_closes():
    issue, explanations = told(AS_READ, MISREAD)
    assert (issue.code, issue.severity, issue.suggestion) == ("misread-repaired", "info", None)
    assert issue.message == (
        "（七）总计 (row): 70 + 1 ≠ 69 (71 against 69, difference 2); （七）总计 / 总计 was read 69, the ink allows 71 "
        "(PP-OCR's other choice, probability 0.31); with that row and balance hold, about 40 times likelier than all "
        "else."
    )
    assert issue.fields == ("total", "person", "firm", "in", "out")
    assert issue.roots == ("total",)
    assert explanations["balance"] == (
        "72 + 0 ≠ 69 + 1 (72 against 70, difference 2); （七）总计 / 总计 was read 69, the ink allows 71 "
        "(PP-OCR's other choice, probability 0.31); with that 72 + 0 = 71 + 1."
    )


def test_a_digit_that_no_reader_named_is_told_as_such():
    finding = Finding("misread", ("row",), ("total",), (repaired("total", read(76), 71, "edit"),), odds=1e9)
    issue, _ = told({**readings(TRUE), "total": read(76)}, finding)
    assert "was read 76, the ink allows 71 (one digit away); with that row holds, over a million times" in issue.message


def test_a_cell_that_turns_out_empty_or_was_taken_for_empty_is_told_in_words():
    nothing = repaired("school", read(1), None)
    before = {**readings(TRUE), "school": read(1)}
    assert "was read 1, the ink allows blank" in told(before, Finding("misread", ("row",), (), (nothing,)))[0].message
    before = {**readings(TRUE), "firm": marked()}
    issue, _ = told(before, Finding("misread", ("row",), ("firm",), (repaired("firm", marked(), 1),)))
    assert "70 + struck out ≠ 71" in issue.message
    assert "（七）总计 / 企业 was read struck out, the ink allows 1 (another reading of the same ink)" in issue.message


def test_an_identity_is_told_only_what_concerns_it():
    repairs = (repaired("in", read(12), 72, closes=("balance",)), repaired("firm", read(7), 1, closes=("row",)))
    before = {**readings(TRUE), "in": read(12), "firm": read(7)}
    issue, explanations = told(before, Finding("misread", ("row", "balance"), ("in", "firm"), repairs))
    assert "新收" in issue.message and "企业" in issue.message
    assert "新收" in explanations["balance"] and "企业" not in explanations["balance"]
    assert "企业" in explanations["row"] and "新收" not in explanations["row"]


def test_a_source_that_does_not_balance_is_told_as_printed():
    finding = Finding("unbalanced", ("row", "balance"), ("total",), odds=2340)
    issue, explanations = told({**readings(TRUE), "total": read(69)}, finding)
    assert (issue.code, issue.severity, issue.suggestion) == ("identity-violated", "error", None)
    assert issue.message == (
        "（七）总计 (row): 70 + 1 ≠ 69 (71 against 69, difference 2); the report itself does not balance, "
        "about 2,000 times likelier than a misreading; look at （七）总计 / 总计 (69), where 71 would balance; "
        "balance fails with it."
    )
    assert explanations["balance"].startswith("72 + 0 ≠ 69 + 1 (72 against 70, difference 2); the report itself")


def test_what_is_undecided_names_what_would_close_it_and_suggests_the_best():
    proposals = (Proposal("in", 70, 0.2, "edit"), Proposal("total", 71, 0.4, "alternative"))
    finding = Finding("undecided", ("row", "balance"), ("total", "in"), (), proposals)
    issue, explanations = told({**readings(TRUE), "total": read(69)}, finding)
    assert (issue.code, issue.severity) == ("identity-violated", "error")
    # 70 in "in" closes the balance alone, not the row, so it closes the whole not.
    assert (
        "which a person must tell; 71 instead of 69 in （七）总计 / 总计 would close it; balance fails" in issue.message
    )
    assert explanations["balance"].endswith(
        "71 instead of 69 in （七）总计 / 总计 or 70 instead of 72 in 一、新收 / 总计 would close it."
    )
    assert (issue.suggestion.field, issue.suggestion.value) == ("total", 71)
    assert issue.suggestion.reason == (
        "A reader named it beside what was read (probability 0.40). With it all 2 identities hold."
    )


def test_proposals_that_only_help_together_or_not_at_all_are_told_so():
    before = {**readings(TRUE), "person": read(40), "firm": read(7)}
    pair = (Proposal("person", 70, 0.2, "edit"), Proposal("firm", 1, 0.2, "edit"))
    issue, _ = told(before, Finding("undecided", ("row",), ("person", "firm"), (), pair))
    ways = "70 instead of 40 in （七）总计 / 自然人 and 1 instead of 7 in （七）总计 / 企业"
    assert f"{ways} together would close it." in issue.message
    assert "With it" not in issue.suggestion.reason
    issue, _ = told(before, Finding("undecided", ("row",), ("firm",), (), (Proposal("firm", 4, 0.2, "edit"),)))
    assert "4 instead of 7 in （七）总计 / 企业 may be what is printed." in issue.message


def test_without_any_proposal_it_says_where_to_look():
    issue, _ = told({**readings(TRUE), "total": read(69)}, Finding("undecided", ("row",), ("total", "firm")))
    assert issue.message.endswith("look at （七）总计 / 总计 (69) and （七）总计 / 企业 (1).")
    assert issue.suggestion is None


def test_a_blank_total_is_shown_in_the_sum_that_lacks_it():
    short = IdentitySpec("short", ("total",), ("out",))
    before = {**readings(TRUE), "total": read(None)}
    finding = Finding("unbalanced", ("row", "short"), ("total",), pattern="blank-total")
    assert told(before, finding, (ROW, short))[0].message.startswith("（七）总计 (row): 70 + 1 ≠ blank ")
    finding = Finding("unbalanced", ("row", "short"), ("total",))
    assert "(short): blank ≠ 1 " in told(before, finding, (ROW, short))[0].message


def test_a_number_is_said_to_balance_only_if_it_closes_all_and_may_be_printed():
    before = {**readings(TRUE), "total": read(69), "person": read(60)}
    issue, explanations = told(before, Finding("unbalanced", ("row", "balance"), ("total",)))
    assert "look at （七）总计 / 总计 (69); balance fails with it." in issue.message
    assert explanations["row"].endswith("look at （七）总计 / 总计 (69).")  # 61 would close it and break the balance
    before = {**readings(TRUE), "total": read(0), "in": read(0)}
    issue, _ = told(before, Finding("unbalanced", ("balance",), ("total",)))
    assert issue.message.endswith("look at （七）总计 / 总计 (0).")


@pytest.mark.parametrize(("nothing", "word"), [(read(None), "blank"), (marked(), "struck out")])
def test_a_blank_total_is_told_with_its_sum(nothing, word):
    sum_of = (Proposal("total", 71, 0.9, "edit"),)
    finding = Finding("unbalanced", ("row", "balance"), ("total",), (), sum_of, pattern="blank-total")
    issue, explanations = told({**readings(TRUE), "total": nothing}, finding)
    assert (issue.code, issue.severity) == ("blank-total", "error")
    assert f"70 + 1 ≠ {word} (71 against 0, difference 71); a total is left blank over parts" in issue.message
    assert "; 71 in （七）总计 / 总计 would close it" in issue.message
    assert f"72 + 0 ≠ {word} + 1" in explanations["balance"]
    assert (issue.suggestion.field, issue.suggestion.value) == ("total", 71)
    assert "sum of the parts" in issue.suggestion.reason


@pytest.mark.parametrize("pattern", ["shifted-row", "copied-total", "cancelling"])
def test_patterns_are_told_in_words_and_stay_violations(pattern):
    before = {**readings(TRUE), "total": read(70)}
    issue, _ = told(before, Finding("undecided", ("row",), ("total",), pattern=pattern))
    plain, _ = told(before, Finding("undecided", ("row",), ("total",)))
    assert issue.code == "identity-violated"
    assert issue.message != plain.message and pattern not in issue.message
    assert "70 + 1 ≠ 70 (71 against 70, difference 1)" in issue.message


def test_an_empty_table_fails_no_identity_and_is_told_all_the_same():
    before = readings(dict.fromkeys(TRUE, None))
    issue, explanations = told(before, Finding("undecided", (), tuple(TRUE), pattern="empty-table"))
    assert (issue.code, issue.severity, issue.fields) == ("empty-table", "error", tuple(TRUE))
    assert issue.message.startswith("A whole table came out without a number; look at 一、新收 / 总计 (blank), ")
    assert explanations == {"row": None, "balance": None}


def test_an_identity_that_cannot_be_checked_says_what_is_missing():
    before = {**readings(TRUE), "out": missing(), "left_over": missing()}
    found = Reconciliation(before, check_identities(SPECS, before), ())
    (row, balance), issues = explain(found, SPECS, before, LABELS)
    assert issues == ()
    assert row.explanation is None
    assert balance.explanation == (
        "72 + ? ≟ 71 + ? cannot be checked: 二、上年结转 / 总计 and 四、结转 / 总计 are missing."
    )
    before = {field: missing() for field in TRUE}
    (row, _), _ = explain(Reconciliation(before, check_identities(SPECS, before), ()), SPECS, before, LABELS)
    assert row.explanation == "This cannot be checked: 4 of its 4 cells are missing."


def test_a_sum_that_fails_for_totals_left_blank_says_so():
    rows = tuple(IdentitySpec(f"row:{name}", (f"{name}.part",), (f"{name}.total",)) for name in "ab")
    results = IdentitySpec("results", ("a.total", "b.total"), ("sum",))
    before = readings({"a.part": 3, "a.total": None, "b.part": 4, "b.total": None, "sum": 7})
    blanks = tuple(
        Finding(
            "unbalanced",
            (f"row:{name}",),
            (f"{name}.total",),
            (),
            (Proposal(f"{name}.total", value, 1, "edit"),),
            pattern="blank-total",
        )
        for name, value in (("a", 3), ("b", 4))
    )
    last = Finding("unbalanced", ("results",), ("sum",), odds=9)
    found = Reconciliation(before, check_identities((*rows, results), before), (*blanks, last))
    _, (_, _, issue) = explain(found, (*rows, results), before, {})
    assert issue.message.endswith("misreading; the sums of the totals left blank would close it.")
    found = Reconciliation(before, found.identities, (blanks[0], last))
    _, (_, issue) = explain(found, (*rows, results), before, {})
    assert issue.message.endswith("misreading; look at sum (7), where 0 would balance.")


def test_long_sums_are_cut_but_never_a_root():
    parts = tuple(f"p{number}" for number in range(19))
    spec = IdentitySpec("results", parts, ("sum",))
    fields = {part: read(number % 2 * 3) for number, part in enumerate(parts)} | {"sum": read(30)}
    issue, _ = told(fields, Finding("undecided", ("results",), ("p17",)), [spec], {})
    assert issue.message.startswith("results: 3 + 3 + 3 + 3 + 3 + 3 + … (3 more) ≠ 30 (27 against 30, difference -3);")
    assert "look at p17 (3), where 6 would balance" in issue.message
    fields["p18"] = read(4)
    issue, _ = told(fields, Finding("undecided", ("results",), ("p18",)), [spec], {})
    assert issue.message.startswith("results: 3 + 3 + 3 + 3 + 3 + 4 + … (4 more) ≠ 30 (31 against 30, difference 1);")


def test_negative_and_decimal_numbers_are_written_plainly():
    before = {**readings(TRUE), "person": read(-3), "firm": read(0.1), "school": read(0.2), "total": read(1e-05)}
    issue, _ = told(before, Finding("undecided", ("row",), ("total",)))
    assert "(-3) + 0.1 + 0.2 ≠ 0.00001 (-2.7 against 0.00001, difference -2.70001)" in issue.message


# Fingerprints


def test_a_finding_keeps_its_fingerprint_however_it_is_explained():
    before = {**readings(TRUE), "total": read(69)}
    one, _ = told(before, Finding("unbalanced", ("row", "balance"), ("total",), odds=5))
    two, _ = told(before, Finding("undecided", ("balance", "row"), ("in",), (), (Proposal("in", 70, 0.1, "edit"),)))
    assert one.fingerprint == two.fingerprint


@pytest.mark.parametrize("field", TRUE)
def test_any_cell_of_its_identities_changes_the_state_of_a_finding(field):
    before = {**readings(TRUE), "total": read(69)}
    finding = Finding("unbalanced", ("row", "balance"), ("total",))
    old, _ = told(before, finding)
    new, _ = told({**before, field: read(999)}, finding)
    assert old.fingerprint.split("-")[0] == new.fingerprint.split("-")[0]
    assert old.fingerprint != new.fingerprint


def test_a_repair_to_another_number_is_another_finding():
    other = Finding("misread", ("row", "balance"), ("total",), (repaired("total", SIX_NINE, 77),))
    assert told(AS_READ, MISREAD)[0].fingerprint != told(AS_READ, other)[0].fingerprint


# Over the forms


@pytest.mark.parametrize("year", YEARS)
def test_every_failure_of_the_forms_is_one_line_with_printed_labels(year):
    fields, identities = readings(balanced(year)), specs(year)
    labels = {spec.id: spec.label for spec in form(year).fields()}
    for spec in identities:
        wrong = {**fields, spec.right[0]: read(987654)}
        failed = tuple(one.id for one in check_identities(identities, wrong) if one.status == "violated")
        issue, explanations = told(wrong, Finding("undecided", failed, (spec.right[0],)), identities, labels)
        assert len(issue.message) < 400 and "\n" not in issue.message
        assert labels[spec.right[0]].split(" > ")[-1] in issue.message and "applications." not in issue.message
        assert {name for name, sentence in explanations.items() if sentence} == set(failed)


# Words


@pytest.mark.parametrize(
    ("odds", "words"),
    [
        (1.0, "hardly likelier"),
        (1.6, "about 2 times likelier"),
        (9.7, "about 10 times likelier"),
        (43.2, "about 40 times likelier"),
        (1900, "about 2,000 times likelier"),
        (999_999, "about 1,000,000 times likelier"),
        (float("inf"), "over a million times likelier"),
    ],
)
def test_odds_are_rounded_to_what_can_be_said(odds, words):
    assert times(odds) == words


def test_lists_numbers_and_labels():
    assert [listed(list("abcde"[:count])) for count in range(5)] == [
        "",
        "a",
        "a and b",
        "a, b and c",
        "a, b, c … (1 more)",
    ]
    assert listed(["a", "b"], "or") == "a or b"
    assert [number(value) for value in (100, 7.0, 5.035, 1e-06, -3)] == ["100", "7", "5.035", "0.000001", "-3"]
    assert short_label("一 > 二 > 三") == "二 / 三"
    assert short_label("a.b") == "a.b"
    assert short_label("长" * 40) == "长" * 15 + "…"
    assert short_label("（二）部分公开（区分处理的，只计这一情形，不计其他情形）") == "（二）部分公开…"
    assert short_label("（二）部分公开（区分处理的）") == "（二）部分公开（区分处理的）"
