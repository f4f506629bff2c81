"""Empty cells of scans, doubted as far as their zeros may have faded."""

from __future__ import annotations

import pytest

from service.reconcile import reconcile
from service.reconcile.losses import left_empty
from service.results import Reading

ZERO, BLANK, STROKE = ("0", 0, "read"), ("", None, "blank"), ("/", None, "marked")


def _page(number, sign, count, confidence=0.99, reader="ocr"):
    text, value, state = sign
    one = Reading(value=value, text=text, state=state, confidence=confidence, page=number, reader=reader)
    return {f"table.{number}.{sign[2]}{cell}.{confidence}": one for cell in range(count)}


def _kept(fields, page):
    found = {round(kept, 6) for name, kept in left_empty(fields).items() if fields[name].page == page}
    assert len(found) == 1
    return found.pop()


def test_empty_cells_among_print_that_has_lasted_were_left_so():
    assert _kept({**_page(1, ZERO, 20), **_page(1, BLANK, 5)}, 1) == 1
    assert _kept({**_page(1, ZERO, 8), **_page(1, ZERO, 2, 0.5), **_page(1, BLANK, 5)}, 1) == 1


def test_where_nothing_is_read_in_a_report_that_prints_zeros_none_is_sure():
    # 100.2 of 100.3 that count nothing are zeros, of which 0.26 fade: 0.001 / (0.001 + 0.26)
    assert _kept({**_page(1, ZERO, 100), **_page(2, BLANK, 15)}, 2) == pytest.approx(0.0038, abs=1e-3)


def test_where_print_is_fading_none_is_sure_either():
    fields = {**_page(1, ZERO, 50), **_page(2, ZERO, 7), **_page(2, ZERO, 3, 0.5), **_page(2, BLANK, 5)}
    assert _kept(fields, 2) < 0.02


@pytest.mark.parametrize("other", [BLANK, STROKE])
def test_a_report_that_prints_no_zero_loses_none(other):
    fields = {**_page(1, other, 60), **_page(1, ("7", 7, "read"), 3), **_page(2, BLANK, 40, 0.984)}
    assert _kept(fields, 2) > 0.998


def test_a_few_stray_zeros_are_a_little_doubt():
    fields = {**_page(1, BLANK, 90), **_page(1, ZERO, 10), **_page(2, BLANK, 40, 0.984)}
    assert 0.96 < _kept(fields, 2) < 0.98


def test_cells_that_seem_empty_on_fading_pages_are_no_evidence():
    assert _kept({**_page(1, ZERO, 5), **_page(2, BLANK, 100, 0.984)}, 2) < 0.2


def test_a_legible_page_needs_no_other_print():
    assert _kept({**_page(1, ZERO, 100), **_page(2, BLANK, 15, 0.9999)}, 2) == 1


def test_texts_lose_nothing():
    fields = {**_page(1, ZERO, 100, reader="text-layer"), **_page(2, BLANK, 15, reader="text-layer")}
    assert left_empty(fields) == {}


def test_a_field_that_may_have_lost_its_zero_is_no_surer_than_that():
    fields = {**_page(1, ZERO, 100), **_page(2, BLANK, 15, 0.98)}
    found = reconcile((), fields).fields
    assert all(found[name].confidence < 0.01 for name in fields if fields[name].page == 2)
    assert all(found[name].state == "blank" for name in fields if fields[name].page == 2)
    assert all(found[name].confidence > 0.98 for name in fields if fields[name].page == 1)
