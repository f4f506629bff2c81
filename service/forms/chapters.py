"""The six chapters: found by the words of their headings, wherever the numbering restarts, without the tables.

A heading that is worn, or torn in two lines, is looked for where the order of the others leaves it a place.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Indel

from service.documents.model import Block, Grid
from service.forms.catalogue import Chapter, Vocabulary
from service.forms.lines import Layout, Line
from service.forms.normalise import label_key, numberless, plain_text
from service.forms.running import running_texts
from service.results import Section

_HEADING = 0.85
"""Similarity from which a text is a chapter's heading."""
_NUMBERED = 0.1
"""What a number in front counts for besides."""
_WORN, _WORN_UNNUMBERED = 0.5, 0.7
"""The same where the chapter's heading is missing between others: with its number in front, and without."""
_LONGER = 2
"""So many characters more or less than a heading has a worn one without its number."""
_PAUSES = "。；，：;,:"
"""What no heading ends with, but lines of prose do."""
_BRACKETS = "（(〔[【"
_SENTENCE = "。"


@dataclass(frozen=True, slots=True)
class _Piece:
    """A paragraph, or a piece of run-together text."""

    text: str
    in_table: bool
    runs_on: bool


@dataclass(frozen=True, slots=True)
class _Heading:
    at: int
    chapter: int
    title: str
    rest: str
    """Text that follows the heading in its paragraph."""
    similarity: float
    end: int
    """Index of the first piece behind it."""


def read_chapters(
    blocks: Sequence[Block],
    lines: Sequence[Line],
    regions: dict[str, tuple[int, int]],
    chapters: Sequence[Chapter],
    vocabulary: Vocabulary,
) -> tuple[Section, ...]:
    """Every chapter that has a heading, in the form's order, with the text between it and the next heading."""
    pieces = tuple(_pieces(blocks, lines, regions))
    candidates = _headings(pieces, chapters, vocabulary.numerals)
    headings = _choose(candidates, len(chapters))
    headings = _with_worn(headings, candidates, pieces, chapters, vocabulary.numerals)
    sections = []
    for number, heading in enumerate(headings):
        end = headings[number + 1].at if number + 1 < len(headings) else len(pieces)
        text = heading.rest
        for piece in pieces[heading.end : end]:
            more = _prose(piece, vocabulary)
            text += more if piece.runs_on or not text or not more else "\n" + more
        sections.append(Section(id=chapters[heading.chapter].id, title=heading.title, text=text.strip()))
    return tuple(sections)


def _pieces(blocks: Sequence[Block], lines: Sequence[Line], regions: dict[str, tuple[int, int]]) -> Iterator[_Piece]:
    inside = {index for start, end in regions.values() for index in range(start, end)}
    starts = [line.block for line in lines]
    for number, block in enumerate(blocks):
        first, last = bisect_left(starts, number), bisect_right(starts, number) - 1
        if isinstance(block, Grid):
            for row, text in running_texts(block):
                yield _Piece(text, first + row in inside, False)
        elif last >= 0 and lines[last].layout is Layout.RUN:
            for index in range(bisect_right(starts, number - 1), last + 1):
                yield _Piece(lines[index].text, index in inside, True)
        else:
            yield _Piece(block.text, last in inside, False)


def _keys(chapters: Sequence[Chapter], numerals: frozenset[str]) -> list[tuple[str, ...]]:
    """The wordings of every chapter's heading, without number."""
    return [
        tuple(numberless(label_key(text), numerals) for text in (chapter.label, *chapter.aliases))
        for chapter in chapters
    ]


def _headings(pieces: Sequence[_Piece], chapters: Sequence[Chapter], numerals: frozenset[str]) -> list[_Heading]:
    """All texts that are headings, in one line or torn over two."""
    keys = _keys(chapters, numerals)
    found = []
    for index, piece in enumerate(pieces):
        alone = _heading(index, piece.text, keys, numerals)
        found += [alone] if alone else []
        key = label_key(piece.text)
        torn = numberless(key, numerals) != key and not piece.runs_on and not {"\n", _SENTENCE} & set(piece.text)
        if torn and index + 1 < len(pieces):
            whole = _heading(index, piece.text.strip() + pieces[index + 1].text.strip(), keys, numerals)
            if whole and whole.similarity > (alone.similarity if alone else 0.0):
                found.append(replace(whole, end=index + 2))
    return found


