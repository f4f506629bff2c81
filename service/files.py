"""Files written whole: whoever reads one finds the old or the new, and never a part, whenever the writer is stopped."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

DRAFTS = ".gouji-*.tmp"
"""What drafts are called; a writer that was killed may have left some."""


@contextmanager
def whole(path: Path) -> Iterator[IO[bytes]]:
    """A file to write what then takes the place of `path`, all at once; after an error the old file stays.

    Raises OSError where nothing can be written.
    """
    # A short name of its own: the target's may already be as long as a name can be.
    draft = path.with_name(DRAFTS.replace("*", secrets.token_hex(8)))
    try:
        with draft.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file, a text in UTF-8, as `whole` does."""
    with whole(path) as file:
        file.write(content.encode() if isinstance(content, str) else content)
