"""What holds of every report, whatever was misread."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from service.forms.catalogue import IdentitySpec
from service.reconcile import check_identities, reconcile
from tests.forms.written import YEARS, balanced, form
from tests.reconcile.made import specs, with_status
from tests.reconcile.scanned import seen

NAMES = {year: [spec.id for spec in form(year).fields()] for year in YEARS}
COLUMNS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other")


@st.composite
def misread(draw):
    """A report that balances, with up to four cells misread; sometimes the truth is named beside what was read."""
    year = draw(st.sampled_from(YEARS))
    parts = {name: draw(st.integers(0, 30)) for name in NAMES[year][::9]}
    values = balanced(year, parts)
    fields = {name: seen(value, 0.999) for name, value in values.items()}
    for name in draw(st.sets(st.sampled_from(NAMES[year]), max_size=4)):
        wrong = max(0, (values[name] or 0) + draw(st.integers(-9, 9)))
        confidence = draw(st.sampled_from([0.45, 0.8, 0.97, 0.9999]))
        named = [(values[name], 0.9 * (1 - confidence))] if draw(st.booleans()) else []
        fields[name] = seen(wrong, confidence, named)
    return year, fields


@given(misread())
@settings(max_examples=40, deadline=None)
def test_a_repair_closes_what_it_says_and_breaks_nothing(drawn):
    year, fields = drawn
    result = reconcile(specs(year), fields)
    checked = check_identities(specs(year), result.fields)
    assert [(one.id, one.status, one.left, one.right) for one in result.identities] == [
        (one.id, one.status, one.left, one.right) for one in checked
    ]
    violated = with_status(checked, "violated")
    repaired = {repair.field for finding in result.findings for repair in finding.repairs}
    assert repaired == {name for name in fields if result.fields[name].state == "repaired"}
    assert repaired == {name for name in fields if result.fields[name].value != fields[name].value}
    for finding in result.findings:
        for repair in finding.repairs:
            assert repair.closes and violated.isdisjoint(repair.closes)
    told = {one for finding in result.findings for one in finding.identities}
    before = with_status(check_identities(specs(year), fields), "violated")
    assert told == before
    assert violated <= before
    assert violated == {one for finding in result.findings if not finding.repairs for one in finding.identities}
    assert all(0 <= reading.confidence <= 1 for reading in result.fields.values())


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_what_balances_is_never_changed(data):
    year = data.draw(st.sampled_from(YEARS))
    values = balanced(year, {name: data.draw(st.integers(0, 99)) for name in NAMES[year][::11]})
    sure = data.draw(st.lists(st.floats(0.01, 1), min_size=len(values), max_size=len(values)))
    fields = {
        name: seen(value, confidence, [((value or 0) + 1, 1 - confidence)])
        for (name, value), confidence in zip(values.items(), sure, strict=True)
    }
    result = reconcile(specs(year), fields)
    assert result.findings == ()
    assert all(result.fields[name].value == fields[name].value for name in fields)
    assert all(result.fields[name].state == fields[name].state for name in fields)


@given(misread(), st.permutations(COLUMNS))
@settings(max_examples=25, deadline=None)
def test_permuting_columns_permutes_the_answer(drawn, order):
    year, fields = drawn
    names = dict(zip(COLUMNS, order, strict=True))

    def moved(name: str) -> str:
        table, _, rest = name.partition(".")
        row, _, column = rest.rpartition(".")
        return f"{table}.{row}.{names[column]}" if table == "applications" and column in names else name

    def renamed(spec: IdentitySpec) -> IdentitySpec:
        kind, _, line = spec.id.partition(":")
        return IdentitySpec(
            f"{kind}:{names.get(line, line)}", tuple(map(moved, spec.left)), tuple(map(moved, spec.right))
        )

    result = reconcile(specs(year), fields)
    other = reconcile([renamed(spec) for spec in specs(year)], {moved(name): one for name, one in fields.items()})
    assert {moved(name): (one.value, round(one.confidence, 9)) for name, one in result.fields.items()} == {
        name: (one.value, round(one.confidence, 9)) for name, one in other.fields.items()
    }
    assert sorted((one.verdict, sorted(map(moved, one.roots))) for one in result.findings) == sorted(
        (one.verdict, sorted(one.roots)) for one in other.findings
    )


@given(misread())
@settings(max_examples=10, deadline=None)
def test_the_same_twice(drawn):
    year, fields = drawn
    assert reconcile(specs(year), fields) == reconcile(specs(year), fields)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_a_source_that_does_not_balance_is_never_bent_where_its_ink_is_clear(data):
    year = data.draw(st.sampled_from(YEARS))
    values = balanced(year, {name: data.draw(st.integers(0, 40)) for name in NAMES[year][::7]})
    fields = {name: seen(value, 0.9998, [((value or 0) + 1, 0.0001)]) for name, value in values.items()}
    inside = sorted({name for spec in specs(year) for name in (*spec.left, *spec.right)})
    for name in data.draw(st.sets(st.sampled_from(inside), min_size=1, max_size=3)):
        printed = max(0, (values[name] or 0) + data.draw(st.integers(-9, 9)))
        fields[name] = seen(printed, 0.9998, [(printed + 1, 0.0001)])
    result = reconcile(specs(year), fields)
    assert all(finding.repairs == () for finding in result.findings)
    assert all(result.fields[name].value == fields[name].value for name in fields)
