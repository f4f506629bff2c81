from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.documents.model import Rule
from service.scan.print.ink import find_ink
from service.scan.print.lines import NO_SEAMS, CellInk, Frame, Seams, blots_by_frame, cut_lines
from service.scan.print.marks import DASH, SLASH, stroke_mark
from service.scan.print.snips import snip_ink_line

DIGIT = 20.0
FRAME = Frame(100, 100, 300, 180)
Gray = np.ndarray


@pytest.fixture
def gray() -> Gray:
    return np.full((400, 400), 255, np.uint8)


def _cut(gray: Gray, frame: Frame = FRAME, seams: Seams = NO_SEAMS) -> CellInk:
    ink = find_ink(gray, ())
    (blots,) = blots_by_frame([frame], ink)
    return cut_lines(frame, blots, DIGIT, seams)


def _zero(gray: Gray, x: int, y: int) -> None:
    cv2.ellipse(gray, (x, y), (6, 10), 0, 0, 360, 20, 2)


def test_lone_zero_is_a_line(gray: Gray) -> None:
    _zero(gray, 200, 140)
    cut = _cut(gray)
    assert len(cut.lines) == 1
    box = cut.lines[0].box
    assert (box.x0, box.y0, box.x1, box.y1) == pytest.approx((193, 129, 208, 152), abs=2)


def test_zero_broken_in_two_arcs_is_one_line(gray: Gray) -> None:
    _zero(gray, 200, 140)
    gray[:, 198:203] = 255
    assert len(_cut(gray).lines) == 1


def test_speck_is_no_line(gray: Gray) -> None:
    cv2.circle(gray, (150, 150), 1, 0, -1)
    cut = _cut(gray)
    assert not cut.lines
    assert len(cut.specks) == 1


def test_faint_shadow_is_no_ink(gray: Gray) -> None:
    gray[120:160, 150:250] = 225
    assert _cut(gray) == CellInk((), (), ())


def test_two_lines_of_text_stay_apart(gray: Gray) -> None:
    for y in (118, 150):
        for x in (130, 150, 170):
            _zero(gray, x, y)
    assert [len(line.blots) for line in _cut(gray).lines] == [3, 3] or len(_cut(gray).lines) == 2


def test_flat_strokes_above_each_other_are_one_character(gray: Gray) -> None:
    for y in (130, 140, 150):
        cv2.line(gray, (190, y), (212, y), 20, 2)
    (line,) = _cut(gray).lines
    assert (line.box.y0, line.box.y1) == pytest.approx((129, 152), abs=2)


def test_wide_gap_parts_two_numbers(gray: Gray) -> None:
    _zero(gray, 130, 140)
    _zero(gray, 260, 140)
    assert len(_cut(gray).lines) == 2


def test_minus_before_a_number_belongs_to_it(gray: Gray) -> None:
    cv2.line(gray, (180, 140), (186, 140), 20, 2)
    _zero(gray, 200, 140)
    (line,) = _cut(gray).lines
    assert line.box.x0 <= 181


def test_strip_along_the_edge_is_a_stray(gray: Gray) -> None:
    gray[105:150, 298:301] = 0
    cut = _cut(gray)
    assert not cut.lines
    assert len(cut.strays) == 1


@pytest.mark.parametrize("x", [101, 290])
def test_thick_rule_inside_the_edge_is_no_digit_one(gray: Gray, x: int) -> None:
    low = Frame(100, 120, 300, 165)
    _zero(gray, 200, 140)
    gray[122:162, x : x + 9] = 0
    cut = _cut(gray, low)
    assert [line.box.x0 for line in cut.lines] == pytest.approx([193], abs=2)
    assert len(cut.strays) == 1


def test_digit_one_near_the_edge_stays(gray: Gray) -> None:
    low = Frame(100, 120, 300, 165)
    cv2.line(gray, (107, 130), (107, 150), 20, 3)
    assert len(_cut(gray, low).lines) == 1


def test_end_of_a_streak_is_a_stray_and_a_one_of_the_same_width_stays(gray: Gray) -> None:
    cv2.line(gray, (150, 80), (150, 127), 0, 3)
    gray[96:100] = 255  # where a rule was taken out
    cv2.line(gray, (200, 104), (200, 121), 0, 3)
    cut = _cut(gray)
    assert [round((line.box.x0 + line.box.x1) / 2) for line in cut.lines] == [200]
    assert [round((blot.x0 + blot.x1) / 2) for blot in cut.strays] == [150]


@pytest.mark.parametrize(("length", "blots"), [(56, 0), (42, 1)])
def test_thin_upright_stroke_longer_than_any_character_is_a_streak_and_no_ink(
    gray: Gray, length: int, blots: int
) -> None:
    gray[90 : 90 + length, 150:153] = 0
    assert len(find_ink(gray, ()).blots) == blots


def test_thin_one_taller_than_others_stays_in_the_middle_of_its_cell(gray: Gray) -> None:
    cv2.line(gray, (150, 125), (150, 152), 0, 3)
    assert len(_cut(gray).lines) == 1


@pytest.mark.parametrize(("y", "dashes"), [(104, 0), (112, 1), (140, 1), (175, 0)])
def test_dash_stands_where_text_stands(gray: Gray, y: int, dashes: int) -> None:
    cv2.line(gray, (190, y), (210, y), 20, 2)
    cut = _cut(gray)
    assert len(cut.lines) == dashes
    assert len(cut.strays) == 1 - dashes


