"""The suites, each made by its generator."""

from collections.abc import Callable

from qref.vectors.case import Suite
from qref.vectors.generators import (
    binary,
    codebooks,
    convolution_algorithms,
    onnx_float,
    onnx_quantized,
    open_behaviour,
    quantizers,
    requantize,
)

SUITES: dict[str, Callable[[], Suite]] = {
    "requantize": requantize.suite,
    "onnx-quantized": onnx_quantized.suite,
    "onnx-float": onnx_float.suite,
    "convolution": convolution_algorithms.suite,
    "quantizers": quantizers.suite,
    "binary": binary.suite,
    "codebooks": codebooks.suite,
    "open-behaviour": open_behaviour.suite,
}
