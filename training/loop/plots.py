"""The losses of a run as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

_CURVES = ("loss", "right", "accuracy", "error")
"""What the names of figures begin with, or have behind a point, that are drawn; each kind in a panel of its own."""


def plot_losses(rows: Sequence[Mapping[str, float]], path: Path, title: str) -> None:
    """Draw the figures of a run's log over its steps, a panel for each kind; nothing where the log is empty.

    Args:
        rows: reports of progress, each with `step`.
        path: the PNG file.
        title: above the picture.
    """
    panels = _panels(rows)
    if not panels:
        return
    # Imported here: only this picture needs it, and it takes a second.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.2 * len(panels)), layout="constrained")
    figure.suptitle(title)
    axes = figure.subplots(len(panels), squeeze=False)[:, 0]
    for axis, (kind, names) in zip(axes, panels.items(), strict=True):
        for name in names:
            points = [(row["step"], row[name]) for row in rows if name in row]
            axis.plot([step for step, _ in points], [value for _, value in points], label=name)
        axis.set_ylabel(kind)
        if kind == "loss" and all(row[name] > 0 for name in names for row in rows if name in row):
            axis.set_yscale("log")
        axis.grid(alpha=0.3)
        axis.legend()
    axes[-1].set_xlabel("step")
    figure.savefig(path, dpi=110)


def _panels(rows: Sequence[Mapping[str, float]]) -> dict[str, list[str]]:
    names = dict.fromkeys(name for row in rows for name in row)
    found = {kind: [name for name in names if kind in name.replace(".", "_").split("_")] for kind in _CURVES}
    return {kind: of_kind for kind, of_kind in found.items() if of_kind}
