from __future__ import annotations

import io
import pickle
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen import canvas

from service.documents.model import Box, Page, Rule
from service.documents.pdf import read_pdf
from service.documents.pdfbomb import holds_bomb
from service.errors import DamagedFile, EncryptedFile, LimitExceeded
from service.limits import Limits

LIMITS = Limits()
WIDTH, HEIGHT = 400.0, 600.0
REPORT = Path(__file__).parents[3] / "shared" / "reports" / "hongze_2024.pdf"


def drawing(**options: object) -> tuple[io.BytesIO, canvas.Canvas]:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = io.BytesIO()
    return out, canvas.Canvas(out, pagesize=(WIDTH, HEIGHT), **options)


def finish(out: io.BytesIO, pen: canvas.Canvas) -> bytes:
    pen.showPage()
    pen.save()
    return out.getvalue()


def turned(data: bytes, turn: int) -> bytes:
    """Set the rotation entry of the first page."""
    out = io.BytesIO()
    with closing(pdfium.PdfDocument(data)) as pdf:
        pdf[0].set_rotation(turn)
        pdf.save(out)
    return out.getvalue()


def texts(page: Page) -> list[str]:
    return [token.text for token in page.tokens]


def near(rule: Rule, x0: float, y0: float, x1: float, y1: float) -> bool:
    """Compare a rule with one in points from the top left."""
    expected = (x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT)
    return all(abs(a - b) < 0.003 for a, b in zip((rule.x0, rule.y0, rule.x1, rule.y1), expected, strict=True))


def has(page: Page, *line: float) -> bool:
    return any(near(rule, *line) for rule in page.rules)


def ink_box(page: Page, box: Box) -> np.ndarray:
    assert page.render is not None
    picture = page.render()
    high, wide = picture.shape[:2]
    return picture[int(box.y0 * high) : int(box.y1 * high) + 1, int(box.x0 * wide) : int(box.x1 * wide) + 1]


def test_numbers_are_one_token_and_chinese_characters_one_each() -> None:
    out, pen = drawing()
    pen.setFont("STSong-Light", 12)
    pen.drawString(50, 500, "收费5.035万元")
    pen.drawString(50, 480, "1,234")
    pen.drawString(50, 460, "-18")
    pen.drawString(50, 440, "数量２０，３")
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert texts(page) == ["收", "费", "5.035", "万", "元", "1,234", "-18", "数", "量", "２０", "，", "３"]
    assert not page.scanned
    token = page.tokens[2]
    assert token.box.x0 == pytest.approx(74 / WIDTH, abs=0.002)
    assert token.box.y0 < (HEIGHT - 505) / HEIGHT < token.box.y1
    assert (token.confidence, token.reader) == (1.0, "text-layer")


def test_digits_written_one_by_one_and_out_of_order_are_joined_by_place() -> None:
    out, pen = drawing()
    pen.setFont("Helvetica", 10)
    for x, digit in ((60, "4"), (50, "1"), (55, "2")):
        pen.drawString(x + (0.5 if digit == "4" else 0), 500, digit)
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert texts(page) == ["124"]


def test_numbers_of_neighbouring_cells_stay_apart() -> None:
    out, pen = drawing()
    pen.setFont("Helvetica", 10)
    pen.drawString(50, 500, "12")
    pen.drawString(65, 500, "3")
    pen.drawString(50, 450, "7")
    pen.drawString(56.5, 450, "8")
    pen.line(56, 440, 56, 465)
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert texts(page) == ["12", "3", "7", "8"]


def test_digits_further_apart_than_the_page_sets_them_are_of_two_numbers() -> None:
    out, pen = drawing()
    pen.setFont("Helvetica", 10)
    pen.drawString(50, 500, "1286")
    pen.drawString(50 + pen.stringWidth("1286") + 1, 500, "307")
    pen.drawString(50, 450, "4521")
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert texts(page) == ["1286", "307", "4521"]


def test_digits_that_are_spaced_out_evenly_are_one_number() -> None:
    out, pen = drawing()
    pen.setFont("Helvetica", 10)
    for y, digits in ((500, "1286"), (450, "40")):
        for n, digit in enumerate(digits):
            pen.drawString(50 + 6.6 * n, y, digit)
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert texts(page) == ["1286", "40"]


