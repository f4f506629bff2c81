"""PDF bombs: streams of a few bytes that unpack to gigabytes, which PDFium would unpack without asking."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"\bstream\r?\n")
_FLATE = re.compile(rb"/(?:FlateDecode|Fl)\b")
_PICTURE = re.compile(rb"/Subtype\s*/Image\b")
_DICTIONARY = 4096
"""Bytes before a stream in which its dictionary is looked for."""
_PIECE = 1 << 16
_LAYERS = 4
"""Filters of one stream upon each other that are followed; sound files have one."""


def holds_bomb(data: bytes, limit: int) -> bool:
    """Whether a stream of a PDF file, other than a picture, unpacks to more than `limit` bytes.

    Pictures are left to the limit on pixels. Unpacks in small pieces, so it takes no memory of its own.
    """
    for match in _STREAM.finditer(data):
        before = data[max(0, match.start() - _DICTIONARY) : match.start()].rpartition(b"obj")[2]
        layers = len(_FLATE.findall(before))
        if not layers or _PICTURE.search(before):
            continue
        pieces = _slices(data, match.end())
        for _ in range(min(layers, _LAYERS)):
            pieces = _inflated(pieces)
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > limit:
                return True
    return False


def _slices(data: bytes, start: int) -> Iterator[bytes]:
    return (data[at : at + _PIECE] for at in range(start, len(data), _PIECE))


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Unpack up to the end of the stream, or to where it is broken or encrypted."""
    inflater = zlib.decompressobj()
    for piece in packed:
        rest = piece
        while rest and not inflater.eof:
            try:
                yield inflater.decompress(rest, _PIECE)
            except zlib.error:
                return
            rest = inflater.unconsumed_tail
        if inflater.eof:
            return
