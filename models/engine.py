"""The inference engine beneath every vendor model: OpenVINO where it is installed, else ONNX Runtime."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Runner = Callable[[NDArray[np.float32]], list[NDArray[Any]]]
"""Runs one input through a model and returns its outputs in the model's order."""


def openvino_installed() -> bool:
    """Whether the faster engine is there."""
    return importlib.util.find_spec("openvino") is not None


def load_runner(onnx: Path, threads: int, *, best_class: bool = False) -> Runner:
    """Loads an ONNX model with one input.

    Args:
        onnx: path of the model.
        threads: CPU threads to use at most.
        best_class: OpenVINO only: replace the last axis of the first output by its best entry, which saves copying
            18,710 classes a column; the outputs are then [probabilities, indices] with a last axis of 1.
    """
    if openvino_installed():
        return _openvino_runner(onnx, threads, best_class=best_class)
    return _onnxruntime_runner(onnx, threads)


def _openvino_runner(onnx: Path, threads: int, *, best_class: bool) -> Runner:
    import openvino
    from openvino import opset13

    core = openvino.Core()
    model = core.read_model(onnx)
    if best_class:
        scores = model.get_results()[0].input_value(0)
        best = opset13.topk(scores, opset13.constant(np.int32(1)), -1, "max", "value")
        model = openvino.Model([best.output(0), best.output(1)], model.get_parameters(), "best-class")
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(model, "CPU", settings)

    def run(batch: NDArray[np.float32]) -> list[NDArray[Any]]:
        outputs = compiled(np.ascontiguousarray(batch))
        return [outputs[i] for i in range(len(outputs))]

    return run


def _onnxruntime_runner(onnx: Path, threads: int) -> Runner:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()

    def run(batch: NDArray[np.float32]) -> list[NDArray[Any]]:
        outputs: list[NDArray[Any]] = session.run(None, {given.name: np.ascontiguousarray(batch)})
        return outputs

    return run
