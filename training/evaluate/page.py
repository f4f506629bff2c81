"""The evaluation as one HTML page that needs nothing beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from training.evaluate import mistakes as kinds
from training.evaluate import reliability
from training.evaluate.judging import Sample
from training.evaluate.outcome import FieldOutcome, Outcome
from training.evaluate.pictures import worst_pages
from training.evaluate.plots import reliability_plot
from training.evaluate.scores import ALL, Score, field_of, grouped, scores, table_of, tallies

_TEMPLATE = "page.html.j2"
_MOST_PAGES = 12
_MOST_FIELDS = 40
_MOST_LINES = 300
_STATES = ("read", "repaired", "blank", "marked", "missing")
_THRESHOLDS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)


def write_page(
    path: Path,
    outcomes: Sequence[Outcome],
    samples: Sequence[Sample] = (),
    *,
    conditions: Mapping[str, Any],
    title: str = "Evaluation",
) -> None:
    """Write the page.

    Args:
        path: the HTML file.
        outcomes: what was measured.
        samples: their inputs, from which the worst pages are drawn; an outcome without its sample has no picture.
        conditions: what the outcomes were measured with, printed as it is.
        title: the page's heading.
    """
    read = reliability.readings(outcomes)
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    content = environment.get_template(_TEMPLATE).render(
        title=title,
        conditions=conditions,
        **_figures(outcomes),
        risks=[*reliability.risks(read, _THRESHOLDS), reliability.served_risk(read)],
        pages=list(worst_pages(outcomes, {one.name: one for one in samples}, _MOST_PAGES)),
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def _figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    found = list(kinds.mistakes(outcomes))
    by_field = sorted(tallies(outcomes, field_of), key=lambda one: one.right)
    return {
        "groups": _groups(outcomes),
        "tables": tallies(outcomes, table_of),
        "worst_fields": [one for one in by_field if one.wrong][:_MOST_FIELDS],
        "faultless_fields": sum(not one.wrong for one in by_field),
        "kinds": kinds.KINDS,
        "kind_counts": _kind_counts(found),
        "qualities": [score.group for score in scores(outcomes)],
        "field_confusions": kinds.field_confusions(found).most_common(_MOST_FIELDS),
        "digit_confusions": kinds.digit_confusions(found).most_common(_MOST_FIELDS),
        "states": _STATES,
        "state_counts": kinds.state_matrix(outcomes),
        "silent": [(outcome, one) for outcome in outcomes for one in outcome.silent_fields],
        "wrong": [one for one in found if one.kind != "failed"][:_MOST_LINES],
        "failed": [one for one in outcomes if one.error is not None or one.unread],
        "verdicts": [one for one in outcomes if one.silent or one.missed_violation],
        "calibration": _calibration(outcomes),
        "plot": reliability_plot({name: read for name, read, _ in _calibration(outcomes) if read}),
    }


def _groups(outcomes: Sequence[Outcome]) -> list[tuple[str, list[Score]]]:
    """Each way of grouping that tells something: by more than one group."""
    ways = [
        ("quality", scores(outcomes)),
        ("format", grouped(outcomes, lambda one: one.format)),
        ("case", grouped(outcomes, lambda one: one.case)),
    ]
    return [(name, parts) for name, parts in ways if name == "quality" or len(parts) > 1]


def _kind_counts(found: Sequence[kinds.Mistake]) -> Counter[tuple[str, str]]:
    """How many mistakes there are by kind and quality."""
    counts = Counter((str(one.kind), one.outcome.quality) for one in found)
    counts.update((one.kind, ALL) for one in found)
    return counts


def _calibration(outcomes: Sequence[Outcome]) -> list[tuple[str, list[FieldOutcome], float]]:
    """Readings of each quality and of all, with their expected calibration error."""
    parts = ((score.group, reliability.readings(score.outcomes)) for score in scores(outcomes))
    return [(name, read, reliability.calibration_error(read)) for name, read in parts]
