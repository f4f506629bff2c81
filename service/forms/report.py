"""Who reports on which year: the title, the agency and the year, from the report's own words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from service.documents.model import Block
from service.forms.catalogue import Vocabulary
from service.forms.normalise import label_characters, label_key, plain_text
from service.forms.running import running_texts
from service.results import Report

LONGEST_TITLE = 60
_SENTENCE = "。"
_HEAD = 40
"""So many paragraphs from the top may hold the title."""


def read_report(blocks: Sequence[Block], stated: str | None, vocabulary: Vocabulary) -> Report:
    """Title, agency and year; `stated` is the title that the file states apart from its text, if any."""
    texts = (plain_text(text) for block in blocks for _, text in running_texts(block) if text.strip())
    head = list(islice(texts, _HEAD))
    title = next(_titles(head, stated, vocabulary), None)
    year = year_of(title or "", vocabulary) or _usual_year(head, vocabulary)
    return Report(title=title, agency=_agency(title, head, vocabulary), year=year)


def _titles(head: Sequence[str], stated: str | None, vocabulary: Vocabulary) -> Iterator[str]:
    """Possible titles, best first: a line, lines that run on, a title that a sentence names, the stated one."""
    yield from _title_lines(head, vocabulary)
    for text in head:
        named = _named(text, vocabulary)
        if named:
            yield named
    if stated and _core(stated, vocabulary):
        yield _squeezed(plain_text(stated))


def _title_lines(head: Sequence[str], vocabulary: Vocabulary) -> Iterator[str]:
    """Titles that stand by themselves on one line, or on two or three; the fullest name of the report first."""
    texts = [_squeezed(_without_key(text, vocabulary.title_keys)) for text in head]
    ranks = {label_key(core): rank for rank, core in enumerate(vocabulary.titles)}
    found: list[tuple[int, int, int, str]] = []
    for size in (1, 2, 3):
        for start in range(len(texts) - size + 1):
            parts = texts[start : start + size]
            text = "".join(parts)
            core = _core(text, vocabulary)
            if len(text) > LONGEST_TITLE or not core or not label_key(text).endswith(core):
                continue
            if (
                any(part.endswith(_SENTENCE) for part in parts)
                or label_key(text) == core
                or not year_of(text, vocabulary)
            ):
                continue
            before = texts[start - 1] if start else ""
            found.append((ranks[core], size, start, _with_agency(text, before, vocabulary)))
    yield from (text for _, _, _, text in sorted(found))


def _with_agency(title: str, before: str, vocabulary: Vocabulary) -> str:
    """The title with the line before it, where that names the agency and the title does not."""
    if _agency(title, (), vocabulary) is not None:
        return title
    is_name = 2 <= len(before) <= 30 and before[-1:].isalnum() and not _core(before, vocabulary)
    return before + title if is_name else title


def _named(text: str, vocabulary: Vocabulary) -> str | None:
    """The report's name inside a sentence: what stands before the year, back to the verb that publishes it."""
    squeezed = _squeezed(text)
    key = "".join(char for char, _ in label_characters(squeezed))
    origin = [index for _, index in label_characters(squeezed)]
    for core in map(label_key, vocabulary.titles):
        at = key.find(core)
        if at < 0:
            continue
        end = origin[at + len(core) - 1] + 1
        start = max((squeezed.rfind(mark, 0, origin[at]) + 1 for mark in "，。、《》：；,;（）()"), default=0)
        lead = squeezed[start:end]
        for word in vocabulary.publish_words:
            lead_key = label_characters(lead)
            found = "".join(char for char, _ in lead_key).find(label_key(word))
            if 0 <= found < len(lead_key) - len(core):
                lead = lead[lead_key[found + len(label_key(word)) - 1][1] + 1 :]
        if year_of(lead, vocabulary) and len(label_key(lead)) > len(core) + 6:
            return lead
    return None


def _core(text: str, vocabulary: Vocabulary) -> str | None:
    """The words in the text that name this kind of report, longest first."""
    key = label_key(text)
    return next((label_key(core) for core in vocabulary.titles if label_key(core) in key), None)


def year_of(text: str, vocabulary: Vocabulary) -> int | None:
    """The year that a text names."""
    marks = "|".join(map(re.escape, vocabulary.year_marks))
    match = re.search(rf"(?<!\d)(20\d\d)\s*(?:{marks})", plain_text(text))
    return int(match[1]) if match else None


def _usual_year(head: Sequence[str], vocabulary: Vocabulary) -> int | None:
    years = Counter(year for text in head if (year := year_of(text, vocabulary)))
    return years.most_common(1)[0][0] if years else None


def _agency(title: str | None, head: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """The title without the year and without the words for the report; else what a line names as the publisher."""
    if title:
        core = _core(title, vocabulary) or ""
        characters = label_characters(title)
        at = "".join(char for char, _ in characters).rfind(core)
        lead = title[: characters[at][1]] if core and at > 0 else ""
        marks = "|".join(map(re.escape, vocabulary.year_marks))
        name = re.sub(rf"20\d\d\s*(?:{marks})?", "", lead).strip(' 《》"“”')
        if len(name) >= 2:
            return name
    for text in head:
        for key in vocabulary.agency_keys:
            rest = _after_key(text, key)
            if rest and len(rest) <= 30:
                return rest
    return None


def _without_key(text: str, keys: Sequence[str]) -> str:
    for key in keys:
        rest = _after_key(text, key)
        if rest:
            return rest
    return text


def _after_key(text: str, key: str) -> str | None:
    match = re.match(rf"\s*{re.escape(key)}\s*[:：]\s*(\S.*)", text)
    return match[1].strip() if match else None


def _squeezed(text: str) -> str:
    """Without the spaces between Chinese characters and numbers, which layout puts there."""
    return re.sub(r"\s+", "", text)
