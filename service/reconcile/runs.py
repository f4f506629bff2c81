"""Digits run together, split over their cells: only as far as the identities, or the form itself, leave one way.

Numbers in these tables are mostly 0 and small, so that any guess would often be right, and silently wrong where it is
not: what several ways would explain stays missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from service.forms.catalogue import IdentitySpec, Vocabulary
from service.forms.runs import DigitRun
from service.forms.values import Value
from service.reconcile.fingerprints import fingerprint
from service.reconcile.joint import Sum, Ways, cheapest, possible_ways, toll_of
from service.reconcile.ways import Count, Rule, Toll, TooMany, Way, count_of, rules_of, shared, signs_of, ways_of
from service.results import Issue, Reading

_PROVEN = 1.0
"""Certainty of a split that no other could replace: another way breaks an identity, or a number would begin with 0."""
_BY_DIGIT = 0.94
"""Certainty of one digit for each cell where no identity speaks: a blank and a longer number look the same."""
_UNPROVEN = 0.8
"""Certainty of a split that the spaces alone tell, or that is against one, or that breaks an identity."""
_CLEARLY = 1
"""A split that breaks identities must be better by more than so many of them than any other."""
_SHOWN = 3
"""So many ways are shown of several."""


@dataclass(frozen=True, slots=True)
class Splits:
    """The fields with those that could be split, and an issue for each run that could not."""

    fields: dict[str, Reading]
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A run with the ways to split it that are still possible."""

    run: DigitRun
    ways: tuple[Way, ...]
    rules: tuple[Rule, ...]
    blanks: bool
    """Its table leaves cells empty."""
    proven: bool = False
    """All identities of its fields can be told."""
    spaced: bool = False
    """Spaces decide between its ways."""


def split_runs(
    runs: Sequence[DigitRun], specs: Sequence[IdentitySpec], fields: Mapping[str, Reading], vocabulary: Vocabulary
) -> Splits:
    """Split every run over its fields as far as there is one way; the others stay missing, each run with an issue."""
    known = {field: _count(reading) for field, reading in fields.items() if reading.state != "missing"}
    tables = {run.cells[0].table for run in runs}
    blanks = {table for table in tables if _leaves_blanks(table, runs, fields)}
    candidates = [_candidate(run, rules_of(specs, run), vocabulary, run.cells[0].table in blanks) for run in runs]
    settled: list[_Candidate] = []
    for group in _groups(candidates, specs):
        settled += _settle(group, specs, known, vocabulary)
    split = dict(fields)
    issues = []
    for one in settled:
        split.update(_readings(one, vocabulary))
        left = tuple(field for field in one.run.fields if split[field].state == "missing")
        if left:
            issues.append(_several_ways(one, left))
        elif one.spaced or any(way.crossed for way in one.ways):
            issues.append(_by_spaces_alone(one))
    return Splits(split, tuple(issues))


def _count(reading: Reading) -> Count:
    return count_of(Value("number", reading.text or "", reading.value))


def _leaves_blanks(table: str, runs: Sequence[DigitRun], fields: Mapping[str, Reading]) -> bool:
    """Whether empty cells of the table leave no trace: a run has fewer digits than cells, or a row is not there."""
    own = [run for run in runs if run.cells[0].table == table]
    held = {field for run in own for field in run.fields}
    absent = any(
        reading.state == "missing" and field not in held
        for field, reading in fields.items()
        if field.partition(".")[0] == table
    )
    return absent or any(len("".join(run.text.split())) < len(run.cells) for run in own)


def _candidate(run: DigitRun, rules: tuple[Rule, ...], vocabulary: Vocabulary, blanks: bool) -> _Candidate:
    try:
        ways = ways_of(run, rules, vocabulary, blanks=len(run.cells) if blanks else 0)
        if not ways:  # as printed it does not balance: it may stay so if it cannot be split otherwise
            printed = ways_of(run, rules, vocabulary, broken=True, most=2)
            sound = len(printed) == 1 and not ways_of(run, rules, vocabulary, blanks=len(run.cells))
            ways = printed if sound else ()
    except TooMany:
        ways = ()
    return _Candidate(run, ways, rules, blanks)


