"""The inference engine beneath every vendor model: OpenVINO where it is installed, else ONNX Runtime."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Runner = Callable[[NDArray[np.float32]], list[NDArray[Any]]]
"""Runs one input through a model and returns its outputs in the model's order."""


def openvino_installed() -> bool:
    """Whether the faster engine is there."""
    return importlib.util.find_spec("openvino") is not None


def load_runner(onnx: Path, threads: int, *, subset: Sequence[int] = ()) -> Runner:
    """Loads an ONNX model with one input.

    Args:
        onnx: path of the model.
        threads: CPU threads to use at most.
        subset: for a model that gives probabilities over many classes on the last axis of its only output: three
            outputs take its place, which saves copying 18,710 classes a column. They are the best class's probability
            and index (last axis 1), and the probabilities of the classes in `subset` (last axis their number).
    """
    if openvino_installed():
        return _openvino_runner(onnx, threads, subset)
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


def _openvino_runner(onnx: Path, threads: int, subset: Sequence[int]) -> Runner:
    import openvino
    from openvino import opset13

    core = openvino.Core()
    model = core.read_model(onnx)
    if subset:
        scores = model.get_results()[0].input_value(0)
        best = opset13.topk(scores, opset13.constant(np.int32(1)), -1, "max", "value")
        chosen = opset13.gather(scores, opset13.constant(np.array(subset, np.int32)), opset13.constant(np.int32(-1)))
        outputs = [best.output(0), best.output(1), chosen.output(0)]
        model = openvino.Model(outputs, model.get_parameters(), "best-and-subset")
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(model, "CPU", settings)

    def run(batch: NDArray[np.float32]) -> list[NDArray[Any]]:
        results = compiled(np.ascontiguousarray(batch))
        return [results[i] for i in range(len(results))]

    return run


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
