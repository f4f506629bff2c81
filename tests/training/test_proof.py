"""The proof compares what it says it compares, on cells and fields with known truth."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from models.cells import NONE, ROLES, CellClasses, CellInput, CellProbabilities
from models.digits import FOREIGN, NOTHING, NumericReading
from models.pooling import PoolContext
from service.documents.model import Box, Page, Paragraph, Place
from service.forms import load_forms
from service.scan.reading.readings import CellReadings, PageReadings
from tests.pools import plain_pool
from tests.training.flow_reports import numbered_report
from training.cells.classes import build_classes, positions
from training.proof.cases import PROOF_CASES
from training.proof.decoding import Placed, prove_blocks
from training.proof.readings import UNFOUND, prove_page
from training.proof.tables import counted, markdown, summed
from training.synthesize.effects import Scan
from training.synthesize.flow.text import STYLES, write_text
from training.synthesize.pages import DrawnCell, DrawnPage
from training.synthesize.report import DrawnReport

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
CONTEXT = PoolContext(20, 1, 0, 0, 0, 1, covered=False, expected=True, agreed=True, framed=True)


def test_the_command_measures_in_several_processes(tmp_path):
    small = ["--reports", "1", "--scans", "0", "--readings", "0", "--case", "plain,flattened", "--jobs", "2"]
    command = [sys.executable, "-m", "training.proof", "--out", str(tmp_path), *small]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    cases = json.loads((tmp_path / "proof.json").read_text(encoding="utf-8"))["placing"]
    assert [case["case"] for case in cases] == ["plain", "flattened"]


def drawn(field: str | None, box: Box, text: str, *, holds_text: bool = True) -> DrawnCell:
    return DrawnCell("t", 0, 0, 1, 1, box, text, "value", field, holds_text=holds_text)


def reading(box: Box, ocr: str, numeric: str) -> CellReadings:
    return CellReadings(box, box, (), ((ocr, 0.9),), NumericReading(((numeric, 0.8),)), CONTEXT)


PAGE = DrawnPage(
    100,
    200,
    cells=(
        drawn("a", Box(0, 0, 50, 100), "12万元"),
        drawn("b", Box(50, 0, 100, 100), ""),
        drawn("c", Box(0, 100, 50, 200), "—"),
        drawn("d", Box(50, 100, 100, 200), "7", holds_text=False),  # the part of a cut cell that the 7 is not in
        drawn(None, Box(0, 0, 100, 10), "heading"),
    ),
)
# The scan shows the paper at half its size in the lower right quarter; the straightened page turns the scan by 180.
SCAN = Scan("clean", b"", ".png", 200, (0.5, 0, 0.5, 0, 0.5, 0.5, 0, 0, 1))
READ = Page(1, 100, 200, to_source=(-1, 0, 1, 0, -1, 1, 0, 0, 1))


def straightened(x: float, y: float) -> Box:
    """A small box at a place of the paper (fractions), in the straightened page's."""
    middle = 1 - (0.5 + 0.5 * x), 1 - (0.5 + 0.5 * y)
    return Box(middle[0] - 0.01, middle[1] - 0.01, middle[0] + 0.01, middle[1] + 0.01)


def test_readings_are_held_against_the_cell_that_they_stand_in() -> None:
    cells = (
        reading(straightened(0.2, 0.2), "12", "12万元"),
        reading(straightened(0.7, 0.2), NOTHING, "1"),
        reading(straightened(0.2, 0.7), "1", "-"),
    )
    proofs = {one.field: one for one in prove_page(PAGE, SCAN, PageReadings(READ, (), cells), plain_pool)}
    assert proofs.keys() == {"a", "b", "c", "d"}
    assert {field: one.printed for field, one in proofs.items()} == {"a": "12", "b": NOTHING, "c": "-", "d": NOTHING}
    assert [proofs["a"].right(reader) for reader in ("PP-OCR", "numeric reader", "both")] == [True, True, True]
    assert [proofs["b"].right(reader) for reader in ("PP-OCR", "numeric reader")] == [True, False]
    assert [proofs["c"].right(reader) for reader in ("PP-OCR", "numeric reader")] == [False, True]
    assert proofs["d"].read["both"] == UNFOUND and not proofs["d"].right("both")  # empty, but nobody looked


def test_two_numbers_in_one_cell_are_none_of_it() -> None:
    cells = (reading(straightened(0.1, 0.2), "1", "1"), reading(straightened(0.3, 0.2), "2", NOTHING))
    (first, *_) = prove_page(PAGE, SCAN, PageReadings(READ, (), cells), plain_pool)
    assert first.read["PP-OCR"][0] == FOREIGN
    assert first.read["numeric reader"] == ("1", 0.8)


