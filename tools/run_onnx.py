"""Running ONNX files in ONNX Runtime, and putting the weights of one into another."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray


def session(model: str | bytes) -> Any:
    """A session on the CPU that says nothing."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def run(path: Path, x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """The outputs for a model's only input."""
    loaded = session(str(path))
    found: list[NDArray[np.float32]] = loaded.run(None, {loaded.get_inputs()[0].name: x})
    return found


def with_weights(source: Path, weights: dict[str, NDArray[np.float32]]) -> Any:
    """The model with other values in the initializers named."""
    model = onnx.load(source)
    for initializer in model.graph.initializer:
        if initializer.name in weights:
            initializer.CopyFrom(onnx.numpy_helper.from_array(weights[initializer.name], initializer.name))
    return model
