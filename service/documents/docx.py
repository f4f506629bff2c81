"""DOCX (OOXML WordprocessingML, ECMA-376 part 1), read as it would print: in order, with its true grids."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from service.documents.container import Container
from service.documents.encoding import decode
from service.documents.flow import Flow, Image, Item, Line, Table, clean_text, lay_out
from service.documents.html import read_fragment
from service.documents.mhtml import page_of
from service.documents.model import Grid
from service.documents.numbering import Counters, Numbering, read_numbering
from service.documents.spans import COLUMN_SPAN, Placed
from service.documents.xml import parse_xml
from service.errors import DamagedFile

_WORD = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
"""The name space in the transitional and in the strict variant."""
_RELATIONS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}",
)
_CHOICE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_XML_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_SPACE = re.compile(r"[\t\r\n]")
_PLAIN = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_DROPPED = frozenset(
    {"del", "moveFrom", "delText", "instrText", "delInstrText", "fldData", "rt", "rubyPr"}
    | {"pPr", "rPr", "tblPr", "tblGrid", "trPr", "tcPr", "sdtPr", "sdtEndPr", "sectPr"}
    | {"commentReference", "annotationRef", "footnoteReference", "footnoteRef", "endnoteReference", "endnoteRef"}
)
"""Properties, and what is not printed in the text: deletions, field codes, phonetic guides, marks of notes."""
_SYMBOL_FONTS = ("wingdings", "webdings", "zapf")
"""Fonts whose letters are pictures."""
_ALMOST_NO_TEXT = 200
"""Characters; the empty form alone has five times as many."""
_ARCHIVE = re.compile(rb"\s*(mime-version|from|date|subject|content-[a-z]+):", re.I)
"""How a web archive begins: with the fields of its head."""
_RASTER = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"RIFF")
_NESTING = 40
"""Deepest table or text box within another that is read."""


def read_docx(container: Container) -> Flow:
    """Read a DOCX file.

    Tracked deletions, hidden and struck-out text, notes and comments are left out, insertions are kept; text boxes
    come after the paragraph that anchors them; automatic numbers are part of the text. `Flow.pictures` is set only
    for a document of pictures with next to no text. Pages are not known: they depend on who prints.

    Raises:
        DamagedFile: a part is missing or broken; and what `Container` raises.

    """
    main = _main_part(container)
    body = next((child for child in parse_xml(container.read(main)) if _local(child) == "body"), None)
    if body is None:
        raise DamagedFile("the file is broken: the document in it has no body")
    reader = _Reader(container, _relations(container, main), _styles(container, main), _numbering(container, main))
    items = list(reader.items(body, 0))
    flow = replace(lay_out(items), title=_title(container))
    if _text_size(flow) >= _ALMOST_NO_TEXT:
        return flow
    return replace(flow, pictures=tuple(_pictures(items)))


def _local(node: Any) -> str:
    """Name of an element without its name space (the local names read here mean one thing wherever they occur)."""
    return str(node.tag).rpartition("}")[2]


def _value(node: Any, name: str = "val") -> str | None:
    """Return an attribute of WordprocessingML."""
    for space in _WORD:
        if (value := node.get(f"{space}{name}")) is not None:
            return str(value)
    return None


def _child(node: Any, *names: str) -> Any:
    """Follow a path of local names down; None where it breaks off."""
    for name in names:
        if node is None:
            return None
        node = next((child for child in node if _local(child) == name), None)
    return node


def _is_on(node: Any, name: str) -> bool:
    """Whether a toggle property such as `vanish` stands among the properties and is not switched off."""
    toggle = _child(node, name)
    return toggle is not None and _value(toggle) not in {"0", "false", "off", "none"}


def _count(node: Any, default: int) -> int:
    """Read a small whole number from an element's value; `default` where it is none."""
    text = None if node is None else _value(node)
    return min(int(text), COLUMN_SPAN) if text and text.isdecimal() and len(text) < 9 else default


def _main_part(container: Container) -> str:
    if "_rels/.rels" in container:
        for relation in parse_xml(container.read("_rels/.rels")):
            if relation.get("Type", "").endswith("/officeDocument"):
                return str(relation.get("Target", "")).lstrip("/")
    return "word/document.xml"


