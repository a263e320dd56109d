"""DynamicQuantizeLinear: one pass for the range, one for the output, every step in float32."""

from typing import Any

import numpy as np
from numba import float32, njit, types, uint8, void

from qref.errors import NotFixed
from qref.numerics.tensor import Tensor, tensor
from qref.ops import keywords
from qref.ops.check import dtype
from qref.ops.operator import Operator
from qref.ops.request import Request


@njit(types.UniTuple(float32, 2)(float32[::1]), cache=True)
def ends(x: Any) -> Any:
    """The lowest and highest of the elements and zero; NaN where there is one."""
    lowest = highest = np.float32(0)
    for value in x:
        if not np.isfinite(value):
            return np.float32(np.nan), np.float32(np.nan)
        lowest, highest = min(lowest, value), max(highest, value)
    return lowest, highest


@njit(void(float32[::1], float32, float32, uint8[::1]), cache=True)
def codes(x: Any, scale: Any, zero_point: Any, y: Any) -> None:
    """y[i] = clamp(half_even(x[i] / scale) + zero_point), the division in float32."""
    for i in range(x.size):
        whole = np.float64(np.rint(np.float32(x[i] / scale))) + np.float64(zero_point)
        y[i] = np.uint8(min(max(whole, 0.0), 255.0))


def dynamic_quantize_linear(request: Request, operator: Operator) -> tuple[Tensor, Tensor, Tensor]:
    """DynamicQuantizeLinear. Raises NotFixed for what no text fixes, as the reference does."""
    keywords(request, operator)
    [x] = request.inputs
    assert x is not None
    dtype("x", x, ("float32",))
    flat = np.array(x.data, order="C").reshape(-1)
    lowest, highest = (np.float32(end) for end in ends(flat))
    if flat.size == 0 or np.isnan(lowest):
        raise NotFixed("x is empty or holds NaN or infinity: no text fixes its range")
    with np.errstate(over="ignore", under="ignore"):
        scale = (highest - lowest) / np.float32(255)
    if not np.finfo(np.float32).tiny <= scale < np.inf:
        raise NotFixed(f"y_scale would be {scale!s}: no text fixes the answer for it")
    zero_point = np.rint(np.clip(np.float32(0) - lowest / scale, np.float32(0), np.float32(255)))
    y = np.empty(flat.size, np.uint8)
    codes(flat, scale, zero_point, y)
    return Tensor("uint8", y.reshape(x.shape)), tensor(scale, "float32"), tensor(zero_point, "uint8")
