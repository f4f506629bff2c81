"""What a piece of text looks like."""

from __future__ import annotations

import pytest

from service.tables.marks import is_continuation_note


@pytest.mark.parametrize("note", ["续表", "（续表）", "【 接上页 】", "(续表1)"])
def test_a_line_that_only_says_that_a_table_goes_on(note: str) -> None:
    assert is_continuation_note(note)


@pytest.mark.parametrize("text", ["", "续表二说明", "本表接上页", "12"])
def test_any_other_line_is_none(text: str) -> None:
    assert not is_continuation_note(text)
