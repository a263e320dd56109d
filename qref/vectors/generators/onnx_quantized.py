"""Suite `onnx-quantized`: the quantized operators of ONNX."""

from qref.vectors.case import Suite
from qref.vectors.generators import (
    code_paths,
    convolution,
    dequantize_linear,
    dynamic_quantize_linear,
    matrix_product,
    quantize_linear,
)
from qref.vectors.generators.builder import assemble


def suite() -> Suite:
    """The suite `onnx-quantized`."""
    return assemble(
        "onnx-quantized",
        (
            *quantize_linear.cases(),
            *dequantize_linear.cases(),
            *dynamic_quantize_linear.cases(),
            *convolution.cases(),
            *matrix_product.cases(),
            *code_paths.cases(),
        ),
    )
