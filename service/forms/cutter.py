"""Text that has run together, cut at the labels of the forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from service.forms.normalise import label_characters, label_key
from service.forms.runs import ends_run, label_and_run

_OPENING, _CLOSING = '（(“"「【', '）)”"」】'
_STROKES = re.compile(r"^[\s/\\—–－／-]+$")


class Cutter:
    """Cuts text that has run together at the labels of the forms."""

    _ENOUGH = 4
    """So many different labels make a table out of a paragraph; prose names fewer in a breath."""

    def __init__(self, labels: Iterable[str]) -> None:
        """`labels`: the forms' label texts."""
        keys = {label_key(label) for label in labels} - {""}
        bare = {key.lstrip("0123456789") for key in keys}  # rows may be printed without their numbers
        self._keys = keys | {key for key in bare if len(key) >= 4}
        self._long = {key for key in self._keys if len(key) >= 4}
        ordered = sorted(self._keys, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, ordered)))

    def cut(self, text: str) -> list[str]:
        """The pieces of a run-together table, or nothing if the text is none."""
        if len(text) < 40 or "\t" in text or "|" in text:
            return []
        characters = label_characters(text)
        key = "".join(char for char, _ in characters)
        matches = self._matches(key, [index for _, index in characters])
        if len({match[0] for match in matches if match[0] in self._long}) < self._ENOUGH:
            return []
        return self._pieces(text, [index for _, index in characters], matches)

    def row(self, text: str) -> list[str]:
        """The label and the digits of a line that is one row run together, or nothing if it is none."""
        return list(label_and_run(text, self._keys) or ()) if text[-1:].isdigit() else []

    def _matches(self, key: str, origin: Sequence[int]) -> list[re.Match[str]]:
        """The labels in the text from left to right; of two that overlap, the longer.

        A label that begins with its row's number does not begin inside another number: `13其他` is not `3.其他`.
        """
        found: list[re.Match[str]] = []
        match = self._pattern.search(key)
        while match:
            start = match.start()
            inside = (self._pattern.match(key, later) for later in range(start + 1, match.end()))
            longer = next((other for other in inside if other and len(other[0]) > len(match[0])), None)
            if longer:
                match = longer
            elif key[start].isdigit() and start and key[start - 1].isdigit() and origin[start + 1] == origin[start] + 1:
                bare = re.compile(re.escape(match[0].lstrip("0123456789"))).search(key, start)
                if bare and ends_run(key[:start]):  # its number may be theirs: only the identities tell
                    found.append(bare)
                    start = bare.end() - 1
                match = self._pattern.search(key, start + 1)
            else:
                found.append(match)
                match = self._pattern.search(key, match.end())
        return found

    @staticmethod
    def _pieces(text: str, origin: list[int], matches: list[re.Match[str]]) -> list[str]:
        pieces: list[str] = []
        at = 0
        for match in matches:
            start = origin[match.start()]
            while start > at and text[start - 1] in _OPENING:
                start -= 1
            end = origin[match.end() - 1] + 1
            while end < len(text) and text[end] in _CLOSING:
                end += 1
            pieces += [text[at:start], text[start:end]]
            at = end
        pieces.append(text[at:])
        return [piece for piece in map(str.strip, pieces) if label_key(piece) or _STROKES.match(piece)]
