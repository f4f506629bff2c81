"""Learn a new labelled set: `python -m training.variant --out DIR`.

An agency prints the tables with labels of its own and a column that the form has not. Measured: how many fields are
right with the released classifier, and after fine-tuning it on 5, 20 and 50 labelled reports of the agency; and on
reports of the old forms, which must not be forgotten. Writes DIR/variant.md and DIR/variant.json. Exit status 1 when
the old forms were forgotten.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from models.registry import served
from service.errors import GoujiError, MissingModel
from training.cells.fit import FitConfig
from training.variant.learning import Plan, forgotten, learn, table_lines


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the measurement from the command line; the exit status."""
    options = _parser().parse_args(arguments)
    plan = Plan(options.labelled, options.test, options.old, options.jobs)
    config = FitConfig(
        steps=options.steps,
        rate=options.rate,
        warmup=max(1, options.steps // 10),
        drawn=options.replay,
        drawn_seed=500_000,
        held_out=64,
        threads=options.threads,
        workers=options.jobs,
    )
    try:
        start = options.start or _released()
        steps = list(learn(start, options.out, plan, config, _tell))
    except GoujiError as error:
        _tell(str(error))
        return error.exit_status
    lost = forgotten(steps)
    lines = ["# Learning a new labelled set\n", *table_lines(steps), "", *(f"FORGOTTEN: {line}" for line in lost)]
    (options.out / "variant.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data = {"start": str(start.name), "config": asdict(config), "steps": [asdict(step) for step in steps]}
    (options.out / "variant.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if lost else 0


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _released() -> Path:
    found = served("cells")
    if found is None:
        raise MissingModel("There is no token classifier to start from: none is served.")
    return found.folder


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(",")))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training.variant", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the labelled reports, the runs, the result")
    parser.add_argument("--start", type=Path, help="weights folder to start from; default: the served classifier")
    parser.add_argument("--labelled", type=_numbers, default=(5, 20, 50), help="how many labelled reports, by commas")
    parser.add_argument("--test", type=int, default=20, help="reports of the variant to measure on")
    parser.add_argument("--old", type=int, default=42, help="reports of the old forms to measure on")
    parser.add_argument("--steps", type=int, default=200, help="of each fine-tuning")
    parser.add_argument("--rate", type=float, default=4e-4, help="highest learning rate")
    parser.add_argument("--replay", type=int, default=192, help="drawn reports of the old forms to learn along")
    parser.add_argument("--threads", type=int, default=2, help="of the training")
    parser.add_argument("--jobs", type=int, default=1, help="processes that draw and read")
    return parser


if __name__ == "__main__":
    sys.exit(main())
