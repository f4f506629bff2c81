"""HTML, read as a browser shows it: the tables' grids and the text of the article, without the site around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from lxml import etree, html

from service.documents.encoding import decode
from service.documents.flow import Flow, Image, Item, Line, Table, clean_text, lay_out
from service.documents.navigation import without_navigation
from service.documents.numbering import format_number
from service.documents.spans import COLUMN_SPAN, Placed, fill_lattice, place_cells

_GONE = frozenset(
    {"script", "style", "noscript", "template", "head", "xml", "iframe", "object", "svg", "canvas", "audio", "video"}
    | {"select", "button", "nav", "aside", "footer", "menu", "rp", "rt", "del", "s", "strike"}
)
"""Not shown, not text, struck out, or around the article."""
_GONE_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar"})
_BLOCKS = frozenset(
    {"address", "article", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div", "dl"}
    | {"dt", "fieldset", "figcaption", "figure", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr"}
    | {"br", "legend", "li", "listing", "main", "ol", "p", "plaintext", "pre", "section", "summary", "table", "tbody"}
    | {"td", "tfoot", "th", "thead", "tr", "ul", "xmp"}
)
_TABLE_PARTS = frozenset({"table", "thead", "tbody", "tfoot", "tr"})
_NEVER_ALL = frozenset({"p", "pre", "ul", "ol", "h1", "h2", "h3", "a"})
"""Elements that are too small to be taken for the article."""
_VERBATIM = frozenset({"pre", "xmp", "listing", "plaintext"})
_SECTIONS = {"thead": 0, "tbody": 1, "tfoot": 2}
"""Row groups in the order in which they are shown, whatever their order in the file."""
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all|text-decoration[^;]*line-through", re.I
)
_APART = re.compile(r"display\s*:\s*(inline-(block|flex|table|grid)|table-cell)|float\s*:\s*(left|right)", re.I)
_BELOW = re.compile(r"display\s*:\s*(block|flex|grid|table|table-row|list-item)\b", re.I)
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([\w-]+)", re.I)
_UNNUMBERED = re.compile(r"list-style[^;]*:\s*[^;]*\b(none|disc|circle|square)\b", re.I)
_LIST_STYLES = (
    {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
    | {"lower-alpha": "lowerLetter", "lower-latin": "lowerLetter", "lower-roman": "lowerRoman"}
    | {"upper-alpha": "upperLetter", "upper-latin": "upperLetter", "upper-roman": "upperRoman"}
    | dict.fromkeys(("cjk-ideographic", "simp-chinese-informal", "trad-chinese-informal"), "chineseCounting")
)
"""How ordered lists number their items: the `type` attribute or the CSS style, as Word's number formats."""
_TEMPLATE = re.compile("html|template", re.I)
"""Types of scripts that are none."""
_ORDINAL = re.compile(r"\s*[（(]?[\d一二三四五六七八九十]+\s*[)）、.．]")
_SPACE = re.compile("[ \t\r\n\f]+")
_NESTING = 40
"""Deepest table within tables that is read as a table."""
_HEADINGS = 20
"""Main headings that are looked at for the title."""
_LINK = 200
"""Longest text of a link; a longer one is an `a` that somebody forgot to close."""
_ENDS = re.compile(r"</(?:body|html)\s*>", re.I)
"""Ends that end nothing: browsers show what follows them, and libxml2 drops it."""
_BODY = 0.85
"""Share of the page's text that the article must have for the rest to be left out."""
_ALL = 0.8
"""Share of the text from which an element is the page itself, whatever its own markup says."""
_BODY_FROM = 200
"""Fewest characters of an article that is told apart from the page around it."""
_ABOVE, _BELOW_IT, _LINKED = 150, 15, 20
"""Most characters around an article, below it, and in links around it, that are taken to belong to it."""


def read_html(data: bytes) -> Flow:
    """Read an HTML page in whatever encoding.

    Text that the page hides, strikes out or repeats on every page of its site (lists of links, breadcrumbs, what
    surrounds the element with nearly all text and all tables) is left out. Line breaks and blocks end lines.

    Raises:
        DamagedFile: it is not text in any known encoding.

    """
    root = _parse(decode(data))
    if root is None:
        return Flow(())
    title = _title(root)
    held = _held(root)
    _remove_hidden(root)
    sizes = _measure(root)
    if held and not sizes[root].tables:
        return replace(lay_out(read_fragment(held), without_navigation), title=title)
    return replace(lay_out(_Walker(sizes).walk(_body(root, sizes)), without_navigation), title=title)


