"""The reports on which ways of placing cells are compared: each case is one thing that label matching may not carry."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from service.documents.model import Block, Paragraph, Place
from service.tables import build_blocks
from training.cells.simulate import Noise, read_pages
from training.synthesize.alter import drop_headings, garble_labels
from training.synthesize.cases import Case, draw_case
from training.synthesize.flow.text import STYLES, write_text
from training.synthesize.invent import invent_report
from training.synthesize.layout import lay_out
from training.synthesize.pages import DrawnPage
from training.synthesize.report import DrawnReport
from training.synthesize.shapes import TableShape, shape_tables
from training.synthesize.split import split_seed
from training.synthesize.style import choose_style

Drawn = tuple[DrawnReport, tuple[DrawnPage, ...]]
Blocks = tuple[DrawnReport, Sequence[Block]]

CLEAN = Noise(scanned=True, characters=0.01, shake=0.03)
"""What a clean scan does to labels and places. Numbers are read as printed: what is compared here is where they go."""


@dataclass(frozen=True, slots=True)
class ProofCase:
    """One case, as pages or as text."""

    name: str
    meaning: str
    draw: Callable[[int], Drawn] | None
    """From a seed; None for a case that is no pages."""
    write: Callable[[int], Blocks] | None = None
    """From a seed, as blocks; None: the pages, read without OCR."""

    def blocks(self, seed: int) -> Blocks:
        """The report and its blocks, read without OCR."""
        if self.write:
            return self.write(seed)
        assert self.draw is not None
        report, pages = self.draw(seed)
        return report, build_blocks(read_pages(pages, CLEAN, random.Random(f"{self.name} {seed}")))


def _drawn(case: Case) -> Callable[[int], Drawn]:
    return partial(_draw_held_out, case)


def _draw_held_out(case: Case, seed: int) -> Drawn:
    return draw_case(case, seed, "held-out")


def _heading_cut(seed: int) -> Drawn:
    """A page break through the headings of the longest table, which are not repeated."""
    number = split_seed(seed, "held-out")
    rng = random.Random(f"heading-cut {seed}")
    report, style = invent_report(number), choose_style(number, hard=0, split="held-out")
    style = replace(style, table=replace(style.table, cut_rows=True, repeat_heading=False))
    longest = max(shape_tables(report), key=lambda shape: shape.rows)
    cut = rng.randrange(longest.heading_rows) + rng.uniform(0.3, 0.7)
    return report, lay_out(report, number, style=style, breaks={longest.id: cut})


def _all_at_once(seed: int) -> Drawn:
    """Labels garbled, column headings gone, no rules, and a page break through a row: what no single clue carries."""
    number = split_seed(seed, "held-out")
    rng = random.Random(f"all-at-once {seed}")
    report, style = invent_report(number), choose_style(number, hard=0, split="held-out")
    style = replace(style, table=replace(style.table, ruling="none", cut_rows=True, repeat_heading=False))
    longest = max(shape_tables(report), key=lambda shape: shape.rows)

    def damage(shape: TableShape) -> TableShape:
        return garble_labels(drop_headings(shape, rng), rng, share=0.6)

    cut = rng.randrange(1, longest.rows - longest.heading_rows) + 0.5
    return report, lay_out(report, number, style=style, alter=damage, breaks={longest.id: cut})


def _flattened(seed: int) -> Blocks:
    """Rows as lines of text, in the styles in which every number still has its place."""
    styles = [style for style in STYLES.values() if style.recoverable]
    number = split_seed(seed, "held-out")
    written = write_text(invent_report(number), styles[seed % len(styles)], number)
    lines = written.text.split("\n")
    return written.report, [Paragraph(line, Place(line=at)) for at, line in enumerate(lines, start=1)]


_CASES = (
    ProofCase("plain", "nothing is hard", _drawn("plain")),
    ProofCase("garbled-labels", "headers and labels garbled", _drawn("garbled-labels")),
    ProofCase("heading-cut", "header cells cut by a page break", _heading_cut),
    ProofCase("page-break", "a table goes on without its heading, its row cut or not", _drawn("page-break")),
    ProofCase("no-headings", "column headings removed", _drawn("no-headings")),
    ProofCase("rules-third", "a third of the rules missing", _drawn("rules-third")),
    ProofCase("no-rules", "no rules", _drawn("no-rules")),
    ProofCase("text-boxes", "text boxes instead of cells", _drawn("text-boxes")),
    ProofCase("flattened", "rows flattened to lines of text", None, _flattened),
    ProofCase("all-at-once", "garbled, no headings, no rules, a row cut", _all_at_once),
    ProofCase("wrapped", "narrow label columns, a character or two a line", _drawn("wrapped")),
    ProofCase("extra-column", "a column that the form has not", _drawn("extra-column")),
    ProofCase("aliases", "labels printed otherwise", _drawn("aliases")),
)
PROOF_CASES: Mapping[str, ProofCase] = {case.name: case for case in _CASES}
