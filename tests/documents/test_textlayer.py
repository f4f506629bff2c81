from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from service.documents.glyphs import Glyph
from service.documents.model import Box, Picture
from service.documents.pdf import read_pdf
from service.documents.textlayer import Layer, unsound
from service.limits import Limits

TEXT = "本机关认真贯彻落实条例和上级部署要求，主动公开政府信息，不断提高工作水平。"


def layer(text: str, *, visible: bool = True, broken: bool = False, lost: int = 0, turn: int = 0) -> Layer:
    glyphs = [Glyph(letter, Box(10 * i, 10, 10 * i + 10, 20), visible, turn, broken) for i, letter in enumerate(text)]
    return Layer(glyphs, (), lost, 0, 600, 800)


def never() -> Picture:
    raise AssertionError("the page need not be drawn")


@pytest.mark.parametrize("text", [TEXT, "1 2 3", "⼀⼆⾏政" * 8, TEXT + "\uf06c", "（一）２０２４年"])
def test_sound(text: str) -> None:
    assert unsound(layer(text), never) is None


@pytest.mark.parametrize(
    "text",
    [
        TEXT.encode("gbk").decode("latin-1"),
        TEXT.encode().decode("gb18030", "ignore"),
        "\ue123\ue124\ue125" * 10,
        "\ufffd" * 9 + TEXT,
        "\x01\x02\x03\x04" * 5,
        "!abXcdYefZ" * 5,
    ],
)
def test_garbage(text: str) -> None:
    assert unsound(layer(text), never) is not None


def test_hidden_lost_unmapped_and_turned_text() -> None:
    assert unsound(layer(TEXT, visible=False), never)
    assert unsound(layer(TEXT, lost=1), never)
    assert unsound(layer(TEXT, broken=True), never)
    assert unsound(layer(TEXT, turn=1), never)
    assert unsound(layer(""), never)


def printed() -> Image.Image:
    """Return a picture of paper with lines of print."""
    pixels = np.full((800, 600), 255, dtype=np.uint8)
    for y in range(60, 760, 20):
        pixels[y : y + 8, 50:550:3] = 0
    return Image.fromarray(pixels)


def page(*, picture: Image.Image | None, box: tuple[float, ...], mode: int = 0, lines: int = 30) -> bool:
    """Return whether a page with a picture and lines of text upon it is taken as scanned."""
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    pen = canvas.Canvas(out, pagesize=(600, 800))
    if picture:
        pen.drawImage(ImageReader(picture), *box)
    text = pen.beginText(50, 740)
    text.setFont("STSong-Light", 12, 20)
    text.setTextRenderMode(mode)
    for _ in range(lines):
        text.textLine(TEXT[:36])
    pen.drawText(text)
    pen.showPage()
    pen.save()
    return read_pdf(out.getvalue(), Limits())[0].scanned


def test_text_on_an_empty_background_is_sound() -> None:
    assert not page(picture=None, box=())
    assert not page(picture=Image.new("L", (600, 800), 250), box=(0, 0, 600, 800))


def test_scan_with_an_invisible_ocr_layer_is_scanned() -> None:
    assert page(picture=printed(), box=(0, 0, 600, 800), mode=3)


def test_scan_with_a_header_as_its_only_text_is_scanned() -> None:
    assert page(picture=printed(), box=(0, 0, 600, 800), lines=1)


def test_table_pasted_as_a_picture_is_noticed() -> None:
    assert page(picture=printed(), box=(50, 50, 500, 300), lines=15)


def test_photograph_among_text_is_no_print() -> None:
    noise = np.random.default_rng(1).integers(0, 160, (300, 500, 3), dtype=np.uint8)
    assert not page(picture=Image.fromarray(noise), box=(50, 50, 300, 200), lines=15)


def test_logo_is_no_print() -> None:
    assert not page(picture=printed(), box=(500, 750, 40, 40))


def test_outlines_instead_of_characters() -> None:
    out = io.BytesIO()
    pen = canvas.Canvas(out, pagesize=(600, 800))
    for x in range(50, 550, 10):
        for y in range(100, 700, 20):
            pen.circle(x, y, 3, stroke=0, fill=1)
    pen.drawString(300, 20, "- 1 -")
    pen.showPage()
    pen.save()
    assert read_pdf(out.getvalue(), Limits())[0].scanned
