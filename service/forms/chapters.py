"""The six chapters: found by the words of their headings, wherever the numbering restarts, without the tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Indel

from service.documents.model import Block, Grid
from service.forms.catalogue import Chapter, Vocabulary
from service.forms.lines import Layout, Line
from service.forms.normalise import label_key, plain_text
from service.results import Section

_HEADING = 0.85
"""Similarity from which a line is a chapter's heading."""
_SENTENCE = "。"


@dataclass(frozen=True, slots=True)
class _Heading:
    line: int
    chapter: int
    rest: str
    """Text that follows the heading on its line."""


def read_chapters(
    blocks: Sequence[Block],
    lines: Sequence[Line],
    regions: dict[str, tuple[int, int]],
    chapters: Sequence[Chapter],
    vocabulary: Vocabulary,
) -> tuple[Section, ...]:
    """Every chapter that has a heading, in the form's order, with the text between it and the next heading."""
    headings = _choose(_headings(blocks, lines, chapters), len(chapters))
    inside = {index for start, end in regions.values() for index in range(start, end)}
    sections = []
    for number, heading in enumerate(headings):
        end = headings[number + 1].line if number + 1 < len(headings) else len(lines)
        texts = [heading.rest] if heading.rest else []
        for index in range(heading.line + 1, end):
            text = _prose(blocks, lines[index], vocabulary, in_table=index in inside)
            if text:
                texts.append(text)
        chapter = chapters[heading.chapter]
        sections.append(Section(id=chapter.id, title=chapter.label, text="\n".join(texts)))
    return tuple(sections)


def _headings(blocks: Sequence[Block], lines: Sequence[Line], chapters: Sequence[Chapter]) -> list[_Heading]:
    keys = [tuple(label_key(text) for text in (chapter.label, *chapter.aliases)) for chapter in chapters]
    found = []
    for index, line in enumerate(lines):
        if line.layout is Layout.GRID or not line.texts:
            continue
        text = line.items[0].cell.text if line.layout is Layout.RUN else _text(blocks, line)
        heading = _heading(index, text, keys)
        if heading:
            found.append(heading)
    return found


def _heading(index: int, text: str, keys: Sequence[tuple[str, ...]]) -> _Heading | None:
    """The chapter that the line is the heading of, alone or with the chapter's first words behind it."""
    first, _, rest = text.strip().partition("\n")
    words = first.split(maxsplit=1)
    whole = label_key(first)
    best = max(
        ((Indel.normalized_similarity(whole, key), number) for number, options in enumerate(keys) for key in options)
    )
    if best[0] >= _HEADING:
        return _Heading(index, best[1], rest.strip())
    if len(words) == 2:
        lead = label_key(words[0])
        for number, options in enumerate(keys):
            if lead in options and lead:
                return _Heading(index, number, words[1])
    return None


def _choose(headings: Sequence[_Heading], chapters: int) -> list[_Heading]:
    """One heading a chapter in the form's order; where a table of contents names them too, the later ones."""
    best: list[list[_Heading]] = [[] for _ in range(chapters + 1)]  # best[n]: of the chapters before n
    for heading in headings:
        for limit in range(chapters, heading.chapter, -1):
            before = [kept for kept in best[heading.chapter] if kept.line < heading.line]
            option = [*before, heading]
            if len(option) >= len(best[limit]):
                best[limit] = option
    return best[chapters]


def _text(blocks: Sequence[Block], line: Line) -> str:
    block = blocks[line.block]
    return line.text if isinstance(block, Grid) else block.text


def _prose(blocks: Sequence[Block], line: Line, vocabulary: Vocabulary, *, in_table: bool) -> str:
    """The line's text if it belongs to a chapter: not a table's, not a page number, not the web page's own words."""
    if line.layout is Layout.GRID:
        return ""
    text = plain_text(line.text if line.layout is Layout.RUN else _text(blocks, line))
    if not text or (in_table and _SENTENCE not in text):
        return ""
    if all(char.isdigit() or char.isspace() or char in vocabulary.page_marks for char in text):
        return ""
    key = label_key(text)
    for words in vocabulary.page_furniture:
        if label_key(words) in key:
            text = text.partition(words)[0].strip() if words in text and len(key) > len(label_key(words)) + 20 else ""
            break
    return text
