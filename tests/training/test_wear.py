"""Wear keeps the page's place and most of its ink; what is held out is never in training."""

import numpy as np
import pytest

from training.synthesize import fonts, wear
from training.synthesize.cases import draw_case
from training.synthesize.draw import draw_page
from training.synthesize.effects import QUALITIES, Quality
from training.synthesize.pages import DrawnPage, Glyph, Stroke
from training.synthesize.scans import scan_case
from training.synthesize.style import choose_style

_EVERY = sorted({change for split in wear.CHANGES.values() for way in split.values() for change in way}, key=str)


def _page() -> DrawnPage:
    words = tuple(Glyph(str(one), 40 + 12 * one, 100, 12, fonts.names("song")[0]) for one in range(10))
    return DrawnPage(
        300, 400, words, (Stroke(30, 120, 270, 120, 1), Stroke(150, 2, 150, 398, 4), Stroke(60, 2, 60, 398, 4))
    )


@pytest.mark.parametrize("change", _EVERY, ids=lambda change: change.__name__)
def test_wear_changes_the_picture_and_leaves_the_ink_in_its_place(change: wear.Change) -> None:
    clean = draw_page(_page(), 200)
    worn = change(clean.copy(), np.random.default_rng(4), 1.0)
    assert worn.shape == clean.shape and worn.dtype == np.uint8
    assert not np.array_equal(worn, clean)
    ink = clean[..., 1] < 60
    paper = clean[..., 1] > 250
    assert np.median(worn[..., 1][paper]) > np.median(worn[..., 1][ink]) + 80
    assert np.array_equal(change(clean.copy(), np.random.default_rng(4), 1.0), worn), "the same seed, the same wear"


def test_no_held_out_effect_or_font_is_trained_on() -> None:
    for quality in QUALITIES:
        assert not set(wear.CHANGES["train"][quality]) & set(wear.CHANGES["held-out"][quality])
    for family in ("song", "kai", "hei", "bold", "digits"):
        held_out = {name for name in fonts.names(family, split="held-out") if fonts.faces()[name].split == "held-out"}
        assert not held_out & set(fonts.names(family, split="train"))


def test_held_out_reports_are_set_in_held_out_faces() -> None:
    if not any(face.split == "held-out" for face in fonts.faces().values()):
        pytest.skip("no held-out font is installed")
    for seed in range(5):
        table = choose_style(seed, split="held-out").table
        assert fonts.faces()[table.face].split == "held-out"


def test_numbers_by_hand_stay_in_their_cells() -> None:
    drawn = 0
    for seed in range(40):
        if not (look := choose_style(seed, hard=0, split="train").table.look) or not look.tilt:
            continue
        drawn += 1
        _, pages = draw_case("plain", seed, "train", prose=False)
        tilted = [(page, glyph) for page in pages for glyph in page.glyphs if glyph.tilt]
        assert len(tilted) > 30
        for page, glyph in tilted:
            x, y = (glyph.box.x0 + glyph.box.x1) / 2, (glyph.box.y0 + glyph.box.y1) / 2
            assert any(
                cell.box.x0 < x < cell.box.x1 and cell.box.y0 < y < cell.box.y1 and glyph.text in cell.text
                for cell in page.cells
                if cell.role in ("value", "extra")
            )
    assert drawn >= 4


def test_a_tilted_glyph_is_drawn_turned() -> None:
    face = fonts.names("song")[0]
    level = draw_page(DrawnPage(100, 100, (Glyph("—", 20, 60, 40, face),)), 144)
    turned = draw_page(DrawnPage(100, 100, (Glyph("—", 20, 60, 40, face, 20.0),)), 144)
    rows = [np.nonzero(picture[..., 0].min(1) < 128)[0] for picture in (level, turned)]
    assert np.ptp(rows[1]) > np.ptp(rows[0]) + 15
    assert rows[1].min() < rows[0].min(), "anticlockwise: the right end rises"


@pytest.mark.parametrize("quality", ["copy", "phone"])
def test_both_splits_are_scanned(quality: Quality) -> None:
    first = scan_case("plain", quality, 3, "train", tables_only=True)[1]
    assert scan_case("plain", quality, 3, "train", tables_only=True)[1].scans[0].encoded == first.scans[0].encoded
    assert scan_case("plain", quality, 3, "held-out", tables_only=True)[1].scans[0].encoded != first.scans[0].encoded