def test_a_number_drawn_twice_for_bold_is_read_once() -> None:
    out, pen = drawing()
    pen.setFont("Helvetica", 12)
    pen.drawString(50, 500, "11")
    pen.drawString(50.4, 500, "11")
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert texts(page) == ["11"]


def test_watermark_is_no_text() -> None:
    out, pen = drawing()
    pen.setFont("STSong-Light", 12)
    pen.drawString(50, 500, "第二十条第一项规章行政")
    pen.translate(200, 300)
    pen.rotate(45)
    pen.drawString(0, 0, "内部99")
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert "".join(texts(page)) == "第二十条第一项规章行政"


def test_rules_of_every_kind_of_drawing() -> None:
    out, pen = drawing()
    pen.setFont("Helvetica", 12)
    pen.drawString(50, 20, "1")
    pen.setLineWidth(0.5)
    pen.line(50, 500, 350, 500)  # stroke
    pen.rect(50, 449.5, 300, 1, stroke=0, fill=1)  # thin filled rectangle
    pen.rect(50, 350, 100, 50)  # outline
    pen.saveState()
    pen.translate(100, 100)
    pen.scale(2, 2)
    pen.line(0, 0, 100, 0)
    pen.restoreState()
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert has(page, 50, 100, 350, 100)
    assert has(page, 50, 150, 350, 150)
    assert has(page, 50, 200, 150, 200)
    assert has(page, 50, 250, 150, 250)
    assert has(page, 50, 200, 50, 250)
    assert has(page, 150, 200, 150, 250)
    assert has(page, 100, 500, 300, 500)
    assert len(page.rules) == 7


def test_what_is_no_rule() -> None:
    out, pen = drawing()
    pen.setFont("Helvetica", 12)
    pen.drawString(50, 20, "1")
    pen.line(50, 500, 350, 400)  # slanted
    pen.setFillGray(0.8)
    pen.rect(50, 300, 300, 40, stroke=0, fill=1)  # shading
    pen.setStrokeColorRGB(1, 1, 1)
    pen.line(50, 250, 350, 250)  # white
    pen.setStrokeGray(0)
    pen.line(50, 100, 53, 100)  # a dot
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert page.rules == ()


def test_pieces_and_double_lines_become_one_rule() -> None:
    out, pen = drawing()
    pen.setFont("Helvetica", 12)
    pen.drawString(50, 20, "1")
    for x in range(50, 350, 50):
        pen.line(x, 500, x + 50, 500)
        pen.line(x, 501.5, x + 50, 501.5)
    pen.setDash(2, 2)
    pen.line(50, 400, 350, 400)
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert len(page.rules) == 2
    assert has(page, 50, 99.5, 350, 99.5)


def test_rules_and_text_in_nested_forms() -> None:
    out, pen = drawing()
    pen.beginForm("inner")
    pen.setFont("Helvetica", 12)
    pen.drawString(5, 5, "42")
    pen.line(0, 0, 100, 0)
    pen.endForm()
    pen.beginForm("outer")
    pen.saveState()
    pen.translate(10, 20)
    pen.doForm("inner")
    pen.restoreState()
    pen.line(0, 50, 0, 100)
    pen.endForm()
    pen.translate(100, 300)
    pen.doForm("outer")
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert texts(page) == ["42"]
    assert page.tokens[0].box.x0 == pytest.approx(115 / WIDTH, abs=0.003)
    assert has(page, 110, 280, 210, 280)
    assert has(page, 100, 200, 100, 250)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_rotation_entry_and_crop_box_are_applied_as_in_the_picture(turn: int) -> None:
    out, pen = drawing(cropBox=(20, 40, 380, 560))
    pen.setLineWidth(2)
    pen.line(100, 300, 200, 300)
    pen.translate(150, 400)
    pen.rotate(turn)
    pen.setFont("Helvetica", 20)
    pen.drawString(0, 0, "88")
    (page,) = read_pdf(turned(finish(out, pen), turn), LIMITS)
    assert (page.width, page.height) == ((360, 520) if turn % 180 == 0 else (520, 360))
    (rule,) = page.rules
    assert rule.horizontal == (turn % 180 == 0)
    assert ink_box(page, Box(rule.x0, rule.y0, rule.x1, rule.y1)).mean() < 60


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_text_that_the_rotation_entry_sets_upright(turn: int) -> None:
    out, pen = drawing()
    pen.translate(200, 300)
    pen.rotate(turn)
    pen.setFont("Helvetica", 20)
    pen.drawString(0, 0, "88")
    data = turned(finish(out, pen), turn)
    (page,) = read_pdf(data, LIMITS)
    assert texts(page) == ["88"]
    assert ink_box(page, page.tokens[0].box).min() < 60
    # The same page without the entry lies on its side, and is left to the reader of pictures.
    assert read_pdf(turned(data, 0), LIMITS)[0].scanned


