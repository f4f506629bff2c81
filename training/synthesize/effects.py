"""What scanners, copiers and phones do to a page, from a seed: the four scan qualities.

clean: 200 dpi, skew under half a degree, light blur, JPEG 85. office: 200 dpi, skew to 1.5 degrees, light falling off,
noise, JPEG 55, a red seal. copy: a photocopy of a copy at 135 to 160 dpi, grey lost, skew to 2 degrees, toner specks,
a streak, the seal black, half of the ink kept at least. phone: perspective to 5 % a side, shade to a third, warm light,
blur, a table around the page, JPEG 60. `beyond` widens every range: 1 as above, 1.4 for training.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Picture
from training.synthesize.seal import draw_seal, stamp

Quality = Literal["clean", "office", "copy", "phone"]
QUALITIES: tuple[Quality, ...] = get_args(Quality)

Matrix = NDArray[np.float64]
_Floats = NDArray[np.float32]
_INK = 140
"""Grey level below which a dot is ink."""
_LEGIBLE = 0.5
"""Share of the ink that a copy must keep: with less, nothing of small print can be read."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One scanned page, encoded, with the way from the drawn page to it."""

    quality: Quality
    encoded: bytes
    suffix: Literal[".jpg", ".png"]
    dpi: float
    transform: tuple[float, ...]
    """Row-major 3 x 3 homography from fractions of the drawn page to fractions of this picture."""

    def picture(self) -> Picture:
        """Decode the picture: height x width x 3, BGR."""
        decoded = cv2.imdecode(np.frombuffer(self.encoded, np.uint8), cv2.IMREAD_COLOR)
        return np.asarray(decoded, np.uint8)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A picture on its way through the effects, with the homography from the drawn page's pixels to its own."""

    picture: Picture
    matrix: Matrix


def drawing_dpi(quality: Quality) -> int:
    """Resolution at which pages should be drawn for a quality."""
    return 200 if quality != "phone" else 190


def scan_page(
    picture: Picture,
    quality: Quality,
    rng: np.random.Generator,
    *,
    agency: str | None = None,
    seal_at: tuple[float, float] | None = None,
    beyond: float = 1.0,
    rotation: int = 0,
) -> Scan:
    """Scan a drawn page (BGR, at `drawing_dpi(quality)`).

    `agency`: stamp a seal with this name, its middle at `seal_at` (fractions of the page) or anywhere;
    `rotation`: turn the result clockwise by 0, 90, 180 or 270 degrees; raises KeyError for others.
    """
    page = picture.copy()
    if agency:
        _stamp(page, agency, quality, seal_at, rng)
    sheet, encoded, suffix, dpi = _WAYS[quality](page, rng, beyond, rotation)
    return Scan(quality, encoded, suffix, dpi, _fractions(sheet.matrix, picture.shape, sheet.picture.shape))


_Made = tuple[_Sheet, bytes, Literal[".jpg", ".png"], float]


def _clean(page: Picture, rng: np.random.Generator, beyond: float, rotation: int) -> _Made:
    sheet = _skew(page, rng.uniform(-0.5, 0.5) * beyond, _paper_white(rng))
    image = _blur(sheet.picture.astype(np.float32), rng.uniform(0.25, 0.6) * beyond)
    image = _noise(image, rng.uniform(0.5, 2) * beyond, rng)
    if rng.random() < 0.5:
        image = _grey(image)
    return _finish(_Sheet(_bytes(image), sheet.matrix), rotation, round(85 / beyond), 200)


def _office(page: Picture, rng: np.random.Generator, beyond: float, rotation: int) -> _Made:
    sheet = _skew(page, rng.uniform(-1.5, 1.5) * beyond, _paper_white(rng))
    image = _blur(sheet.picture.astype(np.float32), rng.uniform(0.4, 0.8) * beyond)
    image *= _falling_light(image.shape, rng, 0.28 * beyond)[..., None]
    image = _noise(image, rng.uniform(3, 8) * beyond, rng)
    return _finish(_Sheet(_bytes(image), sheet.matrix), rotation, round(55 / beyond), 200)


