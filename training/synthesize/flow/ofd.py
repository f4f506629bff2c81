"""Drawn pages as OFD, the Chinese state's fixed-layout format (GB/T 33190-2016): zip and XML.

Lengths are millimetres from the top left of the page; a text code's X and Y are those of the first character's
baseline within its object's boundary, DeltaX the steps to each next character.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

from training.synthesize.fonts import Family
from training.synthesize.fonts import faces as drawn_faces
from training.synthesize.pages import DrawnPage, Fill, Glyph, Stroke, bounding_box

_SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MM = 25.4 / 72
_STAMP = (2024, 1, 15, 9, 30, 0)
"""Every entry's time, so that the same pages give the same bytes."""
_FONT_NAMES: Mapping[Family, str] = {
    "song": "宋体",
    "hei": "黑体",
    "kai": "楷体",
    "bold": "黑体",
    "digits": "Times New Roman",
    "strong": "Times New Roman Bold",
    "pen": "Segoe Script",
}
"""What the fonts are called in the file, by the family of the drawn face."""


@dataclass(frozen=True, slots=True)
class OfdStyle:
    """How an OFD writer sets its text."""

    objects: Literal["line", "character"] = "line"
    """A text object for every run of characters on a line, or for every character."""
    short_steps: bool = False
    """Equal steps in the short form `g 3 4.2`."""
    scaled: bool = False
    """Sizes and steps in a unit of their own, with a transformation (CTM) to millimetres."""
    template: bool = False
    """The rules stand in a page template, the text on the page."""


def choose_style(seed: int) -> OfdStyle:
    """Choose a style."""
    rng = random.Random(f"ofd {seed}")
    return OfdStyle(
        objects="character" if rng.random() < 0.25 else "line",
        short_steps=rng.random() < 0.5,
        scaled=rng.random() < 0.4,
        template=rng.random() < 0.2,
    )


def write_ofd(pages: Sequence[DrawnPage], style: OfdStyle, title: str = "") -> bytes:
    """Write pages as positioned text and ruled lines."""
    ids = count(1)
    faces = sorted({glyph.face for page in pages for glyph in page.glyphs})
    fonts = {face: next(ids) for face in faces}
    parts: dict[str, bytes] = {"Doc_0/PublicRes.xml": _resources(_fonts(fonts))}
    templates: list[tuple[int, str]] = []
    entries = []
    for number, page in enumerate(pages):
        size = (page.width * _MM, page.height * _MM)
        graphics = [_fill(fill, next(ids)) for fill in page.fills] + [_path(rule, next(ids)) for rule in page.strokes]
        texts = [_text(run, fonts, style, next(ids)) for run in _runs(page.glyphs, style)]
        use = ""
        if style.template:
            template = next(ids)
            templates.append((template, f"Tpls/Tpl_{number}/Content.xml"))
            parts[f"Doc_0/Tpls/Tpl_{number}/Content.xml"] = _page(size, graphics, next(ids))
            use, graphics = f'<ofd:Template TemplateID="{template}" ZOrder="Background"/>', []
        parts[f"Doc_0/Pages/Page_{number}/Content.xml"] = _page(size, [*graphics, *texts], next(ids), use)
        entries.append((next(ids), f"Pages/Page_{number}/Content.xml"))
    return _package(parts, entries, templates, (pages[0].width * _MM, pages[0].height * _MM), next(ids), title)


def _runs(glyphs: Sequence[Glyph], style: OfdStyle) -> Iterator[list[Glyph]]:
    """Glyphs that one text object holds: neighbours on one baseline in one face and size."""
    run: list[Glyph] = []
    for glyph in glyphs:
        if run and (style.objects == "character" or not _follows(run[-1], glyph)):
            yield run
            run = []
        run.append(glyph)
    if run:
        yield run


def _follows(before: Glyph, glyph: Glyph) -> bool:
    same = (before.face, before.size, before.y) == (glyph.face, glyph.size, glyph.y)
    return same and 0 < glyph.x - before.x < 3 * glyph.size


def _text(run: Sequence[Glyph], fonts: Mapping[str, int], style: OfdStyle, number: int) -> str:
    box = bounding_box(run)
    unit = 1 / 1000 if style.scaled else 1.0
    first = run[0]
    x, y = (first.x - box.x0) * _MM / unit, (first.y - box.y0) * _MM / unit
    steps = [(after.x - before.x) * _MM / unit for before, after in pairwise(run)]
    delta = f' DeltaX="{_steps(steps, style.short_steps)}"' if steps else ""
    matrix = f' CTM="{_numbers(unit, 0, 0, unit, 0, 0)}"' if style.scaled else ""
    boundary = _numbers(box.x0 * _MM, box.y0 * _MM, (box.x1 - box.x0) * _MM, (box.y1 - box.y0) * _MM)
    text = escape("".join(glyph.text for glyph in run))
    return (
        f'<ofd:TextObject ID="{number}" Boundary="{boundary}"{matrix} Font="{fonts[first.face]}" '
        f'Size="{_numbers(first.size * _MM / unit)}"><ofd:FillColor Value="0 0 0"/>'
        f'<ofd:TextCode X="{_numbers(x)}" Y="{_numbers(y)}"{delta}>{text}</ofd:TextCode></ofd:TextObject>'
    )


