"""The numeric reader's decoding and views, without a trained network."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from models.digits import (
    CARD_FILE,
    CHARACTERS,
    FOREIGN,
    NOTHING,
    Geometry,
    NumericCrop,
    NumericReader,
    _ranked,
    _texts,
    canvas_shape,
    canvases,
    normalise,
    prefix_search,
)
from service.errors import MissingModel


def columns_of(*likely: dict[str, float]) -> np.ndarray:
    """Columns whose named characters have these probabilities, and the blank the rest."""
    columns = np.zeros((len(likely), 1 + len(CHARACTERS)), np.float32)
    for column, chosen in zip(columns, likely, strict=True):
        for character, p in chosen.items():
            column[1 + CHARACTERS.index(character)] = p
        column[0] = 1 - column.sum()
    return columns


def summed_over_all_paths(columns: np.ndarray) -> dict[str, float]:
    """Every text's exact probability, by trying each path."""
    result: dict[str, float] = {}
    for path in itertools.product(range(columns.shape[1]), repeat=len(columns)):
        p = float(np.prod([columns[i, one] for i, one in enumerate(path)]))
        if p:
            text = "".join(CHARACTERS[one - 1] for one, _ in itertools.groupby(path) if one)
            result[text] = result.get(text, 0) + p
    return result


def test_the_search_sums_the_paths_of_a_text() -> None:
    columns = columns_of({"1": 0.6, "7": 0.3}, {"1": 0.2}, {"0": 0.5, "6": 0.2})
    exact = summed_over_all_paths(columns)
    found = prefix_search(columns)
    assert max(found, key=lambda text: found[text]) == max(exact, key=lambda text: exact[text])
    for text, p in found.items():
        if p > 0.02:
            assert p == pytest.approx(exact[text], abs=2e-3)


def test_a_repeated_digit_needs_a_gap() -> None:
    together = prefix_search(columns_of({"0": 0.99}, {"0": 0.99}))
    apart = prefix_search(columns_of({"0": 0.99}, {}, {"0": 0.99}))
    assert max(together, key=lambda text: together[text]) == "0"
    assert max(apart, key=lambda text: apart[text]) == "00"


def test_candidates_are_ordered_and_sum_to_at_most_one() -> None:
    columns = columns_of({"3": 0.7, "8": 0.25}, {})
    found = _ranked(_texts(np.array([0.1, 0.7, 0.2], np.float32), columns))
    assert [text for text, _ in found] == ["3", FOREIGN, "8", NOTHING]
    assert sum(p for _, p in found) <= 1 + 1e-6
    assert dict(found)[NOTHING] == pytest.approx(0.1)


def test_what_is_no_number_is_no_candidate() -> None:
    found = _texts(np.array([0.0, 1.0, 0.0], np.float32), columns_of({"/": 0.9}, {"5": 0.9}))
    assert "/5" not in found
    assert found["5"] < 0.2


def test_paper_around_a_digit_goes_and_the_near_edge_stays() -> None:
    geometry = Geometry()
    picture = np.full((200, 300), 255, np.uint8)
    picture[170:190, 100:112] = 0  # ten pixels above the lower edge
    view = normalise(NumericCrop(picture, 20.0), geometry).pixels
    assert view.shape == (round((200 - 170 + 16) * 0.8), round((12 + 32) * 0.8))
    assert view.max() == pytest.approx(1)
    inked = np.flatnonzero(view.max(axis=1) > 0.5)
    assert view.shape[0] - 1 - inked[-1] == pytest.approx(8, abs=1)


def test_the_rest_of_a_rule_along_the_edge_is_no_ink_but_a_faint_digit_is() -> None:
    geometry = Geometry()
    picture = np.full((100, 100), 255, np.uint8)
    picture[:2] = 0
    assert normalise(NumericCrop(picture, 20.0), geometry).pixels.max() == 0
    picture[60:80, 40:52] = 215
    assert normalise(NumericCrop(picture, 20.0), geometry).pixels.max() == pytest.approx(40 / 255, abs=0.01)


def test_a_crop_larger_than_any_canvas_is_made_smaller() -> None:
    geometry = Geometry()
    picture = np.zeros((600, 900), np.uint8)
    view = normalise(NumericCrop(picture, 20.0), geometry).pixels
    assert canvas_shape(view, geometry)[0] >= view.shape[0]
    assert canvas_shape(view, geometry)[1] >= view.shape[1]


def test_a_view_stands_in_the_middle_of_its_canvas() -> None:
    geometry = Geometry()
    batch = canvases([np.ones((10, 20), np.float32)], (32, 48), geometry)
    assert batch.shape == (1, 1, 32, 48)
    assert batch[0, 0, 11:21, 14:34].min() == 1
    assert batch.sum() == pytest.approx(200 + (32 * 48 - 200) * geometry.outside)


class _Seeing(NumericReader):
    """Sees what it is told to at each look, and remembers how it looked."""

    def __init__(self, *looks: list[dict[str, float]]) -> None:
        self._looks = iter(looks)
        self.asked: list[tuple[int, float]] = []

    def _look(self, crops: Sequence[NumericCrop], magnified: float = 1.0) -> list[Mapping[str, float]]:
        self.asked.append((len(crops), magnified))
        return list(next(self._looks))


def test_what_one_look_does_not_read_surely_has_the_mean_of_several() -> None:
    crop = NumericCrop(np.full((40, 60), 255, np.uint8), 20.0)
    reader = _Seeing([{"1": 0.99}, {"6": 0.7, "8": 0.3}, {}], [{"8": 0.9}], [{"8": 0.6, "3": 0.3}])
    sure, unsure, without_area = reader.read([crop] * 3)
    assert sure.candidates == (("1", 0.99),)
    assert [text for text, _ in unsure.candidates] == ["8", "6", "3"]
    assert dict(unsure.candidates) == pytest.approx({"8": 0.6, "6": 0.7 / 3, "3": 0.1})
    assert without_area.candidates == ()
    assert reader.asked[0] == (3, 1.0)
    assert [count for count, _ in reader.asked[1:]] == [1, 1]
    assert all(magnified > 1 for _, magnified in reader.asked[1:])


def test_a_magnified_view_shows_the_same_larger() -> None:
    geometry = Geometry()
    picture = np.full((60, 80), 255, np.uint8)
    picture[20:40, 30:42] = 0
    plain, larger = (normalise(NumericCrop(picture, 20.0), geometry, by) for by in (1.0, 1.4))
    assert larger.scale == pytest.approx(1.4 * plain.scale)
    assert larger.pixels.shape == tuple(pytest.approx(1.4 * side, abs=1) for side in plain.pixels.shape)


def test_a_folder_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match="incomplete"):
        NumericReader(tmp_path, 1)
    (tmp_path / CARD_FILE).write_text(json.dumps({"characters": "01", "kinds": []}), encoding="utf-8")
    with pytest.raises(MissingModel, match="another format"):
        NumericReader(tmp_path, 1)