def test_each_case_shows_what_it_is_about() -> None:
    _, pages = PROOF_CASES["heading-cut"].draw(1)  # type: ignore[misc]
    longest = "applications"
    first = next(page for page in pages if any(cell.table == longest for cell in page.cells))
    there = [cell for cell in first.cells if cell.table == longest]
    assert there and not any(cell.field for cell in there)  # nothing but headings before the break
    written, blocks = PROOF_CASES["flattened"].blocks(1)
    assert written.values and not any(hasattr(block, "greedy") for block in blocks)


class Oracle:
    """A classifier that knows each number's field, and nothing of labels."""

    classes: CellClasses = build_classes(load_forms())

    def __init__(self, fields: dict[str, str]) -> None:
        self.known = {text: positions()[field] for text, field in fields.items()}

    def classify(self, cells: Sequence[CellInput]) -> CellProbabilities:
        parts = [np.zeros((len(cells), len(names)), np.float32) for names in (ROLES, *self._axes())]
        for number, cell in enumerate(cells):
            row, column = self.known.get(cell.text, (NONE, NONE))
            answers = ("value" if cell.text in self.known else "other", row, column)
            for part, names, answer in zip(parts, (ROLES, *self._axes()), answers, strict=True):
                part[number, names.index(answer)] = 1
        return CellProbabilities(*parts)

    def _axes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.classes.rows, self.classes.columns


@pytest.fixture(scope="module")
def numbered() -> tuple[DrawnReport, list[Paragraph]]:
    """A report whose numbers are all different, and its blocks."""
    written = write_text(numbered_report(), STYLES["tab-rows"], 1)
    return written.report, paragraphs(written.text)


def paragraphs(text: str) -> list[Paragraph]:
    return [Paragraph(line, Place(line=at)) for at, line in enumerate(text.split("\n"), start=1)]


def test_ways_of_placing_are_measured_apart(numbered: tuple[DrawnReport, list[Paragraph]]) -> None:
    report, blocks = numbered
    count = len(report.values)
    right = Oracle({str(value): field for field, value in report.values.items()})
    assert prove_blocks(report, blocks, right) == {
        "labels": Placed(count, count, 0),
        "greedy": Placed(count, count, 0),
        "both": Placed(count, count, 0),
    }
    first, second = list(report.values)[10:12]
    slip = Oracle({str(value): second if field == first else field for field, value in report.values.items()})
    found = prove_blocks(report, blocks, slip)  # it takes the first field's number for the second's
    assert found["labels"] == Placed(count, count, 0)
    assert found["greedy"].right in (count - 1, count - 2)


def test_where_labels_say_nothing_only_the_classifier_counts(numbered: tuple[DrawnReport, list[Paragraph]]) -> None:
    report, blocks = numbered
    mute = [replace(one, text=_CHINESE.sub("某", one.text) if "\t" in one.text else one.text) for one in blocks]
    found = prove_blocks(report, mute, Oracle({str(value): field for field, value in report.values.items()}))
    assert found["greedy"].right == len(report.values)
    assert found["labels"].right < 0.9 * len(report.values)


def test_label_matching_is_measured_by_itself(numbered) -> None:
    report, blocks = numbered
    placed = prove_blocks(report, blocks, None)
    count = len(report.values)
    assert placed == {"labels": Placed(count, count, 0)}


def test_the_table_names_the_simplest_of_the_best() -> None:
    same = summed("plain", "easy", "simulated", [{"labels": Placed(10, 10, 0), "both": Placed(10, 10, 0)}] * 2)
    hard = summed("hard", "worse", "simulated", [{"labels": Placed(10, 6, 1), "both": Placed(10, 9, 0)}])
    assert (same.reports, same.ways["labels"]) == (2, Placed(20, 20, 0))
    text = markdown([same, hard], [], 0.95).splitlines()
    rows = {
        line.split("|")[1].strip(): [part.strip() for part in line.split("|")[2:-1]] for line in text if "|" in line
    }
    assert rows["plain: easy"] == ["2", "100.00 (0.00)", "-", "100.00 (0.00)", "label matching alone"]
    assert rows["hard: worse"] == ["1", "60.00 (10.00)", "-", "90.00 (0.00)", "classifier with global decoding"]


def test_sure_and_wrong_are_counted_for_each_reader() -> None:
    cells = (reading(straightened(0.2, 0.2), "13", "12"), reading(straightened(0.7, 0.2), NOTHING, NOTHING))
    proofs = list(prove_page(PAGE, SCAN, PageReadings(READ, (), cells), plain_pool))
    count = partial(counted, "clean", 1, proofs)
    assert count(0.85).right == {"PP-OCR": 1, "numeric reader": 2, "both": count(0.85).right["both"]}
    assert count(0.85).sure["PP-OCR"] == 2 and count(0.85).sure_and_wrong["PP-OCR"] == 1
    assert count(0.85).sure["numeric reader"] == 0
