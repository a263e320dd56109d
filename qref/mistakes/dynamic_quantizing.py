"""What mistakes in DynamicQuantizeLinear share: the steps of its function body, each in float32, to be put together.

Every step is a function of its own, so that a mistake can replace one and keep the others.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from qref.errors import Unsupported
from qref.numerics.tensor import Tensor
from qref.ops import run
from qref.ops.request import Request

OPERATORS = ("DynamicQuantizeLinear",)
F32 = np.float32


def values(request: Request) -> NDArray[np.float32]:
    """x of a DynamicQuantizeLinear request. Raises as the operator does, and Unsupported for other operators."""
    if (request.domain, request.op) != ("", "DynamicQuantizeLinear"):
        raise Unsupported(f"{request.op} is not DynamicQuantizeLinear")
    run(request)
    (x,) = request.inputs
    assert x is not None
    return x.data


def range_with_zero(x: NDArray[np.float32]) -> tuple[Any, Any]:
    """min(0, min x) and max(0, max x)."""
    return np.minimum(F32(0), x.min()), np.maximum(F32(0), x.max())


def scale_of(x: NDArray[np.float32]) -> Any:
    """(max − min) / 255, each step in float32."""
    low, high = range_with_zero(x)
    return F32(high - low) / F32(255)


def initial_zero_point(x: NDArray[np.float32], scale: Any) -> Any:
    """0 − min / scale, before it is clipped and rounded."""
    low, _ = range_with_zero(x)
    return F32(0) - low / scale


def zero_point_of(x: NDArray[np.float32], scale: Any) -> Any:
    """The zero point: clipped to 0 … 255, rounded half to even."""
    return np.rint(np.clip(initial_zero_point(x, scale), F32(0), F32(255)))


def outputs(request: Request, x: NDArray[np.float32], scale: Any, zero_point: Any, y: Any = None) -> list[Tensor]:
    """The outputs from scale, zero point and the whole numbers y (by default rint(x / scale) + zero_point)."""
    if not np.finfo(F32).tiny <= scale < np.inf:
        raise Unsupported(f"scale {scale!s}: the mistake has no answer here")
    if y is None:
        y = np.rint(x / F32(scale)) + zero_point
    answer = [
        Tensor("uint8", np.clip(y, 0, 255).astype(np.uint8)),
        Tensor("float32", np.asarray(scale, F32)),
        Tensor("uint8", np.asarray(zero_point).astype(np.uint8)),
    ]
    return answer[: request.outputs]
