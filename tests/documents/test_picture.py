from __future__ import annotations

import io
import pickle
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from service.documents.picture import decode_picture, read_picture
from service.errors import DamagedFile, LimitExceeded
from service.limits import Limits

LIMITS = Limits()


def paper(mode: str = "RGB", size: tuple[int, int] = (120, 200)) -> Image.Image:
    """Return white paper with a dark mark in the upper left corner."""
    image = Image.new("L", size, 255)
    image.paste(0, (0, 0, size[0] // 4, size[1] // 4))
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def drawn(data: bytes, page: int = 0) -> np.ndarray:
    render = read_picture(data, LIMITS)[page].render
    assert render is not None
    return render()


def marked(picture: np.ndarray) -> bool:
    """Whether the mark is in the upper left corner and the rest is white."""
    high, wide = picture.shape[:2]
    corner = picture[: high // 5, : wide // 5]
    return bool(corner.max() < 60 and picture[high // 3 :].min() > 200 and picture[:, wide // 3 :].min() > 200)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGB"), ("PNG", "L"), ("PNG", "1"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "LA"), ("JPEG", "RGB"),
        ("JPEG", "L"), ("JPEG", "CMYK"), ("TIFF", "1"), ("TIFF", "L"), ("TIFF", "RGB"), ("TIFF", "CMYK"),
        ("TIFF", "RGBA"), ("WEBP", "RGB"), ("WEBP", "RGBA"), ("BMP", "RGB"), ("BMP", "1"), ("BMP", "L"),
    ],
)  # fmt: skip
def test_every_format_and_mode(kind: str, mode: str) -> None:
    image = paper("RGB").convert(mode) if mode != "1" else paper("L").convert("1")
    data = saved(image, kind)
    (page,) = read_picture(data, LIMITS)
    assert (page.number, page.width, page.height, page.scanned, page.tokens) == (1, 120.0, 200.0, True, ())
    picture = pickle.loads(pickle.dumps(page.render))()
    assert picture.shape == (200, 120, 3)
    assert picture.dtype == np.uint8
    assert marked(picture)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_cut(kind: str) -> None:
    values = np.full((100, 60), 65535, dtype=np.uint16)
    values[:50] = 0x8000
    picture = drawn(saved(Image.fromarray(values), kind))
    assert 126 <= int(picture[10, 10, 0]) <= 129
    assert int(picture[90, 10, 0]) == 255


def test_transparent_is_white() -> None:
    image = Image.new("RGBA", (50, 80), (0, 0, 0, 0))
    assert drawn(saved(image, "PNG")).min() == 255
    palette = Image.new("P", (50, 80), 0)
    assert drawn(saved(palette, "PNG", transparency=0)).min() == 255


def test_colours_are_bgr() -> None:
    picture = drawn(saved(Image.new("RGB", (50, 80), (200, 10, 30)), "PNG"))
    assert picture[5, 5].tolist() == [30, 10, 200]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG", "WEBP"])
def test_orientation_tag_sets_the_picture_upright(kind: str, orientation: int) -> None:
    upright = paper("RGB")
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(stored, kind, exif=exif)
    (page,) = read_picture(data, LIMITS)
    assert (page.width, page.height) == (120, 200)
    assert marked(drawn(data))


def test_tiff_of_many_pages() -> None:
    frames = [Image.new("L", (40 + number, 60), 255 - 50 * number) for number in range(3)]
    data = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    pages = read_picture(data, LIMITS)
    assert [(page.number, page.width) for page in pages] == [(1, 40), (2, 41), (3, 42)]
    assert [int(drawn(data, index).mean()) for index in range(3)] == [255, 205, 155]
    with pytest.raises(LimitExceeded, match="more than 2 pages"):
        read_picture(data, Limits(pages=2))


def test_only_the_photograph_of_a_multi_picture_jpeg() -> None:
    data = saved(paper(), "MPO", save_all=True, append_images=[paper(size=(30, 50))])
    assert len(read_picture(data, LIMITS)) == 1


def test_pixels_of_a_fax_become_square() -> None:
    data = saved(paper("1", (204, 140)), "TIFF", dpi=(204, 98))
    (page,) = read_picture(data, LIMITS)
    assert page.width == 204
    assert page.height == pytest.approx(140 * 204 / 98, abs=1)


def test_huge_scan_is_reduced() -> None:
    for kind in ("JPEG", "PNG"):
        picture = drawn(saved(paper("L", (4960, 7016)), kind))
        assert picture.shape[:2] == (3508, 2480)
        assert marked(picture)


def bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [10_001, 12_000, 60_000])
def test_bomb_is_refused_before_it_is_decoded(side: int) -> None:
    with pytest.raises(LimitExceeded, match="pixels"):
        read_picture(bomb(side, side), LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_cut_off(kind: str, share: float) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (300, 200, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), kind)
    with pytest.raises(DamagedFile, match="cut off or broken"):
        read_picture(data[: int(len(data) * share)], LIMITS)


def test_decode_picture_has_the_same_bounds() -> None:
    assert marked(decode_picture(saved(paper(), "PNG"), LIMITS))
    with pytest.raises(LimitExceeded):
        decode_picture(saved(paper(), "PNG"), Limits(page_pixels=100))
    with pytest.raises(DamagedFile):
        decode_picture(b"no picture", LIMITS)
