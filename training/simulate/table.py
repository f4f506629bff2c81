"""The figures of a simulation as a table to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from training.simulate.records import Measured
from training.simulate.tally import FEW, Cells, Tally
from training.synthesize.effects import Quality

_QUALITIES: Mapping[str, Quality] = {"clean, office, phone": "clean", "worn copies": "copy"}
_CELLS = ("planted", "% named", "found", "right", "wrong", "to a person", "shown", "first", "silent", "% right")
_REPORTS = (
    "reports", *_CELLS, "wholly right", "reconciled", "though wrong", "wrong repairs", "of signs", "in 10,000", "ms",
    "99 %", "most",
)  # fmt: skip


def lines(tally: Tally, measured: Measured) -> Iterator[str]:
    """The figures, line by line."""
    yield from _measured(measured)
    balanced = {name: one for name, one in tally.scenarios.items() if not name.startswith("unbalanced")}
    yield ""
    yield from _aligned(
        ("misread", *_REPORTS),
        [
            (
                name,
                one.reports,
                *_row(one.cells),
                one.wholly_right,
                one.reconciled,
                one.reconciled_though_wrong,
                one.wrong_repairs,
                one.signs,
                f"{one.wrong_share * 1e4:.2f}",
                *(f"{time:.1f}" for time in one.milliseconds),
            )
            for name, one in balanced.items()
        ],
    )
    yield from _parts("cells that identities see, by kind", tally.kinds)
    yield from _parts("by what speaks for the truth", tally.supports)
    yield from _parts(f"{FEW[0]} to {FEW[-1]}, by quality", tally.qualities)
    yield from _parts("cells that no identity sees", {"all": tally.unseen})
    yield ""
    yield from _aligned(
        ("source", "reports", "bent", "kept", "misread, repaired", "reconciled", "verdicts"),
        [
            (
                name,
                one.reports,
                one.bent,
                one.reports - one.bent,
                one.cells.right,
                one.reconciled,
                ", ".join(f"{verdict} {count}" for verdict, count in one.verdicts.items()),
            )
            for name, one in tally.scenarios.items()
            if name not in balanced
        ],
    )


def _measured(measured: Measured) -> Iterator[str]:
    """What the planted misreadings are taken from."""
    for words, quality in _QUALITIES.items():
        seen = measured.misreadings(quality)
        total, named = (sum(one.weight for one in many) for many in (seen, [one for one in seen if one.named]))
        yield (
            f"{words}: {total:.0f} misreadings that identities see were measured, "
            f"{named:.0f} of them with the truth among the alternatives"
        )


def _parts(title: str, parts: Mapping[str, Cells]) -> Iterator[str]:
    yield ""
    yield from _aligned((title, *_CELLS), [(name, *_row(one)) for name, one in parts.items() if one.planted])


def _row(cells: Cells) -> tuple[int | str, ...]:
    return (
        cells.planted, f"{100 * cells.share_named:.1f}", cells.found, cells.right, cells.wrong, cells.left,
        cells.shown, cells.first, cells.silent, f"{100 * cells.share_right:.2f}",
    )  # fmt: skip


def _aligned(head: Sequence[str], rows: Sequence[Sequence[int | str]]) -> Iterator[str]:
    """A table with its first column to the left and the others to the right."""
    texts = [list(head), *([str(one) for one in row] for row in rows)]
    widths = [max(len(row[column]) for row in texts) for column in range(len(head))]
    for row in texts:
        yield "  ".join(
            text.rjust(width) if column else text.ljust(width)
            for column, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
