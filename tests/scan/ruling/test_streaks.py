import numpy as np
import pytest

from models.text import TextBox
from service.documents.model import Rule
from service.scan.ruling.streaks import Streak, find_streaks, without_streaks

HEIGHT, WIDTH = 2339, 1654
TEXT = TextBox(300, 1000, 1300, 1030, 0.9)


def page(*, slope=-0.01, pieces=((0, 260), (300, 420), (1900, 2050), (2300, HEIGHT))):
    """A page of which dirt has drawn a streak in pieces, and the places of it."""
    gray = np.full((HEIGHT, WIDTH), 255, np.uint8)
    ys = np.concatenate([np.arange(*piece) for piece in pieces])
    xs = np.rint(700 + slope * ys).astype(int)
    gray[ys, xs] = gray[ys, xs + 1] = 0
    return gray, ys, xs


@pytest.mark.parametrize("slope", [-0.03, -0.004, 0.0, 0.02])
def test_a_streak_in_pieces_is_found_and_wiped_away(slope):
    gray, ys, xs = page(slope=slope)
    (streak,) = find_streaks(gray, [TEXT], ())
    assert np.abs(streak.start + streak.slope * ys - xs).max() < 4
    assert (without_streaks(gray, [streak]) == 255).all()


def test_a_line_across_and_a_digit_beside_a_streak_stay():
    gray, _, _ = page(slope=0.0, pieces=((0, HEIGHT),))
    gray[1200:1203, 300:1300] = 0
    gray[1400:1430, 712:722] = 0
    clear = without_streaks(gray, [Streak(700.0, 0.0)])
    assert (clear[1200:1203, 300:1300] == 0).all() and (clear[1400:1430, 712:722] == 0).all()
    assert (clear[1500:] == 255).all()


def test_lines_of_a_table_and_what_ends_before_the_edge_of_the_page_are_no_streaks():
    borders = [Rule(0.4, 0.05, 0.6, 0.05), Rule(0.4, 0.95, 0.6, 0.95)]
    gray, _, _ = page(slope=0.0, pieces=((117, 2222),))
    assert find_streaks(gray, [TEXT], borders) == ()
    gray, _, _ = page(slope=0.0, pieces=((400, 900), (1200, 1900)))
    assert find_streaks(gray, [TEXT], ()) == ()


def test_many_lines_are_no_streaks():
    gray = np.full((HEIGHT, WIDTH), 255, np.uint8)
    gray[:, 200:1400:200] = 0
    assert find_streaks(gray, [TEXT], ()) == ()


def test_a_dark_picture_on_the_page_hides_no_streak():
    gray, _, _ = page(slope=0.0)
    gray[:700, 1000:1600] = 60  # no slant of its dots is tried: that took 8 seconds
    assert len(find_streaks(gray, [TEXT], ())) == 1
