"""Sentences written below a page picture, in a font that has Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_FONT = "misc/NotoSerifCJKjp-Regular.otf"
"""Noto Serif CJK (SIL Open Font License), which the layoutparser package carries for its own drawings."""
_PAPER: Colour = (255, 255, 255)
_LETTERS = 80
"""So many letters' heights make the width of a page."""
_LEAST_PIXELS = 11
_PIECE = re.compile(r"\s*(?:[^\s\u2e80-\uffff]+|\S)")
"""What stays together when a line is broken: a Latin word, or one Chinese character."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a caption."""

    text: str
    colour: Colour
    tag: str = ""
    """A number that cells of the picture carry too."""


@cache
def font(pixels: int, *, chinese: bool = True) -> Font:
    """A font of that height; a Latin one, more legible when small, unless Chinese or signs are to be written."""
    package = find_spec("layoutparser") if chinese else None
    path = Path(package.origin).parent / _FONT if package and package.origin else None
    return ImageFont.truetype(path, pixels) if path and path.is_file() else ImageFont.load_default(pixels)


def font_for(text: str, pixels: int) -> Font:
    """The font for such a text."""
    return font(pixels, chinese=not text.isascii())


def captioned(picture: Image.Image, sentences: Sequence[Sentence]) -> Image.Image:
    """The picture with the sentences on white below it; the picture itself where there are none."""
    if not sentences:
        return picture
    size = max(_LEAST_PIXELS, picture.width // _LETTERS)
    letters, step, indent = font(size), round(size * 1.5), size * 3
    lines = [tuple(broken(one.text, letters, picture.width - indent - size)) for one in sentences]
    height = step * sum(len(texts) for texts in lines) + size * (len(sentences) + 1)
    whole = Image.new("RGB", (picture.width, picture.height + height), _PAPER)
    whole.paste(picture, (0, 0))
    pen = ImageDraw.Draw(whole)
    pen.line((0, picture.height, picture.width, picture.height), fill=(0, 0, 0), width=2)
    top = picture.height + size
    for sentence, texts in zip(sentences, lines, strict=True):
        draw_tag(pen, (size, top), sentence.tag, sentence.colour, size)
        for text in texts:
            pen.text((indent, top), text, fill=sentence.colour, font=letters, anchor="lt")
            top += step
        top += size
    return whole


def draw_tag(
    pen: ImageDraw.ImageDraw,
    corner: tuple[float, float],
    tag: str,
    colour: Colour,
    pixels: int,
    *,
    leftwards: bool = False,
) -> None:
    """A number in white on a filled box, from its upper left corner on or, leftwards, up to its upper right one."""
    if not tag:
        return
    letters = font(pixels, chinese=False)
    width = letters.getlength(tag) + pixels * 0.5
    x, y = corner[0] - width * leftwards, corner[1]
    pen.rectangle((x, y, x + width, y + pixels), fill=colour)
    pen.text((x + pixels * 0.25, y + pixels / 2), tag, fill=_PAPER, font=letters, anchor="lm")


def broken(text: str, letters: Font, width: float) -> Iterator[str]:
    """The lines of a text, none wider than `width` pixels unless one word is."""
    line = ""
    for piece in _PIECE.findall(text):
        if line and letters.getlength(line + piece) > width:
            yield line
            line = ""
        line += piece if line else piece.lstrip()
    if line:
        yield line
