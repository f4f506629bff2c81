"""Where everything of a drawn page stands on its scan: every character, cell and field, in pixels of the picture."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from service.documents.model import Box
from training.synthesize.effects import Scan
from training.synthesize.pages import DrawnPage


def corners_on_scan(boxes: Sequence[Box], page: DrawnPage, scan: Scan) -> NDArray[np.float64]:
    """Map boxes of a page (points) to its scan: as `shares_on_scan`, in pixels."""
    return shares_on_scan(boxes, page, scan) * _size(scan)


def shares_on_scan(boxes: Sequence[Box], page: DrawnPage, scan: Scan) -> NDArray[np.float64]:
    """Map boxes of a page (points) to its scan: N x 4 x 2, x and y of each corner in shares of width and height.

    Corners go clockwise from the one that is upper left on the drawn page. They may lie outside the picture.
    """
    edges = np.array(boxes, np.float64).reshape(-1, 4)
    corners = edges[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(1, -1, 2) / [page.width, page.height]
    if not boxes:
        return np.zeros((0, 4, 2))
    shares = cv2.perspectiveTransform(corners, np.array(scan.transform).reshape(3, 3))
    return np.asarray(shares.reshape(-1, 4, 2), np.float64)


def truth_boxes(page: DrawnPage, scan: Scan) -> dict[str, Any]:
    """The truth of one scanned page as JSON data.

    `width` and `height` of the picture; `cells` with table, row, column, spans, text, role, field, part (see
    `DrawnCell`); `characters` with text; `headings` with text. Each has `corners`: four times x and y, in pixels.
    """
    width, height = _size(scan)
    cells = corners_on_scan([cell.box for cell in page.cells], page, scan)
    characters = corners_on_scan([glyph.box for glyph in page.glyphs], page, scan)
    headings = corners_on_scan([box for _, box in page.headings], page, scan)
    return {
        "width": width,
        "height": height,
        "cells": [
            {
                "table": cell.table,
                "row": cell.row,
                "column": cell.column,
                "row_span": cell.row_span,
                "column_span": cell.column_span,
                "text": cell.text,
                "role": cell.role,
                "field": cell.field,
                "part": cell.part,
                "holds_text": cell.holds_text,
                "corners": _rounded(corners),
            }
            for cell, corners in zip(page.cells, cells, strict=True)
        ],
        "characters": [
            {"text": glyph.text, "corners": _rounded(corners)}
            for glyph, corners in zip(page.glyphs, characters, strict=True)
        ],
        "headings": [
            {"text": text, "corners": _rounded(corners)}
            for (text, _), corners in zip(page.headings, headings, strict=True)
        ],
    }


def write_boxes(pages: Sequence[DrawnPage], scans: Sequence[Scan], path: Path) -> None:
    """Write the truth of all pages as JSON: `{"pages": [...]}`, each as `truth_boxes` gives it."""
    found = [truth_boxes(page, scan) for page, scan in zip(pages, scans, strict=True)]
    path.write_text(json.dumps({"pages": found}, ensure_ascii=False) + "\n", encoding="utf-8")


def _size(scan: Scan) -> tuple[int, int]:
    """Width and height of a scan in pixels."""
    height, width = scan.picture().shape[:2]
    return width, height


def _rounded(corners: NDArray[np.float64]) -> list[list[float]]:
    return [[round(float(x), 1), round(float(y), 1)] for x, y in corners]