def _relations(container: Container, part: str) -> dict[str, str]:
    """Targets of a part's relations by id, as names in the container; what lies outside the file is left out."""
    folder, name = posixpath.split(part)
    listing = f"{folder}/_rels/{name}.rels"
    if listing not in container:
        return {}
    targets = {}
    for relation in parse_xml(container.read(listing)):
        if relation.get("TargetMode") != "External":
            target = posixpath.join("/", folder, relation.get("Target", ""))
            targets[relation.get("Id", "")] = posixpath.normpath(target).lstrip("/")
    return targets


def _sibling(container: Container, main: str, name: str) -> Any:
    """Root of a part that stands beside the main one; None where there is none."""
    path = posixpath.join(posixpath.dirname(main), name)
    return parse_xml(container.read(path)) if path in container else None


def _numbering(container: Container, main: str) -> Numbering:
    root = _sibling(container, main, "numbering.xml")
    return Numbering() if root is None else read_numbering(root, root.tag.removesuffix("numbering"))


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph or character style says, its ancestors included."""

    hidden: bool = False
    contents: bool = False
    """A line of the table of contents, `toc 1` to `toc 9` in every language."""
    list_id: str | None = None
    level: int | None = None


def _styles(container: Container, main: str) -> dict[str, _Style]:
    root = _sibling(container, main, "styles.xml")
    nodes = {_value(node, "styleId") or "": node for node in ([] if root is None else root) if _local(node) == "style"}
    styles: dict[str, _Style] = {}
    for name in nodes:
        chain: list[str] = []
        base: str | None = name
        while base in nodes and base not in chain:
            chain.append(base)
            parent = _child(nodes[base], "basedOn")
            base = None if parent is None else _value(parent)
        style = _Style()
        for ancestor in reversed(chain):
            style = _inherit(style, nodes[ancestor])
        styles[name] = style
    return styles


def _inherit(style: _Style, node: Any) -> _Style:
    name = _child(node, "name")
    if name is not None and (_value(name) or "").lower().startswith("toc "):
        style = replace(style, contents=True)
    properties = _child(node, "rPr")
    if _child(properties, "vanish") is not None:
        style = replace(style, hidden=_is_on(properties, "vanish"))
    list_id, level = _list_of(_child(node, "pPr"))
    return replace(style, list_id=list_id or style.list_id, level=style.level if level is None else level)


def _list_of(properties: Any) -> tuple[str | None, int | None]:
    """List id and level that paragraph properties name."""
    list_id = _child(properties, "numPr", "numId")
    level = _child(properties, "numPr", "ilvl")
    return None if list_id is None else _value(list_id), None if level is None else _count(level, 0)


def _title(container: Container) -> str | None:
    if "docProps/core.xml" not in container:
        return None
    title = _child(parse_xml(container.read("docProps/core.xml")), "title")
    text = "" if title is None else clean_text(title.text or "").strip()
    return text or None


class _Reader:
    """Walks one document once, in reading order; counts its lists and follows its fields on the way."""

    def __init__(
        self, container: Container, relations: dict[str, str], styles: dict[str, _Style], numbering: Numbering
    ) -> None:
        self._container = container
        self._relations = relations
        self._styles = styles
        self._numbering = numbering
        self._counters = Counters(numbering)
        self._fields: list[bool] = []
        """One entry per open field: whether its instruction is still being read, which is not printed."""

    def items(self, parent: Any, depth: int) -> Iterator[Item]:
        """Read the paragraphs and tables of a body, cell, text box or content control."""
        for node in parent:
            name = _local(node)
            if name == "p":
                yield from self._paragraph(node, depth)
            elif name == "tbl" and depth < _NESTING:
                yield self._table(node, depth + 1)
            elif name == "AlternateContent":
                yield from self.items(_alternative(node), depth)
            elif name == "altChunk":
                yield from self._chunk(node)
            elif name not in _DROPPED and not _is_placeholder(node):
                yield from self.items(node, depth)

    def _chunk(self, node: Any) -> list[Item]:
        """A page of HTML, or a web archive, that becomes text when Word opens the file (ECMA-376 part 1, 17.17.2)."""
        part = self._part(node)
        if part is None:
            return []
        data = self._container.read(part)
        return read_fragment(decode(page_of(data) if _ARCHIVE.match(data) else data))

    def _part(self, node: Any) -> str | None:
        """The part of the container that an element names, if it is there."""
        names = [f"{space}{name}" for space in _RELATIONS for name in ("embed", "id")]
        part = next((self._relations[node.get(name)] for name in names if node.get(name) in self._relations), None)
        return part if part and part in self._container else None

    def _paragraph(self, node: Any, depth: int) -> Iterator[Item]:
        self._fields.clear()
        boxes: list[Any] = []
        text = "".join(self._inline(node, boxes))
        properties = _child(node, "pPr")
        if self._style(properties, "pStyle").contents:
            return
        mark = _child(properties, "rPr")
        gone = not text and (_is_on(mark, "vanish") or _child(mark, "del") is not None)
        label = "" if gone else self._label(properties)
        # As printed, where a tab or space stands between; without one where that cannot run two numbers together.
        gap = " " if label[-1:].isalnum() or (text[:1].isalnum() and text[:1].isascii()) else ""
        for line in clean_text(label + gap + text if label else text).split("\n"):
            yield Line(line)
        for box in boxes:
            if isinstance(box, Image):
                yield box
            elif depth < _NESTING:
                yield from self.items(box, depth + 1)

    def _style(self, properties: Any, kind: str) -> _Style:
        name = _child(properties, kind)
        return self._styles.get((None if name is None else _value(name)) or "", _Style())

    def _label(self, properties: Any) -> str:
        """Count the paragraph and return its automatic number."""
        name = _child(properties, "pStyle")
        style_id = "" if name is None else _value(name) or ""
        style = self._style(properties, "pStyle")
        list_id, level = _list_of(properties)
        if list_id is None and style.list_id:
            list_id = style.list_id
            tied = self._numbering.level_of_style(list_id, style_id)
            level = tied if level is None and tied is not None else level
        if not list_id:
            return ""
        return self._counters.next_label(list_id, next((n for n in (level, style.level) if n is not None), 0))

    def _inline(self, parent: Any, boxes: list[Any]) -> Iterator[str]:
        """Read the text of a paragraph's children; text boxes and pictures are put into `boxes`."""
        for node in parent:
            name = _local(node)
            if name == "r":
                yield self._run(node, boxes)
            elif name == "AlternateContent":
                yield from self._inline(_alternative(node), boxes)
            elif name in {"txbxContent", "blip", "imagedata"}:
                self._collect(node, boxes)
            elif name == "t":
                yield "" if any(self._fields) else _text(node)
            elif name == "fldChar":
                self._field(_value(node, "fldCharType"))
            elif name in _PLAIN:
                yield "" if any(self._fields) else _PLAIN[name]
            elif name == "sym":
                yield "" if any(self._fields) else _symbol(node)
            elif name not in _DROPPED and not _is_placeholder(node):
                yield from self._inline(node, boxes)

    def _run(self, node: Any, boxes: list[Any]) -> str:
        properties = _child(node, "rPr")
        hidden = self._style(properties, "rStyle").hidden
        if _child(properties, "vanish") is not None:
            hidden = _is_on(properties, "vanish")
        struck = _is_on(properties, "strike") or _is_on(properties, "dstrike")
        marked = any(_value(child, "customMarkFollows") for child in node)
        text = "".join(self._inline(node, boxes))
        if hidden or struck or marked:
            return ""
        raised = _child(properties, "vertAlign")
        if raised is not None and _value(raised) == "superscript" and any(map(str.isdigit, text)):
            return f"^{text}"  # 5 with a small 1 is not 51
        return text

    def _collect(self, node: Any, boxes: list[Any]) -> None:
        if _local(node) == "txbxContent":
            boxes.append(node)
            return
        part = self._part(node)
        boxes.append(Image(self._container.read(part) if part else None))

    def _field(self, kind: str | None) -> None:
        if kind == "begin":
            self._fields.append(True)
        elif kind == "separate" and self._fields:
            self._fields[-1] = False
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _table(self, node: Any, depth: int) -> Table:
        placed: list[Placed[tuple[Item, ...]]] = []
        open_cells: dict[int, int] = {}  # start column -> index in `placed` of the cell that vMerge may continue
        for number, row in enumerate(_rows(node)):
            properties = _child(row, "trPr")
            column = _count(_child(properties, "gridBefore"), 0)
            reached: dict[int, int] = {}
            for cell in _cells(row):
                style = _child(cell, "tcPr")
                span = max(_count(_child(style, "gridSpan"), 1), 1)
                merge = _child(style, "vMerge")
                going_on = merge is not None and _value(merge) != "restart"
                left = _child(style, "hMerge")
                if left is not None and _value(left) != "restart" and placed and placed[-1].row == number:
                    placed[-1] = replace(placed[-1], column_span=placed[-1].column_span + span)
                elif going_on and column in open_cells and placed[open_cells[column]].column_span == span:
                    above = open_cells[column]
                    placed[above] = replace(placed[above], row_span=number + 1 - placed[above].row)
                    reached[column] = above
                else:
                    content = tuple(self.items(cell, depth))
                    if merge is not None:
                        reached[column] = len(placed)
                    placed.append(Placed(number, column, 1, span, content))
                column += span
            open_cells = reached
        return Table(tuple(placed))


