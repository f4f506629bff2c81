from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.engine import _best, multiplies_bfloat16

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


@pytest.mark.parametrize(
    ("flags", "native"),
    [
        ("avx2 avx512f avx512_bf16 sha", True),
        ("avx512f\tamx_bf16", True),
        ("avx2 avx512f avx512_bf16x", False),
        (None, False),
    ],
)
def test_processor_tells_whether_it_multiplies_short_floats(tmp_path: Path, flags: str | None, native: bool) -> None:
    described = tmp_path / "cpuinfo"
    if flags is not None:
        described.write_text(f"processor\t: 0\nflags\t\t: fpu {flags}\n", encoding="utf-8")
    assert multiplies_bfloat16(described) is native
