"""Running ONNX files in ONNX Runtime, and putting the weights of a scheme into one."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from qref.saveload import onnx_file
from qref.saveload.command import Options, encoder
from qref.saveload.weights import weights


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


def with_weights(source: Path, values: dict[str, NDArray[np.float32]]) -> Any:
    """The model with other values in the initializers named."""
    model = onnx.load(source)
    for initializer in model.graph.initializer:
        if initializer.name in values:
            initializer.CopyFrom(onnx.numpy_helper.from_array(values[initializer.name], initializer.name))
    return model


def decoded(options: Options) -> dict[str, NDArray[np.float32]]:
    """The weights that the codes stand for, by name, as the model has them."""
    model = onnx_file.load(options.model)
    encode = encoder(options, model)
    found = {}
    for number, weight in enumerate(weights(model)):
        W = encode(weight, weight.channels_first(), number).decode()
        found[weight.name] = weight.as_in_the_model(W)
    return found
