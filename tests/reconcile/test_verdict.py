from __future__ import annotations

import pytest

from service.reconcile import SURE, Sureness, check_identities, judge
from service.results import Issue
from tests.forms.written import YEARS, balanced, form
from tests.reconcile.made import marked, missing, read, readings, specs

TOTAL = "disputes.reconsideration.total"
PARTS = [f"disputes.reconsideration.{part}" for part in ("upheld", "corrected", "other", "pending")]


def verdict(fields, year="2021", earlier=(), sureness=None):
    return judge(check_identities(specs(year), fields), fields, earlier, sureness)


def sound(year="2021"):
    return readings(balanced(year))


@pytest.mark.parametrize("year", YEARS)
def test_a_sound_report_is_reconciled_without_issues(year):
    assert verdict(sound(year), year) == ((), "reconciled")


def test_zeros_blanks_and_strokes_of_a_text_are_sound():
    fields = {
        field: [read(None), marked(), one][number % 3] if one.value == 0 else one
        for number, (field, one) in enumerate(sound().items())
    }
    assert verdict(fields) == ((), "reconciled")


def test_all_zeros_and_all_strokes_are_sound():
    names = [spec.id for spec in form("2021").fields()]
    assert verdict({name: read(0) for name in names})[1] == "reconciled"
    assert verdict({name: marked() for name in names})[1] == "reconciled"


# Each reason alone


def test_a_missing_field_in_no_identity_needs_review():
    _, status = verdict({**sound(), "proactive.regulations.issued": missing()})
    assert status == "needs_review"


def test_an_unknown_identity_needs_review():
    _, status = verdict({**sound(), TOTAL: missing()})
    assert status == "needs_review"


@pytest.mark.parametrize(
    ("confidence", "status"),
    [(SURE, "reconciled"), (1.0, "reconciled"), (SURE - 0.001, "needs_review"), (0, "needs_review")],
)
@pytest.mark.parametrize("blank", [False, True])
def test_one_doubtful_reading_needs_review(confidence, status, blank):
    field = "proactive.regulations.issued"
    issues, found = verdict({**sound(), field: read(None if blank else 3, confidence)})
    assert found == status
    assert [(issue.code, issue.severity, issue.fields) for issue in issues] == (
        [("doubtful-reading", "warning", (field,))] if status == "needs_review" else []
    )


def test_doubtful_readings_are_named_the_least_sure_ones_first():
    row = "applications.received"
    doubtful = {f"{row}.total": read(72, 0.5), f"{row}.business": read(None, 0.2), f"{row}.other": read(3, 0.9)}
    columns = {"total": "总计", "business": "商业企业", "other": "其他"}
    labels = {f"{row}.{column}": f"申请情况 > 一、新收 > {label}" for column, label in columns.items()}
    (issue,), _ = judge((), {**sound(), **doubtful}, labels=labels)
    assert issue.message == (
        "3 readings are not sure enough to go without a person: "
        "一、新收 / 商业企业 (blank), 一、新收 / 总计 (72) and 一、新收 / 其他 (3)."
    )


@pytest.mark.parametrize(
    ("scan", "confidence", "status"),
    [
        (True, 0.97, "needs_review"),
        (True, 0.985, "reconciled"),
        (False, 0.97, "reconciled"),
        (False, 0.9 - 1e-12, "reconciled"),
        (False, 0.8999, "needs_review"),
        (False, 0.8, "needs_review"),
    ],
)
def test_scans_and_texts_have_thresholds_of_their_own(scan, confidence, status):
    fields = {**sound(), "proactive.regulations.issued": read(3, confidence, scan=scan)}
    assert verdict(fields, sureness=Sureness(report=0.02, text=0.9))[1] == status


def test_doubts_of_a_scan_sum_up_and_the_least_sure_are_looked_at_first():
    names = [spec.id for spec in form("2021").fields()][:6]
    fields = {name: read(0, 0.98 - number / 100, scan=True) for number, name in enumerate(names)}
    # The doubts are 0.02, 0.03, 0.04, 0.05, 0.06, 0.07: the first three sum up to 0.09, the fourth makes it too much.
    assert Sureness(report=0.1).doubtful(fields) == tuple(names[3:])
    assert Sureness(report=0.27).doubtful(fields) == ()
    assert Sureness(report=0.26).doubtful(fields) == (names[5],)
    gone = {**fields, names[5]: missing()}
    assert Sureness(report=0.2).doubtful(gone) == ()


def test_readings_that_are_as_sure_as_each_other_are_doubtful_together_whatever_their_names():
    names = list(sound())[:6]
    fields = {name: read(0, c, scan=True) for name, c in zip(names, (0.99, *[0.95] * 4, 0.93), strict=True)}
    assert Sureness(report=0.15).doubtful(fields) == tuple(names[1:])
    assert Sureness(report=0.21).doubtful(fields) == (names[5],)


