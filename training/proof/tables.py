"""What was measured as one table each, in Markdown and as plain data for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from service.forms.decode import Decoding
from training.proof.decoding import MEANINGS, WAYS, Placed
from training.proof.readings import READERS, CellProof


@dataclass(frozen=True, slots=True)
class CaseProof:
    """All reports of one case, in every way that was measured."""

    case: str
    meaning: str
    source: str
    """`simulated` or `scan`."""
    reports: int
    ways: Mapping[Decoding, Placed]

    def right(self, way: Decoding) -> float | None:
        """Share of the fields that are right, 0 to 1; None where it was not measured."""
        found = self.ways.get(way)
        return found.right / found.fields if found else None


@dataclass(frozen=True, slots=True)
class QualityProof:
    """All cells of one scan quality, for each reader."""

    quality: str
    reports: int
    cells: int
    right: Mapping[str, int]
    sure: Mapping[str, int]
    """Cells read with at least the threshold's probability."""
    sure_and_wrong: Mapping[str, int]


def summed(case: str, meaning: str, source: str, reports: Sequence[Mapping[Decoding, Placed]]) -> CaseProof:
    """The reports of one case together."""
    ways: dict[Decoding, Placed] = {}
    for way in WAYS:
        parts = [report[way] for report in reports if way in report]
        if parts:
            ways[way] = Placed(
                sum(one.fields for one in parts), sum(one.right for one in parts), sum(one.wrong for one in parts)
            )
    return CaseProof(case, meaning, source, len(reports), ways)


def counted(quality: str, reports: int, cells: Sequence[CellProof], threshold: float) -> QualityProof:
    """The cells of one quality together; a cell read with a probability of `threshold` or more counts as sure."""
    sure = {reader: [one for one in cells if one.read[reader][1] >= threshold] for reader in READERS}
    return QualityProof(
        quality,
        reports,
        len(cells),
        {reader: sum(one.right(reader) for one in cells) for reader in READERS},
        {reader: len(sure[reader]) for reader in READERS},
        {reader: sum(not one.right(reader) for one in sure[reader]) for reader in READERS},
    )


def as_data(cases: Iterable[CaseProof], qualities: Iterable[QualityProof]) -> dict[str, Any]:
    """Everything as plain data."""
    return {
        "placing": [
            {
                "case": one.case,
                "source": one.source,
                "reports": one.reports,
                "ways": {
                    way: {"fields": found.fields, "right": found.right, "wrong": found.wrong}
                    for way, found in one.ways.items()
                },
            }
            for one in cases
        ],
        "reading": [
            {
                "quality": one.quality,
                "reports": one.reports,
                "cells": one.cells,
                "right": dict(one.right),
                "sure": dict(one.sure),
                "sure_and_wrong": dict(one.sure_and_wrong),
            }
            for one in qualities
        ],
    }


def markdown(cases: Sequence[CaseProof], qualities: Sequence[QualityProof], threshold: float) -> str:
    """The tables, with what their columns mean."""
    parts = ["# What learning is worth\n"]
    for source, words in (
        ("simulated", "Cells to fields, on drawn pages read without OCR"),
        ("scan", "Cells to fields, on clean scans read by OCR"),
    ):
        rows = [_case_row(one) for one in cases if one.source == source]
        if rows:
            parts.append(f"## {words}\n")
            head = ["case", "reports", *(MEANINGS[way] for way in WAYS), "best"]
            parts.append(_table(head, rows))
            parts.append(
                "Percent of the fields right; in brackets, percent that got a number which is not theirs "
                "(what remains was not found, and goes to a person).\n"
            )
    if qualities:
        parts.append("## Numbers read, on held-out scans\n")
        head = ["quality", "reports", "cells", *READERS, *(f"{reader}: sure and wrong" for reader in READERS)]
        parts.append(_table(head, [_quality_row(one) for one in qualities]))
        parts.append(f"Percent of the cells right, empty ones among them. Sure: with a probability of {threshold:g}.\n")
    return "\n".join(parts)


def _case_row(one: CaseProof) -> list[str]:
    shares = [
        f"{100 * found.right / found.fields:.2f} ({100 * found.wrong / found.fields:.2f})" if found else "-"
        for found in (one.ways.get(way) for way in WAYS)
    ]
    return [f"{one.case}: {one.meaning}", str(one.reports), *shares, _best(one)]


def _best(one: CaseProof) -> str:
    """The simplest way that is as good as any."""
    most = max(found.right for found in one.ways.values())
    return next(MEANINGS[way] for way in WAYS if way in one.ways and one.ways[way].right == most)


def _quality_row(one: QualityProof) -> list[str]:
    shares = [f"{100 * one.right[reader] / max(one.cells, 1):.3f}" for reader in READERS]
    silent = [f"{one.sure_and_wrong[reader]} of {one.sure[reader]}" for reader in READERS]
    return [one.quality, str(one.reports), str(one.cells), *shares, *silent]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