def _groups(candidates: Sequence[_Candidate], specs: Iterable[IdentitySpec]) -> Iterator[list[_Candidate]]:
    """The runs that identities tie together, group by group."""
    group = list(range(len(candidates)))
    owner = {field: number for number, one in enumerate(candidates) for field in one.run.fields}
    for spec in specs:
        tied = {group[owner[field]] for field in (*spec.left, *spec.right) if field in owner}
        group = [min(tied) if number in tied else number for number in group]
    for first in sorted(set(group)):
        yield [one for one, number in zip(candidates, group, strict=True) if number == first]


def _settle(
    group: Sequence[_Candidate], specs: Sequence[IdentitySpec], known: Mapping[str, Count], vocabulary: Vocabulary
) -> list[_Candidate]:
    """The ways of each run of a group that go with some ways of the others."""
    able = [one for one in group if one.ways]
    unable = [one for one in group if not one.ways]
    sums = list(_sums(able, specs, known))
    able = [_seen(one, number, sums, specs, vocabulary) for number, one in enumerate(able)]
    ways = tuple(one.ways for one in able)
    if not sums:
        return [*map(_by_spaces, able), *unable]
    if all(len(options) == 1 for options in ways) and all(_holds(one, ways) for one in sums):
        return [*able, *unable]
    printed = any(way.faults for options in ways for way in options)
    found = None if printed else possible_ways(ways, sums)
    if found is None:
        found = spaced = _unbalanced(able, sums, vocabulary)
    else:
        several = any(len(options) > 1 for options in found)
        spaced = (possible_ways(found, sums, spaces=True) if several else None) or found
    told = [
        replace(one, ways=left, spaced=left != before) for one, left, before in zip(able, spaced, found, strict=True)
    ]
    return [*told, *unable]


def _seen(
    one: _Candidate, number: int, sums: Sequence[Sum], specs: Sequence[IdentitySpec], vocabulary: Vocabulary
) -> _Candidate:
    """The candidate with whether all identities of its fields can be told; without, blanks and mistakes go unseen."""
    inside = set(one.run.fields)
    speaking = sum(not inside.isdisjoint((*spec.left, *spec.right)) for spec in specs)
    usable = len(one.rules) + sum(any(run == number for run, _, _ in each.terms) for each in sums)
    proven = 0 < speaking == usable
    unseen = (one.blanks and not proven) or (not sums and any(way.faults for way in one.ways))
    return replace(one, proven=proven, ways=() if unseen and not _is_only(one, vocabulary) else one.ways)


def _unbalanced(group: Sequence[_Candidate], sums: Sequence[Sum], vocabulary: Vocabulary) -> Ways:
    """The ways of each run of a source that does not balance, whichever run its mistake is in."""
    best = cheapest(tuple(one.ways for one in group), sums)
    found = None
    if best is not None:
        tolls = [toll_of(number, best, sums, _CLEARLY) for number in range(len(group))]
        with suppress(TooMany):
            wider = tuple(_wider(*pair, vocabulary) for pair in zip(group, tolls, strict=True))
            found = possible_ways(wider, sums, soft=True, slack=_CLEARLY)
    return found or tuple(() if _is_several(one) else one.ways for one in group)


def _wider(one: _Candidate, toll: Toll, vocabulary: Vocabulary) -> tuple[Way, ...]:
    """The ways of a run and others near: its sum may be wrong in the source, or a cell left out."""
    blanks = len(one.run.cells) if one.blanks else 1
    ways = ways_of(one.run, one.rules, vocabulary, blanks=blanks, broken=True, toll=toll)
    kept = {way.texts for way in one.ways}
    habit = 0 if one.blanks else 1  # an empty cell is a fault in a table that prints its zeros
    others = (replace(way, faults=way.faults + habit * way.texts.count("")) for way in ways if way.texts not in kept)
    return *one.ways, *others


def _is_only(one: _Candidate, vocabulary: Vocabulary) -> bool:
    """Whether a run has one way even if cells may be empty and nothing needs to balance."""
    with suppress(TooMany):
        return len(ways_of(one.run, (), vocabulary, blanks=len(one.run.cells), most=2)) == 1
    return False


