"""What two reports of one agency say of each other: what is carried over, and the documents in force.

The rules are data (`between_years` of data/statements.yaml). A difference is a finding, with the same three verdicts
as an identity; nothing is ever changed for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import groupby, pairwise, product

from service.documents.model import DIGITAL_READERS
from service.forms.catalogue import Form, IdentitySpec, load_forms
from service.forms.normalise import label_key
from service.reconcile.agencies import ALIKE, Agency, group_by_agency
from service.reconcile.blanks import is_left_out
from service.reconcile.fingerprints import fingerprint, printed
from service.reconcile.identities import as_number
from service.reconcile.statements import YearRule, load_statements
from service.reconcile.verdict import Sureness
from service.reconcile.wording import listed, number, short_label, told
from service.results import Extraction, Frozen, Number, Reading, Verdict

CODE = "years-differ"
_PART = "<part>"


class YearCell(Frozen):
    """A cell that a finding is about."""

    file: str
    year: int
    field: str
    value: Number | None
    confidence: float


class YearSuggestion(Frozen):
    """A reading of one cell with which both years agree; never applied by itself."""

    file: str
    field: str
    value: Number
    reason: str


class YearFinding(Frozen):
    """A sum over two years that does not hold."""

    code: str = CODE
    rule: str
    """As `carried:natural_person`."""
    agency: str
    years: tuple[int, int]
    files: tuple[str, str]
    """Of the earlier and of the later report."""
    verdict: Verdict
    message: str
    expected: Number
    """What the later report should say by the rule."""
    found: Number
    cells: tuple[YearCell, ...]
    suggestion: YearSuggestion | None = None
    fingerprint: str


class YearNote(Frozen):
    """Something about the results that kept them from being compared, or that a person should know."""

    code: str
    message: str
    files: tuple[str, ...] = ()


class YearReport(Frozen):
    """One report of an agency."""

    year: int
    file: str


class YearSeries(Frozen):
    """The reports of one agency."""

    agency: str
    names: tuple[str, ...]
    score: float
    """The least similarity of its names to the first."""
    reports: tuple[YearReport, ...]


class YearComparison(Frozen):
    """What came of comparing results between years."""

    schema_version: str = "1"
    agencies: tuple[YearSeries, ...]
    findings: tuple[YearFinding, ...]
    notes: tuple[YearNote, ...]


def compare_years(extractions: Iterable[Extraction], sureness: Sureness | None = None) -> tuple[YearFinding, ...]:
    """Every sum over two years that follow each other that does not hold, by agency, year, file and rule.

    Of several reports of one year each is compared. `sureness`: from which confidence on a reading is not in doubt.
    """
    agencies = group_by_agency(extractions)
    return tuple(finding for agency in agencies for finding in _findings(agency, sureness or Sureness()))


def reconcile_years(extractions: Sequence[Extraction], sureness: Sureness | None = None) -> YearComparison:
    """The findings, with the agencies that the results were put together to, and notes on what was not compared."""
    agencies = group_by_agency(extractions)
    return YearComparison(
        agencies=tuple(_series(agency) for agency in agencies),
        findings=compare_years(extractions, sureness),
        notes=(*_unplaced(extractions), *(note for agency in agencies for note in _notes(agency))),
    )


@dataclass(frozen=True)
class _Year:
    """One report, with what its forms say of its fields."""

    extraction: Extraction

    @property
    def year(self) -> int:
        return self.extraction.report.year or 0

    @property
    def file(self) -> str:
        return self.extraction.source.name

    @property
    def fields(self) -> Mapping[str, Reading]:
        return self.extraction.fields

    @cached_property
    def tables(self) -> tuple[tuple[Form, str], ...]:
        """Each table's form and id; a form that is not known here is left out."""
        forms = {form.year: form for form in load_forms()}
        return tuple((forms[year], table) for table, year in self.extraction.template.tables.items() if year in forms)

    @cached_property
    def labels(self) -> dict[str, str]:
        return {spec.id: spec.label for form, table in self.tables for spec in form.table(table).fields()}

    @cached_property
    def specs(self) -> tuple[IdentitySpec, ...]:
        return tuple(spec for form, table in self.tables for spec in form.identity_specs(table))

    def breaks(self, field: str, value: Number | None = None) -> bool:
        """Whether a sum of this year that the field is in fails with that value; without one, as it is."""
        values = {name: reading.value for name, reading in self.fields.items()}
        if value is not None:
            values[field] = value
        return any(
            sum(_count(values.get(name)) for name in spec.left) != sum(_count(values.get(name)) for name in spec.right)
            for spec in self.specs
            if field in (*spec.left, *spec.right)
        )


