"""The numeric reader's training, small: crops and their truth, the network's export, a fit that goes on."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.digits import FOREIGN, KINDS, NOTHING, Geometry, NumericCrop, NumericReader, normalise
from service.documents.model import Box
from service.errors import InvalidDataset
from service.scan.print.lines import Frame
from training.digits.augment import Varied, _recut, _specked, as_cut, vary
from training.digits.crops import Crop, TrueCell, _cut, moved
from training.digits.data import Labelled, draw_crops, load_shards, save_shard, take_shards
from training.digits.printed import amounts_habit, print_cell, spell
from training.digits.score import calibration_error, kind_of, score
from training.digits.targets import UNKNOWN, target

SMALL = {"stem": 4, "fine": 4, "middle": 8, "coarse": 8}


@pytest.fixture(scope="module")
def drawn() -> list[Labelled]:
    return list(draw_crops(900, "held-out"))


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("—", "-"),
        ("——", "-"),
        ("＼", "/"),
        ("１２", "12"),
        ("5.035万元", "5.035万元"),
        ("", NOTHING),
        (" 7 ", "7"),
        ("＋285", "285"),
    ],
)
def test_strokes_and_widths_are_spelled_alike(printed: str, text: str) -> None:
    assert spell(printed) == text


def test_a_box_keeps_its_sides_when_its_page_is_turned() -> None:
    box = Box(1, 2, 5, 4)
    quarter = np.array([[0, -1, 10], [1, 0, 0], [0, 0, 1.0]])
    assert moved(box, np.eye(3)) == box
    assert moved(box, quarter) == Box(6, 1, 8, 5)
    assert moved(box, quarter @ quarter) == Box(5, 6, 9, 8)


def test_shards_that_another_run_has_drawn_are_taken_over_and_no_other(tmp_path: Path) -> None:
    before, now = tmp_path / "before", tmp_path / "now"
    for folder, names in ((before, ("train-000000", "train-000002", "held-out-000000")), (now, ("train-000000",))):
        folder.mkdir()
        for name in names:
            (folder / f"{name}.npz").write_text(folder.name, encoding="utf-8")
    take_shards(before, now, "train", 2)
    assert [path.read_text(encoding="utf-8") for path in now.iterdir()] == ["now"]
    take_shards(before, now, "train", 3)
    take_shards(before, now, "held-out", 1)
    assert {path.name: path.read_text(encoding="utf-8") for path in now.iterdir()} == {
        "train-000000.npz": "now",
        "train-000002.npz": "before",
        "held-out-000000.npz": "before",
    }
    take_shards(tmp_path / "nowhere", tmp_path / "new", "train", 3)
    assert list((tmp_path / "new").iterdir()) == []


def test_pages_of_amounts_hold_decimals_and_long_numbers_without_a_point() -> None:
    rng = random.Random(5)
    habit = amounts_habit(rng)
    texts = [text for _ in range(600) if (text := spell(print_cell(habit, rng))) is not None]
    assert len(texts) == 600
    assert sum("." in text for text in texts) > 150
    assert sum(text.isdigit() and len(text) > 2 for text in texts) > 20
    assert sum(len(text) > 1 and text[0] == "-" for text in texts) > 20
    kinds = {kind_of(text) for text in texts}
    assert {"decimal", "thousands", "signed", "unit", "number", "nothing"} <= kinds


@pytest.mark.parametrize(
    ("truth", "kind"),
    [("-1,234.5万元", "decimal"), ("1,234元", "thousands"), ("-7", "signed"), ("-", "dash"), ("7件", "unit")],
)
def test_a_number_counts_by_its_first_mark(truth: str, kind: str) -> None:
    assert kind_of(truth) == kind


def test_a_number_whose_point_the_scan_has_lost_is_no_truth() -> None:
    gray = np.full((40, 90), 255, np.uint8)
    gray[10:30, 10:20] = gray[10:30, 30:40] = 0
    cell = TrueCell(Box(0, 0, 89, 39), Box(10, 10, 40, 30), "1.1", (Box(22, 26, 28, 31),))
    assert _cut(gray, Frame(2, 2, 88, 38), cell, 20.0) is None
    gray[28:30, 24:26] = 90
    crop = _cut(gray, Frame(2, 2, 88, 38), cell, 20.0)
    assert crop is not None
    assert crop.text == "1.1"


def test_specks_at_the_foot_of_a_number_are_no_points() -> None:
    paper, rng = np.full((40, 40), 255, np.uint8), np.random.default_rng(3)
    largest = {None: 0, 30: 0}
    for foot in largest:
        for _ in range(300):
            ink = (_specked(paper, 20.0, foot, rng)[26:33] < 200).astype(np.uint8)
            areas = cv2.connectedComponentsWithStats(ink)[2][1:, cv2.CC_STAT_AREA]
            largest[foot] = max(largest[foot], *areas.tolist(), 0)
    assert largest[None] >= 9
    assert largest[30] < 9


@pytest.mark.parametrize("printed", ["减3", "12（其中修订3件）", "总计", "+", "5+"])
def test_what_is_more_than_a_number_is_foreign(printed: str) -> None:
    assert spell(printed) == FOREIGN


@pytest.mark.parametrize("printed", ["1.", ",5", "万元", "/3"])
def test_a_piece_of_a_number_has_no_truth(printed: str) -> None:
    assert spell(printed) is None


def test_crops_show_ink_where_their_truth_is_printed(drawn: list[Labelled]) -> None:
    assert len(drawn) > 100
    assert {NOTHING, "0", "-"} <= {one.crop.text for one in drawn}
    for one in drawn:
        crop = one.crop
        assert 0 <= crop.frame.x0 < crop.frame.x1 <= crop.picture.shape[1]
        assert 0 <= crop.frame.y0 < crop.frame.y1 <= crop.picture.shape[0]
    digits = [one.crop for one in drawn if one.crop.text.isdigit()]
    dark = [crop.picture[c.y0 : c.y1, c.x0 : c.x1].min() < 180 for crop in digits if (c := crop.ink)]
    assert np.mean(dark) > 0.98


def test_the_same_seed_draws_the_same_crops(drawn: list[Labelled]) -> None:
    again = list(draw_crops(900, "held-out"))
    assert [one.crop.text for one in again] == [one.crop.text for one in drawn]
    assert all((a.crop.picture == b.crop.picture).all() for a, b in zip(again, drawn, strict=True))
    other = list(draw_crops(900, "train"))
    assert [one.crop.text for one in other] != [one.crop.text for one in drawn]


def test_shards_keep_everything(drawn: list[Labelled], tmp_path: Path) -> None:
    save_shard(tmp_path / "train-000000.npz", drawn[:50])
    kept = load_shards([tmp_path / "train-000000.npz"])
    for one, other in zip(kept, drawn[:50], strict=True):
        assert (one.crop.picture == other.crop.picture).all()
        assert replace(one.crop, picture=other.crop.picture) == replace(other.crop, digit=one.crop.digit)
        assert one.quality == other.quality


def test_another_frame_never_cuts_the_print() -> None:
    picture = np.full((60, 80), 255, np.uint8)
    picture[22:40, 30:42] = 7
    crop = Crop(picture, Frame(10, 10, 70, 50), Frame(30, 22, 42, 40), 18.0, "0")
    assert as_cut(crop).picture.shape == (40, 60)
    rng = np.random.default_rng(0)
    for _ in range(200):
        x0, y0, x1, y1 = _recut(crop, rng)
        assert (picture[y0:y1, x0:x1] == 7).sum() == 18 * 12
    varied = vary(crop, rng)
    assert varied.crop.picture.dtype == np.uint8
    assert varied.left <= 30


def _bars(text: str, darkness: int) -> Crop:
    """A crop whose characters are bars, 12 pixels apart, on paper."""
    picture = np.full((60, 120), 255, np.uint8)
    for place in range(len(text)):
        picture[20:40, 30 + 12 * place + 3 : 30 + 12 * place + 9] = 255 - darkness
    return Crop(picture, Frame(10, 10, 110, 50), Frame(30, 20, 30 + 12 * len(text), 40), 20.0, text)


def test_targets_tell_where_each_character_stands() -> None:
    crop = _bars("472", 255)
    cut = as_cut(crop)
    view = normalise(cut, Geometry())
    wanted = target(crop, Varied(cut, crop.frame.x0, 1.0), view)
    assert wanted.text == (5, 8, 3)
    for place, character in enumerate((5, 8, 3)):
        at = np.flatnonzero(wanted.columns == character)
        dark = view.pixels[view.pixels.shape[0] // 2].reshape(-1, 2).mean(axis=1) > 0.5
        assert len(at)
        assert dark[at].mean() > 0.5, place
    assert wanted.columns[0] == wanted.columns[-1] == 0


def test_a_number_of_which_hardly_any_ink_is_left_is_no_text_but_no_nothing_either() -> None:
    crop = _bars("472", 8)
    cut = as_cut(crop)
    wanted = target(crop, Varied(cut, crop.frame.x0, 1.0), normalise(cut, Geometry()))
    assert wanted.kind == KINDS.index("number")
    assert wanted.text == ()
    assert (wanted.columns == UNKNOWN).all()


def test_two_lines_have_a_text_and_no_places() -> None:
    crop = replace(_bars("472", 255), digit=10.0)
    cut = as_cut(crop)
    wanted = target(crop, Varied(cut, crop.frame.x0, 1.0), normalise(cut, Geometry()))
    assert len(wanted.text) == 3
    assert (wanted.columns == UNKNOWN).all()


def test_calibration_error_is_the_distance_of_belief_and_truth() -> None:
    assert calibration_error([0.9] * 10, [True] * 9 + [False]) == pytest.approx(0)
    assert calibration_error([0.9] * 10, [True] * 4 + [False] * 6) == pytest.approx(0.5)


def test_an_exported_network_reads_and_can_be_taken_up_again(drawn: list[Labelled], tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from training.digits.model import DigitNet, Widths, export, load_net

    torch.manual_seed(0)
    net, folder = DigitNet(Widths(**SMALL)).eval(), tmp_path / "7"
    export(net, Geometry(), Widths(**SMALL), folder, {"note": "random"})
    reader = NumericReader(folder, 1)
    assert reader.name == "digits-7"
    crops = [as_cut(one.crop) for one in drawn[:20]]
    readings = reader.read([*crops, NumericCrop(np.zeros((0, 5), np.uint8), 18.0)])
    assert readings[-1].candidates == ()
    assert all(sum(p for _, p in reading.candidates) <= 1 + 1e-5 for reading in readings)
    assert reader.read(crops[3:4])[0].candidates[0] == (
        readings[3].candidates[0][0],
        pytest.approx(readings[3].candidates[0][1], abs=1e-4),
    )
    taken_up, geometry, _ = load_net(folder)
    assert geometry == Geometry()
    picture = torch.rand(2, 1, 32, 48)
    with torch.no_grad():
        for a, b in zip(net(picture), taken_up.eval()(picture), strict=True):
            assert torch.allclose(a, b, atol=1e-5)


def test_a_fit_goes_on_from_its_checkpoint_and_from_weights(drawn: list[Labelled], tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from training.digits.fit import DigitsConfig, fit
    from training.digits.model import Widths

    data = tmp_path / "data"
    data.mkdir()
    save_shard(data / "train-000000.npz", drawn[:80])
    save_shard(data / "held-out-000000.npz", drawn[80:120])
    config = DigitsConfig(crops=120, batch=20, widths=Widths(**SMALL), threads=1)
    first = fit(data, tmp_path / "run", config=config)
    steps: list[dict[str, float]] = []
    again = fit(data, tmp_path / "run", config=replace(config, crops=240), resume=True, progress=steps.append)
    tuned = fit(data, tmp_path / "tuned", config=replace(config, replay=data), start=again)
    assert first == again
    for folder in (again, tuned):
        scores = score(NumericReader(folder, 1), load_shards([data / "held-out-000000.npz"]))
        assert scores.crops == 40
        assert 0 <= scores.exact <= 1


def test_a_fit_needs_crops(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from training.digits.fit import DigitsConfig, fit

    with pytest.raises(InvalidDataset, match="no training crops"):
        fit(tmp_path, tmp_path / "run", config=DigitsConfig())
