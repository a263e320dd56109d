"""Suite `onnx-float`: the float operators of ONNX."""

from collections.abc import Callable, Iterator

from qref.vectors.case import Case, Suite
from qref.vectors.generators import (
    activations,
    batch_normalization,
    binary_elementwise,
    data_movement,
    float_convolution,
    float_functions,
    float_products,
    pooling,
    resize,
)
from qref.vectors.generators.builder import assemble

# one module an operator or family of operators, each giving its own cases
CASES: tuple[Callable[[], Iterator[Case]], ...] = (
    float_convolution.cases,
    float_products.cases,
    pooling.cases,
    batch_normalization.cases,
    binary_elementwise.cases,
    activations.cases,
    float_functions.cases,
    resize.cases,
    data_movement.cases,
)


def suite() -> Suite:
    """The suite `onnx-float`."""
    return assemble("onnx-float", (case for cases in CASES for case in cases()))