def _copy(page: Picture, rng: np.random.Generator, beyond: float, rotation: int) -> _Made:
    """Two generations: what the first copy lost, the second cannot bring back.

    Who copies turns the copier darker until something can be read: half of the ink is kept.
    """
    start = rng.bit_generator.state
    for darker in range(0, 100, 10):
        rng.bit_generator.state = start
        made = _copied(page, rng, beyond, rotation, darker)
        if _kept(page, made[0]) >= _LEGIBLE:
            break
    return made


def _kept(page: Picture, copied: _Sheet) -> float:
    """Share of a page's dark ink that is dark in a copy, or beside such."""
    ink = (_luminance(page) < _INK).astype(np.uint8)
    height, width = copied.picture.shape[:2]
    where = cv2.warpPerspective(ink, copied.matrix, (width, height), flags=cv2.INTER_NEAREST) > 0
    return float((_luminance(copied.picture)[where] < _INK).mean()) if where.any() else 1.0


def _copied(page: Picture, rng: np.random.Generator, beyond: float, rotation: int, darker: float) -> _Made:
    dpi = rng.uniform(135 / beyond**0.3, 160)
    first = _skew(page, rng.uniform(-0.7, 0.7) * beyond, 255)
    ink = _blur(_luminance(first.picture), rng.uniform(0.4, 0.8) * beyond)
    ink = _steep(ink, rng.uniform(118, 165) + darker, rng.uniform(0.04, 0.12))
    second = _resized(_skew(_bytes(ink), rng.uniform(-1.3, 1.3) * beyond, 255, first.matrix), dpi / 200)
    image = _noise(_luminance(second.picture), rng.uniform(4, 14) * beyond, rng)
    _specks(image, rng, int(rng.uniform(60, 450) * beyond))
    if rng.random() < 0.8:
        _streak(image, rng)
    image = _steep(_blur(image, rng.uniform(0.2, 0.5) * beyond), rng.uniform(112, 158) + darker, rng.uniform(0.06, 0.3))
    if rng.random() < 0.4:
        bilevel = np.where(image > 127, 255, 0).astype(np.uint8)
        return _finish(_Sheet(bilevel, second.matrix), rotation, None, dpi)
    return _finish(_Sheet(_bytes(image), second.matrix), rotation, int(rng.uniform(50, 80)), dpi)


def _phone(page: Picture, rng: np.random.Generator, beyond: float, rotation: int) -> _Made:
    sheet = _photograph(page, rng, 0.05 * beyond)
    image = sheet.picture.astype(np.float32)
    light = _shadow(image.shape, rng, 0.33 * beyond)
    warm = rng.uniform(0.05, 0.22) * beyond
    image *= cv2.merge([light * np.float32(share) for share in (1 - warm, 1 - 0.35 * warm, 1)])
    image *= np.float32(rng.uniform(0.86, 1.02))
    image = _noise(_blur(image, rng.uniform(0.5, 1.1) * beyond), rng.uniform(1.5, 4.5) * beyond, rng)
    return _finish(_Sheet(_bytes(image), sheet.matrix), rotation, round(60 / beyond), 190)


_WAYS: dict[Quality, Callable[[Picture, np.random.Generator, float, int], _Made]] = {
    "clean": _clean,
    "office": _office,
    "copy": _copy,
    "phone": _phone,
}


def _stamp(
    page: Picture, agency: str, quality: Quality, at: tuple[float, float] | None, rng: np.random.Generator
) -> None:
    diameter = int(rng.uniform(36, 46) / 25.4 * drawing_dpi(quality))
    # A copier's glass sees red as black.
    density, colour = (
        rng.uniform(0.6, 0.97),
        (int(rng.uniform(25, 70)), int(rng.uniform(15, 60)), int(rng.uniform(185, 235))),
    )
    if quality == "copy":
        density, colour = rng.uniform(0.85, 1), (40, 40, 40)
    ink = draw_seal(agency, diameter, rng) * np.float32(density)
    height, width = page.shape[:2]
    x, y = at or (rng.uniform(0.05, 0.95), rng.uniform(0.08, 0.92))
    left, top = int(x * width - diameter / 2), int(y * height - diameter / 2)
    stamp(page, ink, left, top, colour)


def _paper_white(rng: np.random.Generator) -> int:
    return int(rng.uniform(240, 255))


