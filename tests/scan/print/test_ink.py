"""What is ink: its levels, and the dots of single blots."""

from __future__ import annotations

import numpy as np
import pytest

from service.scan.print.ink import Blot, Ink, _thresholds


@pytest.mark.parametrize("seed", range(6))
def test_levels_of_ink_are_told_by_the_median_of_the_paper_and_of_its_noise(seed: int) -> None:
    rng = np.random.default_rng(seed)
    gray = rng.normal(235 - 5 * seed, 1 + 4 * seed, (90, 61 + 3 * seed)).clip(0, 255).astype(np.uint8)
    gray[20:40, 10:20] = 30
    sample = gray[::3, ::3].astype(float)
    paper = np.median(sample)
    noise = 1.5 * np.median(np.abs(sample[sample > paper - 30] - paper))
    assert _thresholds(gray) == (paper - max(35, 4 * noise), paper - max(60, 7 * noise))


def test_dots_of_blots_are_theirs_alone_wherever_they_are_asked_for() -> None:
    labels = np.zeros((6, 9), np.int32)
    labels[1:3, 1:3], labels[1:5, 4], labels[4, 6:9] = 2, 5, 9
    blots = [Blot(2, 1, 1, 3, 3, 4), Blot(5, 4, 1, 5, 5, 4), Blot(9, 6, 4, 9, 5, 3)]
    ink = Ink(labels > 0, labels, tuple(blots))
    page = slice(0, 6), slice(0, 9)
    assert [np.count_nonzero(ink.dots([blot], *page)) for blot in blots] == [4, 4, 3]
    assert (ink.dots(blots[:2], *page) == np.isin(labels, (2, 5))).all()
    assert (ink.dots(blots[1:], slice(1, 4), slice(3, 8)) == (labels[1:4, 3:8] == 5)).all()
    assert not ink.dots([blots[0], blots[2]], slice(0, 4), slice(3, 6)).any()
    assert ink.dots(blots, slice(2, 2), slice(0, 9)).shape == (0, 9)
