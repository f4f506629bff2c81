"""Draw laid out pages as pictures."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, ImageFont

from service.documents.model import Picture
from training.synthesize import fonts
from training.synthesize.pages import DrawnPage, Fill, Glyph, Stroke


def draw_page(page: DrawnPage, dpi: float) -> Picture:
    """Draw a page at `dpi` pixels an inch: height x width x 3, BGR, antialiased.

    A point of the page at fraction (x, y) of its size is at the same fraction of the picture.
    """
    scale = dpi / 72
    width, height = round(page.width * scale), round(page.height * scale)
    canvas = np.full((height, width, 3), 255, np.float32)
    for fill in page.fills:
        _fill(canvas, fill, scale)
    for stroke in page.strokes:
        _stroke(canvas, stroke, scale)
    ink = _draw_text(page.glyphs, (width, height), scale)
    canvas *= (1 - ink.astype(np.float32) / 255)[..., None]
    return canvas.round().astype(np.uint8)


def _draw_text(glyphs: tuple[Glyph, ...], size: tuple[int, int], scale: float) -> NDArray[np.uint8]:
    """Coverage of the text, 0 to 255."""
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    for glyph in glyphs:
        font = fonts.pixel_font(glyph.face, round(glyph.size * scale * 4) / 4)
        at = (glyph.x * scale, glyph.y * scale)
        if glyph.tilt:
            _tilted(mask, glyph, font, at, scale)
        else:
            pen.text(at, glyph.text, fill=255, font=font, anchor="ls", stroke_width=glyph.pen * scale / 2)
    return np.asarray(mask)


def _tilted(
    mask: Image.Image, glyph: Glyph, font: ImageFont.FreeTypeFont, at: tuple[float, float], scale: float
) -> None:
    """Draw a glyph turned about `at`, the left end of its baseline, in pixels."""
    reach = math.ceil(2 * glyph.size * scale)
    left, top = math.floor(at[0]) - reach, math.floor(at[1]) - reach
    tile = Image.new("L", (2 * reach, 2 * reach), 0)
    within = (at[0] - left, at[1] - top)
    ImageDraw.Draw(tile).text(within, glyph.text, fill=255, font=font, anchor="ls", stroke_width=glyph.pen * scale / 2)
    tile = tile.rotate(glyph.tilt, resample=Image.Resampling.BICUBIC, center=within)
    area = (left, top, left + 2 * reach, top + 2 * reach)
    mask.paste(ImageChops.lighter(mask.crop(area), tile), (left, top))


def _fill(canvas: NDArray[np.float32], fill: Fill, scale: float) -> None:
    box = fill.box
    _blend(canvas, (box.x0 * scale, box.y0 * scale, box.x1 * scale, box.y1 * scale), fill.colour[::-1])


def _stroke(canvas: NDArray[np.float32], stroke: Stroke, scale: float) -> None:
    half = stroke.width / 2
    across = stroke.y0 == stroke.y1
    grow_x, grow_y = (0.0, half) if across else (half, 0.0)
    corners = (stroke.x0 - grow_x, stroke.y0 - grow_y, stroke.x1 + grow_x, stroke.y1 + grow_y)
    x0, y0, x1, y1 = (corner * scale for corner in corners)
    _blend(canvas, (x0, y0, x1, y1), (0, 0, 0))


def _blend(canvas: NDArray[np.float32], box: tuple[float, float, float, float], colour: tuple[int, int, int]) -> None:
    """Lay a rectangle (pixels, with fractions) over the canvas, each pixel by the share of it that is covered."""
    left, across = _coverage(box[0], box[2], canvas.shape[1])
    top, down = _coverage(box[1], box[3], canvas.shape[0])
    if not len(across) or not len(down):
        return
    share = (down[:, None] * across[None, :])[..., None]
    part = canvas[top : top + len(down), left : left + len(across)]
    part += (np.asarray(colour, np.float32) - part) * share


def _coverage(start: float, end: float, length: int) -> tuple[int, NDArray[np.float32]]:
    """First pixel and covered share of each pixel from there on, along one axis."""
    first, last = max(math.floor(start), 0), min(math.ceil(end), length)
    edges = np.arange(first, max(last, first))
    return first, (np.minimum(edges + 1, end) - np.maximum(edges, start)).clip(0, 1).astype(np.float32)
