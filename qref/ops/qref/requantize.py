"""Requantize: one accumulator tensor through an engine's requantization rule, with nothing around it.

qref's own operator (domain "qref", opset 1), so that a rule can be judged without a convolution.
"""

import numpy as np

from qref.errors import InvalidInput
from qref.numerics.floats import decode
from qref.numerics.profiles import ONNX, Profile
from qref.numerics.tensor import Tensor
from qref.ops.check import dtype, integer_value, require, scalar
from qref.ops.operator import Attribute, Operator
from qref.ops.requantization import Requantization

OUTPUTS = ("int8", "uint8", "int16", "uint16")


def requantize(
    accumulator: Tensor,
    x_scale: Tensor,
    w_scale: Tensor,
    y_scale: Tensor,
    y_zero_point: Tensor,
    *,
    axis: int = 1,
    opset: int = 1,
    rule: Profile = ONNX,
) -> Tensor:
    """y = rule(accumulator), of the accumulator's shape and y_zero_point's type.

    Args:
        accumulator: int32, any shape. x_scale, y_scale: float32 scalars. w_scale: float32 scalar, or one a slice
        along `axis`. y_zero_point: scalar int8, uint8, int16 or uint16. rule: `onnx` unless a profile judges.

    Raises:
        InvalidInput: types or shapes other than these.
        OutsideDomain: the rule is not defined for one of the numbers.
    """
    return requantization(accumulator, x_scale, w_scale, y_scale, y_zero_point, axis=axis, opset=opset).apply(rule)


def requantization(
    accumulator: Tensor,
    x_scale: Tensor,
    w_scale: Tensor,
    y_scale: Tensor,
    y_zero_point: Tensor,
    *,
    axis: int = 1,
    opset: int = 1,
) -> Requantization:
    """The accumulator with its scales and the output's zero point and type."""
    dtype("accumulator", accumulator, ("int32",))
    for name, scale in (("x_scale", x_scale), ("w_scale", w_scale), ("y_scale", y_scale)):
        dtype(name, scale, ("float32",))
    for name, value in (("x_scale", x_scale), ("y_scale", y_scale), ("y_zero_point", y_zero_point)):
        scalar(name, value)
    dtype("y_zero_point", y_zero_point, OUTPUTS)
    weights = decode(w_scale)
    if weights.ndim:
        rank = len(accumulator.shape)
        if not -rank <= axis < rank:
            raise InvalidInput(f"axis is {axis}: rank {rank} takes {-rank} to {rank - 1}")
        channels = accumulator.shape[axis]
        require(weights.shape == (channels,), f"w_scale has shape {list(weights.shape)}: give a scalar or [{channels}]")
        weights = weights.reshape([-1 if i == axis % rank else 1 for i in range(rank)])
    return Requantization(
        accumulator.data.astype(np.int64),
        x_scale=decode(x_scale),
        w_scale=weights,
        y_scale=float(decode(y_scale)),
        zero_point=integer_value(y_zero_point),
        dtype=y_zero_point.dtype,
    )


REQUANTIZE = Operator(
    "Requantize",
    "qref",
    opsets=(1,),
    inputs=(5, 5),
    outputs=1,
    attributes={"axis": Attribute("int", 1)},
    function=requantize,
    requantization=requantization,
)
