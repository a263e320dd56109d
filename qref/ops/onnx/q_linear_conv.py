"""QLinearConv: convolution of quantized x and w with an int32 bias, requantized to y.

ONNX QLinearConv-10. The text has no formula, rounding rule or pad value; qref reads it as QuantizeLinear of the
exact real result, padding as the zero point (spec: integer operators).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from qref.numerics.floats import decode
from qref.numerics.profiles import ONNX, Profile
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, integer_value, require, same_shape, scalar
from qref.ops.onnx.auto_pad import ATTRIBUTES, geometry
from qref.ops.onnx.conv_integer import INT8, Convolve, accumulate, convolved, per_output_channel
from qref.ops.operator import Operator
from qref.ops.requantization import Requantization


def q_linear_conv(
    x: Tensor,
    x_scale: Tensor,
    x_zero_point: Tensor,
    w: Tensor,
    w_scale: Tensor,
    w_zero_point: Tensor,
    y_scale: Tensor,
    y_zero_point: Tensor,
    B: Tensor | None = None,
    *,
    auto_pad: str = "NOTSET",
    dilations: Sequence[int] | None = None,
    group: int = 1,
    kernel_shape: Sequence[int] | None = None,
    pads: Sequence[int] | None = None,
    strides: Sequence[int] | None = None,
    opset: int = 10,
    rule: Profile = ONNX,
) -> Tensor:
    """y = rule(Σ (x − x_zero_point)(w − w_zero_point) + B), of y_zero_point's type, [N, M, o1, …].

    Args:
        x: [N, C, D1, …], w: [M, C/group, k1, …], int8 or uint8 each.
        x_scale, y_scale: float32 scalars. w_scale: float32 scalar or [M]. Zero points of their scale's shape.
        B: int32 [M], of scale x_scale · w_scale and zero point 0.
        rule: how the accumulator becomes y; the standard's own reading unless a profile judges.

    Raises:
        InvalidInput: types, shapes or attributes that the text rejects.
        OutsideDomain: the rule is not defined for one of the numbers.
    """
    return requantization(
        x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B,
        auto_pad=auto_pad, dilations=dilations, group=group, kernel_shape=kernel_shape, pads=pads, strides=strides,
        opset=opset,
    ).apply(rule)  # fmt: skip


def requantization(
    x: Tensor,
    x_scale: Tensor,
    x_zero_point: Tensor,
    w: Tensor,
    w_scale: Tensor,
    w_zero_point: Tensor,
    y_scale: Tensor,
    y_zero_point: Tensor,
    B: Tensor | None = None,
    *,
    opset: int = 10,
    convolve: Convolve = convolved,
    **attributes: Any,
) -> Requantization:
    """The exact accumulator, bias included, with the scales and the output's zero point and type.

    attributes: q_linear_conv's. convolve: the algorithm that accumulates.
    """
    for name, scale in (("x_scale", x_scale), ("w_scale", w_scale), ("y_scale", y_scale)):
        dtype(name, scale, ("float32",))
    for name, value in (("x_scale", x_scale), ("y_scale", y_scale), ("y_zero_point", y_zero_point)):
        scalar(name, value)
    dtype("y_zero_point", y_zero_point, INT8)
    same_shape("w_scale", w_scale, "w_zero_point", w_zero_point)
    windows = geometry(x.shape, w.shape, **attributes)
    accumulator = accumulate(x, w, x_zero_point, w_zero_point, windows, convolve)
    one_a_channel = (-1, *[1] * (len(w.shape) - 2))
    if B is not None:
        dtype("B", B, ("int32",))
        require(B.shape == (w.shape[0],), f"B has shape {list(B.shape)}: give [{w.shape[0]}], one an output channel")
        accumulator = accumulator + B.data.astype(np.int64).reshape(one_a_channel)
    per_output_channel("w_scale", w_scale.data, w)
    return Requantization(
        accumulator,
        x_scale=decode(x_scale),
        w_scale=decode(w_scale) if w_scale.shape == () else decode(w_scale).reshape(one_a_channel),
        y_scale=float(decode(y_scale)),
        zero_point=integer_value(y_zero_point),
        dtype=y_zero_point.dtype,
    )


Q_LINEAR_CONV = Operator(
    "QLinearConv",
    "",
    opsets=(10,),
    inputs=(8, 9),
    outputs=1,
    attributes=ATTRIBUTES,
    function=q_linear_conv,
    requantization=requantization,
)
