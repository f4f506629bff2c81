"""What learning sees and what only examines it: two ranges of seeds that share no report."""

from __future__ import annotations

from typing import Literal, get_args

Split = Literal["train", "held-out"]
SPLITS: tuple[Split, ...] = get_args(Split)

_RANGE = 1_000_000_000


def split_seed(seed: int, split: Split) -> int:
    """Return the seed of a split's report number `seed`; raises ValueError outside 0 <= seed < 1,000,000,000."""
    if not 0 <= seed < _RANGE:
        raise ValueError(f"a seed lies between 0 and {_RANGE - 1}, not at {seed}")
    return seed + SPLITS.index(split) * _RANGE
