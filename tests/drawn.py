"""Pages drawn with OpenCV's own strokes, which need no fonts: a ruled table with known texts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import cv2
import numpy as np

from models.readers import Readers, load_readers
from service.documents.model import Box, Picture

WIDTH, HEIGHT = 1240, 1754
LEFT, TOP, COLUMN, ROW = 150, 300, 190, 80
COLUMNS, ROWS = 5, 8

Texts = Mapping[tuple[int, int], str]


@cache
def readers() -> Readers:
    """The models, loaded once for all tests of a process."""
    return load_readers(threads=2)


def write(page: Picture, text: str, x: int, y: int, scale: float = 1.0) -> None:
    """Write digits and Latin letters with their middle at (x, y)."""
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, 2)
    cv2.putText(page, text, (x - width // 2, y + height // 2), cv2.FONT_HERSHEY_DUPLEX, scale, (20, 20, 20), 2)


def cell_middle(row: int, column: int) -> tuple[int, int]:
    """The middle of a cell in pixels."""
    return LEFT + column * COLUMN + COLUMN // 2, TOP + row * ROW + ROW // 2


def cell_box(row: int, column: int) -> Box:
    """A cell's box in fractions of the page."""
    x, y = LEFT + column * COLUMN, TOP + row * ROW
    return Box(x / WIDTH, y / HEIGHT, (x + COLUMN) / WIDTH, (y + ROW) / HEIGHT)


def table_page(texts: Texts) -> Picture:
    """A page with a headline and a ruled table of ROWS x COLUMNS cells; `-` and `/` are drawn as strokes."""
    page = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    write(page, "ANNUAL REPORT OF DISCLOSURE 2024", WIDTH // 2, 180, 1.2)
    for row in range(ROWS + 1):
        y = TOP + row * ROW
        cv2.line(page, (LEFT, y), (LEFT + COLUMNS * COLUMN, y), (0, 0, 0), 2)
    for column in range(COLUMNS + 1):
        x = LEFT + column * COLUMN
        cv2.line(page, (x, TOP), (x, TOP + ROWS * ROW), (0, 0, 0), 2)
    for (row, column), text in texts.items():
        x, y = cell_middle(row, column)
        if text == "-":
            cv2.line(page, (x - 10, y), (x + 10, y), (20, 20, 20), 2)
        elif text == "/":
            cv2.line(page, (x - 6, y + 14), (x + 6, y - 14), (20, 20, 20), 2)
        else:
            write(page, text, x, y)
    return page


def turned(page: Picture, degrees: float) -> tuple[Picture, np.ndarray]:
    """The page turned about its middle, and the 3 x 3 matrix from its pixels to those of the result."""
    matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), degrees, 1)
    result = cv2.warpAffine(page, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255))
    return np.asarray(result, np.uint8), np.vstack([matrix, [0, 0, 1]])
