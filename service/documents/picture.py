"""Pictures as pages: PNG, JPEG, TIFF of many pages, WebP and BMP, whatever their depth, colours and orientation.

A picture is measured before it is decoded, decoded once to learn whether it is whole, and decoded again when it is
drawn, so that a file of many pages never stands in memory as a whole.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from service.documents.model import Page, Picture
from service.documents.negative import positive
from service.documents.strips import Strip, strips
from service.errors import DamagedFile, GoujiError, LimitExceeded
from service.limits import Limits

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP")
MOST = 2600
"""Pixels of the short side beyond which a picture is halved, thirded ...; A4 has 1654 at 200 dpi and 2480 at 300."""
_CUT_OFF = "the picture is cut off or broken"
_SQUARE = 1.15
"""Resolutions along and across that differ by more than this are a fax's, whose pixels are not square."""


@dataclass(frozen=True, slots=True)
class PictureRender:
    """Draws one frame of a picture file; holds the file and no handle, so that it can be sent to another process."""

    data: bytes
    frame: int = 0
    strip: Strip | None = None
    """The rows that are a page, where the frame holds several below each other."""

    def __call__(self) -> Picture:
        """Return the page as a person sees it: height x width x 3, BGR.

        Raises:
            DamagedFile: it cannot be decoded.

        """
        with _opened(self.data) as image:
            image.seek(self.frame)
            picture = _decode(image)
        return picture if self.strip is None else np.ascontiguousarray(picture[slice(*self.strip)])


def read_picture(data: bytes, limits: Limits) -> tuple[Page, ...]:
    """Return the pages of a picture file, all scanned, sizes in pixels (square ones).

    A frame that is much taller than a page becomes several. One that cannot be decoded becomes a page with a `problem`
    when others can.

    Raises:
        DamagedFile: no frame can be decoded.
        LimitExceeded: too many frames or pixels.

    """
    pages: list[Page] = []
    frame = 0
    with _opened(data) as image:
        # The further frames of an MPO are previews and depth maps of the one photograph.
        several = image.format != "MPO"
        while True:
            if len(pages) >= limits.pages:
                raise LimitExceeded(f"the file has more than {limits.pages} pages")
            pages += _pages(image, data, frame, len(pages) + 1, limits)
            frame += 1
            try:
                if not several:
                    break
                image.seek(frame)
            except EOFError:
                break
    if len(pages) > limits.pages:
        raise LimitExceeded(f"the file has more than {limits.pages} pages")
    if all(page.problem for page in pages):
        raise DamagedFile(_CUT_OFF)
    return tuple(pages)


def decode_picture(data: bytes, limits: Limits) -> Picture:
    """Decode the first frame of a picture, such as one inside a document.

    Raises:
        DamagedFile: it cannot be decoded.
        LimitExceeded: it has too many pixels.

    """
    with _opened(data) as image:
        _refuse_bomb(image, limits)
        return _decode(image)


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    """Open a picture; every way in which Pillow fails, here or in the block, becomes one of our errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                yield image
    except GoujiError:
        raise
    except Image.DecompressionBombError as error:
        raise LimitExceeded("the picture has too many pixels") from error
    except UnidentifiedImageError as error:
        raise DamagedFile(_CUT_OFF) from error
    except MemoryError as error:
        raise LimitExceeded("the picture needs more memory than there is") from error
    # Pillow's decoders raise nearly anything on broken data: OSError, SyntaxError, ValueError, struct.error, ...
    except Exception as error:
        raise DamagedFile(_CUT_OFF) from error


def _refuse_bomb(image: Image.Image, limits: Limits) -> None:
    width, height = image.size
    if width * height > limits.page_pixels:
        raise LimitExceeded(f"the picture has {width} x {height} pixels; at most {limits.page_pixels} are read")


def _pages(image: Image.Image, data: bytes, frame: int, number: int, limits: Limits) -> list[Page]:
    """Describe the pages of one frame, the first of which has this number, after decoding it once to see it whole."""
    _refuse_bomb(image, limits)
    try:
        picture = _decode(image)
    except (GoujiError, MemoryError):
        raise
    except Exception:  # as above
        problem = f"the picture of page {number} is cut off or broken"
        return [Page(number, float(image.width), float(image.height), problem=problem)]
    found = strips(picture)
    width = float(picture.shape[1])
    return [
        Page(
            number + index,
            width,
            float(strip.bottom - strip.top),
            render=PictureRender(data, frame, strip if len(found) > 1 else None),
            scanned=True,
        )
        for index, strip in enumerate(found)
    ]


def _decode(image: Image.Image) -> Picture:
    """Decode the current frame, upright, on white, 8 bits a channel, not larger than is of use."""
    along, across = _resolution(image)
    if (factor := ceil(min(image.size) / MOST)) > 1 and image.format == "JPEG":
        # JPEG can be decoded at a fraction of its size at a fraction of the time.
        image.draft(None, (image.width // factor, image.height // factor))
    plain = _flat(image)
    if (factor := ceil(min(plain.size) / MOST)) > 1:
        plain = plain.reduce(factor)
    if max(along, across) > _SQUARE * min(along, across):
        finest = max(along, across)
        plain = plain.resize((round(plain.width * finest / along), round(plain.height * finest / across)))
    oriented = ImageOps.exif_transpose(_with_orientation(plain, image))
    picture: Picture = cv2.cvtColor(np.asarray(oriented.convert("RGB")), cv2.COLOR_RGB2BGR)
    return positive(picture)


def _with_orientation(plain: Image.Image, source: Image.Image) -> Image.Image:
    """Hand the orientation tag on, which conversions drop."""
    orientation = source.getexif().get(0x0112, 1)
    plain.getexif()[0x0112] = orientation
    return plain


def _resolution(image: Image.Image) -> tuple[float, float]:
    """Return the resolutions along and across; equal where the file does not say or says nonsense."""
    try:
        along, across = (float(value) for value in image.info.get("dpi", (1, 1)))
    except (TypeError, ValueError, ZeroDivisionError):
        return 1.0, 1.0
    return (along, across) if 0 < along <= 4 * across and 0 < across <= 4 * along else (1.0, 1.0)


def _flat(image: Image.Image) -> Image.Image:
    """Return the frame as L or RGB, what is transparent being white."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image, dtype=np.float64)
        # 16-bit files fill their range; F is 0..1 or 0..255 by custom.
        top = 65535.0 if image.mode != "F" else (1.0 if values.max(initial=0) <= 1 else 255.0)
        return Image.fromarray(np.clip(values * (255 / top) + 0.5, 0, 255).astype(np.uint8), "L")
    if image.mode in ("LA", "PA", "RGBA", "La", "RGBa") or "transparency" in image.info:
        picture = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")