def scan() -> Image.Image:
    image = Image.new("L", (400, 600), 255)
    image.paste(0, (50, 100, 350, 110))
    return image


def test_page_of_one_picture_is_scanned_and_drawn_when_asked() -> None:
    out, pen = drawing()
    pen.drawImage(ImageReader(scan()), 0, 0, WIDTH, HEIGHT)
    pen.showPage()
    pen.setFont("STSong-Light", 12)
    pen.drawString(50, 500, "正文")
    first, second = read_pdf(finish(out, pen), LIMITS)
    assert first.scanned
    assert first.tokens == () == first.rules
    assert not second.scanned
    assert texts(second) == ["正", "文"]
    picture = pickle.loads(pickle.dumps(first.render))()
    assert picture.dtype == np.uint8
    assert min(picture.shape[:2]) >= 1100
    high, wide = picture.shape[:2]
    assert picture[int(high * 105 / 600), wide // 2].max() < 40
    assert picture[high // 2, wide // 2].min() > 240


def test_password() -> None:
    out, pen = drawing(encrypt=StandardEncryption("secret"))
    pen.drawString(50, 500, "1")
    with pytest.raises(EncryptedFile, match="password"):
        read_pdf(finish(out, pen), LIMITS)


def test_owner_password_alone_does_not_hinder() -> None:
    out, pen = drawing(encrypt=StandardEncryption("", ownerPassword="owner"))
    pen.drawString(50, 500, "17")
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert texts(page) == ["17"]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_cut_off(share: float) -> None:
    out, pen = drawing()
    pen.drawString(50, 500, "17")
    data = finish(out, pen)
    with pytest.raises(DamagedFile, match="cut off"):
        read_pdf(data[: int(len(data) * share)], LIMITS)


def test_header_alone_is_damaged() -> None:
    with pytest.raises(DamagedFile):
        read_pdf(b"%PDF-1.4\n%%EOF\n", LIMITS)


def test_broken_page_leaves_the_others_alone() -> None:
    out, pen = drawing(pageCompression=0)
    for number in (1, 2, 3):
        pen.drawString(50, 500, f"{number}{number}")
        pen.showPage()
    pen.save()
    data = out.getvalue()
    second = [i for i in range(len(data)) if data.startswith(b"/MediaBox [ 0 0 400 600 ]", i)][1]
    broken = data[:second] + b"/MediaBox [ 0 0 0 0     ]" + data[second + 25 :]
    pages = read_pdf(broken, LIMITS)
    assert [texts(page) for page in (pages[0], pages[2])] == [["11"], ["33"]]
    assert len(pages) == 3


def test_limits() -> None:
    out, pen = drawing()
    for _ in range(3):
        pen.drawImage(ImageReader(scan()), 0, 0, WIDTH, HEIGHT)
        pen.showPage()
    pen.save()
    with pytest.raises(LimitExceeded, match="3 pages"):
        read_pdf(out.getvalue(), Limits(pages=2))
    with pytest.raises(LimitExceeded, match="pixels"):
        read_pdf(out.getvalue(), Limits(page_pixels=200_000))
    assert len(read_pdf(out.getvalue(), Limits(pages=3))) == 3


def test_absurd_page_sizes_are_drawn_at_a_useful_size() -> None:
    for side in (50.0, 14000.0):
        out = io.BytesIO()
        pen = canvas.Canvas(out, pagesize=(side, side * 1.4))
        pen.drawImage(ImageReader(scan()), 0, 0, side, side * 1.4)
        (page,) = read_pdf(finish(out, pen), LIMITS)
        assert page.render is not None
        assert 1100 < page.render().shape[1] < 3600


def test_threads_may_read_at_once() -> None:
    out, pen = drawing()
    pen.setFont("Helvetica", 12)
    pen.drawString(50, 500, "123")
    data = finish(out, pen)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: texts(read_pdf(data, LIMITS)[0]), range(20)))
    assert results == [["123"]] * 20


