"""Markdown, as people and converters of PDF write it: its tables in HTML are grids, its marks go, all else is lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape

from service.documents.flow import Flow, lay_out
from service.documents.html import read_fragment
from service.documents.model import Block, Grid, Paragraph, Place
from service.documents.plaintext import read_lines

_TABLE = re.compile(r"<(/?)table\b[^>]*>", re.I)
_STRUCK = re.compile(r"<(del|s|strike)\b[^>]*>.{0,80}?</\1\s*>", re.I)
_BREAK = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6])\s*>", re.I)
_RAISED = re.compile(r"<sup\b[^>]*>(?=\s*\d)", re.I)
_TAG = re.compile(
    r"<!--.{0,400}?-->|</?(?:html|body|head|p|div|center|span|font|b|strong|i|em|u|ins|mark|small|big|sup|sub|a|h[1-6]|li"
    r"|ul|ol|code|section|article|figure|figcaption|caption|tbody|thead|o:p)\b[^<>]*>",
    re.I,
)
_QUOTED = re.compile(r"^\s{0,3}(?:>\s?)+")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+|\s+#+\s*$")
_STRONG = re.compile(r"(\*{1,3}|_{2,3})(?=[^\s*_|])([^*|]{0,200}?[^\s*_|])\1")
_MATH = re.compile(r"\$\s*(?:\\[a-z]+\s*\{\s*)?([-+]?\s*\d[\d.,\s]{0,20}?)\s*\}?\s*\$")
"""A number set as a formula; one that holds more stays as it is, and is then no number."""
_FOOTNOTE = re.compile(r"\[\^[^\]\s|]{1,12}\](?!:)")
_WALL = re.compile(r"([^\s|]\s*)\\\|")
"""A wall that is part of a cell's text. One that begins a cell is a stroke for nothing, and the cell's end."""
_ESCAPED = re.compile(r"\\([!-/:-@\[\]^_`{}~])")
_NO_WALL = "\u2223"


def read_markdown(data: bytes) -> Flow:
    """Read every line as one paragraph, numbered from 1, and every HTML table between them as a grid.

    Raises:
        DamagedFile: it holds NUL characters or is not text in any known encoding.

    """
    blocks: list[Block] = []
    tables = 0
    for line, markup, text in _pieces(read_lines(data)):
        if not markup:
            blocks.append(Paragraph(_plain(text), Place(line=line)))
            continue
        for block in lay_out(read_fragment(text), first_table=tables).blocks:
            tables += isinstance(block, Grid)
            blocks.append(block if isinstance(block, Grid) else replace(block, place=Place(line=line)))
    return Flow(tuple(blocks))


def _pieces(lines: list[str]) -> Iterator[tuple[int, bool, str]]:
    """The lines outside of HTML tables and the tables, each with the line where it begins and whether it is a table."""
    closed = _closed(lines)
    depth = begun = 0
    table: list[str] = []
    for number, line in enumerate(lines, 1):
        if depth and not line.strip() and not closed[number - 1]:
            yield begun, True, "\n".join(table)  # cut off before its end
            depth, table = 0, []
        at = 0
        for tag in _TABLE.finditer(line):
            if not tag[1]:
                if not depth:
                    if line[at : tag.start()].strip():
                        yield number, False, line[at : tag.start()]
                    at, begun = tag.start(), number
                depth += 1
            elif depth:
                depth -= 1
                if not depth:
                    yield begun, True, "\n".join([*table, line[at : tag.end()]])
                    at, table = tag.end(), []
        if depth:
            table.append(line[at:])
        elif not at or line[at:].strip():
            yield number, False, line[at:]
    if table:
        yield begun, True, "\n".join(table)


def _closed(lines: list[str]) -> list[bool]:
    """For each line whether a table that is open before it is closed in or below it, before another one opens."""
    closed = [False]
    for line in reversed(lines):
        tag = _TABLE.search(line)
        closed.append(bool(tag[1]) if tag else closed[-1])
    return closed[:0:-1]


def _plain(line: str) -> str:
    """A line without the marks that say how it looks."""
    text = _HEADING.sub("", _QUOTED.sub("", line))
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub(" ", _RAISED.sub("^", _STRUCK.sub("", text))))
    text = _FOOTNOTE.sub("", _MATH.sub(r"\1", text))
    text = _STRONG.sub(r"\2", text)
    text = _ESCAPED.sub(r"\1", _WALL.sub(rf"\1{_NO_WALL}", text))
    return unescape(text).replace("\xa0", " ")
