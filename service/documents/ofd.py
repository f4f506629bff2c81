"""OFD, the fixed-layout format of the Chinese state (GB/T 33190-2016): a zip of XML pages in millimetres.

OFD.xml names a Document.xml, which names pages, page templates and resources; pages hold text objects with the place
of every character, path objects and pictures. Sections in comments are those of the standard.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from math import hypot
from typing import Any

import cv2
import numpy as np

from service.documents.container import Container
from service.documents.glyphs import Glyph, join_glyphs
from service.documents.model import Box, Page, Picture, Rule
from service.documents.ofdpath import numbers, outlines
from service.documents.picture import decode_picture
from service.documents.textlayer import Layer, PlacedPicture, unsound
from service.documents.vector import THIN, Affine, bar, filled, merge_rules, overlap, stroked, to_fractions
from service.documents.xml import parse_xml
from service.errors import DamagedFile, EncryptedFile, LimitExceeded, UnreadableInput
from service.limits import Limits

POINTS = 72 / 25.4
"""Points in a millimetre."""
_A4 = (0.0, 0.0, 210.0, 297.0)
_ASCENT, _DESCENT = 0.86, 0.14
"""Share of the type size above and below the base line; Chinese fonts vary little."""
_DOTS = 200 / 72
"""Pixels of a point in page pictures."""
_NESTING = 20
_OBJECTS = 200_000
_PALE = 235


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """An encoded picture of a page, with the map from the unit square (y downwards) to points."""

    data: bytes
    map: Affine


@dataclass(frozen=True, slots=True)
class OfdRender:
    """Draws the pictures of one page on white; text and paths are not drawn, for a scan has none."""

    images: tuple[PlacedImage, ...]
    width: float
    height: float
    limits: Limits

    def __call__(self) -> Picture:
        """Return the page as height x width x 3, BGR, at 200 dpi.

        Raises:
            DamagedFile: a picture cannot be decoded.
            LimitExceeded: a picture has too many pixels.

        """
        size = (max(round(self.width * _DOTS), 1), max(round(self.height * _DOTS), 1))
        canvas = np.full((size[1], size[0], 3), 255, dtype=np.uint8)
        for image in self.images:
            picture = decode_picture(image.data, self.limits)
            unit = Affine(1 / picture.shape[1], 0, 0, 1 / picture.shape[0], 0, 0)
            to_canvas = unit.then(image.map).then(Affine(_DOTS, 0, 0, _DOTS, 0, 0))
            a, b, c, d, e, f = to_canvas
            # Shrinking by warpAffine alone would skip pixels, and with them thin strokes.
            if to_canvas.scale < 1:
                along, across = _shrink(a, b), _shrink(c, d)
                picture = cv2.resize(picture, None, fx=along, fy=across, interpolation=cv2.INTER_AREA)
                a, b, c, d = a / along, b / along, c / across, d / across
            matrix = np.array([[a, c, e], [b, d, f]], dtype=np.float64)
            cv2.warpAffine(picture, matrix, size, canvas, cv2.INTER_LINEAR, cv2.BORDER_TRANSPARENT)
        return canvas


def _shrink(x: float, y: float) -> float:
    """Return the factor by which a unit along one axis of a picture shrinks, at most 1."""
    return min(max(hypot(x, y), 1e-3), 1.0)


@dataclass(slots=True)
class _Content:
    """What a page draws, in points."""

    glyphs: list[Glyph] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    images: list[PlacedImage] = field(default_factory=list)
    missing: bool = False
    """A picture of the page is not in the file."""
    shapes: int = 0


@dataclass(frozen=True, slots=True)
class _Resources:
    """Where the resources of a document lie: drawing parameters by id, pictures' paths by id."""

    parameters: dict[str, Any]
    media: dict[str, str]


