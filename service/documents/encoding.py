"""Bytes to text by what the bytes say; what headers and meta tags claim is too often wrong to be asked."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from charset_normalizer import from_bytes

from service.errors import DamagedFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CANDIDATES = ("utf-8", "gb18030", "utf-16-le", "utf-16-be", "big5")
"""In order of preference where the text comes out equally plausible."""
_SAMPLE = 4000
"""Characters beyond ASCII that are judged."""
_BEYOND_ASCII = re.compile(r"[^ -~\t\n\r\f]")
_PLAUSIBLE = 0.6
_BROKEN = 0.02
"""Share of characters that may be broken: a page cut or spliced in the middle of a character."""


def decode(data: bytes) -> str:
    """Decode text of unknown encoding: UTF-8, GB18030 (with GBK and GB2312), UTF-16, Big5, or what is guessed.

    Every encoding is tried strictly, then with replacement, and the text that looks most like Chinese is taken.
    A byte order mark settles it where the text after it bears it out. Single broken characters become U+FFFD.

    Raises:
        DamagedFile: no encoding makes text of it.

    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            data = data[len(mark) :]
            marked = _strict(data, encoding) or data.decode(encoding, "replace")
            if plausibility(marked) >= _PLAUSIBLE:
                return marked
            break
    strict = (text for encoding in _CANDIDATES if (text := _strict(data, encoding)) is not None)
    text = max(strict, key=plausibility, default="")
    if plausibility(text) >= _PLAUSIBLE and (text or not data):
        return text
    text = max((data.decode(encoding, "replace") for encoding in _CANDIDATES), key=plausibility)
    if plausibility(text) >= _PLAUSIBLE and text.count("\ufffd") <= _BROKEN * len(text):
        return text
    guess = from_bytes(data).best()
    if guess is None:
        raise DamagedFile("the file is not text in any known encoding")
    return str(guess)


def plausibility(text: str) -> float:
    """Share of the characters beyond printable ASCII that Chinese text is likely to hold; 1 for pure ASCII."""
    odd = _BEYOND_ASCII.findall(text)
    odd = odd[:: len(odd) // _SAMPLE + 1]
    return sum(map(_is_common, odd)) / len(odd) if odd else 1.0


def _strict(data: bytes, encoding: str) -> str | None:
    """Decode without tolerance, except for a last character that is cut off."""
    try:
        return codecs.getincrementaldecoder(encoding)().decode(data, final=False)
    except UnicodeDecodeError:
        return None


@lru_cache(maxsize=8192)
def _is_common(char: str) -> bool:
    """Whether the character is punctuation, full-width, or one of the 3755 common ones, level 1 of GB 2312.

    Text decoded wrongly is full of rare characters: level 1 is a sixth of what GBK can write.
    """
    code = ord(char)
    if 0x2000 <= code <= 0x27BF or 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFFEF or char in "\xa0\xb7\ufeff":
        return True
    try:
        coded = char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return len(coded) == 2 and 0xB0 <= coded[0] <= 0xD7