def _skew(page: Picture, degrees: float, paper: int, before: Matrix | None = None) -> _Sheet:
    """Turn a page about its centre, within the same frame."""
    height, width = page.shape[:2]
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), [0, 0, 1]])
    turned = cv2.warpAffine(page, turn[:2], (width, height), flags=cv2.INTER_LINEAR, borderValue=(paper,) * 3)
    matrix = turn @ (np.eye(3) if before is None else before)
    return _Sheet(np.minimum(turned, np.uint8(paper)), matrix)


def _resized(sheet: _Sheet, factor: float) -> _Sheet:
    height, width = sheet.picture.shape[:2]
    size = (round(width * factor), round(height * factor))
    small = cv2.resize(sheet.picture, size, interpolation=cv2.INTER_AREA)
    return _Sheet(np.asarray(small, np.uint8), np.diag([size[0] / width, size[1] / height, 1.0]) @ sheet.matrix)


def _photograph(page: Picture, rng: np.random.Generator, most: float) -> _Sheet:
    """See the page from a hand-held camera: each corner displaced by up to `most` of the side, a table around it."""
    height, width = page.shape[:2]
    margin = rng.uniform(0.01, 0.06)
    frame = np.array([width * (1 + 2 * margin), height * (1 + 2 * margin)]).round().astype(int)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    moved = corners + np.array([width, height]) * (margin + rng.uniform(-0.5, 0.5, (4, 2)) * most)
    matrix = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    size = (int(frame[0]), int(frame[1]))
    table = _table_top(size, rng)
    paper = cv2.warpPerspective(page, matrix, size, flags=cv2.INTER_LINEAR)
    share = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size, flags=cv2.INTER_LINEAR)
    # The page's shadow on the table is soft, so a small picture of it is enough.
    small = cv2.resize(share, (size[0] // 8, size[1] // 8), interpolation=cv2.INTER_AREA).astype(np.float32)
    dark = cv2.resize(1 - cv2.GaussianBlur(small, (0, 0), width * 0.001) / 510, size, interpolation=cv2.INTER_LINEAR)
    seen = cv2.cvtColor(share, cv2.COLOR_GRAY2BGR).astype(np.float32) / 255
    shaded = table * dark[..., None]
    return _Sheet(_bytes(shaded + (paper - shaded) * seen), matrix)


def _table_top(size: tuple[int, int], rng: np.random.Generator) -> _Floats:
    """A desk: wood, cloth or plastic, lighter or darker."""
    colour = np.asarray(
        [[60, 95, 140], [45, 60, 80], [90, 90, 90], [150, 160, 170], [35, 35, 40], [120, 150, 180]][rng.integers(6)],
        np.float32,
    ) * np.float32(rng.uniform(0.8, 1.2))
    grain = rng.normal(0, 1, (rng.integers(60, 400), rng.integers(4, 30))).astype(np.float32)
    grain = cv2.resize(grain, (size[0] // 2, size[1] // 2), interpolation=cv2.INTER_CUBIC)
    table = (colour + grain[..., None] * np.float32(rng.uniform(3, 14))).clip(0, 255).astype(np.float32)
    return np.asarray(cv2.resize(table, size, interpolation=cv2.INTER_LINEAR), np.float32)


def _falling_light(shape: tuple[int, ...], rng: np.random.Generator, most: float) -> _Floats:
    """Light that falls off across the page, and a little from its middle."""
    y, x = _axes(shape)
    angle = rng.uniform(0, 2 * math.pi)
    along = (math.cos(angle) * x + math.sin(angle) * y) / math.sqrt(2)
    radial = (x**2 + y**2) / 2
    light = 1 - rng.uniform(0.2, 1) * most * (0.5 + 0.5 * along) - rng.uniform(0, 0.25) * most * radial
    return _widened(light, shape)


def _shadow(shape: tuple[int, ...], rng: np.random.Generator, most: float) -> _Floats:
    """A soft shadow with an edge across the page, and uneven room light; never darker than 1 - most."""
    y, x = _axes(shape)
    angle = rng.uniform(0, 2 * math.pi)
    distance = math.cos(angle) * x + math.sin(angle) * y - rng.uniform(-0.7, 0.7)
    edge = 1 / (1 + np.exp(-distance / rng.uniform(0.06, 0.5)))
    bumps = cv2.resize(rng.uniform(0, 1, (3, 3)).astype(np.float32), edge.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return _widened(1 - rng.uniform(0.3, 1) * most * (0.75 * edge + 0.25 * bumps), shape)


def _axes(shape: tuple[int, ...]) -> tuple[Matrix, Matrix]:
    """Coordinates from -1 to 1 down and across, at an eighth of the picture's resolution: light is smooth."""
    y, x = np.ogrid[-1 : 1 : shape[0] // 8 * 1j, -1 : 1 : shape[1] // 8 * 1j]
    return y, x


def _widened(light: Matrix, shape: tuple[int, ...]) -> _Floats:
    """Bring light to the picture's own resolution."""
    wide = cv2.resize(light.astype(np.float32), (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(wide, np.float32)


def _specks(image: _Floats, rng: np.random.Generator, count: int) -> None:
    """Toner specks: mostly a dot or two, some as large as a decimal point."""
    height, width = image.shape[:2]
    for x, y, size in zip(
        rng.integers(0, width, count), rng.integers(0, height, count), rng.exponential(0.55, count), strict=True
    ):
        cv2.circle(image, (int(x), int(y)), int(min(size, 3)), float(rng.uniform(0, 90)), -1)


def _streak(image: _Floats, rng: np.random.Generator) -> None:
    """A line down the page that the copier's dirty glass leaves."""
    height, width = image.shape[:2]
    x = int(rng.uniform(0.03, 0.97) * width)
    wide = int(rng.integers(1, 3))
    dark = rng.uniform(60, 190) + cv2.resize(rng.normal(0, 40, (40, 1)).astype(np.float32), (1, height))
    image[:, x : x + wide] = np.minimum(image[:, x : x + wide], np.repeat(dark, wide, axis=1)[:, : width - x])


def _steep(image: _Floats, middle: float, softness: float) -> _Floats:
    """A copier's contrast: nearly black and white around a middle grey; darker middles keep thin strokes less."""
    return np.asarray(255 / (1 + np.exp(-(image - middle) / (255 * softness))), np.float32)


def _luminance(picture: Picture) -> _Floats:
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return grey.astype(np.float32)


def _grey(image: _Floats) -> _Floats:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.float32)


def _blur(image: _Floats, sigma: float) -> _Floats:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), np.float32)


def _noise(image: _Floats, sigma: float, rng: np.random.Generator) -> _Floats:
    noise = rng.standard_normal(image.shape[:2], np.float32) * np.float32(sigma)
    return np.asarray(image + (noise if image.ndim == 2 else noise[..., None]), np.float32)


def _bytes(image: _Floats) -> Picture:
    return np.asarray(cv2.convertScaleAbs(np.maximum(image, 0)), np.uint8)


_TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


def _finish(sheet: _Sheet, rotation: int, jpeg: int | None, dpi: float) -> _Made:
    """Turn by a right angle if asked, and encode: JPEG of a quality, or PNG for None."""
    picture, matrix = sheet.picture, sheet.matrix
    if rotation:
        height, width = picture.shape[:2]
        turn = {
            90: [[0, -1, height], [1, 0, 0], [0, 0, 1]],
            180: [[-1, 0, width], [0, -1, height], [0, 0, 1]],
            270: [[0, 1, 0], [-1, 0, width], [0, 0, 1]],
        }[rotation]
        picture, matrix = np.asarray(cv2.rotate(picture, _TURNS[rotation]), np.uint8), np.array(turn, float) @ matrix
    if jpeg is None:
        _, data = cv2.imencode(".png", picture)
        return _Sheet(picture, matrix), data.tobytes(), ".png", dpi
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, max(20, jpeg)])
    return _Sheet(picture, matrix), data.tobytes(), ".jpg", dpi


def _fractions(matrix: Matrix, drawn: tuple[int, ...], scanned: tuple[int, ...]) -> tuple[float, ...]:
    """The homography between pixels as one between fractions of the two pictures."""
    scaled = np.diag([1 / scanned[1], 1 / scanned[0], 1]) @ matrix @ np.diag([drawn[1], drawn[0], 1])
    return tuple(float(one) for one in (scaled / scaled[2, 2]).ravel())
