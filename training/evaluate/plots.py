"""Plots of an evaluation, as SVG."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evaluate.outcome import FieldOutcome
from training.evaluate.reliability import bins

_LEAST_ERROR = 3e-5
"""Left and lower end of the plot of errors."""


def reliability_plot(groups: Mapping[str, Sequence[FieldOutcome]]) -> str:
    """The reliability diagram of each group of readings: what they claim against what is right.

    On the left as usual; on the right the errors, both axes logarithmic, for nearly all readings claim more than 99 %.
    A bin without any error stands at the lower end, as a triangle. Returns an SVG element.
    """
    figure = Figure(figsize=(10, 4.2), layout="constrained")
    plain, errors = figure.subplots(1, 2)
    for name, fields in groups.items():
        _draw_shares(plain, name, fields)
        _draw_errors(errors, name, fields)
    plain.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--")
    plain.set(xlabel="mean confidence", ylabel="share right", xlim=(0, 1.01), ylim=(0, 1.01))
    errors.plot([_LEAST_ERROR, 1], [_LEAST_ERROR, 1], color="grey", linewidth=0.8, linestyle="--")
    errors.set(xscale="log", yscale="log", xlabel="error claimed (1 - confidence)", ylabel="error found")
    errors.set(xlim=(_LEAST_ERROR, 1), ylim=(_LEAST_ERROR * 0.7, 1))
    for axes in (plain, errors):
        axes.grid(visible=True, linewidth=0.3)
        axes.legend(fontsize=8)
    return svg(figure)


def svg(figure: Figure) -> str:
    """A figure as an SVG element, without the XML declaration, to stand in a page."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    whole = text.getvalue()
    return whole[whole.index("<svg") :]


def _draw_shares(axes: Axes, name: str, fields: Sequence[FieldOutcome]) -> None:
    found = bins(fields)
    axes.plot([one.confidence for one in found], [one.share for one in found], marker="o", markersize=4, label=name)


def _draw_errors(axes: Axes, name: str, fields: Sequence[FieldOutcome]) -> None:
    found = bins(fields)
    claimed = [max(1 - one.confidence, _LEAST_ERROR) for one in found]
    made = [max(1 - one.share, _LEAST_ERROR) for one in found]
    (line,) = axes.plot(claimed, made, marker="o", markersize=4, label=name)
    none = [(x, y) for x, y, one in zip(claimed, made, found, strict=True) if one.right == one.count]
    axes.plot([x for x, _ in none], [y for _, y in none], "v", color=line.get_color(), markersize=7)
