"""Fine-tuning on a few labelled reports of the variant, and what it does to the variant and to the old forms."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from models.cells import CellClassifier
from service.documents import open_document
from service.documents.model import Block
from service.forms.decode import Decoding
from service.tables import build_blocks
from training.cells.fit import FitConfig, fit
from training.datasets.manifest import Drawn, add_entries, add_report
from training.evaluate.scores import Tally
from training.evaluate.spread import spread
from training.proof.cases import PROOF_CASES
from training.proof.decoding import Placed, prove_blocks
from training.synthesize.report import DrawnReport
from training.variant.agency import load_agency, variant_file

OLD_CASES = ("plain", "garbled-labels", "no-headings", "page-break", "no-rules", "all-at-once", "flattened")
"""The cases of the old forms, by turns."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """Where the classifier stands after so many labelled reports; shares are of the fields that are right."""

    labelled: int
    """0: as released."""
    variant: Mapping[Decoding, Placed]
    old: Mapping[Decoding, Placed]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured."""

    labelled: tuple[int, ...] = (5, 20, 50)
    """So many labelled reports of the variant; each more holds those before."""
    test: int = 20
    """Other reports of the variant, on which the result is measured."""
    old: int = 42
    """Reports of the old forms."""
    jobs: int = 1
    """Processes that read."""


def learn(start: Path, out: Path, plan: Plan, config: FitConfig, tell: Tell = lambda _: None) -> Iterator[Step]:
    """Measure the released classifier, then fine-tune it on more and more labelled reports, each time from the release.

    Args:
        start: weights folder of the released classifier.
        out: folder for the labelled reports and the runs; what is there of an earlier, stopped call is used again.
        plan: what is measured.
        config: how each fine-tuning goes; its drawn examples are what is replayed.
        tell: called with a line of progress.
    """
    tell("measuring the released classifier")
    yield _measured(0, start, plan)
    for count in plan.labelled:
        data, run = out / f"labelled-{count}", out / f"run-{count}"
        label_reports(data, count)
        _share_drawn(out / "replay", run)
        tell(f"fine-tuning on {count} labelled reports")
        model = fit(data, run, config=config, start=start, resume=True, progress=partial(_say, tell, count))
        _share_drawn(run, out / "replay")
        yield _measured(count, model, plan)


def label_reports(folder: Path, count: int) -> None:
    """A dataset of the variant's first `count` reports, with texts and places as a person would label them."""
    agency = load_agency()
    entries = []
    for seed in range(count):
        drawn = variant_file(seed, "train", agency)
        command = f"python -m training.variant (report {seed})"
        source = Drawn(command=command, seed=seed, split="train", case="variant")
        entries.append(add_report(folder, f"variant{seed:04d}.pdf", drawn.data, drawn.truth, source, "plain"))
    add_entries(folder, entries)


def table_lines(steps: Sequence[Step]) -> list[str]:
    """The steps as a table in Markdown: share of the fields right, and of those that got another field's number."""
    head = "| labelled reports | variant | variant, cell by cell | old forms | old forms, cell by cell |"
    lines = [head, "| --- | --- | --- | --- | --- |"]
    for step in steps:
        parts = [_share(step.variant, "both"), _share(step.variant, "greedy")]
        parts += [_share(step.old, "both"), _share(step.old, "greedy")]
        name = f"{step.labelled}" if step.labelled else "none (as released)"
        lines.append(f"| {name} | {' | '.join(parts)} |")
    return lines


def forgotten(steps: Sequence[Step]) -> list[str]:
    """After which steps fewer fields of the old forms are right than before, by more than chance; a line each.

    By chance: within the 95 % interval (Wilson 1927) of the release's share.
    """
    before = steps[0].old["both"]
    least = Tally("old", before.fields, before.fields - before.right, 0).least
    return [
        f"after {step.labelled} labelled reports {100 * step.old['both'].right / step.old['both'].fields:.2f} % of "
        f"the old forms' fields are right, before {100 * before.right / before.fields:.2f} %"
        for step in steps[1:]
        if step.old["both"].right / step.old["both"].fields < least
    ]


def _measured(labelled: int, model: Path, plan: Plan) -> Step:
    items: list[tuple[str, int]] = [("variant", seed) for seed in range(plan.test)]
    items += [(OLD_CASES[number % len(OLD_CASES)], number // len(OLD_CASES)) for number in range(plan.old)]
    found: dict[bool, list[Mapping[Decoding, Placed]]] = {True: [], False: []}
    for is_variant, placed in spread(partial(_place, model=model), items, plan.jobs):
        found[is_variant].append(placed)
    return Step(labelled, _summed(found[True]), _summed(found[False]))


def _place(item: tuple[str, int], *, model: Path) -> tuple[bool, Mapping[Decoding, Placed]]:
    name, seed = item
    is_variant = name not in PROOF_CASES
    report, blocks = _variant_blocks(seed) if is_variant else PROOF_CASES[name].blocks(seed)
    return is_variant, prove_blocks(report, blocks, CellClassifier(model))


def _variant_blocks(seed: int) -> tuple[DrawnReport, Sequence[Block]]:
    drawn = variant_file(seed, "held-out", load_agency())
    return drawn.report, build_blocks(open_document("variant.pdf", drawn.data).pages)


def _summed(reports: Iterable[Mapping[Decoding, Placed]]) -> dict[Decoding, Placed]:
    sums: dict[Decoding, Placed] = {}
    for report in reports:
        for way, one in report.items():
            now = sums.get(way, Placed(0, 0, 0))
            sums[way] = Placed(now.fields + one.fields, now.right + one.right, now.wrong + one.wrong)
    return sums


def _share(ways: Mapping[Decoding, Placed], way: Decoding) -> str:
    one = ways[way]
    return f"{100 * one.right / one.fields:.2f} ({100 * one.wrong / one.fields:.2f})"


def _share_drawn(source: Path, target: Path) -> None:
    """The drawn examples of one run serve the next as well: the same seeds make the same examples."""
    for part in ("drawn", "held-out"):
        if (source / part).is_dir() and not (target / part).exists():
            shutil.copytree(source / part, target / part)


def _say(tell: Tell, count: int, now: Mapping[str, float]) -> None:
    if "loss" in now and now["step"] % 100 == 0:
        tell(f"{count} labelled reports: step {now['step']:.0f} of {now['steps']:.0f}, loss {now['loss']:.4f}")
