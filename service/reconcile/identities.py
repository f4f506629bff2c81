"""The reconciliation identities (勾稽关系) over the fields as read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from service.forms.catalogue import IdentitySpec
from service.results import Identity, IdentityStatus, Issue, Number, Reading, Suggestion


def check_identities(specs: Sequence[IdentitySpec], fields: Mapping[str, Reading]) -> tuple[Identity, ...]:
    """Each identity with both sums; blank and struck-out cells count as zero, a missing one makes it unknown."""
    found = []
    for spec in specs:
        left, right = _sum(spec.left, fields), _sum(spec.right, fields)
        known = left is not None and right is not None
        status: IdentityStatus = ("holds" if left == right else "violated") if known else "unknown"
        found.append(Identity(id=spec.id, left=_number(left), right=_number(right), status=status))
    return tuple(found)


def identity_issues(
    specs: Sequence[IdentitySpec], identities: Sequence[Identity], fields: Mapping[str, Reading]
) -> Iterator[Issue]:
    """One issue for every identity that does not hold, with the cells of both sides and the difference."""
    for spec, identity in zip(specs, identities, strict=True):
        if identity.status != "violated" or identity.left is None or identity.right is None:
            continue
        involved = tuple(field for field in (*spec.left, *spec.right) if fields[field].value)
        total = fields[spec.right[0]]
        blank_total = len(spec.right) == 1 and total.value is None
        code = "blank-total" if blank_total else "identity-violated"
        difference = _number(Fraction(str(identity.left)) - Fraction(str(identity.right)))
        equation = f"{_side(spec.left, fields)} = {identity.left}, but {_side(spec.right, fields)} = {identity.right}"
        suggestion = None
        if blank_total:
            reason = "The total is blank over parts that are not zero; this is the sum of the parts."
            suggestion = Suggestion(field=spec.right[0], value=identity.left, reason=reason)
        yield Issue(
            code=code,
            severity="error",
            message=f"{spec.id} does not hold: {equation} (difference {difference}).",
            fields=(*involved, *(field for field in spec.right if field not in involved)),
            suggestion=suggestion,
        )


def _sum(names: Sequence[str], fields: Mapping[str, Reading]) -> Fraction | None:
    readings = [fields[name] for name in names]
    if any(reading.state == "missing" for reading in readings):
        return None
    return sum((Fraction(str(reading.value)) for reading in readings if reading.value is not None), Fraction())


def _number(value: Fraction | None) -> Number | None:
    if value is None:
        return None
    return int(value) if value.denominator == 1 else float(value)


def _side(names: Sequence[str], fields: Mapping[str, Reading]) -> str:
    """The terms of one side as they were read; zeros are left out unless nothing else is there."""
    terms = [f"{name} {fields[name].value}" for name in names if fields[name].value]
    return " + ".join(terms) if terms else f"{names[0]} {'blank' if fields[names[0]].value is None else 0}"