def _steps(steps: Sequence[float], short: bool) -> str:
    """The steps as DeltaX, equal neighbours as `g COUNT STEP` if short."""
    texts = [_numbers(step) for step in steps]
    out: list[str] = []
    while texts:
        same = next((at for at, text in enumerate(texts) if text != texts[0]), len(texts))
        out += ["g", str(same), texts[0]] if short and same > 1 else texts[:same]
        texts = texts[same:]
    return " ".join(out)


def _path(stroke: Stroke, number: int) -> str:
    """A ruled line as a stroked path; its boundary is as thick as the line."""
    half = stroke.width / 2
    left, top = min(stroke.x0, stroke.x1) - half, min(stroke.y0, stroke.y1) - half
    width, height = abs(stroke.x1 - stroke.x0) + stroke.width, abs(stroke.y1 - stroke.y0) + stroke.width
    start = _numbers((stroke.x0 - left) * _MM, (stroke.y0 - top) * _MM)
    end = _numbers((stroke.x1 - left) * _MM, (stroke.y1 - top) * _MM)
    return (
        f'<ofd:PathObject ID="{number}" Boundary="{_numbers(left * _MM, top * _MM, width * _MM, height * _MM)}" '
        f'LineWidth="{_numbers(stroke.width * _MM)}"><ofd:StrokeColor Value="0 0 0"/>'
        f"<ofd:AbbreviatedData>M {start} L {end}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _fill(fill: Fill, number: int) -> str:
    box = fill.box
    width, height = (box.x1 - box.x0) * _MM, (box.y1 - box.y0) * _MM
    corners = [_numbers(width, 0), _numbers(width, height), _numbers(0, height)]
    return (
        f'<ofd:PathObject ID="{number}" Boundary="{_numbers(box.x0 * _MM, box.y0 * _MM, width, height)}" '
        f'Stroke="false" Fill="true"><ofd:FillColor Value="{" ".join(map(str, fill.colour))}"/>'
        f"<ofd:AbbreviatedData>M 0 0 L {' L '.join(corners)} C</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _numbers(*values: float) -> str:
    return " ".join(f"{value:.4f}".rstrip("0").rstrip(".") for value in values)


def _fonts(fonts: Mapping[str, int]) -> str:
    names = {face: _FONT_NAMES[drawn_faces()[face].family] for face in fonts}
    entries = (
        f'<ofd:Font ID="{number}" FontName="{names[face]}" FamilyName="{names[face]}"/>'
        for face, number in fonts.items()
    )
    return f"<ofd:Fonts>{''.join(entries)}</ofd:Fonts>"


def _resources(content: str) -> bytes:
    return f'{_XML}<ofd:Res {_SPACE} BaseLoc="Res">{content}</ofd:Res>'.encode()


def _page(size: tuple[float, float], objects: Sequence[str], layer: int, template: str = "") -> bytes:
    return (
        f"{_XML}<ofd:Page {_SPACE}>{template}<ofd:Area><ofd:PhysicalBox>{_numbers(0, 0, *size)}</ofd:PhysicalBox>"
        f'</ofd:Area><ofd:Content><ofd:Layer ID="{layer}" Type="Body">{"".join(objects)}</ofd:Layer></ofd:Content>'
        "</ofd:Page>"
    ).encode()


def _package(
    parts: Mapping[str, bytes],
    pages: Sequence[tuple[int, str]],
    templates: Sequence[tuple[int, str]],
    size: tuple[float, float],
    last: int,
    title: str,
) -> bytes:
    main = (
        f'{_XML}<ofd:OFD {_SPACE} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        f"<ofd:DocID>{last:032x}</ofd:DocID><ofd:Title>{escape(title)}</ofd:Title></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    )
    patterns = "".join(
        f'<ofd:TemplatePage ID="{number}" BaseLoc={quoteattr(place)} ZOrder="Background"/>'
        for number, place in templates
    )
    listed = "".join(f'<ofd:Page ID="{number}" BaseLoc={quoteattr(place)}/>' for number, place in pages)
    document = (
        f"{_XML}<ofd:Document {_SPACE}><ofd:CommonData><ofd:MaxUnitID>{last}</ofd:MaxUnitID><ofd:PageArea>"
        f"<ofd:PhysicalBox>{_numbers(0, 0, *size)}</ofd:PhysicalBox></ofd:PageArea>"
        f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{patterns}</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages>"
        "</ofd:Document>"
    )
    every = {"OFD.xml": main.encode(), "Doc_0/Document.xml": document.encode(), **parts}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in every.items():
            archive.writestr(zipfile.ZipInfo(name, _STAMP), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
