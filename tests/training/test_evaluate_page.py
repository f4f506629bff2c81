"""The page of an evaluation holds the figures, and nothing outside itself."""

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("matplotlib")

from data import SAMPLES
from training.evaluate import FieldOutcome, FileSample, Outcome
from training.evaluate.page import write_page
from training.evaluate.pictures import worst_pages

_SCAN = FileSample(SAMPLES / "scan-clean.tiff", SAMPLES / "scan-clean.truth.json", "clean")


def field(name: str, want: object, got: float | None, confidence: float = 0.99, **more: object) -> FieldOutcome:
    state = "missing" if confidence == 0 else "read" if got is not None else "blank"
    wanted = "number" if want is not None else "blank"
    return FieldOutcome(name, want, got, got == want, wanted, state, confidence, sure=confidence >= 0.95, **more)  # type: ignore[arg-type]


def outcome(name: str, *fields: FieldOutcome, quality: str = "clean", error: str | None = None) -> Outcome:
    return Outcome(name, quality, name.rpartition(".")[2], "plain", fields, False, False, True, 1.5, error)


_OUTCOMES = (
    outcome(
        _SCAN.name,
        field("applications.received.total", 12, 12, page=2, bbox=(0.5, 0.5, 0.6, 0.55)),
        field("applications.granted.total", 7, 1, 0.6, page=2, bbox=(0.2, 0.4, 0.3, 0.45)),
        field("applications.granted.other", 3, None, 0),
    ),
    outcome("b.copy.pdf", field("applications.granted.total", 8, 3), quality="copy"),
    outcome("c.copy.pdf", field("applications.granted.total", 8, None, 0), quality="copy", error="it is <cut> off"),
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    path: Path = tmp_path_factory.mktemp("evaluation") / "evaluation.html"
    write_page(path, _OUTCOMES, [_SCAN], conditions={"cells": "7"})
    return path.read_text(encoding="utf-8")


def rows(page: str) -> list[list[str]]:
    found = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    return [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in found]


def test_it_has_the_figures(page: str) -> None:
    table = rows(page)
    assert ["clean", "1", "3", "2", "33.333", "0", "0", "0", "0", "0", "0", "1.50"] in table
    assert ["copy", "2", "2", "2", "0.000", "0", "0", "0", "1", "0", "1", "1.50"] in table
    assert ["applications.granted.total", "3", "3", "0.000", "1"] in table
    assert ["b.copy.pdf", "applications.granted.total", "3", "8", "read", "0.9900"] in table  # sure and wrong
    assert ["8", "3", "1"] in table  # an 8 read as 3, once
    assert ["0.95", "2", "66.667", "1", "1"] in table
    assert ["as served", "2", "66.667", "1", "1"] in table
    assert "it is &lt;cut&gt; off" in page
    assert "cells 7" in page


def test_it_needs_nothing_beside_it(page: str) -> None:
    addresses = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert addresses and all(one.startswith(("data:image/jpeg;base64,", "#")) for one in addresses)
    assert "<script" not in page and "@import" not in page and "url(http" not in page


def test_the_wrong_cell_is_marked_on_its_page() -> None:
    (worst,) = worst_pages(_OUTCOMES, {_SCAN.name: _SCAN}, most=5)
    assert (worst.number, [one.got for one in worst.marked]) == (2, [1])
    assert [one.field for one in worst.lost] == ["applications.granted.other"]
    picture = Image.open(io.BytesIO(base64.b64decode(worst.picture.partition(",")[2]))).convert("RGB")
    column = np.asarray(picture, int)[:, round(0.29 * picture.width)]
    marked = np.nonzero(column[:, 0] - column[:, 2] > 30)[0] / picture.height  # the paper is grey, the mark orange
    assert marked.min() == pytest.approx(0.4, abs=0.005) and marked.max() == pytest.approx(0.45, abs=0.005)


def test_a_faultless_evaluation_has_a_page_too(tmp_path: Path) -> None:
    path = tmp_path / "new" / "evaluation.html"
    right = outcome("a.pdf", field("applications.received.total", 12, 12))
    write_page(path, [right], conditions={})
    content = path.read_text(encoding="utf-8")
    assert "Every wrong field goes to a person" in content
    assert ["clean", "1", "1", "0", "100.000", "1", "0", "0", "0", "1", "0", "1.50"] in rows(content)
