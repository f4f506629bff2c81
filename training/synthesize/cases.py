"""The hard cases that label matching cannot carry, each by its name: one report drawn in one of them.

Only what a case is about differs from `plain`: the same seed gives the same numbers, prose and looks in every case.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, get_args

from training.synthesize.alter import (
    Alter,
    add_column,
    drop_headings,
    garble_labels,
    mistype_labels,
    traditional_report,
    traditional_shape,
)
from training.synthesize.invent import invent_report
from training.synthesize.layout import lay_out
from training.synthesize.pages import DrawnPage, with_radicals
from training.synthesize.report import DrawnReport
from training.synthesize.shapes import TableShape, shape_tables
from training.synthesize.split import Split, split_seed
from training.synthesize.style import Ruling, Style, choose_style

Case = Literal[
    "plain",
    "no-headings",
    "page-break",
    "garbled-labels",
    "rules-third",
    "no-rules",
    "extra-column",
    "text-boxes",
    "aliases",
    "wrapped",
    "traditional",
    "typos",
    "rules-odd",
    "radicals",
    "long-numbers",
    "notes",
]
CASES: tuple[Case, ...] = get_args(Case)


@dataclass(frozen=True, slots=True)
class CasePlan:
    """A report on its way to paper, with what its case asks of the layout."""

    report: DrawnReport
    style: Style
    aliases: float = 0.05
    alter: Alter | None = None
    breaks: Mapping[str, float] = field(default_factory=dict)
    """Table id -> how many rows stand before a page break that must be there."""
    notes: bool = False
    radicals: bool = False
    """Whether characters are written as the radicals that look like them, as in some text layers."""


def draw_case(
    case: Case,
    seed: int,
    split: Split,
    *,
    report: DrawnReport | None = None,
    prose: bool = True,
    embeddable: bool = False,
) -> tuple[DrawnReport, tuple[DrawnPage, ...]]:
    """Draw a report in one of the hard cases: an invented one, or `report`; returns it as it is printed, and its pages.

    `prose=False` leaves out the paragraphs, so that nearly every page holds cells of numbers; `embeddable` takes only
    fonts that the PDF writer can embed. Raises KeyError for an unknown case, ValueError for a seed out of the split's
    range.
    """
    plan = plan_case(case, seed, split, report=report, embeddable=embeddable)
    pages = lay_out(
        plan.report,
        split_seed(seed, split),
        style=plan.style,
        aliases=plan.aliases,
        alter=plan.alter,
        breaks=plan.breaks,
        prose=prose,
        notes=plan.notes,
    )
    return plan.report, tuple(map(with_radicals, pages)) if plan.radicals else pages


def plan_case(
    case: Case, seed: int, split: Split, *, report: DrawnReport | None = None, embeddable: bool = False
) -> CasePlan:
    """Plan a case; formats without pages take `report`, `aliases` and `alter` of it. Arguments as for `draw_case`."""
    seed = split_seed(seed, split)
    plan = CasePlan(report or invent_report(seed), choose_style(seed, hard=0, embeddable=embeddable, split=split))
    if case == "long-numbers" and report is None:
        plan = replace(plan, report=invent_report(seed, longer=random.Random(f"longer {seed}").randint(1, 4)))
    return _CASES[case](plan, random.Random(f"{case} {seed}"))


def _plain(plan: CasePlan, rng: random.Random) -> CasePlan:
    del rng
    return plan


def _no_headings(plan: CasePlan, rng: random.Random) -> CasePlan:
    return replace(plan, alter=partial(drop_headings, rng=rng))


def _page_break(plan: CasePlan, rng: random.Random) -> CasePlan:
    """A break at any row of the longest table or through one, in its heading a fifth of the time; none repeated."""
    table = replace(plan.style.table, repeat_heading=False, cut_rows=rng.random() < 0.5)
    longest: TableShape = max(shape_tables(plan.report), key=lambda shape: shape.rows)
    row = float(rng.randrange(1, longest.heading_rows + 1 if rng.random() < 0.2 else longest.rows))
    if table.cut_rows:
        row += rng.uniform(0.3, 0.7)
    return replace(plan, style=replace(plan.style, table=table), breaks={longest.id: row})


def _garbled_labels(plan: CasePlan, rng: random.Random) -> CasePlan:
    return replace(plan, alter=partial(garble_labels, rng=rng, share=rng.uniform(0.2, 0.6)))


def _ruled(ruling: Literal["thirds", "none", "boxes"]) -> Callable[[CasePlan, random.Random], CasePlan]:
    def change(plan: CasePlan, rng: random.Random) -> CasePlan:
        del rng
        return replace(plan, style=replace(plan.style, table=replace(plan.style.table, ruling=ruling)))

    return change


def _extra_column(plan: CasePlan, rng: random.Random) -> CasePlan:
    return replace(plan, alter=partial(add_column, values=plan.report.values, rng=rng))


def _aliases(plan: CasePlan, rng: random.Random) -> CasePlan:
    return replace(plan, aliases=rng.uniform(0.5, 1))


def _wrapped(plan: CasePlan, rng: random.Random) -> CasePlan:
    table = replace(plan.style.table, label_share=rng.uniform(0.1, 0.2), vertical_labels=True)
    return replace(plan, style=replace(plan.style, table=replace(table, size=max(table.size, 9))))


def _traditional(plan: CasePlan, rng: random.Random) -> CasePlan:
    del rng
    return replace(plan, report=traditional_report(plan.report), alter=traditional_shape)


def _typos(plan: CasePlan, rng: random.Random) -> CasePlan:
    return replace(plan, alter=partial(mistype_labels, rng=rng, share=rng.uniform(0.1, 0.4)))


def _odd_rules(plan: CasePlan, rng: random.Random) -> CasePlan:
    ruling: Ruling = rng.choice(["double", "broken", "open-sides", "horizontal", "missing"])
    table = replace(plan.style.table, ruling=ruling, line_width=rng.choice([0.3, 0.5, 1, 2]))
    return replace(plan, style=replace(plan.style, table=table))


def _radicals(plan: CasePlan, rng: random.Random) -> CasePlan:
    del rng
    return replace(plan, radicals=True)


def _notes(plan: CasePlan, rng: random.Random) -> CasePlan:
    del rng
    return replace(plan, notes=True)


_CASES: Mapping[Case, Callable[[CasePlan, random.Random], CasePlan]] = {
    "plain": _plain,
    "no-headings": _no_headings,
    "page-break": _page_break,
    "garbled-labels": _garbled_labels,
    "rules-third": _ruled("thirds"),
    "no-rules": _ruled("none"),
    "extra-column": _extra_column,
    "text-boxes": _ruled("boxes"),
    "aliases": _aliases,
    "wrapped": _wrapped,
    "traditional": _traditional,
    "typos": _typos,
    "rules-odd": _odd_rules,
    "radicals": _radicals,
    "long-numbers": _plain,
    "notes": _notes,
}