@pytest.mark.skipif(not REPORT.exists(), reason="the shared reports are not here")
def test_real_report() -> None:
    pages = read_pdf(REPORT.read_bytes(), LIMITS)
    assert [page.scanned or bool(page.problem) for page in pages] == [False] * 5
    assert {"2776", "7545", "84"} <= set(texts(pages[2]))
    assert {"9487"} <= set(texts(pages[1]))
    # Upright writing has no sensible boxes in PDFium: none may be wider than a cell.
    assert max(token.box.x1 - token.box.x0 for token in pages[2].tokens) < 0.08
    assert sum(rule.horizontal for rule in pages[2].rules) > 20


@pytest.mark.parametrize(
    ("write", "scanned"),
    [
        (lambda pen: pen.freeTextAnnotation("77", "/Helv 10 Tf", Rect=[50, 40, 100, 60], addtopage=1), True),
        (lambda pen: pen.acroForm.textfield(value="77", name="a", x=50, y=40), True),
        (lambda pen: pen.acroForm.textfield(value="", name="a", x=50, y=40), False),
        (lambda pen: pen.acroForm.textfield(value="77", name="a", x=50, y=40, annotationFlags="hidden"), False),
        (lambda pen: pen.acroForm.checkbox(name="a", checked=True, x=50, y=40), False),
        (lambda pen: pen.textAnnotation("77", Rect=[50, 40, 100, 60], addtopage=1), False),
        (lambda pen: pen.linkURL("http://example.org/", (50, 40, 100, 60)), False),
    ],
    ids=["typed upon", "filled field", "empty field", "hidden field", "tick box", "pop-up note", "link"],
)
def test_numbers_in_notes_and_form_fields_send_the_page_to_its_picture(
    write: Callable[[canvas.Canvas], None], scanned: bool
) -> None:
    out, pen = drawing()
    pen.drawString(50, 500, "12")
    write(pen)
    (page,) = read_pdf(finish(out, pen), LIMITS)
    assert page.scanned is scanned
    assert texts(page) == ([] if scanned else ["12"])


@pytest.mark.parametrize("layers", [1, 2])
def test_a_stream_that_unpacks_beyond_the_limit_is_refused_before_it_is_unpacked(layers: int) -> None:
    packed = b" " * 300_000
    for _ in range(layers):
        packed = zlib.compress(packed)
    filters = b"/FlateDecode " * layers
    stream = b"4 0 obj<</Filter[%s]/Length %d>>stream\n%s\nendstream endobj %%%%EOF" % (filters, len(packed), packed)
    assert holds_bomb(stream, 299_999)
    assert not holds_bomb(stream, 300_000)
    assert not holds_bomb(stream.replace(b"<<", b"<</Subtype/Image", 1), 1000)
    with pytest.raises(LimitExceeded):
        read_pdf(b"%PDF-1.4\n" + stream, Limits(file_bytes=200_000))


def test_a_broken_stream_is_no_bomb() -> None:
    stream = b"4 0 obj<</Filter/FlateDecode>>stream\n" + zlib.compress(b"1234", 0)[:6] + b"\nendstream endobj"
    assert not holds_bomb(stream, 4)
    assert not holds_bomb(b"4 0 obj<</Filter/FlateDecode>>stream\nno such thing\nendstream endobj", 0)
