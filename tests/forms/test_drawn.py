"""Drawn reports: whatever the numbers and the layout, a value comes back as it is, or not at all."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.reconcile import SURE
from tests.forms.written import (
    differences,
    grid_blocks,
    grids,
    lines_by_table,
    numbered,
    paragraphs,
    piped_rows,
    printed,
    read,
    silent,
    spaced_rows,
    tab_rows,
    text_blocks,
)
from training.synthesize.flow.text import STYLES, write_text
from training.synthesize.invent import invent_report

SEEDS = (5002, 5026)
REPORT = numbered()
FIELDS = list(REPORT.values)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("style", STYLES)
def test_drawn_texts_hold_no_wrong_number_that_is_sure(style, seed):
    written = write_text(invent_report(seed), STYLES[style], seed)
    reading = read(paragraphs(written.text.split("\n")))
    assert silent(reading, written.report) == {}
    if written.recoverable:
        sure = [one for one in reading.fields.values() if one.state != "missing" and one.confidence >= SURE]
        assert len(sure) > 0.8 * len(reading.fields)


@cache
def baseline(layout):
    return LAYOUTS[layout](REPORT).fields


LAYOUTS = {
    "grid": lambda report: read(grid_blocks(grids(report))),
    "tabs": lambda report: read(text_blocks(lines_by_table(report, tab_rows))),
    "pipes": lambda report: read(text_blocks(lines_by_table(report, piped_rows))),
    "spaces": lambda report: read(text_blocks(lines_by_table(report, spaced_rows))),
}
TEXTS_OF = {"0": 0, "/": None, "—": None, "": None}


@given(st.data())
@settings(max_examples=24, deadline=None)
def test_zeros_blanks_and_strokes_anywhere_change_nothing_else(data):
    layout = data.draw(st.sampled_from(sorted(LAYOUTS)))
    text = data.draw(st.sampled_from(["0", "/", "—"] if layout == "spaces" else sorted(TEXTS_OF)))
    share = data.draw(st.sampled_from([3, 20, 120]))
    chosen = data.draw(st.sets(st.sampled_from(FIELDS), max_size=share))
    report = printed(REPORT, dict.fromkeys(chosen, text), dict.fromkeys(chosen, TEXTS_OF[text]))
    fields = LAYOUTS[layout](report).fields
    state = {"0": "read", "": "blank"}.get(text, "marked")
    assert {fields[field].state for field in chosen} <= {state}
    assert {field: one.value for field, one in fields.items()} == dict(report.values)
    for field in FIELDS:
        if field not in chosen:
            assert fields[field] == baseline(layout)[field]


@given(st.data())
@settings(max_examples=12, deadline=None)
def test_numbers_of_any_size_come_back(data):
    size = data.draw(st.sampled_from([1, 10, 10**4, 10**9]))
    numbers = data.draw(st.lists(st.integers(0, size), min_size=len(FIELDS), max_size=len(FIELDS)))
    texts = {field: str(number) for field, number in zip(FIELDS, numbers, strict=True)}
    report = printed(REPORT, texts, dict(zip(FIELDS, numbers, strict=True)))
    layout = data.draw(st.sampled_from(sorted(LAYOUTS)))
    assert differences(LAYOUTS[layout](report), report) == {}


@given(st.data())
@settings(max_examples=16, deadline=None)
def test_lost_lines_never_make_a_wrong_number_sure(data):
    layout = data.draw(st.sampled_from([tab_rows, piped_rows, spaced_rows]))
    rows = lines_by_table(REPORT, layout)["applications"]
    lost = data.draw(st.sets(st.integers(3, len(rows) - 1), max_size=6))
    kept = [row for number, row in enumerate(rows) if number not in lost]
    reading = read(text_blocks({**lines_by_table(REPORT, layout), "applications": kept}))
    assert silent(reading, REPORT) == {}


@given(st.data())
@settings(max_examples=16, deadline=None)
def test_lost_cells_never_make_a_wrong_number_sure(data):
    tables = lines_by_table(REPORT, spaced_rows)
    rows = tables["applications"]
    for number in data.draw(st.sets(st.integers(4, len(rows) - 1), max_size=5)):
        words = rows[number][-1].split()
        gone = data.draw(st.integers(1, len(words) - 1))
        rows[number] = [*rows[number][:-1], " ".join(words[:gone] + words[gone + 1 :])]
    assert silent(read(text_blocks({**tables, "applications": rows})), REPORT) == {}


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\t\t\t", "| | |", "————", "1 2 3", "三、收到和处理政府信息公开申请情况", "0" * 500]
)
def test_odd_texts_are_read_as_nothing(text):
    reading = read(paragraphs(text.split("\n")))
    assert {one.state for one in reading.fields.values()} == {"missing"}


@given(st.text(alphabet="0123 \t|/-\n一、（）公开申请总计自然人规章年本", max_size=200))
@settings(max_examples=20, deadline=None)
def test_no_text_breaks_the_reader(text):
    reading = read(paragraphs(text.split("\n")))
    assert all(0 <= one.confidence <= 1 for one in reading.fields.values())
