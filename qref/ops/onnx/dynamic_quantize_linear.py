"""DynamicQuantizeLinear: range of x, scale and zero point from it, then QuantizeLinear to uint8.

ONNX DynamicQuantizeLinear-11, whose function body fixes the steps: ReduceMin, ReduceMax, Min and Max with 0, Sub,
Div by 255, Div, Sub, Clip, Round, QuantizeLinear, each in float32.
"""

import numpy as np

from qref.errors import NotFixed
from qref.numerics.tensor import Tensor, tensor
from qref.ops.check import dtype
from qref.ops.onnx.quantize_linear import quantize_linear
from qref.ops.operator import Operator

Q_MIN, Q_MAX = np.float32(0), np.float32(255)


def dynamic_quantize_linear(x: Tensor, *, opset: int = 11) -> tuple[Tensor, Tensor, Tensor]:
    """y (uint8, x's shape), y_scale (float32 scalar), y_zero_point (uint8 scalar).

    Args:
        x: float32, any shape.

    Raises:
        InvalidInput: x is not float32.
        NotFixed: what no text fixes: an empty x, NaN or infinity in it, a range that is zero or overflows, a scale
            that is zero or subnormal.
    """
    dtype("x", x, ("float32",))
    if x.data.size == 0 or not np.isfinite(x.data).all():
        raise NotFixed("x is empty or holds NaN or infinity: no text fixes its range")
    x_min = np.minimum(x.data.min(), Q_MIN)
    x_max = np.maximum(x.data.max(), Q_MIN)
    with np.errstate(over="ignore", under="ignore"):
        y_scale = (x_max - x_min) / Q_MAX
    if not np.finfo(np.float32).tiny <= y_scale < np.inf:
        raise NotFixed(f"y_scale would be {y_scale!s}: no text fixes the answer for it")
    initial_zero_point = Q_MIN - x_min / y_scale
    y_zero_point = tensor(np.rint(np.clip(initial_zero_point, Q_MIN, Q_MAX)), "uint8")
    scale = Tensor("float32", np.asarray(y_scale, np.float32))
    return quantize_linear(x, scale, y_zero_point, opset=10), scale, y_zero_point


DYNAMIC_QUANTIZE_LINEAR = Operator(
    "DynamicQuantizeLinear",
    "",
    opsets=(11,),
    inputs=(1, 1),
    outputs=3,
    attributes={},
    function=dynamic_quantize_linear,
)
