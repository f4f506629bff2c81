"""Empty cells that cannot be taken for zeros."""

from __future__ import annotations

from collections.abc import Mapping

from service.results import Reading


def is_left_out(name: str, fields: Mapping[str, Reading]) -> bool:
    """Whether a cell is empty or struck out in a row that has numbers, as a total may be that nobody filled in."""
    row = name.rpartition(".")[0]
    others = (reading.value for other, reading in fields.items() if other.rpartition(".")[0] == row)
    return fields[name].value is None and any(others)