def test_stroke_that_begins_at_the_side_is_no_dash(gray: Gray) -> None:
    gray[139:142, 100:112] = 0
    assert not _cut(gray).lines


def test_long_stroke_on_a_seam_is_no_dash_and_a_character_there_stays(gray: Gray) -> None:
    cv2.line(gray, (120, 140), (165, 140), 20, 2)
    assert not _cut(gray, seams=Seams(y=(141,))).lines
    assert len(_cut(gray, seams=Seams(y=(160,))).lines) == 1
    _zero(gray, 250, 140)
    assert len(_cut(gray, seams=Seams(y=(141,))).lines) == 1


def test_pieces_of_a_line_between_two_columns_are_no_digits(gray: Gray) -> None:
    seams = Seams(x=(180,))
    _zero(gray, 140, 140)
    gray[118:138, 179:182] = 0
    gray[150:158, 179:182] = 0
    assert len(_cut(gray, seams=seams).lines) == 1
    gray[:, 170:190] = 255
    cv2.line(gray, (180, 130), (180, 150), 20, 3)
    cv2.line(gray, (173, 150), (187, 150), 20, 2)  # a one with its foot, across the seam
    assert len(_cut(gray, seams=seams).lines) == 2 or len(_cut(gray, seams=seams).lines[0].blots) == 2


def test_lone_upright_stroke_on_a_seam_may_be_a_one(gray: Gray) -> None:
    cv2.line(gray, (180, 130), (180, 150), 20, 2)
    assert len(_cut(gray, seams=Seams(x=(180,))).lines) == 1


def test_rule_is_no_ink_and_text_beside_it_stays(gray: Gray) -> None:
    gray[160:163, 50:350] = 0
    _zero(gray, 200, 140)
    ink = find_ink(gray, [Rule(50 / 400, 161 / 400, 350 / 400, 161 / 400)])
    assert len(ink.blots) == 1
    assert ink.blots[0].y1 < 155


def test_snip_shows_only_its_own_line(gray: Gray) -> None:
    _zero(gray, 200, 120)
    _zero(gray, 200, 152)
    ink = find_ink(gray, ())
    (blots,) = blots_by_frame([FRAME], ink)
    first, second = cut_lines(FRAME, blots, DIGIT).lines
    snip = snip_ink_line(gray, ink, first, FRAME, DIGIT)
    inside = snip.picture[second.box.y0 - snip.y :, :]
    assert inside.size == 0 or inside.min() > 200
    assert snip.picture.min() < 60


def _mark(gray: Gray) -> tuple[str, float] | None:
    ink = find_ink(gray, ())
    (blots,) = blots_by_frame([FRAME], ink)
    (line,) = cut_lines(FRAME, blots, DIGIT).lines
    return stroke_mark(line, ink, DIGIT)


@pytest.mark.parametrize("width", [8, 14, 30])
def test_flat_stroke_is_a_dash(gray: Gray, width: int) -> None:
    cv2.line(gray, (200 - width // 2, 140), (200 + width // 2, 140), 20, 2)
    mark = _mark(gray)
    assert mark is not None
    assert mark[0] == DASH
    assert mark[1] >= 0.7


def test_leaning_stroke_is_a_slash(gray: Gray) -> None:
    cv2.line(gray, (194, 152), (206, 128), 20, 2)
    mark = _mark(gray)
    assert mark is not None
    assert mark[0] == SLASH


def test_upright_stroke_is_no_mark(gray: Gray) -> None:
    cv2.line(gray, (200, 152), (200, 128), 20, 2)
    assert _mark(gray) is None


def test_seven_and_zero_are_no_marks(gray: Gray) -> None:
    cv2.line(gray, (193, 130), (207, 130), 20, 2)
    cv2.line(gray, (207, 130), (198, 152), 20, 2)
    assert _mark(gray) is None
    blank = np.full((400, 400), 255, np.uint8)
    _zero(blank, 200, 140)
    assert _mark(blank) is None


@pytest.mark.parametrize(("digits", "one"), [("171", 0), ("171", 2), ("111", 0), ("111", 1), ("111", 2), ("117", 1)])
def test_one_beside_other_digits_on_a_seam_is_print(gray: Gray, digits: str, one: int) -> None:
    for i, digit in enumerate(digits):
        x = 180 + 16 * i
        cv2.line(gray, (x, 130), (x, 150), 20, 2)
        if digit == "7":
            cv2.line(gray, (x - 6, 130), (x, 130), 20, 2)
    (line,) = _cut(gray, seams=Seams(x=(180 + 16 * one,))).lines
    assert len(line.blots) == 3


@pytest.mark.parametrize(("top", "gap"), [(130, 30), (122, 12)], ids=["far from the digit", "not level with it"])
def test_piece_of_a_line_that_is_no_digit_s_neighbour_is_none(gray: Gray, top: int, gap: int) -> None:
    _zero(gray, 130, 140)
    x = 140 + gap
    gray[top : top + 20, x - 1 : x + 2] = 0
    (line,) = _cut(gray, seams=Seams(x=(x,))).lines
    assert len(line.blots) == 1
