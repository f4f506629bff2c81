"""What a piece of text looks like."""

from __future__ import annotations

import pytest

from service.tables.marks import before_remark, is_continuation_note


@pytest.mark.parametrize("note", ["续表", "（续表）", "【 接上页 】", "(续表1)"])
def test_a_line_that_only_says_that_a_table_goes_on(note: str) -> None:
    assert is_continuation_note(note)


@pytest.mark.parametrize("text", ["", "续表二说明", "本表接上页", "12"])
def test_any_other_line_is_none(text: str) -> None:
    assert not is_continuation_note(text)


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        (["8", "（", "其", "中"], 1),
        (["8（其中3件）"], 0),
        (["10", "件", "(", "其"], 2),
        (["其", "（", "8"], 0),
        (["1.", "（", "其"], 0),
        (["8", "其", "中", "（"], 0),
        (["（", "其"], 0),
        ([], 0),
    ],
)
def test_a_remark_stands_in_brackets_behind_a_number_or_its_unit(texts: list[str], count: int) -> None:
    assert before_remark(texts) == count