def read_ofd(data: bytes, limits: Limits) -> tuple[Page, ...]:
    """Read every page of an OFD file: tokens and rules, or `scanned` where it is a picture, or `problem`.

    Raises:
        DamagedFile: a part that the file needs is missing or broken.
        EncryptedFile: the file is encrypted.
        LimitExceeded: too many pages, or a picture of too many pixels.

    """
    container = Container(data, limits)
    if "Encryptions.xml" in container or "encryptions.xml" in container:
        raise EncryptedFile("the OFD file is encrypted")
    root = parse_xml(container.read("OFD.xml"))
    bodies = [body.text.strip() for body in _all(root, "DocRoot") if body.text and body.text.strip()]
    if not bodies:
        raise DamagedFile("the OFD file is broken: it names no document")
    pages: list[Page] = []
    for body in bodies:
        path = _join("", body)
        for read in _page_readers(container, path, limits):
            if len(pages) >= limits.pages:
                raise LimitExceeded(f"the OFD file has more than {limits.pages} pages")
            pages.append(_one(read, len(pages) + 1))
    if not pages or all(page.problem for page in pages):
        raise DamagedFile("the OFD file is broken: none of its pages can be read")
    return tuple(pages)


def _one(read: Callable[[int], Page], number: int) -> Page:
    """Read one page; one that breaks says so and leaves the others alone."""
    try:
        return read(number)
    except LimitExceeded:
        raise
    except (UnreadableInput, ValueError, OverflowError, ZeroDivisionError, RecursionError):
        return Page(number, 595.0, 842.0, problem=f"page {number} of the OFD file is broken and cannot be read")


def _page_readers(container: Container, path: str, limits: Limits) -> Iterator[Callable[[int], Page]]:
    """Yield one reading function for each page of a document."""
    document = parse_xml(container.read(path))
    folder = posixpath.dirname(path)
    common = _first(document, "CommonData")
    area = _area(_first(common, "PageArea")) if common is not None else None
    templates: dict[str, str] = {}
    resources = _Resources({}, {})
    for element in common if common is not None else ():
        name = _local(element)
        if name in ("PublicRes", "DocumentRes") and element.text:
            _load_resources(container, _join(folder, element.text.strip()), resources)
        elif name == "TemplatePage":
            templates[element.get("ID", "")] = _join(folder, element.get("BaseLoc", ""))
    listed = _first(document, "Pages")
    if listed is None:
        raise DamagedFile("the OFD file is broken: its list of pages is missing")
    for element in listed:
        if _local(element) == "Page":
            location = _join(folder, element.get("BaseLoc", ""))
            yield lambda number, location=location: _Reader(  # type: ignore[misc]
                container, limits, templates, resources, area
            ).page(location, number)


