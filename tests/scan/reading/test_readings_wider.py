from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.digits import NumericCrop, NumericReading
from service.scan.reading.readings import read_numbers

CROPS = [NumericCrop(np.full((20, 40), 255, np.uint8), 16.0) for _ in range(30)]


class _ByWidth:
    """A numeric reader that is so sure of crops as they are, and so sure of wider ones."""

    name = "digits-0"

    def __init__(self, plain: float, wider: float) -> None:
        self.plain, self.wider = plain, wider
        self.looks = 0

    def read(self, crops: Sequence[NumericCrop]) -> tuple[NumericReading, ...]:
        self.looks += 1
        looks = [("4.017", self.wider) if crop.picture.shape[1] > 40 else ("4017", self.plain) for crop in crops]
        return tuple(NumericReading((look,)) for look in looks)


def _text(digits: _ByWidth) -> str:
    (text,) = {reading.candidates[0][0] for reading in read_numbers(CROPS, digits)}  # type: ignore[arg-type]
    return text


def test_numbers_of_a_narrow_face_are_looked_at_wider() -> None:
    assert _text(_ByWidth(0.9, 0.99)) == "4.017"


def test_what_wider_crops_do_not_show_more_surely_counts_as_it_is() -> None:
    assert _text(_ByWidth(0.9, 0.89)) == "4017"
    assert _text(_ByWidth(0.9, 0.901)) == "4017"


def test_page_that_is_clear_or_worn_is_looked_at_once() -> None:
    for plain in (0.999, 0.5):
        digits = _ByWidth(plain, 1.0)
        assert _text(digits) == "4017"
        assert digits.looks == 1


def test_wider_crops_keep_their_height_and_the_height_of_a_digit() -> None:
    seen: list[NumericCrop] = []

    class _Seeing(_ByWidth):
        def read(self, crops: Sequence[NumericCrop]) -> tuple[NumericReading, ...]:
            seen[:] = crops
            return super().read(crops)

    _text(_Seeing(0.9, 0.99))
    assert {(crop.picture.shape, crop.digit) for crop in seen} == {((20, 52), 16.0)}


def test_crop_without_area_stays_so() -> None:
    crops = [*CROPS, NumericCrop(np.zeros((0, 5), np.uint8), 16.0)]
    assert len(read_numbers(crops, _ByWidth(0.9, 0.99))) == len(crops)  # type: ignore[arg-type]
