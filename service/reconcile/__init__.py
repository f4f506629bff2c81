"""Identities and verdicts: what adds up, what does not, and whether a report can go through without a person."""

from __future__ import annotations

from service.reconcile.identities import check_identities
from service.reconcile.infer import reconcile
from service.reconcile.proof import prove, read_proof
from service.reconcile.verdict import SURE, Sureness, judge

__all__ = ["SURE", "Sureness", "check_identities", "judge", "prove", "read_proof", "reconcile"]