def _rows(table: Any) -> Iterator[Any]:
    """Rows of a table, through content controls, without deleted and hidden ones."""
    for node in table:
        name = _local(node)
        if name == "tr":
            properties = _child(node, "trPr")
            if _child(properties, "del") is None and not _is_on(properties, "hidden"):
                yield node
        elif name not in _DROPPED and name != "tc":
            yield from _rows(_alternative(node) if name == "AlternateContent" else node)


def _cells(row: Any) -> Iterator[Any]:
    for node in row:
        name = _local(node)
        if name == "tc":
            yield node
        elif name not in _DROPPED:
            yield from _cells(_alternative(node) if name == "AlternateContent" else node)


def _alternative(node: Any) -> Any:
    """Return the first choice of alternative content: the fallback draws the same for old programs."""
    names = (f"{_CHOICE}Choice", f"{_CHOICE}Fallback")
    return next((child for name in names for child in node.iterchildren(name)), ())


def _is_placeholder(node: Any) -> bool:
    """Whether a content control holds no text of its own: it still shows its prompt, or a table of contents."""
    if _local(node) != "sdt":
        return False
    properties = _child(node, "sdtPr")
    gallery = _child(properties, "docPartObj", "docPartGallery")
    return _is_on(properties, "showingPlcHdr") or (gallery is not None and _value(gallery) == "Table of Contents")


