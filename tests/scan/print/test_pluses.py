from __future__ import annotations

import cv2
import numpy as np

from service.scan.print.ink import find_ink
from service.scan.print.lines import Frame, blots_by_frame, cut_lines
from service.scan.print.pluses import without_plus
from service.scan.print.regions import CellFrame
from service.scan.print.snips import Snip

FRAME = Frame(20, 20, 180, 80)
DIGIT = 20.0


def _shown(sign: str) -> Snip | None:
    gray = np.full((100, 200), 255, np.uint8)
    if sign:
        gray[49:52, 70:85] = 20
    if sign == "+":
        gray[43:58, 76:79] = 20
    cv2.ellipse(gray, (98, 50), (6, 10), 0, 0, 360, 20, 2)
    ink = find_ink(gray, ())
    (blots,) = blots_by_frame([FRAME], ink)
    cells = [cut_lines(FRAME, blots, DIGIT)]
    return without_plus(gray, ink, [CellFrame(FRAME, ())], cells, DIGIT).get(0)


def test_number_is_shown_without_its_plus() -> None:
    snip = _shown("+")
    assert snip is not None
    columns = np.flatnonzero((snip.picture < 128).any(axis=0)) + snip.x
    assert (columns[0], columns[-1]) == (91, 105)
    assert snip.whole


def test_minus_and_plain_number_stay() -> None:
    assert _shown("-") is None
    assert _shown("") is None
