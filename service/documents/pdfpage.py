"""One PDF page through PDFium: its characters, ruled lines and pictures in the frame that a person sees."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from math import pi
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from service.documents.glyphs import Glyph
from service.documents.model import Box, Rule
from service.documents.textlayer import PlacedPicture
from service.documents.vector import THIN, Affine, Outline, bar, filled, merge_rules, overlap, stroked

_DEPTH = 12
"""Form XObjects within each other that are followed."""
_OBJECTS = 200_000
"""Objects of one page that are looked at; a page of small print has some thousands."""
_INVISIBLE = (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP)
_USUAL = (5.0, 25.0)
"""Heights of type, in points, that need no second look."""
_NOTES = (raw.FPDF_ANNOT_FREETEXT, raw.FPDF_ANNOT_WIDGET)
"""Annotations whose text is printed on the page: typed upon it, or filled into a form field."""
_UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
_PALE = 235
"""A line whose colours are all lighter than this does not show on white paper."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The visible part of a page in points, after the crop box and the rotation entry."""

    width: float
    height: float
    turn: int
    """Quarter turns clockwise of the rotation entry."""
    map: Affine
    """From PDF user space (origin bottom left, y upwards) to the visible page."""

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> Frame:
        """Return the frame of a page.

        Raises:
            ValueError: the page has no area.

        """
        left, bottom, right, top = page.get_bbox()
        wide, high = right - left, top - bottom
        if not (0.1 < wide < 1e6 and 0.1 < high < 1e6):
            raise ValueError("page without area")
        turn = int(page.get_rotation()) // 90 % 4
        maps = (
            Affine(1, 0, 0, -1, -left, top),
            Affine(0, 1, 1, 0, -bottom, -left),
            Affine(-1, 0, 0, 1, right, -bottom),
            Affine(0, -1, -1, 0, top, right),
        )
        return cls(high if turn % 2 else wide, wide if turn % 2 else high, turn, maps[turn])


@dataclass(slots=True)
class Content:
    """What a page draws, in points of its frame."""

    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    pictures: list[PlacedPicture] = field(default_factory=list)
    lost: int = 0
    """Text objects, notes and form fields that show something of which the text layer has no character."""
    shapes: int = 0
    """Filled curved outlines: what glyphs look like that were turned into paths."""


@dataclass(frozen=True, slots=True)
class _Object:
    """A page object with the map from its own space to the frame, and its place in the drawing order."""

    handle: Any
    kind: int
    map: Affine
    order: int


def read_content(page: pdfium.PdfPage, frame: Frame) -> Content:
    """Read characters, merged rules and pictures of a page.

    Raises:
        pdfium.PdfiumError: PDFium cannot parse the page.

    """
    content = Content()
    visible = Box(0, 0, frame.width, frame.height)
    rules: list[Rule] = []
    texts: list[_Object] = []
    for item in _objects(page.raw, frame.map):
        if item.kind == raw.FPDF_PAGEOBJ_PATH:
            found, shapes = _path(item)
            rules += found
            content.shapes += shapes
        elif item.kind == raw.FPDF_PAGEOBJ_IMAGE:
            _picture(item, visible, content, rules)
        elif item.kind == raw.FPDF_PAGEOBJ_TEXT:
            texts.append(item)
    content.rules = merge_rules(rule for rule in rules if _within(rule, visible))
    orders = {ctypes.addressof(item.handle.contents): item.order for item in texts}
    with closing(page.get_textpage()) as text:
        written = _glyphs(text.raw, frame, visible, content, orders)
    silent = (_bounds(item) for item in texts if item.order not in written and _draws(item, visible))
    # PDFium drops the second drawing of a text upon itself; that one is not lost.
    content.lost = sum(1 for box in silent if not any(_inside(glyph.box, box) for glyph in content.glyphs))
    content.lost += _notes(page.raw)
    return content


def _notes(page: Any) -> int:
    """Count the annotations that print text, for a text layer knows nothing of them."""
    count = 0
    for index in range(raw.FPDFPage_GetAnnotCount(page)):
        note = raw.FPDFPage_GetAnnot(page, index)
        if note:
            count += _prints_text(note)
            raw.FPDFPage_CloseAnnot(note)
    return count


