"""Results built by hand, with known truth, for the tests of the ways in and out."""

from __future__ import annotations

import hashlib

from service.forms.catalogue import load_forms
from service.results import Extraction, Identity, Issue, Reading, Report, Section, Source, Suggestion, Template

DOUBTFUL = "applications.received.total"
MISSING = "proactive.regulations.in_force"
BLANK = "proactive.licensing.decisions"
AMOUNT = "proactive.fees.amount"
VIOLATED = "row:received"


def build(name: str = "report.pdf", data: bytes = b"x", *, clean: bool = False, pages: int = 2) -> Extraction:
    """A result of the 2021 form: all zeros, or (unless `clean`) with one of each thing that a person must see."""
    form = next(form for form in load_forms() if form.year == "2021")
    fields = {spec.id: _reading(number, pages) for number, spec in enumerate(form.fields())}
    identities = [
        Identity(id=s.id, left=0, right=0, status="holds") for t in form.tables for s in form.identity_specs(t.id)
    ]
    issues: tuple[Issue, ...] = ()
    if not clean:
        fields[DOUBTFUL] = fields[DOUBTFUL].model_copy(update={"value": 7, "text": "7", "confidence": 0.41})
        fields[MISSING] = Reading(value=None, text=None, state="missing", confidence=0)
        fields[BLANK] = fields[BLANK].model_copy(update={"value": None, "text": "", "state": "blank"})
        fields[AMOUNT] = fields[AMOUNT].model_copy(update={"value": 5.035, "text": "=5.035", "unit": "万元"})
        identities = [
            Identity(id=VIOLATED, left=0, right=7, status="violated") if identity.id == VIOLATED else identity
            for identity in identities
        ]
        issues = (
            Issue(code="doubtful-reading", severity="warning", message="1 reading is not sure", fields=(DOUBTFUL,)),
            Issue(
                code="identity-violated",
                severity="error",
                message="0 on the left, 7 on the right",
                fields=(DOUBTFUL,),
                suggestion=Suggestion(field=DOUBTFUL, value=0, reason="sum of the row"),
            ),
        )
    return Extraction(
        source=Source(name=name, sha256=hashlib.sha256(data).hexdigest(), media_type="application/pdf", pages=pages),
        template=Template(
            id=form.id, confidence=0.98, tables=dict.fromkeys(("proactive", "applications", "disputes"), "2021")
        ),
        report=Report(title="某市某局2021年政府信息公开工作年度报告", agency="某市某局", year=2021),
        sections=(Section(id="overview", title="一、总体情况", text="正文"),),
        fields=fields,
        identities=tuple(identities),
        issues=issues,
        status="reconciled" if clean else "needs_review",
    )


def _reading(number: int, pages: int) -> Reading:
    if pages == 0:
        return Reading(value=0, text="0", state="read", confidence=0.995, line=number + 1)
    x, y = number % 10 / 10, number // 10 / 20
    return Reading(
        value=0, text="0", state="read", confidence=0.995, page=1 + number % pages, bbox=(x, y, x + 0.08, y + 0.03)
    )
