"""How one drawn report looks: paper, fonts, sizes, the ways of its tables; chosen once for a report from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from training.synthesize import fonts
from training.synthesize.split import Split

Ruling = Literal["full", "double", "open-sides", "missing", "broken", "horizontal", "none", "thirds", "boxes"]
"""`missing`: whole inner lines; `thirds`: a third of the inner rule segments; `boxes`: a frame around each text."""
SpanText = Literal["first", "largest", "flow"]
"""Where the text of a cell stands that a page break cuts: in its first part, in its largest, or flowing over both."""

A4 = (595.28, 841.89)


@dataclass(frozen=True, slots=True)
class NumberLook:
    """How numbers look that were filled in by hand or in another program: each a little otherwise; all 0: as set."""

    faces: tuple[str, ...]
    """Each number takes one of them."""
    tilt: float = 0
    """Turned by at most so many degrees."""
    shift: float = 0
    """Displaced by at most so many times the size, each figure by a fifth of it."""
    swell: float = 0
    """Size changed by at most this share."""
    pen: float = 0
    """Strokes made thicker by so many times the size."""


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
    look: NumberLook | None = None
    """None: numbers are set as the rest is, in `number_face`."""


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


def choose_style(seed: int, *, hard: float = 0.25, embeddable: bool = False, split: Split | None = None) -> Style:
    """Choose the looks of a report.

    `hard` is the probability of tables whose rules are not complete; `embeddable` allows only fonts that the PDF
    writer can embed. `split` chooses among that split's fonts, and some numbers look filled in by hand.
    """
    rng = random.Random(f"style {seed}")
    pick = partial(_pick, rng, embeddable, split)
    body = pick("song", "song", "hei", "kai")
    landscape = rng.random() < 0.06
    width, height = (A4[1], A4[0]) if landscape else A4
    side = rng.uniform(50, 92)
    size = rng.choice([10.5, 12, 12, 14, 14, 15, 16])
    heading = pick("hei", "hei", "bold", "kai")
    return Style(
        page=(width, height),
        margins=(side, rng.uniform(56, 105), side + rng.uniform(-6, 6), rng.uniform(60, 100)),
        title_face=pick("bold", "song", "hei"),
        title_size=rng.choice([16, 18, 20, 22, 22]),
        heading_face=heading,
        heading_size=size + rng.choice([0, 0, 1, 2]),
        body_face=body,
        latin_face=body if rng.random() < 0.5 else pick("digits"),
        body_size=size,
        leading=rng.choice([1.3, 1.5, 1.75, 1.9, 2.0]),
        page_number=rng.choice(
            ["- {page} -", "{page}", "— {page} —", "第 {page} 页 共 {pages} 页", "{page}/{pages}", None]
        ),
        number_side="right" if rng.random() < 0.15 else "centre",
        cover=rng.random() < 0.08,
        table_on_new_page=rng.random() < 0.15,
        table=_choose_table(rng, hard, pick, body, _look(seed, split, pick) if split else None),
        seed=rng.randrange(2**32),
    )


def _look(seed: int, split: Split, pick: _Pick) -> NumberLook | None:
    """How a fifth of the reports' numbers look: by hand, or typed into a printed form; one in ten bold."""
    rng = random.Random(f"look {seed}")
    chance = rng.random()
    if chance < 0.1:
        return NumberLook((pick("strong", "bold"),))
    if chance < 0.3:
        # A pen's writing is learnt from a little, but not examined: the statutory form is filled in on a computer.
        hand = split == "train" and rng.random() < 0.25
        faces = (pick("pen"),) if hand else tuple(pick("digits") for _ in range(rng.choice([1, 1, 2, 3])))
        return NumberLook(
            faces,
            tilt=rng.uniform(0.5, 5),
            shift=rng.uniform(0, 0.2),
            swell=rng.uniform(0, 0.25),
            pen=rng.choice([0, 0, 0.02, 0.05]),
        )
    return None


def _choose_table(rng: random.Random, hard: float, pick: _Pick, body: str, look: NumberLook | None) -> TableStyle:
    face = body if rng.random() < 0.5 else pick("song", "hei", "kai")
    size = rng.choice([7.5, 8, 9, 9, 10, 10.5, 10.5, 12])
    ruling: Ruling = rng.choice(["full", "full", "full", "full", "full", "double"])
    if rng.random() < hard:
        ruling = rng.choice(["open-sides", "open-sides", "missing", "broken", "horizontal", "none"])
    label_share = rng.choice([1.0, 1.0, 1.0, 0.85, 0.6, 0.35, 0.25, 0.12])
    return TableStyle(
        face=face,
        heading_face=rng.choice([face, face, pick("bold", "hei")]),
        number_face=rng.choice([face, pick("digits"), pick("song", "hei")]),
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
        look=look,
    )


def _shade(rng: random.Random) -> tuple[int, int, int]:
    light = rng.randrange(205, 245)
    return rng.choice([(light, light, light), (light - 10, light, 250), (250, light, light - 20)])


class _Pick(Protocol):
    """Picks a face of one of some families."""

    def __call__(self, *families: fonts.Family) -> str: ...


def _pick(rng: random.Random, embeddable: bool, split: Split | None, *families: fonts.Family) -> str:
    return rng.choice(fonts.names(rng.choice(families), embeddable=embeddable, split=split))
