"""A file is the old one or the new one, and drafts are known as such."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.files import DRAFTS, whole, write_whole


def test_the_old_file_stays_until_the_new_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("a" * 250)  # no name for the draft could be longer
    write_whole(path, "旧")
    with whole(path) as file:
        file.write(b"new")
        (draft,) = tmp_path.glob(DRAFTS)
        assert path.read_text(encoding="utf-8") == "旧"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
    assert not draft.exists()


def test_an_error_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_whole(path, b"old")
    with pytest.raises(ValueError, match="stopped"), whole(path) as file:
        file.write(b"half")
        raise ValueError("stopped")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
