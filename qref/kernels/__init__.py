"""Fast paths: plain loops compiled by Numba, bit-identical to the reference on what they serve.

Importing this package compiles its loops, or loads them from Numba's cache.
"""

from collections.abc import Callable
from dataclasses import dataclass

from qref.kernels.conv.direct import DIRECT
from qref.kernels.conv_integer import conv_integer
from qref.kernels.dequantize_linear import dequantize_linear
from qref.kernels.dynamic_quantize_linear import dynamic_quantize_linear
from qref.kernels.mat_mul_integer import mat_mul_integer, product
from qref.kernels.q_linear_conv import q_linear_conv
from qref.kernels.q_linear_mat_mul import q_linear_mat_mul
from qref.kernels.quantize_linear import quantize_linear
from qref.kernels.requantize import apply, requantize
from qref.numerics.tensor import Tensor
from qref.ops import find
from qref.ops.operator import Operator
from qref.ops.request import Request

Answer = Tensor | tuple[Tensor, ...]


@dataclass(frozen=True)
class FastPath:
    """A compiled road to what the reference function with the dotted name `serves` gives.

    An operator's `run` takes a request and its entry in the table of operators; an algorithm's takes the reference
    function's own arguments.
    """

    serves: str
    run: Callable[..., Answer]


OPERATORS: dict[tuple[str, str], FastPath] = {
    ("", "QuantizeLinear"): FastPath("qref.ops.onnx.quantize_linear.quantize_linear", quantize_linear),
    ("", "DequantizeLinear"): FastPath("qref.ops.onnx.dequantize_linear.dequantize_linear", dequantize_linear),
    ("", "DynamicQuantizeLinear"): FastPath(
        "qref.ops.onnx.dynamic_quantize_linear.dynamic_quantize_linear", dynamic_quantize_linear
    ),
    ("", "ConvInteger"): FastPath("qref.ops.onnx.conv_integer.conv_integer", conv_integer),
    ("", "QLinearConv"): FastPath("qref.ops.onnx.q_linear_conv.q_linear_conv", q_linear_conv),
    ("", "MatMulInteger"): FastPath("qref.ops.onnx.mat_mul_integer.mat_mul_integer", mat_mul_integer),
    ("", "QLinearMatMul"): FastPath("qref.ops.onnx.q_linear_mat_mul.q_linear_mat_mul", q_linear_mat_mul),
    ("qref", "Requantize"): FastPath("qref.ops.qref.requantize.requantize", requantize),
}
"""Which fast path serves which reference function: all of them, by operator."""

ALGORITHMS = {
    "qref.conv.direct.direct": DIRECT,
    "numpy.matmul": product,
    "qref.ops.requantization.Requantization.apply": apply,
}
"""The loops inside, by the function whose results they give; all those of `qref.conv`: `qref.kernels.conv.table`."""


def run(request: Request) -> list[Tensor]:
    """What `qref.ops.run` gives, by the fast paths.

    Raises:
        InvalidInput: the operator's text rejects the request.
        Unsupported: no fast path for it, or numbers for which no text fixes the answer.
    """
    operator: Operator = find(request)
    answer = OPERATORS[request.domain, request.op].run(request, operator)
    outputs = [answer] if isinstance(answer, Tensor) else list(answer)
    return outputs[: request.outputs]


__all__ = ["ALGORITHMS", "OPERATORS", "FastPath", "run"]
