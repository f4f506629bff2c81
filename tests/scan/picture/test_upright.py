from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from PIL import Image, ImageDraw

from models.readers import Readers
from models.text import Glyph, Line, TextBox
from service.documents.model import Picture
from service.scan.picture.upright import quarter_turns
from tests.drawn import HEIGHT, WIDTH, readers
from training.synthesize.fonts import names, pixel_font

LABELS = (
    "本机关不掌握相关政府信息",
    "没有现成信息需要另行制作",
    "补正后申请内容仍不明确",
    "要求行政机关确认或重新出具已获取信息",
    "申请人无正当理由逾期不补正行政机关不再处理其政府信息公开申请",
)


def _narrow_labels() -> Picture:
    """A page of rows of zeros, whose labels are two characters wide."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw, font = ImageDraw.Draw(image), pixel_font(names("hei")[0], 24)
    top = 200
    for label in LABELS:
        lines = [label[i : i + 2] for i in range(0, len(label), 2)]
        for i, line in enumerate(lines):
            draw.text((240, top + 28 * i), line, font=font, fill=(20, 20, 20))
        for column in range(6):
            draw.text((330 + 120 * column, top + 14 * len(lines) - 12), "0", font=font, fill=(20, 20, 20))
        top += 28 * len(lines) + 14
        draw.line((220, top - 10, 1000, top - 10), fill=0, width=3)
    for x in range(290, 1011, 120):
        draw.line((x, 190, x, top), fill=0, width=3)
    return np.asarray(image, np.uint8)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_column_of_narrow_labels_is_no_text_on_its_side(turns: int) -> None:
    assert quarter_turns(np.ascontiguousarray(np.rot90(_narrow_labels(), -turns)), readers()) == turns


@pytest.mark.parametrize("turns", [0, 1])
def test_a_page_without_print_stays_as_it_is(turns: int) -> None:
    blank = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    assert quarter_turns(np.ascontiguousarray(np.rot90(blank, turns)), readers()) == 0


def test_the_way_up_in_which_characters_read_well_is_taken_not_the_one_with_more_of_them() -> None:
    """A stand-in for the readers: upright the page has a few clear characters, on its side many that read badly."""

    class Eye:
        def probabilities(self, picture: Picture) -> dict[int, float]:
            upright = picture.shape[0] > picture.shape[1]
            return {0: 0.2, 90: 0.3, 180: 0.2, 270: 0.3} if upright else {0: 0.3, 90: 0.2, 180: 0.3, 270: 0.2}

        def detect(self, picture: Picture) -> tuple[TextBox, ...]:
            return (TextBox(0, 0, 20, 10, 1.0),) * (10 if picture.shape[0] > picture.shape[1] else 9)

        def read(self, crops: list[Picture]) -> tuple[Line, ...]:
            clear = Line((Glyph("一", 5, 0.96), Glyph("二", 15, 0.96)))
            return (clear if len(crops) == 10 else Line((Glyph("一", 3, 0.8),) * 5),) * len(crops)

    eye = cast(Readers, SimpleNamespace(orientation=Eye(), detector=Eye(), recogniser=Eye()))
    assert quarter_turns(np.full((400, 300, 3), 255, np.uint8), eye) in (0, 2)