def _prints_text(note: Any) -> bool:
    """Whether an annotation is a note or a filled form field; signatures are seals, and told by them."""
    if raw.FPDFAnnot_GetSubtype(note) not in _NOTES or raw.FPDFAnnot_GetFlags(note) & _UNSEEN:
        return False
    kind = _entry(note, b"FT")
    if kind in ("Sig", "Btn"):
        return False
    shown = (raw.FPDFAnnot_GetObject(note, index) for index in range(raw.FPDFAnnot_GetObjectCount(note)))
    drawn = any(raw.FPDFPageObj_GetType(handle) == raw.FPDF_PAGEOBJ_TEXT for handle in shown if handle)
    return drawn or bool(_entry(note, b"V" if kind else b"Contents").strip())


def _entry(note: Any, key: bytes) -> str:
    """Return a text or name of an annotation's dictionary; empty where there is none."""
    size = raw.FPDFAnnot_GetStringValue(note, key, None, 0)
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(note, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


def _objects(page: Any, to_frame: Affine) -> Iterator[_Object]:
    """Yield every object of a page in drawing order, those of Form XObjects with the form's matrix applied."""
    order = 0
    matrix = raw.FS_MATRIX()
    stack = [(page, 0, raw.FPDFPage_CountObjects(page), raw.FPDFPage_GetObject, to_frame)]
    while stack:
        holder, index, count, get, outer = stack.pop()
        while index < count and order < _OBJECTS:
            handle = get(holder, index)
            index += 1
            if not handle:
                continue
            order += 1
            kind = raw.FPDFPageObj_GetType(handle)
            raw.FPDFPageObj_GetMatrix(handle, matrix)
            own = Affine(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f).then(outer)
            if kind != raw.FPDF_PAGEOBJ_FORM:
                # The bounds of images and texts, unlike the points of paths, are already in the holder's space.
                yield _Object(handle, kind, own if kind == raw.FPDF_PAGEOBJ_PATH else outer, order)
            elif len(stack) < _DEPTH:
                stack.append((holder, index, count, get, outer))
                inner = raw.FPDFFormObj_CountObjects(handle)
                holder, index, count, get, outer = handle, 0, inner, raw.FPDFFormObj_GetObject, own


def _path(item: _Object) -> tuple[list[Rule], int]:
    """Return the rules that a path draws, and how many of its outlines could be those of glyphs."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(item.handle, fill, stroke)
    strokes = bool(stroke.value) and _shows(item.handle, raw.FPDFPageObj_GetStrokeColor)
    fills = bool(fill.value) and _shows(item.handle, raw.FPDFPageObj_GetFillColor)
    if not (strokes or fills):
        return [], 0
    outlines = _outlines(item)
    rules: list[Rule] = []
    if strokes:
        width = ctypes.c_float()
        raw.FPDFPageObj_GetStrokeWidth(item.handle, width)
        thickness = width.value * item.map.scale
        rules += [rule for outline in outlines for rule in stroked(outline, thickness)]
    if fills:
        rules += filled(outlines)
    return rules, sum(outline.curved for outline in outlines) if fills else 0


def _outlines(item: _Object) -> list[Outline]:
    """Return the subpaths of a path in the frame; a closed one ends where it began."""
    found: list[Outline] = []
    points: list[tuple[float, float]] = []
    curved = False
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(raw.FPDFPath_CountSegments(item.handle)):
        segment = raw.FPDFPath_GetPathSegment(item.handle, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        if kind == raw.FPDF_SEGMENT_MOVETO and points:
            found.append(Outline(tuple(points), curved))
            points, curved = [], False
        curved = curved or kind == raw.FPDF_SEGMENT_BEZIERTO
        points.append(item.map.point(x.value, y.value))
        if raw.FPDFPathSegment_GetClose(segment) and points[-1] != points[0]:
            points.append(points[0])
    if points:
        found.append(Outline(tuple(points), curved))
    return [outline for outline in found if len(outline.points) > 1]


def _shows(handle: Any, colour_of: Any) -> bool:
    """Whether something drawn in this colour can be seen on white paper."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not colour_of(handle, red, green, blue, alpha):
        return True
    return alpha.value > 25 and min(red.value, green.value, blue.value) <= _PALE


def _bounds(item: _Object) -> Box:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(item.handle, left, bottom, right, top):
        return Box(0, 0, 0, 0)
    return item.map.box(left.value, bottom.value, right.value, top.value)


def _picture(item: _Object, visible: Box, content: Content, rules: list[Rule]) -> None:
    """Take a picture as one, or as a rule where it is a stretched dot."""
    box = _bounds(item)
    if (line := bar(box)) is not None and max(box.x1 - box.x0, box.y1 - box.y0) > 4 * THIN:
        rules.append(line)
        return
    box = Box(max(box.x0, 0), max(box.y0, 0), min(box.x1, visible.x1), min(box.y1, visible.y1))
    if box.x0 >= box.x1 or box.y0 >= box.y1:
        return
    wide, high = ctypes.c_uint(), ctypes.c_uint()
    raw.FPDFImageObj_GetImagePixelSize(item.handle, wide, high)
    opaque = not raw.FPDFPageObj_HasTransparency(item.handle)
    content.pictures.append(PlacedPicture(box, wide.value * high.value, opaque, item.order))


def _within(rule: Rule, visible: Box) -> bool:
    """Whether a rule lies on the visible page."""
    return rule.x1 >= 0 and rule.x0 <= visible.x1 and rule.y1 >= 0 and rule.y0 <= visible.y1


def _draws(item: _Object, visible: Box) -> bool:
    """Whether a text object puts ink on the page: a run of spaces has an area, too, and no height."""
    if raw.FPDFTextObj_GetTextRenderMode(item.handle) in _INVISIBLE:
        return False
    box = _bounds(item)
    return min(box.x1 - box.x0, box.y1 - box.y0) > 0.5 and overlap(box, visible) > 0


def _glyphs(text: Any, frame: Frame, visible: Box, content: Content, orders: dict[int, int]) -> set[int]:
    """Append the page's characters to the content; return the orders of the text objects that have any."""
    written: set[int] = set()
    covers = [picture for picture in content.pictures if picture.opaque]
    loose = raw.FS_RECTF()
    index, count = 0, raw.FPDFText_CountChars(text)
    while index < count:
        at, code = index, raw.FPDFText_GetUnicode(text, index)
        index += 1
        if 0xD800 <= code < 0xDC00 and index < count:
            code = 0x10000 + ((code - 0xD800) << 10) + (raw.FPDFText_GetUnicode(text, index) & 0x3FF)
            index += 1
        if raw.FPDFText_IsGenerated(text, at) == 1:
            continue
        handle = raw.FPDFText_GetTextObject(text, at)
        order = orders.get(ctypes.addressof(handle.contents), 0) if handle else 0
        written.add(order)
        if raw.FPDFText_IsHyphen(text, at) == 1:
            code = ord("-")
        broken = code == 0 or raw.FPDFText_HasUnicodeMapError(text, at) == 1
        character = "\ufffd" if broken or 0xD800 <= code < 0xE000 else chr(code)
        if character.isspace() or not raw.FPDFText_GetLooseCharBox(text, at, loose):
            continue
        box = frame.map.box(loose.left, loose.bottom, loose.right, loose.top)
        high = box.y1 - box.y0
        if not _USUAL[0] < high < _USUAL[1]:
            # For fonts of upright writing PDFium forgets to scale the box.
            em = _em_box(text, at, frame)
            if not 0.4 < high / max(em.y1 - em.y0, 1e-3) < 2.5:
                box = em
        if not overlap(box, visible):
            continue
        seen = not handle or raw.FPDFTextObj_GetTextRenderMode(handle) not in _INVISIBLE
        if seen and any(cover.order > order and _inside(box, cover.box) for cover in covers):
            seen = False
        # PDFium gives the angle in radians in user space, where y runs upwards: clockwise on the page.
        content.glyphs.append(Glyph(character, box, seen, _turn(raw.FPDFText_GetCharAngle(text, at), frame), broken))
    return written


def _em_box(text: Any, at: int, frame: Frame) -> Box:
    """Return the em box of an upright character from its origin and type size."""
    matrix = raw.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetMatrix(text, at, matrix)
    raw.FPDFText_GetCharOrigin(text, at, x, y)
    size = raw.FPDFText_GetFontSize(text, at) * Affine(matrix.a, matrix.b, matrix.c, matrix.d).scale
    return frame.map.box(x.value, y.value - 0.14 * size, x.value + size, y.value + 0.86 * size)


def _inside(box: Box, cover: Box) -> bool:
    return cover.x0 <= (box.x0 + box.x1) / 2 <= cover.x1 and cover.y0 <= (box.y0 + box.y1) / 2 <= cover.y1


def _turn(angle: float, frame: Frame) -> int:
    """Return the quarter turns of a character as seen, or -1 for one that slants by more than 5 degrees."""
    quarters = angle / (pi / 2)
    nearest = round(quarters)
    return (nearest + frame.turn) % 4 if abs(quarters - nearest) < 5 / 90 else -1
