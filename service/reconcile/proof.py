"""What it proves of a scan that every number was found and everything adds up.

Most wrong numbers that both readers are sure of come from rows and columns that were taken for others, and these
leave cells missing and sums that fail. Where nothing is missing and nothing fails, a reading is right far more often
than its ink alone tells; how often was measured on drawn reports.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from service.documents.model import DIGITAL_READERS
from service.forms.catalogue import IdentitySpec
from service.reconcile.model import Reconciliation
from service.results import Reading

Curve = Sequence[tuple[float, float]]
"""Steps, both numbers rising: from which confidence on, and how often a field was right there; from 0 on."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How often the fields of complete and balanced scans are right, by their confidence."""

    bound: Curve
    """Of fields that stand in an identity."""
    free: Curve
    """Of the others."""


def is_sound(found: Reconciliation) -> bool:
    """Whether every field was found and every identity holds."""
    return not any(one.state == "missing" for one in found.fields.values()) and all(
        identity.status == "holds" for identity in found.identities
    )


def prove(found: Reconciliation, specs: Sequence[IdentitySpec], proof: Proof | None) -> Reconciliation:
    """The same with the confidences that its fields deserve, if all of it was found and holds."""
    if proof is None or not is_sound(found):
        return found
    bound = bound_fields(specs)
    fields = {
        name: _proven(reading, proof.bound if name in bound else proof.free) for name, reading in found.fields.items()
    }
    return replace(found, fields=fields)


def bound_fields(specs: Sequence[IdentitySpec]) -> frozenset[str]:
    """The fields that stand in an identity."""
    return frozenset(field for spec in specs for field in (*spec.left, *spec.right))


def _proven(reading: Reading, curve: Curve) -> Reading:
    if reading.reader in DIGITAL_READERS or reading.state == "reviewed":
        return reading
    step = bisect_right(curve, reading.confidence, key=lambda one: one[0]) - 1
    return reading.model_copy(update={"confidence": curve[max(step, 0)][1]})


def read_proof(curves: Mapping[str, Curve] | None) -> Proof | None:
    """The proof of a calibration's curves; None where it has none."""
    return Proof(curves["bound"], curves["free"]) if curves else None