def _load_resources(container: Container, path: str, resources: _Resources) -> None:
    """Add one resource file (7.9); one that is missing leaves its pictures missing, not the text."""
    if path not in container:
        return
    root = parse_xml(container.read(path))
    folder = _join(posixpath.dirname(path), root.get("BaseLoc", ""))
    for element in root.iter():
        name = _local(element)
        if name == "MultiMedia":
            file = _first(element, "MediaFile")
            if file is not None and file.text:
                name = file.text.strip()
                within = _join(folder, name)
                resources.media[element.get("ID", "")] = (
                    within if within in container else _join(posixpath.dirname(path), name)
                )
        elif name == "DrawParam":
            resources.parameters[element.get("ID", "")] = element


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the pages of one document."""

    container: Container
    limits: Limits
    templates: dict[str, str]
    resources: _Resources
    area: tuple[float, ...] | None

    def page(self, path: str, number: int) -> Page:
        """Read one page with the templates that it stands on."""
        root = parse_xml(self.container.read(path))
        x, y, wide, high = _area(_first(root, "Area")) or self.area or _A4
        if not (0.1 < wide < 1e5 and 0.1 < high < 1e5):
            raise DamagedFile("a page without area")
        width, height = wide * POINTS, high * POINTS
        to_page = Affine(POINTS, 0, 0, POINTS, -x * POINTS, -y * POINTS)
        reader = self
        resources = _Resources(dict(self.resources.parameters), dict(self.resources.media))
        for element in root:
            if _local(element) == "PageRes" and element.text:
                # Mostly relative to the page, in some programs to the document.
                _load_resources(self.container, _join(posixpath.dirname(path), element.text.strip()), resources)
        reader = replace(self, resources=resources)
        content = _Content()
        for element in root:
            if _local(element) == "Template" and element.get("TemplateID", "") in self.templates:
                template = parse_xml(self.container.read(self.templates[element.get("TemplateID", "")]))
                reader.draw(template, to_page, content)
        reader.draw(root, to_page, content)
        return _finish(content, number, width, height, self.limits)

    def draw(self, root: Any, to_page: Affine, content: _Content) -> None:
        """Collect the objects of a page's layers."""
        holder = _first(root, "Content")
        objects = (item for layer in (holder if holder is not None else ()) for item in _objects(layer, 0))
        for element in islice(objects, _OBJECTS):
            if (element.get("Visible") or "true").lower() in ("false", "0"):
                continue
            x, y, wide, high = _box(element.get("Boundary"))
            own = Affine(*_matrix(element.get("CTM"))).then(Affine(1, 0, 0, 1, x, y)).then(to_page)
            name = _local(element)
            if name == "TextObject":
                content.glyphs += _text(element, own)
            elif name == "PathObject":
                self.path(element, own, content)
            elif name == "ImageObject":
                self.image(element, own, to_page.box(x, y, x + wide, y + high), content)

    def path(self, element: Any, own: Affine, content: _Content) -> None:
        """Take the ruled lines of a path (8.3): stroked unless it says otherwise, filled only where it says so."""
        data = _first(element, "AbbreviatedData")
        if data is None or not data.text:
            return
        drawn = outlines(data.text, own)
        if (element.get("Stroke") or "true").lower() != "false" and self.shows(element, "StrokeColor"):
            thickness = _number(self.setting(element, "LineWidth"), 0.353) * own.scale
            content.rules += [rule for outline in drawn for rule in stroked(outline, thickness)]
        if (element.get("Fill") or "false").lower() == "true" and self.shows(element, "FillColor"):
            content.rules += filled(drawn)
            content.shapes += sum(outline.curved for outline in drawn)

    def image(self, element: Any, own: Affine, box: Box, content: _Content) -> None:
        """Take a picture (9), or a rule where it is a stretched dot."""
        if (line := bar(box)) is not None and max(box.x1 - box.x0, box.y1 - box.y0) > 4 * THIN:
            content.rules.append(line)
            return
        path = self.resources.media.get(element.get("ResourceID", ""), "")
        if path not in self.container:
            content.missing = True
            return
        unit = own if element.get("CTM") else Affine(box.x1 - box.x0, 0, 0, box.y1 - box.y0, box.x0, box.y0)
        content.images.append(PlacedImage(self.container.read(path), unit))

    def setting(self, element: Any, name: str) -> str | None:
        """Return an attribute of an object or of its drawing parameters and those they rest on (8.2)."""
        for _ in range(_NESTING):
            if element.get(name) is not None:
                return str(element.get(name))
            element = self.resources.parameters.get(element.get("DrawParam") or element.get("Relative") or "")
            if element is None:
                break
        return None

    def shows(self, element: Any, name: str) -> bool:
        """Whether a colour can be seen on white paper; black where none is given."""
        for _ in range(_NESTING):
            colour = _first(element, name)
            if colour is not None:
                values = numbers(colour.get("Value") or "0 0 0")
                return _number(colour.get("Alpha"), 255) > 25 and (len(values) != 3 or min(values) <= _PALE)
            element = self.resources.parameters.get(element.get("DrawParam") or element.get("Relative") or "")
            if element is None:
                break
        return True


def _finish(content: _Content, number: int, width: float, height: float, limits: Limits) -> Page:
    """Decide between text and picture, and build the page."""
    if width * height * _DOTS**2 > limits.page_pixels:
        raise LimitExceeded(f"page {number} would be drawn with more than {limits.page_pixels} pixels")
    paper = Box(0, 0, width, height)
    glyphs = [glyph for glyph in content.glyphs if overlap(glyph.box, paper)]
    render = OfdRender(tuple(content.images), width, height, limits)
    pictures = [PlacedPicture(image.map.box(0, 0, 1, 1), 0) for image in content.images]
    if not glyphs and not content.images:
        problem = f"the picture of page {number} is missing in the file" if content.missing else None
        return Page(number, width, height, problem=problem)
    covered = sum(overlap(picture.box, paper) for picture in pictures) / (width * height)
    # Without a picture there is nothing to read the text from instead, so it stands as it is.
    if content.images and (not glyphs or covered > 0) and unsound(Layer(glyphs, pictures, 0, 0, width, height), render):
        return Page(number, width, height, render=render, scanned=True)
    rules = merge_rules(rule for rule in content.rules if rule.x1 >= 0 and rule.y1 >= 0)
    upright = [glyph for glyph in glyphs if glyph.visible and glyph.turn == 0]
    tokens = join_glyphs(upright, rules, width, height)
    return Page(number, width, height, tokens, tuple(to_fractions(rule, width, height) for rule in rules))


