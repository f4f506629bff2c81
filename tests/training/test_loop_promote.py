"""A better or equal model is served and the old one kept; a worse one changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from models.registry import read_registry, served
from service.errors import BadRequest, MissingModel, NotPromoted
from training.evaluate import FieldOutcome, Outcome
from training.loop.promote import Comparison, at_least, compare, promote
from training.loop.runs import start_run
from training.loop.weights import copy_served, install, roll_back

FIELDS = 100


def outcome(name: str, quality: str, wrong: int, *, silent: bool = False, case: str = "plain") -> Outcome:
    fields = tuple(
        FieldOutcome(f"f{n}", 1, 1 if n >= wrong else 2, n >= wrong, "number", "read", 0.9) for n in range(FIELDS)
    )
    return Outcome(name, quality, "pdf", case, fields, silent, False, True, 1.0)


def reading(clean: int = 0, copy: int = 0, hard: int = 0, *, silent: bool = False) -> list[Outcome]:
    """Three reports, each with so many wrong fields."""
    return [
        outcome("a", "clean", clean),
        outcome("b", "copy", copy, silent=silent),
        outcome("c", "clean", hard, case="no-rules"),
    ]


def fitted(folder: Path, content: str, *, card: str | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_text(content, encoding="utf-8")
    (folder / "model.json").write_text("{}", encoding="utf-8")
    (folder / "metrics.json").write_text("{}", encoding="utf-8")
    if card:
        (folder / "CARD.md").write_text(card, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("hits", "tries", "wanted"), [(0, 0, 1.0), (0, 7, 1.0), (5, 5, 1 / 32), (4, 5, 6 / 32), (1, 1, 0.5)]
)
def test_the_binomial_tail_is_exact(hits: int, tries: int, wanted: float):
    assert at_least(hits, tries) == wanted


def test_groups_are_compared_apart():
    hard, copy, clean = sorted(compare(reading(2, 5, 9), reading(2, 0, 9)), key=lambda one: one.group, reverse=True)
    assert [one.group for one in (hard, copy, clean)] == ["hard", "copy", "clean"]
    assert (copy.won, copy.lost, copy.served_right, copy.candidate_right) == (5, 0, 95, 100)
    assert copy.probability == 1
    assert (hard.won, hard.lost, hard.worse) == (0, 0, False)


def test_four_lost_fields_are_noise_and_five_are_not():
    (group,) = [one for one in compare(reading(0), reading(4)) if one.group == "clean"]
    assert not group.worse
    (group,) = [one for one in compare(reading(0), reading(5)) if one.group == "clean"]
    assert group.worse
    assert group.probability == 1 / 32


def test_one_more_silent_error_is_worse_whatever_the_fields_say():
    groups = {one.group: one for one in compare(reading(copy=30), reading(copy=1, silent=True))}
    assert groups["copy"].won == 29
    assert groups["copy"].worse
    assert not groups["clean"].worse
    assert "silent errors 0 -> 1" in str(groups["copy"])


def test_readings_of_different_reports_are_not_compared():
    with pytest.raises(ValueError, match="same reports"):
        compare(reading(), [*reading()[:2], outcome("z", "clean", 0)])


class Gold:
    """Reads the gold set by what the weights folder's model file says: so many wrong fields in copies."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def __call__(self, weights: Path) -> list[Outcome]:
        found = served("digits", weights)
        text = (found.folder / "model.onnx").read_text(encoding="utf-8") if found else "50"
        self.read.append(text)
        return reading(copy=int(text))


def promoted(candidate: Path, weights: Path, **others: Path) -> list[Comparison]:
    candidates: Mapping[str, Path] = {"digits": candidate, **others}
    _, comparisons = promote(candidates, weights, Gold())
    return comparisons


def test_promotion_serves_the_next_version_and_rollback_the_one_before(tmp_path: Path):
    weights = tmp_path / "weights"
    promoted(fitted(tmp_path / "a", "10", card="# Digits\n\nFitted."), weights)
    promoted(fitted(tmp_path / "b", "4"), weights)
    found = served("digits", weights)
    assert found is not None
    assert found.name == "digits-2"
    assert (found.folder / "model.onnx").read_text(encoding="utf-8") == "4"
    assert not (found.folder / "metrics.json").exists()
    card = (weights / "digits" / "1" / "CARD.md").read_text(encoding="utf-8")
    assert card.startswith("# Digits\n\nFitted.\n\n## Promotion\n")
    assert "copy: 50.00 % -> 90.00 % of 100 fields right in 1 reports; 40 won, 0 lost (p = 1)" in card

    assert roll_back("digits", weights).name == "digits-1"
    assert served("digits", weights) == roll_back_refused(weights)
    promoted(fitted(tmp_path / "c", "4"), weights)
    record = read_registry(weights)["digits"]
    assert (record.served, record.previous, set(record.versions)) == ("3", "1", {"1", "2", "3"})


