"""From a page as it was scanned or photographed to a page whose rules and lines run straight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Picture
from service.scan.picture.bend import Bend, find_bend
from service.scan.picture.geometry import Matrix, apply, quarter_turn, scaling
from service.scan.picture.sheet import find_sheet, flattening

LONG_SIDE = 2339
"""Pixels of the longer side of a straightened page: A4 at 200 dpi, whatever the source had."""

_ESTIMATE_SIDE = 1300
"""Pixels of the longer side of the picture in which slopes are measured."""
_STEEPEST = np.tan(np.radians(9))
"""Steepest slope that still counts as a horizontal or vertical line gone askew."""
_SHORTEST = 0.035
"""Shortest segment that tells a direction, as a part of the longer side."""
_SHARPER = 1.03
"""So many times sharper at least are the rows of a page by a turn than by its segments, if these are steps of slanted
lines: of 90 drawn pages with tables 11 of worn copies, 1.03 to 4.1 times; others, photographs too, at most 1.024."""
_SMALL_SIDE = 700
"""Pixels of the longer side of the picture in which it is measured first how sharp the rows are."""
_BLUR = {_SMALL_SIDE: 1.0, _ESTIMATE_SIDE: 1.5}
"""Pixels by which its ink is blurred down the page, and for a more exact slope that of the other."""
_FINE = 2
"""Times finer than the rows of dots are those by which it is measured how sharp a page is."""
_BETWEEN = (0.25, 0.1)
"""Dots by which a page is moved to be measured in rows of dots, and in the finer ones: blurred by that as by a turn, on
an average. Left as it is every page is sharpest as it came: of slopes up to 0.004 most were taken for none. On a page
without rules that is as well: labels of several lines beside few numbers are sharp by a degree off, if hardly more."""
_GRID = 8
"""Pixels from one place to the next at which a bend is worked out; what lies between is as their mean."""


@dataclass(frozen=True, slots=True)
class Straight:
    """A straightened page."""

    picture: Picture
    to_source: Matrix
    """From fractions of `picture` to fractions of the picture that it was made from: nearly so, if that was bent."""


def straighten(picture: Picture, turns: int = 0, shrunk: float = 1.0) -> Straight:
    """Turns a page, flattens it, and lets its rules run parallel to its edges, in one single resampling.

    Args:
        picture: the page as it came, height x width x 3, BGR.
        turns: quarter turns counter-clockwise that put it upright.
        shrunk: the size of the result, as a part of the usual one.

    """
    upright = _one_channel(np.ascontiguousarray(np.rot90(picture, turns)))
    height, width = upright.shape[:2]
    corners = find_sheet(upright)
    flat, size = (np.eye(3), (width, height)) if corners is None else flattening(corners)
    correction, bend = _correction(_estimate_view(upright, flat, size))
    scale = shrunk * LONG_SIDE / max(size)
    target = (round(size[0] * scale), round(size[1] * scale))
    # fractions of the flat page -> centred and scaled alike on both axes, corrected -> pixels of the result
    onto = scaling(*target) @ correction @ np.linalg.inv(scaling(*size)) @ flat
    back = scaling(1 / width, 1 / height) @ np.linalg.inv(onto) @ scaling(*target)
    if bend is not None:
        places = _places(target)
        back = cv2.findHomography(places / target, apply(back, _on_bent(bend, places, target) / target))[0]
    flat_page = _resample(upright, onto, target, bend)
    in_colour = flat_page if flat_page.ndim == 3 else np.asarray(cv2.cvtColor(flat_page, cv2.COLOR_GRAY2BGR), np.uint8)
    return Straight(in_colour, quarter_turn(turns) @ back)


def _resample(
    picture: NDArray[np.uint8], onto: Matrix, size: tuple[int, int], bend: Bend | None = None
) -> NDArray[np.uint8]:
    """Warps a picture, and bends it back; a much larger one is shrunk first, or thin strokes would be skipped."""
    shrink = min(1.0, 1.4 * max(size) / max(picture.shape[:2]))
    if shrink < 1:
        picture = cv2.resize(picture, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        onto = onto @ np.diag([1 / shrink, 1 / shrink, 1.0])
    white = (255, 255, 255)
    if bend is None:
        warped = cv2.warpPerspective(picture, onto, size, flags=cv2.INTER_CUBIC, borderValue=white)
    else:
        x, y = _sources(bend, np.asarray(np.linalg.inv(onto), np.float64), size)
        warped = cv2.remap(picture, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=white)
    return np.asarray(warped, np.uint8)


def _sources(bend: Bend, back: Matrix, size: tuple[int, int]) -> Iterator[NDArray[np.float32]]:
    """Of every pixel of the flat page, the column of the picture that it came from; then the row."""
    source = apply(back, _on_bent(bend, _places(size), size))
    step = np.diag([1 / _GRID, 1 / _GRID, 1.0])[:2]
    how = {"flags": cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, "borderMode": cv2.BORDER_REPLICATE}
    for values in source.T.astype(np.float32):
        yield np.asarray(cv2.warpAffine(values.reshape(_grid(size)), step, size, **how), np.float32)


def _grid(size: tuple[int, int]) -> tuple[int, int]:
    """Rows and columns of places at which a bend is worked out."""
    return size[1] // _GRID + 2, size[0] // _GRID + 2


def _places(size: tuple[int, int]) -> NDArray[np.float64]:
    """These places, n x 2, in pixels."""
    rows, columns = _grid(size)
    x, y = np.meshgrid(np.arange(columns), np.arange(rows))
    return np.asarray(np.column_stack([x.ravel(), y.ravel()]) * _GRID, np.float64)


def _on_bent(bend: Bend, places: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.float64]:
    """Where on the bent page places of the flat one lie; all in pixels."""
    middle, unit = np.array(size) / 2, max(size)
    x, flat = ((places - middle) / unit).T
    y = flat + bend.at(x, flat)
    y = flat + bend.at(x, y)  # the bend is told by where rules were found
    return np.asarray(np.column_stack([x, y]) * unit + middle, np.float64)


def _one_channel(picture: Picture) -> NDArray[np.uint8]:
    """One channel of a grey picture, as most scans are, for a third of the work; a coloured one as it is."""
    for part in (picture[::32, ::32], picture):  # most that are coloured show it in a few dots
        if any((part[..., 0] != part[..., i]).any() for i in (1, 2)):
            return picture
    return np.ascontiguousarray(picture[..., 0])


def _estimate_view(picture: NDArray[np.uint8], flat: Matrix, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The flattened page in grey, small."""
    scale = _ESTIMATE_SIDE / max(size)
    target = (round(size[0] * scale), round(size[1] * scale))
    if picture.ndim == 3:
        picture = np.maximum(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), picture[..., 2])
    return _resample(picture, np.diag([scale, scale, 1.0]) @ flat, target)