@dataclass(frozen=True, slots=True)
class _Term:
    """A cell of a sum over two years."""

    year: _Year
    field: str
    sign: int
    """How it counts: 1 or -1 for what is expected, 0 for what is found."""

    @property
    def reading(self) -> Reading:
        return self.year.fields[self.field]

    @property
    def name(self) -> str:
        return f"{short_label(self.year.labels.get(self.field, self.field))} of {self.year.year}"


@dataclass(frozen=True, slots=True)
class _Sum:
    """A sum over two years: what is expected by the rule, and what is found."""

    rule: str
    terms: tuple[_Term, ...]
    """The last one is what is found."""

    @property
    def expected(self) -> Fraction:
        return sum((term.sign * _count(term.reading.value) for term in self.terms), Fraction())

    @property
    def found(self) -> Fraction:
        return _count(self.terms[-1].reading.value)

    def closing(self, term: _Term) -> Fraction:
        """What the term would have to be for the sum to hold."""
        gap = self.found - self.expected
        return _count(term.reading.value) + (term.sign * gap if term.sign else -gap)


def _findings(agency: Agency, sureness: Sureness) -> Iterator[YearFinding]:
    for earlier, later in _pairs(agency):
        for one in _sums(earlier, later):
            if one.expected != one.found:
                yield _finding(one, agency, sureness)


def _pairs(agency: Agency) -> Iterator[tuple[_Year, _Year]]:
    """Every report with every report of the year after it."""
    by_year = [list(map(_Year, group)) for _, group in groupby(_distinct(agency), lambda one: one.report.year)]
    for earlier, later in pairwise(by_year):
        if earlier[0].year + 1 == later[0].year:
            yield from product(earlier, later)


def _distinct(agency: Agency) -> list[Extraction]:
    """Its reports, a file that is there twice counted once."""
    return list({(one.report.year, one.source.sha256): one for one in reversed(agency.reports)}.values())[::-1]


def _sums(earlier: _Year, later: _Year) -> Iterator[_Sum]:
    """The sums of all rules whose cells both reports have and filled in."""
    for rule in load_statements().between_years:
        for part in _parts(rule, later):
            terms = _terms(rule, part, earlier, later)
            if all(term.field in term.year.fields for term in terms) and not any(map(_says_nothing, terms)):
                yield _Sum(rule.id.replace(_PART, part), terms)


def _parts(rule: YearRule, later: _Year) -> Iterator[str]:
    """What the rule's part may be in the later report."""
    pattern = re.compile("([^.]+)".join(map(re.escape, rule.equals.split(_PART))))
    yield from (match[1] for match in map(pattern.fullmatch, later.fields) if match)


def _terms(rule: YearRule, part: str, earlier: _Year, later: _Year) -> tuple[_Term, ...]:
    sides = ((earlier, rule.last_year, 1), (later, rule.plus, 1), (later, rule.minus, -1), (later, (rule.equals,), 0))
    return tuple(_Term(year, name.replace(_PART, part), sign) for year, names, sign in sides for name in names)


def _says_nothing(term: _Term) -> bool:
    return term.reading.state == "missing" or is_left_out(term.field, term.year.fields)


def _finding(one: _Sum, agency: Agency, sureness: Sureness) -> YearFinding:
    suspects = [term for term in one.terms if _may_be_misread(term, one.closing(term), sureness)]
    verdict = _verdict(one, suspects, sureness)
    suggestion = None
    if verdict == "misread":
        (term,) = suspects
        reason = "The ink of the cell allows this number; with it both years agree, and no sum of its own year fails."
        suggestion = YearSuggestion(
            file=term.year.file, field=term.field, value=as_number(one.closing(term)), reason=reason
        )
    earlier, later = one.terms[0].year, one.terms[-1].year
    values = {f"{term.year.year} {term.field}": printed(term.reading) for term in one.terms}
    return YearFinding(
        rule=one.rule,
        agency=agency.name,
        years=(earlier.year, later.year),
        files=(earlier.file, later.file),
        verdict=verdict,
        message=_message(one, suspects, verdict, sureness),
        expected=as_number(one.expected),
        found=as_number(one.found),
        cells=tuple(_cell(term) for term in one.terms),
        suggestion=suggestion,
        fingerprint=fingerprint(CODE, [one.rule, label_key(agency.name), f"{earlier.year}-{later.year}"], values),
    )


