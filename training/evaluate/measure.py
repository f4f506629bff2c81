"""Many inputs read, in one process or several; outcomes are kept as they come, so that a stopped run goes on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import cache, partial
from pathlib import Path
from typing import IO, Any

from service.errors import BadRequest
from service.files import write_whole
from training.evaluate.judging import Extract, Sample, judge
from training.evaluate.outcome import Outcome, load_conditions, load_outcomes, write_outcome
from training.evaluate.spread import progress, spread, threads_here


def measure(
    samples: Sequence[Sample],
    *,
    extract: Extract | None = None,
    jobs: int = 1,
    save: Path | None = None,
    conditions: Mapping[str, Any] | None = None,
) -> list[Outcome]:
    """Judge every sample; progress goes to standard error where that is a terminal.

    Args:
        samples: what to read; names are unique.
        extract: how to read; None for the pipeline with the served models.
        jobs: processes. One reads here, with two threads; of several each has one thread.
        save: file of outcomes (see `load_outcomes`), to which each is appended as soon as it is there. Samples that
            the file has already are not read again.
        conditions: what the outcomes depend on, besides the samples; kept in the file.

    Returns:
        One outcome a sample, in the order of the samples.

    Raises:
        BadRequest: the file's outcomes were measured under other conditions.
    """
    names = {sample.name for sample in samples}
    made = {name: one for name, one in _resumed(save, conditions or {}).items() if name in names}
    left = [sample for sample in samples if sample.name not in made]
    wrong = 0
    with _kept(save) as file, progress("reading", len(samples), len(made)) as advance:
        for outcome in spread(partial(_judge, extract=extract), left, jobs):
            made[outcome.name] = outcome
            if file:
                file.write(write_outcome(outcome) + "\n")
                file.flush()
            wrong += len(outcome.wrong)
            advance(f"{wrong} fields wrong")
    return [made[sample.name] for sample in samples]


def _judge(sample: Sample, extract: Extract | None) -> Outcome:
    return judge(sample, extract or _pipeline())


@cache
def _pipeline() -> Extract:
    """The pipeline of this process; its models are loaded when the first scanned page comes."""
    # Imported here: what only evaluates outcomes must not wait for the model libraries.
    from models.readers import load_readers
    from service.extract import extract

    return partial(extract, readers=cache(partial(load_readers, threads_here())))


def _resumed(save: Path | None, conditions: Mapping[str, Any]) -> dict[str, Outcome]:
    """The outcomes that a file has; a new file gets its line of conditions."""
    if save is None:
        return {}
    if not save.exists() or not save.stat().st_size:
        save.parent.mkdir(parents=True, exist_ok=True)
        write_whole(save, json.dumps({"measured": dict(conditions)}, ensure_ascii=False) + "\n")
        return {}
    if load_conditions(save) != json.loads(json.dumps(dict(conditions))):
        raise BadRequest(f"{save} was measured with other models; name another file or delete it")
    outcomes = load_outcomes(save)
    _cut_half_line(save)
    return {one.name: one for one in outcomes}


def _cut_half_line(path: Path) -> None:
    """Cut off what a kill left of the last line, so that the next one starts on a line of its own."""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if whole != content:
        write_whole(path, whole)


def _kept(save: Path | None) -> IO[str] | nullcontext[None]:
    return save.open("a", encoding="utf-8") if save else nullcontext()
