"""Readings built by hand, for the tests of identities and verdicts."""

from __future__ import annotations

from collections.abc import Mapping

from service.forms.catalogue import IdentitySpec
from service.forms.decode import INK
from service.results import Identity, Number, Reading
from tests.forms.written import form


def read(value: Number | None, confidence: float = 1.0, *, scan: bool = False) -> Reading:
    """A number as read; None: a blank cell."""
    text = "" if value is None else str(value)
    box = (0.1, 0.1, 0.2, 0.2) if scan else None
    state = "blank" if value is None else "read"
    return Reading(
        value=value, text=text, state=state, confidence=confidence, bbox=box, reader=INK if scan else "markup"
    )  # type: ignore[arg-type]


def marked() -> Reading:
    """A stroke."""
    return Reading(value=None, text="/", state="marked", confidence=1)


def missing() -> Reading:
    """No such cell."""
    return Reading(value=None, text=None, state="missing", confidence=0)


def readings(values: Mapping[str, Number | None]) -> dict[str, Reading]:
    """Sure readings of these values; None: blank."""
    return {field: read(value) for field, value in values.items()}


def specs(year: str) -> tuple[IdentitySpec, ...]:
    """All identities of a form."""
    return tuple(spec for table in form(year).tables for spec in form(year).identity_specs(table.id))


def with_status(identities: tuple[Identity, ...], status: str) -> set[str]:
    """Ids of the identities with that status."""
    return {identity.id for identity in identities if identity.status == status}
