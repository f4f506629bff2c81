"""The inference engine beneath every vendor model: OpenVINO where it is installed, else ONNX Runtime."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Runner = Callable[[NDArray[np.float32]], list[NDArray[Any]]]
"""Runs one input through a model and returns its outputs in the model's order."""
_PROCESSOR = Path("/proc/cpuinfo")
_BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16"})
"""How Linux names the instructions for such floats among the processor's flags."""


def openvino_installed() -> bool:
    """Whether the faster engine is there."""
    return importlib.util.find_spec("openvino") is not None


@cache
def multiplies_bfloat16(described: Path = _PROCESSOR) -> bool:
    """Whether the processor multiplies 16-bit floats natively; one that has to simulate it is slower with them."""
    try:
        words = described.read_text(encoding="utf-8").split()
    except OSError:
        return False
    return not _BFLOAT16.isdisjoint(words)


def load_runner(onnx: Path, threads: int, *, half: bool = False, subset: Sequence[int] = ()) -> Runner:
    """Loads an ONNX model with one input.

    Args:
        onnx: path of the model.
        threads: CPU threads to use at most.
        half: OpenVINO may multiply in bfloat16 where the processor does so natively, in little more than half of the
            time: of 3,078 crops of drawn scans none that was read with 0.9 or more both ways was read otherwise, of the
            others one in twenty.
        subset: for a model that gives probabilities over many classes on the last axis of its only output: three
            outputs take its place, which saves copying 18,710 classes a column. They are the best class's probability
            and index (last axis 1), and the probabilities of the classes in `subset` (last axis their number).
    """
    if openvino_installed():
        return _openvino_runner(onnx, threads, "bf16" if half and multiplies_bfloat16() else "f32", subset)
    return _onnxruntime_runner(onnx, threads, subset)


def batches(count: int, most: int) -> Iterator[slice]:
    """Cuts `count` inputs of one size into batches, of `most` at most, whose lengths are powers of two.

    OpenVINO keeps two or three MB for every shape that a model has met: batches of any length would take gigabytes
    within some dozens of reports.
    """
    start = 0
    while start < count:
        size = 1 << min(most, count - start).bit_length() - 1
        yield slice(start, start + size)
        start += size


def _openvino_runner(onnx: Path, threads: int, precision: str, subset: Sequence[int]) -> Runner:
    import openvino
    from openvino import opset13

    core = openvino.Core()
    model = core.read_model(onnx)
    if subset:
        scores = model.get_results()[0].input_value(0)
        chosen = opset13.gather(scores, opset13.constant(np.array(subset, np.int32)), opset13.constant(np.int32(-1)))
        outputs = [*_best(scores), chosen.output(0)]
        model = openvino.Model(outputs, model.get_parameters(), "best-and-subset")
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
    compiled = core.compile_model(model, "CPU", settings)

    def run(batch: NDArray[np.float32]) -> list[NDArray[Any]]:
        results = compiled(np.ascontiguousarray(batch))
        return [results[i] for i in range(len(results))]

    return run


def _best(scores: Any) -> list[Any]:
    """The greatest score on the last of three axes and its index.

    The classes are cut into parts, of which the one with the greatest score alone is searched: to search all of 18,710
    for an index takes a thirtieth of the recogniser's time.
    """
    from openvino import opset13

    def constant(*values: int) -> Any:
        return opset13.constant(np.array(values, np.int32))

    def greatest(values: Any) -> Any:
        return opset13.topk(values, opset13.constant(np.int32(1)), -1, "max", "value")

    classes = scores.get_partial_shape()[2].get_length()
    size = next(classes // parts for parts in range(round(classes**0.5), 0, -1) if classes % parts == 0)
    cut = opset13.reshape(scores, constant(0, 0, classes // size, size), special_zero=True)
    part = greatest(opset13.reduce_max(cut, constant(-1), keep_dims=False))
    within = greatest(opset13.gather(cut, part.output(1), opset13.constant(np.int32(2)), 2))
    index = opset13.add(
        opset13.multiply(part.output(1), constant(size)), opset13.squeeze(within.output(1), constant(-1))
    )
    return [part.output(0), index.output(0)]


def _onnxruntime_runner(onnx: Path, threads: int, subset: Sequence[int]) -> Runner:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()

    def run(batch: NDArray[np.float32]) -> list[NDArray[Any]]:
        outputs: list[NDArray[Any]] = session.run(None, {given.name: np.ascontiguousarray(batch)})
        if not subset:
            return outputs
        scores = outputs[0]
        best = scores.argmax(axis=-1)[..., None]
        return [np.take_along_axis(scores, best, -1), best, scores[..., list(subset)]]

    return run
