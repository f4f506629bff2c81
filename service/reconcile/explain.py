"""Every verdict on the identities in one sentence that a clerk understands.

A sentence is an equation as it was read, with both sums and their difference, and then what came of it:
`72 + 0 ≠ 69 + 1 (72 against 70, difference 2); ROW / COLUMN was read 69, the ink allows 71`. Rows and columns go by the
labels that the form prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from service.forms.catalogue import IdentitySpec
from service.reconcile.fingerprints import fingerprint, printed
from service.reconcile.identities import as_number, check_identities
from service.reconcile.model import Finding, Origin, Proposal, Reconciliation, Repair
from service.reconcile.wording import cell, common_label, equation, listed, number, short_label, times, told
from service.results import Identity, Issue, Reading, Suggestion

REPAIRED, VIOLATED = "misread-repaired", "identity-violated"
"""Codes of the issues of findings, by verdict."""
CODES = {"blank-total": "blank-total", "empty-table": "empty-table"}
"""Codes of the patterns that have one of their own."""
PATTERNS = {
    "blank-total": "a total is left blank over parts that are not zero",
    "shifted-row": "the numbers of a row seem to stand one cell off",
    "copied-total": "a total seems to be copied from one of its parts",
    "cancelling": "errors of several cells cancel each other out in another sum",
    "empty-table": "a whole table came out without a number",
}
"""What the known ways to go wrong are called in a sentence."""
_NAMED = 3
"""So many missing cells are named."""


@dataclass(frozen=True, slots=True)
class Explainer:
    """Tells what reconciliation found.

    Raises KeyError for identities and fields that are in none of these.
    """

    found: Reconciliation
    specs: Mapping[str, IdentitySpec]
    """By id."""
    before: Mapping[str, Reading]
    """Every field as it was read."""
    labels: Mapping[str, str]
    """The path of printed labels of each field; a field without one goes by its id."""

    def identities(self) -> tuple[Identity, ...]:
        """The identities, those that failed as read or could not be checked with their explanation."""
        by_id = {identity: finding for finding in self.found.findings for identity in finding.identities}
        return tuple(
            identity.model_copy(update={"explanation": self._identity(identity, by_id.get(identity.id))})
            for identity in self.found.identities
        )

    def issues(self) -> Iterator[Issue]:
        """One issue for each finding."""
        for finding in self.found.findings:
            misread = finding.verdict == "misread"
            code = REPAIRED if misread else CODES.get(finding.pattern or "", VIOLATED)
            yield Issue(
                code=code,
                severity="info" if misread else "error",
                message=self._finding(finding),
                fields=(*finding.roots, *self._others(finding)),
                roots=finding.roots,
                suggestion=None if misread else self._suggestion(finding),
                fingerprint=self._fingerprint(code, finding),
            )

    def _identity(self, identity: Identity, finding: Finding | None) -> str | None:
        if identity.status == "unknown":
            return self._unknown(self.specs[identity.id])
        if finding is None:
            return None
        spec = self.specs[identity.id]
        inside = {*spec.left, *spec.right}
        # Only what concerns this identity is told of it.
        finding = replace(
            finding,
            identities=(identity.id,),
            roots=tuple(field for field in finding.roots if field in inside) or finding.roots,
            repairs=tuple(repair for repair in finding.repairs if repair.field in inside) or finding.repairs,
            proposals=tuple(proposal for proposal in finding.proposals if proposal.field in inside),
        )
        sentence = f"{self._failure(spec, finding)}; {self._story(finding)}"
        if finding.verdict == "misread":
            return f"{sentence}; with that {equation(spec, self.found.fields, '=', finding.roots)}."
        return f"{sentence}."

    def _finding(self, finding: Finding) -> str:
        story = self._story(finding)
        if not finding.identities:
            return f"{story[:1].upper()}{story[1:]}."
        spec = self._shown(finding)
        sentence = f"{self._title(spec)}: {self._failure(spec, finding)}; {story}"
        if finding.verdict == "misread":
            hold = "holds" if len(finding.identities) == 1 else "hold"
            return f"{sentence}; with that {listed(finding.identities)} {hold}, {times(finding.odds)} than all else."
        others = [identity for identity in finding.identities if identity != spec.id]
        fail = "fails" if len(others) == 1 else "fail"
        return f"{sentence}; {listed(others)} {fail} with it." if others else f"{sentence}."

    def _shown(self, finding: Finding) -> IdentitySpec:
        """The identity that stands for a finding: the shortest, of blank totals one whose total is."""
        specs = self._specs(finding)
        blank = [one for one in specs if len(one.right) == 1 and self.before[one.right[0]].value is None]
        specs = blank if blank and finding.pattern == "blank-total" else specs
        return min(specs, key=lambda one: len(one.left) + len(one.right))

    def _title(self, spec: IdentitySpec) -> str:
        """As `总计 (balance:total)`."""
        shared = common_label([self.labels.get(field, "") for field in (*spec.left, *spec.right)])
        return f"{shared} ({spec.id})" if shared else spec.id

    def _failure(self, spec: IdentitySpec, finding: Finding) -> str:
        """As `72 + 0 ≠ 69 + 1 (72 against 70, difference 2)`: as read where that is mended, else as it still fails."""
        fields = self.before if finding.verdict == "misread" else self.found.fields
        (sums,) = check_identities([spec], fields)
        if sums.left is None or sums.right is None:
            return equation(spec, fields, "≟", finding.roots)
        difference = Fraction(str(sums.left)) - Fraction(str(sums.right))
        against = f"{number(sums.left)} against {number(sums.right)}, difference {number(as_number(difference))}"
        return f"{equation(spec, fields, '≠', finding.roots)} ({against})"

    def _unknown(self, spec: IdentitySpec) -> str:
        cells = (*spec.left, *spec.right)
        gone = [field for field in cells if self.found.fields[field].state == "missing"]
        if len(gone) > _NAMED:
            return f"This cannot be checked: {len(gone)} of its {len(cells)} cells are missing."
        names = f"{listed([self._name(field) for field in gone])} {'is' if len(gone) == 1 else 'are'} missing"
        return f"{equation(spec, self.found.fields, '≟')} cannot be checked: {names}."

    def _story(self, finding: Finding) -> str:
        """What came of a failure: what is known of its kind, then what was done or may be done."""
        pattern = PATTERNS.get(finding.pattern, finding.pattern.replace("-", " ")) if finding.pattern else None
        if finding.verdict == "misread":
            repairs = listed([self._repair(repair) for repair in finding.repairs])
            return f"{pattern}; {repairs}" if pattern else repairs
        if finding.verdict == "unbalanced":
            verdict = f"the report itself does not balance, {times(finding.odds)} than a misreading"
        else:
            verdict = "a cell was misread or the report itself does not balance, which a person must tell"
        return "; ".join(part for part in (pattern or verdict, self._ways_out(finding)) if part)

    def _repair(self, repair: Repair) -> str:
        before, after = repair.before, repair.after
        was, may = told(before.value, before.state), told(after.value, _printed_state(repair))
        return f"{self._name(repair.field)} was read {was}, the ink allows {may} ({_support(repair)})"

    def _ways_out(self, finding: Finding) -> str:
        """Which proposals would make the failing identities hold, or only might help; else where to look."""
        best = sorted(finding.proposals, key=lambda one: -one.probability)
        if alone := [one for one in best if self._closes([one], finding)]:
            return f"{listed([self._proposal(one) for one in alone], 'or')} would close it"
        firsts = list({one.field: one for one in reversed(best)}.values())[::-1]
        if firsts:
            verb = "together would close it" if self._closes(firsts, finding) else "may be what is printed"
            return f"{listed([self._proposal(one) for one in firsts])} {verb}"
        sums = [one for other in self.found.findings if other.pattern == "blank-total" for one in other.proposals]
        if sums and self._closes(sums, finding):
            return "the sums of the totals left blank would close it"
        if len(finding.roots) == 1 and (fitting := self._fitting(finding.roots[0], finding)):
            return f"look at {self._cell(finding.roots[0])}, where {fitting} would balance"
        cells = listed([self._cell(field) for field in finding.roots])
        return f"look at {cells}" if cells else ""

    def _fitting(self, field: str, finding: Finding) -> str | None:
        """The number that would make every identity of a finding and of that cell hold; None where none does."""
        around = [one for one in self.specs.values() if field in (*one.left, *one.right)]
        spec = next((one for one in around if one.id in finding.identities), None)
        if spec is None:
            return None
        (sums,) = check_identities([spec], self.found.fields)
        if sums.left is None or sums.right is None:
            return None
        excess = Fraction(str(sums.left)) - Fraction(str(sums.right))
        value = Fraction(str(self.found.fields[field].value or 0)) + (excess if field in spec.right else -excess)
        wanted = replace(finding, identities=tuple({*finding.identities, *(one.id for one in around)}))
        fits = value >= 0 and self._closes([Proposal(field, as_number(value), 0, "first")], wanted)
        return number(as_number(value)) if fits else None

    def _closes(self, proposals: Sequence[Proposal], finding: Finding) -> bool:
        """Whether every identity of a finding holds with these values."""
        fields = dict(self.found.fields)
        for one in proposals:
            fields[one.field] = fields[one.field].model_copy(update={"value": one.value, "state": "read"})
        return all(identity.status == "holds" for identity in check_identities(self._specs(finding), fields))

    def _suggestion(self, finding: Finding) -> Suggestion | None:
        if not finding.proposals:
            return None
        best = max(finding.proposals, key=lambda one: one.probability)
        if finding.pattern == "blank-total":
            reason = "The total is blank over parts that are not zero; this is the sum of the parts."
            return Suggestion(field=best.field, value=best.value, reason=reason)
        count = len(finding.identities)
        closing = f" With it {'the identity holds' if count == 1 else f'all {count} identities hold'}."
        closes = self._closes([best], finding)
        reason = f"{_ORIGINS[best.origin]} (probability {best.probability:.2f}).{closing if closes else ''}"
        return Suggestion(field=best.field, value=best.value, reason=reason)

    def _others(self, finding: Finding) -> tuple[str, ...]:
        """The other cells of the failing identities that are not zero, in printed order."""
        involved = dict.fromkeys(
            field
            for spec in self._specs(finding)
            for field in (*spec.left, *spec.right)
            if self.before[field].value or self.found.fields[field].value
        )
        return tuple(field for field in involved if field not in finding.roots)

    def _fingerprint(self, code: str, finding: Finding) -> str:
        """Over all cells of the failing identities: one that was zero may be another's cause tomorrow."""
        cells = {*finding.roots, *(field for spec in self._specs(finding) for field in (*spec.left, *spec.right))}
        values = {field: printed(self.before[field]) for field in cells}
        repairs = {f"{repair.field} repaired": printed(repair.after) for repair in finding.repairs}
        return fingerprint(code, finding.identities or finding.roots, values | repairs)

    def _specs(self, finding: Finding) -> list[IdentitySpec]:
        return [self.specs[identity] for identity in finding.identities]

    def _name(self, field: str) -> str:
        return short_label(self.labels.get(field, field))

    def _cell(self, field: str) -> str:
        return cell(self.labels.get(field, field), self.before[field])

    def _proposal(self, proposal: Proposal) -> str:
        reading = self.before[proposal.field]
        now = "" if reading.value is None else f" instead of {number(reading.value)}"
        return f"{number(proposal.value)}{now} in {self._name(proposal.field)}"


