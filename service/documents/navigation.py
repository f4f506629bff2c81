"""Tells the text of an article from breadcrumbs, menus and other lists of links, by their links and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from service.documents.flow import Image, Item, Line, Table

_SHORT = 60
"""Longest line below an article that may belong to the site."""


def without_navigation(items: Sequence[Item]) -> list[Item]:
    """Drop breadcrumbs, menus and other lists of links, which no report has but every site."""
    result: list[Item] = []
    run: list[Item] = []  # links that follow one another, with bullets and pictures between them
    for item in items:
        if _is_bar(item) or _is_menu(item):
            continue
        if _is_link(item) or isinstance(item, Image) or (isinstance(item, Line) and not _letters(item.text)):
            run.append(item)
            continue
        result += run if sum(map(_is_link, run)) < 3 else []
        run = []
        result.append(item)
    return _without_tail(result + run)


def _without_tail(items: list[Item]) -> list[Item]:
    """Drop the short lines below an article from the first link on, where links are half of them or more."""
    end = len(items)
    lines = links = 0
    for index in reversed(range(len(items))):
        item = items[index]
        if isinstance(item, Table) or (isinstance(item, Line) and len(item.text) > _SHORT):
            break
        lines += isinstance(item, Line) and _letters(item.text) > 0
        links += _has_link(item)
        if _has_link(item) and 2 * links >= lines:
            end = index
    return items[:end]


def _letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def _is_link(item: Item) -> bool:
    """Whether a line is a link and little else."""
    return _has_link(item, 0.6)


def _has_link(item: Item, share: float = 0.4) -> bool:
    """Whether a line is a link for that share of its characters."""
    return isinstance(item, Line) and item.links > 0 and item.linked >= share * len("".join(item.text.split()))


def _is_bar(item: Item) -> bool:
    """Whether a line is a row of short links, as breadcrumbs are."""
    if not isinstance(item, Line) or item.links < 2:
        return False
    return item.linked <= 12 * item.links and _letters(item.text) - item.linked <= 40


def _is_menu(item: Item) -> bool:
    """Whether a table holds little but links."""
    if not isinstance(item, Table):
        return False
    lines = [line for cell in item.cells for line in _lines(cell.content or ())]
    text = sum(_letters(line.text) for line in lines)
    return sum(line.links for line in lines) >= 3 and sum(line.linked for line in lines) > 0.6 * text


def _lines(items: Iterable[Item]) -> list[Line]:
    return [item for item in items if isinstance(item, Line)]