def _heading(index: int, text: str, keys: Sequence[tuple[str, ...]], numerals: frozenset[str]) -> _Heading | None:
    """The chapter that the text is the heading of, alone or with the chapter's first words behind it."""
    first, _, rest = text.strip().partition("\n")
    words = first.split(maxsplit=1)
    if len(words) == 2:
        lead = numberless(label_key(words[0]), numerals)
        for number, options in enumerate(keys):
            if lead in options and lead != label_key(words[0]):
                return _Heading(index, number, plain_text(words[0]), words[1], 1.0, index + 1)
    whole = numberless(label_key(first), numerals)
    if not whole or first.rstrip().endswith(_SENTENCE):
        return None
    similarity, number = max(
        (Indel.normalized_similarity(whole, key), number) for number, options in enumerate(keys) for key in options
    )
    if similarity < _HEADING:
        return None
    similarity += _NUMBERED if whole != label_key(first) else 0.0
    return _Heading(index, number, plain_text(first), rest.strip(), similarity, index + 1)


def _choose(headings: Sequence[_Heading], chapters: int) -> list[_Heading]:
    """At most one heading a chapter, in the form's order, the most alike in sum.

    A heading right above that of another chapter is a line of a table of contents, and counts for little.
    """
    best: list[tuple[float, list[_Heading]]] = [(0.0, [])] * (chapters + 1)  # best[n]: of the chapters before n
    for number, heading in enumerate(headings):
        score, before = best[heading.chapter]
        following = headings[number + 1] if number + 1 < len(headings) else None
        listed = following and following.at == heading.at + 1 and following.chapter != heading.chapter
        option = score + (0.1 if listed else heading.similarity)
        for limit in range(heading.chapter + 1, chapters + 1):
            if option > best[limit][0]:
                best[limit] = (option, [*before, heading])
    return best[chapters][1]


def _with_worn(
    headings: Sequence[_Heading],
    candidates: Sequence[_Heading],
    pieces: Sequence[_Piece],
    chapters: Sequence[Chapter],
    numerals: frozenset[str],
) -> list[_Heading]:
    """The headings with those that are missing between them: the text most like each, if one is like it at all.

    A line beside one of a table of contents is of it, too.
    """
    chosen = {heading.at for heading in headings}
    listed = {heading.at for heading in candidates} - chosen
    found = list(headings)
    for number, options in enumerate(_keys(chapters, numerals)):
        if not found or any(heading.chapter == number for heading in found):
            continue
        low = max((heading.end for heading in found if heading.chapter < number), default=0)
        high = min((heading.at for heading in found if heading.chapter > number), default=len(pieces))
        own = _number(label_key(chapters[number].label), numerals)
        worn = [
            heading
            for at in range(low, high)
            if not listed & {at - 1, at, at + 1}
            for heading in _worn(pieces[at : min(at + 2, high)], at, number, own, options, numerals)
        ]
        if worn:
            found.append(max(worn, key=lambda heading: heading.similarity))
    return sorted(found, key=lambda heading: heading.at)


def _worn(
    pieces: Sequence[_Piece], at: int, chapter: int, own: str, options: Sequence[str], numerals: frozenset[str]
) -> Iterator[_Heading]:
    """The chapter's heading with slips, in the first of some pieces or torn over two; nothing where it is not."""
    key = label_key(pieces[0].text)
    if pieces[0].text.strip()[:1] in _BRACKETS:
        return  # a section of a chapter
    numbered = _number(key, numerals) == own
    for count in range(1, len(pieces) + 1):
        text = "".join(piece.text.strip() for piece in pieces[:count])
        if _SENTENCE in text or text[-1:] in _PAUSES:
            return
        whole = numberless(label_key(text), numerals)
        similarity, length = max((Indel.normalized_similarity(whole, option), len(option)) for option in options)
        near = abs(len(whole) - length) <= _LONGER
        if similarity >= (_WORN if numbered else _WORN_UNNUMBERED) and (numbered or near):
            yield _Heading(at, chapter, plain_text(text), "", similarity + (1 if numbered else 0), at + count)


def _number(key: str, numerals: frozenset[str]) -> str:
    """The number that a key begins with."""
    return key[: len(key) - len(key.lstrip("".join(numerals)))]


def _prose(piece: _Piece, vocabulary: Vocabulary) -> str:
    """The text if it belongs to a chapter: not a table's, not a page number, not the web page's own words."""
    text = plain_text(piece.text)
    if not text or (piece.in_table and _SENTENCE not in text):
        return ""
    if all(char.isdigit() or char.isspace() or char in vocabulary.page_marks for char in text):
        return ""
    for words in vocabulary.page_furniture:
        before, found, _ = text.partition(words)
        if found:
            return before.strip() if _SENTENCE in before else ""
    return text
