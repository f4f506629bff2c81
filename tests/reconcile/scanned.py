"""Readings of scans built by hand, for the tests of what is inferred from them."""

from __future__ import annotations

from service.results import AlternativeValue, Number, Reading, State


def seen(
    value: Number | None,
    confidence: float = 0.998,
    named: list[tuple[Number | str | None, float]] | None = None,
    state: State | None = None,
) -> Reading:
    """A cell of a scan, with what the readers name beside its value: numbers, strokes, or None for nothing."""
    state = state or ("blank" if value is None else "read")
    return Reading(
        value=value,
        text="/" if state == "marked" else printed(value),
        state=state,
        confidence=confidence,
        reader="ink" if state == "blank" else "digits-1",
        alternatives=tuple(
            AlternativeValue(
                value=None if isinstance(other, str) else other,
                confidence=chance,
                text=printed(other),
                reader="digits-1",
            )
            for other, chance in named or []
        ),
    )


def printed(value: Number | str | None) -> str:
    """What a cell shows."""
    return "" if value is None else str(value)