def explain(
    found: Reconciliation, specs: Sequence[IdentitySpec], before: Mapping[str, Reading], labels: Mapping[str, str]
) -> tuple[tuple[Identity, ...], tuple[Issue, ...]]:
    """The identities, each with the explanation of its verdict; and an issue for each finding.

    An issue has its cells (roots first), what would settle it, and a fingerprint.

    Args:
        found: what reconciliation found.
        specs: the identities that it was given.
        before: every field as it was read, before any repair.
        labels: the path of printed labels of each field.

    """
    explainer = Explainer(found, {spec.id: spec for spec in specs}, before, labels)
    return explainer.identities(), tuple(explainer.issues())


_ORIGINS: Mapping[Origin, str] = {
    "first": "It is what was read",
    "alternative": "A reader named it beside what was read",
    "edit": "It is one digit away from what was read",
}


def _support(repair: Repair) -> str:
    """Which ink supports a repair: a reader's other choice with its probability, or one digit's edit."""
    if repair.origin == "edit":
        return "one digit away"
    for other in repair.before.alternatives:
        if other.value == repair.after.value:
            reader = f"{other.reader}'s other choice" if other.reader else "the other choice"
            return f"{reader}, probability {other.confidence:.2f}"
    return "another reading of the same ink"


def _printed_state(repair: Repair) -> str:
    """What a repaired cell without a number shows: nothing, or a stroke where its text is one."""
    return "marked" if repair.after.text else "blank"
