"""A photographed page: where the sheet of paper ends and the table beneath it begins."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from service.scan.picture.geometry import Matrix

_LONG_SIDE = 480
"""Pixels of the longer side of the picture in which the sheet is looked for."""
_LEAST_AREA = 0.35
"""Least part of the picture that the sheet takes."""
_INSET = 0.004
"""Part of the picture's longer side within which an edge of the sheet counts as the picture's own."""
_STEP = 18.0
"""Least difference in brightness (or colour) between the sheet and what lies around it, in grey levels."""
_BESIDE = (4, 6, 8, 10, 12)
"""Pixels from an edge of the sheet at which brightness is compared: further out than a line of text is high."""

Corners = NDArray[np.float32]
"""4 x 2: top left, top right, bottom right, bottom left, in pixels."""


def find_sheet(picture: NDArray[np.uint8]) -> Corners | None:
    """The corners of the sheet of paper, or None where the paper fills the picture.

    The sheet is a bright quadrilateral. Each of its sides must be the picture's own edge or show a sharp step, which
    light that falls off across a flatbed scan does not.

    Args:
        picture: height x width x 3, or height x width where it is grey.
    """
    height, width = picture.shape[:2]
    scale = _LONG_SIDE / max(height, width)
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    bright = cv2.GaussianBlur(small.min(axis=2) if small.ndim == 3 else small, (0, 0), 1.5)
    contour = _bright_outline(bright)
    corners = None if contour is None else _quadrilateral(contour)
    if corners is None or not _is_plausible(corners, bright):
        return None
    return corners / np.float32(scale)


def flattening(corners: Corners) -> tuple[Matrix, tuple[int, int]]:
    """The homography that maps the corners to a rectangle, and the rectangle's (width, height) in pixels."""
    top, right, bottom, left = (np.linalg.norm(corners[i] - corners[(i + 1) % 4]) for i in range(4))
    width, height = round(float(top + bottom) / 2), round(float(left + right) / 2)
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, target), np.float64), (width, height)


def _bright_outline(bright: NDArray[np.uint8]) -> NDArray[np.int32] | None:
    """The outline of the largest bright region, print and holes closed."""
    _, mask = cv2.threshold(bright, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return None
    largest = max(contours, key=cv2.contourArea)
    return largest if cv2.contourArea(largest) >= _LEAST_AREA * bright.size else None


def _quadrilateral(contour: NDArray[np.int32]) -> Corners | None:
    """Four lines through the four sides of an outline, crossed; None where it has no such shape."""
    hull = cv2.convexHull(contour)
    outline = cv2.arcLength(hull, True)
    for tolerance in (0.01, 0.02, 0.03, 0.05):
        rough = cv2.approxPolyDP(hull, tolerance * outline, True)
        if len(rough) == 4:
            break
    else:
        return None
    lines = _side_lines(rough.reshape(4, 2), contour.reshape(-1, 2))
    corners = np.array([_crossing(lines[i - 1], lines[i]) for i in range(4)], np.float32)
    union = cv2.contourArea(cv2.convexHull(np.vstack([corners, hull.reshape(-1, 2).astype(np.float32)])))
    if not np.isfinite(corners).all() or cv2.contourArea(contour) < 0.93 * union:
        return None
    return _in_order(corners)


def _side_lines(rough: NDArray[np.int32], contour: NDArray[np.int32]) -> list[NDArray[np.float64]]:
    """A straight line (homogeneous) fitted to the outline's points along each side of the rough quadrilateral."""
    lines = []
    for i in range(4):
        start, end = rough[i].astype(float), rough[(i + 1) % 4].astype(float)
        along = (end - start) / np.linalg.norm(end - start)
        offset = contour - start
        t, away = offset @ along, np.abs(offset @ np.array([-along[1], along[0]]))
        length = np.linalg.norm(end - start)
        near = contour[(away < 6) & (t > 0.08 * length) & (t < 0.92 * length)]
        points = near if len(near) > 10 else np.array([start, end])
        vx, vy, x, y = cv2.fitLine(points.astype(np.float32), cv2.DIST_HUBER, 0, 0.01, 0.01).flatten()
        lines.append(np.array([vy, -vx, vx * y - vy * x], np.float64))
    return lines


def _crossing(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    x, y, w = np.cross(a, b)
    return np.array([x / w, y / w]) if abs(w) > 1e-9 else np.array([np.inf, np.inf])


def _in_order(corners: Corners) -> Corners:
    """Top left first, then clockwise."""
    angle = np.arctan2(*(corners - corners.mean(axis=0)).T[::-1])
    ordered = corners[np.argsort(angle)]
    start = int(np.argmin(ordered.sum(axis=1)))
    return np.asarray(np.roll(ordered, -start, axis=0), np.float32)


def _is_plausible(corners: Corners, bright: NDArray[np.uint8]) -> bool:
    """Whether each side is the picture's edge or a sharp step, one is a step, and the corners are nearly right."""
    height, width = bright.shape
    edge = max(2.0, _INSET * max(height, width))
    steps = 0
    for i in range(4):
        start, end = corners[i], corners[(i + 1) % 4]
        if _on_border(start, end, width, height, edge):
            continue
        if _step(start, end, bright) < _STEP:
            return False
        steps += 1
    sides = [corners[(i + 1) % 4] - corners[i] for i in range(4)]
    cosines = [abs(_cosine(sides[i], sides[(i + 1) % 4])) for i in range(4)]
    return steps > 0 and max(cosines) < 0.25


def _cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b) + 1e-9))


def _on_border(start: NDArray[np.float32], end: NDArray[np.float32], width: int, height: int, edge: float) -> bool:
    both = np.stack([start, end])
    return bool(
        (both[:, 0] < edge).all()
        or (both[:, 0] > width - 1 - edge).all()
        or (both[:, 1] < edge).all()
        or (both[:, 1] > height - 1 - edge).all()
    )


def _step(start: NDArray[np.float32], end: NDArray[np.float32], bright: NDArray[np.uint8]) -> float:
    """Median difference in brightness between 4 pixels inside and a little outside a side (corners run clockwise).

    Outside the brightest strip counts: a line of text or a rule is dark as well, but there is paper beyond it.
    """
    along = (end - start) / (np.linalg.norm(end - start) + 1e-9)
    inward = np.array([-along[1], along[0]])
    points = start + np.linspace(0.1, 0.9, 60)[:, None] * (end - start)
    inside = _sample(bright, points + _BESIDE[0] * inward)
    return min(float(np.median(inside - _sample(bright, points - beside * inward))) for beside in _BESIDE)


def _sample(bright: NDArray[np.uint8], points: NDArray[np.float64]) -> NDArray[np.float64]:
    x = points[:, 0].round().astype(int).clip(0, bright.shape[1] - 1)
    y = points[:, 1].round().astype(int).clip(0, bright.shape[0] - 1)
    return np.asarray(bright[y, x], np.float64)