def read_fragment(markup: str) -> list[Item]:
    """Read a piece of HTML within another text, a table mostly: all that it shows."""
    root = _parse(markup)
    if root is None:
        return []
    _remove_hidden(root)
    return _Walker(_measure(root)).walk(root)


def _held(root: Any) -> str:
    """The markup that a page holds as text, be it for a script to show or by a mistake, if it has a table."""
    texts = [
        "".join(node.itertext())
        for node in root.iter("textarea", "script")
        if node.tag == "textarea" or _TEMPLATE.search(node.get("type") or "")
    ]
    texts += [node.get("value") or "" for node in root.iter("input") if node.get("type") == "hidden"]
    texts.append("".join(root.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::textarea)]")))
    return max((text for text in texts if "</table" in text.lower()), key=len, default="")


def _parse(markup: str) -> Any:
    """The root of a page, of whatever its markup holds; None where it holds nothing."""
    text = _ENDS.sub("", markup.replace("\0", "")).encode("utf-8", "replace")
    # Comments go at once, for they would split the text around them; nested font tags can be many hundreds deep.
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return html.document_fromstring(text, parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None


def _title(root: Any) -> str | None:
    """Return what the page says it is: the article's own meta tag, a main heading that its title repeats, its title."""
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() == "articletitle" and (meta.get("content") or "").strip():
            return clean_text(str(meta.get("content"))).strip()
    title = next((_words(node) for node in root.iter("title")), "")
    headings = sorted(filter(None, map(_words, islice(root.iter("h1"), _HEADINGS))), key=len, reverse=True)
    if not title:
        return headings[0] if headings else None
    return next((heading for heading in headings if heading in title), title)


def _words(node: Any) -> str:
    return " ".join(clean_text("".join(node.itertext())).split())


@dataclass(slots=True)
class _Size:
    """How much an element holds: characters, those in links, and tables with rows of several filled cells."""

    text: int = 0
    linked: int = 0
    tables: int = 0
    filled: int = 0
    """Of a row its filled cells, of a table its rows with two or more of them."""


def _measure(root: Any) -> dict[Any, _Size]:
    """Measure every element with what it holds."""
    sizes: dict[Any, _Size] = {}
    for node in root.iter(etree.Element):
        sizes[node] = _Size(len("".join((node.text or "").split())))
    for node in reversed(list(sizes)):
        size = sizes[node]
        if node.tag == "a" and node.get("href") is not None and size.text <= _LINK:
            size.linked = size.text
        if node.tag == "table" and size.filled >= 2:
            size.tables += 1
        parent = None if node is root else sizes.get(node.getparent())
        if parent is None:
            continue
        parent.text += size.text + len("".join((node.tail or "").split()))
        parent.linked += size.linked
        parent.tables += size.tables
        if node.tag in {"td", "th"}:
            parent.filled += size.text > 0 and not size.tables
        elif node.tag == "tr":
            parent.filled += size.filled >= 2
        elif node.tag in {*_SECTIONS, "form"}:
            parent.filled += size.filled
    return sizes


def _remove_hidden(root: Any) -> None:
    """Remove what is not shown, struck out, or by its own element not part of the article."""
    sizes = _measure(root)
    doomed = []
    walk = etree.iterwalk(root, events=("start",))
    for _, node in walk:
        if _is_gone(node, sizes[node].text > _ALL * sizes[root].text):
            doomed.append(node)
            walk.skip_subtree()
    for node in doomed:
        node.drop_tree()


def _is_gone(node: Any, mostly_all: bool) -> bool:
    if node.tag in {"html", "body"}:
        return False
    if node.tag in {"script", "style", "head", "template", "title"}:
        return True
    if mostly_all:  # hidden until a script shows it, or wrongly nested: the article itself
        return False
    role = (node.get("role") or "").lower()
    if node.tag in _GONE or role in _GONE_ROLES or node.get("hidden") is not None:
        return True
    if node.tag == "textarea" and next(node.iterancestors("td", "th"), None) is None:
        return True  # for visitors' words; one in a cell of a table holds the cell's number
    if node.tag == "dialog" and node.get("open") is None:
        return True
    return bool(_HIDDEN.search(node.get("style") or ""))


def _body(root: Any, sizes: dict[Any, _Size]) -> Any:
    """Find the smallest element that has all tables and nearly all text beyond links: the article, with its title."""
    total = sizes[root]
    least = max(_BODY * (total.text - total.linked), _BODY_FROM)
    best = node = root
    while node is not None and node.tag not in _NEVER_ALL:
        if node.tag not in _TABLE_PARTS:
            best = node
        children = [(child, sizes[child]) for child in node if child in sizes]
        fitting = (
            child for child, size in children if size.tables == total.tables and size.text - size.linked >= least
        )
        node = next(fitting, None)
    # Title and date often stand above the element of the text, in one that holds little else.
    while best is not root:
        inner, outer = sizes[best], sizes[best.getparent()]
        below = sum(sizes[other].text for other in best.itersiblings() if other in sizes)
        if outer.linked - inner.linked > _LINKED or outer.text - inner.text > _ABOVE or below > _BELOW_IT:
            break
        best = best.getparent()
    return best


@dataclass(slots=True)
class _Sink:
    """Collects the lines of a cell, or of the whole article."""

    node: Any
    items: list[Item] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    links: int = 0
    linked: int = 0

    def add(self, text: str, in_link: bool) -> None:
        self.pieces.append(text)
        self.linked += len("".join(text.split())) if in_link else 0

    def end_line(self, verbatim: bool = False) -> None:
        text = "".join(self.pieces)
        text = clean_text(text.rstrip("\r") if verbatim else _SPACE.sub(" ", text).strip(" "))
        if text.strip() or verbatim:
            self.items.append(Line(text, self.links, self.linked))
        self.pieces.clear()
        self.links = self.linked = 0


_Row = list[tuple[tuple[Item, ...], int, int]]
"""The cells of a row: content, row span, column span."""


@dataclass(slots=True)
class _OpenTable:
    """A table whose rows are being read: groups of rows, each with its place in the order of showing."""

    node: Any
    groups: list[tuple[int, list[_Row]]] = field(default_factory=list)
    in_group: bool = False

    def add_row(self) -> None:
        if not self.in_group:
            self.groups.append((_SECTIONS["tbody"], []))
            self.in_group = True
        self.groups[-1][1].append([])

    def close(self) -> Table:
        """End the table; a span that its row group cuts off reaches on where no position stays empty only so.

        Editors make the first row of a table its head, whatever spans down from it.
        """
        groups = [group for _, group in sorted(self.groups, key=lambda group: group[0])]
        cut = self._placed(groups)
        if len(groups) > 1 and _holes(cut):
            whole = self._placed([[row for group in groups for row in group]])
            cut = cut if _holes(whole) else whole
        return Table(tuple(cut))

    @staticmethod
    def _placed(groups: Sequence[Sequence[_Row]]) -> list[Placed[tuple[Item, ...]]]:
        rows = []
        for group in groups:
            for number, row in enumerate(group):
                left = len(group) - number
                # A row span of 0 reaches to the end of the row group, and none reaches further.
                rows.append([(content, min(height or left, left), width) for content, height, width in row])
        return place_cells(rows)


def _holes(placed: Sequence[Placed[tuple[Item, ...]]]) -> bool:
    return any(cell.content is None for cell in fill_lattice(placed).cells)


class _Walker:
    """Turns an element's content into lines, pictures and tables; a stack instead of recursion, for pages are deep."""

    def __init__(self, sizes: dict[Any, _Size]) -> None:
        self._sizes = sizes
        self._stack: list[_Sink | _OpenTable] = []
        self._links: list[Any] = []
        self._verbatim: list[Any] = []
        self._raised = False
        self._counts: dict[Any, int] = {}
        """Per ordered list the number of its next item."""
        self._label = ""
        """The number of a list item whose text has not begun."""

    def walk(self, root: Any) -> list[Item]:
        """Read the content of an element."""
        sink = _Sink(root)
        self._stack = [sink]
        self._text(root.text)
        for event, node in etree.iterwalk(root, events=("start", "end")):
            if node is root or not isinstance(node.tag, str):
                continue
            if event == "start":
                self._start(node)
                self._text(node.text)
            else:
                self._end(node)
                self._text(node.tail)
        sink.end_line()
        return sink.items

    def _sink(self) -> _Sink:
        """Return what takes text now; stray text in a table comes before it, as in a browser."""
        return next(entry for entry in reversed(self._stack) if isinstance(entry, _Sink))

    def _text(self, text: str | None) -> None:
        if not text or (isinstance(self._stack[-1], _OpenTable) and not text.strip()):
            return
        sink = self._sink()
        if self._label and text.strip():
            # Where somebody typed the number as well, a browser shows both; the reader of a label wants one.
            sink.add("" if _ORDINAL.match(text) else self._label, False)
            self._label = ""
        if self._raised and any(map(str.isdigit, text)):
            sink.add("^", False)  # 5 with a small 1 is not 51
            self._raised = False
        if not self._verbatim:
            sink.add(text, bool(self._links))
            return
        first, *others = text.split("\n")
        sink.add(first, bool(self._links))
        for line in others:
            sink.end_line(verbatim=True)
            sink.add(line, bool(self._links))

    def _start(self, node: Any) -> None:
        style = node.get("style") or ""
        if node.tag in _BLOCKS or _BELOW.search(style):
            self._sink().end_line(bool(self._verbatim))
        elif _APART.search(style):
            self._sink().add(" ", False)
        self._start_table_part(node)
        if node.tag in _VERBATIM:
            self._verbatim.append(node)
        elif node.tag == "a" and node.get("href") is not None and self._sizes[node].text <= _LINK:
            self._links.append(node)
            self._sink().links += 1
        elif node.tag == "img" and not _is_spacer(node):
            self._sink().items.append(Image())
        elif node.tag == "sup":
            self._raised = True
        elif node.tag == "li":
            self._label = self._number(node)
        elif (
            node.tag == "input" and len(self._stack) > 1 and (node.get("type") or "text").lower() in {"text", "number"}
        ):
            self._sink().add(f" {node.get('value') or ''} ", False)

    def _number(self, item: Any) -> str:
        """Count an item of an ordered list and return the number that a browser shows before it."""
        parent = item.getparent()
        style = parent.get("style") or ""
        if parent.tag != "ol" or _UNNUMBERED.search(style) or _UNNUMBERED.search(item.get("style") or ""):
            return ""
        value = _integer(item, "value", self._counts.get(parent, _integer(parent, "start", 1)))
        self._counts[parent] = value + 1
        named = _LIST_STYLE.search(style)
        kind = _LIST_STYLES.get(named[1].lower() if named else parent.get("type") or "1", "decimal")
        return format_number(value, kind) + ("、" if kind == "chineseCounting" else ". ")

    def _start_table_part(self, node: Any) -> None:
        top = self._stack[-1]
        if node.tag == "table" and isinstance(top, _Sink) and len(self._stack) < 2 * _NESTING:
            self._stack.append(_OpenTable(node))
        elif isinstance(top, _OpenTable):
            if node.tag in _SECTIONS:
                top.groups.append((_SECTIONS[node.tag], []))
                top.in_group = True
            elif node.tag == "tr":
                top.add_row()
            elif node.tag in {"td", "th"}:
                if not top.groups or not top.groups[-1][1]:
                    top.add_row()
                self._stack.append(_Sink(node))

    def _end(self, node: Any) -> None:
        top = self._stack[-1]
        if node.tag in _BLOCKS or _BELOW.search(node.get("style") or ""):
            self._sink().end_line(bool(self._verbatim) and bool(self._sink().pieces))
        elif _APART.search(node.get("style") or ""):
            self._sink().add(" ", False)
        if self._links and self._links[-1] is node:
            self._links.pop()
        if self._verbatim and self._verbatim[-1] is node:
            self._verbatim.pop()
        if node.tag == "sup":
            self._raised = False
        elif node.tag == "li":
            self._label = ""
        if isinstance(top, _OpenTable) and node.tag in _SECTIONS:
            top.in_group = False
        if top.node is not node:
            return
        self._stack.pop()
        below = self._stack[-1]
        if isinstance(top, _OpenTable):
            self._sink().items.append(top.close())
        elif isinstance(below, _OpenTable):
            cell = (tuple(top.items), _span(node, "rowspan"), max(_span(node, "colspan"), 1))
            below.groups[-1][1][-1].append(cell)


def _integer(node: Any, name: str, default: int) -> int:
    """Read a whole number as HTML does: leading digits count."""
    match = re.match(r"\s*\+?(\d+)", node.get(name) or "", re.ASCII)
    return int(match[1][:6]) if match else default


def _span(node: Any, name: str) -> int:
    return min(_integer(node, name, 1), 65534 if name == "rowspan" else COLUMN_SPAN)


def _is_spacer(node: Any) -> bool:
    """Whether a picture is one that only keeps a distance."""
    sizes = [re.match(r"\d+", node.get(name) or "") for name in ("width", "height")]
    return not node.get("src") or any(size is not None and int(size[0][:6]) <= 3 for size in sizes)