def _is_several(one: _Candidate) -> bool:
    """Whether the run has more digits than cells, or fewer, so that its ways are chosen and not read."""
    return len("".join(one.run.text.split())) != len(one.run.cells) or bool(one.run.marker)


def _by_spaces(one: _Candidate) -> _Candidate:
    fewest = min((way.crossed for way in one.ways), default=0)
    left = tuple(way for way in one.ways if way.crossed == fewest)
    return replace(one, ways=left, spaced=left != one.ways)


def _sums(candidates: Sequence[_Candidate], specs: Iterable[IdentitySpec], known: Mapping[str, Count]) -> Iterator[Sum]:
    """The identities that are not one run's alone, and whose fields all are the runs' or known."""
    numbered = list(enumerate(candidates))
    place = {field: (number, cell) for number, one in numbered for cell, field in enumerate(one.run.fields)}
    for spec in specs:
        signs = signs_of(spec)
        if not all(field in place or field in known for field in signs):
            continue
        terms = tuple((*place[field], sign) for field, sign in signs.items() if field in place)
        constant = sum(sign * known[field] for field, sign in signs.items() if field not in place)
        alone = len({run for run, _, _ in terms}) == 1 and len(terms) == len(signs)
        if terms and not alone and constant == int(constant):
            yield Sum(terms, constant)


def _holds(one: Sum, ways: Sequence[Sequence[Way]]) -> bool:
    return one.constant + sum(sign * ways[run][0].counts[cell] for run, cell, sign in one.terms) == 0


def _readings(one: _Candidate, vocabulary: Vocabulary) -> Iterator[tuple[str, Reading]]:
    """The fields of a run of which all its ways say the same."""
    if not one.ways:
        return
    certainty = one.run.certainty * _certainty(one, vocabulary)
    for spec, value in zip(one.run.cells, shared(one.ways), strict=True):
        if value is not None:
            yield (
                spec.id,
                Reading(
                    value=value.value,
                    text=value.text,
                    state=value.state,
                    confidence=certainty,
                    page=one.run.place.page,
                    bbox=one.run.place.box,
                    line=one.run.place.line,
                    cell=one.run.place.cell,
                    unit=(value.unit or spec.unit) if value.kind == "number" else None,
                    reader=one.run.reader,
                ),
            )


def _certainty(one: _Candidate, vocabulary: Vocabulary) -> float:
    """How sure a run's values are."""
    if one.spaced or any(way.crossed or way.faults for way in one.ways):
        return _UNPROVEN
    if one.proven or _is_only(one, vocabulary):
        return _PROVEN
    return (_UNPROVEN if _is_several(one) else _PROVEN) if one.rules else _BY_DIGIT


def _several_ways(one: _Candidate, left: tuple[str, ...]) -> Issue:
    """What a person needs to split the run."""
    what = f"The digits {one.run.text!r} stand for {len(one.run.cells)} cells"
    if not one.ways:
        message = f"{what} and can be split in no way that balances, or in too many to tell."
    else:
        shown = ", ".join(" ".join(way.texts) for way in one.ways[:_SHOWN])
        more = ", ..." if len(one.ways) > _SHOWN else ""
        message = f"{what} and can be split in {len(one.ways)} ways: {shown}{more}."
    mark = fingerprint("several-ways", left, {"digits": one.run.text})
    return Issue(code="several-ways", severity="warning", message=message, fields=left, fingerprint=mark)


def _by_spaces_alone(one: _Candidate) -> Issue:
    """An error, for the identities hold in other ways as well: they must not be taken to confirm this one."""
    shown = " ".join(one.ways[0].texts)
    what = "only their spaces tell where they part" if one.spaced else "a space stands inside one of them"
    message = f"The digits {one.run.text!r} were read as {shown}, but {what}."
    mark = fingerprint("several-ways", one.run.fields, {"digits": one.run.text})
    return Issue(code="several-ways", severity="error", message=message, fields=one.run.fields, fingerprint=mark)