def test_one_number_may_not_take_all_the_doubt_of_a_report():
    for confidence, doubtful in ((0.93, ()), (0.91, ("proactive.regulations.issued",))):
        fields = {**sound(), "proactive.regulations.issued": read(3, confidence, scan=True)}
        assert Sureness(report=0.15, text=0.9).doubtful(fields) == doubtful


@pytest.mark.parametrize("scan", [True, False], ids=["scan", "text"])
def test_what_a_report_may_leave_in_doubt_is_shown_to_a_person_who_looks_at_it_anyway(scan):
    small, other = "proactive.regulations.issued", "proactive.regulations.repealed"
    fields = {**sound(), small: read(3, 0.991, scan=scan), other: read(3, 0.996, scan=scan)}
    assert verdict(fields) == ((), "reconciled")
    issues, status = verdict({**fields, TOTAL: missing()})
    assert status == "needs_review"
    assert [one.fields for one in issues if one.code == "doubtful-reading"] == [(small,)] * scan


def test_doubts_of_a_text_do_not_sum_up():
    names = [spec.id for spec in form("2021").fields()]
    fields = {name: read(0, 0.98) for name in names}
    assert Sureness(report=0.01, text=0.98).doubtful(fields) == ()
    assert Sureness(report=0.01, text=0.981).doubtful(fields) == tuple(names)


def test_a_violated_identity_needs_review_even_where_no_issue_tells_of_it():
    fields = {**sound(), **dict(zip(PARTS, map(read, (1, 2, 0, 3)), strict=True)), TOTAL: read(7)}
    assert verdict(fields) == ((), "needs_review")


@pytest.mark.parametrize("severity", ["error", "warning", "info"])
def test_only_an_error_from_before_needs_review(severity):
    earlier = Issue(code="unplaced-row", severity=severity, message="A row belongs to no row of the form.")
    issues, status = verdict(sound(), earlier=(earlier,))
    assert [one.model_copy(update={"fingerprint": None}) for one in issues] == [earlier]
    assert status == ("needs_review" if severity == "error" else "reconciled")


def on_scan(blanks, zeros):
    """A scanned disputes table with so many blanks and zeros, the rest of the report sure."""
    names = [spec.id for spec in form("2021").table("disputes").fields()]
    fields = {**sound(), **{name: read(0, scan=True) for name in names}}
    assert blanks + zeros <= len(names)
    for number, name in enumerate(names):
        if number < blanks:
            fields[name] = read(None, scan=True)
        elif number >= blanks + zeros:
            fields[name] = marked()
    return fields, names[:blanks]


def test_an_empty_cell_of_a_scan_that_prints_its_zeros_is_suspect():
    fields, blanks = on_scan(1, 14)
    issues, status = verdict(fields)
    assert status == "needs_review"
    assert [(issue.code, issue.severity, issue.fields) for issue in issues] == [
        ("suspect-blank", "error", tuple(blanks))
    ]


def crisp_scan(blanks, confidence=0.9999, doubted=0):
    """A scanned table of applications that prints its zeros, `doubted` of them badly, with these cells empty."""
    names = [spec.id for spec in form("2021").table("applications").fields()]
    fields = {**sound(), **{name: read(0, confidence, scan=True) for name in names}}
    fields |= {name: read(0, 0.998, scan=True) for name in names[:doubted]}
    return {**fields, **{name: read(None, 0.999, scan=True) for name in blanks}}


APPLICATIONS = tuple(spec.id for spec in form("2021").table("applications").fields())
EMPTY_ROW = ("natural_person", "business", "research", "public_welfare")
SCATTERED = ("applications.granted.business", "applications.granted.other", "applications.carried_in.total")


def test_an_empty_cell_of_a_small_table_is_judged_by_the_zeros_of_the_report():
    names = [spec.id for spec in form("2021").table("disputes").fields()]
    small = {**{name: read(0, 0.9999, scan=True) for name in names}, names[1]: read(None, 0.999, scan=True)}
    assert verdict({**crisp_scan(()), **small}, sureness=Sureness(report=0.2))[1] == "reconciled"
    assert verdict({**sound(), **small}, sureness=Sureness(report=0.2))[1] == "needs_review"


def test_cells_left_empty_among_crisp_zeros_are_not_suspect():
    assert verdict(crisp_scan(SCATTERED), sureness=Sureness(report=0.2))[1] == "reconciled"