def _correction(gray: NDArray[np.uint8]) -> tuple[Matrix, Bend | None]:
    """The homography, fractions to fractions, that lets the segments of a page run horizontally and vertically.

    And how those that run across are bent then.
    """
    height, width = gray.shape
    unit = max(height, width)
    centred = np.array([[width / unit, 0, -width / unit / 2], [0, height / unit, -height / unit / 2], [0, 0, 1]])
    across, down = _segments(gray)
    if _total(across) < 1.0:  # no table: let the lines of text tell
        as_it_came = _sharpest(_ink(gray, _SMALL_SIDE), 0.0, ((0.5, 5.0, 0), (0.1, 0.5, 0), (0.02, 0.1, 0)))
        return _framed(_turn(as_it_came), centred), None
    straightened = _fit(across, down)
    bend = find_bend(apply(straightened, across.reshape(-1, 2)).reshape(-1, 2, 2))
    ink = _blurred(_ink(gray, _SMALL_SIDE), _SMALL_SIDE)
    slope = _sharpest(ink, 0.0, ((0.5, 5.0, 1), (0.1, 0.5, 1), (0.02, 0.1, _FINE)))
    # A copier leaves of a hairline askew what falls on one row of dots, and then on the next: all that runs level.
    steps = _sharpness(ink, _turn(slope), _FINE) > _SHARPER * _sharpness(ink, straightened, _FINE)
    if bend is not None or not steps:
        return _framed(straightened, centred), bend
    ink = _blurred(_ink(gray, _ESTIMATE_SIDE), _ESTIMATE_SIDE)
    return _framed(_turn(_sharpest(ink, slope, ((0.01, 0.08, 1),))), centred), None


def _framed(matrix: Matrix, centred: Matrix) -> Matrix:
    """A homography of centred coordinates as one of fractions."""
    result: Matrix = np.linalg.inv(centred) @ matrix @ centred
    return result


Segments = NDArray[np.float64]
"""n x 2 x 2: both ends (x, y), in units of the longer side, origin at the page's centre."""


def _segments(gray: NDArray[np.uint8]) -> tuple[Segments, Segments]:
    """Long straight segments that run nearly across and nearly down (line segment detector, von Gioi et al. 2010)."""
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD).detect(gray)[0]
    if found is None:
        return np.zeros((0, 2, 2)), np.zeros((0, 2, 2))
    height, width = gray.shape
    unit = max(height, width)
    ends = (found.reshape(-1, 2, 2).astype(np.float64) - [width / 2, height / 2]) / unit
    delta = np.abs(ends[:, 1] - ends[:, 0])
    long = np.hypot(delta[:, 0], delta[:, 1]) >= _SHORTEST
    inside = (np.abs(ends) < np.array([width, height]) / unit / 2 - 0.01).all(axis=(1, 2))  # not the picture's edge
    across = long & inside & (delta[:, 1] < _STEEPEST * delta[:, 0])
    down = long & inside & (delta[:, 0] < _STEEPEST * delta[:, 1])
    return ends[across], ends[down]


