"""One input read and held against its truth."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from service.errors import GoujiError, InvalidDataset
from service.results import Extraction, Reading
from training.evaluate.outcome import PLAIN, FieldOutcome, Outcome, Wanted, number_of, same_value

_UNREADABLE = "page-unreadable"
_DOUBTFUL = ("doubtful-reading", "suspect-blank")
"""Codes of issues: of pages, and of fields that a person should look at."""

Extract = Callable[[str, bytes], Extraction]


class Sample(Protocol):
    """An input with its truth; small, for it travels to the process that reads it."""

    @property
    def name(self) -> str:
        """Its name, unique in the evaluation, with the suffix of its format."""

    @property
    def quality(self) -> str:
        """Scan quality, or `plain`."""

    def load(self) -> tuple[bytes, Mapping[str, Any]]:
        """The file's content, and the truth as `DrawnReport.truth()` has it.

        The truth may hold `printed` (field id -> the text in the cell) and `case` besides.
        """


@dataclass(frozen=True, slots=True)
class FileSample:
    """An input beside its truth file."""

    path: Path
    truth: Path
    quality: str = PLAIN

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def load(self) -> tuple[bytes, Mapping[str, Any]]:
        """Read both files; raises InvalidDataset when one cannot be read or the truth is none."""
        try:
            data, truth = self.path.read_bytes(), json.loads(self.truth.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InvalidDataset(f"{self.path.name} or its truth {self.truth.name} cannot be read.") from error
        if not isinstance(truth, dict) or not {"template", "values", "violated"} <= truth.keys():
            raise InvalidDataset(f"{self.truth.name} is no truth of a report: it needs template, values and violated.")
        return data, truth


def find_samples(folder: Path) -> list[FileSample]:
    """List the inputs of a folder by name.

    An input is called NAME.EXT or NAME.QUALITY.EXT and has its truth in NAME.truth.json, or in its own whole name with
    `.truth.json` behind it.

    Raises:
        InvalidDataset: there is none, of which every share would be right.
    """
    found = []
    for path in sorted(folder.glob("*")):
        base, *middle = path.name.split(".")[:-1] or [path.name]
        truths = (folder / f"{name}.truth.json" for name in (path.name, base))
        truth = next((one for one in truths if one.is_file()), None)
        if truth and path.suffix != ".json" and path.is_file():
            found.append(FileSample(path, truth, middle[0] if middle else PLAIN))
    if not found:
        raise InvalidDataset(f"{folder} holds no report with its truth (NAME.EXT with NAME.truth.json).")
    return found


def judge(sample: Sample, extract: Extract) -> Outcome:
    """Extract one input and hold it against its truth; an error of gouji's own makes every field wrong."""
    data, truth = sample.load()
    start = time.perf_counter()
    try:
        result, error = extract(sample.name, data), None
    except GoujiError as failure:
        result, error = None, str(failure) or failure.code
    seconds = time.perf_counter() - start
    printed: Mapping[str, str] = truth.get("printed", {})
    issues = result.issues if result else ()
    doubtful = {field for issue in issues if issue.code in _DOUBTFUL for field in issue.fields}
    return Outcome(
        name=sample.name,
        quality=sample.quality,
        format=Path(sample.name).suffix.removeprefix(".").lower(),
        case=str(truth.get("case", PLAIN)),
        fields=tuple(
            _judge_field(name, want, printed.get(name), result, doubted=name in doubtful)
            for name, want in truth["values"].items()
        ),
        reconciled=result is not None and result.status == "reconciled",
        violated=bool(truth["violated"]),
        template_right=result is not None and str(truth["template"]) in result.template.id,
        seconds=seconds,
        error=error,
        unread=tuple(issue.message for issue in issues if issue.code == _UNREADABLE),
    )


_MISSING = Reading(value=None, text=None, state="missing", confidence=0)


def _judge_field(
    field: str, want: object, printed: str | None, result: Extraction | None, *, doubted: bool
) -> FieldOutcome:
    read = result.fields.get(field, _MISSING) if result else _MISSING
    right = result is not None and same_value(read.value, want)
    before = same_value(read.alternatives[0].value, want) if read.state == "repaired" and read.alternatives else None
    return FieldOutcome(
        field=field,
        want=want,
        got=read.value,
        right=right,
        wanted=_wanted(want, printed),
        state=read.state,
        confidence=read.confidence,
        text=read.text,
        page=read.page,
        bbox=read.bbox,
        among=not right and any(same_value(other.value, want) for other in read.alternatives),
        sure=read.state != "missing" and not doubted,
        before=before,
    )


def _wanted(want: object, printed: str | None) -> Wanted:
    if number_of(want) is not None:
        return "number"
    if printed is None:
        return "nothing"
    return "marked" if printed.strip() else "blank"
