"""Measure the pipeline against truth files: `python -m training.evaluate DIR [--quality clean,office]`.

DIR holds NAME.truth.json and inputs NAME.EXT or NAME.QUALITY.EXT, as `python -m training.synthesize` writes them.
Exit status 1 when a report is called reconciled and must not be, or fewer fields are right than `--least` asks for.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from service.errors import GoujiError
from service.results import Extraction

Extract = Callable[[str, bytes], Extraction]

PLAIN = "plain"
"""Quality of an input whose name has none."""


@dataclass(frozen=True, slots=True)
class WrongField:
    """A field that was read wrongly, or not at all."""

    field: str
    got: object
    want: object


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one input."""

    name: str
    quality: str
    fields: int
    wrong: tuple[WrongField, ...]
    reconciled: bool
    violated: bool
    """The printed numbers break an identity, so that the report must not be called reconciled."""
    template_right: bool
    seconds: float
    error: str | None = None
    """Why nothing was extracted; every field then counts as wrong."""

    @property
    def exact(self) -> bool:
        """Every field is right."""
        return self.error is None and not self.wrong

    @property
    def silent(self) -> bool:
        """Called reconciled with a wrong field: the worst failure."""
        return self.reconciled and bool(self.wrong)

    @property
    def missed_violation(self) -> bool:
        """Called reconciled although the printed numbers break an identity."""
        return self.reconciled and self.violated

    @property
    def false_alarm(self) -> bool:
        """Sent to review although every field is right and the numbers balance."""
        return self.exact and not self.violated and not self.reconciled


@dataclass(frozen=True, slots=True)
class Score:
    """Outcomes of one quality, counted."""

    quality: str
    outcomes: tuple[Outcome, ...]

    @property
    def fields_right(self) -> float:
        """Share of the fields that are right, 0 to 1; 1 when there are none."""
        fields = sum(one.fields for one in self.outcomes)
        return 1 - sum(len(one.wrong) for one in self.outcomes) / fields if fields else 1.0

    def count(self, name: str) -> int:
        """How many outcomes have the property `name`."""
        return sum(bool(getattr(one, name)) for one in self.outcomes)

    @property
    def seconds(self) -> float:
        """Mean time an input took."""
        return sum(one.seconds for one in self.outcomes) / max(len(self.outcomes), 1)


def same_value(got: object, want: object) -> bool:
    """Whether a value is the true one; `{"any": [...]}` allows several, a text such as `2笔` counts by its number."""
    if isinstance(want, Mapping):
        return any(same_value(got, one) for one in want["any"])
    wanted = _number(want)
    if wanted is None or got is None:
        return wanted is None and got is None
    return isinstance(got, int | float) and abs(got - wanted) < 1e-9


def _number(value: object) -> float | None:
    if isinstance(value, str):
        digits = "".join(one if one.isascii() and (one.isdigit() or one in ".-") else " " for one in value).split()
        return float(digits[0]) if digits and any(map(str.isdigit, digits[0])) else None
    return float(value) if isinstance(value, int | float) else None


def inputs(folder: Path, qualities: Iterable[str] | None = None) -> list[tuple[Path, Path, str]]:
    """List the inputs of a folder as (input, truth, quality), of the given qualities or all, by name."""
    wanted = None if qualities is None else set(qualities)
    found = []
    for path in sorted(folder.iterdir()):
        base, *middle = path.name.split(".")[:-1] or [path.name]
        truth = folder / f"{base}.truth.json"
        quality = middle[0] if middle else PLAIN
        if path.suffix != ".json" and path.is_file() and truth.is_file() and (wanted is None or quality in wanted):
            found.append((path, truth, quality))
    return found