def _text(element: Any, own: Affine) -> list[Glyph]:
    """Return the characters of a text object (11), each in its em box."""
    size = _number(element.get("Size"), 0)
    if size <= 0:
        return []
    stretch = _number(element.get("HScale"), 1)
    fill = _first(element, "FillColor")
    visible = fill is None or _number(fill.get("Alpha"), 255) > 25
    a, b, _, _, _, _ = own
    turn = -1
    if abs(b) <= 0.09 * abs(a):
        turn = 0 if a > 0 else 2
    elif abs(a) <= 0.09 * abs(b):
        turn = 1 if b > 0 else 3
    glyphs = []
    for code in _all(element, "TextCode"):
        text = code.text or ""
        xs = _places(_number(code.get("X"), 0), code.get("DeltaX"), len(text))
        ys = _places(_number(code.get("Y"), 0), code.get("DeltaY"), len(text))
        for index, character in enumerate(text):
            if character.isspace():
                continue
            advance = size * stretch * (0.5 if character.isascii() else 1.0)
            # Where the next character begins nearer than the guess, this one is narrower.
            if index + 1 < len(xs) and 0 < xs[index + 1] - xs[index] < advance:
                advance = xs[index + 1] - xs[index]
            x, y = xs[index], ys[index]
            box = own.box(x, y - _ASCENT * size, x + advance, y + _DESCENT * size)
            glyphs.append(Glyph(character, box, visible, turn))
    return glyphs


def _places(start: float, deltas: str | None, count: int) -> list[float]:
    """Return where characters stand from the first place and the steps between them, `g n d` being n steps of d (11.3).

    Steps that are not given are like the last one given; without any, all characters stand in one place.
    """
    steps: list[float] = []
    parts = (deltas or "").replace(",", " ").split()
    at = 0
    while at < len(parts) and len(steps) < count:
        if parts[at] == "g" and at + 2 < len(parts):
            repeat = min(max(int(float(parts[at + 1])), 0), count)
            steps += [float(parts[at + 2])] * repeat
            at += 3
        else:
            steps.append(float(parts[at]))
            at += 1
    places = [start]
    for index in range(count - 1):
        step = steps[index] if index < len(steps) else (steps[-1] if steps else 0.0)
        places.append(places[-1] + step)
    return places


def _objects(holder: Any, depth: int) -> Iterator[Any]:
    """Yield the objects of a layer, those in blocks included."""
    for element in holder:
        if _local(element) in ("PageBlock", "Layer"):
            if depth < _NESTING:
                yield from _objects(element, depth + 1)
        else:
            yield element


def _area(element: Any) -> tuple[float, ...] | None:
    """Return x, y, width, height of a page area in mm: what is to be printed on, the physical box."""
    box = _first(element, "PhysicalBox") if element is not None else None
    values = numbers(box.text or "") if box is not None else []
    return tuple(values) if len(values) == 4 else None


def _box(text: str | None) -> tuple[float, float, float, float]:
    values = numbers(text or "")
    return (values[0], values[1], values[2], values[3]) if len(values) == 4 else (0.0, 0.0, 0.0, 0.0)


def _matrix(text: str | None) -> tuple[float, float, float, float, float, float]:
    v = numbers(text or "")
    return (v[0], v[1], v[2], v[3], v[4], v[5]) if len(v) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def _number(text: str | None, default: float) -> float:
    values = numbers(text or "")
    return values[0] if values else default


def _join(folder: str, location: str) -> str:
    """Return a path within the container: from its root when it begins with a slash, else from the folder."""
    return posixpath.normpath(posixpath.join("/" + folder, location)).lstrip("/")


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _first(element: Any, name: str) -> Any:
    return next(_all(element, name), None)


def _all(element: Any, name: str) -> Iterator[Any]:
    """Yield descendants by local name: programs do not agree on the namespace."""
    return (child for child in element.iter() if _local(child) == name)
