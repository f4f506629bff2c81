"""A pool for tests that need one and not its weights."""

from __future__ import annotations

from collections.abc import Sequence

from models.digits import NumericReading
from models.pooling import Candidate, PoolContext

_FLOOR = 0.003
"""What a reader that did not name a text leaves for it."""
_KEPT = 5


def plain_pool(ocr: Sequence[Candidate], numeric: NumericReading, context: PoolContext) -> tuple[Candidate, ...]:
    """Pools without calibration, for comparison: both readers count the same, as if their errors were independent.

    Args:
        ocr: PP-OCR's candidates.
        numeric: the numeric reader's.
        context: not used here.

    Returns:
        Up to five candidates, best first; their probabilities sum to at most 1.
    """
    del context
    first, second = dict(ocr), dict(numeric.candidates)
    weights = {text: (first.get(text, 0.0) + _FLOOR) * (second.get(text, 0.0) + _FLOOR) for text in {**first, **second}}
    whole = sum(weights.values()) + _FLOOR
    ranked = sorted(weights, key=lambda text: -weights[text])[:_KEPT]
    return tuple((text, weights[text] / whole) for text in ranked)
