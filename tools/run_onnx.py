"""Running ONNX files in ONNX Runtime, and putting the weights of a scheme into one."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from qref.saveload import compress_command, onnx_file
from qref.saveload.command import Options, encoder
from qref.saveload.compress import Pruning, compressing, split, target
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


def decompressed(options: compress_command.Options, path: Path) -> None:
    """Writes the float network that a compressed one stands for: of low rank, weights as their codes give them."""
    import onnx_ir as ir

    model = onnx_file.load(options.model)
    list(split(model, [target(text) for text in options.low_rank], lambda name, make: make()))
    if options.scheme is not None or options.prune is not None:
        pruning = None if options.prune is None else Pruning.read(options.prune, options.prune_by)
        encode = compressing(model, pruning, compress_command.scheme(options, model), options.huffman)
        for number, weight in enumerate(weights(model)):
            W = encode(weight, weight.channels_first(), number).decode()
            weight.value.const_value = ir.Tensor(weight.as_in_the_model(W), name=weight.name)
    onnx_file.save(model, path)
