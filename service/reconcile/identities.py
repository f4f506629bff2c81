"""The reconciliation identities (勾稽关系) over the fields as read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from service.forms.catalogue import IdentitySpec
from service.results import Identity, IdentityStatus, Number, Reading


def check_identities(specs: Sequence[IdentitySpec], fields: Mapping[str, Reading]) -> tuple[Identity, ...]:
    """Each identity with both sums; blank and struck-out cells count as zero, a missing one makes it unknown."""
    found = []
    for spec in specs:
        left, right = _sum(spec.left, fields), _sum(spec.right, fields)
        known = left is not None and right is not None
        status: IdentityStatus = ("holds" if left == right else "violated") if known else "unknown"
        found.append(Identity(id=spec.id, left=_told(left), right=_told(right), status=status))
    return tuple(found)


def _sum(names: Sequence[str], fields: Mapping[str, Reading]) -> Fraction | int | None:
    readings = [fields[name] for name in names]
    if any(reading.state == "missing" for reading in readings):
        return None
    return sum(_exact(reading.value) for reading in readings if reading.value is not None)


def _exact(value: Number) -> Fraction | int:
    return value if isinstance(value, int) else Fraction(str(value))


def as_number(value: Fraction | int) -> Number:
    """An exact value as results have it: an int where it is whole."""
    return int(value) if value.denominator == 1 else float(value)


def _told(value: Fraction | int | None) -> Number | None:
    return None if value is None else as_number(value)
