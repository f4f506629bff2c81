"""What of a drawn number can still be read on its scan."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from service.documents.model import Box
from training.evaluate.legible import losses, report_losses
from training.synthesize import fonts
from training.synthesize.draw import draw_page
from training.synthesize.effects import Scan, drawing_dpi
from training.synthesize.pages import DrawnCell, DrawnPage, set_line

FACE = fonts.names("song")[0]
CELL = Box(20, 20, 80, 50)
PAGE = DrawnPage(
    100, 70, tuple(set_line("108", 40, 40, FACE, 12)), cells=(DrawnCell("t", 0, 0, 1, 1, CELL, "108", "value", "f"),)
)
PICTURE = draw_page(PAGE, drawing_dpi("copy"))


def scanned(picture):
    encoded = cv2.imencode(".png", picture)[1].tobytes()
    return Scan("copy", encoded, ".png", 200, tuple(np.eye(3).ravel()))


def test_a_number_that_stands_there_is_no_loss():
    assert losses(PAGE, scanned(PICTURE)) == {}


def test_a_number_under_solid_ink_is_hidden():
    covered = PICTURE.copy()
    cv2.circle(covered, (138, 103), 45, (20, 20, 20), -1)
    assert losses(PAGE, scanned(covered)) == {"f": "hidden"}


def test_a_number_of_which_nothing_is_left_is_lost():
    assert losses(PAGE, scanned(np.full_like(PICTURE, 255))) == {"f": "lost"}


@pytest.mark.parametrize("kept", [1, 2])
def test_a_number_of_which_every_other_row_is_left_can_be_read(kept):
    worn = PICTURE.copy()
    worn[kept % 2 :: 2] = 255
    assert losses(PAGE, scanned(worn)) == {}


def test_an_empty_cell_has_nothing_to_lose():
    empty = DrawnPage(100, 70, cells=(DrawnCell("t", 0, 0, 1, 1, CELL, "", "value", "f"),))
    assert losses(empty, scanned(np.zeros_like(PICTURE))) == {}


def test_good_scans_keep_all_their_numbers():
    assert report_losses(830, "clean")[1].total() == 0
