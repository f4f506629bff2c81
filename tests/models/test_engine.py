from __future__ import annotations

import numpy as np
import pytest

from models.engine import _best

openvino = pytest.importorskip("openvino")


@pytest.mark.parametrize("classes", [1, 12, 13, 90])
def test_best_class_is_found_whatever_part_it_is_in(classes: int) -> None:
    from openvino import opset13

    given = opset13.parameter([-1, -1, classes], np.float32)
    model = openvino.Core().compile_model(openvino.Model(_best(given), [given], "best"), "CPU")
    scores = np.random.default_rng(classes).permuted(np.tile(np.arange(classes, dtype=np.float32), (3, 40, 1)), axis=2)
    value, index = (model([scores])[i] for i in (0, 1))
    assert (value[..., 0] == classes - 1).all()
    assert (index[..., 0] == scores.argmax(axis=2)).all()
