"""Whether the text layer of a page says what a person sees on it; if not, the page is read from its picture.

The tests, from the cheapest: there is text at all; it is not hidden behind or upon a scan; its characters are known and
make sense as Chinese; it stands upright; and where the page also has pictures or outlines, the print that they
show is covered by the text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from service.documents.glyphs import Glyph
from service.documents.model import Box, Picture

BROKEN = 0.04
"""Share of characters without meaning beyond which a text layer is garbage; some symbol bullets are harmless."""
COMMON = 0.75
"""Least share of common characters (level 1 of GB 2312) among the Chinese ones; plain prose has 0.97 and more."""
CHINESE = 0.2
"""Least share of Chinese characters among the letters of a page with more than a few."""
PICTURED = 0.06
"""Share of the page from which on a picture may hold a table or a text."""
PAPER = 0.5
"""Least share of light pixels in a picture of print; a photograph of people has less."""
EXPLAINED = 0.6
"""Least share of the ink within pictures or outlines that the text must cover."""
OUTLINES = 120
"""Curved filled outlines from which on they may be glyphs turned into paths."""


@dataclass(frozen=True, slots=True)
class PlacedPicture:
    """A picture on a page, in points."""

    box: Box
    pixels: int
    opaque: bool = True
    order: int = 0
    """Its place in the drawing order of the page."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What decides about a text layer; all measures in points of the page as seen."""

    glyphs: Sequence[Glyph]
    pictures: Sequence[PlacedPicture]
    lost: int
    """Pieces of text that are drawn and have no characters."""
    shapes: int
    """Filled curved outlines."""
    width: float
    height: float


def unsound(layer: Layer, draw: Callable[[], Picture]) -> str | None:
    """Return why the page's text layer cannot be trusted, or None when it can.

    `draw` gives a small picture of the page (about 1000 pixels high); it is called only where it is needed.
    """
    shown = [glyph for glyph in layer.glyphs if glyph.visible]
    if not shown:
        return "there is no visible text"
    if 2 * len(shown) < len(layer.glyphs):
        return "most of the text is hidden, as an OCR layer is"
    upright = [glyph for glyph in shown if glyph.turn == 0]
    if 2 * len(upright) < len(shown):
        return "most of the text does not stand upright"
    # One lost number is one too many: its cell would look empty.
    if layer.lost:
        return "text is drawn whose characters the file does not name"
    return _nonsense(upright) or _uncovered(layer, upright, draw)


def _nonsense(glyphs: Sequence[Glyph]) -> str | None:
    """Judge the characters by themselves."""
    broken = sum(glyph.broken or _meaningless(glyph.text) for glyph in glyphs)
    if broken > max(2, BROKEN * len(glyphs)):
        return "characters have no meaning"
    letters = [folded for glyph in glyphs if (folded := fold(glyph.text)).isalpha()]
    chinese = [letter for letter in letters if _is_han(letter)]
    if len(letters) >= 20 and len(chinese) < CHINESE * len(letters):
        return "hardly any letter is Chinese"
    if len(chinese) >= 20 and sum(map(_is_common, chinese)) < COMMON * len(chinese):
        return "the Chinese characters are not those of a text"
    return None


def fold(character: str) -> str:
    """Return the plain form of a compatibility character (full-width, Kangxi radical)."""
    return unicodedata.normalize("NFKC", character)


def _meaningless(text: str) -> bool:
    """Whether a character is private, unassigned, a control code or the replacement character."""
    return "\ufffd" in text or any(unicodedata.category(character) in ("Cc", "Co", "Cn", "Cs") for character in text)


def _is_han(letter: str) -> bool:
    return all("\u3400" <= character <= "\u9fff" or character >= "\U00020000" for character in letter)


@lru_cache(maxsize=8192)
def _is_common(letter: str) -> bool:
    """Whether a Chinese character is among the 3755 of level 1 of GB 2312 (rows 16 to 55), or a CJK radical."""
    if "\u2e80" <= letter <= "\u2eff":
        return True
    try:
        return 0xB0 <= letter.encode("gb2312")[0] <= 0xD7
    except UnicodeEncodeError:
        return False


def _uncovered(layer: Layer, glyphs: Sequence[Glyph], draw: Callable[[], Picture]) -> str | None:
    """Compare the ink that pictures and outlines show with the text that stands there."""
    page = layer.width * layer.height
    area = sum(_area(picture.box) for picture in layer.pictures)
    if area < PICTURED * page and layer.shapes < OUTLINES:
        return None
    drawn = draw()
    # Red fades in the red channel: a seal on the text is no ink that the text would have to explain.
    red = drawn[:, :, 2]
    height, width = red.shape
    scale = (width / layer.width, height / layer.height)
    text = _paint((glyph.box for glyph in glyphs), scale, red.shape)
    ink = red < 128
    if layer.shapes >= OUTLINES and _explained(ink, text) < EXPLAINED:
        return "text is drawn as outlines"
    pictured = _paint((picture.box for picture in layer.pictures), scale, red.shape)
    share = float(pictured.mean())
    if share < PICTURED:
        return None
    if share < 0.6 and float((red[pictured] > 170).mean()) < PAPER:
        return None
    return None if _explained(ink & pictured, text) >= EXPLAINED else "a picture shows print that the text lacks"


def _area(box: Box) -> float:
    return max(box.x1 - box.x0, 0.0) * max(box.y1 - box.y0, 0.0)


def _explained(ink: NDArray[np.bool_], text: NDArray[np.bool_]) -> float:
    """Return the share of the ink that lies in text; 1 where there is next to no ink."""
    total = int(ink.sum())
    return float((ink & text).sum()) / total if total > 0.0005 * ink.size else 1.0


def _paint(boxes: Iterable[Box], scale: tuple[float, float], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    mask = np.zeros(shape, dtype=np.bool_)
    for box in boxes:
        x0, x1 = int(box.x0 * scale[0]), int(np.ceil(box.x1 * scale[0]))
        y0, y1 = int(box.y0 * scale[1]), int(np.ceil(box.y1 * scale[1]))
        mask[max(y0 - 1, 0) : y1 + 1, max(x0 - 1, 0) : x1 + 1] = True
    return mask