def _total(segments: Segments) -> float:
    return float(np.linalg.norm(segments[:, 1] - segments[:, 0], axis=1).sum())


def _fit(across: Segments, down: Segments, rounds: int = 5) -> Matrix:
    """The small homography [[1, a, 0], [b, 1, 0], [p, q, 1]] that straightens most segments.

    For small parameters the difference in y of a horizontal segment's ends, and in x of a vertical one's, is linear in
    them; a few rounds of robust least squares on the segments as corrected so far settle the rest. A weak prior keeps
    what the segments do not tell at a pure rotation without perspective.
    """
    total = np.eye(3)
    for _ in range(rounds):
        ends_a = apply(total, across.reshape(-1, 2)).reshape(-1, 2, 2)
        ends_d = apply(total, down.reshape(-1, 2)).reshape(-1, 2, 2)
        (xa, ya), (xd, yd) = _difference_terms(ends_a), _difference_terms(ends_d)
        zero_a, zero_d = np.zeros(len(across)), np.zeros(len(down))
        rows = np.vstack(
            [
                np.column_stack([zero_a, xa[0], -xa[1], -ya[1]]),
                np.column_stack([yd[0], zero_d, -xd[2], -xd[1]]),
            ]
        )
        target = -np.concatenate([ya[0], xd[0]])
        lengths = np.concatenate([np.abs(xa[0]), np.abs(yd[0])])
        slope = np.abs(target) / lengths
        scale = max(float(np.median(slope)), 5e-4)
        weight = np.sqrt(1 / np.maximum(1, slope / (2 * scale)) ** 2)
        prior = np.array([[1e-2, 1e-2, 0, 0], [0, 0, 3e-2, 0], [0, 0, 0, 3e-2]])
        system = np.vstack([rows * weight[:, None], prior])
        a, b, p, q = np.linalg.lstsq(system, np.concatenate([target * weight, np.zeros(3)]), rcond=None)[0]
        total = np.array([[1, a, 0], [b, 1, 0], [p, q, 1]]) @ total
    return total


def _difference_terms(ends: Segments) -> tuple[tuple[NDArray[np.float64], ...], tuple[NDArray[np.float64], ...]]:
    """Differences between a segment's two ends: of (x, xy, x squared) and of (y, y squared)."""
    x, y = ends[..., 0], ends[..., 1]

    def difference(values: NDArray[np.float64]) -> NDArray[np.float64]:
        result: NDArray[np.float64] = values[:, 1] - values[:, 0]
        return result

    return (difference(x), difference(x * y), difference(x * x)), (difference(y), difference(y * y))


def _ink(gray: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """How much darker than its paper a page is, its longer side so many pixels."""
    scale = side / max(gray.shape)
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    background = cv2.medianBlur(cv2.dilate(small, np.ones((15, 15), np.uint8)), 21)
    return np.asarray(cv2.subtract(background, small), np.uint8)


def _blurred(ink: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """The ink of a page of that size, blurred down the page."""
    return np.asarray(cv2.GaussianBlur(ink, (1, 9), 0, sigmaY=_BLUR[side]), np.uint8)


def _sharpest(ink: NDArray[np.uint8], start: float, rounds: Sequence[tuple[float, float, int]]) -> float:
    """The degrees by which the rows of a page, turned counter-clockwise, are sharpest.

    Each round has its step, how far it reaches from what was best before, and how fine its rows are, as `_sharpness`.
    """
    best = start
    if ink.max() >= 20:
        for step, reach, fine in rounds:
            candidates = np.arange(best - reach, best + reach + step / 2, step)
            best = float(max(candidates, key=lambda degrees: _sharpness(ink, _turn(float(degrees)), fine)))
    return best


def _turn(degrees: float) -> Matrix:
    """A turn counter-clockwise, of centred coordinates."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return np.array([[cosine, sine, 0], [-sine, cosine, 0], [0, 0, 1]])


def _sharpness(ink: NDArray[np.uint8], correction: Matrix, fine: int) -> float:
    """How much the sums of ink of a corrected page change from row to row, in rows so many times finer than dots.

    With 0 its rows are those of its dots as they came.
    """
    height, width = ink.shape
    unit = max(height, width)
    centred = np.array([[1 / unit, 0, -width / unit / 2], [0, 1 / unit, -height / unit / 2], [0, 0, 1]])
    times, moved = (fine, fine * _BETWEEN[fine - 1]) if fine else (1, 0.0)
    between = np.array([[1, 0, 0], [0, times, moved], [0, 0, 1]])
    onto = between @ np.linalg.inv(centred) @ correction @ centred
    warped = cv2.warpPerspective(ink, onto, (width, height * times))
    return float(np.square(np.diff(warped.sum(axis=1, dtype=np.float64))).sum())
