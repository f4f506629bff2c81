"""Drawn examples for the token classifier: every format and every hard case, in parallel, as shards of labelled cells.

A page example costs about 0.2 s on one core, for nothing is drawn as a picture and nothing is read by OCR.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Literal

from service.documents import open_document
from service.documents.model import Block
from service.forms.catalogue import Form, load_forms, load_vocabulary
from service.forms.cell_inputs import InputCell, cell_inputs
from service.forms.lines import Line, lines_of
from service.forms.regions import table_labels
from service.tables import build_blocks
from training.cells.by_number import is_placed, label_numbered, number_fields
from training.cells.by_place import truth_of_cells
from training.cells.examples import Example, LabelledCell, read_examples, write_examples
from training.cells.simulate import Noise, choose_noise, read_pages
from training.evaluate.spread import spread
from training.synthesize.cases import CASES, Case, draw_case
from training.synthesize.flow import docx, html
from training.synthesize.flow.text import STYLES, write_text
from training.synthesize.invent import invent_report
from training.synthesize.report import DrawnReport
from training.synthesize.split import Split, split_seed

Kind = Literal["page", "text", "html", "docx"]
_KINDS: tuple[tuple[Kind, float], ...] = (("page", 0.6), ("text", 0.3), ("html", 0.05), ("docx", 0.05))
_SHARD = 64
"""Examples in a shard."""
_CASE_WEIGHTS: Mapping[Case, float] = {"plain": 1.5, "rules-third": 1.5, "no-rules": 2, "page-break": 1.5}
"""How often a case is drawn, where it is not once."""
_STYLE_WEIGHTS: Mapping[str, float] = {"numbers-above": 3, "numbers-below": 2, "markdown-pieces": 3, "page-rows": 2}
"""The same for the styles of texts; where a row's label stands above or below its numbers there is most to learn."""


def draw_example(seed: int, split: Split) -> Example:
    """One example of any kind; the same seed and split give the same example."""
    rng = random.Random(f"cells {split} {seed}")
    kind = rng.choices([kind for kind, _ in _KINDS], [share for _, share in _KINDS])[0]
    if kind == "page":
        case = rng.choices(CASES, [_CASE_WEIGHTS.get(case, 1) for case in CASES])[0]
        return page_example(case, seed, split, choose_noise(rng), rng)
    report = invent_report(split_seed(seed, split))
    return flow_example(kind, report, rng)


def page_example(case: Case, seed: int, split: Split, noise: Noise, rng: random.Random) -> Example:
    """A report on pages, in a hard case, read with some noise."""
    _, pages = draw_case(case, seed, split)
    blocks = build_blocks(read_pages(pages, noise, rng))
    lines, cells = cells_of(blocks)
    truths = truth_of_cells(cells, lines, pages)
    labelled = (
        LabelledCell(cell.cell, truth, is_placed(lines[cell.line])) for cell, truth in zip(cells, truths, strict=True)
    )
    return Example(case, "page", tuple(labelled))


def flow_example(kind: Kind, report: DrawnReport, rng: random.Random) -> Example:
    """A report as text, web page or DOCX, in a style of its own."""
    numbered = number_fields(report)
    seed = rng.randrange(2**31)
    aliases = rng.choice([0, 0.15, 0.6])
    if kind == "text":
        names = list(STYLES)
        style = STYLES[rng.choices(names, [_STYLE_WEIGHTS.get(name, 1) for name in names])[0]]
        name, data = "report.txt", write_text(numbered, style, seed).text.encode()
        case = style.name
    elif kind == "html":
        name, data = "report.html", html.write_html(numbered, html.choose_style(seed), seed, aliases=aliases)
        case = "html"
    else:
        name, data = "report.docx", docx.write_docx(numbered, docx.choose_style(seed), seed, aliases=aliases)
        case = "docx"
    lines, cells = cells_of(open_document(name, data).blocks)
    return Example(case, kind, label_numbered(cells, lines, numbered, _written(report)))


def _written(report: DrawnReport) -> Mapping[str, str]:
    """What each field prints, as `CellInput.text` has it."""
    shown: dict[str, str] = {}
    for field, value in report.values.items():
        if value is None:
            shown[field] = "/" if report.printed[field].strip() else ""
        else:
            shown[field] = str(value) if isinstance(value, int) else f"{value:.8f}".rstrip("0").rstrip(".")
    return shown


def cells_of(blocks: Sequence[Block]) -> tuple[tuple[Line, ...], tuple[InputCell, ...]]:
    """A document's lines, and its cells as the classifier sees them."""
    vocabulary = load_vocabulary()
    lines = lines_of(blocks, _labels(load_forms()), vocabulary)
    return lines, cell_inputs(lines, vocabulary)


@cache
def _labels(forms: tuple[Form, ...]) -> tuple[str, ...]:
    """The texts at which run-together text is cut, as `service.forms.read_form` takes them."""
    headings = [text for form in forms for chapter in form.chapters for text in (chapter.label, *chapter.aliases)]
    return (*table_labels([table for form in forms for table in form.tables]), *headings)


def draw_examples(
    folder: Path,
    count: int,
    *,
    seed: int,
    split: Split,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> tuple[Path, ...]:
    """Draw `count` examples as shards in a folder; shards that are there already are kept.

    Args:
        folder: made where it is absent.
        count: rounded up to whole shards.
        seed: of the first example; the next have the numbers after it.
        split: which reports, looks and effects.
        workers: processes.
        progress: called with the number of examples that are there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{split}-{seed + start:07d}.jsonl.gz" for start in range(0, count, _SHARD)]
    missing = [path for path in paths if not path.is_file()]
    done = _SHARD * (len(paths) - len(missing))
    draw = partial(_draw_shard, split=split)
    for _ in spread(draw, missing, workers):
        done += _SHARD
        if progress:
            progress(done)
    return tuple(paths)


def _draw_shard(path: Path, split: Split) -> int:
    first = int(path.name.partition(".")[0].rpartition("-")[2])
    return write_examples(path, (draw_example(first + number, split) for number in range(_SHARD)))


def read_shards(paths: Sequence[Path]) -> Iterator[Example]:
    """The examples of all shards."""
    for path in paths:
        yield from read_examples(path)
