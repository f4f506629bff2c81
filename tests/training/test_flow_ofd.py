from __future__ import annotations

import io
import posixpath
import zipfile
from itertools import accumulate
from typing import Any

import pytest
from lxml import etree

from tests.training.flow_reports import numbered_report
from training.synthesize.flow.ofd import OfdStyle, choose_style, write_ofd
from training.synthesize.layout import lay_out

O = "{http://www.ofdspec.org/2016}"  # noqa: E741  the name space's own prefix
POINT = 72 / 25.4
STYLES = {
    "lines": OfdStyle(),
    "characters": OfdStyle(objects="character"),
    "short steps": OfdStyle(short_steps=True, scaled=True),
    "template": OfdStyle(template=True),
}
PAGES = lay_out(numbered_report(), 2)[:2]


def _open(data: bytes) -> tuple[zipfile.ZipFile, Any]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    root = etree.fromstring(archive.read("OFD.xml"))
    document = etree.fromstring(archive.read(root.findtext(f".//{O}DocRoot")))
    return archive, document


def _page(archive: zipfile.ZipFile, document: Any, number: int) -> list[Any]:
    """The page's content and that of its templates."""
    place = document.findall(f".//{O}Page")[number].get("BaseLoc")
    page = etree.fromstring(archive.read(posixpath.join("Doc_0", place)))
    templates = {one.get("ID"): one.get("BaseLoc") for one in document.iter(f"{O}TemplatePage")}
    used = [templates[one.get("TemplateID")] for one in page.findall(f"{O}Template")]
    return [page, *(etree.fromstring(archive.read(posixpath.join("Doc_0", one))) for one in used)]


def _floats(text: str | None) -> list[float]:
    return [float(one) for one in (text or "").split()]


def _steps(text: str | None) -> list[float]:
    words, steps = (text or "").split(), []
    while words:
        if words[0] == "g":
            steps += [float(words[2])] * int(words[1])
            words = words[3:]
        else:
            steps.append(float(words.pop(0)))
    return steps


def _characters(page: Any) -> list[tuple[str, float, float]]:
    """Characters with the points where they stand, in points."""
    found = []
    for item in page.iter(f"{O}TextObject"):
        left, top, *_ = _floats(item.get("Boundary"))
        scale = (_floats(item.get("CTM")) or [1.0])[0]
        code = item.find(f"{O}TextCode")
        starts = accumulate([float(code.get("X")), *_steps(code.get("DeltaX"))])
        y = (top + float(code.get("Y")) * scale) * POINT
        found += [(char, (left + x * scale) * POINT, y) for char, x in zip(code.text, starts, strict=True)]
    return found


@pytest.mark.parametrize("name", STYLES)
def test_every_character_and_rule_stands_in_its_place(name: str) -> None:
    archive, document = _open(write_ofd(PAGES, STYLES[name], "标题"))
    for number, drawn in enumerate(PAGES):
        parts = _page(archive, document, number)
        characters = [one for part in parts for one in _characters(part)]
        assert [char for char, _, _ in characters] == [glyph.text for glyph in drawn.glyphs]
        for (_, x, y), glyph in zip(characters, drawn.glyphs, strict=True):
            assert (x, y) == pytest.approx((glyph.x, glyph.y), abs=0.05)
        paths = [path for part in parts for path in part.iter(f"{O}PathObject") if path.get("Fill") is None]
        assert len(paths) == len(drawn.strokes) > 20
        left, top, *_ = _floats(paths[0].get("Boundary"))
        x0, y0, x1, y1 = _floats(paths[0].findtext(f"{O}AbbreviatedData").replace("M", "").replace("L", ""))
        ends = [(left + x0) * POINT, (top + y0) * POINT, (left + x1) * POINT, (top + y1) * POINT]
        first = drawn.strokes[0]
        assert ends == pytest.approx([first.x0, first.y0, first.x1, first.y1], abs=0.05)


@pytest.mark.parametrize("name", STYLES)
def test_ids_are_unique_and_fonts_exist(name: str) -> None:
    archive, document = _open(write_ofd(PAGES, STYLES[name]))
    roots = [etree.fromstring(archive.read(part)) for part in archive.namelist()]
    ids = [int(node.get("ID")) for root in roots for node in root.iter() if node.get("ID")]
    assert len(ids) == len(set(ids))
    assert max(ids) <= int(document.findtext(f".//{O}MaxUnitID"))
    fonts = {node.get("ID") for root in roots for node in root.iter(f"{O}Font")}
    assert {node.get("Font") for root in roots for node in root.iter(f"{O}TextObject")} <= fonts


def test_styles_differ_by_seed() -> None:
    assert len({choose_style(seed) for seed in range(40)}) > 6