def _may_be_misread(term: _Term, closing: Fraction, sureness: Sureness) -> bool:
    """Whether the cell is in doubt and its ink allows the number that is wanted, in peace with its own year."""
    reading = term.reading
    if reading.state == "reviewed" or reading.reader in DIGITAL_READERS or sureness.holds(reading):
        return False
    allowed = any(other.value is not None and _count(other.value) == closing for other in reading.alternatives)
    return allowed and not term.year.breaks(term.field, as_number(closing))


def _in_doubt(term: _Term, sureness: Sureness) -> bool:
    return term.reading.state != "reviewed" and (not sureness.holds(term.reading) or term.year.breaks(term.field))


def _verdict(one: _Sum, suspects: Sequence[_Term], sureness: Sureness) -> Verdict:
    if len(suspects) == 1:
        return "misread"
    sound = not suspects and not any(_in_doubt(term, sureness) for term in one.terms)
    return "unbalanced" if sound else "undecided"


def _message(one: _Sum, suspects: Sequence[_Term], verdict: Verdict, sureness: Sureness) -> str:
    """One sentence: the equation, the cells, and what came of it."""
    *expected, found = one.terms
    signs = ["" if term is expected[0] else " - " if term.sign < 0 else " + " for term in expected]
    equation = "".join(sign + told(t.reading.value) for sign, t in zip(signs, expected, strict=True))
    names = "".join(sign + term.name for sign, term in zip(signs, expected, strict=True))
    difference = number(as_number(one.expected - one.found))
    what = f"{names} ≠ {found.name}: {equation} ≠ {told(found.reading.value)} (difference {difference})"
    if verdict == "unbalanced":
        return f"{what}; all cells are read surely, so the reports themselves differ."
    if verdict == "misread":
        (term,) = suspects
        read, wanted = told(term.reading.value), number(as_number(one.closing(term)))
        where = f"{term.name} was read {read} in {term.year.file}"
        return f"{what}; {where}, the ink allows {wanted}, and then the years agree."
    doubtful = [term for term in one.terms if term in suspects or _in_doubt(term, sureness)]
    cells = listed([f"{term.name} ({term.year.file})" for term in doubtful])
    return f"{what}; {cells} {'is' if len(doubtful) == 1 else 'are'} in doubt, and a person must look."


def _cell(term: _Term) -> YearCell:
    reading = term.reading
    return YearCell(
        file=term.year.file,
        year=term.year.year,
        field=term.field,
        value=reading.value,
        confidence=reading.confidence,
    )


def _series(agency: Agency) -> YearSeries:
    return YearSeries(
        agency=agency.name,
        names=agency.names,
        score=round(agency.score, 4),
        reports=tuple(YearReport(year=one.report.year or 0, file=one.source.name) for one in agency.reports),
    )


def _unplaced(extractions: Iterable[Extraction]) -> Iterator[YearNote]:
    """Results that belong to no agency or to no year."""
    for one in extractions:
        lacking = [word for word, value in (("agency", one.report.agency), ("year", one.report.year)) if not value]
        if lacking:
            message = f"{one.source.name} is not compared: it names no {' and no '.join(lacking)}."
            yield YearNote(code=f"no-{lacking[0]}", message=message, files=(one.source.name,))


def _notes(agency: Agency) -> Iterator[YearNote]:
    """What a person should know of an agency's reports."""
    files = tuple(one.source.name for one in agency.reports)
    if agency.score < 1:
        named = listed(agency.names)
        how = f"their names score {agency.score:.2f}; it takes {ALIKE}, or that one ends with the other"
        message = f"{named} are taken for one agency ({how})."
        yield YearNote(code="names-differ", message=message, files=files)
    by_year = {year: list(group) for year, group in groupby(agency.reports, lambda one: one.report.year or 0)}
    for year, reports in by_year.items():
        if len(reports) > 1:
            same = len({one.source.sha256 for one in reports}) == 1
            how = "the same file, and it is compared once" if same else "and each is compared"
            message = f"{agency.name} has {len(reports)} results for {year}, {how}."
            yield YearNote(code="duplicate-year", message=message, files=tuple(one.source.name for one in reports))
    for earlier, later in pairwise(by_year):
        missing = list(map(str, range(earlier + 1, later)))
        if missing:
            message = f"{agency.name} has no result for {listed(missing)}, so {earlier} and {later} are not compared."
            yield YearNote(code="missing-year", message=message)


def _count(value: Number | None) -> Fraction:
    return Fraction(str(value or 0))
