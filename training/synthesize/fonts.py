"""The installed Chinese fonts and their metrics.

Only faces of Debian packages are used (fonts-noto-cjk, fonts-arphic-uming, fonts-arphic-ukai, fonts-wqy-zenhei,
fonts-wqy-microhei, fonts-dejavu-core, fonts-liberation), found in the system's font folders and never downloaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont

from service.errors import GoujiError

Family = Literal["song", "hei", "kai", "bold", "digits"]

FONT_FOLDER = Path("/usr/share/fonts")


@dataclass(frozen=True, slots=True)
class Face:
    """One face in a font file."""

    name: str
    family: Family
    file: str
    """Path below the font folder."""
    number: int = 0
    """Face number in a collection."""
    embeddable: bool = False
    """Whether it has TrueType outlines, which the PDF writer can embed."""


_FACES = (
    Face("noto-serif", "song", "opentype/noto/NotoSerifCJK-Regular.ttc", 2),
    Face("uming", "song", "truetype/arphic/uming.ttc", 0, True),
    Face("noto-sans", "hei", "opentype/noto/NotoSansCJK-Regular.ttc", 2),
    Face("zenhei", "hei", "truetype/wqy/wqy-zenhei.ttc", 0, True),
    Face("microhei", "hei", "truetype/wqy/wqy-microhei.ttc", 0, True),
    Face("ukai", "kai", "truetype/arphic/ukai.ttc", 0, True),
    Face("noto-serif-bold", "bold", "opentype/noto/NotoSerifCJK-Bold.ttc", 2),
    Face("noto-sans-bold", "bold", "opentype/noto/NotoSansCJK-Bold.ttc", 2),
    Face("dejavu-serif", "digits", "truetype/dejavu/DejaVuSerif.ttf", 0, True),
    Face("dejavu-sans", "digits", "truetype/dejavu/DejaVuSans.ttf", 0, True),
    Face("dejavu-condensed", "digits", "truetype/dejavu/DejaVuSansCondensed.ttf", 0, True),
    Face("dejavu-serif-condensed", "digits", "truetype/dejavu/DejaVuSerifCondensed.ttf", 0, True),
    Face("liberation-serif", "digits", "truetype/liberation/LiberationSerif-Regular.ttf", 0, True),
    Face("liberation-sans", "digits", "truetype/liberation/LiberationSans-Regular.ttf", 0, True),
)
_FALLBACKS = ("zenhei", "microhei", "uming", "dejavu-sans", "noto-sans")
_EM = 200
"""Size in pixels at which advances are measured."""


@lru_cache(maxsize=1)
def faces() -> dict[str, Face]:
    """Return the installed faces by name; raises GoujiError when no Chinese font is installed."""
    found = {face.name: face for face in _FACES if (FONT_FOLDER / face.file).is_file()}
    if not any(face.family in ("song", "hei") for face in found.values()):
        raise GoujiError("no Chinese font is installed; install fonts-noto-cjk, fonts-arphic-uming or fonts-wqy-zenhei")
    return found


def names(*families: Family, embeddable: bool = False) -> tuple[str, ...]:
    """Names of the installed faces of these families (of any Chinese family when none of them is installed)."""
    usable = [face for face in faces().values() if face.embeddable or not embeddable]
    chosen = tuple(face.name for face in usable if face.family in families)
    return chosen or tuple(face.name for face in usable if face.family != "digits")


@lru_cache(maxsize=512)
def pixel_font(name: str, size: float) -> ImageFont.FreeTypeFont:
    """Return the face at a size in pixels, for drawing with PIL."""
    face = faces()[name]
    return ImageFont.truetype(str(FONT_FOLDER / face.file), size, index=face.number)


@lru_cache(maxsize=65536)
def advance(name: str, character: str) -> float:
    """Width that a character takes, as a fraction of the font size."""
    return float(pixel_font(name, _EM).getlength(character)) / _EM


@lru_cache(maxsize=65536)
def covering(name: str, character: str) -> str:
    """Name of the face that draws a character: `name` itself if it has it, else the first fallback that does."""
    for candidate in (name, *_FALLBACKS):
        if candidate in faces() and _has(candidate, character):
            return candidate
    return name


def _has(name: str, character: str) -> bool:
    if character.isspace():
        return True
    font = pixel_font(name, 24)
    return bytes(font.getmask(character)) != bytes(font.getmask("\U0010fffe"))
