from __future__ import annotations

import pytest

from service.documents.model import Box, Token
from service.tables.printed import pieces

NUMBER = Token("5", Box(0.10, 0.50, 0.11, 0.51), 0.98, "r")


@pytest.mark.parametrize(
    ("width", "confidence", "count"),
    [(0.002, 0.27, 1), (0.002, 0.9, 2), (0.006, 0.35, 2)],
    ids=["rest of a seal", "thin but surely read", "faint digit"],
)
def test_a_hair_that_hardly_reads_is_no_number_beside_another(width: float, confidence: float, count: int) -> None:
    other = Token("0", Box(0.15, 0.50, 0.15 + width, 0.51), confidence, "r")
    assert [piece.number for piece in pieces([NUMBER, other], [], 1.414)] == [True] * count


def test_what_hardly_reads_is_text_beside_a_number() -> None:
    other = Token("0", Box(0.15, 0.50, 0.156, 0.51), 0.1, "r")
    assert [piece.number for piece in pieces([NUMBER, other], [], 1.414)] == [True, False]
