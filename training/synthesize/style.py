"""How one drawn report looks: paper, fonts, sizes, the ways of its tables; chosen once for a report from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from training.synthesize import fonts

Ruling = Literal["full", "double", "open-sides", "missing", "broken", "horizontal", "none", "thirds", "boxes"]
"""`missing`: whole inner lines; `thirds`: a third of the inner rule segments; `boxes`: a frame around each text."""
SpanText = Literal["first", "largest", "flow"]
"""Where the text of a cell stands that a page break cuts: in its first part, in its largest, or flowing over both."""

A4 = (595.28, 841.89)


@dataclass(frozen=True, slots=True)
class TableStyle:
    """Looks of the tables; lengths in points."""

    face: str
    heading_face: str
    number_face: str
    size: float
    number_size: float
    leading: float
    """Line height as a multiple of the size."""
    padding: tuple[float, float]
    """Space left of and above the text of a cell."""
    extra_height: float
    """Added to every row's height."""
    label_share: float
    """Share of the width that label columns get, relative to the official form: 1 as there, 0.3 narrow."""
    jitter: float
    """Relative variation of column widths."""
    width_share: float
    """Table width relative to the text width (above 1: it runs into the margins)."""
    number_align: Literal["left", "centre", "right"]
    vertical_align: Literal["top", "middle", "bottom"]
    line_width: float
    ruling: Ruling
    shade: tuple[int, int, int] | None
    """Fill of heading cells, RGB."""
    repeat_heading: bool
    cut_rows: bool
    """Whether a page break may cut a row in two."""
    close_at_break: bool
    """Whether a rule is drawn where a page break cuts the table."""
    span_text: SpanText
    vertical_labels: bool
    """Whether the outermost label column is one character wide."""


@dataclass(frozen=True, slots=True)
class Style:
    """Looks of a report; lengths in points."""

    page: tuple[float, float]
    margins: tuple[float, float, float, float]
    """Left, top, right, bottom."""
    title_face: str
    title_size: float
    heading_face: str
    heading_size: float
    body_face: str
    latin_face: str
    """Face of the digits in running text."""
    body_size: float
    leading: float
    page_number: str | None
    """Pattern with {page} and {pages}; None for no page numbers."""
    number_side: Literal["centre", "right"]
    cover: bool
    """Whether the title has a page to itself."""
    table_on_new_page: bool
    table: TableStyle
    seed: int
    """Seeds what is chosen while the pages are laid out."""


def choose_style(seed: int, *, hard: float = 0.25, embeddable: bool = False) -> Style:
    """Choose the looks of a report.

    `hard` is the probability of tables whose rules are not complete; `embeddable` allows only fonts that the PDF
    writer can embed.
    """
    rng = random.Random(f"style {seed}")
    body = _pick(rng, embeddable, "song", "song", "hei", "kai")
    landscape = rng.random() < 0.06
    width, height = (A4[1], A4[0]) if landscape else A4
    side = rng.uniform(50, 92)
    size = rng.choice([10.5, 12, 12, 14, 14, 15, 16])
    heading = _pick(rng, embeddable, "hei", "hei", "bold", "kai")
    return Style(
        page=(width, height),
        margins=(side, rng.uniform(56, 105), side + rng.uniform(-6, 6), rng.uniform(60, 100)),
        title_face=_pick(rng, embeddable, "bold", "song", "hei"),
        title_size=rng.choice([16, 18, 20, 22, 22]),
        heading_face=heading,
        heading_size=size + rng.choice([0, 0, 1, 2]),
        body_face=body,
        latin_face=body if rng.random() < 0.5 else _pick(rng, embeddable, "digits"),
        body_size=size,
        leading=rng.choice([1.3, 1.5, 1.75, 1.9, 2.0]),
        page_number=rng.choice(
            ["- {page} -", "{page}", "— {page} —", "第 {page} 页 共 {pages} 页", "{page}/{pages}", None]
        ),
        number_side="right" if rng.random() < 0.15 else "centre",
        cover=rng.random() < 0.08,
        table_on_new_page=rng.random() < 0.15,
        table=_choose_table(rng, hard, embeddable, body),
        seed=rng.randrange(2**32),
    )


def _choose_table(rng: random.Random, hard: float, embeddable: bool, body: str) -> TableStyle:
    face = body if rng.random() < 0.5 else _pick(rng, embeddable, "song", "hei", "kai")
    size = rng.choice([7.5, 8, 9, 9, 10, 10.5, 10.5, 12])
    ruling: Ruling = rng.choice(["full", "full", "full", "full", "full", "double"])
    if rng.random() < hard:
        ruling = rng.choice(["open-sides", "open-sides", "missing", "broken", "horizontal", "none"])
    label_share = rng.choice([1.0, 1.0, 1.0, 0.85, 0.6, 0.35, 0.25, 0.12])
    return TableStyle(
        face=face,
        heading_face=rng.choice([face, face, _pick(rng, embeddable, "bold", "hei")]),
        number_face=rng.choice([face, _pick(rng, embeddable, "digits"), _pick(rng, embeddable, "song", "hei")]),
        size=size,
        number_size=size + rng.choice([0, 0, 0, 1, 2, -0.5]),
        leading=rng.uniform(1.15, 1.55),
        padding=(rng.uniform(1.5, 5), rng.uniform(1, 4)),
        extra_height=rng.choice([0, 0, 2, 5, 9, 14]) * rng.random(),
        label_share=label_share,
        jitter=rng.choice([0, 0.05, 0.15, 0.3]),
        width_share=rng.choice([1, 1, 1, 0.96, 1.05, 1.12]),
        number_align=rng.choice(["centre", "centre", "centre", "centre", "left", "right"]),
        vertical_align=rng.choice(["middle", "middle", "middle", "middle", "top", "bottom"]),
        line_width=rng.choice([0.4, 0.5, 0.5, 0.75, 0.75, 1, 1.5]),
        ruling=ruling,
        shade=_shade(rng) if rng.random() < 0.25 else None,
        repeat_heading=rng.random() < 0.3,
        cut_rows=rng.random() < 0.35,
        close_at_break=rng.random() < 0.8,
        span_text=rng.choice(["first", "first", "largest", "flow"]),
        vertical_labels=rng.random() < 0.5,
    )


def _shade(rng: random.Random) -> tuple[int, int, int]:
    light = rng.randrange(205, 245)
    return rng.choice([(light, light, light), (light - 10, light, 250), (250, light, light - 20)])


def _pick(rng: random.Random, embeddable: bool, *families: fonts.Family) -> str:
    return rng.choice(fonts.names(rng.choice(families), embeddable=embeddable))