def _text(node: Any) -> str:
    """Return the text of w:t, whose outer white space counts only where it is said to."""
    text = _SPACE.sub(" ", node.text or "")
    return text if node.get(_XML_SPACE) == "preserve" else text.strip(" ")


def _symbol(node: Any) -> str:
    """Return the character of w:sym; symbol fonts put theirs at F000, where only true letters are brought back."""
    code = _value(node, "char") or ""
    try:
        number = int(code, 16)
    except ValueError:
        return "\ufffd"
    font = (_value(node, "font") or "").lower()
    if 0xF020 <= number <= 0xF07E and not font.startswith(_SYMBOL_FONTS):
        number -= 0xF000
    return chr(number) if 0x20 <= number < 0xD800 or 0xE000 <= number <= 0x10FFFF else "\ufffd"


def _text_size(flow: Flow) -> int:
    texts: list[str] = []
    for block in flow.blocks:
        texts += [cell.text for cell in block.cells] if isinstance(block, Grid) else [block.text]
    return sum(len("".join(text.split())) for text in texts)


def _pictures(items: Iterable[Item]) -> Iterator[bytes]:
    for item in items:
        if isinstance(item, Image) and item.data and item.data.startswith(_RASTER):
            yield item.data
        elif isinstance(item, Table):
            for cell in item.cells:
                yield from _pictures(cell.content or ())
