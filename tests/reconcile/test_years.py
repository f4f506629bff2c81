"""Between years: which reports are compared, what differs, and what is said of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import permutations

import pytest

from service.reconcile.agencies import group_by_agency
from service.reconcile.years import YearFinding, compare_years, reconcile_years
from service.results import AlternativeValue, Extraction, Number, Reading, Report, Source, Template
from tests.forms.written import form
from tests.reconcile.made import missing, read

AGENCY = "澄岚市沅溪县教育局"
OUT, IN = "applications.carried_out", "applications.carried_in"
IN_FORCE, ISSUED, REPEALED = (
    f"proactive.normative_documents.{column}" for column in ("in_force", "issued", "repealed")
)
Cells = Mapping[str, Number | Reading | None]


def result(
    year: int | None, cells: Cells | None = None, *, agency: str | None = AGENCY, name: str = "", kind: str = "2021"
) -> Extraction:
    """A report with these cells and zeros in all others, read from a scan."""
    fields = {spec.id: read(0, scan=True) for spec in form(kind).fields()}
    for field, value in (cells or {}).items():
        fields[field] = value if isinstance(value, Reading) else read(value, scan=True)
    name = name or f"{year}.pdf"
    tables = dict.fromkeys(("proactive", "applications", "disputes"), kind)
    return Extraction(
        source=Source(name=name, sha256=hashlib.sha256(name.encode()).hexdigest(), media_type="x", pages=1),
        template=Template(id=form(kind).id, confidence=1, tables=tables),
        report=Report(title=None, agency=agency, year=year),
        sections=(),
        fields=fields,
        identities=(),
        issues=(),
        status="reconciled",
    )


def doubtful(value: Number | None, *others: Number, confidence: float = 0.6) -> Reading:
    """A reading of a scan in doubt, with other readings of its ink."""
    alternatives = tuple(AlternativeValue(value=other, confidence=0.3) for other in others)
    return read(value, confidence, scan=True).model_copy(update={"alternatives": alternatives})


def person(row: str, value: Number | Reading) -> dict[str, Number | Reading]:
    """A carried row that holds one number, in the first column and its total, with what makes its column balance."""
    other = "applications.concluded" if row == IN else "applications.received"
    cells: dict[str, Number | Reading] = {f"{row}.natural_person": value}
    count = value.value if isinstance(value, Reading) else value
    rows = (row, other, "applications.granted") if row == IN else (row, other)
    return {f"{one}.{column}": count or 0 for one in rows for column in ("natural_person", "total")} | cells


def one(findings: tuple[YearFinding, ...], rule: str) -> YearFinding:
    (found,) = [finding for finding in findings if finding.rule == rule]
    return found


def rules(*extractions: Extraction) -> set[str]:
    return {finding.rule for finding in compare_years(extractions)}


# What is carried over


def test_what_agrees_is_no_finding() -> None:
    years = [result(2021, person(OUT, 3)), result(2022, person(IN, 3) | person(OUT, 1)), result(2023, person(IN, 1))]
    assert compare_years(years) == ()


@pytest.mark.parametrize(("first", "second"), [("2021", "2021"), ("2019", "2019"), ("2019", "2021"), ("2021", "2019")])
@pytest.mark.parametrize("column", ["natural_person", "business", "legal_service", "other", "total"])
def test_each_column_of_what_is_carried_over_is_compared_in_both_forms(first: str, second: str, column: str) -> None:
    earlier = result(2020, {f"{OUT}.{column}": 3}, kind=first)
    later = result(2021, {f"{IN}.{column}": 5}, kind=second)
    assert rules(earlier, later) == {f"carried:{column}"}
    (finding,) = compare_years([later, earlier])
    assert (finding.years, finding.files) == ((2020, 2021), ("2020.pdf", "2021.pdf"))
    assert (finding.expected, finding.found) == (3, 5)
    assert [(cell.file, cell.field, cell.value) for cell in finding.cells] == [
        ("2020.pdf", f"{OUT}.{column}", 3),
        ("2021.pdf", f"{IN}.{column}", 5),
    ]


def test_the_sentence_is_an_equation_with_both_cells_and_the_difference() -> None:
    (finding,) = compare_years([result(2021, {IN_FORCE: 9}), result(2022, {IN_FORCE: 12, ISSUED: 5, REPEALED: 3})])
    assert finding.message == (
        "行政规范性文件 / 现行有效件数 of 2021 + 行政规范性文件 / 本年制发件数 of 2022 - "
        "行政规范性文件 / 本年废止件数 of 2022 ≠ 行政规范性文件 / 现行有效件数 of 2022: 9 + 5 - 3 ≠ 12 "
        "(difference -1); all cells are read surely, so the reports themselves differ."
    )
    assert (finding.expected, finding.found, finding.verdict) == (11, 12, "unbalanced")


def test_documents_in_force_follow_from_last_years_in_the_2021_form_alone() -> None:
    rows = ("regulations", "normative_documents")
    earlier = result(2021, {f"proactive.{row}.in_force": 9 for row in rows})
    later = result(2022, {f"proactive.{row}.issued": 2 for row in rows})
    assert rules(earlier, later) == {"in-force:regulations", "in-force:normative_documents"}
    assert rules(result(2020, kind="2019"), later) == set()


def test_a_missing_cell_and_a_total_left_blank_are_not_compared() -> None:
    later = result(2022, {f"{IN}.natural_person": 3, f"{IN}.total": 3})
    gone = result(2021, {f"{OUT}.natural_person": missing(), f"{OUT}.total": missing()})
    assert rules(gone, later) == set()
    assert rules(result(2021, {f"{OUT}.natural_person": 3, f"{OUT}.total": None}), later) == set()


def test_a_blank_row_counts_as_zeros() -> None:
    blank = {spec.id: None for spec in form("2021").fields() if spec.id.startswith(OUT)}
    assert rules(result(2021, blank), result(2022)) == set()
    assert rules(result(2021, blank), result(2022, {f"{IN}.other": 1})) == {"carried:other"}


# Verdicts


def test_a_doubtful_cell_whose_ink_allows_what_the_other_year_says_is_a_misreading() -> None:
    row = person(OUT, 5) | {f"{OUT}.natural_person": doubtful(3, 5)}
    earlier, later = result(2021, row), result(2022, person(IN, 5))
    (finding,) = compare_years([earlier, later])
    assert finding.verdict == "misread"
    assert finding.suggestion is not None
    assert (finding.suggestion.file, finding.suggestion.field, finding.suggestion.value) == (
        "2021.pdf",
        f"{OUT}.natural_person",
        5,
    )
    assert finding.message.endswith(
        "自然人 of 2021 was read 3 in 2021.pdf, the ink allows 5, and then the years agree."
    )
    assert earlier.fields[f"{OUT}.natural_person"].value == 3


def test_the_later_year_may_be_the_misread_one() -> None:
    row = person(IN, 5) | {f"{IN}.natural_person": doubtful(6, 5)}
    finding = one(compare_years([result(2021, person(OUT, 5)), result(2022, row)]), "carried:natural_person")
    assert (finding.verdict, finding.files[1]) == ("misread", "2022.pdf")


@pytest.mark.parametrize("sign", [1, -1])
def test_any_cell_of_a_longer_sum_may_be_the_misread_one(sign: int) -> None:
    field = ISSUED if sign > 0 else REPEALED
    cells = {ISSUED: 4, REPEALED: 4, IN_FORCE: 9 + 3 * sign} | {field: doubtful(4, 7)}
    (finding,) = compare_years([result(2021, {IN_FORCE: 9}), result(2022, cells)])
    assert finding.verdict == "misread"
    assert finding.suggestion is not None
    assert (finding.suggestion.field, finding.suggestion.value) == (field, 7)


def test_a_reading_that_would_break_its_own_year_is_no_misreading() -> None:
    row = person(OUT, 3) | {f"{OUT}.natural_person": doubtful(3, 5)}
    finding = one(compare_years([result(2021, row), result(2022, person(IN, 5))]), "carried:natural_person")
    assert (finding.verdict, finding.suggestion) == ("undecided", None)


def test_two_cells_that_may_be_misread_are_undecided() -> None:
    earlier, later = result(2021, {IN_FORCE: doubtful(9, 8)}), result(2022, {IN_FORCE: doubtful(8, 9)})
    (finding,) = compare_years([earlier, later])
    assert (finding.verdict, finding.suggestion) == ("undecided", None)
    assert "2021.pdf" in finding.message and "2022.pdf" in finding.message


def test_a_doubtful_cell_without_a_fitting_reading_is_undecided() -> None:
    (finding,) = compare_years([result(2021, {IN_FORCE: doubtful(9, 7)}), result(2022, {IN_FORCE: 8})])
    assert finding.verdict == "undecided"


def test_a_cell_in_a_sum_that_fails_is_in_doubt_however_surely_it_is_read() -> None:
    finding = one(compare_years([result(2021, {f"{OUT}.other": 3}), result(2022)]), "carried:other")
    assert finding.verdict == "undecided"


@pytest.mark.parametrize(
    "reading",
    [
        doubtful(9, 8, confidence=0.999),
        doubtful(9, 8).model_copy(update={"state": "reviewed"}),
        doubtful(9, 8, confidence=1.0).model_copy(update={"reader": "markup"}),
    ],
    ids=["sure", "reviewed", "markup"],
)
def test_what_is_sure_is_not_misread(reading: Reading) -> None:
    (finding,) = compare_years([result(2021, {IN_FORCE: reading}), result(2022, {IN_FORCE: 8})])
    assert finding.verdict == "unbalanced"


def test_fingerprints_stay_until_a_value_changes() -> None:
    def marks(value: Number, name: str = "") -> set[str]:
        years = [result(2021, {IN_FORCE: value}, name=name), result(2022, {IN_FORCE: 8})]
        return {finding.fingerprint for finding in compare_years(years)}

    assert marks(9) == marks(9, "again.pdf")
    assert marks(9) != marks(10)


# Agencies and years


def test_the_order_of_the_results_changes_nothing() -> None:
    years = [
        result(2021, {IN_FORCE: 9}),
        result(2022, {IN_FORCE: 8}),
        result(2022, {IN_FORCE: 7}, agency="沅溪县财政局", name="money.pdf"),
        result(2023, {IN_FORCE: 6}, agency="澄岚市沅溪县财政局", name="more.pdf"),
    ]
    expected = reconcile_years(years)
    assert len(expected.findings) == 2
    for order in permutations(years):
        assert compare_years(order) == expected.findings
        assert reconcile_years(order).agencies == expected.agencies


def test_agencies_are_told_apart() -> None:
    others = [
        result(2022, {IN_FORCE: 8}, agency=name) for name in ("澄岚市沅溪县财政局", "澄岚市汀溪县教育局", "教育局")
    ]
    assert compare_years([result(2021, {IN_FORCE: 9}), *others]) == ()


@pytest.mark.parametrize(
    ("name", "score"),
    [
        ("澄嵐市沅溪縣教育局", 1.0),
        ("澄岚市　沅溪县教育局（盖章）".replace("（盖章）", ""), 1.0),
        ("沅溪县教育局", 0.8),
        ("澄岚市沅溪县教育局。", 1.0),
    ],
)
def test_one_agency_under_names_that_are_nearly_the_same(name: str, score: float) -> None:
    comparison = reconcile_years([result(2021, {IN_FORCE: 9}, agency=name), result(2022, {IN_FORCE: 8})])
    assert [(series.agency, series.score) for series in comparison.agencies] == [(AGENCY, score)]
    assert len(comparison.findings) == 1
    assert [note.code for note in comparison.notes] == (["names-differ"] if score < 1 else [])


def test_a_slip_in_a_long_name_is_the_same_agency() -> None:
    names = "澄岚市沅溪县自然资源和规划局", "澄岚市沅溪县白然资源和规划局"
    (agency,) = group_by_agency([result(2021 + number, agency=name) for number, name in enumerate(names)])
    assert agency.score == pytest.approx(13 / 14)
    assert agency.names == names[::-1]


def test_like_names_with_reports_of_one_year_are_two_agencies() -> None:
    names = "澄岚市沅溪县自然资源和规划局", "澄岚市汀溪县自然资源和规划局"
    years = [result(year, agency=name, name=f"{name}{year}") for name in names for year in (2021, 2022)]
    assert [len(agency.reports) for agency in group_by_agency(years)] == [2, 2]
    assert len(group_by_agency([years[0], years[3]])) == 1


@pytest.mark.parametrize("name", ["县教育局", "教育局"])
def test_a_name_without_its_place_is_nobodys(name: str) -> None:
    assert len(group_by_agency([result(2021), result(2022, agency=name)])) == 2


def test_a_name_that_may_be_of_either_of_two_agencies_is_of_neither() -> None:
    years = [
        result(2021, agency="澄岚市沅溪县教育局"),
        result(2021, agency="柏原市沅溪县教育局", name="b"),
        result(2022, agency="沅溪县教育局"),
    ]
    assert len(group_by_agency(years)) == 3


def test_years_that_do_not_follow_each_other_are_not_compared_and_a_note_says_so() -> None:
    comparison = reconcile_years([result(2021, {IN_FORCE: 9}), result(2024, {IN_FORCE: 8})])
    assert comparison.findings == ()
    (note,) = comparison.notes
    assert note.code == "missing-year"
    assert "2022 and 2023" in note.message


def test_of_two_results_of_a_year_each_is_compared_and_a_note_says_so() -> None:
    years = [result(2021, {IN_FORCE: 9}), result(2022, {IN_FORCE: 9}), result(2022, {IN_FORCE: 8}, name="b.pdf")]
    comparison = reconcile_years(years)
    assert [finding.files for finding in comparison.findings] == [("2021.pdf", "b.pdf")]
    assert [(note.code, note.files) for note in comparison.notes] == [("duplicate-year", ("2022.pdf", "b.pdf"))]


def test_a_file_that_is_there_twice_is_compared_once() -> None:
    years = [result(2021, {IN_FORCE: 9}), result(2022, {IN_FORCE: 8}), result(2022, {IN_FORCE: 8})]
    comparison = reconcile_years(years)
    assert len(comparison.findings) == 1
    assert "compared once" in comparison.notes[0].message


@pytest.mark.parametrize(
    ("agency", "year", "code"), [(None, 2021, "no-agency"), (AGENCY, None, "no-year"), (None, None, "no-agency")]
)
def test_a_result_without_agency_or_year_is_a_note(agency: str | None, year: int | None, code: str) -> None:
    comparison = reconcile_years([result(year, agency=agency, name="a.pdf")])
    assert (comparison.agencies, comparison.findings) == ((), ())
    assert [(note.code, note.files) for note in comparison.notes] == [(code, ("a.pdf",))]


def test_a_form_that_is_not_known_is_compared_by_its_fields() -> None:
    earlier = result(2021, {IN_FORCE: 9})
    earlier = earlier.model_copy(
        update={"template": earlier.template.model_copy(update={"tables": {"proactive": "x"}})}
    )
    assert rules(earlier, result(2022, {IN_FORCE: 8})) == {"in-force:normative_documents"}
