"""The installed Chinese fonts and their metrics.

Only faces of Debian packages are used, found in the system's font folders and never downloaded; those that are not
installed are left out. The core: fonts-noto-cjk, fonts-arphic-uming, fonts-arphic-ukai, fonts-wqy-zenhei,
fonts-wqy-microhei, fonts-dejavu-core, fonts-liberation. For training also: fonts-arphic-gbsn00lp,
fonts-arphic-gkai00mp, fonts-babelstone-han, fonts-cwtex-fs (Fangsong), fonts-crosextra-carlito, fonts-breip,
fonts-bwht. Only for held-out drawings, so that learning never sees them: faces of fonts-cns11643-sung, fonts-hanazono,
fonts-lxgw-wenkai, fonts-droid-fallback, fonts-crosextra-caladea, fonts-liberation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import ImageFont

from service.errors import GoujiError
from training.synthesize.split import Split

Family = Literal["song", "hei", "kai", "bold", "digits", "strong", "pen"]
"""`digits`, `strong` (bold) and `pen` (handwriting) are faces of numbers without simplified ideographs."""

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
    split: Split | None = None
    """None: of the core, which every drawing may use but held-out ones."""


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
    Face("sungti", "song", "truetype/arphic-gbsn00lp/gbsn00lp.ttf", 0, True, "train"),
    Face("kaitim", "kai", "truetype/arphic-gkai00mp/gkai00mp.ttf", 0, True, "train"),
    Face("babelstone", "song", "truetype/babelstone/BabelStoneHan.ttf", 0, True, "train"),
    Face("fangsong", "digits", "truetype/cwtex/cwfs.ttf", 0, False, "train"),
    Face("carlito", "digits", "truetype/crosextra/Carlito-Regular.ttf", 0, True, "train"),
    Face("liberation-mono", "digits", "truetype/liberation/LiberationMono-Regular.ttf", 0, True, "train"),
    Face("liberation-serif-bold", "strong", "truetype/liberation/LiberationSerif-Bold.ttf", 0, True, "train"),
    Face("breip", "pen", "truetype/breip/Breip.ttf", 0, True, "train"),
    Face("dejavu-bold", "strong", "truetype/dejavu/DejaVuSans-Bold.ttf", 0, True, "train"),
    Face("mentor", "pen", "opentype/bwht/BecauseWeMentor-Regular.otf", 0, False, "train"),
    Face("organize", "pen", "opentype/bwht/BecauseWeOrganize-Regular.otf", 0, False, "train"),
    Face("tw-sung", "song", "truetype/cns11643/TW-Sung-98_1.ttf", 0, True, "held-out"),
    Face("hanamin", "song", "truetype/hanazono/HanaMinA.ttf", 0, True, "held-out"),
    Face("wenkai", "kai", "truetype/lxgw-wenkai/LXGWWenKai-Regular.ttf", 0, True, "held-out"),
    Face("wenkai-bold", "bold", "truetype/lxgw-wenkai/LXGWWenKai-Bold.ttf", 0, True, "held-out"),
    Face("droid", "hei", "truetype/droid/DroidSansFallbackFull.ttf", 0, True, "held-out"),
    Face("caladea", "digits", "truetype/crosextra/Caladea-Regular.ttf", 0, True, "held-out"),
    Face("caladea-bold", "strong", "truetype/crosextra/Caladea-Bold.ttf", 0, True, "held-out"),
    Face("liberation-narrow", "digits", "truetype/liberation/LiberationSansNarrow-Regular.ttf", 0, True, "held-out"),
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


def names(*families: Family, embeddable: bool = False, split: Split | None = None) -> tuple[str, ...]:
    """Names of the installed faces of these families (of any Chinese family when none of them is installed).

    Without `split` those of the core, for `train` also the others that learning may see, for `held-out` only those that
    it may not; where none of these is installed, again those of the core.
    """
    usable = [face for face in faces().values() if face.embeddable or not embeddable]
    core = [face for face in usable if face.split is None]
    pool = {None: core, "train": [*core, *(face for face in usable if face.split == "train")]}.get(
        split, [face for face in usable if face.split == "held-out"]
    )
    for some in (pool, core):
        chosen = tuple(face.name for face in some if face.family in families)
        if chosen:
            return chosen
    return tuple(face.name for face in core if face.family not in ("digits", "strong", "pen"))


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
        if candidate in faces() and has(candidate, character):
            return candidate
    return name


def has(name: str, character: str) -> bool:
    """Whether a face draws a character."""
    if character.isspace():
        return True
    font = pixel_font(name, 24)
    return bytes(font.getmask(character)) != bytes(font.getmask("\U0010fffe"))
