"""QLinearMatMul: product of quantized matrices, requantized to y.

ONNX QLinearMatMul-10, -21: "y = saturate((x / y_scale) + y_zero_point). For (x / y_scale), it is rounding to
nearest ties to even." The text's "K element vector" for per-column scales is read as N elements, one a column.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import NotFixed
from qref.numerics.floats import decode
from qref.numerics.profiles import ONNX, Profile
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, integer_value, same_dtype, same_shape, scalar
from qref.ops.onnx.conv_integer import INT8
from qref.ops.onnx.mat_mul_integer import Product, accumulate, multiplied, per_column, per_row
from qref.ops.onnx.quantize_linear import FLOAT8, FLOATS, at
from qref.ops.operator import Operator
from qref.ops.requantization import Requantization

SCALE_TYPES = {10: ("float32",), 21: FLOATS}


def q_linear_mat_mul(
    a: Tensor,
    a_scale: Tensor,
    a_zero_point: Tensor,
    b: Tensor,
    b_scale: Tensor,
    b_zero_point: Tensor,
    y_scale: Tensor,
    y_zero_point: Tensor,
    *,
    opset: int = 21,
    rule: Profile = ONNX,
) -> Tensor:
    """y = rule((a − a_zero_point)(b − b_zero_point)), of y_zero_point's type and numpy.matmul's shape.

    Args:
        a, b: int8 or uint8 each, rank 1 or more.
        a_scale: scalar, [M] for a matrix a, or [..., M, 1]. b_scale: scalar, [N] for a matrix b, or [..., 1, N].
        y_scale:
            scalar. float32; from opset 21 float16 or bfloat16 as well, all three the same. Zero points of their scale's
            shape.
        rule: how the accumulator becomes y; the standard's own unless a profile judges.

    Raises:
        InvalidInput: types or shapes that the text rejects.
        NotFixed: float8 operands, for which no text says how they are summed.
        OutsideDomain: the rule is not defined for one of the numbers.
    """
    return requantization(a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point, opset=opset).apply(
        rule
    )


def requantization(
    a: Tensor,
    a_scale: Tensor,
    a_zero_point: Tensor,
    b: Tensor,
    b_scale: Tensor,
    b_zero_point: Tensor,
    y_scale: Tensor,
    y_zero_point: Tensor,
    *,
    opset: int = 21,
    product: Product = multiplied,
) -> Requantization:
    """The exact accumulator with the scales and the output's zero point and type."""
    if opset >= 21 and any(t.dtype in FLOAT8 for t in (a, b, y_zero_point)):
        raise NotFixed("float8 operands: no text says how they are summed")
    for name, scale in (("a_scale", a_scale), ("b_scale", b_scale), ("y_scale", y_scale)):
        dtype(name, scale, at(SCALE_TYPES, opset))
        same_dtype(name, scale, "a_scale", a_scale)
    scalar("y_scale", y_scale)
    scalar("y_zero_point", y_zero_point)
    dtype("y_zero_point", y_zero_point, INT8)
    same_shape("a_scale", a_scale, "a_zero_point", a_zero_point)
    same_shape("b_scale", b_scale, "b_zero_point", b_zero_point)
    accumulator = accumulate(a, b, a_zero_point, b_zero_point, product)
    return Requantization(
        accumulator,
        x_scale=_beside(per_row("a_scale", decode(a_scale), a.shape), b.shape, -1),
        w_scale=_beside(per_column("b_scale", decode(b_scale), b.shape), a.shape, -2),
        y_scale=float(decode(y_scale)),
        zero_point=integer_value(y_zero_point),
        dtype=y_zero_point.dtype,
    )


def _beside(scale: NDArray[np.float64], other: tuple[int, ...], dropped: int) -> NDArray[Any]:
    """A scale of one operand, without the dimension that numpy.matmul drops where the other operand is a vector."""
    return scale.squeeze(dropped) if scale.ndim >= 2 and len(other) == 1 else scale


Q_LINEAR_MAT_MUL = Operator(
    "QLinearMatMul",
    "",
    opsets=(10, 21),
    inputs=(8, 8),
    outputs=1,
    attributes={},
    function=q_linear_mat_mul,
    requantization=requantization,
)