def roll_back_refused(weights: Path) -> object:
    before = served("digits", weights)
    with pytest.raises(BadRequest, match="No version of digits was served before"):
        roll_back("digits", weights)
    return before


def test_a_worse_model_is_refused_and_nothing_changes(tmp_path: Path):
    weights = tmp_path / "weights"
    promoted(fitted(tmp_path / "a", "10"), weights)
    before = sorted((path, path.read_bytes()) for path in weights.rglob("*") if path.is_file())
    with pytest.raises(NotPromoted, match="McNemar") as refused:
        promoted(fitted(tmp_path / "b", "30"), weights)
    assert "copy: 90.00 % -> 70.00 %" in str(refused.value)
    assert "0 won, 20 lost" in str(refused.value)
    assert sorted((path, path.read_bytes()) for path in weights.rglob("*") if path.is_file()) == before


def test_several_models_are_tested_and_promoted_together(tmp_path: Path):
    weights = tmp_path / "weights"
    gold = Gold()
    made, _ = promote({"digits": fitted(tmp_path / "a", "3"), "cells": fitted(tmp_path / "b", "x")}, weights, gold)
    assert [one.name for one in made] == ["digits-1", "cells-1"]
    assert gold.read == ["50", "3"]


def test_models_are_served_from_one_moment_on_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A reader must never be served with the calibration of another."""
    weights = tmp_path / "weights"
    promoted(fitted(tmp_path / "a", "10"), weights)
    kept = read_registry(weights)
    both = {"digits": fitted(tmp_path / "b", "3"), "cells": fitted(tmp_path / "c", "x")}
    copied = shutil.copyfile

    def stopped(source: Path, target: Path, **more: bool) -> Path:
        if Path(source).parent == both["cells"] and weights in Path(target).parents:
            raise KeyboardInterrupt
        return copied(source, target, **more)

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", stopped)
        with pytest.raises(KeyboardInterrupt):
            promote(both, weights, Gold())
    assert read_registry(weights) == kept
    made, _ = promote(both, weights, Gold())
    assert [one.name for one in made] == ["digits-3", "cells-1"]


def test_what_is_no_model_is_not_promoted(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(NotPromoted, match="holds no model"):
        promoted(tmp_path / "empty", tmp_path / "weights")
    with pytest.raises(NotPromoted, match="as letters"):
        promote({"letters": fitted(tmp_path / "a", "1")}, tmp_path / "weights", Gold())
    assert not (tmp_path / "weights" / "registry.json").exists()


def test_no_rollback_to_an_altered_version(tmp_path: Path):
    install("digits", fitted(tmp_path / "a", "1"), tmp_path / "w")
    install("digits", fitted(tmp_path / "b", "2"), tmp_path / "w")
    (tmp_path / "w" / "digits" / "1" / "model.onnx").write_text("9", encoding="utf-8")
    with pytest.raises(MissingModel, match="altered"):
        roll_back("digits", tmp_path / "w")
    found = served("digits", tmp_path / "w")
    assert found is not None
    assert found.name == "digits-2"


def test_a_version_number_is_never_given_twice(tmp_path: Path):
    (tmp_path / "w" / "digits" / "7").mkdir(parents=True)
    assert install("digits", fitted(tmp_path / "a", "1"), tmp_path / "w").name == "digits-8"


def test_what_is_served_is_copied_without_older_versions(tmp_path: Path):
    install("digits", fitted(tmp_path / "a", "1"), tmp_path / "w")
    install("digits", fitted(tmp_path / "b", "2"), tmp_path / "w")
    copy_served(tmp_path / "w", tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy" / "digits").iterdir()] == ["2"]
    assert read_registry(tmp_path / "copy")["digits"].previous is None
    with pytest.raises(MissingModel):
        (tmp_path / "w" / "digits" / "2" / "model.json").unlink()
        copy_served(tmp_path / "w", tmp_path / "other")


def test_a_model_without_a_card_gets_one_from_its_run(tmp_path: Path):
    run = start_run(tmp_path / "runs", "digits", {"crops": 7}, seed=5, data={"ours": "abc"}, start="digits-1", given={})
    fitted(run.folder / "model", "10")
    run.finish({"steps": 3, "first": {"loss": 2.0}, "last": {"loss": 1.0}, "scores": {"all": {"right": 0.9}}})
    promoted(run.folder / "model", tmp_path / "weights")
    card = (tmp_path / "weights" / "digits" / "1" / "CARD.md").read_text(encoding="utf-8")
    assert card.startswith(f"# digits, run {run.folder.name}\n\nFitted from digits-1 with seed 5")
    assert "- Labelled data: {'ours': 'abc'}" in card
    assert "- Scores: {'right': 0.9}" in card
    assert "## Promotion" in card