def judge(path: Path, truth: Mapping[str, Any], quality: str, extract: Extract) -> Outcome:
    """Extract one input and hold it against its truth; an error of gouji's own makes every field wrong."""
    values: Mapping[str, object] = truth["values"]
    start = time.perf_counter()
    try:
        result = extract(path.name, path.read_bytes())
    except GoujiError as error:
        lost = tuple(WrongField(name, None, want) for name, want in values.items())
        took = time.perf_counter() - start
        return Outcome(path.name, quality, len(values), lost, False, bool(truth["violated"]), False, took, str(error))
    took = time.perf_counter() - start
    read = {name: result.fields[name].value if name in result.fields else None for name in values}
    wrong = tuple(
        WrongField(name, read[name], want) for name, want in values.items() if not same_value(read[name], want)
    )
    return Outcome(
        path.name,
        quality,
        len(values),
        wrong,
        result.status == "reconciled",
        bool(truth["violated"]),
        str(truth["template"]) in result.template.id,
        took,
    )


def evaluate(folder: Path, extract: Extract, qualities: Iterable[str] | None = None) -> list[Outcome]:
    """Judge every input of a folder, one after the other."""
    return [
        judge(path, json.loads(truth.read_text(encoding="utf-8")), quality, extract)
        for path, truth, quality in inputs(folder, qualities)
    ]


def scores(outcomes: Sequence[Outcome]) -> list[Score]:
    """Score each quality, in order of appearance, and all together."""
    names = dict.fromkeys(one.quality for one in outcomes)
    parts = [Score(name, tuple(one for one in outcomes if one.quality == name)) for name in names]
    return [*parts, Score("all", tuple(outcomes))]


def report_lines(outcomes: Sequence[Outcome], show: int) -> list[str]:
    """Write the table of scores and the first `show` wrong fields, as lines of text."""
    lines = ["quality   docs  fields%  exact  reconciled  silent  missed  alarms  failed  template  s/doc"]
    lines += [
        f"{score.quality:8} {len(score.outcomes):5d} {100 * score.fields_right:8.3f} {score.count('exact'):6d}"
        f" {score.count('reconciled'):11d} {score.count('silent'):7d} {score.count('missed_violation'):7d}"
        f" {score.count('false_alarm'):7d} {score.count('error'):7d}"
        f" {score.count('template_right'):9d} {score.seconds:6.2f}"
        for score in scores(outcomes)
    ]
    for one in outcomes:
        verdicts = [name for name in ("silent", "missed_violation", "false_alarm") if getattr(one, name)]
        if one.error or verdicts:
            lines.append(f"{one.name}\t{one.error or ', '.join(verdicts)}")
    mistakes = [(one.name, mistake) for one in outcomes if one.error is None for mistake in one.wrong]
    lines += [f"{name}\t{wrong.field}\tgot {wrong.got}\twant {wrong.want}" for name, wrong in mistakes[:show]]
    return lines


def failures(outcomes: Sequence[Outcome], least: Mapping[str, float]) -> list[str]:
    """What must not be, a line each: wrongly reconciled reports, qualities of which fewer percent are right."""
    lines = [f"{one.name} is reconciled and must not be" for one in outcomes if one.silent or one.missed_violation]
    for score in scores(outcomes):
        wanted = least.get(score.quality, 0.0)
        if 100 * score.fields_right < wanted:
            lines.append(f"{score.quality}: {100 * score.fields_right:.3f} % of the fields are right, not {wanted:g} %")
    absent = least.keys() - {score.quality for score in scores(outcomes)}
    return lines + [f"{quality}: nothing was measured" for quality in sorted(absent)]


def _least(text: str) -> dict[str, float]:
    return {quality: float(share) for quality, _, share in (part.partition("=") for part in text.split(","))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the evaluation from the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--quality", type=lambda text: text.split(","), default=None, help="comma-separated; default all"
    )
    parser.add_argument("--show", type=int, default=200, help="how many wrong fields to list")
    parser.add_argument(
        "--least", type=_least, default={}, help="percent of fields to be right, as clean=99.5,copy=95; default none"
    )
    options = parser.parse_args(arguments)
    # Imported here: the help text must not wait for the model libraries.
    from models.readers import load_readers
    from service.extract import extract

    outcomes = evaluate(options.folder, partial(extract, readers=cache(load_readers)), options.quality)
    failed = failures(outcomes, options.least)
    sys.stdout.write("\n".join([*report_lines(outcomes, options.show), *(f"FAILED {line}" for line in failed)]) + "\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
