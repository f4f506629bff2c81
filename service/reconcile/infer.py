"""What the identities say of the fields: misreadings repaired, other failures told, every confidence weighed anew.

It is one inference. Each cell has options with probabilities (`service.reconcile.options`); a report balances unless
its source is one of the few that do not. Explanations of what fails are found with their probabilities
(`service.reconcile.solve`), and only what nearly all of their probability shares is acted upon.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from service.forms.catalogue import IdentitySpec
from service.reconcile.beliefs import Beliefs
from service.reconcile.confidence import weighed
from service.reconcile.findings import Inference, findings_of
from service.reconcile.habits import follow_habits
from service.reconcile.identities import check_identities
from service.reconcile.model import Reconciliation
from service.reconcile.network import Network, build_network
from service.reconcile.options import cell_options, settled
from service.reconcile.priors import Priors, SourceCosts, load_priors
from service.reconcile.solve import Search
from service.results import Reading

_GAP = 8.5
"""Explanations that are less probable than the best by this (natural logarithm) are left out: beyond the odds that a
repair takes."""


def reconcile(
    specs: Sequence[IdentitySpec], fields: Mapping[str, Reading], priors: Priors | None = None
) -> Reconciliation:
    """Infer what is printed from what was read and what must add up.

    Args:
        specs: the identities of the form of each table.
        fields: every field as read.
        priors: other than those that gouji ships.

    Returns:
        Every field, those repaired that nearly all explanations read otherwise, each with its confidence in the light
        of the others; a field that fails nothing keeps its value. Findings tell what failed and why.
    """
    priors = priors or load_priors()
    options = follow_habits({name: cell_options(one, priors) for name, one in fields.items()}, priors.habit)
    net = build_network(specs, options)
    costs = SourceCosts.of(priors.source, len(net.specs), net.scale)
    inferences = tuple(_inferences(net, costs))
    findings = tuple(finding for one in inferences for finding in findings_of(one, fields, options, priors))
    repairs = {repair.field: repair.after for finding in findings for repair in finding.repairs}
    if repairs:
        net = build_network(specs, options | {name: settled(reading) for name, reading in repairs.items()})
    changed = {name: chance for one in inferences for name, chance in one.changed().items()}
    sure = weighed(fields, options, Beliefs(net, costs), changed, priors.ink) | repairs
    verdicts = {identity: finding.verdict for finding in findings for identity in finding.identities}
    identities = tuple(
        identity.model_copy(update={"verdict": verdicts.get(identity.id)}) for identity in check_identities(specs, sure)
    )
    return Reconciliation(sure, identities, findings)


def _inferences(net: Network, costs: SourceCosts) -> Iterator[Inference]:
    """What the parts of the net that fail come from."""
    residuals = [
        residual
        for part in net.parts()
        if (residual := {identity: left for identity, left in net.residual.items() if identity in part})
    ]
    search = Search(net, costs, _GAP, len(residuals))
    for residual in residuals:
        yield Inference.of(net, tuple(residual), search.explain(residual))