@pytest.mark.parametrize(
    "fields",
    [
        crisp_scan(SCATTERED, confidence=0.998),
        crisp_scan(SCATTERED, doubted=3),
        crisp_scan([f"applications.granted.{name}" for name in EMPTY_ROW]),
    ],
    ids=["pale", "pale in places", "most of a row"],
)
def test_cells_are_suspect_where_zeros_are_pale_or_most_of_a_row_is_empty(fields):
    issues, status = verdict(fields, sureness=Sureness(report=1.0))
    assert status == "needs_review"
    assert [issue.code for issue in issues] == ["suspect-blank"]


def _in_rows(fields, parted=None):
    """The same with each row below the one before, those from row `parted` on upon the next page."""
    rows = list(dict.fromkeys(name.rpartition(".")[0] for name in APPLICATIONS))
    placed = {}
    for name in APPLICATIONS:
        row = rows.index(name.rpartition(".")[0])
        page, top = (2, row - parted) if parted is not None and row >= parted else (1, row)
        box = (0.1, 0.1 + 0.03 * top, 0.2, 0.13 + 0.03 * top)
        placed[name] = fields[name].model_copy(update={"page": page, "bbox": box})
    return {**fields, **placed}


GRANTED = tuple(name for name in APPLICATIONS if name.startswith("applications.granted."))


@pytest.mark.parametrize("empty", [GRANTED, GRANTED[1:-1]], ids=["all of it", "most of it"])
def test_a_row_left_empty_between_others_that_print_crisp_zeros_is_not_suspect(empty):
    fields = crisp_scan((*empty, "applications.carried_in.total"))
    assert verdict(_in_rows(fields), sureness=Sureness(report=0.2))[1] == "reconciled"


@pytest.mark.parametrize("confidence", [0.9999, 0.998])
@pytest.mark.parametrize("parted", [2, 3])
def test_an_empty_row_is_suspect_at_the_end_of_a_page_or_where_a_zero_is_pale(parted, confidence):
    fields = {**crisp_scan(GRANTED), APPLICATIONS[-1]: read(0, confidence, scan=True)}
    issues, _ = verdict(_in_rows(fields, None if confidence < 0.999 else parted), sureness=Sureness(report=1.0))
    assert [issue.code for issue in issues] == ["suspect-blank"]


@pytest.mark.parametrize(("blanks", "zeros"), [(15, 0), (10, 5), (3, 3), (0, 15)])
def test_empty_cells_of_a_scan_that_leaves_zeros_blank_are_not(blanks, zeros):
    fields, _ = on_scan(blanks, zeros)
    assert verdict(fields) == ((), "reconciled")


@pytest.mark.parametrize(
    ("empty", "suspect"),
    [
        (GRANTED, GRANTED),
        (GRANTED[:-1], None),
        (APPLICATIONS[::2], None),
        (APPLICATIONS[: len(APPLICATIONS) // 2], None),
    ],
    ids=["a row", "part of a row", "every second cell", "half the rows"],
)
def test_an_empty_row_is_suspect_where_a_table_strikes_out_what_is_nothing(empty, suspect):
    fields = {**sound(), **dict.fromkeys(APPLICATIONS, marked()), **dict.fromkeys(empty, read(None, scan=True))}
    issues, _ = verdict(fields)
    assert [issue.fields for issue in issues if issue.code == "suspect-blank"] == ([suspect] if suspect else [])


def test_an_empty_cell_of_a_text_is_proven_empty():
    fields = {field: one if one.value else read(0) for field, one in sound().items()}
    fields["disputes.reconsideration.upheld"] = read(None)
    fields = {**fields, **dict.fromkeys(PARTS[1:], read(0)), TOTAL: read(0)}
    assert verdict(fields) == ((), "reconciled")


def test_an_empty_form_needs_review():
    fields = {spec.id: read(None) for spec in form("2021").fields()}
    issues, status = verdict(fields)
    assert status == "needs_review"
    assert [(issue.code, issue.severity) for issue in issues] == [("empty-form", "error")]


def test_a_form_with_one_number_is_not_empty():
    fields = {spec.id: read(None) for spec in form("2021").fields()}
    issues, status = verdict({**fields, "proactive.licensing.decisions": read(3)})
    assert (issues, status) == ((), "reconciled")


# Fingerprints


def test_every_issue_has_a_fingerprint_and_keeps_its_own():
    own = Issue(code="a", severity="info", message="Own.", fingerprint="1-2")
    other = Issue(code="b", severity="warning", message="Other.")
    fields = {**sound(), "proactive.regulations.issued": read(3, 0.5)}
    issues, _ = verdict(fields, earlier=(own, other))
    assert [issue.code for issue in issues] == ["a", "b", "doubtful-reading"]
    assert issues[0].fingerprint == "1-2"
    assert len({issue.fingerprint for issue in issues}) == 3
    assert issues == verdict(fields, earlier=(own, other))[0]
