"""Homographies: 3 x 3 matrices that act on columns (x, y, 1)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_QUARTER = np.array([[0, -1, 1], [1, 0, 0], [0, 0, 1]], np.float64)


def apply(matrix: Matrix, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maps points (n x 2)."""
    mapped = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    result: NDArray[np.float64] = mapped[:, :2] / mapped[:, 2:]
    return result


def scaling(width: float, height: float) -> Matrix:
    """Fractions of a picture to its pixels."""
    return np.diag([width, height, 1.0])


def quarter_turn(turns: int) -> Matrix:
    """From fractions of `numpy.rot90(picture, turns)` to fractions of `picture`."""
    return np.linalg.matrix_power(_QUARTER, turns % 4)


def as_row(matrix: Matrix) -> tuple[float, ...]:
    """Row-major, scaled so that the last number is 1: the form of `Page.to_source`."""
    return tuple(float(value) for value in (matrix / matrix[2, 2]).flatten())


def from_row(numbers: Sequence[float] | None) -> Matrix:
    """The matrix of `Page.to_source`; None is the identity."""
    return np.eye(3) if numbers is None else np.array(numbers, np.float64).reshape(3, 3)
