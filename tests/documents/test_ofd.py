from __future__ import annotations

import io
import pickle
import zipfile

import pytest
from PIL import Image

from service.documents.model import Page, Rule
from service.documents.ofd import read_ofd
from service.errors import DamagedFile, EncryptedFile, LimitExceeded
from service.limits import Limits

LIMITS = Limits()
NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'


def element(name: str, inner: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><ofd:{name} {NS}>{inner}</ofd:{name}>'


def ofd(*pages: str, template: str = "", skip: str = "", more: dict[str, bytes] | None = None) -> bytes:
    """Build an OFD file of pages of 200 x 100 mm."""
    listed = "".join(f'<ofd:Page ID="{9 + i}" BaseLoc="Pages/Page_{i}/Content.xml"/>' for i in range(len(pages)))
    area = "<ofd:PageArea><ofd:PhysicalBox>0 0 200 100</ofd:PhysicalBox></ofd:PageArea>"
    common = (
        f"<ofd:CommonData>{area}<ofd:PublicRes>PublicRes.xml</ofd:PublicRes><ofd:DocumentRes>DocumentRes.xml"
        f'</ofd:DocumentRes><ofd:TemplatePage ID="5" BaseLoc="Tpls/T.xml"/></ofd:CommonData>'
    )
    inner = '<ofd:MultiMedia ID="7" Type="Image"><ofd:MediaFile>i.png</ofd:MediaFile></ofd:MultiMedia>'
    media = f"<ofd:MultiMedias>{inner}</ofd:MultiMedias>"
    parts: dict[str, bytes] = {
        "OFD.xml": element("OFD", "<ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>").encode(),
        "Doc_0/Document.xml": element("Document", f"{common}<ofd:Pages>{listed}</ofd:Pages>").encode(),
        "Doc_0/PublicRes.xml": element("Res", "").encode(),
        "Doc_0/DocumentRes.xml": f'<ofd:Res {NS} BaseLoc="Res">{media}</ofd:Res>'.encode(),
        "Doc_0/Tpls/T.xml": element("Page", f"<ofd:Content><ofd:Layer>{template}</ofd:Layer></ofd:Content>").encode(),
    }
    for i, page in enumerate(pages):
        use = '<ofd:Template TemplateID="5"/>'
        inner = f"{use}<ofd:Content><ofd:Layer>{page}</ofd:Layer></ofd:Content>"
        parts[f"Doc_0/Pages/Page_{i}/Content.xml"] = element("Page", inner).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in {**parts, **(more or {})}.items():
            if name != skip:
                archive.writestr(name, data)
    return out.getvalue()


def text(code: str, deltas: str = "", boundary: str = "20 10 100 10", extra: str = "") -> str:
    return (
        f'<ofd:TextObject ID="1" Boundary="{boundary}" Font="1" Size="4" {extra}>'
        f'<ofd:TextCode X="0" Y="4" {deltas}>{code}</ofd:TextCode></ofd:TextObject>'
    )


def path(data: str, boundary: str = "0 0 200 100", extra: str = "") -> str:
    return (
        f'<ofd:PathObject ID="2" Boundary="{boundary}" LineWidth="0.2" {extra}>'
        f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def words(page: Page) -> list[str]:
    return [token.text for token in page.tokens]


def lines(page: Page) -> list[tuple[float, ...]]:
    return [(round(r.x0, 3), round(r.y0, 3), round(r.x1, 3), round(r.y1, 3)) for r in page.rules]


def test_text_with_repeated_steps() -> None:
    (page,) = read_ofd(ofd(text("总计1205", 'DeltaX="g 2 4 2 2 2"')), LIMITS)
    assert words(page) == ["总", "计", "1205"]
    first, second, number = (token.box for token in page.tokens)
    assert first.x0 == pytest.approx(20 / 200)
    assert second.x0 == pytest.approx(24 / 200)
    assert (number.x0, number.x1) == (pytest.approx(28 / 200), pytest.approx(36 / 200))
    assert first.y0 < 13 / 100 < first.y1 < 16 / 100
    assert not page.scanned
    assert page.width / page.height == pytest.approx(2)


def test_steps_downwards_and_matrix() -> None:
    body = text("年度", 'DeltaX="0" DeltaY="5"') + text("7", extra='CTM="2 0 0 2 10 20"')
    (page,) = read_ofd(ofd(body), LIMITS)
    year, degree, seven = (token.box for token in page.tokens)
    assert degree.y0 - year.y0 == pytest.approx(5 / 100)
    assert seven.x0 == pytest.approx(30 / 200)
    assert seven.y1 == pytest.approx((10 + 20 + 2 * 4 + 2 * 0.14 * 4) / 100)


def test_rules_of_lines_rectangles_and_thin_fills() -> None:
    body = (
        text("1")
        + path("M 10 0 L 110 0", "0 30 200 1")
        + path("M 10 40 L 60 40 L 60 60 L 10 60 C")
        + path("M 10 80 L 60 80 L 60 80.4 L 10 80.4 C", extra='Stroke="false" Fill="true"')
        + path("M 10 90 L 60 95")
    )
    (page,) = read_ofd(ofd(body), LIMITS)
    assert lines(page) == [
        (0.05, 0.3, 0.55, 0.3),
        (0.05, 0.4, 0.3, 0.4),
        (0.05, 0.6, 0.3, 0.6),
        (0.05, 0.802, 0.3, 0.802),
        (0.05, 0.4, 0.05, 0.6),
        (0.3, 0.4, 0.3, 0.6),
    ]
    assert all(isinstance(rule, Rule) for rule in page.rules)


def test_template_is_part_of_every_page() -> None:
    pages = read_ofd(ofd(text("1"), text("2"), template=path("M 0 50 L 200 50")), LIMITS)
    assert [(words(page), len(page.rules)) for page in pages] == [(["1"], 1), (["2"], 1)]


def test_scanned_page_is_composed_of_its_picture() -> None:
    image = Image.new("L", (400, 200), 255)
    image.paste(0, (0, 0, 100, 100))
    out = io.BytesIO()
    image.save(out, "PNG")
    body = '<ofd:ImageObject ID="3" Boundary="0 0 200 100" CTM="200 0 0 100 0 0" ResourceID="7"/>'
    hidden = text("总计", extra='Visible="false"')
    (page,) = read_ofd(ofd(body + hidden, more={"Doc_0/Res/i.png": out.getvalue()}), LIMITS)
    assert page.scanned
    assert page.tokens == ()
    picture = pickle.loads(pickle.dumps(page.render))()
    assert picture.shape == (787, 1575, 3)
    assert picture[350, 350].max() < 20
    assert picture[350, 450].min() > 235
    assert picture[450, 350].min() > 235


def test_missing_picture_is_a_problem_of_its_page() -> None:
    body = '<ofd:ImageObject ID="3" Boundary="0 0 200 100" ResourceID="7"/>'
    first, second = read_ofd(ofd(body, text("2")), LIMITS)
    assert first.problem and not second.problem


@pytest.mark.parametrize("part", ["OFD.xml", "Doc_0/Document.xml", "Doc_0/Pages/Page_0/Content.xml"])
def test_missing_part(part: str) -> None:
    with pytest.raises(DamagedFile):
        read_ofd(ofd(text("1"), skip=part), LIMITS)


def test_broken_page_leaves_the_others_alone() -> None:
    first, second = read_ofd(ofd(text("1"), path("M 1 1 L 2")), LIMITS)
    assert words(first) == ["1"]
    assert second.problem


def test_encrypted_and_too_long() -> None:
    with pytest.raises(EncryptedFile):
        read_ofd(ofd(text("1"), more={"Encryptions.xml": b"<a/>"}), LIMITS)
    with pytest.raises(LimitExceeded):
        read_ofd(ofd(text("1"), text("2")), Limits(pages=1))
